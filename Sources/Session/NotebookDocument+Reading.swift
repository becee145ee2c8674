import Files

extension NotebookDocument {
  /// Reads the percent format. A text without any `# %%` is one cell, so that every script is a document.
  ///
  /// Takes CRLF, a byte-order mark and missing newlines.
  /// - Throws: `SessionError.newerFormat` where the header says that a newer Twinbook wrote it, `.brokenHeader`.
  ///   `.notText` for a picture, an archive or another encoding: a letter that is read as another one would be a label.
  public init(reading bytes: [UInt8], name: String) throws(SessionError) {
    try self.init(reading: Self.text(of: bytes, name: name), name: name)
  }

  private static func text(of bytes: [UInt8], name: String) throws(SessionError) -> String {
    if let kind = otherContent(bytes) { throw .notText(file: name, kind: kind) }
    // Read as one line it would be one comment that runs as nothing. To end lines at each CR would change what stands in
    // strings: an editor knows better what was meant.
    if !bytes.contains(10), let end = bytes.firstIndex(of: 13), bytes[end...].contains(where: { $0 != 13 }) {
      throw .oldLineEnds(file: name)
    }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    // No character of UTF-8 has the byte of a newline in it.
    let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
    let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
    throw .notText(file: name, kind: "text in another encoding than UTF-8, as line \(line + 1) shows")
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
    try readCells(lines, from: index, name: name)
  }

  /// What bytes are that no text of UTF-8 begins with; nil where they begin as text may.
  private static func otherContent(_ bytes: [UInt8]) -> String? {
    if let encoding = WideEncoding(of: bytes) { return "text in \(encoding.rawValue)" }
    for (signature, kind) in [
      ([0x89, 0x50, 0x4E, 0x47], "a picture (PNG)"), ([0xFF, 0xD8, 0xFF], "a picture (JPEG)"),
      ([0x50, 0x4B, 3, 4], "a zip"), ([0x25, 0x50, 0x44, 0x46], "a PDF"), ([0x1F, 0x8B], "packed by gzip"),
      (Array("SQLite format 3\0".utf8), "a database, as galleries are"),
      ([0x93, 0x4E, 0x55, 0x4D], "an array of NumPy's"),
      ([0x89, 0x48, 0x44, 0x46], "a file of HDF5"),
    ] as [([UInt8], String)] where bytes.starts(with: signature) {
      return kind
    }
    return nil
  }

  /// The same, with the text in `layout` where `text` would write another.
  public init(readingWithLayout bytes: [UInt8], name: String) throws(SessionError) {
    let text = try Self.text(of: bytes, name: name)
    try self.init(reading: text, name: name)
    if self.text != text { layout = text }
  }

  /// As a reader of `text` has it: without empty lines around cells, and with a blank before remarks that look like
  /// results. What shows the session beside its text has to show this.
  public var asRead: NotebookDocument {
    guard var read = try? NotebookDocument(reading: text, name: ""), read.cells.count == cells.count else {
      return self
    }
    for index in cells.indices {
      read.cells[index].parts = cells[index].parts
      read.cells[index].warnings = cells[index].warnings
    }
    read.layout = layout
    return read
  }

  /// As it stood in the percent format, to the byte, where that is known; else as `text` writes it.
  public var percentText: String { layoutOfThis ?? text }

  /// The layout where it says what the document says. A run, and an editor of notebooks, change the document and leave the
  /// layout of before: that is of another document then.
  public var layoutOfThis: String? {
    guard let layout, let read = try? NotebookDocument(reading: layout, name: ""), read.text == text else { return nil }
    return layout
  }

  /// Lines without their ends. Split by bytes: to Swift, CR LF is one character.
  /// - Parameter isFile: a byte-order mark may stand at the beginning.
  static func lines(of text: String, isFile: Bool = true) -> [Substring] {
    var utf8 = text.utf8[...]
    if isFile, utf8.starts(with: [0xEF, 0xBB, 0xBF]) { utf8 = utf8.dropFirst(3) }
    var lines = utf8.split(separator: 10, omittingEmptySubsequences: false).map { line in
      var line = line
      while line.last == 13 { line.removeLast() }
      return Substring(line)
    }
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  private mutating func readHeader(_ lines: [Substring], from start: Int, name: String) throws(SessionError) -> Int {
    guard let end = lines[start...].prefix(400).firstIndex(where: { $0.trimmedEnd == "# ---" }) else {
      throw .brokenHeader(file: name, line: start)
    }
    var version: String?
    var seen: Set<Substring> = []
    for index in start..<end {
      // Keys that this version does not know (Jupytext's own, say) are left alone.
      guard lines[index].hasPrefix("# "), let colon = lines[index].firstIndex(of: ":") else {
        header.others.append(String(lines[index]))
        continue
      }
      let key = lines[index][..<colon].dropFirst(2)
      let value = String(lines[index][lines[index].index(after: colon)...].trimmed)
      // Of two seeds nobody knows which gave the results.
      if ["format", "seed", "numerics", "tolerance"].contains(key), !seen.insert(key).inserted {
        throw .repeatedHeaderValue(file: name, line: index + 1, String(key))
      }
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
      case "numerics":
        guard Header.isNumerics(value) else { throw .badHeaderValue(file: name, line: index + 1, "numerics", value) }
        header.numerics = value
      case "tolerance":
        guard let tolerance = Double(value), tolerance >= 0, tolerance < 1 else {
          throw .badHeaderValue(file: name, line: index + 1, "tolerance", value)
        }
        header.tolerance = tolerance
      default: header.others.append(String(lines[index]))
      }
    }
    header.version = version
    return end + 1
  }

