import Diagnostics
import Tensors

/// The one place where the machine meets tensors.
extension Machine {
  /// An operation of which at least one side is a tensor; nil where the other side is no numbers.
  func tensorBinary(_ op: HostOperator, _ left: Value, _ right: Value) throws -> Value? {
    guard let a = try left.asTensorOperand(), let b = try right.asTensorOperand() else { return nil }
    switch op {
    case .add: return Value(try a + b)
    case .subtract: return Value(try a - b)
    case .multiply: return Value(try a * b)
    case .divide: return Value(try a / b)
    case .power: return Value(try a.power(b))
    case .matmul: return Value(try a.matmul(b))
    case .remainder:
      // a - floor(a / b) · b, with the sign of the divisor as for numbers.
      let whole = try (a / b).detached.floor()
      return Value(try a - whole * b)
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual:
      guard let comparison = Tensor.Comparison(rawValue: op.rawValue) else { return nil }
      return Value(try a.compared(comparison, b))
    case .compose, .contains: return nil
    }
  }

  func tensorNegated(_ value: Value) throws -> Value {
    guard case .tensor(let box) = value else { throw RuntimeError.badUnary("-", value.typeName) }
    return Value(try -box.tensor)
  }

  /// `t[0]`, `t[2:5, :]`, `t[mask]`, `t[[3, 1]]`.
  func tensorIndex(_ tensor: Tensor, _ subscripts: [IndexValue]) throws -> Value {
    if subscripts.count == 1, case .value(.tensor(let mask)) = subscripts[0], mask.tensor.shape == tensor.shape,
      mask.tensor.count != 1
    {
      return Value(try tensor.masked(mask.tensor))
    }
    let indexes = try subscripts.map { part -> TensorIndex in
      switch part {
      case .slice(let start, let stop, let step): return .slice(start: start, stop: stop, step: step ?? 1)
      case .value(let value):
        switch value {
        case .none: return .newAxis
        case .number, .bool:
          guard let number = value.asNumberOrItem, number == number.rounded(), abs(number) < 9e15 else {
            throw RuntimeError.badIndex("tensor", got: value.inWords)
          }
          return .at(Int(number))
        case .tensor(let box) where box.tensor.shape.isEmpty:
          return .at(try whole(Double(box.tensor.item ?? .nan), value))
        default:
          guard let numbers = value.asNumbers else { throw RuntimeError.badIndex("tensor", got: value.inWords) }
          return .list(try numbers.map { try whole($0, value) })
        }
      }
    }
    return Value(try tensor.subscripted(indexes))
  }

  private func whole(_ number: Double, _ value: Value) throws -> Int {
    guard number == number.rounded(), abs(number) < 9e15 else {
      throw RuntimeError.badIndex("tensor", got: value.inWords)
    }
    return Int(number)
  }
}

extension Value {
  fileprivate func asTensorOperand() throws -> Tensor? {
    switch self {
    case .tensor(let box): box.tensor
    case .number(let number): Tensor(scalar: Float(number))
    case .bool(let bool): Tensor(scalar: bool ? 1 : 0)
    case .list: try convertedToTensor()
    default: nil
    }
  }
}
