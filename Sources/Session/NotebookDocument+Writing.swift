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
      lines.append("# ---")
    }
    for cell in cells {
      if !lines.isEmpty { lines.append("") }
      lines.append(cell.marker)
      for line in cell.source.split(separator: "\n", omittingEmptySubsequences: false) where !cell.source.isEmpty {
        lines.append(cell.kind == .code ? String(line) : line.isEmpty ? "#" : "# \(line)")
      }
      if let result = cell.result {
        for line in result.split(separator: "\n", omittingEmptySubsequences: false) {
          let shown = line.trimmedEnd
          lines.append(shown.isEmpty ? "#>" : "#> \(shown)")
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension NotebookDocument.Cell {
  var marker: String {
    var words = ["# %%"]
    switch kind {
    case .code: break
    case .markdown: words.append("[markdown]")
    case .failed: words.append("[failed]")
    }
    if allowsFailure { words.append("[allow-fail]") }
    if let pauseAfter { words.append("[paused after \(pauseAfter) batches]") }
    let name = title.split(whereSeparator: \.isNewline).joined(separator: " ")
    if !name.isEmpty { words.append(name) }
    return words.joined(separator: " ")
  }
}
