import KernelInterface
import Tensors

/// A convolution as a part of a block of layers: plain sums of items [height, width, filters], without bias.
protocol BlockConvolution: AnyObject, Sendable {
  /// Items that are best done together.
  var group: Int { get }
  /// Floats of scratch for a call of `forward`, and of the calls between `begin` and `end`.
  var forwardScratch: Int { get }
  var backwardScratch: Int { get }
  /// Independent pieces of `prepare`.
  var panels: Int { get }
  /// Brings the weights into the kernels' order, anew after every change.
  func prepare(_ piece: Int)
  func forward(_ x: Floats, items: Int, _ out: MutableFloats, _ scratch: MutableFloats)
  /// How inference goes over all items of a batch together; nil where slices of the batch do as well.
  func pass(of builder: PlanBuilder) -> BatchPlan?
  /// Sets the sum of weight gradients to zero.
  func begin(_ scratch: MutableFloats)
  /// Adds to the sum, and writes dx.
  func backward(_ x: Floats, items: Int, _ dy: Floats, _ dx: MutableFloats?, _ scratch: MutableFloats)
  /// Writes the sum in the weights' own order.
  func end(_ scratch: MutableFloats, _ gradient: MutableFloats)
}

extension BlockConvolution {
  func pass(of builder: PlanBuilder) -> BatchPlan? { nil }
}

func roundedUp(_ count: Int, to unit: Int) -> Int { (count + unit - 1) / unit * unit }

/// Panels that so many filters take.
func panelsOf(_ filters: Int) -> Int { roundedUp(filters, to: kernels.panelWidth) / kernels.panelWidth }

/// Places for `panelProduct` and `panelGradient`, the last repeated up to a multiple of `panelRows`.
func placeTable(_ places: [Int]) -> PlaneBuffer<Int> {
  let table = PlaneBuffer<Int>(roundedUp(places.count, to: kernels.panelRows), repeating: places.last ?? 0)
  for (index, place) in places.enumerated() { table.base[index] = place }
  return table
}

/// Any kernel, stride and border: windows are read where they stand in the (padded) image [height, width, channels].
final class PanelConvolution: BlockConvolution {
  let s: SlidingShape
  /// Whether the input is [channels, height, width]: a few channels, put side by side while the border is added.
  let planar: Bool
  /// Channels side by side in the padded image, and in the input's gradient.
  let depth: Int
  private let channels: Int
  let filters: Int
  private let realFilters: Int
  let height: Int
  let width: Int
  private let weights: FloatBuffer
  private let wantsInputGradient: Bool
  let panelsForward: FloatBuffer
  private let panelsBackward: FloatBuffer
  let windows: PlaneBuffer<Int>
  private let inputWindows: PlaneBuffer<Int>
  private let tapPlaces: PlaneBuffer<Int>
  let group = 1
  /// Numbers that each result is a sum over.
  var taps: Int { s.kernel.height * s.kernel.width * depth }

  init(_ s: SlidingShape, filters: Int, weights: FloatBuffer, planar: Bool, inputGradient: Bool) {
    self.s = s
    self.planar = planar
    realFilters = filters
    channels = roundedUp(s.channels, to: 8)
    let depth = planar ? s.channels : roundedUp(s.channels, to: 8)
    self.depth = depth
    let padded = roundedUp(filters, to: 8)
    self.filters = padded
    self.weights = weights
    wantsInputGradient = inputGradient
    height = s.height + s.border.top + s.border.bottom
    let width = s.width + s.border.left + s.border.right
    self.width = width
    let kernel = s.kernel
    panelsForward = FloatBuffer(roundedUp(padded, to: kernels.panelWidth) * kernel.height * kernel.width * depth)
    panelsBackward = FloatBuffer(
      inputGradient ? roundedUp(channels, to: kernels.panelWidth) * kernel.height * kernel.width * padded : 0)
    windows = placeTable(
      (0..<s.outHeight * s.outWidth).map { pixel in
        (pixel / s.outWidth * s.stride.height * width + pixel % s.outWidth * s.stride.width) * depth
      })
    tapPlaces = placeTable(
      (0..<kernel.height * kernel.width * depth).map { tap in
        tap / (kernel.width * depth) * width * depth + tap % (kernel.width * depth)
      })
    let spreadWidth = width + kernel.width - 1
    inputWindows = placeTable(
      inputGradient
        ? (0..<s.height * s.width).map { pixel in
          ((pixel / s.width + s.border.top) * spreadWidth + pixel % s.width + s.border.left) * padded
        } : [])
  }

  var isCopied: Bool { s.border != Border() || (planar && depth > 1) }
  var imageScratch: Int { isCopied ? roundedUp(height * width * depth, to: 16) : 0 }
  private var sumsCount: Int { s.kernel.height * s.kernel.width * depth * filters }
  private var spreadCount: Int { (height + s.kernel.height - 1) * (width + s.kernel.width - 1) * filters }

  var forwardScratch: Int { imageScratch }
  var backwardScratch: Int {
    imageScratch + roundedUp(sumsCount, to: 16) + 64
      + (wantsInputGradient
        ? roundedUp(spreadCount, to: 16) + 64 + (planar ? s.height * s.width * channels : 0) : 0)
  }

  private var panelCounts: (forward: Int, backward: Int) {
    (panelsOf(filters), wantsInputGradient ? panelsOf(channels) : 0)
  }

  var panels: Int { panelCounts.forward + panelCounts.backward }

