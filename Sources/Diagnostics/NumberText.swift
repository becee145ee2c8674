/// Numbers as people read and write them.
public enum NumberText {
  /// The whole number that digits say in a base from 2 to 36: the nearest double, rounded once, to the even one of two.
  /// Infinite beyond them; nil where there is no digit, or something else among them.
  public static func number(ofDigits text: some Sequence<UInt8>, base: Int) -> Double? {
    // No number below 2¹⁰²⁴ has more digits than that, so that a long text takes no longer than its length.
    let most = 1024
    var (count, significant) = (0, 0)
    // The number by 32 bits, the lowest first: a digit's product fits 64.
    var words: [UInt64] = []
    for byte in text {
      guard let digit = digit(byte), digit < base else { return nil }
      count += 1
      if significant == 0, digit == 0 { continue }
      significant += 1
      if significant > most { continue }
      var carry = UInt64(digit)
      for index in words.indices {
        carry += words[index] * UInt64(base)
        words[index] = carry & 0xFFFF_FFFF
        carry >>= 32
      }
      if carry > 0 { words.append(carry) }
    }
    guard count > 0 else { return nil }
    if significant > most { return .infinity }
    // The highest 64 bits or fewer hold more than the 53 of a double; a bit below them decides where they lie half way.
    let low = max(0, words.count - 3)
    var top: UInt64 = 0
    var exponent = 32 * low
    for word in words[low...].reversed() {
      let room = min(32, top.leadingZeroBitCount)
      top = top << UInt64(room) | word >> UInt64(32 - room)
      if room < 32 {
        exponent += 32 - room
        if word & (1 << UInt64(32 - room) - 1) != 0 { top |= 1 }
      }
    }
    if words[..<low].contains(where: { $0 != 0 }) { top |= 1 }
    return Double(sign: .plus, exponent: exponent, significand: Double(top))
  }

  private static func digit(_ byte: UInt8) -> Int? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }

  /// As programs write it: "5" for 5.0, else all digits that tell it from its neighbours.
  public static func written(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }

  /// "12.50" with two places.
  /// - Parameter trimmed: without zeros at the end: "12.5".
  public static func fixed(_ value: Double, _ places: Int, trimmed: Bool = false) -> String {
    guard value.isFinite else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<max(0, places) { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    // Beyond that a Double has no such places.
    guard scaled < 9e15 else { return "\(value)" }
    let (whole, rest) = Int(scaled).quotientAndRemainder(dividingBy: Int(scale))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    if places <= 0 || trimmed && rest == 0 { return "\(sign)\(whole)" }
    let digits = String(rest)
    var fraction = String(repeating: "0", count: max(0, places - digits.count)) + digits
    if trimmed { while fraction.last == "0" { fraction.removeLast() } }
    return "\(sign)\(whole).\(fraction)"
  }

  /// 0.074 as "7.4 %".
  /// - Parameter trimmed: 0.5 as "50 %" rather than "50.0 %".
  public static func percent(_ share: Double, _ places: Int = 1, trimmed: Bool = false) -> String {
    fixed(100 * share, places, trimmed: trimmed) + " %"
  }
}

/// "1 image", "3 images"; `many` where an s does not make it: "2 classes".
public func counted(_ number: Int, _ one: String, _ many: String? = nil) -> String {
  "\(number) \(number == 1 ? one : many ?? one + "s")"
}
