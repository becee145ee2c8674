/// Settings are written as doubles, and the kernels compute with them as float32, in which 1e-60 is 0 and 1e39 infinite:
/// what is asked of a setting is asked of the float32.
public enum FloatSetting {
  /// What a setting that has to be above 0 is expected to be, in words; nil: it is.
  public static func expectedPositive(_ value: Double) -> String? {
    guard value > 0, value.isFinite else { return "above 0" }
    if Float(value) == 0 { return "above 0 as float32 has it, from 1e-45 on" }
    return expectedFinite(value)
  }

  /// The same for one that only has to be finite.
  public static func expectedFinite(_ value: Double) -> String? {
    Float(value).isFinite ? nil : "below 3.4e38, the greatest number of float32"
  }

  /// Whether it is a share that leaves something: from 0 up to, not including, 1, which 0.99999999 is in float32.
  public static func isShareBelowOne(_ value: Double) -> Bool { value >= 0 && Float(value) < 1 }
}
