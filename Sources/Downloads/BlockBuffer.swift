/// The state of a sum that takes 64 bytes at a time.
protocol BlockMixing {
  mutating func mix(_ block: UnsafeRawBufferPointer)
}

/// Cuts what comes in pieces of any size into the blocks of 64 bytes that MD5 and SHA-256 work on.
struct BlockBuffer {
  private var pending: [UInt8] = []
  private var length: UInt64 = 0

  mutating func update(_ bytes: UnsafeRawBufferPointer, into state: inout some BlockMixing) {
    length &+= UInt64(bytes.count)
    var start = 0
    if !pending.isEmpty {
      let taken = min(64 - pending.count, bytes.count)
      pending.append(contentsOf: bytes[..<taken])
      start = taken
      guard pending.count == 64 else { return }
      pending.withUnsafeBytes { state.mix($0) }
      pending.removeAll(keepingCapacity: true)
    }
    while start + 64 <= bytes.count {
      state.mix(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 64]))
      start += 64
    }
    pending.append(contentsOf: bytes[start...])
  }

  /// The last block: a bit that is set, zeros, and the length in bits, whose bytes stand in the sum's own order.
  mutating func finish(bigEndian: Bool, into state: inout some BlockMixing) {
    let bits = length &* 8
    var tail: [UInt8] = [0x80]
    while (pending.count + tail.count) % 64 != 56 { tail.append(0) }
    withUnsafeBytes(of: bigEndian ? bits.bigEndian : bits.littleEndian) { tail.append(contentsOf: $0) }
    tail.withUnsafeBytes { update($0, into: &state) }
  }
}
