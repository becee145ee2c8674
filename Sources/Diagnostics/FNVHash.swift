/// Fowler, Noll and Vo's hash 1a with 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/): the same on every machine and
/// in every run, unlike Swift's own. It finds what differs by accident; whoever wants to deceive it, can.
///
///     var hash = FNVHash()
///     hash.add(utf8: "abc")
///     hash.digits  // "e71fa2190541574b"
public struct FNVHash: Sendable, Equatable {
  public var value: UInt64 { state }
  @usableFromInline var state: UInt64

  /// - Parameter start: what `value` is before anything is added: the hash's own number, or one that tells kinds apart.
  @inlinable
  public init(start: UInt64 = 0xcbf2_9ce4_8422_2325) { state = start }

  @inlinable
  public init(_ bytes: some Sequence<UInt8>) {
    self.init()
    for byte in bytes { add(byte) }
  }

  /// A byte; or a whole word in one step, which is quicker and gives another hash than its bytes.
  @inlinable
  public mutating func add(_ word: some FixedWidthInteger & UnsignedInteger) {
    state = (state ^ UInt64(word)) &* 0x100_0000_01b3
  }

  /// Eight bytes, the lowest first.
  @inlinable
  public mutating func add(bytesOf number: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> UInt64(shift))) }
  }

  /// The bytes of a text, without a sign of where it ends.
  @inlinable
  public mutating func add(utf8 text: String) { for byte in text.utf8 { add(byte) } }

  /// Sixteen digits.
  public var digits: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
