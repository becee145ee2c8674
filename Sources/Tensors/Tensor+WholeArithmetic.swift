import Memory
import Synchronization

/// Arithmetic of whole numbers that float32 holds, whose result it does not: 16777216 + 1.
///
/// The operators of `Tensor` count in float32, for networks and gradients. A script's `+ - * %` come here. Whether some result
/// may be rounded is asked of each piece while it is still in the cache; where none is as large as 2²⁴, nothing else is done.
extension Tensor {
  public enum WholeOperation: Sendable { case add, subtract, multiply, remainder }

  /// As the operator, but whole numbers that float32 would round are exact up to 2⁵³. While a gradient is taken, and beside
  /// a fraction, it is the operator.
  public func exactly(_ operation: WholeOperation, _ other: Tensor) throws -> Tensor {
    if trace != nil || other.trace != nil || wide != nil || other.wide != nil || showsFraction || other.showsFraction {
      return switch operation {
      case .add: try self + other
      case .subtract: try self - other
      case .multiply: try self * other
      case .remainder: try remainder(other)
      }
    }
    return switch operation {
    case .add: try counted(other, "add", { $0 + $1 }, { $0 + $1 })
    case .subtract: try counted(other, "subtract", { $0 - $1 }, { $0 - $1 })
    case .multiply: try counted(other, "multiply", { $0 * $1 }, { $0 * $1 }).asMask(isMask && other.isMask)
    case .remainder:
      try counted(other, "divide", Tensor.remainder, Tensor.remainder, costly: true)
    }
  }

  /// A few of the numbers are looked at, and one of them is a fraction: then nothing has to be exact, and no look at all
  /// results is paid for. Most tensors are such.
  private var showsFraction: Bool {
    withUnsafeBuffer { numbers in
      let count = numbers.count
      guard count > 0 else { return false }
      func isFraction(_ index: Int) -> Bool {
        let number = numbers[index]
        // From 2²³ on every float is whole; what is no number says nothing.
        return number.magnitude < 0x1p23 && Float(Int32(number)) != number
      }
      return isFraction(0) || isFraction(count / 2) || isFraction(count - 1) || isFraction(count / 4)
    }
  }

  /// In float32; where that may round whole numbers, and does, in double precision.
  @inline(__always)
  private func counted(
    _ other: Tensor, _ verb: String, _ operation: (Float, Float) -> Float, _ exact: (Double, Double) -> Double,
    costly: Bool = false
  ) throws -> Tensor {
    let mayBeRounded = Atomic(false)
    let result = try combined(
      other, verb, costly: costly,
      looking: { if Tensor.mayBeRounded($0) { mayBeRounded.store(true, ordering: .relaxed) } }, operation)
    guard mayBeRounded.load(ordering: .relaxed), isWhole, other.isWhole else { return result }
    // Large floats are whole, and most of their sums are floats: numbers in double precision cost twice the memory.
    let isRounded = Atomic(false)
    _ = try combined(other, verb, looking: { if $0.contains(1) { isRounded.store(true, ordering: .relaxed) } }) {
      let number = exact(Double($0), Double($1))
      return Double(Float(number)) != number && number.magnitude <= Tensor.largestWhole ? 1 : 0
    }
    return isRounded.load(ordering: .relaxed) ? try counted(with: other, verb, exact) : result
  }

  /// With another tensor, broadcast, in double precision.
  func counted(with other: Tensor, _ verb: String, _ operation: (Double, Double) -> Double) throws -> Tensor {
    guard let whole = broadcastShape(shape, other.shape) else {
      throw TensorError.shapes(verb: verb, shape, other.shape)
    }
    let total = try Tensor.checkedCount(whole)
    try MemoryBudget.charge(3 * total * MemoryLayout<Double>.stride)
    // One number for all is not written down for each of them.
    let a = try (count == 1 ? self : broadcast(to: whole)).exactValues
    let b = try (other.count == 1 ? other : other.broadcast(to: whole)).exactValues
    let (stepA, stepB) = (a.count == 1 ? 0 : 1, b.count == 1 ? 0 : 1)
    var numbers = [Double](repeating: 0, count: total)
    try numbers.withUnsafeMutableBufferPointer { numbers in
      guard let out = numbers.baseAddress else { return }
      try a.withUnsafeBufferPointer { a in
        try b.withUnsafeBufferPointer { b in
          try inPieces(total) { range in for i in range { out[i] = operation(a[i * stepA], b[i * stepB]) } }
        }
      }
    }
    return try Tensor(shape: whole) { try Tensor.round(numbers, to: $0) }.carrying(numbers)
  }
}
