import ONNXFormat
import Tensors

/// What goes element by element: functions of one result, and operations between results and constants.
extension ONNXReader {
  mutating func prelu(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    guard let slope = try floats(step, 1) else { throw step.bad("has no slopes") }
    let count = slope.values.count
    let aligned = Array(slope.shape.suffix(shape.count))
    let isPerChannel =
      aligned.count == shape.count && aligned[0] == shape[0] && aligned.dropFirst().allSatisfy { $0 == 1 }
    guard count == 1 || (count == shape[0] && isPerChannel) else {
      throw step.bad("has slopes of the shape \(slope.shape): one, or one for each channel, is read")
    }
    let slopes = count == 1 ? [Float](repeating: slope.values[0], count: shape[0]) : slope.values
    return try add([Layer(PReLULayer())], [slopes], to: place, shape)
  }

  mutating func clip(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    let (low, high) = try limits(step)
    if low == 0, high == .greatestFiniteMagnitude { return try add([.relu], [], to: place, shape) }
    return try add([Layer(FunctionLayer(function: .clip(low: low, high: high)))], [], to: place, shape)
  }

  /// Those of Clip; the farthest finite numbers where it has none.
  func limits(_ step: ONNXStep) throws -> (low: Float, high: Float) {
    func limit(_ index: Int, _ name: String, _ fallback: Float) throws -> Float {
      if let found = try floats(step, index) {
        guard found.values.count == 1, !found.values[0].isNaN else { throw step.bad("has a limit that is no number") }
        return found.values[0]
      }
      return try step.float(name, fallback)
    }
    let most = Float.greatestFiniteMagnitude
    return (max(-most, try limit(1, "min", -most)), min(most, try limit(2, "max", most)))
  }

  /// Max and Min: with one number a limit, else of results and constants one after the other.
  mutating func limited(_ step: ONNXStep) throws -> Value {
    let isMax = step.node.op == "Max"
    guard (1...64).contains(step.node.inputs.count) else {
      throw step.bad("takes \(step.node.inputs.count) inputs: 1 to 64 are read")
    }
    if step.node.inputs.count == 2 {
      for index in 0...1 {
        guard case .data(let place, let shape)? = try input(step, index),
          case .constant(let tensor)? = try input(step, 1 - index),
          tensor.shape.reduce(1, *) == 1, let number = tensor.floats.first
        else { continue }
        guard number.isFinite else { throw step.bad("has a limit that is no number") }
        let most = Float.greatestFiniteMagnitude
        let clip = FunctionLayer(function: isMax ? .clip(low: number, high: most) : .clip(low: -most, high: number))
        return try add([Layer(clip)], [], to: place, shape)
      }
    }
    var value = try input(step, 0)
    for index in step.node.inputs.indices.dropFirst() {
      guard let before = value, let other = try input(step, index) else { throw step.bad("takes nothing") }
      value = try elements(step, isMax ? .maximum : .minimum, before, other)
    }
    guard let value else { throw step.bad("takes nothing") }
    return value
  }

  mutating func elements(_ step: ONNXStep, _ operation: ElementOperation) throws -> Value {
    guard step.node.inputs.count == 2, let a = try input(step, 0), let b = try input(step, 1) else {
      throw step.bad("takes other than two inputs")
    }
    // Which axes meet stood in attributes then.
    guard step.opset >= 7 || step.node.attributes["broadcast"] == nil && step.node.attributes["axis"] == nil else {
      throw step.bad("repeats an input as versions before 7 did, which is not read: export with opset_version=17")
    }
    return try elements(step, operation, a, b)
  }

  mutating func elements(_ step: ONNXStep, _ operation: ElementOperation, _ a: Value, _ b: Value) throws
    -> Value
  {
    if case .data(let one, let first) = a, case .data(let other, let second) = b {
      // An item of fewer axes would be aligned with another's batch.
      guard first.count == second.count else { throw step.bad("takes items of the shapes \(first) and \(second)") }
      let value = try add(.combine(operation), to: [(one, first), (other, second)])
      // The larger and the smaller of two truths are truths, as our own files say And and Or.
      let isTruth = [.minimum, .maximum].contains(operation) && truths.contains(one) && truths.contains(other)
      if isTruth, case .data(let place, _) = value { truths.insert(place) }
      return value
    }
    let isFirst: Bool
    let (place, shape): (Int, [Int])
    if case .data(let found, let known) = a {
      (isFirst, place, shape) = (false, found, known)
    } else if case .data(let found, let known) = b {
      (isFirst, place, shape) = (true, found, known)
    } else {
      return try combined(step, operation, try constant(step, a), try constant(step, b))
    }
    let given = try constant(step, isFirst ? a : b)
    var array = (values: given.floats, shape: given.shape)
    guard array.values.allSatisfy(\.isFinite) else { throw step.bad("has a constant that is not finite") }
    // A leading axis is the batch's: of 1, or of as many equal items as the file was exported with.
    var constantShape = array.shape
    if constantShape.count == shape.count + 1 {
      let size = array.values.count / max(1, constantShape.removeFirst())
      guard array.values.indices.allSatisfy({ array.values[$0] == array.values[$0 % size] }) else {
        throw step.bad("has a constant for each item of a batch")
      }
      array.values = Array(array.values.prefix(size))
    }
    guard constantShape.count <= shape.count else {
      throw step.bad("has a constant of the shape \(array.shape) for items \(shape)")
    }
    if array.values.count == 1 {
      return try add([.operation(operation, array.values[0], isFirst: isFirst)], [], to: place, shape)
    }
    let layer = ConstantLayer(
      operation: operation, shape: constantShape.isEmpty ? [1] : constantShape, isFirst: isFirst)
    return try add([Layer(layer)], [array.values], to: place, shape)
  }

  /// Of one result, or of several of one rank.
  mutating func sum(_ step: ONNXStep) throws -> Value {
    guard step.node.inputs.count <= 64 else { throw step.bad("takes \(step.node.inputs.count) inputs") }
    var (place, shape) = try data(step)
    for index in step.node.inputs.indices.dropFirst() {
      let (other, otherShape) = try data(step, index)
      guard otherShape.count == shape.count else {
        throw step.bad("takes items of the shapes \(shape) and \(otherShape)")
      }
      guard case .data(let sum, let sumShape) = try add(.combine(.add), to: [(place, shape), (other, otherShape)])
      else {
        throw step.bad("adds what is no result")
      }
      (place, shape) = (sum, sumShape)
    }
    return .data(place, shape)
  }
}
