/// A number with a fixed count of decimals, rounded half away from zero; "nan" and "inf" as they are.
package func fixed(_ value: Double, _ places: Int) -> String {
  guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
  var scale = 1
  for _ in 0..<places { scale *= 10 }
  let whole = Int((abs(value) * Double(scale)).rounded())
  let sign = value < 0 && whole > 0 ? "-" : ""
  guard places > 0 else { return sign + String(whole) }
  let fraction = String(whole % scale)
  return sign + String(whole / scale) + "." + String(repeating: "0", count: places - fraction.count) + fraction
}

/// "91.2 %"
package func percent(_ share: Double, _ places: Int = 1) -> String { fixed(100 * share, places) + " %" }

/// " ± 1.8": half of a 95 % interval, in per cent; nothing where there is none.
package func plusMinus(_ margin: Double?, _ places: Int = 1) -> String {
  margin.map { " ± \(fixed(100 * min(1, $0), places))" } ?? ""
}
