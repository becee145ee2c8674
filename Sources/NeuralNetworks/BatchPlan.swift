import Tensors

/// A convolution's way over all items of a batch together, in steps that are cut by the work and not by items.
///
/// A single image keeps all threads busy so, and weights that are more than a slice's numbers are read once, not once a
/// slice. Each result is the same chain of multiply-adds as in a slice, and so has the same bits.
struct BatchPlan: Sendable {
  /// Work that has to be over before the next step begins.
  struct Step: Sendable {
    let parts: Int
    let body: @Sendable (_ part: Int, _ memory: BatchMemory) -> Void
  }

  let steps: [Step]
  /// Floats that the steps hand on to each other.
  let shared: Int
  /// Floats that a part needs while it runs.
  let scratch: Int

  /// Numbers of a batch that still stay in the cache from step to step.
  private static let sharedLimit = 4 << 20
  /// Multiply-adds that are worth another step.
  private static let leastWork = 1 << 20

  /// False where slices do as well: there are enough of them, and the weights are less than what a slice reads and writes.
  ///
  /// - Parameters:
  ///   - weights: floats that the products read.
  ///   - each: floats that they read and write for an item.
  ///   - work: multiply-adds of an item.
  static func isBetter(for builder: PlanBuilder, weights: Int, each: Int, work: Int, shared: Int) -> Bool {
    guard !builder.training, builder.share == nil else { return false }
    if weights > builder.sliceSize * each { return builder.batch > builder.sliceSize || work >= leastWork }
    return builder.slices < 8 && work * builder.batch >= leastWork && shared <= sharedLimit
  }
}

/// What the parts of a batch's pass work on.
struct BatchMemory {
  let x: Floats
  /// The convolution's sums, finished in place.
  let out: MutableFloats
  let shared: MutableFloats
  let scratch: MutableFloats
  /// Those that the pass has.
  let items: Int
  /// Does what follows the convolution to some pixels and filters of an item, where it has not to wait for others.
  let finish: (_ item: Int, _ pixels: Range<Int>, _ filters: Range<Int>) -> Void
}

extension WinogradConvolution {
  func pass(of builder: PlanBuilder) -> BatchPlan? {
    guard inputs.count == 1 else { return nil }
    let (sizes, points, batch) = (sizes, points, builder.batch)
    let rows = batch * sizes.tiles
    let (inStride, outStride) = (TiledSizes.spread(rows * sizes.channels), TiledSizes.spread(rows * sizes.filters))
    let shared = points * (inStride + outStride)
    let area = sizes.channels * sizes.filters
    guard
      BatchPlan.isBetter(
        for: builder, weights: points * area, each: points * sizes.tiles * (sizes.channels + sizes.filters),
        work: points * sizes.tiles * area, shared: shared)
    else { return nil }
    let places = placeTable((0..<rows).map { $0 * sizes.channels })
    let (input, output, panels) = (inputs[0], output, panelsForward)
    // Whole rows of tiles: their pixels stand side by side.
    let lines = max(1, 24 / output.across)
    let down = sizes.tiles / output.across
    let strips = (down + lines - 1) / lines
    @Sendable func tiles(_ part: Int) -> (item: Int, first: Int, count: Int) {
      let line = part % strips * lines
      return (part / strips, line * output.across, min(lines, down - line) * output.across)
    }
    let together = max(1, points / 12)
    return BatchPlan(
      steps: [
        BatchPlan.Step(parts: batch * strips) { part, memory in
          let (item, first, count) = tiles(part)
          guard item < memory.items else { return }
          kernels.winogradInput(
            memory.x + item * sizes.inCount, input, first: first, count: count,
            memory.shared + (item * sizes.tiles + first) * sizes.channels, outStride: inStride, memory.scratch)
        },
        hasFewTiles
          ? BatchPlan.Step(parts: sizes.panels.forward) { [self] panel, memory in
            multiply(
              panel: panel, tiles: memory.items * sizes.tiles, memory.shared, stride: inStride,
              memory.shared + points * inStride, stride: outStride)
          }
          : BatchPlan.Step(parts: (points + together - 1) / together) { part, memory in
            for point in part * together..<min(points, (part + 1) * together) {
              kernels.panelProduct(
                memory.shared + point * inStride, places.base, memory.items * sizes.tiles, segments: 1,
                segmentStride: 0, depth: sizes.channels, panels.base + point * sizes.forwardPanelStride,
                filters: sizes.filters, memory.shared + points * inStride + point * outStride,
                outStride: sizes.filters, adds: false)
            }
          },
        BatchPlan.Step(parts: batch * strips) { part, memory in
          let (item, first, count) = tiles(part)
          guard item < memory.items else { return }
          kernels.winogradOutput(
            memory.shared + points * inStride + (item * sizes.tiles + first) * sizes.filters, mStride: outStride,
            output,
            first: first, count: count, memory.out + item * sizes.outCount, memory.scratch)
          let line = first / output.across * output.step
          let end = min(output.height, line + count / output.across * output.step)
          memory.finish(item, line * output.width..<end * output.width, 0..<sizes.filters)
        },
      ], shared: shared, scratch: tileScratch)
  }
}

