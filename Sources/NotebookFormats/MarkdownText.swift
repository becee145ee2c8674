import Diagnostics
import Session

/// The Markdown that people write in notebooks, as HTML: headings, paragraphs, lists, quotes, tables, code, emphasis and
/// links. HTML in it is text; pictures are named, for a page takes nothing from outside.
struct MarkdownText {
  private(set) var html = ""
  private(set) var headings: [(level: Int, place: String, title: String)] = []
  private let place: String
  /// As pages before version 4 were drawn.
  let isOld: Bool
  /// Of the quotes around it.
  private let depth: Int
  private var lines: ArraySlice<String>

  /// Quotes in quotes, and lists in lists, beyond which the signs are text: nobody reads more, and each takes room on
  /// the program's stack.
  private static let depthLimit = 50

  /// - Parameter version: of the page that it stands on.
  init(_ source: String, place: String, version: Int = Page.version) {
    self.init(source, place: place, isOld: version < 4, depth: 0)
  }

  private init(_ source: String, place: String, isOld: Bool, depth: Int) {
    self.place = place
    self.isOld = isOld
    self.depth = depth
    lines = source.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).withVisibleControls }[...]
    while let line = lines.first { block(line) }
  }

  private static func isBlank(_ line: String) -> Bool { line.allSatisfy(\.isWhitespace) }

  private mutating func take() -> String { lines.popFirst() ?? "" }

  /// The line as part of a paragraph: blanks at its end may break the line on the page.
  private func part(_ line: some StringProtocol) -> String {
    isOld ? line.trimmed : String(line.drop(while: \.isWhitespace))
  }

  private mutating func block(_ line: String) {
    let trimmed = line.trimmed
    if trimmed.isEmpty {
      _ = take()
    } else if trimmed.hasPrefix("```") || trimmed.hasPrefix("~~~") {
      fenced(String(trimmed.prefix(3)))
    } else if let level = Self.headingLevel(trimmed) {
      _ = take()
      let title = trimmed.drop { $0 == "#" }.trimmed
      heading(level, isOld ? title : Self.withoutSignsAtEnd(title))
    } else if isRule(trimmed) {
      _ = take()
      html += "<hr>\n"
    } else if trimmed.hasPrefix(">"), depth < Self.depthLimit {
      var quoted: [String] = []
      while let next = lines.first, next.trimmed.hasPrefix(">") {
        let rest = part(take()).dropFirst()
        quoted.append(isOld ? rest.trimmed : String(rest.first == " " ? rest.dropFirst() : rest))
      }
      let inner = MarkdownText(quoted.joined(separator: "\n"), place: place, isOld: isOld, depth: depth + 1)
      html += "<blockquote>\n\(inner.html)</blockquote>\n"
    } else if Self.listItem(line) != nil {
      list()
    } else if trimmed.hasPrefix("|"), lines.count > 1, Self.isTableRule(lines[lines.startIndex + 1]) {
      table()
    } else {
      paragraph()
    }
  }

  /// `---` and `***`, since version 4 also `___` and with blanks between.
  private func isRule(_ line: String) -> Bool {
    let signs = isOld ? line : line.filter { $0 != " " }
    guard signs.count >= 3, let sign = signs.first, isOld ? "-*".contains(sign) : "-*_".contains(sign) else {
      return false
    }
    return signs.allSatisfy { $0 == sign }
  }

  /// A line under a paragraph that makes it a heading: `===` of the first level, `---` of the second.
  private func underlineLevel(_ line: String) -> Int? {
    let trimmed = line.trimmed
    guard !isOld, let sign = trimmed.first, trimmed.allSatisfy({ $0 == sign }) else { return nil }
    return sign == "=" ? 1 : sign == "-" ? 2 : nil
  }

  private static func headingLevel(_ line: String) -> Int? {
    let level = line.prefix { $0 == "#" }.count
    guard (1...6).contains(level), line.dropFirst(level).first == " " else { return nil }
    return level
  }

  /// `## Title ##` is a heading as `## Title` is.
  private static func withoutSignsAtEnd(_ title: String) -> String {
    let rest = title[..<(title.lastIndex { $0 != "#" }.map(title.index(after:)) ?? title.startIndex)]
    return rest.isEmpty || rest.last == " " ? rest.trimmed : title
  }

  private mutating func heading(_ level: Int, _ text: String) {
    let level = min(level, 4)
    let name = headings.isEmpty ? place : "\(place)-\(headings.count + 1)"
    let mark = headings.isEmpty ? "" : " id=\"\(name)\""
    if level <= 3 { headings.append((level, name, plain(text))) }
    html += "<h\(level)\(level <= 3 ? mark : "")>\(inline(text))</h\(level)>\n"
  }

  private mutating func fenced(_ fence: String) {
    _ = take()
    var code: [String] = []
    while let line = lines.first, !line.trimmed.hasPrefix(fence) { code.append(take()) }
    _ = take()
    html += "<pre><code>\(code.joined(separator: "\n").escapedForHTML)</code></pre>\n"
  }

  /// What stands behind `- `, `* ` or `1. `, and whether it counts.
  private static func listItem(_ line: String) -> (text: Substring, isNumbered: Bool, indent: Int)? {
    let indent = line.prefix { $0 == " " }.count
    let rest = line.dropFirst(indent)
    if let sign = rest.first, "-*+".contains(sign), rest.dropFirst().first == " " {
      return (rest.dropFirst(2), false, indent)
    }
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty, digits.count < 6 else { return nil }
    let after = rest.dropFirst(digits.count)
    guard after.hasPrefix(". ") || after.hasPrefix(") ") else { return nil }
    return (after.dropFirst(2), true, indent)
  }

  private func itemText(_ item: String) -> String { inline(isOld ? item : item.trimmed) }

  /// - Parameter depth: of the lists around it.
  private mutating func list(depth: Int = 0) {
    guard let first = lines.first.flatMap(Self.listItem) else { return }
    let tag = first.isNumbered ? "ol" : "ul"
    html += "<\(tag)>\n"
    var item: String?
    func close(_ text: inout MarkdownText) { if let item { text.html += "<li>\(text.itemText(item))</li>\n" } }
    while let line = lines.first {
      if !isOld, item != nil, isRule(line.trimmed) { break }
      if let next = Self.listItem(line) {
        if next.indent > first.indent + 1, let open = item, depth < Self.depthLimit {
          // A list in a list stands inside its item.
          html += "<li>\(itemText(open))\n"
          list(depth: depth + 1)
          html += "</li>\n"
          item = nil
          continue
        }
        if next.indent < first.indent || next.isNumbered != first.isNumbered { break }
        close(&self)
        item = part(next.text)
        _ = take()
      } else if !Self.isBlank(line), item != nil, Self.headingLevel(line.trimmed) == nil {
        item = (item ?? "") + "\n" + part(take())
      } else {
        break
      }
    }
    close(&self)
    html += "</\(tag)>\n"
  }

  private static func isTableRule(_ line: String) -> Bool {
    let line = line.trimmed
    return line.contains("-") && line.allSatisfy { "|-: ".contains($0) }
  }

  private mutating func table() {
    html += "<table>\n<tr>" + cells(take()).map { "<th>\(inline($0))</th>" }.joined() + "</tr>\n"
    _ = take()
    while let line = lines.first, line.trimmed.hasPrefix("|") {
      html += "<tr>" + cells(take()).map { "<td>\(inline($0))</td>" }.joined() + "</tr>\n"
    }
    html += "</table>\n"
  }

  /// A table's row in its cells. A bar behind a backslash is a cell's text.
  private func cells(_ line: String) -> [String] {
    var line = line.trimmed[...]
    if line.hasPrefix("|") { line = line.dropFirst() }
    guard !isOld, line.contains("\\|") else {
      if line.hasSuffix("|") { line = line.dropLast() }
      return line.split(separator: "|", omittingEmptySubsequences: false).map(\.trimmed)
    }
    var cells = [""]
    var isEscaped = false
    for character in line {
      if character == "|", !isEscaped {
        cells.append("")
      } else {
        if character == "|" { cells[cells.count - 1].removeLast() }
        cells[cells.count - 1].append(character)
      }
      isEscaped = character == "\\" && !isEscaped
    }
    if line.hasSuffix("|"), cells.last?.isEmpty == true { cells.removeLast() }
    return cells.map(\.trimmed)
  }

  private mutating func paragraph() {
    var text: [String] = []
    while let line = lines.first, !Self.isBlank(line) {
      if !text.isEmpty {
        if let level = underlineLevel(line) {
          _ = take()
          return heading(level, text.joined(separator: "\n").trimmed)
        }
        if begins(line) { break }
      }
      text.append(part(take()))
    }
    html += "<p>\(inline(text.joined(separator: "\n").trimmed))</p>\n"
  }

  /// Whether a line ends the paragraph before it.
  private func begins(_ line: String) -> Bool {
    let trimmed = line.trimmed
    if !isOld, isRule(trimmed) { return true }
    return Self.headingLevel(trimmed) != nil || trimmed.hasPrefix("```") || Self.listItem(line) != nil
      || trimmed.hasPrefix(">") && depth < Self.depthLimit
  }
}
