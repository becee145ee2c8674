extension Elementary {
  /// The sine of an angle in radians, of whatever size. Error below 0.65 ulp.
  public static func sin(_ x: Double) -> Double {
    let size = abs(x)
    guard size > 0x1p-27 else { return x }
    guard size < .infinity else { return .nan }
    let sine = ReducedAngle(size).sine(quarters: 0)
    let value = sine.high + sine.low
    return x < 0 ? -value : value
  }

  /// The cosine of an angle in radians, of whatever size. Error below 0.65 ulp.
  public static func cos(_ x: Double) -> Double {
    let size = abs(x)
    guard size < .infinity else { return .nan }
    let cosine = ReducedAngle(size).sine(quarters: 1)
    return cosine.high + cosine.low
  }

  /// The tangent of an angle in radians, of whatever size. Error below 0.7 ulp.
  public static func tan(_ x: Double) -> Double {
    let size = abs(x)
    guard size > 0x1p-27 else { return x }
    guard size < .infinity else { return .nan }
    let angle = ReducedAngle(size)
    let (sine, cosine) = (angle.sine(quarters: 0), angle.sine(quarters: 1))
    let value = Pair(large: sine.high, plus: sine.low) / Pair(large: cosine.high, plus: cosine.low)
    return x < 0 ? -value : value
  }

  /// The arcus sine, from −π/2 to π/2; no number outside −1 to 1. Error below 0.7 ulp.
  public static func asin(_ x: Double) -> Double {
    let size = abs(x)
    if size < 0.5 {
      guard size > 0x1p-27 else { return x }
      let z = x * x
      return x + x * z * Polynomial.arcsine(z)
    }
    guard size < 1 else { return size == 1 ? magnitude(halfPi.high, sign: x) : .nan }
    // sin(π/2 − 2 a) = 1 − 2 sin² a
    let half = halfAngle(size)
    let sum = Pair(large: halfPi.high, plus: -2 * half.high)
    return magnitude(sum.high + (sum.low + (halfPi.low - 2 * half.low)), sign: x)
  }

  /// The arcus cosine, from 0 to π; no number outside −1 to 1. Error below 0.7 ulp.
  public static func acos(_ x: Double) -> Double {
    let size = abs(x)
    if size < 0.5 {
      let z = x * x
      let difference = Pair(large: halfPi.high, plus: -x)
      return difference.high + (difference.low + (halfPi.low - x * z * Polynomial.arcsine(z)))
    }
    guard size < 1 else { return x == 1 ? 0 : x == -1 ? 2 * halfPi.high : .nan }
    let half = halfAngle(size)
    if x > 0 { return 2 * (half.high + half.low) }
    let sum = Pair(large: 2 * halfPi.high, plus: -2 * half.high)
    return sum.high + (sum.low + (2 * halfPi.low - 2 * half.low))
  }

  /// The arcus tangent, from −π/2 to π/2. Error below 0.7 ulp.
  public static func atan(_ x: Double) -> Double {
    let size = abs(x)
    guard size > 0x1p-27 else { return x }
    if size <= 1 {
      let angle = arctangent(size, 0)
      return magnitude(angle.high + angle.low, sign: x)
    }
    guard size < 0x1p60 else { return x.isNaN ? x : magnitude(halfPi.high, sign: x) }
    let inverse = 1 / size
    let product = Pair(inverse, times: size)
    let angle = arctangent(inverse, ((1 - product.high) - product.low) * inverse)
    let sum = Pair(large: halfPi.high, plus: -angle.high)
    return magnitude(sum.high + (sum.low + (halfPi.low - angle.low)), sign: x)
  }

  /// The angle from −π to π in which the point (x, y) is seen from (0, 0). Error below 0.7 ulp.
  ///
  /// As C99, Annex F: the signs of zeros count, so that atan2(±0, −1) is ±π and atan2(±0, 1) is ±0; for two infinities
  /// the angle is a multiple of π/4.
  public static func atan2(_ y: Double, _ x: Double) -> Double {
    guard !x.isNaN, !y.isNaN else { return .nan }
    var (height, width) = (abs(y), abs(x))
    let back = x.sign == .minus
    if height == 0 { return magnitude(back ? 2 * halfPi.high : 0, sign: y) }
    if height == .infinity {
      let angle = width < .infinity ? halfPi.high : back ? 0x1.2d97c7f3321d2p1 : 0x1.921fb54442d18p-1
      return magnitude(angle, sign: y)
    }
    if width == .infinity { return magnitude(back ? 2 * halfPi.high : 0, sign: y) }
    // Far from the diagonals the angle is the axis's, or the quotient itself; else both sides are brought where
    // products keep all their bits.
    if height * 0x1p-64 > width || width == 0 { return magnitude(halfPi.high, sign: y) }
    if width * 0x1p-64 > height { return magnitude(back ? 2 * halfPi.high : height / width, sign: y) }
    if height < 0x1p-800 || width < 0x1p-800 {
      height *= 0x1p200
      width *= 0x1p200
    }
    let steep = height > width
    let (less, more) = steep ? (width, height) : (height, width)
    let quotient = less / more
    let product = Pair(quotient, times: more)
    let angle = arctangent(quotient, ((less - product.high) - product.low) / more)
    if !steep, !back { return magnitude(angle.high + angle.low, sign: y) }
    // π/2 − a, π/2 + a or π − a
    let base = steep ? halfPi : Pair(2 * halfPi.high, 2 * halfPi.low)
    let turn = steep && back ? 1.0 : -1.0
    let sum = Pair(large: base.high, plus: turn * angle.high)
    return magnitude(sum.high + (sum.low + (base.low + turn * angle.low)), sign: y)
  }

  @inline(__always)
  private static var halfPi: Pair { Pair(0x1.921fb54442d18p0, 0x1.1a62633145c07p-54) }

  /// asin √((1 − x)/2) for x from 0.5 to 1: half of acos x.
  @inline(__always)
  private static func halfAngle(_ x: Double) -> Pair {
    let z = 0.5 * (1 - x)
    let root = z.squareRoot()
    let product = Pair(root, times: root)
    let missing = ((z - product.high) - product.low) / (2 * root)
    return Pair(root, missing + root * z * Polynomial.arcsine(z))
  }

  /// The arcus tangent of q + rest for q from 0 to 1: of the next sixteenth c from a table, and of (q − c)/(1 + c q).
  @inline(__always)
  private static func arctangent(_ q: Double, _ rest: Double) -> Pair {
    if q < 0.22 {
      let z = q * q
      return Pair(q, rest * (1 - z) + q * z * Polynomial.arctangent(z))
    }
    let i = Int(q * 16 + 0.5)
    let c = Double(i) * 0.0625
    let t = ((q - c) + rest) / (1 + c * q)
    let z = t * t
    let sum = Pair(large: arctangentTable[2 * i], plus: t)
    return Pair(sum.high, sum.low + (arctangentTable[2 * i + 1] + t * z * Polynomial.arctangentNear(z)))
  }
}
