import Diagnostics

/// A number with a fixed count of decimals, rounded half away from zero; "nan" and "inf" as they are, and what is so great
/// that its decimals say nothing.
package func fixed(_ value: Double, _ places: Int) -> String {
  abs(value) < 1e12 ? NumberText.fixed(value, places) : "\(value)"
}

/// "91.2 %"
package func percent(_ share: Double, _ places: Int = 1) -> String { fixed(100 * share, places) + " %" }

/// " ± 1.8": half of a 95 % interval, in per cent; nothing where there is none.
package func plusMinus(_ margin: Double?, _ places: Int = 1) -> String {
  margin.map { " ± \(fixed(100 * min(1, $0), places))" } ?? ""
}
