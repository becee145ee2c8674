import Tensors

/// Operators and brackets of tensors, as the machine and the bindings use them.
public enum TensorOperators {
  /// A result as a value: a tensor without axes becomes a number, unless a gradient is being taken through it.
  public static func value(_ tensor: Tensor) -> Value {
    guard tensor.rank == 0, tensor.trace == nil, let item = tensor.item else { return Value(tensor) }
    return .number(number(item))
  }

  /// The shortest decimal number that means this float, so that 0.1 stays 0.1.
  public static func number(_ item: Float) -> Double {
    if item.rounded() == item || !item.isFinite { return Double(item) }
    return Double(item.description) ?? Double(item)
  }

  /// An operand: a tensor, number, bool, or a list of numbers; nil for other values.
  public static func operand(_ value: Value) throws -> Tensor? {
    switch value {
    case .tensor(let box): box.tensor
    case .number(let number): Tensor(scalar: Float(number))
    case .bool(let bool): Tensor(scalar: bool ? 1 : 0)
    case .list: try value.convertedToTensor()
    default: nil
    }
  }

  /// nil where the operator or an operand is none of a tensor's.
  public static func binary(_ op: HostOperator, _ left: Value, _ right: Value) throws -> Value? {
    guard let a = try operand(left), let b = try operand(right) else { return nil }
    switch op {
    case .add: return value(try a + b)
    case .subtract: return value(try a - b)
    case .multiply: return value(try a * b)
    case .divide: return value(try a / b)
    case .power: return value(try a.power(b))
    case .remainder: return value(try a.remainder(b))
    case .matmul: return value(try a.matmul(b))
    case .equal: return value(try a.compared(.equal, b))
    case .notEqual: return value(try a.compared(.notEqual, b))
    case .less: return value(try a.compared(.less, b))
    case .lessEqual: return value(try a.compared(.lessOrEqual, b))
    case .greater: return value(try a.compared(.greater, b))
    case .greaterEqual: return value(try a.compared(.greaterOrEqual, b))
    case .compose, .contains: return nil
    }
  }

  public static func negated(_ tensor: Tensor) throws -> Value { value(try -tensor) }

  /// `x[…]`: whole numbers, slices, ranges, lists of whole numbers, masks (tensors of 0 and 1).
  public static func index(_ tensor: Tensor, _ subscripts: [IndexValue]) throws -> Value {
    if subscripts.count == 1, case .value(let only) = subscripts[0], case .tensor(let box) = only {
      if box.tensor.rank > 1 || box.tensor.count == tensor.shape.first && isMask(box.tensor) {
        return value(try tensor.masked(box.tensor))
      }
    }
    return value(
      try tensor.subscripted(
        subscripts.enumerated().map { axis, subscript_ in
          switch subscript_ {
          case .slice(nil, nil, nil): return .all
          case .slice(let start, let stop, let step): return .slice(start: start, stop: stop, step: step ?? 1)
          case .value(let value): return try place(value, axis: axis, of: tensor)
          }
        }))
  }

  private static func place(_ value: Value, axis: Int, of tensor: Tensor) throws -> TensorIndex {
    switch value {
    case .number(let number): return .at(try whole(number))
    case .none: return .newAxis
    case .tensor(let box):
      let size = axis < tensor.rank ? tensor.shape[axis] : -1
      if box.tensor.rank == 0 { return .at(try whole(Double(box.tensor.item ?? .nan))) }
      let values = box.tensor.values
      if values.count == size, isMask(box.tensor) { return .list(values.indices.filter { values[$0] != 0 }) }
      return .list(try values.map { try whole(Double($0)) })
    case .list(let box):
      let size = axis < tensor.rank ? tensor.shape[axis] : -1
      let bools = box.items.compactMap(\.asBool)
      if bools.count == box.items.count, bools.count == size { return .list(bools.indices.filter { bools[$0] }) }
      fallthrough
    case .range:
      guard let numbers = value.asNumbers else { throw TensorIndexError.kind(value.inWords) }
      return .list(try numbers.map(whole))
    default: throw TensorIndexError.kind(value.inWords)
    }
  }

  private static func whole(_ number: Double) throws -> Int {
    guard let whole = Int(exactly: number) else { throw TensorIndexError.kind("the number \(number)") }
    return whole
  }

  /// Only zeros and ones, as a comparison gives them.
  private static func isMask(_ tensor: Tensor) -> Bool {
    tensor.withUnsafeBuffer { $0.allSatisfy { $0 == 0 || $0 == 1 } }
  }
}
