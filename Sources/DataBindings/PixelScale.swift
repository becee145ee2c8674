import Diagnostics
import Interpreter

/// Scales that are meant for pixels from 0 to 255, where pixels are from 0 to 1.
enum PixelScale {
  /// What to say of `normalise(mean, deviation)`; nil where the numbers suit pixels from 0 to 1.
  static func warning(mean: Double?, deviation: Double?) -> Explanation? {
    func short(_ number: Double) -> String { formatNumber((number * 10_000).rounded() / 10_000) }
    let given = [mean, deviation].compactMap { $0 }
    if let largest = given.max(), largest > 1 {
      let isOnlyDivided = mean ?? 0 == 0
      return Explanation(
        "normalise: pixels are numbers from 0 to 1 already, and \(short(largest)) belongs to pixels from 0 to 255",
        help: isOnlyDivided
          ? "leave normalise out" : "write normalise(\(given.map { short($0 / 255) }.joined(separator: ", ")))")
    }
    if let deviation, deviation > 0, deviation < 1.0 / 64 {
      return Explanation(
        "normalise(\(short(mean ?? 0)), \(short(deviation))) gives numbers up to \(short(((1 - (mean ?? 0)) / deviation).rounded()))",
        help: "a network learns from numbers of about 1")
    }
    return nil
  }
}
