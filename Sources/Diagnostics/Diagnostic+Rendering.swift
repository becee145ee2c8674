/// Draws a diagnostic as a person reads it:
///
///     error: conv expects 3 or more axes (batch, channels, height, width), got a tensor of shape [400, 10304]
///       ╭─ cell 4, line 2
///       │ net(faces.tensor.reshape(400, -1))
///       │ ^^^ the input of layer 1, conv(6, 3)
///       ╰─ help: keep the image's shape, or begin the network with dense
extension Diagnostic {
  /// - Parameter width: the columns of the window, so that a line of the program is cut rather than broken, which would move
  ///   what marks a part of it elsewhere; at most 105 are used for it. Words beside it are broken behind a bar of their own.
  ///   Nil: there is no window, and nothing but the program is cut.
  public func rendered(color: Bool = false, width window: Int? = nil) -> String {
    let red = color ? "\u{1B}[1;31m" : ""
    let yellow = color ? "\u{1B}[1;33m" : ""
    let dim = color ? "\u{1B}[2m" : ""
    let plain = color ? "\u{1B}[0m" : ""
    let tint = severity == .error ? red : yellow
    var lines = ["\(tint)\(severity.rawValue):\(plain) \(explanation.message.withVisibleControls)"]
    if let place {
      let (line, column) = place.source.location(of: place.span.start)
      let text = place.source.line(line)
      let (endLine, endColumn) = place.source.location(of: max(place.span.start, place.span.end))
      let width = endLine == line ? max(1, endColumn - column) : Int.max
      let (shown, offset) = Self.window(text, around: column, limit: max(20, min(100, (window ?? 105) - 5)))
      lines.append("  \(dim)╭─\(plain) \(place.source.name.asOneLine), line \(line)")
      lines.append("  \(dim)│\(plain) \(shown)")
      let padding = shown.prefix(max(0, column - 1 - offset)).map {
        $0 == "\t" ? "\t" : String(repeating: " ", count: Self.columns($0))
      }
      let marked = shown.dropFirst(max(0, column - 1 - offset)).prefix(width)
      let carets = String(repeating: "^", count: max(1, marked.reduce(0) { $0 + Self.columns($1) }))
      let note = explanation.note?.withVisibleControls
      let used = padding.joined() + carets
      let isBeside = note.map { Self.fits("\(used) \($0)", window) } ?? false
      let beside = isBeside ? note.map { " " + $0 } ?? "" : ""
      lines.append("  \(dim)│\(plain) \(padding.joined())\(tint)\(carets)\(plain)\(beside)")
      for text in (isBeside ? [] : [note].compactMap { $0 }) + callLines.map(\.withVisibleControls) {
        for part in Self.broken(text, window) { lines.append("  \(dim)│\(plain) \(part)") }
      }
      if let help = explanation.help?.withVisibleControls {
        lines.append("  \(dim)╰─\(plain) help: \(help)")
      } else {
        lines.append("  \(dim)╰─\(plain)")
      }
    } else if let help = explanation.help?.withVisibleControls {
      lines.append("  help: \(help)")
    }
    return lines.joined(separator: "\n")
  }

  /// Whether a text fits behind the bar. The last column stays free: some terminals go on to the next line behind it.
  private static func fits(_ text: String, _ window: Int?) -> Bool {
    window.map { columns(of: text) <= room($0) } ?? true
  }

  /// A text in lines that fit behind the bar, broken between words.
  private static func broken(_ text: String, _ window: Int?) -> [String] {
    guard let window, !fits(text, window) else { return [text] }
    return wrappedWords(text.split(separator: " "), width: room(window), columns: columns(of:))
  }

  private static func room(_ window: Int) -> Int { max(15, window - 5) }

  private static func columns(of text: String) -> Int { text.reduce(0) { $0 + columns($1) } }

  /// At most `limit` columns of a long line, with the marked part in view and `…` where something was cut; the offset is
  /// how many characters were cut on the left. Control characters, which could play with the terminal, are shown as a dot.
  private static func window(_ text: String, around column: Int, limit: Int) -> (String, Int) {
    // A line may have millions of characters: more than `limit` of them on either side are never shown.
    let (start, end) = (text.startIndex, text.endIndex)
    let mark = text.index(start, offsetBy: max(0, column - 1), limitedBy: end) ?? end
    let first = text.index(mark, offsetBy: -limit, limitedBy: start) ?? start
    let last = text.index(mark, offsetBy: limit + 1, limitedBy: end) ?? end
    let characters = Array(text[first..<last])
    let isWhole = first == start && last == end
    if isWhole, characters.reduce(0, { $0 + columns($1) }) <= limit { return (harmless(text), 0) }
    let before = text.distance(from: first, to: mark)
    var from = max(0, before - min(20, limit / 3))
    var to = from
    var used = 0
    while to < characters.count, used + columns(characters[to]) <= limit {
      used += columns(characters[to])
      to += 1
    }
    while from > 0, used + columns(characters[from - 1]) <= limit {
      from -= 1
      used += columns(characters[from])
    }
    var shown = Array(characters[from..<to])
    if from > 0 || first > start, !shown.isEmpty { shown[0] = "…" }
    if to < characters.count || last < end, !shown.isEmpty { shown[shown.count - 1] = "…" }
    return (harmless(String(shown)), from + max(0, column - 1 - before))
  }

  private static func harmless(_ text: String) -> String {
    func isPlain(_ character: Character) -> Bool { character.unicodeScalars.allSatisfy { $0 == "\t" || !$0.isControl } }
    guard !text.allSatisfy(isPlain) else { return text }
    return String(text.map { isPlain($0) ? $0 : "·" })
  }

  /// Columns that a character takes in a terminal: two for East Asian wide characters and emoji.
  private static func columns(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return scalar.value > 0x2000 && scalar.properties.isEmojiPresentation ? 2 : 1
    }
  }
}
