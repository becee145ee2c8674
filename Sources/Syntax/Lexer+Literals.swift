import Diagnostics

extension Lexer {
  // MARK: Numbers

  //= number = ( digits, [ ".", [ digits ] ] | ".", digits ), [ ( "e" | "E" ), [ "+" | "-" ], digits ]
  //=        | "0x", hexdigit, { [ "_" ], hexdigit } | "0b", bit, { [ "_" ], bit } | "0o", octal, { [ "_" ], octal } ;
  //= digits = digit, { [ "_" ], digit } ;
  mutating func number() {
    let start = position
    if byte() == UInt8(ascii: "0"), let radix = radix(of: byte(1)) {
      position += 2
      return radixNumber(start, radix)
    }
    if wholeNumber() { return }
    digits()
    // A point belongs to the number unless a range or a member follows: 0..<5, 2.sqrt; 1.e5 is a number.
    if byte() == UInt8(ascii: "."), byte(1) != UInt8(ascii: "."),
      !isWordByte(byte(1)) || isDigit(byte(1)) || isExponent(1), byte(1) < 0x80
    {
      position += 1
      digits()
    }
    if isExponent(0) {
      position += byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-") ? 2 : 1
      digits()
    }
    let end = position
    skipWord()
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard position == end, !text.hasSuffix("_"), !text.contains("__"),
      var digits = Optional(text.filter { $0 != "_" })
    else {
      fail(.badNumber(text), start)
      return add(.unknown, start)
    }
    if digits.hasSuffix(".") { digits.removeLast() }
    guard let value = Double(digits.hasPrefix(".") ? "0" + digits : digits.replacingPointBeforeExponent) else {
      fail(.badNumber(text), start)
      return add(.unknown, start)
    }
    add(.number(value), start)
  }

  /// Most numbers by far: up to fifteen digits and nothing else. False, and nothing is read, for all others.
  private mutating func wholeNumber() -> Bool {
    var end = position
    var value = 0
    while end < limit, isDigit(bytes[end]), end - position < 16 {
      value = value * 10 + Int(bytes[end] - 48)
      end += 1
    }
    guard end > position, end - position < 16 else { return false }
    if end < limit, bytes[end] == UInt8(ascii: ".") || bytes[end] >= 0x80 || isWordByte(bytes[end]) { return false }
    let start = position
    position = end
    add(.number(Double(value)), start)
    return true
  }

  /// Whether `e5`, `E+5` or the like stands at an offset.
  private func isExponent(_ offset: Int) -> Bool {
    guard byte(offset) | 32 == UInt8(ascii: "e") else { return false }
    let signed = byte(offset + 1) == UInt8(ascii: "+") || byte(offset + 1) == UInt8(ascii: "-")
    return isDigit(byte(offset + (signed ? 2 : 1)))
  }

  private func radix(of letter: UInt8) -> Int? {
    switch letter {
    case UInt8(ascii: "x"), UInt8(ascii: "X"): 16
    case UInt8(ascii: "b"), UInt8(ascii: "B"): 2
    case UInt8(ascii: "o"), UInt8(ascii: "O"): 8
    default: nil
    }
  }

  private mutating func digits() {
    while isDigit(byte()) || (byte() == UInt8(ascii: "_") && isDigit(byte(1))) { position += 1 }
  }

  private mutating func radixNumber(_ start: Int, _ radix: Int) {
    skipWord()
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    let digits = text.dropFirst(2).filter { $0 != "_" }
    guard let value = NumberText.number(ofDigits: digits.utf8, base: radix), !text.hasSuffix("_"), !text.contains("__")
    else {
      fail(.badNumber(text), start)
      return add(.unknown, start)
    }
    add(.number(value), start)
  }

  // MARK: Strings

  //= string = '"', { character | escape | interpolation }, '"' | "'", { character | escape | interpolation }, "'"
  //=        | '"""', { character | escape | interpolation | newline }, '"""' ;
  //= escape = "\", ( "n" | "t" | "r" | "0" | "\" | '"' | "'" | "{" | "}"
  //=        | "u{", hexdigit, { hexdigit }, "}" ) | "{{" | "}}" ;
  //= interpolation = "{", expression, [ ":", format ], "}" ;
  mutating func string() {
    let start = position
    isTooNested = false
    switch skipString(depth: 0) {
    case .closed: add(.string, start)
    case .open(let triple):
      fail(.unclosedString(triple: triple), start)
      // The caret stands under the opening quote, not under the rest of the text.
      errors[errors.count - 1].span = Span(start, start + (triple ? 3 : 1))
      add(.unknown, start)
    case .openBrace(let brace):
      let fault: SyntaxError = isTooNested ? .tooDeep(limit: Parser.stringNestingLimit) : .unclosedInterpolation
      errors.append(LocatedSyntaxError(fault, Span(brace, brace + 1)))
      add(.unknown, start)
    }
  }

  enum StringEnd {
    case closed
    case open(triple: Bool)
    /// A `{` without its `}`, at this offset.
    case openBrace(Int)
  }

  /// Passes a string with all that stands in its braces; at a fault, passes the rest of the line.
  private mutating func skipString(depth: Int) -> StringEnd {
    let quote = byte()
    let triple = byte(1) == quote && byte(2) == quote
    position += triple ? 3 : 1
    while position < limit {
      switch byte() {
      case UInt8(ascii: "\\"):
        position += byte(1) == 10 && !triple ? 1 : 2
        if position > limit { position = limit }
      case UInt8(ascii: "\n") where !triple:
        return .open(triple: false)
      case quote where triple && byte(1) == quote && byte(2) == quote && byte(3) == quote:
        // Four in a row: the first still belongs to the text.
        position += 1
      case quote where !triple || (byte(1) == quote && byte(2) == quote):
        position += triple ? 3 : 1
        return .closed
      case UInt8(ascii: "{") where byte(1) == UInt8(ascii: "{"):
        position += 2
      case UInt8(ascii: "{"):
        let brace = position
        let start = position
        if !skipInterpolation(triple: triple, depth: depth + 1) {
          position = start
          while position < limit, byte() != 10 { position += 1 }
          return .openBrace(brace)
        }
      default:
        position += 1
      }
    }
    return .open(triple: triple)
  }

  /// Passes `{…}` with its nested brackets and strings; false where it does not end.
  private mutating func skipInterpolation(triple: Bool, depth: Int) -> Bool {
    guard depth <= Parser.stringNestingLimit else {
      isTooNested = true
      return false
    }
    var open = 0
    while position < limit {
      switch byte() {
      case UInt8(ascii: "{"): open += 1
      case UInt8(ascii: "}"):
        open -= 1
        if open == 0 {
          position += 1
          return true
        }
      case UInt8(ascii: "\n") where !triple: return false
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        guard case .closed = skipString(depth: depth) else { return false }
        continue
      default: break
      }
      position += 1
    }
    return false
  }
}

extension String {
  /// "1.e5" as `Double` wants it: "1e5".
  fileprivate var replacingPointBeforeExponent: String {
    var text = ""
    for character in self {
      if character == "e" || character == "E", text.hasSuffix(".") { text.removeLast() }
      text.append(character)
    }
    return text
  }
}
