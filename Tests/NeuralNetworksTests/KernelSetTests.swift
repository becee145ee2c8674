import KernelInterface
import Tensors
import Testing

@testable import NeuralNetworks

/// Every compilation of every kernel gives the same bits (Documentation/numerics.md).
@Suite struct KernelSetTests {
  typealias Out = UnsafeMutablePointer<Float>

  /// Runs each set that this processor has on a copy of the same memory; what they leave is equal bit by bit.
  private func compare(
    _ name: String, count: Int, seed: UInt64 = 1, _ body: (any KernelSet.Type, Out) -> Void
  ) {
    let start = noise(count, seed: seed).values
    func result(_ set: any KernelSet.Type) -> [Float] {
      let buffer = FloatBuffer(count)
      buffer.copy(from: start)
      body(set, buffer.base)
      return buffer.values
    }
    let results = Processor.kernelSets.map { ($0.name, result($0)) }
    #expect(results[0].1 != start, "\(name) does nothing")
    for (set, other) in results.dropFirst() {
      let differ = zip(other, results[0].1).filter { $0.bitPattern != $1.bitPattern }.count
      #expect(differ == 0, "\(name) of \(set): \(differ) of \(count) numbers differ")
    }
  }

  private func noise(_ count: Int, seed: UInt64) -> FloatBuffer {
    let buffer = FloatBuffer(count)
    var random = RandomStream(seed: seed)
    for index in 0..<count { buffer.base[index] = Float(random.normal()) }
    return buffer
  }

  private func places(_ kernels: any KernelSet.Type, _ all: [Int]) -> [Int] {
    all
      + Array(repeating: all.last ?? 0, count: (kernels.panelRows - all.count % kernels.panelRows) % kernels.panelRows)
  }

  /// [depth, filters] as panels of the set's width.
  private func withPanels(
    _ kernels: any KernelSet.Type, _ weights: FloatBuffer, depth: Int, filters: Int, _ body: (Out) -> Void
  ) {
    let width = kernels.panelWidth
    let packed = FloatBuffer((filters + width - 1) / width * width * depth)
    for filter in 0..<filters {
      for step in 0..<depth {
        packed.base[(filter / width * depth + step) * width + filter % width] = weights.base[step * filters + filter]
      }
    }
    withExtendedLifetime(packed) { body(packed.base) }
  }

  @Test(arguments: [1, 2, 5, 6, 7, 8, 13, 24, 40], [8, 16, 24, 32, 40, 72]) func panels(rows: Int, filters: Int) {
    for depth in [1, 3, 8, 20] {
      let a = noise(rows * depth * 3 + 200, seed: 2)
      let weights = noise(filters * depth * 2, seed: 3)
      let all = (0..<rows).map { $0 * depth }
      for adds in [false, true] {
        compare("panelProduct", count: rows * filters) { kernels, out in
          withPanels(kernels, weights, depth: 2 * depth, filters: filters) { panels in
            kernels.panelProduct(
              a.base, places(kernels, all), rows, segments: 2, segmentStride: 5, depth: depth, panels,
              filters: filters, out, outStride: filters, adds: adds)
          }
        }
      }
      let b = noise(filters * 3 * depth, seed: 4)
      compare("panelGradient", count: rows * filters) { kernels, out in
        kernels.panelGradient(
          a.base, places(kernels, all), rows, lines: 3, aLine: 7, bLine: filters * depth, steps: depth, aStep: 2,
          bStep: filters, b.base, filters: filters, out)
      }
    }
  }

  /// A sum is one chain, whoever computes it.
  @Test func panelsAreChains() {
    let (rows, depth, filters) = (7, 19, 24)
    let (a, w) = (noise(rows * depth, seed: 5), noise(depth * filters, seed: 6))
    for kernels in Processor.kernelSets {
      let out = FloatBuffer(rows * filters)
      withPanels(kernels, w, depth: depth, filters: filters) { panels in
        kernels.panelProduct(
          a.base, places(kernels, (0..<rows).map { $0 * depth }), rows, segments: 1, segmentStride: 0, depth: depth,
          panels, filters: filters, out.base, outStride: filters, adds: false)
      }
      for row in 0..<rows {
        for filter in 0..<filters {
          var sum: Float = 0
          for step in 0..<depth { sum.addProduct(a.base[row * depth + step], w.base[step * filters + filter]) }
          #expect(out.base[row * filters + filter].bitPattern == sum.bitPattern)
        }
      }
    }
  }

