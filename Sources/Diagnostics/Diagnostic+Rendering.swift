/// Draws a diagnostic as a person reads it:
///
///     error: conv expects 3 or more axes (batch, channels, height, width), got a tensor of shape [400, 10304]
///       ╭─ cell 4, line 2
///       │ net(faces.tensor.reshape(400, -1))
///       │ ^^^ the input of layer 1, conv(6, 3)
///       ╰─ help: keep the image's shape, or begin the network with dense
extension Diagnostic {
  public func rendered(color: Bool = false) -> String {
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
      let width = endLine == line ? max(1, endColumn - column) : max(1, text.count - column + 1)
      let (shown, offset) = Self.window(text, around: column, width: width)
      lines.append("  \(dim)╭─\(plain) \(place.source.name.asOneLine), line \(line)")
      lines.append("  \(dim)│\(plain) \(shown)")
      let padding = shown.prefix(max(0, column - 1 - offset)).map {
        $0 == "\t" ? "\t" : String(repeating: " ", count: Self.columns($0))
      }
      let marked = shown.dropFirst(max(0, column - 1 - offset)).prefix(width)
      let carets = String(repeating: "^", count: max(1, marked.reduce(0) { $0 + Self.columns($1) }))
      let note = explanation.note.map { " " + $0.withVisibleControls } ?? ""
      lines.append("  \(dim)│\(plain) \(padding.joined())\(tint)\(carets)\(plain)\(note)")
      for line in callLines { lines.append("  \(dim)│\(plain) \(line.withVisibleControls)") }
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

  /// At most 100 characters of a long line, with the marked part in view and `…` where something was cut; the offset is
  /// what was cut on the left. Control characters, which could play with the terminal, are shown as a dot.
  private static func window(_ text: String, around column: Int, width: Int) -> (String, Int) {
    let limit = 100
    let count = text.count
    guard count > limit else { return (harmless(text), 0) }
    let start = max(0, min(column - 1 - 20, count - limit))
    var shown = Array(text.dropFirst(start).prefix(limit))
    if start > 0 { shown[0] = "…" }
    if start + limit < count { shown[shown.count - 1] = "…" }
    return (harmless(String(shown)), start)
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
