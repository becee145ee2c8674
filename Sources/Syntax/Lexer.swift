import Diagnostics

/// Cuts a text into tokens. Never fails: what it cannot read becomes an `.unknown` token and an error.
public struct Lexer {
  /// All tokens in the order of the text, comments and newlines too, for highlighting and completion; `.end` is last.
  public static func tokens(_ source: SourceText) -> [Token] {
    var lexer = Lexer(source.bytes[...])
    lexer.run()
    return lexer.tokens
  }

  let bytes: ArraySlice<UInt8>
  var position: Int
  let limit: Int
  var tokens: [Token] = []
  var errors: [LocatedSyntaxError] = []
  /// Texts stand in the braces of texts more often than is read; then what ends them is not looked for.
  var isTooNested = false

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
    limit = bytes.endIndex
  }

  func byte(_ offset: Int = 0) -> UInt8 {
    let index = position + offset
    return index < limit && index >= bytes.startIndex ? bytes[index] : 0
  }

  mutating func run() {
    if position == 0, byte() == 0xEF, byte(1) == 0xBB, byte(2) == 0xBF { position += 3 }
    while position < limit { next() }
    tokens.append(Token(.end, Span(limit, limit)))
  }

  private mutating func next() {
    let start = position
    let first = byte()
    switch first {
    case UInt8(ascii: "\r") where endsLine:
      position += 1
      add(.newline, start)
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), 0x0C:
      position += 1
    case UInt8(ascii: "\n"):
      position += 1
      add(.newline, start)
    case UInt8(ascii: "#"):
      while position < limit, !endsLine { position += 1 }
      add(.comment, start)
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      string()
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      number()
    case UInt8(ascii: ".") where isDigit(byte(1)) && !followsValue():
      number()
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
      word()
    case 0x80...:
      wide()
    default:
      sign()
    }
  }

  /// Whether a line ends here: outside of strings also at a CR alone, as in texts of old Macs. Else code that stands on a
  /// line of its own there would be a part of the comment before it.
  private var endsLine: Bool { byte() == 10 || (byte() == 13 && byte(1) != 10) }

  mutating func add(_ kind: Token.Kind, _ start: Int) {
    tokens.append(Token(kind, Span(start, position)))
  }

  mutating func fail(_ error: SyntaxError, _ start: Int) {
    errors.append(LocatedSyntaxError(error, Span(start, max(position, start))))
  }

  func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

  func isWordByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte == 95
  }

  /// Whether the dot at `position` may be the dot of a member: it stands right after a value.
  private func followsValue() -> Bool {
    guard let last = tokens.last, last.span.end == position else { return false }
    switch last.kind {
    case .name, .string, .number, .unknown: return true
    case .symbol(let symbol): return [.rightParenthesis, .rightBracket, .rightBrace].contains(symbol)
    default: return false
    }
  }

  // MARK: Words

  private mutating func word() {
    let start = position
    skipWord()
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if let keyword = Keyword(rawValue: text) { add(.keyword(keyword), start) } else { add(.name, start) }
  }

  /// Passes letters, digits, `_` and letters of other scripts.
  mutating func skipWord() {
    while position < limit {
      if isWordByte(byte()) {
        position += 1
      } else if byte() >= 0x80, let (scalar, width) = scalar(), Self.isLetter(scalar) || scalar.properties.isXIDContinue
      {
        position += width
      } else {
        break
      }
    }
  }

  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isXIDStart }

  /// The scalar at `position`, with its width in bytes.
  private func scalar() -> (Unicode.Scalar, Int)? {
    let first = byte()
    let width = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard position + width <= limit else { return nil }
    let text = String(decoding: bytes[position..<position + width], as: UTF8.self)
    guard let scalar = text.unicodeScalars.first else { return nil }
    return (scalar, width)
  }

  private mutating func wide() {
    let start = position
    guard let (scalar, width) = scalar() else {
      position = limit
      fail(.unknownCharacter("\u{FFFD}"), start)
      add(.unknown, start)
      return
    }
    if Self.isLetter(scalar) { return word() }
    position += width
    if scalar.properties.isWhitespace || scalar.value == 0xFEFF || scalar.value == 0x200B { return }
    if let foreign = ForeignSymbol(rawValue: String(Character(scalar))) { return add(.foreign(foreign), start) }
    // An emoji of several scalars is one mistake, not five.
    while position < limit, byte() >= 0x80, let (more, width) = self.scalar(), !Self.isLetter(more),
      !more.properties.isWhitespace, ForeignSymbol(rawValue: String(Character(more))) == nil
    {
      position += width
    }
    fail(.unknownCharacter(String(decoding: bytes[start..<position], as: UTF8.self)), start)
    add(.unknown, start)
  }

  // MARK: Signs

  /// Whether `<-` gives a value, as in R: blanks around it, as `x < -1` and `x <-1` do not have.
  private func isAssignmentArrow(at start: Int) -> Bool {
    func isBlank(_ place: Int) -> Bool { place >= 0 && place < limit && bytes[place] == UInt8(ascii: " ") }
    return isBlank(start - 1) && isBlank(start + 2)
  }

  private mutating func sign() {
    let start = position
    // Signs that no longer one begins with.
    let short: Symbol? =
      switch byte() {
      case UInt8(ascii: ","): .comma
      case UInt8(ascii: "("): .leftParenthesis
      case UInt8(ascii: ")"): .rightParenthesis
      case UInt8(ascii: "["): .leftBracket
      case UInt8(ascii: "]"): .rightBracket
      case UInt8(ascii: "{"): .leftBrace
      case UInt8(ascii: "}"): .rightBrace
      case UInt8(ascii: ";"): .semicolon
      default: nil
      }
    if let short {
      position += 1
      return add(.symbol(short), start)
    }
    for width in [3, 2, 1] where position + width <= limit {
      let text = String(decoding: bytes[position..<position + width], as: UTF8.self)
      // `x[1:=…` does not occur; `..` alone is explained.
      if let foreign = ForeignSymbol(rawValue: text), !(width < 3 && Symbol(rawValue: text) != nil),
        foreign != .leftArrow || isAssignmentArrow(at: start)
      {
        position += width
        return add(.foreign(foreign), start)
      }
      if let symbol = Symbol(rawValue: text) {
        position += width
        return add(.symbol(symbol), start)
      }
    }
    position += 1
    let code = bytes[start]
    fail(
      .unknownCharacter(code < 32 || code == 127 ? "\\x" + String(code, radix: 16) : String(UnicodeScalar(code))), start
    )
    add(.unknown, start)
  }
}
