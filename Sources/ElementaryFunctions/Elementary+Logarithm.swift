extension Elementary {
  /// The natural logarithm. Error below 0.501 ulp.
  public static func log(_ x: Double) -> Double {
    guard x > 0, x < .infinity else { return logarithmOutside(x) }
    return logarithmPair(x, 0).high
  }

  /// The logarithm of base 2; exact for powers of 2. Error below 0.501 ulp.
  public static func log2(_ x: Double) -> Double {
    guard x > 0, x < .infinity else { return logarithmOutside(x) }
    return product(logarithmPair(x, 0), Pair(0x1.71547652b82fep0, 0x1.777d0ffda0d24p-56))
  }

  /// The logarithm of base 10; exact for powers of 10. Error below 0.501 ulp.
  public static func log10(_ x: Double) -> Double {
    guard x > 0, x < .infinity else { return logarithmOutside(x) }
    return product(logarithmPair(x, 0), Pair(0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57))
  }

  /// log(1 + x), also where x is small. Error below 0.501 ulp.
  public static func log1p(_ x: Double) -> Double {
    guard abs(x) > 0x1p-54 else { return x }
    guard x > -1, x < .infinity else { return x == -1 ? -.infinity : x > 0 ? x : .nan }
    let sum = Pair(1, plus: x)
    return logarithmPair(sum.high, sum.low).high
  }

  private static func product(_ a: Pair, _ b: Pair) -> Double {
    let product = Pair(a.high, times: b.high)
    return product.high + (product.low + (a.high * b.low + a.low * b.high))
  }

  private static func logarithmOutside(_ x: Double) -> Double {
    x == 0 ? -.infinity : x > 0 ? x : .nan
  }

  /// log(x + rest) for a positive, finite x and a rest of less than an ulp of it, off by some 2⁻⁶⁶ of it.
  @inline(__always)
  static func logarithmPair(_ x: Double, _ rest: Double) -> Pair {
    var pattern = x.bitPattern
    var exponent = 0
    if pattern < 0x0010_0000_0000_0000 {
      pattern = (x * 0x1p52).bitPattern
      exponent = -52
    }
    // x = 2^k z with z in [0.7, 1.4), which the table has in 128 parts; log x = k log 2 + log c + log(z/c).
    let offset = pattern &- 0x3FE6_9500_0000_0000
    let i = 3 * Int(truncatingIfNeeded: (offset >> 45) & 127)
    let k = Int(truncatingIfNeeded: Int64(bitPattern: offset) >> 52)
    let bits = pattern &- (offset & 0xFFF0_0000_0000_0000)
    let z = Double(bitPattern: bits)
    exponent += k
    let count = Double(exponent)
    let (inverse, logC, logCRest) = (logarithmTable[i], logarithmTable[i + 1], logarithmTable[i + 2])
    // r = z/c − 1 as a pair: z's first 21 bits times the ten of 1/c are exact, and so are their squares.
    let upper = Double(bitPattern: (bits &+ 0x8000_0000) & 0xFFFF_FFFF_0000_0000)
    var lower = z - upper
    // Beyond 2⁶⁰ a rest cannot be seen.
    if rest != 0, k < 60 { lower += rest * powerOfTwo(-k) }
    let high = upper * inverse - 1
    let low = lower * inverse
    let r = Pair(large: high, plus: low)
    // log 2 in two parts, of which the first times any exponent, and the table's first part, are multiples of 2⁻⁴².
    let base = count * 0x1.62e42fefa3800p-1 + logC
    let sum = Pair(large: base, plus: r.high)
    let half = -0.5 * r.high
    let highHalf = -0.5 * high
    let square = Pair(large: sum.high, plus: high * highHalf)
    let cube = r.high * r.high * r.high * Polynomial.logarithm(r.high)
    let small = (count * 0x1.ef35793c76730p-45 + logCRest) + (sum.low + r.low) + low * (half + highHalf)
    return Pair(large: square.high, plus: (square.low + small) + cube)
  }
}
