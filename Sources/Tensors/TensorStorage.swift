import Memory

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where a storage's numbers begin, and how many there are.
struct TensorStorageHeader {
  var start: UnsafeMutablePointer<Float>
  var count: Int
  /// Memory of its own for many numbers, which goes with the storage; nil where they stand behind the header.
  var block: UnsafeMutableRawPointer?
}

/// Owns a tensor's memory. A small tensor is one `malloc`, header and numbers together; a large one has a block of its own,
/// because an allocation that fails has to be an error in words, and Swift's own ends the process instead.
///
/// From 64 numbers up the first one stands on a 64-byte boundary, as vector kernels like it.
final class TensorStorage: ManagedBuffer<TensorStorageHeader, Float> {
  static let alignment = 64
  /// From so many numbers on (64 kB) the memory is asked for by name.
  private static let large = 1 << 14

  /// Not initialised: whoever makes it fills it before anybody reads.
  /// - Throws: `MemoryError.exhausted` where the process's limits, or the system, have no room for it.
  static func make(_ count: Int) throws -> TensorStorage {
    let bytes = count * MemoryLayout<Float>.stride + alignment
    try MemoryBudget.charge(bytes)
    guard count >= large else { return makeSmall(count) }
    guard let block = malloc(bytes) else {
      throw MemoryError.exhausted(wanted: bytes, held: MemoryBudget.held, limit: nil)
    }
    let over = Int(bitPattern: block) & (alignment - 1)
    let start = (block + (over == 0 ? 0 : alignment - over)).assumingMemoryBound(to: Float.self)
    let made = TensorStorage.create(minimumCapacity: 0) { _ in
      TensorStorageHeader(start: start, count: count, block: block)
    }
    return unsafeDowncast(made, to: TensorStorage.self)
  }

  /// The same in one piece, for a few numbers.
  static func makeSmall(_ count: Int) -> TensorStorage {
    let padding = count >= 64 ? alignment / MemoryLayout<Float>.stride : 0
    let made = TensorStorage.create(minimumCapacity: count + padding) { buffer in
      let start = buffer.withUnsafeMutablePointerToElements { elements in
        guard padding > 0 else { return elements }
        let over = Int(bitPattern: elements) & (alignment - 1)
        return over == 0 ? elements : elements + (alignment - over) / MemoryLayout<Float>.stride
      }
      return TensorStorageHeader(start: start, count: count, block: nil)
    }
    return unsafeDowncast(made, to: TensorStorage.self)
  }

  deinit { if let block = header.block { free(block) } }
}
