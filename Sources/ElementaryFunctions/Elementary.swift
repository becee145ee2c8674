/// The elementary functions, the same bits on every processor and under every system.
///
/// A mathematics library of the system chooses its code by the processor, and its next release is other code. These
/// functions are made of + − × ÷ √, comparisons and integer operations on bit patterns alone, which IEEE 754 defines to
/// the last bit and which Swift neither reorders nor contracts to fused operations. There is no second path.
///
/// The methods are published ones: tables of 2^(i/128) and log c with a polynomial for what is left (Tang 1989, 1990;
/// the split of the argument follows Arm's optimized routines), Cody and Waite's and Payne and Hanek's reductions,
/// corrections in pairs of doubles (Dekker 1971). Each function says by how many units in the last place (ulp) it may
/// be off; 0.5 would be the nearest double always. `Tests/ElementaryFunctionsTests` holds them to it.
///
/// Special values are those of C99, Annex F. The functions of `Float` give what is nearest to the true value but for
/// some of 10,000 arguments: they are computed in `Double` and rounded once.
public enum Elementary {}

// MARK: Pairs of doubles

/// An unevaluated sum of two doubles: some 106 bits.
struct Pair {
  var high: Double
  var low: Double

  @inline(__always)
  init(_ high: Double, _ low: Double) {
    self.high = high
    self.low = low
  }

  /// a + b exactly, for |a| ≥ |b| or a = 0 (Dekker).
  @inline(__always)
  init(large a: Double, plus b: Double) {
    high = a + b
    low = (a - high) + b
  }

  /// a + b exactly, whichever is the larger (Knuth).
  @inline(__always)
  init(_ a: Double, plus b: Double) {
    high = a + b
    let back = high - a
    low = (a - (high - back)) + (b - back)
  }

  /// a × b but for some 2⁻¹⁰⁶ of it, where neither over- nor underflows: halves of 26 and 27 bits have exact products.
  @inline(__always)
  init(_ a: Double, times b: Double) {
    let (x, y) = (upperHalf(a), upperHalf(b))
    let (u, v) = (a - x, b - y)
    high = a * b
    low = ((x * y - high) + x * v + u * y) + u * v
  }

  /// The quotient of two pairs, rounded to a double, off by little more than half an ulp.
  @inline(__always)
  static func / (a: Pair, b: Pair) -> Double {
    let first = a.high / b.high
    let product = Pair(first, times: b.high)
    let rest = ((a.high - product.high) - product.low) + (a.low - first * b.low)
    return first + rest / b.high
  }
}

/// The number's first 26 bits.
@inline(__always)
func upperHalf(_ x: Double) -> Double { Double(bitPattern: x.bitPattern & 0xFFFF_FFFF_F800_0000) }

/// |x| with the sign of another number.
@inlinable @inline(__always)
func magnitude(_ x: Double, sign: Double) -> Double {
  Double(bitPattern: (x.bitPattern & 0x7FFF_FFFF_FFFF_FFFF) | (sign.bitPattern & 0x8000_0000_0000_0000))
}

/// Adding and taking away 1.5 × 2⁵² rounds to the nearest whole number, halves to the even one, below 2⁵¹.
@inlinable @inline(__always)
var roundingShift: Double { 0x1.8p52 }

/// Between the two the lowest bits of the sum are that number.
@inlinable @inline(__always)
func wholeNumber(_ shifted: Double) -> Int {
  Int(truncatingIfNeeded: Int64(bitPattern: shifted.bitPattern &- roundingShift.bitPattern))
}

/// 2^exponent for an exponent of normal numbers.
@inlinable @inline(__always)
func powerOfTwo(_ exponent: Int) -> Double {
  Double(bitPattern: UInt64(truncatingIfNeeded: exponent &+ 1023) << 52)
}
