import KernelInterface

// The one file that differs between Kernels, KernelsAVX2 and KernelsAVX512.

/// The kernels for any processor.
public enum Compilation: KernelSet {
  public static let name = "portable"
}

typealias Wide = SIMD8<Float>
typealias WideDouble = Double4
/// Rows of a product that stand in registers together: two vectors each.
typealias TallTile = Tile<2, 4>
typealias MiddleTile = Tile<2, 4>
typealias LowTile = Tile<2, 4>
/// Filters of `convPoolForward` whose sums stand in registers together, in the image and at a row's end.
typealias DirectTile = Tile<3, 12>
typealias DirectEdge = Tile<3, 6>
/// Tiles of which a line of sums stands in registers: see `winogradFewTiles`.
let tilesTogether = 2

#if arch(arm64)
  /// acc + a · b, rounded once.
  @inline(__always)
  func multiplyAdd(_ accumulator: V8, _ a: V8, _ b: V8) -> V8 { accumulator.addingProduct(a, b) }
#else
  /// acc + a · b, rounded once, without an instruction for it: a product of floats is exact in double; the sum is rounded
  /// to odd in double, so that rounding it to float is rounding once (Boldo and Melquiond 2008, "Emulation of FMA and
  /// correctly rounded sums: proved algorithms using rounding to odd"). Called, since copies of it at every place took the
  /// compiler more than a minute; its sixty instructions cost far more than the call.
  @inline(never)
  func multiplyAdd(_ accumulator: V8, _ a: V8, _ b: V8) -> V8 {
    let product = SIMD8<Double>(a) * SIMD8<Double>(b)
    let addend = SIMD8<Double>(accumulator)
    let sum = product + addend
    // What the sum has lost (Knuth's TwoSum). Not a number where the sum is infinite: no comparison holds then.
    let shift = sum - product
    let lost = (product - (sum - shift)) + (addend - shift)
    let direction = lost * sum
    let bits = unsafeBitCast(sum, to: SIMD8<Int64>.self)
    // −1 in each lane where it holds.
    let farther = unsafeBitCast(direction .> 0, to: SIMD8<Int64>.self)
    let nearer = unsafeBitCast(direction .< 0, to: SIMD8<Int64>.self)
    let isEven = (bits & 1) &- 1
    let odd = bits &+ (isEven & (nearer &- farther))
    return V8(unsafeBitCast(odd, to: SIMD8<Double>.self))
  }
#endif

@inline(__always)
func multiplyAdd(_ accumulator: SIMD16<Float>, _ a: SIMD16<Float>, _ b: SIMD16<Float>) -> SIMD16<Float> {
  SIMD16(
    lowHalf: multiplyAdd(accumulator.lowHalf, a.lowHalf, b.lowHalf),
    highHalf: multiplyAdd(accumulator.highHalf, a.highHalf, b.highHalf))
}
