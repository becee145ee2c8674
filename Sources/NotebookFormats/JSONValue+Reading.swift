/// Why a text is no JSON, and where.
public struct JSONProblem: Error, Sendable, Equatable {
  public var line: Int
  /// The text ends in the middle of a value.
  public var isCutOff: Bool
}

extension JSONValue {
  /// - Throws: `JSONProblem`. Values may nest 200 deep; bytes that are no UTF-8 become U+FFFD.
  public init(reading bytes: [UInt8]) throws(JSONProblem) {
    var result: JSONValue?
    var problem: JSONProblem?
    bytes.withUnsafeBufferPointer { buffer in
      var reader = JSONReader(bytes: buffer)
      do throws(JSONProblem) { result = try reader.document() } catch { problem = error }
    }
    guard let result else { throw problem ?? JSONProblem(line: 1, isCutOff: true) }
    self = result
  }

  public init(reading text: String) throws(JSONProblem) { try self.init(reading: Array(text.utf8)) }
}

private struct JSONReader {
  let bytes: UnsafeBufferPointer<UInt8>
  var place = 0
  var line = 1
  var depth = 0

  static let deepest = 200

  init(bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
  }

  mutating func document() throws(JSONProblem) -> JSONValue {
    let value = try value()
    skipBlanks()
    if place < bytes.count { throw problem }
    return value
  }

  private var problem: JSONProblem { JSONProblem(line: line, isCutOff: place >= bytes.count) }

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
    guard depth <= Self.deepest else { throw JSONProblem(line: line, isCutOff: false) }
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
      guard byte == end || byte == UInt8(ascii: ",") else { throw problem }
      place += 1
      if byte == end { return }
    }
  }

  private mutating func word(
    _ text: StaticString, _ content: JSONValue.Content
  ) throws(JSONProblem) -> JSONValue.Content {
    for index in 0..<text.utf8CodeUnitCount { try expect(text.utf8Start[index]) }
    return content
  }

  private mutating func number() throws(JSONProblem) -> String {
    let start = place
    while place < bytes.count {
      switch bytes[place] {
      case 48...57, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
        place += 1
        continue
      default: break
      }
      break
    }
    let digits = String(decoding: bytes[start..<place], as: UTF8.self)
    guard let first = digits.utf8.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "."), Double(digits) != nil
    else { throw problem }
    return digits
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
      guard place < bytes.count, bytes[place] >= 32 else { throw problem }
      let byte = bytes[place]
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
    default: throw problem
    }
  }

  private mutating func hexadecimal() throws(JSONProblem) -> UInt32 {
    guard place + 4 <= bytes.count else {
      place = bytes.count
      throw problem
    }
    let digits = String(decoding: bytes[place..<place + 4], as: UTF8.self)
    guard digits.allSatisfy(\.isHexDigit), let code = UInt32(digits, radix: 16) else { throw problem }
    place += 4
    return code
  }
}
