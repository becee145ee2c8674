/// An angle less the nearest multiple of π/2, as a pair, and that multiple modulo 4.
struct ReducedAngle {
  var rest: Pair
  var quadrant: Int

  @inline(__always)
  private init(rest: Pair, quadrant: Int) {
    self.rest = rest
    self.quadrant = quadrant
  }

  /// For an x that is finite and not negative.
  @inline(__always)
  init(_ x: Double) {
    if x <= 0x1.921fb54442d18p-1 {
      self.init(rest: Pair(x, 0), quadrant: 0)
      return
    }
    if x < 0x1p20 {
      // Cody and Waite: π/2 in three parts; products with the first two are exact.
      let shifted = x * 0x1.45f306dc9c883p-1 + roundingShift
      let count = shifted - roundingShift
      let first = x - count * 0x1.921fb544p0
      let second = Pair(first, plus: -(count * 0x1.0b4611a6p-34))
      let left = second.low - count * 0x1.3198a2e037073p-69
      // Nearer to a multiple of π/2 too few bits would be left.
      if abs(second.high) > 0x1p-20 {
        self.init(rest: Pair(large: second.high, plus: left), quadrant: wholeNumber(shifted) & 3)
        return
      }
    }
    self.init(far: x)
  }

  /// Payne and Hanek 1983: of 2/π only the 192 bits take part whose product with x is neither a multiple of 4 nor
  /// too small to be seen.
  @inline(never)
  init(far x: Double) {
    // x = m · 2^e
    let exponent = Int(truncatingIfNeeded: x.bitPattern >> 52) - 1075
    let m = x.bitPattern & 0x000F_FFFF_FFFF_FFFF | 0x0010_0000_0000_0000
    let start = exponent + 62
    let (word, shift) = (start >> 6, UInt64(truncatingIfNeeded: start & 63))
    func bits(_ index: Int) -> UInt64 {
      shift == 0 ? twoOverPi[index] : twoOverPi[index] << shift | twoOverPi[index + 1] >> (64 - shift)
    }
    // The product's lowest 192 bits; its first two are the quadrant.
    let low = m.multipliedFullWidth(by: bits(word + 2))
    let middle = m.multipliedFullWidth(by: bits(word + 1))
    let (sum, carry) = middle.low.addingReportingOverflow(low.high)
    let top = (m &* bits(word)) &+ middle.high &+ (carry ? 1 : 0)
    var quadrant = Int(truncatingIfNeeded: top >> 62)
    var fraction = (top << 2 | sum >> 62, sum << 2 | low.low >> 62, low.low << 2)
    // To the nearest: a fraction of more than a half is counted from above.
    let fromAbove = fraction.0 >> 63 == 1
    if fromAbove {
      quadrant = (quadrant + 1) & 3
      fraction = (~fraction.0, ~fraction.1, ~fraction.2)
    }
    // No double is nearer to a multiple of π/2 than some 2⁻⁶²: the first word has a bit, or the second.
    var zeros = 0
    if fraction.0 == 0 {
      fraction = (fraction.1, fraction.2, 0)
      zeros = 64
    }
    let lead = UInt64(truncatingIfNeeded: fraction.0.leadingZeroBitCount)
    if lead > 0 {
      fraction.0 = fraction.0 << lead | fraction.1 >> (64 - lead)
      fraction.1 = fraction.1 << lead | fraction.2 >> (64 - lead)
    }
    zeros += Int(truncatingIfNeeded: lead)
    let scale = powerOfTwo(-53 - zeros)
    let high = Double(fraction.0 >> 11) * scale
    let rest = Double((fraction.0 & 0x7FF) << 42 | fraction.1 >> 22) * scale * 0x1p-53
    let product = Pair(high, times: 0x1.921fb54442d18p0)
    let angle = Pair(
      large: product.high, plus: product.low + (high * 0x1.1a62633145c07p-54 + rest * 0x1.921fb54442d18p0))
    self.rest = fromAbove ? Pair(-angle.high, -angle.low) : angle
    self.quadrant = quadrant
  }

  /// The sine of the angle and some quarters of a turn: a first part, and what comes to it.
  @inline(__always)
  func sine(quarters: Int) -> Pair {
    let quarter = quadrant &+ quarters
    // After an odd number of quarters it is a cosine, which does not ask for the sign of the rest.
    let odd = quarter & 1
    let flip = odd == 0 && rest.high < 0
    let sign = flip != (quarter & 2 != 0) ? -1.0 : 1.0
    let size = abs(rest.high)
    if odd == 0, size < 0.25 {
      let z = size * size
      let y = magnitude(size, sign: sign)
      return Pair(y, (flip ? -sign : sign) * rest.low * (1 - 0.5 * z) + y * z * Polynomial.sine(z))
    }
    // sin(c + t) = sin c + (sin c (cos t − 1) + cos c sin t) for the next sixteenth c; cos(c + t) likewise.
    let i = Int(size * 16 + 0.5)
    let t = (size - Double(i) * 0.0625) + (rest.high < 0 ? -rest.low : rest.low)
    let z = t * t
    let (own, other) = (4 * i + 2 * odd, 4 * i + 2 - 2 * odd)
    let slope = Double(1 - 2 * odd) * sineTable[other]
    let (high, low) = (sineTable[own], sineTable[own + 1])
    let sum = low + (high * (z * Polynomial.cosineNear(z)) + slope * (t + t * z * Polynomial.sineNear(z)))
    return Pair(sign * high, sign * sum)
  }
}
