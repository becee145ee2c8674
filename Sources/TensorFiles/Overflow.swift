import Diagnostics
import Synchronization

/// Numbers of files that float32 has as infinity only: a float64 ends at 1.8e308, a float32 at 3.4e38. Reading goes on with
/// the infinity; whoever asked for the file is told how many there are.
public final class Overflow: Sendable {
  @TaskLocal private static var current: Overflow?
  private let count = Atomic(0)

  /// - Returns: what `read` gives, and the words of a warning where a number was beyond float32.
  public static func watching<Content>(
    _ file: String, _ read: () throws -> Content
  ) rethrows -> (content: Content, warning: Explanation?) {
    let overflow = Overflow()
    let content = try $current.withValue(overflow) { try read() }
    let count = overflow.count.load(ordering: .relaxed)
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
    if narrow.isInfinite, number.isFinite { current?.count.add(1, ordering: .relaxed) }
    return narrow
  }
}
