import Tensors

/// How an image is cut for Fourier's transforms: tiles of 20×20 pixels give 21 − r results a side.
struct FourierGeometry {
  /// Results of a tile's side.
  let step: Int
  /// Tiles of an item.
  let down: Int
  let across: Int

  /// Nil where the stride is not 1, the kernel not square and of 5 to 12 taps a side, or the transformed weights would
  /// take more than 32 MB.
  init?(_ s: SlidingShape, filters: Int) {
    let side = s.kernel.height
    guard s.stride == Extent(1), s.kernel.width == side, (5...12).contains(side), s.channels >= 8, filters >= 8,
      roundedUp(s.channels, to: 8) * roundedUp(filters, to: 8) <= 32 << 20 / (12 * kernels.fourierPoints)
    else { return nil }
    step = 21 - side
    down = (s.outHeight + step - 1) / step
    across = (s.outWidth + step - 1) / step
  }

  /// Multiplications of an item, transforms counted in: about 5,700 for each tile of a channel.
  func cost(channels: Int, filters: Int) -> Int {
    down * across * (3 * kernels.fourierPoints * channels * filters + 5700 * (channels + filters))
  }
}

/// Stride 1 and a large kernel, by Fourier's transforms: see `Kernels/Fourier.swift`.
final class FourierConvolution: BlockConvolution {
  private let input: ImageTiles
  private let output: ImageTiles
  private let kernel: Extent
  private let tiles: Int
  /// Tiles that are transformed at a time: enough rows for the products, few enough for the second-level cache.
  private let chunk: Int
  private let channels: Int
  private let filters: Int
  private let realChannels: Int
  private let realFilters: Int
  private let weights: FloatBuffer
  private let panelsForward: FloatBuffer
  private let panelsBackward: FloatBuffer
  private let wantsInputGradient: Bool
  private let inputRows: PlaneBuffer<Int>
  private let outputRows: PlaneBuffer<Int>
  private let taps: PlaneBuffer<Int>
  private let inCount: Int
  private let outCount: Int
  let group: Int

  /// - Parameter inputGradient: whether `backward` will be asked for dx.
  init(_ s: SlidingShape, _ geometry: FourierGeometry, filters: Int, weights: FloatBuffer, inputGradient: Bool) {
    realChannels = s.channels
    realFilters = filters
    let rows = roundedUp(s.channels, to: 8)
    let columns = roundedUp(filters, to: 8)
    channels = rows
    self.filters = columns
    self.weights = weights
    kernel = s.kernel
    wantsInputGradient = inputGradient
    tiles = geometry.down * geometry.across
    input = ImageTiles(
      height: s.height, width: s.width, channels: rows, top: s.border.top, left: s.border.left,
      across: geometry.across, step: geometry.step)
    output = ImageTiles(
      height: s.outHeight, width: s.outWidth, channels: columns, top: 0, left: 0, across: geometry.across,
      step: geometry.step)
    inCount = s.height * s.width * rows
    outCount = s.outHeight * s.outWidth * columns
    chunk = 36
    group = max(1, chunk / tiles)
    let planes = 3 * kernels.fourierPoints
    panelsForward = FloatBuffer(planes * (roundedUp(columns, to: kernels.panelWidth) * rows + 16))
    panelsBackward = FloatBuffer(
      inputGradient ? planes * (roundedUp(rows, to: kernels.panelWidth) * columns + 16) : 0)
    inputRows = placeTable((0..<chunk).map { $0 * rows })
    outputRows = placeTable((0..<chunk).map { $0 * columns })
    taps = placeTable(Array(0..<rows))
  }

  private var planes: Int { 3 * kernels.fourierPoints }
  // A power of two from one plane to the next would put all of them into the same lines of the cache.
  private var inputStride: Int { chunk * channels + 16 }
  private var outputStride: Int { chunk * filters + 16 }
  private var weightStride: Int { channels * filters + 16 }
  private var forwardPanelStride: Int { roundedUp(filters, to: kernels.panelWidth) * channels + 16 }
  private var backwardPanelStride: Int { roundedUp(channels, to: kernels.panelWidth) * filters + 16 }
  private var tileScratch: Int { kernels.fourierScratch(channels: max(channels, filters)) }

  var forwardScratch: Int { planes * (inputStride + outputStride) + tileScratch }
  var backwardScratch: Int {
    roundedUp(forwardScratch, to: 16) + roundedUp(3 * channels * filters, to: 16)
      + 2 * kernels.fourierPoints * weightStride + 64
  }

  private var panelCounts: (forward: Int, backward: Int) {
    (panelsOf(filters), wantsInputGradient ? panelsOf(channels) : 0)
  }

  var panels: Int { panelCounts.forward + panelCounts.backward }

