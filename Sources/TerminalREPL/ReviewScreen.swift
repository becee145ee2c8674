import CLibEdit
import Faces

/// What `%review` says about a picture, in lines that fit the window.
struct ReviewScreen {
  var walk: ReviewWalk
  var brokenCount = 0
  /// A word about the last key.
  var remark: String?
  var columns: Int

  /// Above the picture.
  var heading: [String] {
    guard let current = walk.current else { return ending }
    let item = walk.review.items[current]
    var lines = ["picture \(walk.decisions.count + 1) of \(walk.order.count), \(walk.dropped.count) dropped" + aside]
    lines.append(item.file)
    lines.append(
      [item.className.isEmpty ? "in no class" : "class \(item.className)", Self.oddness(item)].joined(separator: ", "))
    let doubles = walk.doubles(of: current).filter { $0 != current }
    if !doubles.isEmpty {
      let names = doubles.map { index in
        let decided = walk.decision(of: index).map { $0 == .dropped ? " (dropped)" : " (kept)" } ?? ""
        return walk.review.items[index].file + decided
      }
      lines.append("nearly the same: " + names.joined(separator: ", "))
    }
    if let takenBack = walk.takenBack {
      lines.append("was \(takenBack == .dropped ? "dropped" : "kept"); that is taken back")
    }
    return (lines + [remark].compactMap { $0 }).map(fitted)
  }

  /// Behind the last picture: until Enter, all of it can be taken back.
  private var ending: [String] {
    let dropped = walk.dropped
    var lines = ["all \(walk.order.count) seen, \(dropped.count) dropped" + aside]
    lines += dropped.prefix(8).map { "  " + $0 }
    if dropped.count > 8 { lines.append("  … and \(dropped.count - 8) more") }
    return (lines + [remark].compactMap { $0 }).map(fitted)
  }

  private var aside: String {
    brokenCount == 0 ? "" : "; \(brokenCount) broken file\(brokenCount == 1 ? " is" : "s are") set aside"
  }

  /// Under the picture.
  var keys: String {
    let wanted =
      walk.current == nil
      ? "Enter finish  u back  Ctrl-C leaves without any change"
      : "k keep  d drop  u back  q finish  ? keys  Ctrl-C leaves"
    return fitted(wanted)
  }

  var help: [String] {
    [
      "k, Space         keep this picture", "d                drop it from the selection; no file is deleted",
      "u, Left          one back, and its decision is taken back", "q, Enter         finish; what was not seen is kept",
      "?                this list", "Ctrl-C           leave without any change", "",
      "At the end a cell review(…, drop=[…]) holds the decisions.", "", "Any key goes back to the picture.",
    ].map(fitted)
  }

  private static func oddness(_ item: FolderReview.Item) -> String {
    guard let value = item.oddness else { return "too few in its class to say how odd" }
    let shown: String
    if value.isFinite, value < 1e9 {
      let hundredths = Int((value * 100).rounded())
      let rest = hundredths % 100
      shown = "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    } else {
      shown = "∞"
    }
    return "oddness \(shown) (1 is usual)" + (item.nearer.map { ", nearer to \($0)" } ?? "")
  }

  /// On one line, and without what a file's name could do to the terminal.
  private func fitted(_ text: String) -> String {
    var line = ""
    var width = 0
    for character in text {
      let isControl = character.unicodeScalars.contains { $0.value < 32 || (127..<160).contains($0.value) }
      let shown = isControl ? "�" : String(character)
      let wide = Int(twin_text_columns(shown))
      if width + wide > columns - 2 { return line + "…" }
      line += shown
      width += wide
    }
    return line
  }
}
