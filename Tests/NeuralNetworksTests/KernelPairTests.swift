import Kernels
import KernelsAVX2
import Tensors
import Testing

@testable import NeuralNetworks

/// The two compilations of every kernel agree within rounding.
@Suite(.enabled(if: Kernel.fast)) struct KernelPairTests {
  typealias Out = UnsafeMutablePointer<Float>

  /// Runs both on copies of the same memory and compares what they leave.
  private func compare(
    _ name: String, count: Int, seed: UInt64 = 1, tolerance: Float = 1e-4, _ portable: (Out) -> Void,
    _ wide: (Out) -> Void
  ) {
    var random = RandomStream(seed: seed)
    let start = (0..<count).map { _ in Float(random.normal()) }
    func result(_ body: (Out) -> Void) -> [Float] {
      let buffer = FloatBuffer(count)
      buffer.copy(from: start)
      body(buffer.base)
      return buffer.values
    }
    let (one, other) = (result(portable), result(wide))
    var worst: Float = 0
    for (a, b) in zip(one, other) { worst = max(worst, abs(a - b) / (1 + abs(a))) }
    #expect(worst < tolerance, "\(name)")
    #expect(one != start, "\(name) does nothing")
  }

  private func noise(_ count: Int, seed: UInt64) -> FloatBuffer {
    let buffer = FloatBuffer(count)
    var random = RandomStream(seed: seed)
    for index in 0..<count { buffer.base[index] = Float(random.normal()) }
    return buffer
  }

  @Test(arguments: [1, 2, 5, 6, 7, 13], [8, 16, 24, 40]) func panels(rows: Int, filters: Int) {
    for depth in [1, 3, 8, 20] {
      let a = noise(rows * depth * 3 + 200, seed: 2)
      let panels = noise((filters + 15) / 16 * 16 * depth * 2, seed: 3)
      let places = placeTable((0..<rows).map { $0 * depth })
      compare("panelProduct", count: rows * filters) {
        Kernels.panelProduct(
          a.base, places.base, rows, segments: 2, segmentStride: 5, depth: depth, panels.base, filters: filters, $0,
          outStride: filters)
      } _: {
        KernelsAVX2.panelProduct(
          a.base, places.base, rows, segments: 2, segmentStride: 5, depth: depth, panels.base, filters: filters, $0,
          outStride: filters)
      }
      let b = noise(filters * 3 * depth, seed: 4)
      compare("panelGradient", count: rows * filters) {
        Kernels.panelGradient(
          a.base, places.base, rows, lines: 3, aLine: 7, bLine: filters * depth, steps: depth, aStep: 2,
          bStep: filters, b.base, filters: filters, $0)
      } _: {
        KernelsAVX2.panelGradient(
          a.base, places.base, rows, lines: 3, aLine: 7, bLine: filters * depth, steps: depth, aStep: 2,
          bStep: filters, b.base, filters: filters, $0)
      }
    }
  }

  @Test(arguments: [8, 16, 24], [1, 3, 4, 6, 9]) func winograd(channels: Int, side: Int) {
    let across = (side + 3) / 4
    let (count, pixels) = (across * across, side * side)
    let input = Kernels.WinogradTiles(
      height: side, width: side, channels: channels, top: 1, left: 1, across: across)
    let wide = KernelsAVX2.WinogradTiles(
      height: side, width: side, channels: channels, top: 1, left: 1, across: across)
    let image = noise(pixels * channels, seed: 7)
    let tiles = noise(36 * count * channels, seed: 8)
    let scratch = FloatBuffer(36 * channels + 288)
    let stride = count * channels
    compare("winogradInput", count: 36 * stride) {
      Kernels.winogradInput(image.base, input, first: 0, count: count, $0, outStride: stride, scratch.base)
    } _: {
      KernelsAVX2.winogradInput(image.base, wide, first: 0, count: count, $0, outStride: stride, scratch.base)
    }
    compare("winogradOutput", count: pixels * channels) {
      Kernels.winogradOutput(tiles.base, mStride: stride, input, first: 0, count: count, $0, scratch.base)
    } _: {
      KernelsAVX2.winogradOutput(tiles.base, mStride: stride, wide, first: 0, count: count, $0, scratch.base)
    }
    compare("winogradGradient", count: 36 * stride) {
      Kernels.winogradGradient(image.base, input, first: 0, count: count, $0, outStride: stride, scratch.base)
    } _: {
      KernelsAVX2.winogradGradient(image.base, wide, first: 0, count: count, $0, outStride: stride, scratch.base)
    }
    compare("winogradInputGradient", count: pixels * channels) {
      Kernels.winogradInputGradient(tiles.base, pStride: stride, input, first: 0, count: count, $0, scratch.base)
    } _: {
      KernelsAVX2.winogradInputGradient(tiles.base, pStride: stride, wide, first: 0, count: count, $0, scratch.base)
    }
    let (filters, real) = (side, channels - 3)
    let weights = noise(filters * real * 9, seed: 9)
    let panel = channels * 16
    compare("winogradWeights", count: 36 * panel) {
      Kernels.winogradWeights(
        weights.base, filters: filters, channels: real, transposed: false, rows: channels, panel: 0, $0,
        outStride: panel)
    } _: {
      KernelsAVX2.winogradWeights(
        weights.base, filters: filters, channels: real, transposed: false, rows: channels, panel: 0, $0,
        outStride: panel)
    }
    let padded = (filters + 7) / 8 * 8
    let sums = noise(36 * channels * padded, seed: 10)
    compare("winogradWeightGradient", count: filters * real * 9) {
      Kernels.winogradWeightGradient(
        sums.base, uStride: channels * padded, filters: filters, channels: real, paddedFilters: padded, $0)
    } _: {
      KernelsAVX2.winogradWeightGradient(
        sums.base, uStride: channels * padded, filters: filters, channels: real, paddedFilters: padded, $0)
    }
  }

  @Test(arguments: [3, 4, 5]) func winogradBlocks(taps: Int) {
    let (channels, filters, size) = (16, 24, 7)
    let step = 7 - taps
    let across = (size + step - 1) / step
    let count = across * across
    let tiles = Kernels.WinogradTiles(
      height: size, width: size, channels: channels, top: -1, left: 2, across: across, step: step)
    let wide = KernelsAVX2.WinogradTiles(
      height: size, width: size, channels: channels, top: -1, left: 2, across: across, step: step)
    let scratch = FloatBuffer(36 * channels + 288)
    let stride = count * channels
    let image = noise(size * size * channels, seed: 40)
    let points = noise(36 * stride, seed: 41)
    compare("winogradInput", count: 36 * stride) {
      Kernels.winogradInput(image.base, tiles, first: 0, count: count, $0, outStride: stride, scratch.base)
    } _: {
      KernelsAVX2.winogradInput(image.base, wide, first: 0, count: count, $0, outStride: stride, scratch.base)
    }
    compare("winogradOutput", count: size * size * channels) {
      Kernels.winogradOutput(points.base, mStride: stride, tiles, first: 0, count: count, $0, scratch.base)
    } _: {
      KernelsAVX2.winogradOutput(points.base, mStride: stride, wide, first: 0, count: count, $0, scratch.base)
    }
    compare("winogradGradient", count: 36 * stride) {
      Kernels.winogradGradient(image.base, tiles, first: 0, count: count, $0, outStride: stride, scratch.base)
    } _: {
      KernelsAVX2.winogradGradient(image.base, wide, first: 0, count: count, $0, outStride: stride, scratch.base)
    }
    let weights = noise(filters * channels * 7 * 6, seed: 42)
    let block = Kernels.WinogradBlock(kernelHeight: 7, kernelWidth: 6, taps: taps, row: 1, column: 1)
    let wideBlock = KernelsAVX2.WinogradBlock(kernelHeight: 7, kernelWidth: 6, taps: taps, row: 1, column: 1)
    for transposed in [false, true] {
      let rows = transposed ? filters : channels
      compare("winogradBlockWeights", count: 36 * rows * 16) {
        Kernels.winogradBlockWeights(
          weights.base, block, filters: filters, channels: channels, transposed: transposed, rows: rows, panel: 0, $0,
          outStride: rows * 16)
      } _: {
        KernelsAVX2.winogradBlockWeights(
          weights.base, wideBlock, filters: filters, channels: channels, transposed: transposed, rows: rows, panel: 0,
          $0, outStride: rows * 16)
      }
    }
    let sums = noise(36 * channels * filters, seed: 43)
    compare("winogradBlockWeightGradient", count: filters * channels * 42) {
      Kernels.winogradBlockWeightGradient(
        sums.base, block, uStride: channels * filters, filters: filters, channels: channels, paddedFilters: filters, $0)
    } _: {
      KernelsAVX2.winogradBlockWeightGradient(
        sums.base, wideBlock, uStride: channels * filters, filters: filters, channels: channels,
        paddedFilters: filters, $0)
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
      Kernels.toChannelsLast(x.base, channels: real, pixels: pixels, padded: channels, $0)
    } _: {
      KernelsAVX2.toChannelsLast(x.base, channels: real, pixels: pixels, padded: channels, $0)
    }
    compare("toPlanes", count: pixels * real) {
      Kernels.toPlanes(x.base, channels: real, pixels: pixels, padded: channels, $0)
    } _: {
      KernelsAVX2.toPlanes(x.base, channels: real, pixels: pixels, padded: channels, $0)
    }
    compare("channelAffine", count: pixels * channels) {
      Kernels.channelAffine(
        x.base, pixels: pixels, channels: channels, factor: factor, offset: offset, slope: 0.1, $0)
    } _: {
      KernelsAVX2.channelAffine(
        x.base, pixels: pixels, channels: channels, factor: factor, offset: offset, slope: 0.1, $0)
    }
    compare("channelGradient", count: pixels * channels) {
      Kernels.channelGradient(
        dy.base, x.base, pixels: pixels, channels: channels, factor: factor, offset: offset, slope: 0, a: a, b: b,
        c: c, $0)
    } _: {
      KernelsAVX2.channelGradient(
        dy.base, x.base, pixels: pixels, channels: channels, factor: factor, offset: offset, slope: 0, a: a, b: b,
        c: c, $0)
    }
    let codes = (
      PlaneBuffer<UInt32>(pixels * channels, repeating: 0), PlaneBuffer<UInt32>(pixels * channels, repeating: 0)
    )
    let chosen = (FloatBuffer(pixels * channels), FloatBuffer(pixels * channels))
    compare("channelAffinePool", count: pooled * channels) {
      Kernels.channelAffinePool(
        x.base, height: height, width: width, channels: channels, factor: factor, offset: offset, relu: true, $0,
        chosen: chosen.0.base, codes: codes.0.base)
    } _: {
      KernelsAVX2.channelAffinePool(
        x.base, height: height, width: width, channels: channels, factor: factor, offset: offset, relu: true, $0,
        chosen: chosen.1.base, codes: codes.1.base)
    }
    #expect(chosen.0.values == chosen.1.values)
    #expect((0..<pooled * channels / 8).allSatisfy { codes.0.base[$0] == codes.1.base[$0] })
    compare("channelPoolGradient", count: pixels * channels) {
      Kernels.channelPoolGradient(
        dy.base, codes.0.base, x.base, height: height, width: width, channels: channels, a: a, b: b, c: c, $0)
    } _: {
      KernelsAVX2.channelPoolGradient(
        dy.base, codes.0.base, x.base, height: height, width: width, channels: channels, a: a, b: b, c: c, $0)
    }
    func doubles(_ body: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void) -> [Double] {
      let sums = PlaneBuffer<Double>(2 * channels, repeating: 1)
      body(sums.base, sums.base + channels)
      return (0..<2 * channels).map { sums.base[$0] }
    }
    let moments = (
      doubles {
        Kernels.channelMoments(x.base, pixels: pixels, channels: channels, about: a, sums: $0, squares: $1)
      },
      doubles {
        KernelsAVX2.channelMoments(x.base, pixels: pixels, channels: channels, about: a, sums: $0, squares: $1)
      }
    )
    for (one, other) in zip(moments.0, moments.1) { #expect(abs(one - other) < 1e-4 * (1 + abs(one))) }
    let gradients = (
      doubles {
        Kernels.channelGradientSums(
          dy.base, x.base, pixels: pixels, channels: channels, factor: factor, offset: offset, slope: 0, mean: a,
          sums: $0, along: $1)
      },
      doubles {
        KernelsAVX2.channelGradientSums(
          dy.base, x.base, pixels: pixels, channels: channels, factor: factor, offset: offset, slope: 0, mean: a,
          sums: $0, along: $1)
      }
    )
    for (one, other) in zip(gradients.0, gradients.1) { #expect(abs(one - other) < 1e-4 * (1 + abs(one))) }
  }

  @Test(arguments: [1, 2, 5, 8], [1, 3]) func convolutionWithPooling(filters: Int, channels: Int) {
    for (height, width) in [(4, 4), (9, 21), (14, 35)] {
      let shape = Kernels.DirectShape(
        channels: channels, height: height, width: width, filters: filters, kernelHeight: 3, kernelWidth: 3)
      let x = noise(channels * height * width, seed: 20)
      let w = noise(filters * channels * 9, seed: 21)
      let bias = noise(filters + 3, seed: 22)
      let packed = FloatBuffer((filters + 2) / 3 * 3 * channels * 9)
      Kernel.packDirect(w.base, shape, packed.base)
      let pooled = filters * ((height - 2) / 2) * ((width - 2) / 2)
      let codes = (PlaneBuffer<UInt8>(pooled, repeating: 0), PlaneBuffer<UInt8>(pooled, repeating: 0))
      compare("convPool", count: pooled) {
        Kernel.convPool(x.base, shape, packed.base, bias.base, relu: true, $0, codes.0.base, fast: false)
      } _: {
        Kernel.convPool(x.base, shape, packed.base, bias.base, relu: true, $0, codes.1.base, fast: true)
      }
    }
  }

  @Test(arguments: [1, 7, 8, 9, 100]) func elementwise(count: Int) {
    let (x, z) = (noise(count, seed: 30), noise(count, seed: 31))
    compare("relu", count: count) {
      Kernels.reluForward(x.base, $0, count: count, slope: 0.1)
    } _: {
      KernelsAVX2.reluForward(x.base, $0, count: count, slope: 0.1)
    }
    compare("reluBackward", count: count) {
      Kernels.reluBackward(x.base, z.base, $0, count: count, slope: 0.1)
    } _: {
      KernelsAVX2.reluBackward(x.base, z.base, $0, count: count, slope: 0.1)
    }
    compare("accumulate", count: count) {
      Kernels.accumulate(x.base, into: $0, count: count)
    } _: {
      KernelsAVX2.accumulate(x.base, into: $0, count: count)
    }
    compare("affine", count: count) {
      Kernels.affine(x.base, $0, count: count, scale: 2, shift: 0.3)
    } _: {
      KernelsAVX2.affine(x.base, $0, count: count, scale: 2, shift: 0.3)
    }
    compare("affine2", count: count) {
      Kernels.affine2(x.base, z.base, $0, count: count, a: 2, b: 3, c: 4)
    } _: {
      KernelsAVX2.affine2(x.base, z.base, $0, count: count, a: 2, b: 3, c: 4)
    }
    compare("dropout", count: count, tolerance: 1e-6) {
      Kernels.dropoutApply(x.base, $0, count: count, first: 5, key: 77, threshold: 1 << 30, scale: 1.5)
    } _: {
      KernelsAVX2.dropoutApply(x.base, $0, count: count, first: 5, key: 77, threshold: 1 << 30, scale: 1.5)
    }
    let g = noise(count, seed: 32)
    let moments = noise(2 * count, seed: 33)
    for index in 0..<2 * count { moments.base[index] = abs(moments.base[index]) }
    func copies() -> FloatBuffer {
      let copy = FloatBuffer(2 * count)
      copy.copy(from: moments)
      return copy
    }
    compare("sgd", count: count) {
      let state = copies()
      Kernels.sgdUpdate(
        $0, g.base, state.base, count: count, rate: 0.1, momentum: 0.9, nesterov: true, decay: 0.01, scale: 0.5)
    } _: {
      let state = copies()
      KernelsAVX2.sgdUpdate(
        $0, g.base, state.base, count: count, rate: 0.1, momentum: 0.9, nesterov: true, decay: 0.01, scale: 0.5)
    }
    compare("rmsprop", count: count) {
      let state = copies()
      Kernels.rmspropUpdate(
        $0, g.base, state.base, count: count, rate: 0.1, keep: 0.9, epsilon: 1e-7, decay: 0.01, scale: 0.5)
    } _: {
      let state = copies()
      KernelsAVX2.rmspropUpdate(
        $0, g.base, state.base, count: count, rate: 0.1, keep: 0.9, epsilon: 1e-7, decay: 0.01, scale: 0.5)
    }
    compare("adam", count: count) {
      let state = copies()
      Kernels.adamUpdate(
        $0, g.base, state.base, state.base + count, count: count, rate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-7,
        decay: 0.01, shrink: 0.99, scale: 0.5)
    } _: {
      let state = copies()
      KernelsAVX2.adamUpdate(
        $0, g.base, state.base, state.base + count, count: count, rate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-7,
        decay: 0.01, shrink: 0.99, scale: 0.5)
    }
  }
}
