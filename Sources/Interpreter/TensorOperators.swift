import Tensors

/// Operators and brackets of tensors, as the machine and the bindings use them.
public enum TensorOperators {
  /// A result as a value: a tensor without axes becomes a number, unless a gradient is being taken through it.
  public static func value(_ tensor: Tensor) -> Value {
    guard tensor.rank == 0, tensor.trace == nil, let item = tensor.item else { return Value(tensor) }
    return .number(tensor.wide?.first ?? number(item))
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
    case .number(let number): Tensor(number: number)
    case .bool(let bool): Tensor(scalar: bool ? 1 : 0).asMask()
    case .list: try value.convertedToTensor()
    default: nil
    }
  }

  /// nil where the operator or an operand is none of a tensor's.
  public static func binary(_ op: HostOperator, _ left: Value, _ right: Value) throws -> Value? {
    guard let a = try operand(left), let b = try operand(right) else { return nil }
    switch op {
    case .add: return value(try a.exactly(.add, b))
    case .subtract: return value(try a.exactly(.subtract, b))
    case .multiply: return value(try a.exactly(.multiply, b))
    case .divide: return value(try a / b)
    case .power: return value(try a.power(b))
    case .remainder: return value(try a.exactly(.remainder, b))
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

  /// What `x[…] = values` means in NumPy, as a new tensor.
  public static func replacing(_ tensor: Tensor, _ subscripts: [IndexValue], with values: Tensor) throws -> Tensor {
    if subscripts.count == 1, case .value(let value) = subscripts[0] {
      if let mask = try mask(value) { return try tensor.replacing(where: mask, with: values) }
      if case .tensor(let box) = value, box.tensor.isMask {
        return try tensor.replacing(where: box.tensor, with: values)
      }
    }
    return try tensor.replacing(indexes(of: tensor, subscripts), with: values)
  }

  /// `x[…]`: whole numbers, slices, `...`, ranges, lists of whole numbers, masks (tensors of 0 and 1).
  public static func index(_ tensor: Tensor, _ subscripts: [IndexValue]) throws -> Value {
    if subscripts.count == 1, case .value(.tensor(let box)) = subscripts[0], box.tensor.isMask {
      return value(try tensor.masked(box.tensor))
    }
    return value(try tensor.subscripted(indexes(of: tensor, subscripts)))
  }

  private static func indexes(of tensor: Tensor, _ subscripts: [IndexValue]) throws -> [TensorIndex] {
    var indexes: [TensorIndex] = []
    var axis = 0
    for one in subscripts {
      switch one {
      case .ellipsis:
        let left = max(0, tensor.rank - (try axesNamed(by: subscripts)))
        // Also where it stands for no axis, it separates lists.
        indexes += left == 0 ? [.nothing] : Array(repeating: .all, count: left)
        axis += left
        continue
      case .slice(nil, nil, nil): indexes.append(.all)
      case .slice(let start, let stop, let step):
        indexes.append(.slice(start: start, stop: stop, step: step ?? 1))
      case .value(.none):
        indexes.append(.newAxis)
        continue
      case .value(let value):
        if let mask = try mask(value) {
          indexes += try places(where: mask, from: axis, of: tensor)
          axis += mask.rank
          continue
        }
        indexes.append(try place(value))
      }
      axis += 1
    }
    return indexes
  }

  /// All others are what `...` stands for.
  private static func axesNamed(by subscripts: [IndexValue]) throws -> Int {
    try subscripts.reduce(0) { count, one in
      switch one {
      case .ellipsis, .value(.none): count
      case .slice: count + 1
      case .value(let value): count + (try mask(value)?.rank ?? 1)
      }
    }
  }

  /// A comparison's result, or a list of bools.
  private static func mask(_ value: Value) throws -> Tensor? {
    switch value {
    case .tensor(let box): return box.tensor.isMask && box.tensor.rank > 0 ? box.tensor : nil
    case .list(let box):
      guard let first = box.items.first, first.asBool != nil, let mask = try value.convertedToTensor(), mask.isMask
      else { return nil }
      return mask
    default: return nil
    }
  }

  /// The places that a mask over some axes chooses: one list for each of its axes.
  private static func places(where mask: Tensor, from axis: Int, of tensor: Tensor) throws -> [TensorIndex] {
    let shape = mask.shape
    guard axis + mask.rank <= tensor.rank, Array(tensor.shape[axis..<axis + mask.rank]) == shape else {
      throw TensorError.maskShape(shape, shape: tensor.shape)
    }
    let chosen = mask.withUnsafeBuffer { values in values.indices.filter { values[$0] != 0 } }
    var step = mask.count
    return shape.map { length in
      step = length == 0 ? 1 : step / length
      return .list(chosen.map { $0 / max(1, step) % max(1, length) })
    }
  }

  private static func place(_ value: Value) throws -> TensorIndex {
    switch value {
    case .number(let number): return .at(try whole(number))
    case .tensor, .list, .range:
      guard let places = try value.convertedToTensor() else { throw TensorIndexError.kind(value.inWords) }
      if places.isMask, places.rank == 0 { throw TensorIndexError.kind("a mask without axes beside others") }
      let numbers = try LongWork.map(places.exactValues, whole)
      return places.rank == 0 ? .at(numbers[0]) : .places(numbers, shape: places.shape)
    default: throw TensorIndexError.kind(value.inWords)
    }
  }

  private static func whole(_ number: Double) throws -> Int {
    guard let whole = Int(exactly: number) else { throw TensorIndexError.kind("the number \(number)") }
    return whole
  }
}
