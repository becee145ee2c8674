import Tensors

/// How a kernel is cut for Winograd's transforms: blocks of r×r taps, tiles of m×m results, m + r = 7; in deep networks
/// r = 3 and m + r = 5, whose rounding is a sixth.
struct WinogradGeometry {
  let taps: Int
  let step: Int
  /// A tile's side: m + r - 1.
  let points: Int
  let blocks: [WinogradBlock]
  /// Tiles of an item.
  let down: Int
  let across: Int
  /// Products for each pair of channel and filter.
  var products: Int { blocks.count * points * points * down * across }

  /// Multiplications of an item, transforms counted in: about 250 for each tile of a channel.
  func cost(channels: Int, filters: Int) -> Int {
    products * channels * filters + 250 * down * across * (blocks.count * channels + filters)
  }

  /// The cut with the fewest products; nil where the windows' own definition has hardly more, or the stride is not 1.
  ///
  /// - Parameter isDeep: only cuts with little rounding: 4×4 points, of kernels of one block.
  init?(_ s: SlidingShape, isDeep: Bool = false) {
    guard s.stride == Extent(1), s.kernel.height > 1, s.kernel.width > 1 else { return nil }
    if isDeep, max(s.kernel.height, s.kernel.width) > 3 { return nil }
    let cuts: [(taps: Int, points: Int)] = isDeep ? [(3, 4)] : [(3, 6), (4, 6), (5, 6)]
    let best = cuts.map { WinogradGeometry(s, taps: $0.taps, points: $0.points) }.min { $0.products < $1.products }
    guard let best, best.products * 4 <= 3 * s.kernel.height * s.kernel.width * s.outHeight * s.outWidth else {
      return nil
    }
    self = best
  }

  private init(_ s: SlidingShape, taps: Int, points: Int) {
    (self.taps, self.points) = (taps, points)
    step = points + 1 - taps
    down = (s.outHeight + step - 1) / step
    across = (s.outWidth + step - 1) / step
    blocks = (0..<(s.kernel.height + taps - 1) / taps).flatMap { row in
      (0..<(s.kernel.width + taps - 1) / taps).map { column in
        WinogradBlock(
          kernelHeight: s.kernel.height, kernelWidth: s.kernel.width, taps: taps, row: row, column: column,
          points: points)
      }
    }
  }
}

/// Stride 1 and at least some channels on both sides, by Winograd's transforms: see `winogradInput`.
final class WinogradConvolution: BlockConvolution {
  let sizes: TiledSizes
  /// The input as each block of the kernel sees it.
  let inputs: [ImageTiles]
  let output: ImageTiles
  private let blocks: [WinogradBlock]
  private let isThree: Bool
  /// Of a transformed tile.
  let points: Int
  private let weights: FloatBuffer
  /// Transformed; or, where few tiles read them, in the panels' order alone: [panels, channels, 9, panelWidth].
  let panelsForward: FloatBuffer
  /// Whether weights are transformed while they are read.
  let hasFewTiles: Bool
  private let panelsBackward: FloatBuffer
  var group: Int { sizes.group }

  /// Transformed weights that stay in the second-level cache: whoever reads them waits for no memory.
  private static let cachedWeights = 1 << 18
  /// Tiles for each of which the weights are transformed anew.
  private static let fewTiles = 4

