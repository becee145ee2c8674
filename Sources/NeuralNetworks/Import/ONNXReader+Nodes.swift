import ONNXFormat
import Tensors

/// One node while it is read.
struct ONNXStep {
  let node: ONNXNode
  let opset: Int
  let file: String

  /// Its own, or that of its first result: many programs write nodes without names.
  var name: String { String((node.name.isEmpty ? node.outputs.first ?? "" : node.name).prefix(80)) }

  func bad(_ reason: String) -> ImportError {
    .node(file: file, op: String(node.op.prefix(40)), node: name, reason: reason)
  }

  func int(_ name: String, _ fallback: Int) throws -> Int {
    guard let attribute = node.attributes[name] else { return fallback }
    guard case .int(let value) = attribute else { throw bad("has a \(name) that is no number") }
    return value
  }

  func float(_ name: String, _ fallback: Float) throws -> Float {
    guard let attribute = node.attributes[name] else { return fallback }
    guard case .float(let value) = attribute, value.isFinite else { throw bad("has a \(name) that is no number") }
    return value
  }

  func text(_ name: String, _ fallback: String) throws -> String {
    guard let attribute = node.attributes[name] else { return fallback }
    guard case .text(let value) = attribute else { throw bad("has a \(name) that is no text") }
    return value
  }

  /// Nil where it is not given.
  func ints(_ name: String) throws -> [Int]? {
    guard let attribute = node.attributes[name] else { return nil }
    guard case .ints(let values) = attribute, values.count <= 32 else { throw bad("has \(name) that are no numbers") }
    return values
  }

  /// Nil where they are not given.
  func floats(_ name: String) throws -> [Float]? {
    guard let attribute = node.attributes[name] else { return nil }
    guard case .floats(let values) = attribute, values.count <= 32 else { throw bad("has \(name) that are no numbers") }
    return values
  }

  /// Height and width, each from 1.
  func extent(_ name: String, _ fallback: Extent?) throws -> Extent {
    guard let values = try ints(name) else {
      guard let fallback else { throw bad("has no \(name)") }
      return fallback
    }
    guard values.count == 2, values.allSatisfy({ (1...Layer.sizeLimit).contains($0) }) else {
      throw bad("has \(name) \(values.prefix(4)): two numbers from 1 are read")
    }
    return Extent(values[0], values[1])
  }

  /// An axis of the batch as an axis of an item.
  func axis(_ value: Int, _ shape: [Int]) throws -> Int {
    let axis = value < 0 ? value + shape.count + 1 : value
    guard axis != 0 else { throw bad("works on the batch's axis, which stays as it is here") }
    guard (1...shape.count).contains(axis) else { throw bad("has the axis \(value), which is not there") }
    return axis - 1
  }
}

extension ONNXReader {
  mutating func read(_ node: ONNXNode) throws {
    let step = ONNXStep(node: node, opset: opset, file: file)
    guard node.domain.isEmpty else {
      throw ImportError.unknownOperator(
        file: file, op: "\(node.domain.prefix(40)).\(node.op.prefix(40))", node: step.name)
    }
    guard let output = node.outputs.first, !output.isEmpty else { throw step.bad("has no result") }
    do {
      if let value = try folded(step) ?? layered(step) {
        try set(output, value)
        return
      }
    } catch let error as NetworkError {
      throw step.bad("makes no layer: \(error.explanation.message)")
    }
    throw ImportError.unknownOperator(file: file, op: String(node.op.prefix(40)), node: step.name)
  }

  // MARK: Inputs

  func input(_ step: ONNXStep, _ index: Int) throws -> Value? {
    guard step.node.inputs.indices.contains(index), !step.node.inputs[index].isEmpty else { return nil }
    guard let value = value(step.node.inputs[index]) else {
      throw step.bad("takes “\(step.node.inputs[index].prefix(80))”, which nothing before it makes")
    }
    return value
  }

