import Diagnostics
import Synchronization

/// Numbers of files that cannot be kept as they are: a float64 ends at 1.8e308, a float32 at 3.4e38; whole numbers are exact
/// up to 2⁵³ only if all of an array are. Reading goes on with the nearest float32; whoever asked for the file is told.
public final class Overflow: Sendable {
  @TaskLocal private static var current: Overflow?
  private let infinite = Atomic(0)
  private let rounded = Atomic(0)

  /// - Returns: what `read` gives, and the words of a warning where a number was beyond float32, or was rounded.
  public static func watching<Content>(
    _ file: String, _ read: () throws -> Content
  ) rethrows -> (content: Content, warning: Explanation?) {
    let overflow = Overflow()
    let content = try $current.withValue(overflow) { try read() }
    let count = overflow.infinite.load(ordering: .relaxed)
    let rounded = overflow.rounded.load(ordering: .relaxed)
    if count == 0, rounded > 0 {
      return (
        content,
        Explanation(
          "\(rounded) whole number\(rounded == 1 ? "" : "s") of “\(file)” \(rounded == 1 ? "is" : "are") rounded to "
            + "float32: with one beyond 2⁵³ in an array, none of it is kept exactly",
          help: "save ids of that size as text")
      )
    }
    guard count > 0 else { return (content, nil) }
    return (
      content,
      Explanation(
        "\(count) number\(count == 1 ? "" : "s") of “\(file)” \(count == 1 ? "is" : "are") beyond float32, and "
          + "\(count == 1 ? "is" : "are") inf or -inf now",
        help: "float32 ends at 3.4e38: scale the numbers before you save them")
    )
  }

  /// A double as float32; one that becomes infinite is counted.
  @inline(__always)
  static func narrowed(_ number: Double) -> Float {
    let narrow = Float(number)
    if narrow.isInfinite, number.isFinite { current?.infinite.add(1, ordering: .relaxed) }
    return narrow
  }

  /// So many whole numbers became the nearest float32.
  static func rounded(_ count: Int) { current?.rounded.add(count, ordering: .relaxed) }
}
