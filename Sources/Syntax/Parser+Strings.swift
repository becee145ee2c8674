import Diagnostics

extension Parser {
  /// Reads what stands between the quotes of the string at `span`: text, escapes, and expressions in braces.
  mutating func stringLiteral(_ span: Span) throws(LocatedSyntaxError) -> Expression {
    let bytes = source.bytes
    let quote = bytes[span.start]
    let width = span.end - span.start
    let isTriple = width >= 6 && bytes[span.start + 1] == quote && bytes[span.start + 2] == quote
    let quotes = isTriple ? 3 : 1
    var position = span.start + quotes
    let end = span.end - quotes
    // A newline right behind the opening quotes is not part of the text.
    if isTriple, position < end, bytes[position] == 13 { position += 1 }
    if isTriple, position < end, bytes[position] == 10 { position += 1 }
    var parts: [StringPart] = []
    var text: [UInt8] = []
    var tallest = 0
    while position < end {
      switch bytes[position] {
      case UInt8(ascii: "\\"): try escape(&position, end, &text)
      case UInt8(ascii: "{") where position + 1 < end && bytes[position + 1] == UInt8(ascii: "{"):
        text.append(UInt8(ascii: "{"))
        position += 2
      case UInt8(ascii: "}") where position + 1 < end && bytes[position + 1] == UInt8(ascii: "}"):
        text.append(UInt8(ascii: "}"))
        position += 2
      case UInt8(ascii: "}"): throw LocatedSyntaxError(.loneBrace, Span(position, position + 1))
      case UInt8(ascii: "{"):
        if !text.isEmpty { parts.append(.text(String(decoding: text, as: UTF8.self))) }
        text = []
        parts.append(try interpolation(&position, end))
        tallest = max(tallest, height)
      case 13 where position + 1 < end && bytes[position + 1] == 10: position += 1
      default:
        text.append(bytes[position])
        position += 1
      }
    }
    if parts.isEmpty {
      height = 0
      return .string(String(decoding: text, as: UTF8.self), span)
    }
    if !text.isEmpty { parts.append(.text(String(decoding: text, as: UTF8.self))) }
    try raise(tallest)
    return .interpolation(parts, span)
  }

  private func escape(_ position: inout Int, _ end: Int, _ text: inout [UInt8]) throws(LocatedSyntaxError) {
    let start = position
    position += 1
    guard position < end else { throw LocatedSyntaxError(.badEscape(""), Span(start, end)) }
    let letter = source.bytes[position]
    position += 1
    switch letter {
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "0"): text.append(0)
    case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "{"), UInt8(ascii: "}"):
      text.append(letter)
    case 10: break
    case UInt8(ascii: "u"):
      let closing = source.bytes[position..<end].prefix(12).firstIndex(of: UInt8(ascii: "}"))
      guard position < end, source.bytes[position] == UInt8(ascii: "{"), let closing else {
        throw LocatedSyntaxError(.badEscape("u"), Span(start, position))
      }
      let digits = String(decoding: source.bytes[(position + 1)..<closing], as: UTF8.self)
      guard let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) else {
        let isNumber = !digits.isEmpty && digits.allSatisfy(\.isHexDigit)
        throw LocatedSyntaxError(
          isNumber ? .noCharacter(code: digits) : .badEscape("u"), Span(start, isNumber ? closing + 1 : position))
      }
      text.append(contentsOf: String(scalar).utf8)
      position = closing + 1
    default:
      var stop = position
      while stop < end, source.bytes[stop] & 0xC0 == 0x80 { stop += 1 }
      let name = String(decoding: source.bytes[(start + 1)..<stop], as: UTF8.self)
      throw LocatedSyntaxError(.badEscape(name), Span(start, stop))
    }
  }

  /// Reads `{expression}` or `{expression:format}`; `position` stands at the brace and is left behind its closer.
  private mutating func interpolation(_ position: inout Int, _ end: Int) throws(LocatedSyntaxError) -> StringPart {
    let brace = position
    let (colon, close) = boundaries(from: brace + 1, to: end)
    guard let close else { throw LocatedSyntaxError(.unclosedInterpolation, Span(brace, brace + 1)) }
    guard stringNesting < Self.stringNestingLimit else {
      throw LocatedSyntaxError(.tooDeep(limit: Self.stringNestingLimit), Span(brace, close))
    }
    if let conversion = foreignConversion((brace + 1)..<(colon ?? close)) {
      throw LocatedSyntaxError(.foreignConversion(conversion.text), conversion.span)
    }
    var inner = Parser(inside: self, (brace + 1)..<(colon ?? close))
    if let first = inner.errors.first { throw first }
    guard inner.kind != .end else { throw LocatedSyntaxError(.emptyInterpolation, Span(brace, close + 1)) }
    let expression = try inner.expression()
    if inner.kind != .end { throw inner.expected("`}`, or `:` and a format") }
    height = inner.height
    // Errors in the statements of a function inside the braces.
    if let first = inner.errors.first { throw first }
    position = close + 1
    guard let colon else { return .value(expression, nil) }
    let format = String(decoding: source.bytes[(colon + 1)..<close], as: UTF8.self)
    guard let specification = FormatSpecification(format) else {
      throw LocatedSyntaxError(.badFormat(format), Span(colon + 1, max(close, colon + 2)))
    }
    return .value(expression, specification)
  }

  /// `!r` and `=`, which Python takes behind a value: read as Twin they would be another mistake.
  private func foreignConversion(_ range: Range<Int>) -> (text: String, span: Span)? {
    var end = range.upperBound
    while end > range.lowerBound, source.bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
    guard end - range.lowerBound >= 2 else { return nil }
    let (before, last) = (source.bytes[end - 2], source.bytes[end - 1])
    if last == UInt8(ascii: "="), !"=<>!".utf8.contains(before) { return ("=", Span(end - 1, end)) }
    guard before == UInt8(ascii: "!"), "rsa".utf8.contains(last) else { return nil }
    return (String(decoding: [before, last], as: UTF8.self), Span(end - 2, end))
  }

  /// The colon of the format, if there is one, and the closing brace: the first that stand in no bracket or string.
  private func boundaries(from start: Int, to end: Int) -> (colon: Int?, close: Int?) {
    var lexer = Lexer(source.bytes[start..<end])
    var depth = 0
    var colon: Int?
    while lexer.position < end {
      if depth == 0, lexer.byte() == UInt8(ascii: "}") { return (colon, lexer.position) }
      if colon != nil {
        lexer.position += 1
        continue
      }
      switch lexer.byte() {
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        lexer.string()
        continue
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: ":") where depth == 0: colon = lexer.position
      default: break
      }
      lexer.position += 1
    }
    return (colon, nil)
  }
}