  @Test(arguments: [8, 16, 24, 40], [1, 3, 4, 6, 9]) func winograd(channels: Int, side: Int) {
    let across = (side + 3) / 4
    let (count, pixels) = (across * across, side * side)
    let input = ImageTiles(height: side, width: side, channels: channels, top: 1, left: 1, across: across)
    let image = noise(pixels * channels, seed: 7)
    let tiles = noise(36 * count * channels, seed: 8)
    let scratch = FloatBuffer(36 * channels + 36 * 16)
    let stride = count * channels
    compare("winogradInput", count: 36 * stride) { kernels, out in
      kernels.winogradInput(image.base, input, first: 0, count: count, out, outStride: stride, scratch.base)
    }
    compare("winogradOutput", count: pixels * channels) { kernels, out in
      kernels.winogradOutput(tiles.base, mStride: stride, input, first: 0, count: count, out, scratch.base)
    }
    compare("winogradGradient", count: 36 * stride) { kernels, out in
      kernels.winogradGradient(image.base, input, first: 0, count: count, out, outStride: stride, scratch.base)
    }
    compare("winogradInputGradient", count: pixels * channels) { kernels, out in
      kernels.winogradInputGradient(tiles.base, pStride: stride, input, first: 0, count: count, out, scratch.base)
    }
    let (filters, real) = (side, channels - 3)
    let weights = noise(filters * real * 9, seed: 9)
    compare("winogradWeights", count: 36 * channels * 8) { kernels, out in
      // The first filters of the first panel, which stand at another distance in each set.
      let stride = channels * kernels.panelWidth
      let panel = FloatBuffer(36 * stride)
      kernels.winogradWeights(
        weights.base, filters: filters, channels: real, transposed: false, rows: channels, panel: 0, panel.base,
        outStride: stride)
      for line in 0..<36 * channels {
        for lane in 0..<8 { out[line * 8 + lane] = panel.base[line * kernels.panelWidth + lane] }
      }
    }
    let padded = (filters + 7) / 8 * 8
    let sums = noise(36 * channels * padded, seed: 10)
    compare("winogradWeightGradient", count: filters * real * 9) { kernels, out in
      kernels.winogradWeightGradient(
        sums.base, uStride: channels * padded, filters: filters, channels: real, paddedFilters: padded, out)
    }
  }

  /// Weights that are transformed while they are read: what `panelProduct` gives with those that were transformed before.
  @Test(arguments: [8, 24, 40], [(1, 8), (1, 16), (2, 16), (3, 8), (4, 8), (4, 16)])
  func winogradOfFewTiles(channels: Int, tilesAndFilters: (Int, Int)) {
    let (tiles, filters) = tilesAndFilters
    let weights = noise(filters * channels * 9, seed: 70)
    let input = noise(36 * tiles * channels, seed: 71)
    let stride = tiles * channels
    var all: [[UInt32]] = []
    for isFew in [true, false] {
      compare("winogradFewTiles", count: 36 * tiles * filters) { kernels, out in
        let width = kernels.panelWidth
        if isFew {
          let ordered = FloatBuffer(channels * 9 * width)
          for filter in 0..<filters {
            for place in 0..<channels * 9 {
              ordered.base[place * width + filter] = weights.base[filter * channels * 9 + place]
            }
          }
          kernels.winogradFewTiles(
            input.base, vStride: stride, tiles: tiles, channels: channels, ordered.base, filters: filters, out,
            outStride: tiles * filters, outCount: filters)
        } else {
          let panel = FloatBuffer(36 * channels * width)
          kernels.winogradWeights(
            weights.base, filters: filters, channels: channels, transposed: false, rows: channels, panel: 0, panel.base,
            outStride: channels * width)
          let rows = places(kernels, (0..<tiles).map { $0 * channels })
          for point in 0..<36 {
            kernels.panelProduct(
              input.base + point * stride, rows, tiles, segments: 1, segmentStride: 0, depth: channels,
              panel.base + point * channels * width, filters: filters, out + point * tiles * filters,
              outStride: filters, adds: false)
          }
        }
        all.append(UnsafeBufferPointer(start: out, count: 36 * tiles * filters).map(\.bitPattern))
      }
    }
    #expect(all.count == 2 * Processor.kernelSets.count && all.allSatisfy { $0 == all[0] })
  }

