import Diagnostics

extension NotebookDocument {
  /// The text of the file: short, without anything that differs from run to run.
  public var text: String {
    var lines: [String] = []
    if let interpreterLine { lines.append(interpreterLine) }
    if header != Header() {
      lines.append("# ---")
      if let version = header.version { lines.append("# twinbook: \(version)") }
      lines.append("# format: \(Self.newestFormat)")
      if let seed = header.seed { lines.append("# seed: \(seed)") }
      if let numerics = header.numerics { lines.append("# numerics: \(numerics)") }
      if let tolerance = header.tolerance { lines.append("# tolerance: \(tolerance)") }
      lines += header.others
      lines.append("# ---")
    }
    for cell in cells {
      if !lines.isEmpty { lines.append("") }
      lines.append(cell.marker)
      lines += cell.sourceLines
      for answer in cell.answers { lines.append(answer.isEmpty ? "#<" : "#< \(answer.asOneLine)") }
      guard let result = cell.result else { continue }
      // The empty result is one, too.
      for line in ResultText.canonical(result).split(separator: "\n", omittingEmptySubsequences: false) {
        lines.append(line.isEmpty ? "#>" : "#> \(line)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension NotebookDocument.Cell {
  var marker: String {
    var words = ["# %%" + String(repeating: "%", count: depth)]
    switch kind {
    case .code: break
    case .markdown: words.append(isRaw ? "[raw]" : "[markdown]")
    case .failed: words.append("[failed]")
    }
    if allowsFailure, !CellMarker.allowsFailure(metadata) { words.append("[allow-fail]") }
    if varies { words.append("[varies]") }
    if let pauseAfter { words.append("[paused after \(pauseAfter) batches]") }
    // On one line, and beginning with a character that does not join the blank before it.
    var behind = [title, metadata].map { text in
      let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
      let start = Substring(line).trimmed.unicodeScalars.drop { $0.properties.isGraphemeExtend }
      return String(Substring(start).trimmed)
    }
    // A title like `[markdown]` would be read as what the cell is.
    if CellMarker.isEscaped(behind[0]) { behind[0] = "\\" + behind[0] }
    return (words + behind.filter { !$0.isEmpty }).joined(separator: " ")
  }

  /// The cell's text as it stands in a file: it ends where the next marker stands, and no line of it is a result.
  fileprivate var sourceLines: [String] {
    guard !source.isEmpty else { return [] }
    let lines = NotebookDocument.lines(of: source + "\n", isFile: false)
    switch kind {
    case .code:
      var quotes = TripleQuotes()
      return lines.map { line in
        // A remark like a result or a marker is told from one by a blank before it.
        let isRemark = !quotes.isOpen && (line.begins("#>") || line.begins("#<") || CellMarker(line: line) != nil)
        quotes.read(line)
        return isRemark ? " \(line)" : String(line)
      }
    case .markdown where isQuoted && !source.contains("\"\"\""):
      return ["\"\"\""] + lines.map(String.init) + ["\"\"\""]
    case .markdown, .failed: return lines.map { line in line.isEmpty ? "#" : "# \(line.withEscapedMarker)" }
    }
  }
}

extension Substring {
  /// `%%` at the beginning of a line in comments would begin a cell: a backslash stands before it, as in Markdown.
  fileprivate var withEscapedMarker: String {
    // A carriage return alone ends a line for many an editor, and the comment with it.
    let line = contains { $0 == "\r" } ? Substring(map { $0 == "\r" ? " " : String($0) }.joined()) : self
    let blanks = line.prefix { $0 == " " }
    let rest = line[blanks.endIndex...]
    return rest.drop { $0 == "\\" }.hasPrefix("%%") ? blanks + "\\" + rest : String(line)
  }

  /// The line that `withEscapedMarker` was made from.
  var withPlainMarker: Substring {
    let blanks = prefix { $0 == " " }
    let rest = self[blanks.endIndex...]
    guard rest.first == "\\", rest.drop(while: { $0 == "\\" }).hasPrefix("%%") else { return self }
    return Substring(blanks + rest.dropFirst())
  }
}
