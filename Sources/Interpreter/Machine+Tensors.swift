import Tensors

extension TensorError: UncatchableError {
  public var isUncatchable: Bool { self == .interrupted }
}

/// Where the machine meets tensors (see `TensorOperators`).
extension Machine {
  func tensorBinary(_ op: HostOperator, _ left: Value, _ right: Value) throws -> Value? {
    try checkInterrupt()
    return try TensorOperators.binary(op, left, right)
  }

  func tensorNegated(_ value: Value) throws -> Value {
    guard case .tensor(let box) = value else { throw RuntimeError.badUnary("-", value.typeName) }
    try checkInterrupt()
    return try TensorOperators.negated(box.tensor)
  }

  func tensorIndex(_ tensor: Tensor, _ subscripts: [IndexValue]) throws -> Value {
    try checkInterrupt()
    return try TensorOperators.index(tensor, subscripts)
  }
}