  /// Images [height, width, channels] are pooled as their planes are: numbers, places and gradients, with what is no number.
  @Test(arguments: [(3, 2, 1), (2, 2, 0), (2, 3, 1), (5, 1, 2)]) func pooling(size: Int, step: Int, border: Int) {
    let (channels, height, width) = (16, 9, 11)
    let (rows, columns) = ((height + 2 * border - size) / step + 1, (width + 2 * border - size) / step + 1)
    let shape = ColumnsShape(
      channels: channels, height: height, width: width, kernelHeight: size, kernelWidth: size, strideY: step,
      strideX: step, top: border, left: border, outHeight: rows, outWidth: columns)
    let (pixels, pooled) = (height * width, rows * columns)
    let planes = noise(channels * pixels, seed: 80)
    // Equal numbers stand side by side, and some are none.
    for index in 0..<channels * pixels where index % 5 == 0 { planes.base[index] = 0.5 }
    for index in [3, 40, 41, 300] { planes.base[index] = .nan }
    let slopes = noise(channels * pooled, seed: 81)
    for kernels in Processor.kernelSets {
      func last(_ from: FloatBuffer, _ count: Int) -> FloatBuffer {
        let to = FloatBuffer(channels * count)
        kernels.toChannelsLast(from.base, channels: channels, pixels: count, padded: channels, to.base)
        return to
      }
      func bits(_ buffer: FloatBuffer) -> [UInt32] { buffer.values.map { $0.isNaN ? 0x7fc0_0000 : $0.bitPattern } }
      let (image, gradient) = (last(planes, pixels), last(slopes, pooled))
      let (y, dx) = (FloatBuffer(channels * pooled), FloatBuffer(channels * pixels))
      let (z, dz) = (FloatBuffer(channels * pooled), FloatBuffer(channels * pixels))
      let (at, there) = (
        PlaneBuffer<Int32>(channels * pooled, repeating: 0), PlaneBuffer<Int32>(channels * pooled, repeating: 0)
      )
      kernels.maxPoolForward(planes.base, shape, y.base, at.base)
      kernels.channelMaxPool(image.base, shape, channels: channels, z.base, there.base)
      #expect(bits(z) == bits(last(y, pooled)), "\(kernels.name)")
      let again = FloatBuffer(channels * pooled)
      kernels.channelMaxPool(image.base, shape, channels: channels, again.base, nil)
      #expect(bits(z) == bits(again))
      kernels.maxPoolBackward(slopes.base, shape, at.base, dx.base)
      kernels.channelMaxPoolGradient(gradient.base, shape, channels: channels, there.base, dz.base)
      #expect(bits(dz) == bits(last(dx, pixels)))
      kernels.avgPool(planes.base, shape, y.base, backward: false)
      kernels.channelAveragePool(image.base, shape, channels: channels, z.base)
      #expect(bits(z) == bits(last(y, pooled)))
      kernels.avgPool(dx.base, shape, slopes.base, backward: true)
      kernels.channelAveragePoolGradient(gradient.base, shape, channels: channels, dz.base)
      #expect(bits(dz) == bits(last(dx, pixels)))
    }
  }

