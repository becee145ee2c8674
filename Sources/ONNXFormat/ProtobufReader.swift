/// Goes through the fields of one message. Every length is checked against the bytes that are there; groups, which
/// nobody writes any more, are refused.
struct ProtobufReader {
  enum Value {
    case number(UInt64)
    case four(UInt32)
    case eight(UInt64)
    /// Where its bytes stand: a text, a message, or packed numbers.
    case bytes(Range<Int>)
  }

  let source: [UInt8]
  private var at: Int
  private let end: Int

  init(_ source: [UInt8], _ range: Range<Int>? = nil) {
    self.source = source
    at = range?.lowerBound ?? 0
    end = range?.upperBound ?? source.count
  }

  private func broken(_ reason: String) -> ONNXError { .broken(reason: "\(reason) (byte \(at))") }

  private mutating func varint() throws(ONNXError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard at < end else { throw broken("it ends early, in a number") }
      let byte = source[at]
      at += 1
      guard shift < 63 || (shift == 63 && byte <= 1) else { throw broken("a number in it is too long") }
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
      shift += 7
    }
  }

  private mutating func little(_ count: Int) throws(ONNXError) -> UInt64 {
    guard end - at >= count else { throw broken("it ends early, in a number") }
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(source[at + index]) << UInt64(8 * index) }
    at += count
    return value
  }

  /// The next field; nil at the end.
  mutating func next() throws(ONNXError) -> (field: Int, value: Value)? {
    guard at < end else { return nil }
    let tag = try varint()
    guard tag >> 3 >= 1, tag >> 3 < 1 << 29 else { throw broken("a field's number is none") }
    let field = Int(tag >> 3)
    switch tag & 7 {
    case 0: return (field, .number(try varint()))
    case 1: return (field, .eight(try little(8)))
    case 5: return (field, .four(UInt32(try little(4))))
    case 2:
      let length = try varint()
      guard length <= UInt64(end - at) else { throw broken("a field is longer than what holds it") }
      let range = at..<at + Int(length)
      at = range.upperBound
      return (field, .bytes(range))
    default: throw broken("it is no protocol buffer")
    }
  }

  /// All numbers of a packed field.
  mutating func rest() throws(ONNXError) -> [Int] {
    var values: [Int] = []
    while at < end { values.append(Int(Int64(bitPattern: try varint()))) }
    return values
  }
}

extension ProtobufReader.Value {
  private func wrong() -> ONNXError { .broken(reason: "a field is of another kind than its number says") }

  func int() throws(ONNXError) -> Int {
    guard case .number(let value) = self else { throw wrong() }
    return Int(Int64(bitPattern: value))
  }

  func float() throws(ONNXError) -> Float {
    guard case .four(let value) = self else { throw wrong() }
    return Float(bitPattern: value)
  }

  func range() throws(ONNXError) -> Range<Int> {
    guard case .bytes(let range) = self else { throw wrong() }
    return range
  }

  func text(_ source: [UInt8]) throws(ONNXError) -> String {
    let range = try range()
    // Names are compared and shown, never more.
    guard range.count <= 1 << 20 else { throw .broken(reason: "a text in it is of \(range.count) bytes") }
    return String(decoding: source[range], as: UTF8.self)
  }

  /// One number, or several packed into one field.
  func ints(_ source: [UInt8]) throws(ONNXError) -> [Int] {
    if case .number(let value) = self { return [Int(Int64(bitPattern: value))] }
    var reader = ProtobufReader(source, try range())
    return try reader.rest()
  }

  func floats(_ source: [UInt8]) throws(ONNXError) -> [Float] {
    if case .four(let value) = self { return [Float(bitPattern: value)] }
    let range = try range()
    guard range.count % 4 == 0 else { throw wrong() }
    return source.withUnsafeBytes { raw in
      stride(from: range.lowerBound, to: range.upperBound, by: 4).map {
        Float(bitPattern: raw.loadUnaligned(fromByteOffset: $0, as: UInt32.self).littleEndian)
      }
    }
  }
}
