/// The dictionary in front of an npy file's numbers: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
struct NPYHeader {
  var shape: [Int] = []
  var count = 0
  var fortran = false
  var element = ElementType(kind: .float, size: 4)
  var dataStart = 0

  /// No header is longer.
  static let limit = 1 << 20

  /// - Parameter bytes: the file, or so much of it that the header is in it.
  init(_ bytes: [UInt8], name: String) throws(TensorFileError) {
    func broken(_ reason: String) -> TensorFileError { .broken(file: name, format: "npy", reason: reason) }
    guard bytes.starts(with: NPY.magic) else { throw broken("it does not begin as npy does") }
    guard bytes.count >= 10 else { throw broken("the file ends early, in its header") }
    let major = bytes[6]
    guard (1...3).contains(major) else { throw broken("its version is \(major).\(bytes[7]); 1.0 to 3.0 are known") }
    let wide = major > 1
    guard bytes.count >= (wide ? 12 : 10) else { throw broken("the file ends early, in its header") }
    var length = Int(bytes[8]) | Int(bytes[9]) << 8
    if wide { length |= Int(bytes[10]) << 16 | Int(bytes[11]) << 24 }
    let start = wide ? 12 : 10
    guard length <= Self.limit else { throw broken("its header claims \(length) bytes") }
    guard bytes.count - start >= length else { throw broken("the file ends early, in its header") }
    var scanner = HeaderScanner(bytes: Array(bytes[start..<(start + length)]))
    guard scanner.take("{") else { throw broken("its header is no dictionary") }
    var seen = Set<String>()
    while !scanner.take("}") {
      guard let key = scanner.string(), scanner.take(":") else { throw broken("its header cannot be read") }
      seen.insert(key)
      switch key {
      case "descr":
        if let type = scanner.string() {
          element = Self.element(type, name: name)
        } else if scanner.skipList() {
          element = ElementType(
            kind: .other(.unsupported(file: name, type: "structured (several fields)")), size: 0)
        } else {
          throw broken("its header cannot be read")
        }
      case "fortran_order":
        guard let flag = scanner.word(), flag == "True" || flag == "False" else {
          throw broken("fortran_order is neither True nor False")
        }
        fortran = flag == "True"
      case "shape":
        guard let sizes = scanner.tuple() else { throw broken("its shape is no list of sizes") }
        shape = sizes
      default: throw broken("its header has an unknown entry “\(key.prefix(40))”")
      }
      if !scanner.take(",") {
        guard scanner.take("}") else { throw broken("its header does not end") }
        break
      }
    }
    guard seen == ["descr", "fortran_order", "shape"] else { throw broken("its header lacks an entry") }
    guard shape.count <= 32 else { throw broken("its shape has \(shape.count) axes") }
    guard let total = elements(shape) else {
      var claimed = 4
      for size in shape {
        claimed = claimed.multipliedReportingOverflow(by: max(1, size)).overflow ? Int.max : claimed * max(1, size)
      }
      throw .tooLarge(file: name, bytes: claimed, limit: TensorFileError.limit)
    }
    count = total
    dataStart = start + length
  }

  /// What the numbers, or the texts, take in memory.
  var memory: Int { element.isText ? count * (element.size + MemoryLayout<String>.size) : count * 4 }

  /// "<f4", ">i2", "|b1", "<U12", "|S3"; "=" and no sign mean this machine's order.
  private static func element(_ type: String, name: String) -> ElementType {
    var text = Substring(type)
    var big = false
    if let first = text.first, "<>|=".contains(first) {
      big = first == ">"
      text = text.dropFirst()
    }
    if text.first == "O" { return ElementType(kind: .other(.objects(file: name)), size: 0) }
    if let length = Int(text.dropFirst()), (0...1 << 20).contains(length) {
      if text.first == "U" { return ElementType(kind: .unicode, size: 4 * length, bigEndian: big) }
      if text.first == "S" || text.first == "a" { return ElementType(kind: .text, size: length) }
    }
    switch text {
    case "f2", "f4", "f8": return ElementType(kind: .float, size: Int(text.dropFirst()) ?? 4, bigEndian: big)
    case "i1", "i2", "i4", "i8": return ElementType(kind: .signed, size: Int(text.dropFirst()) ?? 4, bigEndian: big)
    case "u1", "u2", "u4", "u8": return ElementType(kind: .unsigned, size: Int(text.dropFirst()) ?? 4, bigEndian: big)
    case "b1", "?": return ElementType(kind: .bool, size: 1)
    default: return ElementType(kind: .other(.unsupported(file: name, type: String(type.prefix(40)))), size: 0)
    }
  }
}

/// The few forms of Python's literals that NumPy writes.
private struct HeaderScanner {
  let bytes: [UInt8]
  var at = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func skip() {
    while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
  }

  mutating func take(_ sign: Unicode.Scalar) -> Bool {
    skip()
    guard at < bytes.count, UInt32(bytes[at]) == sign.value else { return false }
    at += 1
    return true
  }

  mutating func string() -> String? {
    skip()
    guard at < bytes.count, bytes[at] == 0x27 || bytes[at] == 0x22 else { return nil }
    let quote = bytes[at]
    let start = at + 1
    guard let end = bytes[start...].firstIndex(of: quote) else { return nil }
    at = end + 1
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// A list in brackets, whatever is in it: the fields of a structure.
  mutating func skipList() -> Bool {
    guard take("[") else { return false }
    var depth = 1
    while at < bytes.count, depth > 0 {
      if bytes[at] == 0x27 || bytes[at] == 0x22 {
        guard string() != nil else { return false }
        continue
      }
      if bytes[at] == 0x5B { depth += 1 } else if bytes[at] == 0x5D { depth -= 1 }
      at += 1
    }
    return depth == 0
  }

  mutating func word() -> String? {
    skip()
    let start = at
    while at < bytes.count, (0x41...0x5A).contains(bytes[at] & 0xDF) { at += 1 }
    return at > start ? String(decoding: bytes[start..<at], as: UTF8.self) : nil
  }

  mutating func number() -> Int? {
    skip()
    let start = at
    var value = 0
    while at < bytes.count, (0x30...0x39).contains(bytes[at]) {
      guard at - start < 18 else { return nil }
      value = value * 10 + Int(bytes[at] - 0x30)
      at += 1
    }
    guard at > start else { return nil }
    if at < bytes.count, bytes[at] == 0x4C { at += 1 }  // Python 2 wrote 3L
    return value
  }

  mutating func tuple() -> [Int]? {
    guard take("(") else { return nil }
    var sizes: [Int] = []
    while !take(")") {
      guard sizes.count < 64, let size = number() else { return nil }
      sizes.append(size)
      if !take(",") { return take(")") ? sizes : nil }
    }
    return sizes
  }
}