  func prepare(_ piece: Int) {
    let forward = panelCounts.forward
    let transposed = piece >= forward
    kernels.fourierWeights(
      weights.base, kernelHeight: kernel.height, kernelWidth: kernel.width, filters: realFilters,
      channels: realChannels, transposed: transposed, rows: transposed ? filters : channels,
      panel: transposed ? piece - forward : piece, (transposed ? panelsBackward : panelsForward).base,
      outStride: transposed ? backwardPanelStride : forwardPanelStride)
  }

  func forward(_ x: Floats, items: Int, _ out: MutableFloats, _ scratch: MutableFloats) {
    let (transformed, products) = (scratch, scratch + planes * inputStride)
    let tile = products + planes * outputStride
    for start in stride(from: 0, to: items * tiles, by: chunk) {
      let count = min(chunk, items * tiles - start)
      tilePieces(start, count, of: tiles) { item, first, length, place in
        kernels.fourierInput(
          x + item * inCount, input, size: 20, gradient: false, first: first, count: length,
          transformed + place * channels, outStride: inputStride, tile)
      }
      for plane in 0..<planes {
        kernels.panelProduct(
          transformed + plane * inputStride, inputRows.base, count, segments: 1, segmentStride: 0, depth: channels,
          panelsForward.base + plane * forwardPanelStride, filters: filters, products + plane * outputStride,
          outStride: filters, adds: false)
      }
      tilePieces(start, count, of: tiles) { item, first, length, place in
        kernels.fourierOutput(
          products + place * filters, pStride: outputStride, output, size: output.step, adds: false, first: first,
          count: length, out + item * outCount, tile)
      }
    }
  }

  /// Three products of a point's weights, and behind them the sums of all points.
  private func products(_ scratch: MutableFloats) -> MutableFloats { scratch + roundedUp(forwardScratch, to: 16) }
  private func sums(_ scratch: MutableFloats) -> MutableFloats {
    products(scratch) + roundedUp(3 * channels * filters, to: 16)
  }

  func begin(_ scratch: MutableFloats) {
    sums(scratch).update(repeating: 0, count: 2 * kernels.fourierPoints * weightStride)
  }

  func backward(_ x: Floats, items: Int, _ dy: Floats, _ dx: MutableFloats?, _ scratch: MutableFloats) {
    let (transformed, gradients) = (scratch, scratch + planes * inputStride)
    let tile = gradients + planes * outputStride
    let (products, sums, size) = (products(scratch), sums(scratch), channels * filters)
    dx?.update(repeating: 0, count: items * inCount)
    for start in stride(from: 0, to: items * tiles, by: chunk) {
      let count = min(chunk, items * tiles - start)
      tilePieces(start, count, of: tiles) { item, first, length, place in
        kernels.fourierInput(
          dy + item * outCount, output, size: output.step, gradient: true, first: first, count: length,
          gradients + place * filters, outStride: outputStride, tile)
        kernels.fourierInput(
          x + item * inCount, input, size: 20, gradient: false, first: first, count: length,
          transformed + place * channels, outStride: inputStride, tile)
      }
      for point in 0..<kernels.fourierPoints {
        let from = transformed + 3 * point * inputStride
        let gradient = gradients + 3 * point * outputStride
        products.update(repeating: 0, count: 3 * size)
        // An image's three planes go with the gradient's sum, imaginary and real part: see Fourier.swift.
        for (plane, partner) in [(0, 0), (1, 2), (2, 1)] {
          kernels.panelGradient(
            from + plane * inputStride, taps.base, channels, lines: 1, aLine: 0, bLine: 0, steps: count,
            aStep: channels, bStep: filters, gradient + partner * outputStride, filters: filters,
            products + plane * size)
        }
        let sum = sums + 2 * point * weightStride
        kernels.fourierCombine(products, count: size, sum, sum + weightStride)
        guard dx != nil else { continue }
        // The transformed input is not needed any more: the transformed gradient of the input takes its place.
        for plane in 0..<3 {
          kernels.panelProduct(
            gradient + plane * outputStride, outputRows.base, count, segments: 1, segmentStride: 0, depth: filters,
            panelsBackward.base + (3 * point + plane) * backwardPanelStride, filters: channels,
            from + plane * inputStride, outStride: channels, adds: false)
        }
      }
      guard let dx else { continue }
      tilePieces(start, count, of: tiles) { item, first, length, place in
        kernels.fourierOutput(
          transformed + place * channels, pStride: inputStride, input, size: 20, adds: true, first: first,
          count: length, dx + item * inCount, tile)
      }
    }
  }

  func end(_ scratch: MutableFloats, _ gradient: MutableFloats) {
    kernels.fourierWeightGradient(
      sums(scratch), uStride: weightStride, kernelHeight: kernel.height, kernelWidth: kernel.width,
      filters: realFilters, channels: realChannels, paddedFilters: filters, gradient)
  }
}
