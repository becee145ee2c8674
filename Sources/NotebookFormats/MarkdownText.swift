import Diagnostics
import Session

/// The Markdown that people write in notebooks, as HTML: headings, paragraphs, lists, quotes, tables, code, emphasis and
/// links. Markup in it is text; pictures are named, for a page takes nothing from outside.
struct MarkdownText {
  private(set) var html = ""
  private(set) var headings: [(level: Int, place: String, title: String)] = []
  private let place: String
  private var lines: ArraySlice<String>

  init(_ source: String, place: String) {
    self.place = place
    lines = source.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).withVisibleControls }[...]
    while let line = lines.first { block(line) }
  }

  private static func isBlank(_ line: String) -> Bool { line.allSatisfy(\.isWhitespace) }

  private mutating func take() -> String { lines.popFirst() ?? "" }

  private mutating func block(_ line: String) {
    let trimmed = line.trimmed
    if trimmed.isEmpty {
      _ = take()
    } else if trimmed.hasPrefix("```") || trimmed.hasPrefix("~~~") {
      fenced(String(trimmed.prefix(3)))
    } else if let level = Self.headingLevel(trimmed) {
      _ = take()
      heading(level, trimmed.drop { $0 == "#" }.trimmed)
    } else if trimmed.count >= 3, trimmed.allSatisfy({ $0 == "-" }) || trimmed.allSatisfy({ $0 == "*" }) {
      _ = take()
      html += "<hr>\n"
    } else if trimmed.hasPrefix(">") {
      var quoted: [String] = []
      while let next = lines.first, next.trimmed.hasPrefix(">") { quoted.append(take().trimmed.dropFirst().trimmed) }
      html += "<blockquote>\n\(MarkdownText(quoted.joined(separator: "\n"), place: place).html)</blockquote>\n"
    } else if Self.listItem(line) != nil {
      list()
    } else if trimmed.hasPrefix("|"), lines.count > 1, Self.isTableRule(lines[lines.startIndex + 1]) {
      table()
    } else {
      paragraph()
    }
  }

  private static func headingLevel(_ line: String) -> Int? {
    let level = line.prefix { $0 == "#" }.count
    guard (1...6).contains(level), line.dropFirst(level).first == " " else { return nil }
    return level
  }

  private mutating func heading(_ level: Int, _ text: String) {
    let level = min(level, 4)
    let name = headings.isEmpty ? place : "\(place)-\(headings.count + 1)"
    let mark = headings.isEmpty ? "" : " id=\"\(name)\""
    if level <= 3 { headings.append((level, name, Self.plain(text))) }
    html += "<h\(level)\(level <= 3 ? mark : "")>\(Self.inline(text))</h\(level)>\n"
  }

  private mutating func fenced(_ fence: String) {
    _ = take()
    var code: [String] = []
    while let line = lines.first, !line.trimmed.hasPrefix(fence) { code.append(take()) }
    _ = take()
    html += "<pre><code>\(code.joined(separator: "\n").escapedForHTML)</code></pre>\n"
  }

  /// What stands behind `- `, `* ` or `1. `, and whether it counts.
  private static func listItem(_ line: String) -> (text: String, isNumbered: Bool, indent: Int)? {
    let indent = line.prefix { $0 == " " }.count
    let rest = line.dropFirst(indent)
    if let sign = rest.first, "-*+".contains(sign), rest.dropFirst().first == " " {
      return (rest.dropFirst(2).trimmed, false, indent)
    }
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty, digits.count < 6 else { return nil }
    let after = rest.dropFirst(digits.count)
    guard after.hasPrefix(". ") || after.hasPrefix(") ") else { return nil }
    return (after.dropFirst(2).trimmed, true, indent)
  }

  private mutating func list() {
    guard let first = lines.first.flatMap(Self.listItem) else { return }
    let tag = first.isNumbered ? "ol" : "ul"
    html += "<\(tag)>\n"
    var item: String?
    func close(_ html: inout String) { if let item { html += "<li>\(Self.inline(item))</li>\n" } }
    while let line = lines.first {
      if let next = Self.listItem(line) {
        if next.indent > first.indent + 1, let open = item {
          // A list in a list stands inside its item.
          html += "<li>\(Self.inline(open))\n"
          list()
          html += "</li>\n"
          item = nil
          continue
        }
        if next.indent < first.indent || next.isNumbered != first.isNumbered { break }
        close(&html)
        item = next.text
        _ = take()
      } else if !Self.isBlank(line), item != nil, Self.headingLevel(line.trimmed) == nil {
        item = (item ?? "") + "\n" + take().trimmed
      } else {
        break
      }
    }
    close(&html)
    html += "</\(tag)>\n"
  }

  private static func isTableRule(_ line: String) -> Bool {
    let line = line.trimmed
    return line.contains("-") && line.allSatisfy { "|-: ".contains($0) }
  }

  private mutating func table() {
    func cells(_ line: String) -> [String] {
      var line = line.trimmed[...]
      if line.hasPrefix("|") { line = line.dropFirst() }
      if line.hasSuffix("|") { line = line.dropLast() }
      return line.split(separator: "|", omittingEmptySubsequences: false).map(\.trimmed)
    }
    html += "<table>\n<tr>" + cells(take()).map { "<th>\(Self.inline($0))</th>" }.joined() + "</tr>\n"
    _ = take()
    while let line = lines.first, line.trimmed.hasPrefix("|") {
      html += "<tr>" + cells(take()).map { "<td>\(Self.inline($0))</td>" }.joined() + "</tr>\n"
    }
    html += "</table>\n"
  }

  private mutating func paragraph() {
    var text: [String] = []
    while let line = lines.first, !Self.isBlank(line), text.isEmpty || !Self.begins(line) {
      text.append(take().trimmed)
    }
    html += "<p>\(Self.inline(text.joined(separator: "\n")))</p>\n"
  }

  /// Whether a line ends the paragraph before it.
  private static func begins(_ line: String) -> Bool {
    let trimmed = line.trimmed
    return headingLevel(trimmed) != nil || trimmed.hasPrefix("```") || trimmed.hasPrefix(">") || listItem(line) != nil
  }
}