  private mutating func readCells(_ lines: [Substring], from start: Int, name: String) throws(SessionError) {
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
        if let pause = next.impossiblePause {
          throw .badHeaderValue(file: name, line: index + 1, "paused after", pause)
        }
        add(marker, body, firstLine: bodyStart + 1)
        marker = next
        body = []
        bodyStart = index + 1
        quotes = TripleQuotes()
      } else {
        let isFirst = body.allSatisfy { $0.allSatisfy(\.isWhitespace) }
        body.append(line)
        switch marker?.kind ?? .code {
        case .code: quotes.read(line)
        // Text in three quotes; in comments they mean nothing.
        case .markdown: if quotes.isOpen || isFirst && line.hasPrefix("\"\"\"") { quotes.readText(line) }
        case .failed: break
        }
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
    var answers: [String] = []
    var first = firstLine
    var isQuoted = false
    if kind == .markdown, let text = Self.quotedText(body) {
      isQuoted = true
      source = text
    } else {
      let results = kind == .markdown ? body.endIndex : Self.resultsStart(body, isCode: kind == .code)
      result = body[results...].filter { $0.begins("#>") }.map { $0.droppingBytes($0.begins("#> ") ? 3 : 2) }
      let answersStart = kind == .code ? Self.answersStart(body[..<results]) : results
      answers = body[answersStart..<results].filter { $0.begins("#<") }.map {
        String($0.droppingBytes($0.begins("#< ") ? 3 : 2))
      }
      source = body[..<answersStart].map { kind == .code ? $0 : $0.uncommented }
    }
    while source.last?.allSatisfy(\.isWhitespace) == true { source.removeLast() }
    while source.first?.allSatisfy(\.isWhitespace) == true {
      source.removeFirst()
      first += 1
    }
    if marker == nil, source.isEmpty, result.isEmpty, answers.isEmpty { return }
    var cell = Cell(
      kind: kind, title: marker?.title ?? "", allowsFailure: marker?.allowsFailure ?? false,
      pauseAfter: marker?.pauseAfter, source: source.joined(separator: "\n"),
      result: result.isEmpty ? nil : result.joined(separator: "\n"),
      firstLine: first)
    cell.isMarked = marker != nil
    cell.varies = marker?.varies ?? false
    cell.answers = answers
    cell.metadata = marker?.metadata ?? ""
    cell.depth = marker?.depth ?? 0
    cell.isQuoted = isQuoted && !source.isEmpty
    cell.isRaw = marker?.isRaw ?? false
    cells.append(cell)
  }

  /// Where the results begin: the `#>` lines behind the code. One with code behind it is a remark.
  /// Quotes that are never closed hold nothing: what follows is read as if they were not there.
  private static func resultsStart(_ body: [Substring], isCode: Bool) -> Int {
    var quotes = TripleQuotes()
    var start: Int?
    if isCode {
      for line in body { quotes.read(line) }
      let trustsQuotes = !quotes.isOpen
      quotes = TripleQuotes()
      if !trustsQuotes { return resultsStart(body, isCode: false) }
    }
    for (index, line) in body.enumerated() {
      if !quotes.isOpen, line.begins("#>") {
        start = start ?? index
        continue
      }
      if !line.allSatisfy(\.isWhitespace) { start = nil }
      if isCode { quotes.read(line) }
    }
    return start ?? body.count
  }

  /// Where the answers to `input()` begin: the `#<` lines between code and results.
  private static func answersStart(_ body: ArraySlice<Substring>) -> Int {
    var quotes = TripleQuotes()
    var start: Int?
    for (index, line) in zip(body.indices, body) {
      if !quotes.isOpen, line.begins("#<") {
        start = start ?? index
        continue
      }
      if !line.allSatisfy(\.isWhitespace) { start = nil }
      quotes.read(line)
    }
    return start ?? body.endIndex
  }

  /// The lines of a markdown cell that stands in three quotes, without those.
  private static func quotedText(_ body: [Substring]) -> [Substring]? {
    var lines = body[...]
    while lines.first?.allSatisfy(\.isWhitespace) == true { lines.removeFirst() }
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    guard let head = lines.first, head.hasPrefix("\"\"\""), let tail = lines.last?.trimmedEnd, tail.hasSuffix("\"\"\""),
      lines.count > 1 || tail.count >= 6
    else { return nil }
    let text = lines.joined(separator: "\n")
    guard let end = text.lastRange(of: "\"\"\"") else { return nil }
    let inner = text[text.index(text.startIndex, offsetBy: 3)..<end]
    if inner.contains("\"\"\"") { return nil }
    var inside = inner.split(separator: "\n", omittingEmptySubsequences: false)
    while inside.last?.allSatisfy(\.isWhitespace) == true { inside.removeLast() }
    return inside.isEmpty ? [""] : inside
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
    begins("# ") ? droppingBytes(2).withPlainMarker : utf8.elementsEqual([35]) ? "" : self
  }

  /// By bytes: to Swift, a mark that combines with the last character makes another one of it.
  func begins(_ text: String) -> Bool { utf8.starts(with: text.utf8) }

  func droppingBytes(_ count: Int) -> Substring { Substring(utf8.dropFirst(count)) }
}

extension StringProtocol where SubSequence == Substring {
  /// The first place where `needle` stands.
  func firstRange(of needle: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
      start = index(after: start)
    }
    return nil
  }

  /// Where the last `needle` begins.
  fileprivate func lastRange(of needle: String) -> Index? {
    var start = endIndex
    while start > startIndex {
      start = index(before: start)
      if self[start...].hasPrefix(needle) { return start }
    }
    return nil
  }
}
