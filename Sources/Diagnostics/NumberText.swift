/// Numbers as people read them.
public enum NumberText {
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
