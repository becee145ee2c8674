extension NotebookDocument {
  /// Whether tags in a cell's metadata say that it may fail.
  public static func allowsFailure(_ metadata: String) -> Bool { CellMarker.allowsFailure(metadata) }
}

/// A `# %%` line: `# %%`, `#%%`, `# %% Title`, `# %% [markdown]`, `# %% [allow-fail] Title`,
/// `# %% Title tags=["allow-fail"]`.
struct CellMarker {
  var kind: NotebookDocument.CellKind = .code
  var isRaw = false
  var title = ""
  var allowsFailure = false
  var pauseAfter: Int?
  /// A number of batches after which nothing can pause: "0".
  var impossiblePause: String?
  var varies = false
  /// Behind the title: `tags=["slow"]`, `{"id": 1}`.
  var metadata = ""
  var depth = 0

  init?(line: Substring) {
    var rest = line
    guard rest.popFirst() == "#" else { return nil }
    rest = rest.drop { $0 == " " }
    guard rest.hasPrefix("%%") else { return nil }
    rest = rest.dropFirst(2)
    // `# %%%` is a deeper cell of Jupytext's; `# %%time` is a comment about a command.
    depth = rest.prefix { $0 == "%" }.count
    rest = rest.drop { $0 == "%" }
    guard rest.isEmpty || rest.first?.isWhitespace == true else { return nil }
    var words = rest.trimmed
    while words.first == "[", let close = words.firstIndex(of: "]") {
      switch words[words.index(after: words.startIndex)..<close] {
      case "markdown", "md": kind = .markdown
      case "raw": (kind, isRaw) = (.markdown, true)
      case "failed": kind = .failed
      case "allow-fail", "allow-failure", "raises-exception": allowsFailure = true
      case "varies": varies = true
      case "code": break
      case let word:
        let parts = word.split(separator: " ")
        guard parts.count == 4, parts[0] == "paused", parts[1] == "after", parts[3] == "batches",
          let first = parts[2].first, first.isNumber || first == "-"
        else {
          setTitle(words)
          return
        }
        if let batches = Int(parts[2]), batches > 0 { pauseAfter = batches } else { impossiblePause = String(parts[2]) }
      }
      words = words[words.index(after: close)...].trimmed
    }
    setTitle(words)
  }

  private mutating func setTitle(_ words: Substring) {
    let start = Self.metadataStart(words)
    let written = words[..<start].trimmed
    let meant = written.first == "\\" && Self.isEscaped(written.dropFirst()) ? written.dropFirst() : written
    // Old Macs end lines by a CR alone, and a page break is one to others: a title is one line wherever it is written.
    title = meant.split(whereSeparator: \.isNewline).joined(separator: " ")
    metadata = String(words[start...].trimmed)
    allowsFailure = allowsFailure || Self.allowsFailure(metadata)
  }

  /// A title that has a backslash before it in a file: one that begins as a mark does, or with backslashes before that.
  static func isEscaped(_ title: some StringProtocol) -> Bool {
    let rest = title.drop { $0 == "\\" }
    guard rest.first == "[", let close = rest.firstIndex(of: "]") else { return false }
    let word = rest[rest.index(after: rest.startIndex)..<close]
    return [
      "markdown", "md", "raw", "failed", "allow-fail", "allow-failure", "raises-exception", "varies", "code",
    ].contains(String(word)) || word.hasPrefix("paused after ")
  }

  /// Metadata is a JSON object, or begins with a word and `=`, a quote or a bracket behind it.
  private static func metadataStart(_ words: Substring) -> Substring.Index {
    var index = words.startIndex
    while index < words.endIndex {
      let rest = words[index...]
      if rest.first == "{", rest.dropFirst().trimmed.first == "\"", words.last == "}" { return index }
      let name = rest.prefix { $0.isLetter || $0.isNumber || "_-.".contains($0) }
      if !name.isEmpty, name.endIndex < words.endIndex, words[name.endIndex] == "=",
        let next = words[name.endIndex...].dropFirst().first, "[\"'{".contains(next)
      {
        return index
      }
      guard let blank = rest.firstIndex(of: " ") else { break }
      index = words[blank...].firstIndex { $0 != " " } ?? words.endIndex
    }
    return words.endIndex
  }

  /// Whether a cell's tags say so.
  static func allowsFailure(_ metadata: String) -> Bool {
    metadata.contains("tags") && ["allow-fail", "raises-exception"].contains { metadata.contains("\"\($0)") }
  }
}
