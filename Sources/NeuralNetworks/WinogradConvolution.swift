import Tensors

/// How a kernel is cut for Winograd's transforms: blocks of r×r taps, tiles of m×m results, m + r = 7.
struct WinogradGeometry {
  let taps: Int
  let step: Int
  let blocks: [WinogradBlock]
  /// Tiles of an item.
  let down: Int
  let across: Int
  /// Products for each pair of channel and filter.
  var products: Int { blocks.count * 36 * down * across }

  /// Multiplications of an item, transforms counted in: about 250 for each tile of a channel.
  func cost(channels: Int, filters: Int) -> Int {
    products * channels * filters + 250 * down * across * (blocks.count * channels + filters)
  }

  /// The cut with the fewest products; nil where the windows' own definition has hardly more, or the stride is not 1.
  init?(_ s: SlidingShape) {
    guard s.stride == Extent(1), s.kernel.height > 1, s.kernel.width > 1 else { return nil }
    let best = [3, 4, 5].map { WinogradGeometry(s, taps: $0) }.min { $0.products < $1.products }
    guard let best, best.products * 4 <= 3 * s.kernel.height * s.kernel.width * s.outHeight * s.outWidth else {
      return nil
    }
    self = best
  }

  private init(_ s: SlidingShape, taps: Int) {
    self.taps = taps
    step = 7 - taps
    down = (s.outHeight + step - 1) / step
    across = (s.outWidth + step - 1) / step
    blocks = (0..<(s.kernel.height + taps - 1) / taps).flatMap { row in
      (0..<(s.kernel.width + taps - 1) / taps).map { column in
        WinogradBlock(
          kernelHeight: s.kernel.height, kernelWidth: s.kernel.width, taps: taps, row: row, column: column)
      }
    }
  }
}

/// Stride 1 and at least some channels on both sides, by Winograd's transforms: see `winogradInput`.
final class WinogradConvolution: BlockConvolution {
  /// The input as each block of the kernel sees it.
  private let inputs: [ImageTiles]
  private let output: ImageTiles
  private let blocks: [WinogradBlock]
  private let isThree: Bool
  private let tiles: Int
  /// Tiles whose transforms are in the second-level cache at a time.
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
  init(_ s: SlidingShape, _ geometry: WinogradGeometry, filters: Int, weights: FloatBuffer, inputGradient: Bool) {
    realChannels = s.channels
    realFilters = filters
    let rows = roundedUp(s.channels, to: 8)
    let columns = roundedUp(filters, to: 8)
    channels = rows
    self.filters = columns
    self.weights = weights
    wantsInputGradient = inputGradient
    tiles = geometry.down * geometry.across
    blocks = geometry.blocks
    isThree = s.kernel == Extent(3) && geometry.taps == 3
    inputs = geometry.blocks.map { block in
      ImageTiles(
        height: s.height, width: s.width, channels: rows, top: s.border.top - block.row * block.taps,
        left: s.border.left - block.column * block.taps, across: geometry.across, step: geometry.step)
    }
    output = ImageTiles(
      height: s.outHeight, width: s.outWidth, channels: columns, top: 0, left: 0, across: geometry.across,
      step: geometry.step)
    inCount = s.height * s.width * rows
    outCount = s.outHeight * s.outWidth * columns
    // 36 · chunk · (channels + filters) floats in about half a megabyte, or as much as the weights of a block, which each
    // chunk reads anew.
    let fitting = max(4000, rows * columns) / (rows + columns)
    chunk = max(12, min(192, fitting / 12 * 12))
    group = max(1, chunk / tiles)
    panelsForward = FloatBuffer(geometry.blocks.count * 36 * roundedUp(columns, to: kernels.panelWidth) * rows)
    panelsBackward = FloatBuffer(
      inputGradient ? geometry.blocks.count * 36 * roundedUp(rows, to: kernels.panelWidth) * columns : 0)
    inputRows = placeTable((0..<chunk).map { $0 * rows })
    outputRows = placeTable((0..<chunk).map { $0 * columns })
    taps = placeTable(Array(0..<rows))
  }

  private var tileScratch: Int { 36 * max(channels, filters) + 576 }
  private var inputStride: Int { chunk * channels }
  private var outputStride: Int { chunk * filters }
  private var weightStride: Int { channels * filters }
  private var forwardPanelStride: Int { roundedUp(filters, to: kernels.panelWidth) * channels }
  private var backwardPanelStride: Int { roundedUp(channels, to: kernels.panelWidth) * filters }

  var forwardScratch: Int { 36 * (inputStride + outputStride) + tileScratch }
  var backwardScratch: Int { forwardScratch + blocks.count * 36 * weightStride + 64 }

  private var panelCounts: (forward: Int, backward: Int) {
    (panelsOf(filters), wantsInputGradient ? panelsOf(channels) : 0)
  }

  var panels: Int { blocks.count * (panelCounts.forward + panelCounts.backward) }

