import ONNXFormat
import Tensors

/// Comparisons, and choices by them: functions of several pieces, as exporters write those that have no operator of their own.
extension ONNXReader {
  /// Greater, Less, Equal and the like, and what joins truths.
  mutating func comparison(_ step: ONNXStep) throws -> Value {
    switch step.node.op {
    case "Greater": return try compared(step, .greater)
    case "GreaterOrEqual": return try compared(step, .greaterOrEqual)
    case "Less": return try compared(step, .less)
    case "LessOrEqual": return try compared(step, .lessOrEqual)
    case "Equal": return try compared(step, .equal)
    case "Not": return try isZero(try truth(step, 0))
    case "And": return try joined(step, .minimum)
    case "Or": return try joined(step, .maximum)
    default: return try isZero(try joined(step, .equal))
    }
  }

  private mutating func compared(_ step: ONNXStep, _ operation: ElementOperation) throws -> Value {
    guard step.node.inputs.count == 2, let a = try input(step, 0), let b = try input(step, 1) else {
      throw step.bad("takes other than two inputs")
    }
    return truth(try elements(step, operation, a, b))
  }

  private mutating func joined(_ step: ONNXStep, _ operation: ElementOperation) throws -> Value {
    truth(try elements(step, operation, try truth(step, 0), try truth(step, 1)))
  }

  /// Where a truth, or any number, is 0.
  private mutating func isZero(_ value: Value) throws -> Value {
    guard case .data(let place, let shape) = value.asData else { return value }
    return truth(try add([.operation(.equal, 0)], [], to: place, shape))
  }

  /// The same result as a truth.
  private mutating func truth(_ value: Value) -> Value {
    guard case .data(let place, let shape) = value else { return value }
    truths.insert(place)
    return .truth(place, shape)
  }

  /// A truth of a node, as numbers of 1 and 0.
  private func truth(_ step: ONNXStep, _ index: Int) throws -> Value {
    guard case .truth(let place, let shape)? = try input(step, index) else {
      throw step.bad("takes what is no truth of the items")
    }
    return .data(place, shape)
  }

  /// To float32, of truths as well, and to truths.
  mutating func cast(_ step: ONNXStep) throws -> Value {
    guard let value = try input(step, 0) else { throw step.bad("takes nothing") }
    switch (ONNXType(rawValue: try step.int("to", 1)), value) {
    case (.float, .truth(let place, let shape)): return .data(place, shape)
    case (.float, _), (.bool, .truth): return value
    case (.bool, .data(let place, _)):
      if truths.contains(place) { return truth(value) }
      return try isZero(try isZero(value))
    default: throw step.bad("makes other numbers than float32")
    }
  }

  // MARK: Choices

  /// Where: by what is known beforehand, or number by number.
  mutating func choice(_ step: ONNXStep) throws -> Value {
    guard step.node.inputs.count == 3, let condition = try input(step, 0)?.asData,
      let a = try input(step, 1)?.asData, let b = try input(step, 2)?.asData
    else { throw step.bad("takes other than three inputs") }
    if case .constant(let tensor) = condition, tensor.count == 1 { return tensor.floats[0] != 0 ? a : b }
    return try chosen(step, condition, a, b)
  }

  /// Constants among the three stand beside each item.
  private mutating func chosen(_ step: ONNXStep, _ condition: Value, _ a: Value, _ b: Value) throws -> Value {
    let values = [condition, a, b]
    guard case .data(let place, let shape)? = values.first(where: \.isData) else {
      throw step.bad("chooses between constants in a way that is not read")
    }
    // Truths are finite, so that whatever is brought between two equal bounds is the bound.
    var truth = (place: place, shape: shape)
    if !condition.isData, case .data(let made, _) = try isZero(.data(place, shape)).asData { truth.place = made }
    var inputs: [(place: Int, shape: [Int])] = []
    for value in values {
      guard case .data(let place, let found) = try beside(step, value, truth), found.count == shape.count else {
        throw step.bad("chooses between items of other shapes than \(shape)")
      }
      inputs.append((place, found))
    }
    return try add(.choose, to: inputs)
  }

  /// A constant as a result beside a truth, of its shape where it is a single number.
  private mutating func beside(
    _ step: ONNXStep, _ value: Value, _ truth: (place: Int, shape: [Int])
  ) throws -> Value {
    if value.isData { return value }
    let tensor = try constant(step, value)
    let number = tensor.count == 1 ? tensor.floats[0] : 0
    guard number.isFinite else { throw step.bad("chooses \(number), which is not finite") }
    let filled = try add(
      [Layer(FunctionLayer(function: .clip(low: number, high: number)))], [], to: truth.place, truth.shape)
    return tensor.count == 1 ? filled : try elements(step, .add, filled, value)
  }

  // MARK: Functions that are choices

  /// x above a number, else 0.
  mutating func thresholded(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    let isAbove = try add([.operation(.greater, try step.float("alpha", 1))], [], to: place, shape)
    return try chosen(step, isAbove, .data(place, shape), Self.number(0))
  }

  /// Nearer to 0 by the bias where x is farther from it than lambd, else 0.
  mutating func shrunk(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    let (limit, bias) = (try step.float("lambd", 0.5), try step.float("bias", 0))
    let x = Value.data(place, shape)
    let isAbove = try add([.operation(.greater, limit)], [], to: place, shape)
    let isBelow = try add([.operation(.less, -limit)], [], to: place, shape)
    let above = bias == 0 ? x : try elements(step, .subtract, x, Self.number(bias))
    let below = bias == 0 ? x : try elements(step, .add, x, Self.number(bias))
    return try chosen(step, isAbove, above, try chosen(step, isBelow, below, Self.number(0)))
  }

  private static func number(_ value: Float) -> Value { .constant(ONNXTensor("", .float, [], .floats([value]))) }
}

extension ONNXReader.Value {
  fileprivate var isData: Bool { if case .data = self { true } else { false } }

  /// A truth as the numbers that it is.
  fileprivate var asData: Self { if case .truth(let place, let shape) = self { .data(place, shape) } else { self } }
}