  /// - Parameters:
  ///   - inputGradient: whether `backward` will be asked for dx.
  ///   - items: the most that come at a time, where `backward` is not asked for; nil: any number.
  init(
    _ s: SlidingShape, _ geometry: WinogradGeometry, filters: Int, weights: FloatBuffer, inputGradient: Bool,
    items: Int? = nil
  ) {
    self.weights = weights
    sizes = TiledSizes(
      s, filters: filters, tiles: geometry.down * geometry.across, inputGradient: inputGradient
    ) { channels, filters in
      // 36 · chunk · (channels + filters) floats in about half a megabyte, or as much as the weights of a block, which each
      // chunk reads anew.
      max(12, min(192, max(4000, channels * filters) / (channels + filters) / 12 * 12))
    }
    let (rows, columns) = (sizes.channels, sizes.filters)
    blocks = geometry.blocks
    let points = geometry.points * geometry.points
    self.points = points
    isThree = s.kernel == Extent(3) && geometry.taps == 3 && geometry.points == 6
    inputs = geometry.blocks.map { block in
      ImageTiles(
        height: s.height, width: s.width, channels: rows, top: s.border.top - block.row * block.taps,
        left: s.border.left - block.column * block.taps, across: geometry.across, step: geometry.step,
        points: geometry.points)
    }
    output = ImageTiles(
      height: s.outHeight, width: s.outWidth, channels: columns, top: 0, left: 0, across: geometry.across,
      step: geometry.step, points: geometry.points)
    let transformed = geometry.blocks.count * points * sizes.forwardPanelStride
    hasFewTiles =
      isThree && transformed > Self.cachedWeights
      && items.map { $0 * geometry.down * geometry.across <= Self.fewTiles } ?? false
    panelsForward = FloatBuffer(
      hasFewTiles ? sizes.panels.forward * sizes.channels * 9 * kernels.panelWidth : transformed)
    panelsBackward = FloatBuffer(inputGradient ? geometry.blocks.count * points * sizes.backwardPanelStride : 0)
  }

  var tileScratch: Int { 36 * max(sizes.channels, sizes.filters, kernels.panelWidth) + 576 }
  var forwardScratch: Int { points * (sizes.inputStride + sizes.outputStride) + tileScratch }
  var backwardScratch: Int { forwardScratch + blocks.count * points * sizes.weightStride + 64 }

  var panels: Int { blocks.count * (sizes.panels.forward + sizes.panels.backward) }

  func prepare(_ piece: Int) {
    if hasFewTiles { return order(panel: piece) }
    let counts = sizes.panels
    let (block, part) = (piece / (counts.forward + counts.backward), piece % (counts.forward + counts.backward))
    let transposed = part >= counts.forward
    let panel = transposed ? part - counts.forward : part
    let stride = transposed ? sizes.backwardPanelStride : sizes.forwardPanelStride
    let out = (transposed ? panelsBackward : panelsForward).base + block * points * stride
    let rows = transposed ? sizes.filters : sizes.channels
    if isThree {
      kernels.winogradWeights(
        weights.base, filters: sizes.realFilters, channels: sizes.realChannels, transposed: transposed, rows: rows,
        panel: panel,
        out, outStride: stride)
    } else {
      kernels.winogradBlockWeights(
        weights.base, blocks[block], filters: sizes.realFilters, channels: sizes.realChannels, transposed: transposed,
        rows: rows,
        panel: panel, out, outStride: stride)
    }
  }

  /// A panel's weights as [channels, 9, panelWidth].
  private func order(panel: Int) {
    let width = kernels.panelWidth
    let to = panelsForward.base + panel * sizes.channels * 9 * width
    for lane in 0..<width where panel * width + lane < sizes.realFilters {
      let from = weights.base + (panel * width + lane) * sizes.realChannels * 9
      for place in 0..<sizes.realChannels * 9 { to[place * width + lane] = from[place] }
    }
  }

  /// The products of a few tiles with one panel's filters.
  func multiply(
    panel: Int, tiles: Int, _ input: Floats, stride inStride: Int, _ products: MutableFloats, stride outStride: Int
  ) {
    let width = kernels.panelWidth
    kernels.winogradFewTiles(
      input, vStride: inStride, tiles: tiles, channels: sizes.channels,
      panelsForward.base + panel * sizes.channels * 9 * width, filters: min(width, sizes.filters - panel * width),
      products + panel * width, outStride: outStride, outCount: sizes.filters)
  }

