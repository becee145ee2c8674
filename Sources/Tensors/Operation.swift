/// Every operation that a tape can hold; what its gradient is stands in `Operation+Gradients.swift`.
enum Operation {
  case identity
  // Two tensors, broadcast against each other.
  case add, subtract, multiply, divide, remainder, power, maximum, minimum, atan2
  // Number by number.
  case negate, exp, log, sqrt, abs, tanh, sigmoid, relu, sin, cos
  case function(ElementFunction)
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
  case product(axes: [Int], keepDims: Bool)
  case cumsum(axis: Int, reversed: Bool)
  case cumprod(axis: Int)
  case matmul(transposeLeft: Bool, transposeRight: Bool)
  /// Between the rows of two matrices.
  case distances
  // Places: a slice and the zeros around it; rows along an axis and their sum back.
  case slice(SliceRange), embed(SliceRange)
  case take(TakePlan), scatterAdd(TakePlan)
  /// Windows of an image as columns, and their sum back.
  case unfold(WindowPlan), fold(WindowPlan)
  case custom(CustomOperation)

  /// The operations by name, without what they carry: a test asks each of them for a gradient check.
  enum Kind: String, CaseIterable {
    case identity, add, subtract, multiply, divide, remainder, power, maximum, minimum, atan2, negate, exp, log, sqrt,
      abs, tanh, sigmoid, relu, sin, cos, function, clip, select, reshape, broadcast, transpose, concat, sum, extreme,
      product, cumsum, cumprod, matmul, distances, slice, embed, take, scatterAdd, unfold, fold, custom
  }

  var kind: Kind {
    switch self {
    case .identity: .identity
    case .add: .add
    case .subtract: .subtract
    case .multiply: .multiply
    case .divide: .divide
    case .remainder: .remainder
    case .power: .power
    case .maximum: .maximum
    case .minimum: .minimum
    case .atan2: .atan2
    case .negate: .negate
    case .exp: .exp
    case .log: .log
    case .sqrt: .sqrt
    case .abs: .abs
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .relu: .relu
    case .sin: .sin
    case .cos: .cos
    case .function: .function
    case .clip: .clip
    case .select: .select
    case .reshape: .reshape
    case .broadcast: .broadcast
    case .transpose: .transpose
    case .concat: .concat
    case .sum: .sum
    case .extreme: .extreme
    case .product: .product
    case .cumsum: .cumsum
    case .cumprod: .cumprod
    case .matmul: .matmul
    case .distances: .distances
    case .slice: .slice
    case .embed: .embed
    case .take: .take
    case .scatterAdd: .scatterAdd
    case .unfold: .unfold
    case .fold: .fold
    case .custom: .custom
    }
  }
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
