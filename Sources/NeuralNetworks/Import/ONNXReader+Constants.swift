import ONNXFormat
import Tensors

/// What exporters leave to be computed of arrays that the file holds, computed while it is read: constants that are moved, cast,
/// or combined with one another. Lists of sizes are computed in `folded`.
extension ONNXReader {
  /// Nil where the node is not of constants alone, or does something else with them.
  func constantResult(_ step: ONNXStep) throws -> Value? {
    guard case .constant(let tensor)? = try input(step, 0), isArray(tensor) else { return nil }
    do {
      switch step.node.op {
      case "Identity": return .constant(tensor)
      case "Cast": return .constant(try cast(step, tensor))
      case "Reshape", "Flatten", "Squeeze", "Unsqueeze": return try shaped(step, tensor)
      case "Transpose":
        let axes = try step.ints("perm") ?? Array(tensor.shape.indices.reversed())
        return try moved(step, tensor) { try $0.transposed(axes) }
      case "Gather":
        guard let places = try self.tensor(step, 1), let numbers = places.ints else { return nil }
        let axis = try place(step, try step.int("axis", 0), in: tensor.shape.count)
        let rest = (before: Array(tensor.shape[..<axis]), behind: Array(tensor.shape[(axis + 1)...]))
        return try moved(step, tensor) {
          try $0.taken(numbers, axis: axis).reshaped(rest.before + places.shape + rest.behind)
        }
      case "Sqrt": return try computed(tensor) { try $0.sqrt() }
      case "Exp": return try computed(tensor) { try $0.exp() }
      case "Log": return try computed(tensor) { try $0.log() }
      case "Abs": return try computed(tensor) { try $0.abs() }
      case "Pow":
        guard let exponent = try self.tensor(step, 1) else { return nil }
        return try computed(tensor) { try $0.power(Tensor(exponent.floats, shape: exponent.shape)) }
      case "Clip":
        let (low, high) = try limits(step)
        return try computed(tensor) { try $0.clip(low, high) }
      case "Expand":
        // For each item of the batch, whose size is open, is not read.
        guard let sizes = try sizes(step, 1), sizes.allSatisfy({ $0 != nil }) else { return nil }
        let target = sizes.compactMap { $0 }
        guard target.count <= 8, target.allSatisfy({ $0 > 0 }), let shape = broadcastShape(tensor.shape, target),
          Self.count(shape) != nil
        else { throw step.bad("repeats a constant of the shape \(tensor.shape) as \(target.prefix(8))") }
        return try moved(step, tensor) { try $0.broadcast(to: shape) }
      case "Neg": return try computed(tensor) { try $0 * -1 }
      case "Reciprocal": return try computed(tensor) { try Tensor(scalar: 1) / $0 }
      case "ReduceL2": return try reducedConstant(step, tensor) { try ($0 * $0).sum($1, keepDims: $2).sqrt() }
      case "ReduceSum": return try reducedConstant(step, tensor) { try $0.sum($1, keepDims: $2) }
      case "ReduceMean": return try reducedConstant(step, tensor) { try $0.mean($1, keepDims: $2) }
      default: return nil
      }
    } catch let error as TensorError {
      throw step.bad("works on a constant of the shape \(tensor.shape): \(error.explanation.message)")
    }
  }

  /// Lists and single whole numbers are sizes, of which the batch's may be one.
  private func isArray(_ tensor: ONNXTensor) -> Bool { tensor.ints == nil || tensor.shape.count > 1 }

  /// One of so many axes, counted from either end.
  private func place(_ step: ONNXStep, _ axis: Int, in count: Int) throws -> Int {
    guard axis >= -count, axis < count else { throw step.bad("has the axis \(axis), which is not there") }
    return axis < 0 ? axis + count : axis
  }

  private func cast(_ step: ONNXStep, _ tensor: ONNXTensor) throws -> ONNXTensor {
    switch ONNXType(rawValue: try step.int("to", 1)) {
    case .float, .double, .float16, .bfloat16:
      return ONNXTensor("", .float, tensor.shape, .floats(tensor.floats))
    case .int64, .int32:
      if tensor.ints != nil { return tensor }
      guard tensor.floats.allSatisfy({ $0.magnitude < 0x1p53 }) else { throw step.bad("makes whole numbers of others") }
      return ONNXTensor("", .int64, tensor.shape, .ints(tensor.floats.map { Int($0) }))
    case .bool: return ONNXTensor("", .bool, tensor.shape, .ints(tensor.floats.map { $0 != 0 ? 1 : 0 }))
    default: throw step.bad("makes numbers of a kind that is not read")
    }
  }

