/// Reads numbers, texts and tensors as dlib's `serialize` writes them. Nothing in such a file can run; every length is
/// checked against the bytes that are there.
///
/// Source: dlib's `serialize.h`, `matrix.h` and `tensor_tools.cpp`.
struct DlibReader {
  private let bytes: [UInt8]
  private(set) var at = 0
  /// What errors call the file.
  let file: String

  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  var isAtEnd: Bool { at == bytes.count }

  func broken(_ reason: String) -> FacesError { .brokenDlib(file: file, reason: "\(reason) (byte \(at))") }

  private mutating func byte() throws(FacesError) -> UInt8 {
    guard at < bytes.count else { throw broken("it ends early") }
    at += 1
    return bytes[at - 1]
  }

  /// A byte that says how many follow and, by its highest bit, the sign; then these, the lowest first.
  mutating func integer() throws(FacesError) -> Int {
    let head = try byte()
    let count = Int(head & 0x0F)
    guard head & 0x70 == 0, count <= 8, bytes.count - at >= count else { throw broken("a number in it is none") }
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(bytes[at + index]) << UInt64(8 * index) }
    at += count
    guard value <= UInt64(Int.max) else { throw broken("a number in it is too large") }
    return head & 0x80 != 0 ? -Int(value) : Int(value)
  }

  /// A length: at least 0, and of things that take at least `size` bytes each and have to be there.
  mutating func count(of size: Int = 1) throws(FacesError) -> Int {
    let count = try integer()
    guard count >= 0, count <= (bytes.count - at) / max(1, size) else {
      throw broken("it claims more than it holds")
    }
    return count
  }

  /// Mantissa and exponent as integers.
  mutating func float() throws(FacesError) -> Float {
    let (mantissa, exponent) = (try integer(), try integer())
    guard (-1200...1200).contains(exponent) else { throw broken("a number in it is not finite") }
    let value = Double(sign: .plus, exponent: exponent, significand: Double(mantissa))
    guard value.isFinite, abs(value) < 1e30 else { throw broken("a number in it is not finite") }
    return Float(value)
  }

  mutating func text() throws(FacesError) -> String {
    let length = try count()
    guard length <= 64, let text = String(validating: bytes[at..<at + length], as: UTF8.self) else {
      throw broken("a text in it is none")
    }
    at += length
    return text
  }

  /// What has to stand there.
  mutating func expect(_ value: Int, _ what: String) throws(FacesError) {
    let found = try integer()
    guard found == value else { throw broken("\(what) is \(found) where \(value) is due") }
  }

  mutating func expect(text value: String) throws(FacesError) {
    let found = try text()
    guard found == value else { throw broken("“\(found.prefix(40))” stands where “\(value)” is due") }
  }

  /// Truth values are characters: "1" and "0".
  mutating func flags(_ count: Int) throws(FacesError) {
    for _ in 0..<count {
      let flag = try byte()
      guard flag == 0x30 || flag == 0x31 else { throw broken("a truth value in it is none") }
    }
  }

  /// A column of numbers; sizes are written as negative numbers, for the sake of older versions.
  mutating func column() throws(FacesError) -> [Float] {
    let (rows, columns) = (try integer(), try integer())
    guard columns == -1, rows <= 0, -rows <= (bytes.count - at) / 2 else { throw broken("a matrix in it is none") }
    var values: [Float] = []
    values.reserveCapacity(-rows)
    for _ in 0..<(-rows) { values.append(try float()) }
    return values
  }

  /// A tensor of the neural networks: four sizes, then the numbers in four bytes each.
  mutating func tensor() throws(FacesError) -> (shape: [Int], values: [Float]) {
    try expect(2, "a tensor's version")
    var shape: [Int] = []
    var total = 1
    for _ in 0..<4 {
      let size = try integer()
      let (product, overflow) = total.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow, product <= (bytes.count - at) / 4 else {
        throw broken("a tensor in it is larger than the file")
      }
      shape.append(size)
      total = product
    }
    let values = bytes.withUnsafeBytes { raw in
      (0..<total).map {
        Float(bitPattern: raw.loadUnaligned(fromByteOffset: at + 4 * $0, as: UInt32.self).littleEndian)
      }
    }
    at += 4 * total
    guard values.allSatisfy(\.isFinite) else { throw broken("a weight in it is not finite") }
    return (shape, values)
  }

  /// A view into another tensor: version 1 and four sizes.
  mutating func alias() throws(FacesError) -> [Int] {
    try expect(1, "a view's version")
    var shape: [Int] = []
    for _ in 0..<4 { shape.append(try integer()) }
    return shape
  }
}
