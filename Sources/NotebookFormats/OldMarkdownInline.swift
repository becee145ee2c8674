import Diagnostics
import Session

/// A line's emphasis, code and links as pages before version 4 have them: a page is compared with what was drawn then.
enum OldMarkdownInline {
  static func inline(_ text: String) -> String {
    var html = ""
    var rest = text[...]
    while let character = rest.first {
      if character == "\\", let next = rest.dropFirst().first, next.isPunctuation || next.isSymbol {
        html += String(next).escapedForHTML
        rest = rest.dropFirst(2)
      } else if character == "`", let (code, after) = span(rest, "`") {
        html += "<code>\(String(code).escapedForHTML)</code>"
        rest = after
      } else if rest.hasPrefix("**"), let (inner, after) = span(rest, "**"), inner.first?.isWhitespace == false {
        html += "<strong>\(inline(String(inner)))</strong>"
        rest = after
      } else if character == "*", let (inner, after) = span(rest, "*"), inner.first?.isWhitespace == false {
        html += "<em>\(inline(String(inner)))</em>"
        rest = after
      } else if rest.hasPrefix("!["), let (label, _, after) = link(rest.dropFirst()) {
        html += "<em>\(String(label).escapedForHTML)</em>"
        rest = after
      } else if character == "[", let (label, target, after) = link(rest) {
        html +=
          MarkdownAddress.isSafe(String(target))
          ? "<a href=\"\(String(target).escapedForHTML)\">\(inline(String(label)))</a>" : inline(String(label))
        rest = after
      } else {
        html += String(character).escapedForHTML
        rest = rest.dropFirst()
      }
    }
    return html
  }

  /// Without its signs, for the contents.
  static func plain(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let character = rest.first {
      if character == "[", let (label, _, after) = link(rest) {
        result += plain(String(label))
        rest = after
      } else {
        if !"*`\\".contains(character) { result.append(character) }
        rest = rest.dropFirst()
      }
    }
    return result
  }

  /// What stands between two marks, and what follows.
  private static func span(_ text: Substring, _ mark: String) -> (inner: Substring, after: Substring)? {
    let inner = text.dropFirst(mark.count)
    var place = inner.startIndex
    while place < inner.endIndex {
      if inner[place...].hasPrefix(mark) {
        guard place > inner.startIndex else { return nil }
        return (inner[..<place], inner[place...].dropFirst(mark.count))
      }
      place = inner.index(after: place)
    }
    return nil
  }

  /// `[label](target)`.
  private static func link(_ text: Substring) -> (label: Substring, target: Substring, after: Substring)? {
    guard let close = text.firstIndex(of: "]") else { return nil }
    let rest = text[close...].dropFirst()
    guard rest.first == "(", let end = rest.firstIndex(of: ")") else { return nil }
    return (text[..<close].dropFirst(), rest[..<end].dropFirst(), rest[end...].dropFirst())
  }
}
