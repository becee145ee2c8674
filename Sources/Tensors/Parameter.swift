/// A tensor that training changes: optimisers write into it in place, which no language-level tensor allows.
public final class Parameter: @unchecked Sendable {
  public let name: String
  public private(set) var value: Tensor
  /// Filled by a backward pass; nil before the first.
  public var gradient: Tensor?

  public init(name: String, value: Tensor) {
    self.name = name
    self.value = value.detached
  }

  public var shape: [Int] { value.shape }

  /// Changes the numbers in place; if somebody else still holds them they are copied first.
  public func update<R>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> R) rethrows -> R {
    let storage = value.storage
    let count = storage.header.count
    let fresh = TensorStorage.makeSmall(count)
    fresh.header.start.update(from: storage.header.start, count: count)
    value = Tensor(shape: value.shape, storage: fresh)
    return try body(UnsafeMutableBufferPointer(start: fresh.header.start, count: count))
  }

  /// Puts other numbers of the same shape in.
  public func assign(_ tensor: Tensor) throws {
    guard tensor.shape == value.shape else { throw TensorError.broadcast(tensor.shape, to: value.shape) }
    value = tensor.detached
  }
}
