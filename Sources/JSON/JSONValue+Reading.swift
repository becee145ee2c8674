/// Why a text is no JSON, and where.
public struct JSONProblem: Error, Sendable, Equatable {
  public enum Reason: Sendable, Equatable {
    /// The text ends in the middle of a value.
    case cutOff
    /// A comma with nothing behind it, or two of them.
    case missingValue
    case missingComma
    case comment
    /// A string, or a name, in single quotes or none.
    case unquoted
    /// NaN or Infinity, which some programs write.
    case notFinite
    /// A newline, or another control character, stands in a string as itself.
    case controlCharacter
    /// A backslash before something that it does not stand for.
    case unknownEscape
    /// Something follows the value.
    case secondValue
    case tooDeep
    /// None of these.
    case other
  }

  public var reason: Reason
  /// Both from 1; the column counts characters.
  public var line: Int
  public var column: Int
  /// What stands there, a word at most; empty at the end of the text.
  public var found: String
}

extension JSONValue {
  /// How deep arrays and objects may stand in each other, read or written.
  public static let deepest = 200

  /// - Throws: `JSONProblem`. Values may nest `JSONValue.deepest` deep; bytes that are no UTF-8 become U+FFFD.
  public init(reading bytes: [UInt8]) throws(JSONProblem) {
    var result: JSONValue?
    var problem: JSONProblem?
    bytes.withUnsafeBufferPointer { buffer in
      var reader = JSONReader(bytes: buffer)
      do throws(JSONProblem) { result = try reader.document() } catch { problem = error }
    }
    guard let result else {
      throw problem ?? JSONProblem(reason: .cutOff, line: 1, column: 1, found: "")
    }
    self = result
  }

  public init(reading text: String) throws(JSONProblem) { try self.init(reading: Array(text.utf8)) }
}

private struct JSONReader {
  let bytes: UnsafeBufferPointer<UInt8>
  var place = 0
  var line = 1
  var depth = 0

  init(bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
  }

  mutating func document() throws(JSONProblem) -> JSONValue {
    let value = try value()
    skipBlanks()
    if place < bytes.count { throw problem(.secondValue) }
    return value
  }

  private var problem: JSONProblem { problem(reasonHere) }

  private func problem(_ reason: JSONProblem.Reason) -> JSONProblem {
    let place = min(place, bytes.count)
    let start = bytes[..<place].lastIndex(of: 10).map { $0 + 1 } ?? 0
    let line = String(decoding: bytes[start..<place], as: UTF8.self)
    var word = bytes[place...].prefix { $0 > 32 && $0 != UInt8(ascii: ",") }.prefix(40)
    if word.isEmpty { word = bytes[place...].prefix(1) }
    return JSONProblem(
      reason: reason, line: self.line, column: line.count + 1, found: String(decoding: word, as: UTF8.self))
  }

