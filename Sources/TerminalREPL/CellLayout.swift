import Session

/// A cell as it stands in the line editor: its later lines are moved right by the prompt's width, so that they stand
/// under the first.
enum CellLayout {
  static let padding = String(repeating: " ", count: Transcript.promptWidth)

  static func padded(_ cell: String) -> String {
    lines(cell).joined(separator: "\n" + padding)
  }

  /// A line whose padding was partly removed keeps what is left of its text.
  static func unpadded(_ buffer: String) -> String {
    let lines = lines(buffer)
    return lines.enumerated().map { index, line in
      index == 0 ? String(line) : String(line.dropFirst(min(Transcript.promptWidth, line.prefix { $0 == " " }.count)))
    }.joined(separator: "\n")
  }

  static func lines(_ text: String) -> [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

  /// Whether the line before the cursor holds blanks alone.
  static func isBlankLine(_ before: String) -> Bool {
    lines(before).last?.allSatisfy { $0 == " " || $0 == "\t" } ?? true
  }
}