  func forward(_ x: Floats, items: Int, _ out: MutableFloats, _ scratch: MutableFloats) {
    let (transformed, products) = (scratch, scratch + points * sizes.inputStride)
    let tile = products + points * sizes.outputStride
    for start in stride(from: 0, to: items * sizes.tiles, by: sizes.chunk) {
      let count = min(sizes.chunk, items * sizes.tiles - start)
      for (block, input) in inputs.enumerated() {
        sizes.pieces(start, count) { item, first, length, place in
          kernels.winogradInput(
            x + item * sizes.inCount, input, first: first, count: length, transformed + place * sizes.channels,
            outStride: sizes.inputStride, tile)
        }
        if hasFewTiles {
          for panel in 0..<sizes.panels.forward {
            multiply(
              panel: panel, tiles: count, transformed, stride: sizes.inputStride, products,
              stride: sizes.outputStride)
          }
          continue
        }
        let panels = panelsForward.base + block * points * sizes.forwardPanelStride
        for point in 0..<points {
          kernels.panelProduct(
            transformed + point * sizes.inputStride, sizes.inputRows.base, count, segments: 1, segmentStride: 0,
            depth: sizes.channels,
            panels + point * sizes.forwardPanelStride, filters: sizes.filters, products + point * sizes.outputStride,
            outStride: sizes.filters, adds: block > 0)
        }
      }
      sizes.pieces(start, count) { item, first, length, place in
        kernels.winogradOutput(
          products + place * sizes.filters, mStride: sizes.outputStride, output, first: first, count: length,
          out + item * sizes.outCount, tile)
      }
    }
  }

  private func sums(_ scratch: MutableFloats) -> MutableFloats { scratch + roundedUp(forwardScratch, to: 16) }

  func begin(_ scratch: MutableFloats) {
    sums(scratch).update(repeating: 0, count: blocks.count * points * sizes.weightStride)
  }

  func backward(_ x: Floats, items: Int, _ dy: Floats, _ dx: MutableFloats?, _ scratch: MutableFloats) {
    let (transformed, gradients) = (scratch, scratch + points * sizes.inputStride)
    let tile = gradients + points * sizes.outputStride
    dx?.update(repeating: 0, count: items * sizes.inCount)
    for start in stride(from: 0, to: items * sizes.tiles, by: sizes.chunk) {
      let count = min(sizes.chunk, items * sizes.tiles - start)
      sizes.pieces(start, count) { item, first, length, place in
        kernels.winogradGradient(
          dy + item * sizes.outCount, output, first: first, count: length, gradients + place * sizes.filters,
          outStride: sizes.outputStride, tile)
      }
      for (block, input) in inputs.enumerated() {
        sizes.pieces(start, count) { item, first, length, place in
          kernels.winogradInput(
            x + item * sizes.inCount, input, first: first, count: length, transformed + place * sizes.channels,
            outStride: sizes.inputStride, tile)
        }
        let sums = self.sums(scratch) + block * points * sizes.weightStride
        let panels = panelsBackward.base + block * points * sizes.backwardPanelStride
        for point in 0..<points {
          let (from, gradient) = (transformed + point * sizes.inputStride, gradients + point * sizes.outputStride)
          kernels.panelGradient(
            from, sizes.taps.base, sizes.channels, lines: 1, aLine: 0, bLine: 0, steps: count, aStep: sizes.channels,
            bStep: sizes.filters,
            gradient, filters: sizes.filters, sums + point * sizes.weightStride)
          guard dx != nil else { continue }
          // The transformed input is not needed any more: the transformed gradient of the input takes its place.
          kernels.panelProduct(
            gradient, sizes.outputRows.base, count, segments: 1, segmentStride: 0, depth: sizes.filters,
            panels + point * sizes.backwardPanelStride, filters: sizes.channels, from, outStride: sizes.channels,
            adds: false)
        }
        guard let dx else { continue }
        sizes.pieces(start, count) { item, first, length, place in
          kernels.winogradInputGradient(
            transformed + place * sizes.channels, pStride: sizes.inputStride, input, first: first, count: length,
            dx + item * sizes.inCount, tile)
        }
      }
    }
  }

  func end(_ scratch: MutableFloats, _ gradient: MutableFloats) {
    for (index, block) in blocks.enumerated() {
      let from = sums(scratch) + index * points * sizes.weightStride
      if isThree {
        kernels.winogradWeightGradient(
          from, uStride: sizes.weightStride, filters: sizes.realFilters, channels: sizes.realChannels,
          paddedFilters: sizes.filters, gradient)
      } else {
        kernels.winogradBlockWeightGradient(
          from, block, uStride: sizes.weightStride, filters: sizes.realFilters, channels: sizes.realChannels,
          paddedFilters: sizes.filters,
          gradient)
      }
    }
  }
}
