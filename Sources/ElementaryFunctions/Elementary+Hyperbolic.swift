extension Elementary {
  /// The hyperbolic sine. Error below 0.55 ulp.
  public static func sinh(_ x: Double) -> Double {
    let size = abs(x)
    if size < 0.35 {
      guard size > 0x1p-27 else { return x }
      let z = x * x
      return x + x * z * Polynomial.hyperbolicSine(z)
    }
    guard size < 40 else { return magnitude(halfExponential(size), sign: x) }
    let (rising, falling) = (exponentialPair(size), exponentialPair(-size))
    let difference = Pair(large: rising.high, plus: -falling.high)
    return magnitude(0.5 * (difference.high + (difference.low + (rising.low - falling.low))), sign: x)
  }

  /// The hyperbolic cosine. Error below 0.52 ulp.
  public static func cosh(_ x: Double) -> Double {
    let size = abs(x)
    guard size < 40 else { return halfExponential(size) }
    let (rising, falling) = (exponentialPair(size), exponentialPair(-size))
    let sum = Pair(large: rising.high, plus: falling.high)
    return 0.5 * (sum.high + (sum.low + (rising.low + falling.low)))
  }

  /// The hyperbolic tangent. Error below 0.57 ulp.
  public static func tanh(_ x: Double) -> Double {
    let size = abs(x)
    if size < 0.25 {
      guard size > 0x1p-27 else { return x }
      let z = x * x
      return x + x * z * Polynomial.hyperbolicTangent(z)
    }
    guard size < 22 else { return x.isNaN ? x : magnitude(1, sign: x) }
    let power = exponentialPair(2 * size)
    let (above, below) = (Pair(power.high, plus: -1), Pair(large: power.high, plus: 1))
    let quotient = Pair(above.high, above.low + power.low) / Pair(below.high, below.low + power.low)
    return magnitude(quotient, sign: x)
  }

  /// 1/(1 + e⁻ˣ), the logistic function, without overflow on either side. Error below 0.52 ulp.
  public static func sigmoid(_ x: Double) -> Double {
    guard x > -45 else { return exp(x) }
    guard x < 40 else { return x.isNaN ? x : 1 }
    // From the side on which the power is at most 1.
    let power = exponentialPair(-abs(x))
    let sum = Pair(large: 1, plus: power.high)
    return (x < 0 ? power : Pair(1, 0)) / Pair(sum.high, sum.low + power.low)
  }

  /// log(1 + eˣ), without overflow. Error below 0.52 ulp.
  public static func softplus(_ x: Double) -> Double {
    guard x > -45 else { return exp(x) }
    guard x < 40 else { return x }
    let power = exponentialPair(-abs(x))
    if x < -6 {
      // log(1 + p) = p − p²/2 + …, where 1 + p would have too few bits for both parts of p.
      let p = power.high
      return p + (power.low * (1 - p) + p * p * (p * Polynomial.logarithm(p) - 0.5))
    }
    let sum = Pair(large: 1, plus: power.high)
    let log = logarithmPair(sum.high, sum.low + power.low)
    guard x > 0 else { return log.high }
    let total = Pair(x, plus: log.high)
    return total.high + (total.low + log.low)
  }

  /// eˣ/2 for x from 40, also where eˣ alone would be too large.
  private static func halfExponential(_ x: Double) -> Double {
    guard x < 750 else { return x.isNaN ? x : .infinity }
    let (r, steps) = reducedExponential(x)
    return scaled(power(r, steps), (steps >> 7) - 1)
  }
}
