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
  private let sizes: TiledSizes
  private let input: ImageTiles
  private let output: ImageTiles
  private let kernel: Extent
  private let weights: FloatBuffer
  private let panelsForward: FloatBuffer
  private let panelsBackward: FloatBuffer
  var group: Int { sizes.group }

  /// - Parameter inputGradient: whether `backward` will be asked for dx.
  init(_ s: SlidingShape, _ geometry: FourierGeometry, filters: Int, weights: FloatBuffer, inputGradient: Bool) {
    self.weights = weights
    kernel = s.kernel
    // Enough rows for the products, few enough tiles for the second-level cache.
    sizes = TiledSizes(
      s, filters: filters, tiles: geometry.down * geometry.across, inputGradient: inputGradient
    ) { _, _ in 36 }
    let (rows, columns) = (sizes.channels, sizes.filters)
    input = ImageTiles(
      height: s.height, width: s.width, channels: rows, top: s.border.top, left: s.border.left,
      across: geometry.across, step: geometry.step)
    output = ImageTiles(
      height: s.outHeight, width: s.outWidth, channels: columns, top: 0, left: 0, across: geometry.across,
      step: geometry.step)
    let planes = 3 * kernels.fourierPoints
    panelsForward = FloatBuffer(planes * sizes.forwardPanelStride)
    panelsBackward = FloatBuffer(inputGradient ? planes * sizes.backwardPanelStride : 0)
  }

  private var planes: Int { 3 * kernels.fourierPoints }
  private var tileScratch: Int { kernels.fourierScratch(channels: max(sizes.channels, sizes.filters)) }

  var forwardScratch: Int { planes * (sizes.inputStride + sizes.outputStride) + tileScratch }
  var backwardScratch: Int {
    roundedUp(forwardScratch, to: 16) + roundedUp(3 * sizes.channels * sizes.filters, to: 16)
      + 2 * kernels.fourierPoints * sizes.weightStride + 64
  }

  var panels: Int { sizes.panels.forward + sizes.panels.backward }

  func prepare(_ piece: Int) {
    let forward = sizes.panels.forward
    let transposed = piece >= forward
    kernels.fourierWeights(
      weights.base, kernelHeight: kernel.height, kernelWidth: kernel.width, filters: sizes.realFilters,
      channels: sizes.realChannels, transposed: transposed, rows: transposed ? sizes.filters : sizes.channels,
      panel: transposed ? piece - forward : piece, (transposed ? panelsBackward : panelsForward).base,
      outStride: transposed ? sizes.backwardPanelStride : sizes.forwardPanelStride)
  }

  func forward(_ x: Floats, items: Int, _ out: MutableFloats, _ scratch: MutableFloats) {
    let (transformed, products) = (scratch, scratch + planes * sizes.inputStride)
    let tile = products + planes * sizes.outputStride
    for start in stride(from: 0, to: items * sizes.tiles, by: sizes.chunk) {
      let count = min(sizes.chunk, items * sizes.tiles - start)
      sizes.pieces(start, count) { item, first, length, place in
        kernels.fourierInput(
          x + item * sizes.inCount, input, size: 20, gradient: false, first: first, count: length,
          transformed + place * sizes.channels, outStride: sizes.inputStride, tile)
      }
      for plane in 0..<planes {
        kernels.panelProduct(
          transformed + plane * sizes.inputStride, sizes.inputRows.base, count, segments: 1, segmentStride: 0,
          depth: sizes.channels,
          panelsForward.base + plane * sizes.forwardPanelStride, filters: sizes.filters,
          products + plane * sizes.outputStride,
          outStride: sizes.filters, adds: false)
      }
      sizes.pieces(start, count) { item, first, length, place in
        kernels.fourierOutput(
          products + place * sizes.filters, pStride: sizes.outputStride, output, size: output.step, adds: false,
          first: first,
          count: length, out + item * sizes.outCount, tile)
      }
    }
  }

  /// Three products of a point's weights, and behind them the sums of all points.
  private func products(_ scratch: MutableFloats) -> MutableFloats { scratch + roundedUp(forwardScratch, to: 16) }
  private func sums(_ scratch: MutableFloats) -> MutableFloats {
    products(scratch) + roundedUp(3 * sizes.channels * sizes.filters, to: 16)
  }

  func begin(_ scratch: MutableFloats) {
    sums(scratch).update(repeating: 0, count: 2 * kernels.fourierPoints * sizes.weightStride)
  }

  func backward(_ x: Floats, items: Int, _ dy: Floats, _ dx: MutableFloats?, _ scratch: MutableFloats) {
    let (transformed, gradients) = (scratch, scratch + planes * sizes.inputStride)
    let tile = gradients + planes * sizes.outputStride
    let (products, sums, size) = (products(scratch), sums(scratch), sizes.channels * sizes.filters)
    dx?.update(repeating: 0, count: items * sizes.inCount)
    for start in stride(from: 0, to: items * sizes.tiles, by: sizes.chunk) {
      let count = min(sizes.chunk, items * sizes.tiles - start)
      sizes.pieces(start, count) { item, first, length, place in
        kernels.fourierInput(
          dy + item * sizes.outCount, output, size: output.step, gradient: true, first: first, count: length,
          gradients + place * sizes.filters, outStride: sizes.outputStride, tile)
        kernels.fourierInput(
          x + item * sizes.inCount, input, size: 20, gradient: false, first: first, count: length,
          transformed + place * sizes.channels, outStride: sizes.inputStride, tile)
      }
      for point in 0..<kernels.fourierPoints {
        let from = transformed + 3 * point * sizes.inputStride
        let gradient = gradients + 3 * point * sizes.outputStride
        products.update(repeating: 0, count: 3 * size)
        // An image's three planes go with the gradient's sum, imaginary and real part: see Fourier.swift.
        for (plane, partner) in [(0, 0), (1, 2), (2, 1)] {
          kernels.panelGradient(
            from + plane * sizes.inputStride, sizes.taps.base, sizes.channels, lines: 1, aLine: 0, bLine: 0,
            steps: count,
            aStep: sizes.channels, bStep: sizes.filters, gradient + partner * sizes.outputStride,
            filters: sizes.filters,
            products + plane * size)
        }
        let sum = sums + 2 * point * sizes.weightStride
        kernels.fourierCombine(products, count: size, sum, sum + sizes.weightStride)
        guard dx != nil else { continue }
        // The transformed input is not needed any more: the transformed gradient of the input takes its place.
        for plane in 0..<3 {
          kernels.panelProduct(
            gradient + plane * sizes.outputStride, sizes.outputRows.base, count, segments: 1, segmentStride: 0,
            depth: sizes.filters,
            panelsBackward.base + (3 * point + plane) * sizes.backwardPanelStride, filters: sizes.channels,
            from + plane * sizes.inputStride, outStride: sizes.channels, adds: false)
        }
      }
      guard let dx else { continue }
      sizes.pieces(start, count) { item, first, length, place in
        kernels.fourierOutput(
          transformed + place * sizes.channels, pStride: sizes.inputStride, input, size: 20, adds: true, first: first,
          count: length, dx + item * sizes.inCount, tile)
      }
    }
  }

  func end(_ scratch: MutableFloats, _ gradient: MutableFloats) {
    kernels.fourierWeightGradient(
      sums(scratch), uStride: sizes.weightStride, kernelHeight: kernel.height, kernelWidth: kernel.width,
      filters: sizes.realFilters, channels: sizes.realChannels, paddedFilters: sizes.filters, gradient)
  }
}
