import Session

/// Writes the escapes that colour a cell's code while it is drawn character by character.
///
/// The sixteen colours of the terminal, so that they fit its theme: on light and dark grounds all of them can be read.
struct CodePen {
  private var pieces: ArraySlice<(bytes: Range<Int>, kind: CodeClass)>
  private var place = 0
  /// What is written in now.
  private var current: CodeClass?

  /// - Parameter code: the whole cell; "" colours nothing.
  init(_ code: String) { pieces = code.isEmpty ? [] : CodeClass.pieces(of: code)[...] }

  mutating func move(by bytes: Int) { place += bytes }

  /// What comes before the character at the place where the pen stands.
  mutating func escape() -> String {
    while let first = pieces.first, first.bytes.upperBound <= place { pieces.removeFirst() }
    let kind = pieces.first.flatMap { $0.bytes.contains(place) ? $0.kind : nil }
    guard kind != current else { return "" }
    current = kind
    return kind.map { "\u{1B}[\($0.code)m" } ?? "\u{1B}[39m"
  }

  /// Back to the terminal's own colour.
  mutating func lift() -> String {
    guard current != nil else { return "" }
    current = nil
    return "\u{1B}[39m"
  }
}

extension CodeClass {
  /// Select Graphic Rendition, ECMA-48.
  fileprivate var code: Int {
    switch self {
    case .keyword: 35
    case .number: 36
    case .string: 32
    case .comment: 90
    case .call: 34
    }
  }
}
