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

  /// Later lines stand two columns right of the first one's text, or under what follows "help: ".
  private static func broken(_ text: Substring, first: String, columns: Int) -> String {
    let heading = ["error: ", "warning: ", "help: "].first { text.contains($0) && text.prefix(20).contains($0) }
    let indent = String(repeating: " ", count: first.count + (heading == "help: " ? 6 : 2))
    return wrappedWords(text.split(separator: " "), width: columns, first: first, rest: indent) {
      Int(twin_text_columns($0))
    }.joined(separator: "\n")
  }
}
