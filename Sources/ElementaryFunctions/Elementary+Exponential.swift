extension Elementary {
  /// e to the power of x. Error below 0.52 ulp.
  public static func exp(_ x: Double) -> Double {
    guard abs(x) < 750 else { return beyondExponential(x) }
    let (r, steps) = reducedExponential(x)
    return scaled(power(r, steps), steps >> 7)
  }

  /// 2 to the power of x; exact for whole x. Error below 0.52 ulp.
  public static func exp2(_ x: Double) -> Double {
    guard abs(x) < 1100 else { return beyondExponential(x) }
    let shifted = x * 128 + roundingShift
    let steps = wholeNumber(shifted)
    let r = x - (shifted - roundingShift) * 0x1p-7
    let entry = 2 * (steps & 127)
    let (step, missing) = (exponentialTable[entry], exponentialTable[entry + 1])
    let rest = missing + r * 0x1.62e42fefa39efp-1 + r * r * Polynomial.exponential2(r)
    return scaled(Pair(step, step * rest), steps >> 7)
  }

  /// eˣ − 1, also where x is small. Error below 0.54 ulp.
  public static func expm1(_ x: Double) -> Double {
    let size = abs(x)
    if size < 0.25 {
      guard size > 0x1p-55 else { return x }
      // x + x²/2 as a pair: the square of x's upper half is exact.
      let upper = upperHalf(x)
      let sum = Pair(large: x, plus: 0.5 * upper * upper)
      let square = 0.5 * (x - upper) * (x + upper)
      return sum.high + (sum.low + (square + x * x * x * Polynomial.exponentialMinusOne(x)))
    }
    guard x < 60 else { return exp(x) }
    guard x > -40 else { return -1 }
    let whole = exponentialPair(x)
    let less = Pair(whole.high, plus: -1)
    return less.high + (less.low + whole.low)
  }

  /// What is left of x when the nearest multiple of log 2/128 is taken away, and that multiple.
  @inline(__always)
  static func reducedExponential(_ x: Double) -> (r: Double, steps: Int) {
    let shifted = x * 0x1.71547652b82fep7 + roundingShift
    let count = shifted - roundingShift
    // log 2/128 in two parts; products with the first are exact.
    let r = (x - count * 0x1.62e42fefa0000p-8) - count * 0x1.cf79abc9e3b3ap-47
    return (r, wholeNumber(shifted))
  }

  /// e^r · 2^(i/128) for the last seven bits i of steps: a number from 1 to 2 of the table and what is missing.
  @inline(__always)
  static func power(_ r: Double, _ steps: Int) -> Pair {
    let entry = 2 * (steps & 127)
    let (step, missing) = (exponentialTable[entry], exponentialTable[entry + 1])
    let rest = missing + r + r * r * Polynomial.exponential(r)
    return Pair(step, step * rest)
  }

  /// eˣ for |x| < 700 as a pair, off by some 2⁻⁶¹ of it.
  @inline(__always)
  static func exponentialPair(_ x: Double) -> Pair {
    let (r, steps) = reducedExponential(x)
    let parts = power(r, steps)
    let scale = powerOfTwo(steps >> 7)
    return Pair(large: parts.high * scale, plus: parts.low * scale)
  }

  /// (high + low) · 2^exponent, rounded once, for a high from 1 to 2 with its fraction in the table and |low| < 2⁻⁷.
  @inline(__always)
  static func scaled(_ parts: Pair, _ exponent: Int) -> Double {
    guard exponent > -1022, exponent < 1023 else { return scaledFar(parts, exponent) }
    return (parts.high + parts.low) * powerOfTwo(exponent)
  }

  private static func scaledFar(_ parts: Pair, _ exponent: Int) -> Double {
    if exponent > 1025 { return .infinity }
    if exponent > 0 {
      let factor = powerOfTwo(exponent - 1000)
      return ((parts.high + parts.low) * factor) * 0x1p1000
    }
    if exponent < -1080 { return 0 }
    // A subnormal number has fewer bits: 1 is added, under which the sum is rounded at the place of its last bit, and
    // taken away.
    let factor = powerOfTwo(exponent + 1022)
    let (high, low) = (parts.high * factor, parts.low * factor)
    var sum = high + low
    if sum < 1 {
      let rest = (high - sum) + low
      let lifted = 1 + sum
      sum = (lifted + ((1 - lifted + sum) + rest)) - 1
    }
    return sum * 0x1p-1022
  }

  /// For an x that is no number, or so far from 0 that the power is 0 or infinite.
  private static func beyondExponential(_ x: Double) -> Double { x > 0 ? .infinity : x < 0 ? 0 : x }
}
