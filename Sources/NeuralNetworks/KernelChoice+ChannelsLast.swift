import Kernels
import KernelsAVX2

typealias WinogradTiles = Kernels.WinogradTiles
typealias Places = UnsafePointer<Int>
typealias Doubles = UnsafeMutablePointer<Double>
typealias Words = UnsafeMutablePointer<UInt32>

extension WinogradTiles {
  fileprivate var wide: KernelsAVX2.WinogradTiles {
    KernelsAVX2.WinogradTiles(
      height: height, width: width, channels: channels, top: top, left: left, across: across, step: step)
  }
}

typealias WinogradBlock = Kernels.WinogradBlock

extension WinogradBlock {
  fileprivate var wide: KernelsAVX2.WinogradBlock {
    KernelsAVX2.WinogradBlock(
      kernelHeight: kernelHeight, kernelWidth: kernelWidth, taps: taps, row: row, column: column)
  }
}

/// The kernels over images [height, width, channels].
extension Kernel {
  static func panelProduct(
    _ a: Floats, _ rows: Places, _ rowCount: Int, segments: Int = 1, segmentStride: Int = 0, depth: Int,
    _ panels: Floats, filters: Int, _ out: MutableFloats, outStride: Int, adds: Bool = false
  ) {
    if fast {
      KernelsAVX2.panelProduct(
        a, rows, rowCount, segments: segments, segmentStride: segmentStride, depth: depth, panels, filters: filters,
        out, outStride: outStride, adds: adds)
    } else {
      Kernels.panelProduct(
        a, rows, rowCount, segments: segments, segmentStride: segmentStride, depth: depth, panels, filters: filters,
        out, outStride: outStride, adds: adds)
    }
  }

  static func panelGradient(
    _ a: Floats, _ taps: Places, _ tapCount: Int, lines: Int, aLine: Int, bLine: Int, steps: Int, aStep: Int,
    bStep: Int, _ b: Floats, filters: Int, _ out: MutableFloats
  ) {
    if fast {
      KernelsAVX2.panelGradient(
        a, taps, tapCount, lines: lines, aLine: aLine, bLine: bLine, steps: steps, aStep: aStep, bStep: bStep, b,
        filters: filters, out)
    } else {
      Kernels.panelGradient(
        a, taps, tapCount, lines: lines, aLine: aLine, bLine: bLine, steps: steps, aStep: aStep, bStep: bStep, b,
        filters: filters, out)
    }
  }

  static func winogradInput(
    _ x: Floats, _ s: WinogradTiles, first: Int, count: Int, _ out: MutableFloats, outStride: Int,
    _ scratch: MutableFloats
  ) {
    if fast {
      KernelsAVX2.winogradInput(x, s.wide, first: first, count: count, out, outStride: outStride, scratch)
    } else {
      Kernels.winogradInput(x, s, first: first, count: count, out, outStride: outStride, scratch)
    }
  }

  static func winogradOutput(
    _ m: MutableFloats, mStride: Int, _ s: WinogradTiles, first: Int, count: Int, _ y: MutableFloats,
    _ scratch: MutableFloats
  ) {
    if fast {
      KernelsAVX2.winogradOutput(m, mStride: mStride, s.wide, first: first, count: count, y, scratch)
    } else {
      Kernels.winogradOutput(m, mStride: mStride, s, first: first, count: count, y, scratch)
    }
  }

  static func winogradGradient(
    _ dy: Floats, _ s: WinogradTiles, first: Int, count: Int, _ out: MutableFloats, outStride: Int,
    _ scratch: MutableFloats
  ) {
    if fast {
      KernelsAVX2.winogradGradient(dy, s.wide, first: first, count: count, out, outStride: outStride, scratch)
    } else {
      Kernels.winogradGradient(dy, s, first: first, count: count, out, outStride: outStride, scratch)
    }
  }

  static func winogradInputGradient(
    _ p: MutableFloats, pStride: Int, _ s: WinogradTiles, first: Int, count: Int, _ dx: MutableFloats,
    _ scratch: MutableFloats
  ) {
    if fast {
      KernelsAVX2.winogradInputGradient(p, pStride: pStride, s.wide, first: first, count: count, dx, scratch)
    } else {
      Kernels.winogradInputGradient(p, pStride: pStride, s, first: first, count: count, dx, scratch)
    }
  }

  static func winogradWeights(
    _ w: Floats, filters: Int, channels: Int, transposed: Bool, rows: Int, panel: Int, _ out: MutableFloats,
    outStride: Int
  ) {
    if fast {
      KernelsAVX2.winogradWeights(
        w, filters: filters, channels: channels, transposed: transposed, rows: rows, panel: panel, out,
        outStride: outStride)
    } else {
      Kernels.winogradWeights(
        w, filters: filters, channels: channels, transposed: transposed, rows: rows, panel: panel, out,
        outStride: outStride)
    }
  }

  static func winogradWeightGradient(
    _ u: Floats, uStride: Int, filters: Int, channels: Int, paddedFilters: Int, _ out: MutableFloats
  ) {
    if fast {
      KernelsAVX2.winogradWeightGradient(
        u, uStride: uStride, filters: filters, channels: channels, paddedFilters: paddedFilters, out)
    } else {
      Kernels.winogradWeightGradient(
        u, uStride: uStride, filters: filters, channels: channels, paddedFilters: paddedFilters, out)
    }
  }