  func prepare(_ piece: Int) {
    let counts = panelCounts
    let (block, part) = (piece / (counts.forward + counts.backward), piece % (counts.forward + counts.backward))
    let transposed = part >= counts.forward
    let panel = transposed ? part - counts.forward : part
    let stride = transposed ? backwardPanelStride : forwardPanelStride
    let out = (transposed ? panelsBackward : panelsForward).base + block * 36 * stride
    let rows = transposed ? filters : channels
    if isThree {
      kernels.winogradWeights(
        weights.base, filters: realFilters, channels: realChannels, transposed: transposed, rows: rows, panel: panel,
        out, outStride: stride)
    } else {
      kernels.winogradBlockWeights(
        weights.base, blocks[block], filters: realFilters, channels: realChannels, transposed: transposed, rows: rows,
        panel: panel, out, outStride: stride)
    }
  }

  func forward(_ x: Floats, items: Int, _ out: MutableFloats, _ scratch: MutableFloats) {
    let (transformed, products) = (scratch, scratch + 36 * inputStride)
    let tile = products + 36 * outputStride
    for start in stride(from: 0, to: items * tiles, by: chunk) {
      let count = min(chunk, items * tiles - start)
      for (block, input) in inputs.enumerated() {
        tilePieces(start, count, of: tiles) { item, first, length, place in
          kernels.winogradInput(
            x + item * inCount, input, first: first, count: length, transformed + place * channels,
            outStride: inputStride, tile)
        }
        let panels = panelsForward.base + block * 36 * forwardPanelStride
        for point in 0..<36 {
          kernels.panelProduct(
            transformed + point * inputStride, inputRows.base, count, segments: 1, segmentStride: 0, depth: channels,
            panels + point * forwardPanelStride, filters: filters, products + point * outputStride,
            outStride: filters, adds: block > 0)
        }
      }
      tilePieces(start, count, of: tiles) { item, first, length, place in
        kernels.winogradOutput(
          products + place * filters, mStride: outputStride, output, first: first, count: length,
          out + item * outCount, tile)
      }
    }
  }

  private func sums(_ scratch: MutableFloats) -> MutableFloats { scratch + roundedUp(forwardScratch, to: 16) }

  func begin(_ scratch: MutableFloats) {
    sums(scratch).update(repeating: 0, count: blocks.count * 36 * weightStride)
  }

  func backward(_ x: Floats, items: Int, _ dy: Floats, _ dx: MutableFloats?, _ scratch: MutableFloats) {
    let (transformed, gradients) = (scratch, scratch + 36 * inputStride)
    let tile = gradients + 36 * outputStride
    dx?.update(repeating: 0, count: items * inCount)
    for start in stride(from: 0, to: items * tiles, by: chunk) {
      let count = min(chunk, items * tiles - start)
      tilePieces(start, count, of: tiles) { item, first, length, place in
        kernels.winogradGradient(
          dy + item * outCount, output, first: first, count: length, gradients + place * filters,
          outStride: outputStride, tile)
      }
      for (block, input) in inputs.enumerated() {
        tilePieces(start, count, of: tiles) { item, first, length, place in
          kernels.winogradInput(
            x + item * inCount, input, first: first, count: length, transformed + place * channels,
            outStride: inputStride, tile)
        }
        let sums = self.sums(scratch) + block * 36 * weightStride
        let panels = panelsBackward.base + block * 36 * backwardPanelStride
        for point in 0..<36 {
          let (from, gradient) = (transformed + point * inputStride, gradients + point * outputStride)
          kernels.panelGradient(
            from, taps.base, channels, lines: 1, aLine: 0, bLine: 0, steps: count, aStep: channels, bStep: filters,
            gradient, filters: filters, sums + point * weightStride)
          guard dx != nil else { continue }
          // The transformed input is not needed any more: the transformed gradient of the input takes its place.
          kernels.panelProduct(
            gradient, outputRows.base, count, segments: 1, segmentStride: 0, depth: filters,
            panels + point * backwardPanelStride, filters: channels, from, outStride: channels, adds: false)
        }
        guard let dx else { continue }
        tilePieces(start, count, of: tiles) { item, first, length, place in
          kernels.winogradInputGradient(
            transformed + place * channels, pStride: inputStride, input, first: first, count: length,
            dx + item * inCount, tile)
        }
      }
    }
  }

  func end(_ scratch: MutableFloats, _ gradient: MutableFloats) {
    for (index, block) in blocks.enumerated() {
      let from = sums(scratch) + index * 36 * weightStride
      if isThree {
        kernels.winogradWeightGradient(
          from, uStride: weightStride, filters: realFilters, channels: realChannels, paddedFilters: filters, gradient)
      } else {
        kernels.winogradBlockWeightGradient(
          from, block, uStride: weightStride, filters: realFilters, channels: realChannels, paddedFilters: filters,
          gradient)
      }
    }
  }
}
