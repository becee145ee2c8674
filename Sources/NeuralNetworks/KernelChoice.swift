import Kernels
import KernelsAVX2
import Tensors

typealias ColumnsShape = Kernels.ColumnsShape
typealias DirectShape = Kernels.DirectShape
typealias Floats = UnsafePointer<Float>
typealias MutableFloats = UnsafeMutablePointer<Float>

/// The kernels for the processor that this runs on: the same source compiled with and without AVX2 and FMA.
enum Kernel {
  @inline(__always) static var fast: Bool { Processor.usesAVX2 }

  static func packDirect(_ w: Floats, _ s: DirectShape, _ packed: MutableFloats) {
    packDirectWeights(w, s, into: packed)
  }

  static func convPool(
    _ x: Floats, _ s: DirectShape, _ w: Floats, _ bias: Floats, relu: Bool, _ y: MutableFloats,
    _ codes: UnsafeMutablePointer<UInt8>, fast: Bool = Kernel.fast
  ) {
    if fast {
      let shape = KernelsAVX2.DirectShape(
        channels: s.channels, height: s.height, width: s.width, filters: s.filters, kernelHeight: s.kernelHeight,
        kernelWidth: s.kernelWidth)
      KernelsAVX2.convPoolForward(x, shape, w, bias, relu: relu, y, codes)
    } else {
      Kernels.convPoolForward(x, s, w, bias, relu: relu, y, codes)
    }
  }

  static func sparseWeights(
    _ x: Floats, _ o: UnsafePointer<Int32>, _ v: Floats, _ n: Int, _ taps: UnsafePointer<Int>, _ tapCount: Int,
    _ g: MutableFloats, fast: Bool = Kernel.fast
  ) {
    if fast {
      KernelsAVX2.sparseWeightGradient(x, o, v, n, taps, tapCount, g)
    } else {
      Kernels.sparseWeightGradient(x, o, v, n, taps, tapCount, g)
    }
  }

  static func sparseInput(
    _ dx: MutableFloats, _ o: UnsafePointer<Int32>, _ v: Floats, _ n: Int, _ taps: UnsafePointer<Int>, _ tapCount: Int,
    _ w: Floats, fast: Bool = Kernel.fast
  ) {
    if fast {
      KernelsAVX2.sparseInputGradient(dx, o, v, n, taps, tapCount, w)
    } else {
      Kernels.sparseInputGradient(dx, o, v, n, taps, tapCount, w)
    }
  }

  static func dropout(
    _ x: Floats, _ y: MutableFloats, count: Int, first: UInt32, key: UInt32, threshold: UInt32, scale: Float
  ) {
    if fast {
      KernelsAVX2.dropoutApply(x, y, count: count, first: first, key: key, threshold: threshold, scale: scale)
    } else {
      Kernels.dropoutApply(x, y, count: count, first: first, key: key, threshold: threshold, scale: scale)
    }
  }

  static func relu(_ x: Floats, _ y: MutableFloats, _ count: Int, slope: Float) {
    if fast {
      KernelsAVX2.reluForward(x, y, count: count, slope: slope)
    } else {
      Kernels.reluForward(x, y, count: count, slope: slope)
    }
  }

  static func reluBackward(_ y: Floats, _ dy: Floats, _ dx: MutableFloats, _ count: Int, slope: Float) {
    if fast {
      KernelsAVX2.reluBackward(y, dy, dx, count: count, slope: slope)
    } else {
      Kernels.reluBackward(y, dy, dx, count: count, slope: slope)
    }
  }

  static func accumulate(_ x: Floats, into y: MutableFloats, _ count: Int) {
    if fast { KernelsAVX2.accumulate(x, into: y, count: count) } else { Kernels.accumulate(x, into: y, count: count) }
  }

  static func affine(_ x: Floats, _ y: MutableFloats, _ count: Int, scale: Float, shift: Float) {
    if fast {
      KernelsAVX2.affine(x, y, count: count, scale: scale, shift: shift)
    } else {
      Kernels.affine(x, y, count: count, scale: scale, shift: shift)
    }
  }

  static func affine2(_ x: Floats, _ z: Floats, _ y: MutableFloats, _ count: Int, a: Float, b: Float, c: Float) {
    if fast {
      KernelsAVX2.affine2(x, z, y, count: count, a: a, b: b, c: c)
    } else {
      Kernels.affine2(x, z, y, count: count, a: a, b: b, c: c)
    }
  }

  static func sum(_ x: Floats, _ count: Int) -> Float {
    fast ? KernelsAVX2.sum(x, count: count) : Kernels.sum(x, count: count)
  }

  static func centredDot(_ x: Floats, _ y: Floats, _ count: Int, _ mx: Float, _ my: Float) -> Float {
    fast ? KernelsAVX2.centredDot(x, y, count: count, mx, my) : Kernels.centredDot(x, y, count: count, mx, my)
  }
}

extension Kernel {
  static func imageToColumns(_ x: Floats, _ s: ColumnsShape, _ columns: MutableFloats) {
    if fast { KernelsAVX2.imageToColumns(x, s.wide, columns) } else { Kernels.imageToColumns(x, s, columns) }
  }

  /// Adds to what is in `x`.
  static func columnsToImage(_ columns: Floats, _ s: ColumnsShape, _ x: MutableFloats) {
    if fast { KernelsAVX2.columnsToImage(columns, s.wide, x) } else { Kernels.columnsToImage(columns, s, x) }
  }
}

extension ColumnsShape {
  fileprivate var wide: KernelsAVX2.ColumnsShape {
    KernelsAVX2.ColumnsShape(
      channels: channels, height: height, width: width, kernelHeight: kernelHeight, kernelWidth: kernelWidth,
      strideY: strideY, strideX: strideX, top: top, left: left, outHeight: outHeight, outWidth: outWidth)
  }
}
