import Memory

/// An array of 32-bit floats with any number of axes, row-major and contiguous; an immutable value.
///
/// A tensor that takes part in a gradient's computation carries a trace: its place on a tape.
public struct Tensor: Sendable {
  /// Length of each axis; empty for a single number.
  public let shape: [Int]
  /// Written to only while it is made, so that threads may share it.
  nonisolated(unsafe) let storage: TensorStorage
  /// Link to the gradient tape that this tensor was computed on; nil where no gradient is wanted.
  public internal(set) var trace: Trace?
  /// Whether its numbers are truths, 1 and 0, as a comparison gives them: between brackets such a tensor chooses, where
  /// another one's numbers are places. Kept by changes of shape and by products of masks; other arithmetic gives numbers.
  public internal(set) var isMask = false
  /// The exact numbers where float32 cannot hold them all: places, counts and other whole numbers beyond 2²⁴ (see
  /// `Tensor+WideNumbers.swift`). `storage` then has the nearest floats. Nil for almost every tensor.
  public internal(set) var wide: [Double]?

  init(shape: [Int], storage: TensorStorage, trace: Trace? = nil) {
    self.shape = shape
    self.storage = storage
    self.trace = trace
  }

  /// How many numbers it holds: the product of the shape.
  public var count: Int { storage.header.count }
  /// Number of axes.
  public var rank: Int { shape.count }

  /// A tensor of `shape` whose numbers `fill` writes; all of them, for they begin undefined.
  /// - Throws: `TensorError.tooLarge` beyond the memory limit, `.negativeAxis`, and what `fill` throws.
  public init(shape: [Int], _ fill: (UnsafeMutableBufferPointer<Float>) throws -> Void) throws {
    let count = try Tensor.checkedCount(shape)
    let storage = try TensorStorage.make(count)
    try fill(UnsafeMutableBufferPointer(start: storage.header.start, count: count))
    self.init(shape: shape, storage: storage)
  }

  /// A tensor of the given numbers in row-major order.
  /// - Throws: `TensorError.valueCount` if the shape asks for another number of them.
  public init(_ values: [Float], shape: [Int]) throws {
    guard try Tensor.checkedCount(shape) == values.count else {
      throw TensorError.valueCount(shape: shape, values: values.count)
    }
    try self.init(shape: shape) { out in _ = out.update(from: values) }
  }

  /// A single number: shape [].
  public init(scalar: Float) {
    let storage = TensorStorage.makeSmall(1)
    storage.header.start.pointee = scalar
    self.init(shape: [], storage: storage)
  }

  /// The numbers, row-major; only valid within `body`.
  public func withUnsafeBuffer<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
    try withExtendedLifetime(storage) {
      try body(UnsafeBufferPointer(start: storage.header.start, count: storage.header.count))
    }
  }

  /// The numbers in row-major order, copied.
  public var values: [Float] { withUnsafeBuffer { Array($0) } }

  /// The number of a tensor that holds exactly one, whatever its shape.
  public var item: Float? { count == 1 ? storage.header.start.pointee : nil }

  /// The same numbers, which are all 0 or 1, as a mask.
  public func asMask(_ isMask: Bool = true) -> Tensor {
    var mask = self
    mask.isMask = isMask
    return mask
  }

  /// The same numbers without a link to a gradient tape.
  public var detached: Tensor { trace == nil ? self : Tensor(shape: shape, storage: storage).asMask(isMask) }

  /// The same numbers under another shape of the same count, which the caller has made sure of.
  func viewed(as shape: [Int]) -> Tensor {
    var view = Tensor(shape: shape, storage: storage).asMask(isMask)
    view.wide = wide
    return view
  }
}

extension Tensor {
  /// Most numbers one tensor may hold: half of the memory that the process may have, at most 2³³.
  public static let largestCount = Swift.min(
    1 << 33, Swift.max(1 << 20, MemoryBudget.largestPiece / MemoryLayout<Float>.stride))

  /// The product of `shape`, checked against overflow, negative lengths and the memory limit.
  static func checkedCount(_ shape: [Int]) throws -> Int {
    var count = 1
    var tooLarge = false
    var hasZero = false
    for length in shape {
      if length < 0 { throw TensorError.negativeAxis(shape: shape) }
      if length == 0 { hasZero = true }
      let (product, overflow) = count.multipliedReportingOverflow(by: Swift.max(1, length))
      if overflow { tooLarge = true } else { count = product }
    }
    if hasZero { return 0 }
    if tooLarge || count > largestCount { throw TensorError.tooLarge(shape: shape) }
    return count
  }
}