  func data(_ step: ONNXStep, _ index: Int = 0) throws -> (place: Int, shape: [Int]) {
    guard case .data(let place, let shape)? = try input(step, index) else {
      throw step.bad("takes a constant or a truth where the items' numbers are due")
    }
    return (place, shape)
  }

  func tensor(_ step: ONNXStep, _ index: Int) throws -> ONNXTensor? {
    try input(step, index).map { try constant(step, $0) }
  }

  /// What is known while reading, as an array.
  func constant(_ step: ONNXStep, _ value: Value) throws -> ONNXTensor {
    switch value {
    case .constant(let tensor): return tensor
    case .sizes(let sizes, let isScalar):
      let known = sizes.compactMap { $0 }
      guard known.count == sizes.count else { throw step.bad("takes the batch's size as a number") }
      return ONNXTensor("", .int64, isScalar ? [] : [known.count], .ints(known))
    case .data, .truth: throw step.bad("takes what comes from the input where a constant is read")
    }
  }

  func floats(_ step: ONNXStep, _ index: Int) throws -> (values: [Float], shape: [Int])? {
    guard let tensor = try tensor(step, index) else { return nil }
    return (tensor.floats, tensor.shape)
  }

  /// Weights that have to be there.
  func weights(_ step: ONNXStep, _ index: Int, axes: Int) throws -> (values: [Float], shape: [Int]) {
    guard let found = try floats(step, index) else { throw step.bad("has no weights") }
    guard found.shape.count == axes, found.shape.allSatisfy({ $0 > 0 }) else {
      throw step.bad("has weights of the shape \(found.shape): \(axes) axes are read")
    }
    return found
  }

  /// Whole numbers, from shapes or constants.
  func sizes(_ step: ONNXStep, _ index: Int) throws -> [Int?]? {
    switch try input(step, index) {
    case .sizes(let sizes, _): return sizes
    case .constant(let tensor):
      guard let ints = tensor.ints, ints.count <= 4096 else { throw step.bad("takes numbers that are not whole") }
      return ints
    case .data, .truth: throw step.bad("takes sizes that come from the input's numbers")
    case nil: return nil
    }
  }

  /// Whole numbers of an input, or of the attribute that older versions had.
  func whole(_ step: ONNXStep, _ index: Int, _ attribute: String) throws -> [Int]? {
    guard let sizes = try sizes(step, index) else { return try step.ints(attribute) }
    let known = sizes.compactMap { $0 }
    guard known.count == sizes.count else { throw step.bad("takes the batch's size as a number") }
    return known
  }

  // MARK: What can be known beforehand

