/// MD5 (RFC 1321): what public data sets publish of their files. It tells damage, not malice.
public typealias MD5 = Checksum<MD5Rounds>

/// SHA-256 (FIPS 180-4): what package registries publish of their files.
public typealias SHA256 = Checksum<SHA256Rounds>

/// How one kind of sum mixes 64 bytes into its words.
public protocol ChecksumRounds {
  /// Whether its words, and the length at the end, stand with their greatest byte first.
  static var isBigEndian: Bool { get }
  /// What the sum is made of.
  var words: [UInt32] { get }
  init()
  mutating func mix(_ block: UnsafeRawBufferPointer)
}

/// A sum over bytes that come in pieces of any size.
public struct Checksum<Rounds: ChecksumRounds> {
  private var rounds = Rounds()
  /// What came since the last whole block.
  private var pending: [UInt8] = []
  private var length: UInt64 = 0

  public init() {}

  /// Of bytes that are all there, in lower-case hexadecimal.
  public static func hex(_ bytes: [UInt8]) -> String {
    var sum = Self()
    bytes.withUnsafeBytes { sum.update($0) }
    return sum.hex()
  }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    length &+= UInt64(bytes.count)
    var start = 0
    if !pending.isEmpty {
      let taken = min(64 - pending.count, bytes.count)
      pending.append(contentsOf: bytes[..<taken])
      start = taken
      guard pending.count == 64 else { return }
      let block = pending
      pending = []
      block.withUnsafeBytes { rounds.mix($0) }
    }
    while start + 64 <= bytes.count {
      rounds.mix(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 64]))
      start += 64
    }
    pending.append(contentsOf: bytes[start...])
  }

  /// The sum of all that came; nothing can be added after it.
  public mutating func hex() -> String {
    // The last block: a bit that is set, zeros, and the length in bits.
    let bits = length &* 8
    var tail: [UInt8] = [0x80]
    while (pending.count + tail.count) % 64 != 56 { tail.append(0) }
    withUnsafeBytes(of: Rounds.isBigEndian ? bits.bigEndian : bits.littleEndian) { tail.append(contentsOf: $0) }
    tail.withUnsafeBytes { update($0) }
    return rounds.words.map { word in
      let text = String(Rounds.isBigEndian ? word : word.byteSwapped, radix: 16)
      return String(repeating: "0", count: 8 - text.count) + text
    }.joined()
  }
}