  /// What the byte at this place says of what is wrong where a value, a name or a sign was to stand.
  private var reasonHere: JSONProblem.Reason {
    guard place < bytes.count else { return .cutOff }
    switch bytes[place] {
    case UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ","): return .missingValue
    case UInt8(ascii: "/"), UInt8(ascii: "#"): return .comment
    case UInt8(ascii: "N"), UInt8(ascii: "I"): return .notFinite
    case UInt8(ascii: "-") where bytes[place...].starts(with: "-I".utf8): return .notFinite
    case UInt8(ascii: "'"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "_"):
      return .unquoted
    default: return .other
    }
  }

  private mutating func skipBlanks() {
    while place < bytes.count {
      switch bytes[place] {
      case 10: line += 1
      case 32, 9, 13: break
      default: return
      }
      place += 1
    }
  }

  private mutating func expect(_ byte: UInt8) throws(JSONProblem) {
    guard place < bytes.count, bytes[place] == byte else { throw problem }
    place += 1
  }

  private mutating func value() throws(JSONProblem) -> JSONValue {
    skipBlanks()
    guard place < bytes.count else { throw problem }
    let start = line
    switch bytes[place] {
    case UInt8(ascii: "{"):
      var members: [JSONValue.Member] = []
      try items(until: UInt8(ascii: "}")) { reader throws(JSONProblem) in
        reader.skipBlanks()
        let name = try reader.string()
        reader.skipBlanks()
        try reader.expect(UInt8(ascii: ":"))
        members.append(.init(name, try reader.value()))
      }
      return JSONValue(.object(members), line: start)
    case UInt8(ascii: "["):
      var values: [JSONValue] = []
      try items(until: UInt8(ascii: "]")) { reader throws(JSONProblem) in values.append(try reader.value()) }
      return JSONValue(.array(values), line: start)
    case UInt8(ascii: "\""): return JSONValue(.string(try string()), line: start)
    case UInt8(ascii: "t"): return JSONValue(try word("true", .bool(true)), line: start)
    case UInt8(ascii: "f"): return JSONValue(try word("false", .bool(false)), line: start)
    case UInt8(ascii: "n"): return JSONValue(try word("null", .null), line: start)
    default: return JSONValue(.number(try number()), line: start)
    }
  }

  private mutating func items(
    until end: UInt8, _ read: (inout JSONReader) throws(JSONProblem) -> Void
  ) throws(JSONProblem) {
    depth += 1
    guard depth <= JSONValue.deepest else { throw problem(.tooDeep) }
    defer { depth -= 1 }
    place += 1
    skipBlanks()
    if place < bytes.count, bytes[place] == end {
      place += 1
      return
    }
    while true {
      try read(&self)
      skipBlanks()
      guard place < bytes.count else { throw problem }
      let byte = bytes[place]
      guard byte == end || byte == UInt8(ascii: ",") else {
        throw problem(reasonHere == .comment ? .comment : .missingComma)
      }
      place += 1
      if byte == end { return }
    }
  }

  private mutating func word(
    _ text: StaticString, _ content: JSONValue.Content
  ) throws(JSONProblem) -> JSONValue.Content {
    let start = place
    for index in 0..<text.utf8CodeUnitCount {
      guard place < bytes.count else { throw problem }
      guard bytes[place] == text.utf8Start[index] else {
        place = start
        throw problem
      }
      place += 1
    }
    return content
  }

  /// As RFC 8259 has it: no zeros in front, digits on both sides of a point.
  private mutating func number() throws(JSONProblem) -> String {
    let start = place
    func isDigit(_ place: Int) -> Bool { place < bytes.count && 48...57 ~= bytes[place] }
    func has(_ signs: StaticString, at place: Int) -> Bool {
      place < bytes.count && (0..<signs.utf8CodeUnitCount).contains { signs.utf8Start[$0] == bytes[place] }
    }
    var end = has("-", at: start) ? start + 1 : start
    func digits() -> Bool {
      let first = end
      while isDigit(end) { end += 1 }
      return end > first
    }
    let first = end
    var isNumber = digits()
    if isNumber, bytes[first] == 48, end > first + 1 { throw problem }
    if isNumber, has(".", at: end) {
      end += 1
      isNumber = digits()
    }
    if isNumber, has("eE", at: end) {
      end += 1
      if has("+-", at: end) { end += 1 }
      isNumber = digits()
    }
    if !isNumber {
      // A text that ends in a number without digits is cut off.
      if end == bytes.count { place = end }
      throw problem
    }
    place = end
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  private mutating func string() throws(JSONProblem) -> String {
    try expect(UInt8(ascii: "\""))
    let start = place
    while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] != UInt8(ascii: "\\"),
      bytes[place] >= 32
    {
      place += 1
    }
    // Most strings, and those of many megabytes, hold nothing that is escaped.
    if place < bytes.count, bytes[place] == UInt8(ascii: "\"") {
      place += 1
      return String(decoding: bytes[start..<(place - 1)], as: UTF8.self)
    }
    var text = Array(bytes[start..<place])
    while true {
      guard place < bytes.count else { throw problem }
      let byte = bytes[place]
      if byte < 32 { throw problem(.controlCharacter) }
      place += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
      if byte == UInt8(ascii: "\\") { try escape(&text) } else { text.append(byte) }
    }
  }

  private mutating func escape(_ text: inout [UInt8]) throws(JSONProblem) {
    guard place < bytes.count else { throw problem }
    let byte = bytes[place]
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if 0xD800..<0xDC00 ~= code, place + 1 < bytes.count, bytes[place] == UInt8(ascii: "\\"),
        bytes[place + 1] == UInt8(ascii: "u")
      {
        let before = place
        place += 2
        let low = try hexadecimal()
        if 0xDC00..<0xE000 ~= low {
          code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        } else {
          place = before
        }
      }
      // Half of a pair alone is no character.
      text += Array(String(Character(Unicode.Scalar(code) ?? "\u{FFFD}")).utf8)
    default:
      place -= 2
      throw problem(.unknownEscape)
    }
  }

  private mutating func hexadecimal() throws(JSONProblem) -> UInt32 {
    guard place + 4 <= bytes.count else {
      place = bytes.count
      throw problem
    }
    let digits = String(decoding: bytes[place..<place + 4], as: UTF8.self)
    guard digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }), let code = UInt32(digits, radix: 16) else {
      place -= 2
      throw problem(.unknownEscape)
    }
    place += 4
    return code
  }
}
