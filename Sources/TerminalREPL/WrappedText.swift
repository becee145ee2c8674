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
  /// the first item. Only what the language writes in brackets: texts and tables stay as they are. What is recorded of the
  /// value has no window.
  static func folded(_ value: String, columns: Int) -> String {
    guard columns >= 20, ["[", "{", "tensor"].contains(where: { value.hasPrefix($0) }) else { return value }
    return value.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      Int(twin_text_columns(String(line))) > columns ? folded(line: line, columns: columns) : String(line)
    }.joined(separator: "\n")
  }

  private static func folded(line: Substring, columns: Int) -> String {
    var rest = line.drop { $0 == " " }
    if rest.hasPrefix("tensor(") { rest = rest.dropFirst("tensor(".count) }
    let inner = rest.drop { $0 == "[" || $0 == "{" }
    let indent = String(repeating: " ", count: min(line.count - inner.count, columns / 2))
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
