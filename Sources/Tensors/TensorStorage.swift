/// Where a storage's numbers begin, and how many there are.
struct TensorStorageHeader {
  var start: UnsafeMutablePointer<Float>
  var count: Int
}

/// Owns a tensor's memory: header and numbers in one allocation, so that a small tensor costs one `malloc`.
///
/// From 64 numbers up the first one stands on a 64-byte boundary, as vector kernels like it.
final class TensorStorage: ManagedBuffer<TensorStorageHeader, Float> {
  static let alignment = 64

  /// Not initialised: whoever makes it fills it before anybody reads.
  static func make(_ count: Int) -> TensorStorage {
    let padding = count >= 64 ? alignment / MemoryLayout<Float>.stride : 0
    let made = TensorStorage.create(minimumCapacity: count + padding) { buffer in
      let start = buffer.withUnsafeMutablePointerToElements { elements in
        guard padding > 0 else { return elements }
        let over = Int(bitPattern: elements) & (alignment - 1)
        return over == 0 ? elements : elements + (alignment - over) / MemoryLayout<Float>.stride
      }
      return TensorStorageHeader(start: start, count: count)
    }
    return unsafeDowncast(made, to: TensorStorage.self)
  }
}
