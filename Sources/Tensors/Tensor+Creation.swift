import Diagnostics
import Memory

extension Tensor {
  /// A tensor of one value.
  /// - Throws: `TensorError` where a size is negative, or there are too many of them.
  public static func full(_ shape: [Int], _ value: Float) throws -> Tensor {
    try Tensor(shape: shape) { $0.update(repeating: value) }
  }
  /// A tensor of zeros; throws as `full`.
  public static func zeros(_ shape: [Int]) throws -> Tensor { try full(shape, 0) }
  /// A tensor of ones; throws as `full`.
  public static func ones(_ shape: [Int]) throws -> Tensor { try full(shape, 1) }

  /// start, start + step, … before stop.
  public static func arange(_ start: Double, _ stop: Double, _ step: Double = 1) throws -> Tensor {
    for (name, number) in [("start", start), ("stop", stop), ("step", step)] where !number.isFinite {
      throw TensorError.argument(
        function: "arange", name: name, expected: "a finite number", got: NumberText.written(number))
    }
    guard step != 0 else {
      throw TensorError.argument(
        function: "arange", name: "step", expected: "a number other than 0", got: NumberText.written(step))
    }
    let length = Swift.max(0, ((stop - start) / step).rounded(.up))
    guard length <= Double(largestCount) else { throw TensorError.tooLarge(shape: [Int(exactly: length) ?? .max]) }
    let count = Int(length)
    if isWhole(start), isWhole(step), count > 0,
      isRounded(start) || (start + length * step).magnitude > Double(largestExact)
    {
      try MemoryBudget.charge(count * MemoryLayout<Double>.stride)
      return try Tensor(numbers: LongWork.map(0..<count) { start + Double($0) * step }, shape: [count])
    }
    return try Tensor(shape: [count]) { out in
      try inPieces(count) { range in for i in range { out[i] = Float(start + Double(i) * step) } }
    }
  }

  /// Whole numbers between two, which decide whether they are carried exactly.
  public init(shape: [Int], wholeNumbersFrom low: Int, upTo high: Int, _ next: () -> Int) throws {
    if Swift.max(low.magnitude, high.magnitude) > 1 << 24 {
      let count = try Tensor.checkedCount(shape)
      try MemoryBudget.charge(count * MemoryLayout<Double>.stride)
      try self.init(numbers: LongWork.map(0..<count) { _ in Double(next()) }, shape: shape)
    } else {
      try self.init(shape: shape) { out in
        try LongWork.stretches(out.count) { range in for i in range { out[i] = Float(next()) } }
      }
    }
  }

  /// `count` numbers at equal distances, both ends included.
  public static func linspace(_ start: Double, _ stop: Double, _ count: Int = 50) throws -> Tensor {
    guard count >= 0 else {
      throw TensorError.argument(function: "linspace", name: "count", expected: "0 or more", got: "\(count)")
    }
    let step = count > 1 ? (stop - start) / Double(count - 1) : 0
    // Places, as those of `arange`.
    if isWhole(start), isWhole(step), count > 0, Swift.max(start.magnitude, stop.magnitude) > Double(largestExact) {
      _ = try Tensor.checkedCount([count])
      try MemoryBudget.charge(count * MemoryLayout<Double>.stride)
      return try Tensor(numbers: LongWork.map(0..<count) { start + Double($0) * step }, shape: [count])
    }
    return try Tensor(shape: [count]) { out in
      for i in out.indices { out[i] = Float(i == count - 1 && count > 1 ? stop : start + Double(i) * step) }
    }
  }

  /// Ones on the diagonal.
  public static func eye(_ rows: Int, _ columns: Int? = nil) throws -> Tensor {
    let columns = columns ?? rows
    return try Tensor(shape: [rows, columns]) { out in
      out.update(repeating: 0)
      for i in 0..<Swift.min(rows, columns) { out[i * columns + i] = 1 }
    }
  }

  /// Uniform from 0 up to 1.
  public static func rand(_ shape: [Int], _ random: inout RandomStream) throws -> Tensor {
    try Tensor(shape: shape) { out in
      try filled(out) { random.fillUniform($0) }
    }
  }
  /// Normal with mean 0 and variance 1.
  public static func randn(_ shape: [Int], _ random: inout RandomStream) throws -> Tensor {
    try Tensor(shape: shape) { out in
      try filled(out) { random.fillNormal($0) }
    }
  }

  /// Part after part, with a look between them at whether anybody still waits.
  private static func filled(
    _ out: UnsafeMutableBufferPointer<Float>, by fill: (UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    for start in stride(from: 0, to: out.count, by: 1 << 20) {
      try LongWork.check()
      fill(UnsafeMutableBufferPointer(rebasing: out[start..<Swift.min(start + 1 << 20, out.count)]))
    }
  }

  /// Row i has a 1 at labels[i] and 0 elsewhere: [n] → [n, classes].
  public static func oneHot(_ labels: [Int], classes: Int) throws -> Tensor {
    for label in labels where label < 0 || label >= classes { throw TensorError.label(label, classes: classes) }
    return try Tensor(shape: [labels.count, classes]) { out in
      out.update(repeating: 0)
      for (row, label) in labels.enumerated() { out[row * classes + label] = 1 }
    }
  }
}