  private func shaped(_ step: ONNXStep, _ tensor: ONNXTensor) throws -> Value? {
    var shape = tensor.shape
    switch step.node.op {
    case "Reshape":
      guard let target = try whole(step, 1, "shape"), target.count <= 8 else { return nil }
      shape = target.enumerated().map { $1 == 0 && $0 < shape.count ? shape[$0] : $1 }
      let known = Self.count(shape.filter { $0 != -1 }) ?? 0
      if let open = shape.firstIndex(of: -1), known > 0 { shape[open] = tensor.count / known }
    case "Flatten":
      let axis = try step.int("axis", 1)
      guard axis >= -shape.count, axis <= shape.count else {
        throw step.bad("has the axis \(axis), which is not there")
      }
      let at = axis < 0 ? axis + shape.count : axis
      shape = [shape[..<at].reduce(1, *), shape[at...].reduce(1, *)]
    case "Squeeze":
      let axes = try whole(step, 1, "axes") ?? shape.indices.filter { shape[$0] == 1 }
      let gone = try axes.map { try place(step, $0, in: shape.count) }
      guard gone.allSatisfy({ shape[$0] == 1 }) else { throw step.bad("takes away an axis that is longer than 1") }
      shape = shape.indices.filter { !gone.contains($0) }.map { shape[$0] }
    default:
      guard let axes = try whole(step, 1, "axes"), axes.count <= 8 else { return nil }
      let count = shape.count + axes.count
      for axis in try axes.map({ try place(step, $0, in: count) }).sorted() {
        guard axis <= shape.count else { throw step.bad("puts an axis where none can be") }
        shape.insert(1, at: axis)
      }
    }
    guard Self.count(shape) == tensor.count else {
      throw step.bad("makes \(shape) of a constant of the shape \(tensor.shape)")
    }
    return .constant(ONNXTensor("", tensor.type, shape, tensor.contents))
  }

  /// The same numbers in other places; whole ones stay whole.
  private func moved(_ step: ONNXStep, _ tensor: ONNXTensor, _ move: (Tensor) throws -> Tensor) throws -> Value {
    guard let ints = tensor.ints else {
      let result = try move(Tensor(tensor.floats, shape: tensor.shape))
      return .constant(ONNXTensor("", .float, result.shape, .floats(result.values)))
    }
    guard ints.allSatisfy({ $0.magnitude <= 1 << 53 }) else { throw step.bad("takes whole numbers beyond 2⁵³") }
    let result = try move(Tensor(numbers: ints.map(Double.init), shape: tensor.shape))
    return .constant(ONNXTensor("", tensor.type, result.shape, .ints(result.exactValues.map { Int($0) })))
  }

  private func computed(_ tensor: ONNXTensor, _ body: (Tensor) throws -> Tensor) throws -> Value {
    let result = try body(Tensor(tensor.floats, shape: tensor.shape))
    return .constant(ONNXTensor("", .float, result.shape, .floats(result.values)))
  }

  private func reducedConstant(
    _ step: ONNXStep, _ tensor: ONNXTensor, _ body: (Tensor, [Int]?, Bool) throws -> Tensor
  ) throws -> Value {
    let axes = try whole(step, 1, "axes")?.map { try place(step, $0, in: tensor.shape.count) }
    let keeps = try step.int("keepdims", 1) != 0
    return try computed(tensor) { try body($0, axes, keeps) }
  }

  /// Two arrays, the one of fewer numbers repeated as NumPy does.
  func combined(
    _ step: ONNXStep, _ operation: ElementOperation, _ one: ONNXTensor, _ other: ONNXTensor
  ) throws -> Value {
    guard let shape = ElementOperation.shape(one.shape, other.shape), let count = Self.count(shape) else {
      throw step.bad("takes constants of the shapes \(one.shape) and \(other.shape)")
    }
    let (a, b) = (one.floats, other.floats)
    let first = ElementOperation.places(one.shape, in: shape)
    let second = ElementOperation.places(other.shape, in: shape)
    let values = (0..<count).map { operation.value(a[Int(first.base[$0])], b[Int(second.base[$0])]) }
    return .constant(ONNXTensor("", .float, shape, .floats(values)))
  }
}
