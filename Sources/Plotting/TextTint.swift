/// The colours of characters: of the table of 256, all readable on black and on white.
enum TextTint: Hashable, Sendable {
  /// The terminal's own.
  case plain
  case strong
  case quiet
  case series(Int)
  /// On a background, as in a matrix: its code, and whether light letters stand out on it.
  case cell(String, isDark: Bool)

  /// Blue, vermilion, green, pink, ochre, red, violet, gray: in the order of `Palette.colors`.
  private static let table = [32, 166, 29, 169, 136, 160, 97, 244]

  static func color(_ index: Int) -> Int { table[index % table.count] }

  static var count: Int { table.count }

  fileprivate var isBackground: Bool { if case .cell = self { true } else { false } }

  fileprivate var code: String? {
    switch self {
    case .plain: nil
    case .strong: "1"
    case .quiet: "38;5;244"
    case .series(let index): "38;5;\(Self.color(index))"
    case .cell(let background, let isDark): "38;5;\(isDark ? 231 : 16);48;\(background)"
    }
  }
}

/// A piece of text in one colour.
struct TextRun: Hashable, Sendable {
  var text: String
  var tint: TextTint

  init(_ text: String, _ tint: TextTint = .plain) {
    self.text = text
    self.tint = tint
  }
}

extension [TextRun] {
  /// In characters.
  var width: Int { reduce(0) { $0 + HalfBlocks.shownWidth($1.text) } }

  /// As a terminal takes it; spaces at the end are left out.
  func rendered(_ colors: TerminalGraphics.Colors) -> String {
    var runs = self
    while let last = runs.last, !last.tint.isBackground {
      let text = HalfBlocks.trimmed(last.text)
      if !text.isEmpty {
        runs[runs.count - 1].text = text
        break
      }
      runs.removeLast()
    }
    guard colors != .none else { return runs.map(\.text).joined() }
    var result = ""
    var code: String?
    var hasBackground = false
    for run in runs {
      // Blanks look alike in every colour.
      if run.tint.code != code, hasBackground || run.tint.isBackground || !run.text.allSatisfy({ $0 == " " }) {
        hasBackground = run.tint.isBackground
        if code != nil { result += "\u{1B}[0m" }
        code = run.tint.code
        if let code { result += "\u{1B}[\(code)m" }
      }
      result += run.text
    }
    return code == nil ? result : result + "\u{1B}[0m"
  }
}
