import CLibEdit
import Diagnostics

/// Long lines of messages broken between words; those of code, with its caret under it, stay as they are.
enum WrappedText {
  static func wrapped(_ text: String, columns: Int) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      // Escapes take no columns, and are not counted as if they did only by being short.
      let isCode = line.contains("│") || line.contains("╭─")
      guard !isCode, columns >= 30, Int(twin_text_columns(String(line))) >= columns else { return String(line) }
      let start = line.prefix { $0 == " " || $0 == "╰" || $0 == "─" }
      return broken(line.dropFirst(start.count), first: String(start), columns: columns - 1)
    }.joined(separator: "\n")
  }

  /// A value's lines that are wider than the window, broken behind a comma, so that no number is cut; later parts stand under
  /// the first item. So are sentences, between words. Texts and tables stay as they are. What is recorded of the value has no
  /// window.
  static func folded(_ value: String, columns: Int) -> String {
    guard columns >= 20, !value.hasPrefix("\"") else { return value }
    guard ["[", "{", "tensor"].contains(where: { value.hasPrefix($0) }) else {
      return withFoldedSentences(value, columns: columns)
    }
    let lines = value.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.contains(where: { Int(twin_text_columns(String($0))) > columns }) else { return value }
    return rows(of: lines).map { line in
      Int(twin_text_columns(line)) > columns ? folded(line: line[...], columns: columns) : line
    }.joined(separator: "\n")
  }

  /// A page of help in a window: sentences are broken between words, and what stands in a second column stays in it. Pages
  /// are written for 78 columns, so a narrower window joins a paragraph's lines first.
  static func page(_ text: String, columns: Int) -> String {
    guard columns >= 20 else { return text }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let whole = columns < pageColumns ? withJoinedParagraphs(lines) : lines
    return whole.map { line in
      guard Int(twin_text_columns(line)) > columns, !line.contains("\u{1B}") else { return line }
      let margin = line.prefix { $0 == " " }.count
      let gap = secondColumn(of: line).flatMap { $0 <= columns / 2 ? $0 : nil }
      let head = line.prefix(gap ?? margin)
      return wrappedWords(
        line.dropFirst(head.count).split(separator: " "), width: columns, first: String(head),
        rest: String(repeating: " ", count: gap ?? (margin == 0 ? 0 : margin + 2))
      ) { Int(twin_text_columns($0)) }.joined(separator: "\n")
    }.joined(separator: "\n")
  }

  private static let pageColumns = 78

  /// A line that ends where the next one's first word found no room goes on in it.
  private static func withJoinedParagraphs(_ lines: [String]) -> [String] {
    var joined: [String] = []
    var last = 0
    for line in lines {
      let word = line.prefix { $0 != " " }.count
      if let before = joined.last, word > 0, before.first != " ", last > 0, last <= pageColumns,
        last + 1 + word > pageColumns
      {
        joined[joined.count - 1] = before + " " + line
      } else {
        joined.append(line)
      }
      last = line.count
    }
    return joined
  }

  /// How many characters stand before a line's second column, which two blanks part from the first.
  private static func secondColumn(of line: String) -> Int? {
    var count = 0
    var (blanks, hasBegun) = (0, false)
    for character in line {
      if character == " " {
        blanks += 1
      } else {
        if hasBegun, blanks >= 2 { return count }
        (blanks, hasBegun) = (0, true)
      }
      count += 1
    }
    return nil
  }

  /// What an object says of itself: "gallery of 3 labels, …". Columns of a table, drawings and escapes are no sentences.
  private static func withFoldedSentences(_ value: String, columns: Int) -> String {
    value.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      guard Int(twin_text_columns(String(line))) > columns, !line.hasPrefix(" "), !line.contains("  "),
        !line.contains("\u{1B}"), line.contains(" ")
      else { return String(line) }
      return wrappedWords(line.split(separator: " "), width: columns, first: "", rest: "  ") {
        Int(twin_text_columns($0))
      }.joined(separator: "\n")
    }.joined(separator: "\n")
  }

  /// A tensor's rows, each in one line: their text has been broken for another width.
  private static func rows(of lines: [Substring]) -> [String] {
    guard lines.first?.hasPrefix("tensor(") == true else { return lines.map(String.init) }
    var rows: [String] = []
    var indent = 0
    for line in lines {
      if let row = rows.last, row.hasSuffix(","), !line.isEmpty, line.first(where: { $0 != " " }) != "[" {
        rows[rows.count - 1] = row + " " + line.dropFirst(indent)
      } else {
        rows.append(String(line))
        indent = Self.indent(of: line)
      }
    }
    return rows
  }

  /// Where the first item of a line stands.
  private static func indent(of line: Substring) -> Int {
    var rest = line.drop { $0 == " " }
    if rest.hasPrefix("tensor(") { rest = rest.dropFirst("tensor(".count) }
    return line.count - rest.drop { $0 == "[" || $0 == "{" }.count
  }

  private static func folded(line: Substring, columns: Int) -> String {
    let indent = String(repeating: " ", count: min(Self.indent(of: line), columns / 2))
    var lines: [String] = []
    var current = ""
    for part in items(of: line) {
      let added = current.isEmpty ? part : current + " " + part
      if current.isEmpty || Int(twin_text_columns(added)) <= columns {
        current = added
      } else {
        lines.append(current)
        current = indent + part
      }
    }
    return (lines + [current]).joined(separator: "\n")
  }

  /// The line in parts that end in a comma, which no text inside quotes has ended.
  private static func items(of line: Substring) -> [String] {
    var parts: [String] = []
    var part = ""
    var (isInText, isEscaped, isBehindComma) = (false, false, false)
    for character in line {
      if isBehindComma, character == " " {
        parts.append(part)
        part = ""
        isBehindComma = false
        continue
      }
      part.append(character)
      isBehindComma = character == "," && !isInText
      if isEscaped {
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == "\"" {
        isInText.toggle()
      }
    }
    return parts + [part]
  }

  /// Later lines stand two columns right of the first one's text, or under what follows "help: ".
  private static func broken(_ text: Substring, first: String, columns: Int) -> String {
    let heading = ["error: ", "warning: ", "help: "].first { text.contains($0) && text.prefix(20).contains($0) }
    let indent = String(repeating: " ", count: first.count + (heading == "help: " ? 6 : 2))
    return wrappedWords(text.split(separator: " "), width: columns, first: first, rest: indent) {
      Int(twin_text_columns($0))
    }.joined(separator: "\n")
  }
}
