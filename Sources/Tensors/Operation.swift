/// Every operation that a tape can hold; what its gradient is stands in `Operation+Gradients.swift`.
enum Operation {
  case identity
  // Two tensors, broadcast against each other.
  case add, subtract, multiply, divide, power, maximum, minimum
  // Number by number.
  case negate, exp, log, sqrt, abs, tanh, sigmoid, relu, sin, cos
  case clip(low: Float, high: Float)
  /// Inputs: mask, where it is not 0, where it is 0.
  case select
  // Shape.
  case reshape, broadcast
  case transpose(axes: [Int])
  case concat(axis: Int)
  // Reductions.
  case sum(axes: [Int], keepDims: Bool)
  case extreme(axes: [Int], keepDims: Bool)
  case cumsum(axis: Int, reversed: Bool)
  case matmul(transposeLeft: Bool, transposeRight: Bool)
  // Places: a slice and the zeros around it; rows along an axis and their sum back.
  case slice(SliceRange), embed(SliceRange)
  case take(TakePlan), scatterAdd(TakePlan)
  /// Windows of an image as columns, and their sum back.
  case unfold(WindowPlan), fold(WindowPlan)
  case custom(CustomOperation)
}

extension Tensor {
  /// Puts the operation that gave this tensor on its input's tape, if it has one.
  @inline(__always)
  func recorded(_ operation: @autoclosure () -> Operation, _ input: Tensor) throws -> Tensor {
    guard let trace = input.trace else { return self }
    return trace.tape.append(operation(), [input.detached], [trace.index], self)
  }

  @inline(__always)
  func recorded(_ operation: @autoclosure () -> Operation, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    if a.trace == nil, b.trace == nil { return self }
    return try recorded(operation(), [a, b])
  }

  func recorded(_ operation: Operation, _ inputs: [Tensor]) throws -> Tensor {
    guard let tape = inputs.lazy.compactMap(\.trace?.tape).first else { return self }
    let sources = try inputs.map { input in
      guard let trace = input.trace else { return -1 }
      guard trace.tape === tape else { throw TensorError.twoTapes }
      return trace.index
    }
    return tape.append(operation, inputs.map(\.detached), sources, self)
  }
}
