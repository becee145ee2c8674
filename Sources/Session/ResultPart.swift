/// A part of a cell's result that is more than printed text, and where its lines stand in the result. Lines that no part
/// has were printed.
///
/// The percent format holds the text alone; formats with pictures hold these, too.
public struct ResultPart: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    case figure
    /// The value of the cell's last statement.
    case value
    /// The error in which it ended.
    case failure
  }

  public var kind: Kind
  /// Lines of the result, from 0; none: all of the result was printed.
  public var lines: Range<Int>
  /// What stands beside the text, by its MIME type: an SVG's or HTML's text, a PNG's bytes in base 64.
  public var media: [String: String]

  public init(_ kind: Kind, lines: Range<Int>, media: [String: String] = [:]) {
    self.kind = kind
    self.lines = lines
    self.media = media
  }
}

/// A piece of a result in its order, as formats with outputs hold it.
public enum ResultPiece: Sendable, Equatable {
  case printed(String)
  case part(ResultPart.Kind, text: String, media: [String: String])
}

extension NotebookDocument.Cell {
  /// The result in pieces. Where nothing is known of its parts, the code says what it can: a cell without a call of
  /// `print` whose last statement has a value shows that value, one that may fail shows its error last.
  public var pieces: [ResultPiece] {
    guard let result, !result.isEmpty else { return [] }
    let lines = result.split(separator: "\n", omittingEmptySubsequences: false)
    var known = parts.sorted { $0.lines.lowerBound < $1.lines.lowerBound }
    let fits = zip(known, known.dropFirst()).allSatisfy { $0.lines.upperBound <= $1.lines.lowerBound }
    if known.isEmpty || !fits || known.contains(where: { !(0...lines.count).contains($0.lines.upperBound) }) {
      known = likelyParts(lines)
    }
    var pieces: [ResultPiece] = []
    var next = 0
    func text(_ range: Range<Int>) -> String { lines[range].joined(separator: "\n") }
    for part in known where !part.lines.isEmpty {
      if part.lines.lowerBound > next { pieces.append(.printed(text(next..<part.lines.lowerBound) + "\n")) }
      pieces.append(.part(part.kind, text: text(part.lines), media: part.media))
      next = part.lines.upperBound
    }
    if next < lines.count { pieces.append(.printed(text(next..<lines.count) + "\n")) }
    return pieces
  }

  private func likelyParts(_ lines: [Substring]) -> [ResultPart] {
    if allowsFailure, let start = lines.lastIndex(where: { $0.hasPrefix("error: ") }) {
      return [ResultPart(.failure, lines: start..<lines.count)]
    }
    return CellCode.showsItsValueAlone(source) ? [ResultPart(.value, lines: 0..<lines.count)] : []
  }
}

/// A result that is put together from outputs, in their order.
public struct ResultBuilder {
  private var kept = ResultText()
  private var found: [ResultPart] = []
  private var isEmpty = true

  public init() {}

  public mutating func print(_ text: String) {
    kept.add(text)
    isEmpty = isEmpty && text.isEmpty
  }

  public mutating func add(_ kind: ResultPart.Kind, _ text: String, _ media: [String: String]) {
    isEmpty = false
    let start = kept.nextLine
    kept.startLine()
    kept.add(text)
    kept.startLine()
    found.append(ResultPart(kind, lines: start..<max(start, kept.nextLine), media: media))
  }

  /// Nil where there was no output.
  public var text: String? { isEmpty ? nil : kept.text }
  /// Empty where the text is shortened, and its lines stand elsewhere.
  public var parts: [ResultPart] { kept.isShortened ? [] : found }
}
