import Diagnostics
import Foundation

/// What goes into a script, so that no text of a user is ever read as a command.
enum GnuplotText {
  /// In double quotes. All that gnuplot could read as more than a character (quotes, backslashes, backquotes, macros)
  /// is written as an octal escape; newlines and control characters become spaces. At most `limit` characters.
  static func quoted(_ text: String, limit: Int = 120) -> String {
    var result = "\""
    var count = 0
    for character in text {
      if count >= limit - 1, text.count > limit {
        result += "…"
        break
      }
      count += 1
      for scalar in character.unicodeScalars {
        switch scalar {
        case "\"", "\\", "`", "@", "$": result += octal(scalar)
        case _ where scalar.value < 32 || scalar.value == 127 || (0x80..<0xA0).contains(scalar.value): result += " "
        // The last two are no characters, and no XML may hold them.
        case "\u{2028}", "\u{2029}", "\u{FFFE}", "\u{FFFF}": result += " "
        default: result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }

  private static func octal(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 8)
    return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
  }

  /// As short as it can be without loss; NaN for all that is not finite, which leaves a gap.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "NaN" }
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return "\(value)"
  }
}

/// Numbers for people.
enum Words {
  /// Four digits that count: "0.0123", "12.35", "1.2e-7".
  static func number(_ value: Double, digits: Int = 4) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    if value == value.rounded(), abs(value) < 1e7 { return String(Int(value)) }
    let magnitude = abs(value)
    if magnitude < 1e-4 || magnitude >= 1e7 {
      // Rounded before it is taken apart: 999999999 is 1e9, not ten of 1e8.
      let parts = String(format: "%.\(max(0, digits - 1))e", value).split(separator: "e")
      guard parts.count == 2, let mantissa = Double(parts[0]), let exponent = Int(parts[1]) else { return "\(value)" }
      return fixed(mantissa, digits - 1) + "e\(exponent)"
    }
    var places = digits
    var size = magnitude
    while size >= 1, places > 0 { (size, places) = (size / 10, places - 1) }
    while size < 0.1, places < 9 { (size, places) = (size * 10, places + 1) }
    return fixed(value, places)
  }

  /// A value that stands in a picture, which is held to ±10³⁰⁰.
  static func shown(_ value: Double, digits: Int = 4) -> String {
    guard isHeld(value) else { return number(value, digits: digits) }
    return value < 0 ? "≤ -1e300" : "≥ 1e300"
  }

  /// Whether it is drawn at ±10³⁰⁰, where it may not stand.
  static func isHeld(_ value: Double) -> Bool { value.isFinite && abs(value) >= 1e300 }

  /// With at most `places` places, zeros at the end left out.
  static func fixed(_ value: Double, _ places: Int) -> String { NumberText.fixed(value, places, trimmed: true) }

  /// 12345 as "12,345".
  static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result += "," }
      result.append(digit)
    }
    return value < 0 ? "-" + result : result
  }
}
