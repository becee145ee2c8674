/// A stretch of floats that is allocated once and written in place, by plans and optimisers.
///
/// Aligned to 64 bytes, with `slack` floats behind the end, so that kernels may read (never write) whole vectors past
/// it. Zero at first.
///
/// Unchecked, because each slice and each task of a plan writes to a stretch of its own, and phases follow one another.
final class FloatBuffer: @unchecked Sendable {
  static let slack = 64
  let count: Int
  let base: UnsafeMutablePointer<Float>

  init(_ count: Int) {
    self.count = count
    let bytes = (count + Self.slack) * MemoryLayout<Float>.stride
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    base = raw.initializeMemory(as: Float.self, repeating: 0, count: count + Self.slack)
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }

  var values: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }

  /// x · 0 is 0 for finite x alone: one pass without a branch.
  static func areFinite(_ buffer: FloatBuffer) -> Bool {
    var sum: Float = 0
    for index in 0..<buffer.count { sum += buffer.base[index] * 0 }
    return sum == 0
  }

  func copy(from values: [Float]) {
    for (index, value) in values.prefix(count).enumerated() { base[index] = value }
  }

  func copy(from other: FloatBuffer) { base.update(from: other.base, count: min(count, other.count)) }
}

/// One array of a network that learning changes, with its gradient; or a running statistic, which has none.
///
/// Unchecked, because its network is one thread's at a time: while a plan's threads read it, nobody calls `set`.
public final class Weights: @unchecked Sendable {
  /// As in the saved file: `1.weight`, `2.bias`; the number is the layer's, from 1.
  public let name: String
  /// As in the saved file: [filters, channels, height, width] of a convolution, [units, inputs] of a dense layer.
  public let shape: [Int]
  /// False for running statistics and in frozen layers: saved and copied with the network, but no optimiser touches them.
  public let isTrained: Bool
  /// Whether weight decay pulls it to 0, where there is any: not a boundary or a bias that a loss learns.
  public let isDecayed: Bool
  /// Whether it would be trained if its layer were not frozen.
  public let isFrozen: Bool
  let buffer: FloatBuffer
  let gradientBuffer: FloatBuffer
  /// How often `set` has replaced the values.
  private(set) var changes = 0

  /// All zeros.
  public init(
    name: String, shape: [Int], isTrained: Bool = true, isDecayed: Bool = true, isFrozen: Bool = false
  ) {
    self.name = name
    self.shape = shape
    self.isTrained = isTrained
    self.isDecayed = isDecayed
    self.isFrozen = isFrozen
    let count = shape.reduce(1, *)
    buffer = FloatBuffer(count)
    gradientBuffer = FloatBuffer(isTrained ? count : 0)
  }

  /// Product of the shape.
  public var count: Int { buffer.count }
  /// A copy.
  public var values: [Float] { buffer.values }
  /// A copy of what the last backward pass left.
  public var gradients: [Float] { gradientBuffer.values }

  /// Runs `body` with the numbers and their gradient in place; both hold `count` numbers, the gradient none where the
  /// array is not trained.
  public func withBuffers<Result>(
    _ body: (_ values: UnsafeMutableBufferPointer<Float>, _ gradient: UnsafeMutableBufferPointer<Float>) -> Result
  ) -> Result {
    body(
      UnsafeMutableBufferPointer(start: buffer.base, count: buffer.count),
      UnsafeMutableBufferPointer(start: gradientBuffer.base, count: gradientBuffer.count))
  }

  /// Whether all values are finite.
  public var isFinite: Bool { FloatBuffer.areFinite(buffer) }
  /// Whether all of the last gradient is finite.
  var hasFiniteGradient: Bool { FloatBuffer.areFinite(gradientBuffer) }

  /// Replaces the values; a wrong count is an error of the caller, told by `false`.
  public func set(_ values: [Float]) -> Bool {
    guard values.count == count else { return false }
    buffer.copy(from: values)
    changes += 1
    return true
  }
}
