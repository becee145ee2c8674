import Downloads
import Files

/// HMAC (RFC 2104) with SHA-256: how a message says that it comes from who knows the key.
struct MessageSignature: Sendable {
  private let inner: [UInt8]
  private let outer: [UInt8]
  /// Without a key nothing is signed.
  let isUsed: Bool

  init(key: [UInt8]) {
    isUsed = !key.isEmpty
    var block = key.count > 64 ? Self.sum([key]) : key
    block += [UInt8](repeating: 0, count: 64 - block.count)
    inner = block.map { $0 ^ 0x36 }
    outer = block.map { $0 ^ 0x5C }
  }

  /// In lower-case hexadecimal; empty without a key.
  func sign(_ parts: [[UInt8]]) -> [UInt8] {
    guard isUsed else { return [] }
    var sum = SHA256()
    sum.add(outer)
    sum.add(Self.sum([inner] + parts))
    return Array(sum.hex().utf8)
  }

  /// Takes as long for a wrong signature as for the right one.
  func accepts(_ signature: [UInt8], for parts: [[UInt8]]) -> Bool {
    let right = sign(parts)
    guard signature.count == right.count else { return false }
    return zip(signature, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private static func sum(_ parts: [[UInt8]]) -> [UInt8] {
    var sum = SHA256()
    for part in parts { sum.add(part) }
    let digits = Array(sum.hex().utf8)
    func value(_ digit: UInt8) -> UInt8 { digit < 58 ? digit - 48 : digit - 87 }
    return stride(from: 0, to: digits.count, by: 2).map { value(digits[$0]) << 4 | value(digits[$0 + 1]) }
  }
}

extension SHA256 {
  fileprivate mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }
}