  @Test(arguments: [3, 4, 5]) func winogradBlocks(taps: Int) {
    let (channels, filters, size) = (16, 24, 7)
    let step = 7 - taps
    let across = (size + step - 1) / step
    let count = across * across
    let tiles = ImageTiles(
      height: size, width: size, channels: channels, top: -1, left: 2, across: across, step: step)
    let scratch = FloatBuffer(36 * channels + 36 * 16)
    let stride = count * channels
    let image = noise(size * size * channels, seed: 40)
    let points = noise(36 * stride, seed: 41)
    compare("winogradInput", count: 36 * stride) { kernels, out in
      kernels.winogradInput(image.base, tiles, first: 0, count: count, out, outStride: stride, scratch.base)
    }
    compare("winogradOutput", count: size * size * channels) { kernels, out in
      kernels.winogradOutput(points.base, mStride: stride, tiles, first: 0, count: count, out, scratch.base)
    }
    compare("winogradGradient", count: 36 * stride) { kernels, out in
      kernels.winogradGradient(image.base, tiles, first: 0, count: count, out, outStride: stride, scratch.base)
    }
    let weights = noise(filters * channels * 7 * 6, seed: 42)
    let block = WinogradBlock(kernelHeight: 7, kernelWidth: 6, taps: taps, row: 1, column: 1)
    for transposed in [false, true] {
      let rows = transposed ? filters : channels
      compare("winogradBlockWeights", count: 36 * rows * 16) { kernels, out in
        let panel = FloatBuffer(36 * rows * kernels.panelWidth)
        kernels.winogradBlockWeights(
          weights.base, block, filters: filters, channels: channels, transposed: transposed, rows: rows, panel: 0,
          panel.base, outStride: rows * kernels.panelWidth)
        for line in 0..<36 * rows {
          for lane in 0..<16 { out[line * 16 + lane] = panel.base[line * kernels.panelWidth + lane] }
        }
      }
    }
    let sums = noise(36 * channels * filters, seed: 43)
    compare("winogradBlockWeightGradient", count: filters * channels * 42) { kernels, out in
      kernels.winogradBlockWeightGradient(
        sums.base, block, uStride: channels * filters, filters: filters, channels: channels, paddedFilters: filters,
        out)
    }
  }

  /// Tiles of 4×4 pixels, which deep networks take.
  @Test(arguments: [8, 24, 40], [1, 2, 5, 8]) func winogradOfSmallTiles(channels: Int, side: Int) {
    let across = (side + 1) / 2
    let (count, pixels) = (across * across, side * side)
    let tiles = ImageTiles(
      height: side, width: side, channels: channels, top: 1, left: 1, across: across, step: 2, points: 4)
    let image = noise(pixels * channels, seed: 60)
    let points = noise(16 * count * channels, seed: 61)
    let scratch = FloatBuffer(36 * channels + 36 * 16)
    let stride = count * channels
    compare("winogradInput", count: 16 * stride) { kernels, out in
      kernels.winogradInput(image.base, tiles, first: 0, count: count, out, outStride: stride, scratch.base)
    }
    compare("winogradOutput", count: pixels * channels) { kernels, out in
      kernels.winogradOutput(points.base, mStride: stride, tiles, first: 0, count: count, out, scratch.base)
    }
    compare("winogradGradient", count: 16 * stride) { kernels, out in
      kernels.winogradGradient(image.base, tiles, first: 0, count: count, out, outStride: stride, scratch.base)
    }
    compare("winogradInputGradient", count: pixels * channels) { kernels, out in
      kernels.winogradInputGradient(points.base, pStride: stride, tiles, first: 0, count: count, out, scratch.base)
    }
    let filters = 16
    let weights = noise(filters * channels * 9, seed: 62)
    let block = WinogradBlock(kernelHeight: 3, kernelWidth: 3, taps: 3, row: 0, column: 0, points: 4)
    compare("winogradBlockWeights", count: 16 * channels * 16) { kernels, out in
      let panel = FloatBuffer(16 * channels * kernels.panelWidth)
      kernels.winogradBlockWeights(
        weights.base, block, filters: filters, channels: channels, transposed: false, rows: channels, panel: 0,
        panel.base, outStride: channels * kernels.panelWidth)
      for line in 0..<16 * channels {
        for lane in 0..<16 { out[line * 16 + lane] = panel.base[line * kernels.panelWidth + lane] }
      }
    }
    let sums = noise(16 * channels * filters, seed: 63)
    compare("winogradBlockWeightGradient", count: filters * channels * 9) { kernels, out in
      kernels.winogradBlockWeightGradient(
        sums.base, block, uStride: channels * filters, filters: filters, channels: channels, paddedFilters: filters,
        out)
    }
  }

