import Tensors

/// A convolution (stride 1, no border) or a dense layer with its bias and PReLU, packed for `panelProduct`. Pixels
/// stand channels last, so that a row of a window is one stretch of memory.
struct PanelLayer: Sendable {
  /// 1 and the number of inputs, for a dense layer.
  let kernelHeight, kernelWidth, channels: Int
  let filters: Int
  /// Filters filled up to a multiple of 8: numbers between one pixel and the next in what comes out.
  let width: Int
  /// [width / panelWidth, kernelHeight, kernelWidth · channels, panelWidth]
  let panels: [Float]
  /// [width]; 0 for the filters that fill up.
  let bias: [Float]
  /// [width]; PReLU's slope below 0. 1 where there is none.
  let slope: [Float]

  /// - Parameter weights: [filters, channels, kernelHeight, kernelWidth], as PyTorch has them.
  init(
    weights: [Float], filters: Int, channels: Int, kernelHeight: Int, kernelWidth: Int, bias: [Float], slope: [Float]?
  ) {
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.channels = channels
    self.filters = filters
    let width = filters <= 8 ? 8 : (filters + 15) / 16 * 16
    self.width = width
    let depth = kernelWidth * channels
    let panelWidth = kernels.panelWidth
    let blocks = (width + panelWidth - 1) / panelWidth
    var panels = [Float](repeating: 0, count: blocks * kernelHeight * depth * panelWidth)
    for filter in 0..<filters {
      for channel in 0..<channels {
        for y in 0..<kernelHeight {
          for x in 0..<kernelWidth {
            let step = (filter / panelWidth * kernelHeight + y) * depth + x * channels + channel
            panels[step * panelWidth + filter % panelWidth] =
              weights[((filter * channels + channel) * kernelHeight + y) * kernelWidth + x]
          }
        }
      }
    }
    self.panels = panels
    self.bias = bias + [Float](repeating: 0, count: width - filters)
    self.slope = (slope ?? [Float](repeating: 1, count: filters)) + [Float](repeating: 1, count: width - filters)
  }

  /// Products with the windows that begin at `rows` (places from `x`, filled up to a multiple of `panelRows`): out
  /// [rowCount, width], without bias and PReLU.
  func apply(
    _ x: Floats, rows: UnsafePointer<Int>, rowCount: Int, segmentStride: Int, _ out: MutableFloats
  ) {
    FaceKernel.product(
      x, rows, rowCount, segments: kernelHeight, segmentStride: segmentStride, depth: kernelWidth * channels, panels,
      filters: width, out, outStride: width)
  }

  /// Places of the windows of `count` neighbouring pixels in `rows` rows: filled up for `panelProduct`.
  static func places(count: Int, rows: Int = 1, pixelStride: Int, rowStride: Int = 0) -> [Int] {
    let panelRows = kernels.panelRows
    var places: [Int] = []
    places.reserveCapacity(count * rows + panelRows)
    for row in 0..<rows { for column in 0..<count { places.append(row * rowStride + column * pixelStride) } }
    while places.count % panelRows != 0, let last = places.last { places.append(last) }
    return places
  }
}