  static func winogradBlockWeights(
    _ w: Floats, _ block: WinogradBlock, filters: Int, channels: Int, transposed: Bool, rows: Int, panel: Int,
    _ out: MutableFloats, outStride: Int
  ) {
    if fast {
      KernelsAVX2.winogradBlockWeights(
        w, block.wide, filters: filters, channels: channels, transposed: transposed, rows: rows, panel: panel, out,
        outStride: outStride)
    } else {
      Kernels.winogradBlockWeights(
        w, block, filters: filters, channels: channels, transposed: transposed, rows: rows, panel: panel, out,
        outStride: outStride)
    }
  }

  static func winogradBlockWeightGradient(
    _ u: Floats, _ block: WinogradBlock, uStride: Int, filters: Int, channels: Int, paddedFilters: Int,
    _ out: MutableFloats
  ) {
    if fast {
      KernelsAVX2.winogradBlockWeightGradient(
        u, block.wide, uStride: uStride, filters: filters, channels: channels, paddedFilters: paddedFilters, out)
    } else {
      Kernels.winogradBlockWeightGradient(
        u, block, uStride: uStride, filters: filters, channels: channels, paddedFilters: paddedFilters, out)
    }
  }

  static func toChannelsLast(_ x: Floats, channels: Int, pixels: Int, padded: Int, _ y: MutableFloats) {
    if fast {
      KernelsAVX2.toChannelsLast(x, channels: channels, pixels: pixels, padded: padded, y)
    } else {
      Kernels.toChannelsLast(x, channels: channels, pixels: pixels, padded: padded, y)
    }
  }

  static func toPlanes(_ x: Floats, channels: Int, pixels: Int, padded: Int, _ y: MutableFloats) {
    if fast {
      KernelsAVX2.toPlanes(x, channels: channels, pixels: pixels, padded: padded, y)
    } else {
      Kernels.toPlanes(x, channels: channels, pixels: pixels, padded: padded, y)
    }
  }

  static func channelMoments(
    _ x: Floats, pixels: Int, channels: Int, about: Floats, sums: Doubles, squares: Doubles
  ) {
    if fast {
      KernelsAVX2.channelMoments(x, pixels: pixels, channels: channels, about: about, sums: sums, squares: squares)
    } else {
      Kernels.channelMoments(x, pixels: pixels, channels: channels, about: about, sums: sums, squares: squares)
    }
  }

  static func channelAffine(
    _ x: Floats, pixels: Int, channels: Int, factor: Floats, offset: Floats, slope: Float, _ y: MutableFloats
  ) {
    if fast {
      KernelsAVX2.channelAffine(x, pixels: pixels, channels: channels, factor: factor, offset: offset, slope: slope, y)
    } else {
      Kernels.channelAffine(x, pixels: pixels, channels: channels, factor: factor, offset: offset, slope: slope, y)
    }
  }

  static func channelAffinePool(
    _ x: Floats, height: Int, width: Int, channels: Int, factor: Floats, offset: Floats, relu: Bool,
    _ y: MutableFloats, chosen: MutableFloats?, codes: Words?
  ) {
    if fast {
      KernelsAVX2.channelAffinePool(
        x, height: height, width: width, channels: channels, factor: factor, offset: offset, relu: relu, y,
        chosen: chosen, codes: codes)
    } else {
      Kernels.channelAffinePool(
        x, height: height, width: width, channels: channels, factor: factor, offset: offset, relu: relu, y,
        chosen: chosen, codes: codes)
    }
  }

  static func channelGradientSums(
    _ dy: Floats, _ x: Floats, pixels: Int, channels: Int, factor: Floats, offset: Floats, slope: Float,
    mean: Floats, sums: Doubles, along: Doubles
  ) {
    if fast {
      KernelsAVX2.channelGradientSums(
        dy, x, pixels: pixels, channels: channels, factor: factor, offset: offset, slope: slope, mean: mean,
        sums: sums, along: along)
    } else {
      Kernels.channelGradientSums(
        dy, x, pixels: pixels, channels: channels, factor: factor, offset: offset, slope: slope, mean: mean,
        sums: sums, along: along)
    }
  }

  static func channelGradient(
    _ dy: Floats, _ x: Floats, pixels: Int, channels: Int, factor: Floats, offset: Floats, slope: Float, a: Floats,
    b: Floats, c: Floats, _ dx: MutableFloats
  ) {
    if fast {
      KernelsAVX2.channelGradient(
        dy, x, pixels: pixels, channels: channels, factor: factor, offset: offset, slope: slope, a: a, b: b, c: c, dx)
    } else {
      Kernels.channelGradient(
        dy, x, pixels: pixels, channels: channels, factor: factor, offset: offset, slope: slope, a: a, b: b, c: c, dx)
    }
  }

  static func channelPoolGradient(
    _ dy: Floats, _ codes: Words, _ x: Floats?, height: Int, width: Int, channels: Int, a: Floats, b: Floats,
    c: Floats, _ dx: MutableFloats
  ) {
    if fast {
      KernelsAVX2.channelPoolGradient(
        dy, codes, x, height: height, width: width, channels: channels, a: a, b: b, c: c, dx)
    } else {
      Kernels.channelPoolGradient(
        dy, codes, x, height: height, width: width, channels: channels, a: a, b: b, c: c, dx)
    }
  }
}
