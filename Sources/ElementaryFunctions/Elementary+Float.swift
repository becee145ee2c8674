extension Elementary {
  // Computed in Double with as many terms as a Float needs, without a branch, so that loops over arrays become vectors
  // wherever they are compiled; rounded once. Errors below 0.501 ulp.

  @inlinable @inline(__always)
  public static func exp(_ x: Float) -> Float {
    let below = x > 100 ? 100 : x
    let (power, scale) = shortPower(Double(below < -120 ? -120 : below))
    return Float(power * scale + scale)
  }

  @inlinable @inline(__always)
  public static func log(_ x: Float) -> Float {
    let value = Double(x)
    // x = 2^k z with z in [√½, √2); the exponent becomes the last digits of a number from 2⁵² on, and those a Double.
    let offset = value.bitPattern &+ 0x0009_5F61_9980_C433
    let count = Double(bitPattern: offset >> 52 | 0x4330_0000_0000_0000) - 0x1.00000000003ffp52
    let z = Double(bitPattern: (offset & 0x000F_FFFF_FFFF_FFFF) &+ 0x3FE6_A09E_667F_3BCD)
    let s = (z - 1) / (z + 1)
    let square = s * s
    let result = count * 0x1.62e42fefa39efp-1 + (2 * s + s * square * Polynomial.shortLogarithm(square))
    let finite = value < .infinity ? result : value
    return Float(value > 0 ? finite : value == 0 ? -.infinity : .nan)
  }

  @inlinable @inline(__always)
  public static func tanh(_ x: Float) -> Float {
    let size = x.magnitude
    let (power, scale) = shortPower(2 * Double(size > 10 ? 10 : size))
    // e²ˣ − 1, exact also where x is small
    let above = power * scale + (scale - 1)
    return Float(magnitude(above / (above + 2), sign: Double(x)))
  }

  /// 1/(1 + e⁻ˣ)
  @inlinable @inline(__always)
  public static func sigmoid(_ x: Float) -> Float {
    let below = x > 60 ? 60 : x
    let (power, scale) = shortPower(-Double(below < -120 ? -120 : below))
    return Float(1 / (1 + (power * scale + scale)))
  }

  public static func sin(_ x: Float) -> Float { shortSine(x, quarter: 0) }
  public static func cos(_ x: Float) -> Float { shortSine(x, quarter: 1) }

  // The others are Double's, rounded.

  public static func exp2(_ x: Float) -> Float { Float(exp2(Double(x))) }
  public static func expm1(_ x: Float) -> Float { Float(expm1(Double(x))) }
  public static func log2(_ x: Float) -> Float { Float(log2(Double(x))) }
  public static func log10(_ x: Float) -> Float { Float(log10(Double(x))) }
  public static func log1p(_ x: Float) -> Float { Float(log1p(Double(x))) }
  public static func pow(_ x: Float, _ y: Float) -> Float { Float(pow(Double(x), Double(y))) }
  public static func tan(_ x: Float) -> Float { Float(tan(Double(x))) }
  public static func asin(_ x: Float) -> Float { Float(asin(Double(x))) }
  public static func acos(_ x: Float) -> Float { Float(acos(Double(x))) }
  public static func atan(_ x: Float) -> Float { Float(atan(Double(x))) }
  public static func atan2(_ y: Float, _ x: Float) -> Float { Float(atan2(Double(y), Double(x))) }
  public static func sinh(_ x: Float) -> Float { Float(sinh(Double(x))) }
  public static func cosh(_ x: Float) -> Float { Float(cosh(Double(x))) }
  public static func softplus(_ x: Float) -> Float { Float(softplus(Double(x))) }

  /// eˣ as 2^k and (eʳ − 1), which times 2^k and with 2^k added is the power; |x| at most 120.
  @inlinable @inline(__always)
  static func shortPower(_ x: Double) -> (power: Double, scale: Double) {
    let shifted = x * 0x1.71547652b82fep0 + roundingShift
    let r = x - (shifted - roundingShift) * 0x1.62e42fefa39efp-1
    // The lowest bits of the shifted number are k.
    let scale = Double(bitPattern: (shifted.bitPattern &+ 1023) << 52)
    return (r + r * r * Polynomial.shortExponential(r), scale)
  }

  /// sin(x + quarter · π/2)
  @inline(__always)
  private static func shortSine(_ x: Float, quarter: Int) -> Float {
    let size = Double(x.magnitude)
    guard size < 0x1p20 else { return Float(quarter == 0 ? sin(Double(x)) : cos(Double(x))) }
    let shifted = size * 0x1.45f306dc9c883p-1 + roundingShift
    let count = shifted - roundingShift
    let r = (size - count * 0x1.921fb544p0) - count * 0x1.0b4611a626331p-34
    let z = r * r
    let quadrant = UInt64(truncatingIfNeeded: wholeNumber(shifted) &+ quarter)
    let sine = r + r * z * Polynomial.shortSine(z)
    let cosine = 1 - 0.5 * z + z * z * Polynomial.shortCosine(z)
    // Chosen by a mask: a branch would be guessed wrong half of the time.
    let mask = 0 &- (quadrant & 1)
    let bits = sine.bitPattern & ~mask | cosine.bitPattern & mask
    let sign = quarter == 0 ? Double(x).bitPattern & 1 << 63 : 0
    return Float(Double(bitPattern: bits ^ (quadrant & 2) << 62 ^ sign))
  }
}