  /// Constants and sizes; nil where the items are in it.
  private mutating func folded(_ step: ONNXStep) throws -> Value? {
    let node = step.node
    switch node.op {
    case "Constant":
      if case .tensor(let tensor)? = node.attributes["value"] { return .constant(tensor) }
      if case .int(let value)? = node.attributes["value_int"] {
        return .constant(ONNXTensor("", .int64, [], .ints([value])))
      }
      if case .ints(let values)? = node.attributes["value_ints"] {
        return .constant(ONNXTensor("", .int64, [values.count], .ints(values)))
      }
      if case .float(let value)? = node.attributes["value_float"] {
        return .constant(ONNXTensor("", .float, [], .floats([value])))
      }
      if case .floats(let values)? = node.attributes["value_floats"] {
        return .constant(ONNXTensor("", .float, [values.count], .floats(values)))
      }
      throw step.bad("is of a kind that is not read")
    case "Shape":
      let shape: [Int?]
      switch try input(step, 0) {
      case .data(_, let sizes): shape = [nil] + sizes
      case .constant(let tensor): shape = tensor.shape
      default: throw step.bad("takes nothing that has a shape")
      }
      func end(_ name: String, _ fallback: Int) throws -> Int {
        let value = try step.int(name, fallback)
        return max(0, min(shape.count, value < 0 ? value + shape.count : value))
      }
      let (start, stop) = (try end("start", 0), try end("end", shape.count))
      return .sizes(start < stop ? Array(shape[start..<stop]) : [], isScalar: false)
    default: break
    }
    if let value = try constantResult(step) { return value }
    // Arithmetic of sizes: only where all inputs are known.
    var known: [[Int?]] = []
    var scalars: [Bool] = []
    for index in node.inputs.indices {
      switch try input(step, index) {
      case .sizes(let sizes, let isScalar):
        known.append(sizes)
        scalars.append(isScalar)
      case .constant(let tensor):
        // An array of more axes is no list of sizes, but rows of one may be cut.
        let isRows = tensor.shape.count == 2 && node.op == "Slice"
        guard let ints = tensor.ints, ints.count <= 4096, tensor.shape.count <= 1 || isRows else { return nil }
        known.append(ints)
        scalars.append(tensor.shape.isEmpty)
      case .data, .truth: return nil
      case nil:
        known.append([])
        scalars.append(false)
      }
    }
    guard let first = known.first else { return nil }
    switch node.op {
    case "Identity", "Cast": return .sizes(first, isScalar: scalars[0])
    case "Unsqueeze": return .sizes(first, isScalar: false)
    case "Squeeze": return .sizes(first, isScalar: first.count == 1)
    case "Concat":
      let all = known.flatMap { $0 }
      guard all.count <= 64 else { throw step.bad("makes a shape of \(all.count) axes") }
      return .sizes(all, isScalar: false)
    case "Gather":
      guard known.count == 2 else { throw step.bad("takes other than two inputs") }
      let picked = try known[1].map { place -> Int? in
        guard let place, (-first.count..<first.count).contains(place) else { throw step.bad("takes what is not there") }
        return first[place < 0 ? place + first.count : place]
      }
      return .sizes(picked, isScalar: scalars[1])
    case "Slice": return try cut(step, known, isScalar: scalars[0])
    case "Reshape":
      let (whole, target) = (first.compactMap { $0 }, known.count == 2 ? known[1].compactMap { $0 } : [])
      if known.count == 2, known[1].count == 1 { return .sizes(first, isScalar: false) }
      guard known.count == 2, whole.count == first.count, target.count == known[1].count, target.count <= 8 else {
        throw step.bad("rearranges a shape in a way that is not read")
      }
      let others = target.filter { $0 != -1 }
      guard others.count >= target.count - 1, let count = Self.count(others, limit: 4096), count > 0,
        whole.count % count == 0, others.count < target.count || count == whole.count
      else { throw step.bad("rearranges a shape in a way that is not read") }
      let shape = target.map { $0 == -1 ? whole.count / count : $0 }
      return .constant(ONNXTensor("", .int64, shape, .ints(whole)))
    case "Transpose": return .sizes(first, isScalar: scalars[0])
    case "ReduceProd": return .sizes([try product(step, first)], isScalar: try step.int("keepdims", 1) == 0)
    case "Add", "Sub", "Mul", "Div", "Min", "Max", "Equal", "Where":
      return .sizes(try computed(step, known), isScalar: scalars.allSatisfy { $0 })
    case "ConstantOfShape":
      // In the shape of the items, it is one for all of them.
      let isOfBatch = first.count > 1 && first[0] == nil
      let sizes = (isOfBatch ? [1] + first.dropFirst() : first).compactMap { $0 }
      guard sizes.count == first.count, sizes.count <= 8,
        let count = Self.count(sizes, limit: isOfBatch ? 1 << 20 : 4096)
      else { throw step.bad("makes an array of a size that is not read") }
      if case .tensor(let tensor)? = node.attributes["value"] {
        if let value = tensor.ints?.first {
          return .constant(ONNXTensor("", .int64, sizes, .ints([Int](repeating: value, count: count))))
        }
        return .constant(
          ONNXTensor("", .float, sizes, .floats([Float](repeating: tensor.floats.first ?? 0, count: count))))
      }
      return .constant(ONNXTensor("", .float, sizes, .floats([Float](repeating: 0, count: count))))
    default: return nil
    }
  }
}
