#if canImport(Glibc)
  import Glibc
#endif

/// Texts compared, ordered, and as keys.
extension StringBox {
  /// Equal for equal texts: 24 bits.
  @inline(__always)
  var hash: UInt32 {
    let known = UInt32(truncatingIfNeeded: countAndHash >> 40)
    return known != 0 ? known : computedHash()
  }

  @inline(never)
  private func computedHash() -> UInt32 {
    let hash: UInt32
    if let memory {
      hash = Self.hash(UnsafeBufferPointer(start: memory, count: byteCount))
    } else if isASCII {
      hash = Self.hash(low, high, byteCount)
    } else {
      // Texts that are equal without being equal byte by byte (é in one scalar or two) need Swift's own hash.
      hash = UInt32(truncatingIfNeeded: text.hashValue)
    }
    let kept = max(1, hash >> 8)
    countAndHash = countAndHash & Self.counts | UInt64(kept) << 40
    return kept
  }

  @inline(__always)
  package func isSame(as box: StringBox) -> Bool {
    if (countAndHash ^ box.countAndHash) & Self.counts == 0, low == box.low, high == box.high { return true }
    // Few bytes of ASCII in both: they would agree.
    if byteCount <= Self.room, box.byteCount <= Self.room, (low | box.low) >> 63 == 0 { return false }
    return hasSameText(as: box)
  }

  @inline(never)
  private func hasSameText(as box: StringBox) -> Bool {
    guard isASCII, box.isASCII else { return text == box.text }
    guard byteCount == box.byteCount, let memory, let other = box.memory else { return false }
    return memcmp(memory, other, byteCount) == 0
  }

  /// The first eight bytes of ASCII text as a number, zeros behind the last: texts stand in the order of these numbers where
  /// they differ.
  package var firstBytes: UInt64 {
    (memory.map { UnsafeRawPointer($0).loadUnaligned(as: UInt64.self) } ?? low).byteSwapped
  }

  /// Negative, zero or positive: the order of Swift's strings, which is that of bytes where both are ASCII.
  package func order(_ box: StringBox) -> Int {
    guard isASCII, box.isASCII else {
      let (first, second) = (text, box.text)
      return first < second ? -1 : first == second ? 0 : 1
    }
    let common = min(byteCount, box.byteCount)
    let order = withBytes { bytes in
      box.withBytes { others -> Int32 in
        guard let first = bytes.baseAddress, let second = others.baseAddress else { return 0 }
        return memcmp(first, second, common)
      }
    }
    return order == 0 ? byteCount - box.byteCount : Int(order)
  }

  private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// Of few bytes, which stand in two words.
  private static func hash(_ low: UInt64, _ high: UInt64, _ count: Int) -> UInt32 {
    var hash = (low ^ UInt64(truncatingIfNeeded: count) &* factor) &* factor
    hash ^= hash >> 32
    hash = (hash ^ high) &* factor
    return UInt32(truncatingIfNeeded: hash >> 32)
  }

  /// Eight bytes at a time, multiplied and folded.
  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var hash = UInt64(truncatingIfNeeded: bytes.count) &* factor
    let raw = UnsafeRawBufferPointer(bytes)
    var index = 0
    while index + 8 <= bytes.count {
      hash = (hash ^ raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* factor
      hash ^= hash >> 32
      index += 8
    }
    var rest: UInt64 = 0
    while index < bytes.count {
      rest = rest << 8 | UInt64(bytes[index])
      index += 1
    }
    hash = (hash ^ rest) &* factor
    return UInt32(truncatingIfNeeded: hash >> 32)
  }
}
