extension Elementary {
  /// x to the power of y; where the power of whole numbers is a double it is that double. Error below 0.52 ulp.
  ///
  /// As C99, Annex F, and Python's `math.pow`: 1 to whatever power and whatever to the power of 0 are 1; a negative x
  /// needs a whole y, else the power is no number.
  public static func pow(_ x: Double, _ y: Double) -> Double {
    guard x != 1, y != 0 else { return 1 }
    guard !x.isNaN, !y.isNaN else { return .nan }
    let size = abs(x)
    var sign = 1.0
    if x.sign == .minus {
      switch parity(y) {
      case .odd: sign = -1
      case .even: break
      case .fraction: if size > 0, size < .infinity, abs(y) < .infinity { return .nan }
      }
    }
    if abs(y) == .infinity { return size == 1 ? 1 : (size > 1) == (y > 0) ? .infinity : 0 }
    if size == 0 || size == .infinity { return sign * ((size == 0) == (y > 0) ? 0 : .infinity) }
    // So near to 1, or so far from it, that the product below would under- or overflow.
    if abs(y) < 0x1p-65 { return sign }
    let log = logarithmPair(size, 0)
    let estimate = y * log.high
    if abs(estimate) > 800 { return estimate > 0 ? sign * .infinity : sign * 0 }
    if abs(estimate) < 0x1p-60 { return sign }
    // y log |x| as a pair.
    let (yUpper, logUpper) = (upperHalf(y), upperHalf(log.high))
    let logRest = (log.high - logUpper) + log.low
    let high = yUpper * logUpper
    let low = (y - yUpper) * logUpper + y * logRest
    let reduced = reducedExponential(high)
    return sign * scaled(power(reduced.r + low, reduced.steps), reduced.steps >> 7)
  }

  private enum Parity { case fraction, odd, even }

  /// Infinities are even, as C99 has it.
  private static func parity(_ y: Double) -> Parity {
    let exponent = Int(truncatingIfNeeded: (y.bitPattern >> 52) & 0x7FF) - 1023
    guard exponent >= 0 else { return y == 0 ? .even : .fraction }
    guard exponent <= 52 else { return .even }
    let unit: UInt64 = 1 << UInt64(truncatingIfNeeded: 52 - exponent)
    if y.bitPattern & (unit - 1) != 0 { return .fraction }
    // The bit before a fraction of 52 bits is the hidden one.
    return exponent == 0 || y.bitPattern & unit != 0 ? .odd : .even
  }
}