extension PanelConvolution {
  func pass(of builder: PlanBuilder) -> BatchPlan? {
    let batch = builder.batch
    let pixels = s.outHeight * s.outWidth
    let inCount = s.height * s.width * (planar ? s.channels : depth)
    let imageCount = isCopied ? imageScratch : inCount
    let shared = isCopied ? batch * imageScratch : 0
    let taps = self.taps
    guard
      BatchPlan.isBetter(
        for: builder, weights: taps * filters, each: inCount + pixels * filters, work: pixels * taps * filters,
        shared: shared)
    else { return nil }
    let places = windows(of: batch, each: imageCount)
    let (filters, height) = (filters, height)
    // As many rows as stay in the cache while one panel after the other passes them.
    let most = max(1, (1 << 17) / taps / kernels.panelRows)
    let blocks = (batch * pixels + kernels.panelRows - 1) / kernels.panelRows
    let blockRows = kernels.panelRows * min(most, max(1, (blocks + 7) / 8))
    let rowParts = (batch * pixels + blockRows - 1) / blockRows
    let panels = panelsOf(filters)
    let panelParts = min(panels, max(1, (8 + rowParts - 1) / rowParts))
    var steps: [BatchPlan.Step] = []
    if isCopied {
      let strips = batch < 8 ? 8 : 1
      let size = (height + strips - 1) / strips
      steps.append(
        BatchPlan.Step(parts: batch * strips) { [self] part, memory in
          let (item, strip) = (part / strips, part % strips)
          guard item < memory.items else { return }
          let rows = min(height, strip * size)..<min(height, (strip + 1) * size)
          copy(memory.x + item * inCount, rows: rows, to: memory.shared + item * imageCount)
        })
    }
    steps.append(
      BatchPlan.Step(parts: rowParts * panelParts) { [self] part, memory in
        let (block, group) = (part % rowParts, part / rowParts)
        let first = block * blockRows
        let last = min(memory.items * pixels, first + blockRows)
        let panel = panels * group / panelParts..<panels * (group + 1) / panelParts
        let columns = panel.lowerBound * kernels.panelWidth..<min(filters, panel.upperBound * kernels.panelWidth)
        guard first < last, !columns.isEmpty else { return }
        kernels.panelProduct(
          isCopied ? Floats(memory.shared) : memory.x, places.base + first, last - first, segments: s.kernel.height,
          segmentStride: width * depth, depth: s.kernel.width * depth,
          panelsForward.base + panel.lowerBound * kernels.panelWidth * taps, filters: columns.count,
          memory.out + first * filters + columns.lowerBound, outStride: filters, adds: false)
        var row = first
        while row < last {
          let (item, pixel) = (row / pixels, row % pixels)
          let count = min(pixels - pixel, last - row)
          memory.finish(item, pixel..<pixel + count, columns)
          row += count
        }
      })
    return BatchPlan(steps: steps, shared: shared, scratch: 0)
  }

  /// Where the windows of all items begin.
  private func windows(of batch: Int, each: Int) -> PlaneBuffer<Int> {
    let pixels = s.outHeight * s.outWidth
    return placeTable((0..<batch * pixels).map { $0 / pixels * each + windows.base[$0 % pixels] })
  }
}
