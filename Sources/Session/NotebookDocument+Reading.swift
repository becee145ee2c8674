extension NotebookDocument {
  /// Reads the percent format. A text without any `# %%` is one cell, so that every script is a document.
  ///
  /// Takes CRLF, a byte-order mark, missing newlines and bytes that are no UTF-8 (they become U+FFFD).
  /// - Throws: `SessionError.newerFormat` where the header says that a newer Twinbook wrote it, `.brokenHeader`.
  public init(reading bytes: [UInt8], name: String) throws(SessionError) {
    try self.init(reading: String(decoding: bytes, as: UTF8.self), name: name)
  }

  public init(reading text: String, name: String) throws(SessionError) {
    let lines = Self.lines(of: text)
    self.init()
    var index = 0
    if let first = lines.first, first.hasPrefix("#!") {
      interpreterLine = String(first)
      index = 1
    }
    var afterHeader = index
    while afterHeader < lines.count, lines[afterHeader].allSatisfy(\.isWhitespace) { afterHeader += 1 }
    if afterHeader < lines.count, lines[afterHeader].trimmedEnd == "# ---" {
      index = try readHeader(lines, from: afterHeader + 1, name: name)
    }
    readCells(lines, from: index)
  }

  /// Lines without their ends. Split by bytes: to Swift, CR LF is one character.
  static func lines(of text: String) -> [Substring] {
    var utf8 = text.utf8[...]
    if utf8.starts(with: [0xEF, 0xBB, 0xBF]) { utf8 = utf8.dropFirst(3) }
    var lines = utf8.split(separator: 10, omittingEmptySubsequences: false).map { line in
      var line = line
      while line.last == 13 { line.removeLast() }
      return Substring(line)
    }
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  private mutating func readHeader(_ lines: [Substring], from start: Int, name: String) throws(SessionError) -> Int {
    guard let end = lines[start...].prefix(60).firstIndex(where: { $0.trimmedEnd == "# ---" }) else {
      throw .brokenHeader(file: name, line: start)
    }
    var version: String?
    for index in start..<end {
      // Keys that this version does not know (Jupytext's own, say) are left alone.
      guard lines[index].hasPrefix("# "), let colon = lines[index].firstIndex(of: ":") else { continue }
      let key = lines[index][..<colon].dropFirst(2)
      let value = String(lines[index][lines[index].index(after: colon)...].trimmed)
      switch key {
      case "twinbook": version = value
      case "format":
        guard let format = Int(value), format >= 1 else {
          throw .badHeaderValue(file: name, line: index + 1, "format", value)
        }
        if format > Self.newestFormat { throw .newerFormat(file: name, format: format, version: version) }
      case "seed":
        guard let seed = UInt64(value) else { throw .badHeaderValue(file: name, line: index + 1, "seed", value) }
        header.seed = seed
      case "numerics": header.numerics = value
      case "tolerance":
        guard let tolerance = Double(value), tolerance >= 0, tolerance < 1 else {
          throw .badHeaderValue(file: name, line: index + 1, "tolerance", value)
        }
        header.tolerance = tolerance
      default: break
      }
    }
    header.version = version
    return end + 1
  }

  private mutating func readCells(_ lines: [Substring], from start: Int) {
    var marker: CellMarker?
    var body: [Substring] = []
    var bodyStart = start
    var quotes = TripleQuotes()
    // A `"""` that is never closed would swallow every cell that follows it: then markers end cells wherever they are.
    var trustsQuotes = true
    var index = start
    while index < lines.count {
      let line = lines[index]
      if !(trustsQuotes && quotes.isOpen), let next = CellMarker(line: line) {
        add(marker, body, firstLine: bodyStart + 1)
        marker = next
        body = []
        bodyStart = index + 1
        quotes = TripleQuotes()
      } else {
        body.append(line)
        if marker?.kind ?? .code == .code { quotes.read(line) }
      }
      index += 1
      if index == lines.count, quotes.isOpen, trustsQuotes {
        trustsQuotes = false
        body = []
        index = bodyStart
        quotes = TripleQuotes()
      }
    }
    add(marker, body, firstLine: bodyStart + 1)
  }

  private mutating func add(_ marker: CellMarker?, _ body: [Substring], firstLine: Int) {
    let kind = marker?.kind ?? .code
    var source: [Substring] = []
    var result: [Substring] = []
    var quotes = TripleQuotes()
    for line in body {
      if kind != .markdown, !quotes.isOpen, line.hasPrefix("#>") {
        result.append(line.dropFirst(line.hasPrefix("#> ") ? 3 : 2))
        // Later lines keep their numbers in error messages.
        source.append("")
      } else {
        if kind == .code { quotes.read(line) }
        source.append(kind == .code ? line : line.uncommented)
      }
    }
    while source.last?.allSatisfy(\.isWhitespace) == true { source.removeLast() }
    var first = firstLine
    while source.first?.allSatisfy(\.isWhitespace) == true {
      source.removeFirst()
      first += 1
    }
    if marker == nil, source.isEmpty, result.isEmpty { return }
    cells.append(
      Cell(
        kind: kind, title: marker?.title ?? "", allowsFailure: marker?.allowsFailure ?? false,
        pauseAfter: marker?.pauseAfter, source: source.joined(separator: "\n"),
        result: result.isEmpty ? nil : result.joined(separator: "\n"),
        firstLine: first))
  }
}

/// A `# %%` line: `# %%`, `#%%`, `# %% Title`, `# %% [markdown]`, `# %% [allow-fail] Title`,
/// `# %% Title tags=["allow-fail"]`.
struct CellMarker {
  var kind: NotebookDocument.CellKind = .code
  var title = ""
  var allowsFailure = false
  var pauseAfter: Int?

  init?(line: Substring) {
    var rest = line
    guard rest.popFirst() == "#" else { return nil }
    rest = rest.drop { $0 == " " }
    guard rest.hasPrefix("%%") else { return nil }
    rest = rest.dropFirst(2)
    // `# %%%` is a deeper cell of Jupytext's; `# %%time` is a comment about a command.
    rest = rest.drop { $0 == "%" }
    guard rest.isEmpty || rest.first?.isWhitespace == true else { return nil }
    var words = rest.trimmed
    while words.first == "[", let close = words.firstIndex(of: "]") {
      switch words[words.index(after: words.startIndex)..<close] {
      case "markdown", "md": kind = .markdown
      case "failed": kind = .failed
      case "allow-fail", "allow-failure", "raises-exception": allowsFailure = true
      case "code": break
      case let word:
        let parts = word.split(separator: " ")
        guard parts.count == 4, parts[0] == "paused", parts[1] == "after", parts[3] == "batches",
          let batches = Int(parts[2]), batches > 0
        else {
          title = String(words)
          return
        }
        pauseAfter = batches
      }
      words = words[words.index(after: close)...].trimmed
    }
    if let tags = words.range(of: "tags=[") {
      let list = words[tags.upperBound...]
      allowsFailure = allowsFailure || list.contains("allow-fail") || list.contains("raises-exception")
      words = words[..<tags.lowerBound].trimmed
    }
    title = String(words)
  }
}

/// Whether a line begins inside a `"""` string, so that a `# %%` there is text. Reads only as much as that needs.
struct TripleQuotes {
  private(set) var isOpen = false

  mutating func read(_ line: Substring) {
    let bytes = Array(line.utf8)
    let quote = UInt8(ascii: "\"")
    var index = 0
    var inString = false
    while index < bytes.count {
      let byte = bytes[index]
      let isTriple = byte == quote && index + 2 < bytes.count && bytes[index + 1] == quote && bytes[index + 2] == quote
      if byte == UInt8(ascii: "\\") {
        index += isOpen || inString ? 2 : 1
      } else if isOpen {
        if isTriple { isOpen = false }
        index += isTriple ? 3 : 1
      } else if inString {
        if byte == quote { inString = false }
        index += 1
      } else if isTriple {
        isOpen = true
        index += 3
      } else if byte == quote {
        inString = true
        index += 1
      } else if byte == UInt8(ascii: "#") {
        return
      } else {
        index += 1
      }
    }
  }
}

extension Substring {
  var trimmedEnd: Substring {
    var rest = self
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return rest
  }

  var trimmed: Substring { trimmedEnd.drop(while: \.isWhitespace) }

  /// Without the `# ` of a markdown or failed cell; a line that is no comment stays as it is.
  var uncommented: Substring {
    hasPrefix("# ") ? dropFirst(2) : self == "#" ? "" : self
  }
}

extension Substring {
  /// The first place where `needle` stands.
  fileprivate func range(of needle: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
      start = index(after: start)
    }
    return nil
  }

  fileprivate func contains(_ needle: String) -> Bool { range(of: needle) != nil }
}