  func prepare(_ piece: Int) {
    let (kh, kw) = (s.kernel.height, s.kernel.width)
    let forward = panelCounts.forward
    let taps = kh * kw
    let panelWidth = kernels.panelWidth
    if piece < forward {
      let to = panelsForward.base + piece * taps * depth * panelWidth
      for lane in 0..<panelWidth where piece * panelWidth + lane < realFilters {
        let from = weights.base + (piece * panelWidth + lane) * s.channels * taps
        for tap in 0..<taps {
          for channel in 0..<s.channels { to[(tap * depth + channel) * panelWidth + lane] = from[channel * taps + tap] }
        }
      }
    } else {
      // Kernels turned round: the input's gradient is the convolution of the output's with them.
      let panel = piece - forward
      let to = panelsBackward.base + panel * taps * filters * panelWidth
      for lane in 0..<panelWidth where panel * panelWidth + lane < s.channels {
        let channel = panel * panelWidth + lane
        for filter in 0..<realFilters {
          let from = weights.base + (filter * s.channels + channel) * taps
          for tap in 0..<taps { to[(tap * filters + filter) * panelWidth + lane] = from[taps - 1 - tap] }
        }
      }
    }
  }

  /// The image with its border, where it is not right as it stands.
  private func image(_ x: Floats, _ scratch: MutableFloats) -> Floats {
    guard isCopied else { return x }
    copy(x, rows: 0..<height, to: scratch)
    return Floats(scratch)
  }

  /// Some rows of the image with its border.
  func copy(_ x: Floats, rows: Range<Int>, to scratch: MutableFloats) {
    let (top, left) = (s.border.top, s.border.left)
    if s.border != Border() {
      (scratch + rows.lowerBound * width * depth).update(repeating: 0, count: rows.count * width * depth)
    }
    let first = max(0, rows.lowerBound - top)
    for row in first..<max(first, min(s.height, rows.upperBound - top)) {
      let to = scratch + ((row + top) * width + left) * depth
      if planar && depth > 1 {
        for channel in 0..<depth {
          let from = x + (channel * s.height + row) * s.width
          for column in 0..<s.width { to[column * depth + channel] = from[column] }
        }
      } else {
        to.update(from: x + row * s.width * depth, count: s.width * depth)
      }
    }
  }

  func forward(_ x: Floats, items: Int, _ out: MutableFloats, _ scratch: MutableFloats) {
    let (inCount, pixels) = (s.height * s.width * (planar ? s.channels : depth), s.outHeight * s.outWidth)
    for item in 0..<items {
      kernels.panelProduct(
        image(x + item * inCount, scratch), windows.base, pixels, segments: s.kernel.height,
        segmentStride: width * depth, depth: s.kernel.width * depth, panelsForward.base, filters: filters,
        out + item * pixels * filters, outStride: filters, adds: false)
    }
  }

  private func sums(_ scratch: MutableFloats) -> MutableFloats { scratch + imageScratch }
  private func spread(_ scratch: MutableFloats) -> MutableFloats {
    scratch + imageScratch + roundedUp(sumsCount, to: 16) + 64
  }

  func begin(_ scratch: MutableFloats) {
    sums(scratch).update(repeating: 0, count: sumsCount)
    // Between the gradients of a stride, and around them, stay zeros.
    if wantsInputGradient { spread(scratch).update(repeating: 0, count: spreadCount) }
  }

  func backward(_ x: Floats, items: Int, _ dy: Floats, _ dx: MutableFloats?, _ scratch: MutableFloats) {
    let (kh, kw) = (s.kernel.height, s.kernel.width)
    let (inCount, pixels) = (s.height * s.width * (planar ? s.channels : depth), s.outHeight * s.outWidth)
    let spreadWidth = width + kw - 1
    for item in 0..<items {
      let gradient = dy + item * pixels * filters
      kernels.panelGradient(
        image(x + item * inCount, scratch), tapPlaces.base, kh * kw * depth, lines: s.outHeight,
        aLine: s.stride.height * width * depth, bLine: s.outWidth * filters, steps: s.outWidth,
        aStep: s.stride.width * depth, bStep: filters, gradient, filters: filters, sums(scratch))
      guard let dx else { continue }
      let spread = self.spread(scratch)
      for row in 0..<s.outHeight {
        let to = spread + ((row * s.stride.height + kh - 1) * spreadWidth + kw - 1) * filters
        let from = gradient + row * s.outWidth * filters
        if s.stride.width == 1 {
          to.update(from: from, count: s.outWidth * filters)
        } else {
          for column in 0..<s.outWidth {
            (to + column * s.stride.width * filters).update(from: from + column * filters, count: filters)
          }
        }
      }
      let out = planar ? spread + roundedUp(spreadCount, to: 16) + 64 : dx + item * inCount
      kernels.panelProduct(
        spread, inputWindows.base, s.height * s.width, segments: kh, segmentStride: spreadWidth * filters,
        depth: kw * filters, panelsBackward.base, filters: channels, out, outStride: channels, adds: false)
      if planar {
        kernels.toPlanes(
          out, channels: s.channels, pixels: s.height * s.width, padded: channels, dx + item * inCount)
      }
    }
  }

  func end(_ scratch: MutableFloats, _ gradient: MutableFloats) {
    let taps = s.kernel.height * s.kernel.width
    let from = sums(scratch)
    for filter in 0..<realFilters {
      for channel in 0..<s.channels {
        let to = gradient + (filter * s.channels + channel) * taps
        for tap in 0..<taps { to[tap] = from[(tap * depth + channel) * filters + filter] }
      }
    }
  }
}