  @Test(arguments: [(8, 7, 23), (24, 5, 30), (40, 12, 17)]) func fourier(channels: Int, side: Int, size: Int) {
    let step = 21 - side
    let across = (size + step - 1) / step
    let count = across * across
    let tiles = ImageTiles(height: size, width: size, channels: channels, top: 2, left: -1, across: across, step: step)
    let planes = 3 * 202
    let stride = count * channels
    let image = noise(size * size * channels, seed: 50)
    let products = noise(planes * stride, seed: 51)
    let scratch = FloatBuffer(Processor.kernelSets[0].fourierScratch(channels: channels))
    for (gradient, pixels) in [(false, 20), (true, step)] {
      compare("fourierInput", count: planes * stride) { kernels, out in
        kernels.fourierInput(
          image.base, tiles, size: pixels, gradient: gradient, first: 0, count: count, out, outStride: stride,
          scratch.base)
      }
      compare("fourierOutput", count: size * size * channels) { kernels, out in
        kernels.fourierOutput(
          products.base, pStride: stride, tiles, size: pixels, adds: !gradient, first: 0, count: count, out,
          scratch.base)
      }
    }
    let (filters, real) = (11, channels - 3)
    let weights = noise(filters * real * side * side, seed: 52)
    for transposed in [false, true] {
      let rows = transposed ? 16 : channels
      compare("fourierWeights", count: planes * rows * 8) { kernels, out in
        let stride = rows * kernels.panelWidth
        let panel = FloatBuffer(planes * stride)
        kernels.fourierWeights(
          weights.base, kernelHeight: side, kernelWidth: side, filters: filters, channels: real, transposed: transposed,
          rows: rows, panel: 0, panel.base, outStride: stride)
        for line in 0..<planes * rows {
          for lane in 0..<8 { out[line * 8 + lane] = panel.base[line * kernels.panelWidth + lane] }
        }
      }
    }
    compare("fourierCombine", count: 2 * 64) { $0.fourierCombine(products.base, count: 64, $1, $1 + 64) }
    let sums = noise(2 * 202 * channels * 16, seed: 53)
    compare("fourierWeightGradient", count: filters * real * side * side) { kernels, out in
      kernels.fourierWeightGradient(
        sums.base, uStride: channels * 16, kernelHeight: side, kernelWidth: side, filters: filters, channels: real,
        paddedFilters: 16, out)
    }
  }

  @Test(arguments: [8, 16, 40], [(2, 2), (5, 4), (3, 7)]) func channelsLast(channels: Int, size: (Int, Int)) {
    let (height, width) = size
    let pixels = height * width
    let pooled = (height / 2) * (width / 2)
    let x = noise(pixels * channels, seed: 11)
    let dy = noise(pixels * channels, seed: 12)
    let v = noise(6 * channels, seed: 13)
    let (factor, offset) = (v.base, v.base + channels)
    let (a, b, c) = (v.base + 2 * channels, v.base + 3 * channels, v.base + 4 * channels)
    let real = channels - 3
    compare("toChannelsLast", count: pixels * channels) {
      $0.toChannelsLast(x.base, channels: real, pixels: pixels, padded: channels, $1)
    }
    compare("toPlanes", count: pixels * real) {
      $0.toPlanes(x.base, channels: real, pixels: pixels, padded: channels, $1)
    }
    compare("channelAffine", count: pixels * channels) {
      $0.channelAffine(x.base, pixels: pixels, channels: channels, factor: factor, offset: offset, slope: 0.1, $1)
    }
    compare("channelGradient", count: pixels * channels) {
      $0.channelGradient(
        dy.base, x.base, pixels: pixels, channels: channels, factor: factor, offset: offset, slope: 0, a: a, b: b,
        c: c, $1)
    }
    let codes = PlaneBuffer<UInt32>(pixels * channels, repeating: 0)
    // The result, what was chosen, and the codes as numbers, one behind the other.
    compare("channelAffinePool", count: pooled * channels * 2 + pooled * channels / 8) { kernels, out in
      kernels.channelAffinePool(
        x.base, height: height, width: width, channels: channels, factor: factor, offset: offset, relu: true, out,
        chosen: out + pooled * channels, codes: codes.base)
      for index in 0..<pooled * channels / 8 {
        out[pooled * channels * 2 + index] = Float(bitPattern: codes.base[index] & 0x3FFF_FFFF)
      }
    }
    compare("channelPoolGradient", count: pixels * channels) {
      $0.channelPoolGradient(
        dy.base, codes.base, x.base, height: height, width: width, channels: channels, a: a, b: b, c: c, $1)
    }
    func doubles(_ body: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void) -> [UInt64] {
      let sums = PlaneBuffer<Double>(2 * channels, repeating: 1)
      body(sums.base, sums.base + channels)
      return (0..<2 * channels).map { sums.base[$0].bitPattern }
    }
    let moments = Processor.kernelSets.map { kernels in
      doubles { kernels.channelMoments(x.base, pixels: pixels, channels: channels, about: a, sums: $0, squares: $1) }
    }
    let gradients = Processor.kernelSets.map { kernels in
      doubles {
        kernels.channelGradientSums(
          dy.base, x.base, pixels: pixels, channels: channels, factor: factor, offset: offset, slope: 0, mean: a,
          sums: $0, along: $1)
      }
    }
    #expect(moments.allSatisfy { $0 == moments[0] } && gradients.allSatisfy { $0 == gradients[0] })
  }

