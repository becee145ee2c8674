import Diagnostics

/// A pasted transcript — of this notebook, IPython or Julia — with prompts and outputs taken off.
public enum Transcript {
  /// The prompt of cell `number`, without colour: "  1> ".
  public static func prompt(_ number: Int) -> String {
    String(number).paddedLeft(to: 3) + "> "
  }

  /// Columns of the prompt, which later lines of a cell are indented by.
  public static let promptWidth = 5

  /// The code of a pasted text, in one piece.
  public static func code(of pasted: String) -> String { cells(of: pasted).joined(separator: "\n") }

  /// The cells of a pasted transcript; any other text is one, as it is. A transcript is a text whose first line is a
  /// prompt: what looks like one further down may stand in a string.
  public static func cells(of pasted: String) -> [String] {
    let lines = NotebookDocument.lines(of: pasted).map(String.init)
    let start = lines.firstIndex { !$0.allSatisfy(\.isWhitespace) } ?? lines.count
    guard start < lines.count, case .first(let style, let number, let code) = head(lines[start]) else {
      return [lines.joined(separator: "\n")]
    }
    var cells = [[code]]
    var last = number
    var isInside = true
    for line in lines[(start + 1)...] {
      let isOpen = isInside && style != .python && isOpen(cells[cells.count - 1])
      // Later lines of ours, and Julia's, are indented by the prompt's width; anything else is output.
      let width = style == .own ? promptWidth : 7
      let isLater = line.hasPrefix(String(repeating: " ", count: width)) || line.allSatisfy(\.isWhitespace)
      if isOpen, isLater {
        cells[cells.count - 1].append(String(line.dropFirst(min(width, line.prefix { $0 == " " }.count))))
        continue
      }
      switch head(line) {
      case .first(style, let number, let code) where number > last || number == 0:
        cells.append([code])
        last = number
        isInside = true
      case .more(let code) where isInside && style == .python: cells[cells.count - 1].append(code)
      default: isInside = false
      }
    }
    let texts = cells.map { $0.joined(separator: "\n") }.filter { !$0.allSatisfy(\.isWhitespace) }
    // Python's prompts stand before statements, not cells.
    return style == .own ? texts : [texts.joined(separator: "\n")]
  }

  /// Whether a cell goes on in the next line, as far as brackets, quotes and operators tell.
  private static func isOpen(_ lines: [String]) -> Bool {
    var depth = 0
    var quotes = TripleQuotes()
    for line in lines {
      let wasOpen = quotes.isOpen
      quotes.read(Substring(line))
      if wasOpen || quotes.isOpen { continue }
      var inString = false
      var isEscaped = false
      for character in line {
        if inString {
          if isEscaped {
            isEscaped = false
          } else if character == "\\" {
            isEscaped = true
          } else if character == "\"" {
            inString = false
          }
          continue
        }
        if character == "#" { break }
        if character == "\"" { inString = true }
        if "([{".contains(character) { depth += 1 }
        if ")]}".contains(character) { depth -= 1 }
      }
    }
    if quotes.isOpen || depth > 0 { return true }
    let last = lines.last.map { Substring($0).trimmedEnd } ?? ""
    return [">>", "|>", "+", "-", "*", "/", "@", "^", ",", "=", " and", " or", " not", "->"].contains {
      last.hasSuffix($0)
    }
  }

  private enum Style { case own, python, julia }

  private enum Head {
    /// Behind a prompt, with its number where it has one.
    case first(Style, Int, String)
    case more(String)
    case none
  }

  private static func head(_ line: String) -> Head {
    let text = Substring(line)
    if text.hasPrefix(">>> ") || text == ">>>" { return .first(.python, 0, String(text.dropFirst(4))) }
    if text.hasPrefix("... ") || text == "..." { return .more(String(text.dropFirst(4))) }
    if text.hasPrefix("In ["), let close = text.range(of: "]: ") { return .first(.python, 0, String(text[close...])) }
    let bare = text.drop { $0 == " " }
    if bare.hasPrefix("...: ") { return .more(String(bare.dropFirst(5))) }
    if bare == "...:" { return .more("") }
    if text.hasPrefix("julia> ") { return .first(.julia, 0, String(text.dropFirst(7))) }
    let digits = bare.prefix { $0.isNumber }
    let after = bare.dropFirst(digits.count)
    let padding = text.count - bare.count
    if !digits.isEmpty, after.hasPrefix("> ") || after == ">", padding == max(0, 3 - digits.count) {
      return .first(.own, Int(digits) ?? 0, String(after.dropFirst(2)))
    }
    return .none
  }
}

extension Substring {
  /// Where the text after `needle` begins.
  fileprivate func range(of needle: String) -> Index? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(needle) { return index(start, offsetBy: needle.count) }
      start = index(after: start)
    }
    return nil
  }
}