  @Test(arguments: [1, 7, 8, 9, 16, 23, 100]) func elementwise(count: Int) {
    let (x, z) = (noise(count, seed: 30), noise(count, seed: 31))
    compare("reluForward", count: count) { $0.reluForward(x.base, $1, count, slope: 0.1) }
    compare("reluBackward", count: count) { $0.reluBackward(x.base, z.base, $1, count, slope: 0.1) }
    compare("accumulate", count: count) { $0.accumulate(x.base, into: $1, count) }
    compare("affine", count: count) { $0.affine(x.base, $1, count, scale: 2, shift: 0.3) }
    compare("affine2", count: count) { $0.affine2(x.base, z.base, $1, count, a: 2, b: 3, c: 4) }
    compare("sum", count: 1) { $1[0] = $0.sum(x.base, count) }
    compare("centredDot", count: 1) { $1[0] = $0.centredDot(x.base, z.base, count, 0.1, 0.2) }
    compare("dropoutApply", count: count) {
      $0.dropoutApply(x.base, $1, count: count, first: 5, key: 77, threshold: 1 << 30, scale: 1.5)
    }
    let g = noise(count, seed: 32)
    let moments = noise(2 * count, seed: 33)
    for index in 0..<2 * count { moments.base[index] = abs(moments.base[index]) }
    func copy() -> FloatBuffer {
      let copy = FloatBuffer(2 * count)
      copy.copy(from: moments)
      return copy
    }
    compare("sgdUpdate", count: count) {
      let state = copy()
      $0.sgdUpdate(
        $1, g.base, state.base, count: count, rate: 0.1, momentum: 0.9, nesterov: true, decay: 0.01, scale: 0.5)
    }
    compare("rmspropUpdate", count: count) {
      let state = copy()
      $0.rmspropUpdate(
        $1, g.base, state.base, count: count, rate: 0.1, keep: 0.9, inside: 1e-7, outside: 1e-8, decay: 0.01,
        scale: 0.5)
    }
    compare("adamUpdate", count: count) {
      let state = copy()
      $0.adamUpdate(
        $1, g.base, state.base, state.base + count, count: count, rate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-7,
        decay: 0.01, shrink: 0.99, scale: 0.5)
    }
  }

  @Test(arguments: [1, 3, 4, 16, 17, 50]) func distances(count: Int) {
    let width = 13
    let x = noise(count * width, seed: 50)
    compare("rowDistances", count: count * count) { kernels, out in
      let columns = kernels.panelWidth
      let padded = (count + columns - 1) / columns * columns
      let panels = FloatBuffer(padded * width)
      for panel in 0..<padded / columns {
        kernels.packDistancePanel(x.base, count: count, width: width, panel: panel, panels.base)
      }
      let lines = FloatBuffer(4 * padded)
      for row in stride(from: 0, to: count, by: 4) {
        let together = min(4, count - row)
        kernels.rowDistances(
          x.base + row * width, rows: together, width: width, panels.base, first: 0, last: padded / columns, lines.base,
          outStride: padded)
        for line in 0..<together {
          for column in 0..<count { out[(row + line) * count + column] = lines.base[line * padded + column] }
        }
      }
    }
  }
}
