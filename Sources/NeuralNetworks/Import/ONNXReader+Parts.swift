import ONNXFormat
import Tensors

/// Parts of results, and pixels that become channels.
extension ONNXReader {
  /// A part of each axis of an item; of the batch's all.
  mutating func sliced(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    guard let starts = try whole(step, 1, "starts"), let ends = try whole(step, 2, "ends") else {
      throw step.bad("has no beginnings or ends")
    }
    let axes = try whole(step, 3, "axes") ?? Array(starts.indices)
    let steps = try whole(step, 4, "steps") ?? starts.map { _ in 1 }
    guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count,
      starts.count <= shape.count + 1
    else { throw step.bad("has beginnings, ends, axes and steps of different numbers") }
    var layer = (starts: shape.map { _ in 0 }, counts: shape, steps: shape.map { _ in 1 })
    for (index, axis) in axes.enumerated() {
      let by = steps[index]
      guard by != 0, by.magnitude <= UInt(Layer.sizeLimit) else { throw step.bad("has the step \(by)") }
      if axis == 0 || axis == -shape.count - 1 {
        guard starts[index] == 0, by == 1, ends[index] >= Int(Int32.max) else { throw step.bad("cuts the batch") }
        continue
      }
      let item = try step.axis(axis, shape)
      let length = shape[item]
      // From the end where it is below 0; behind the end, or before the beginning, at the end there.
      func limited(_ value: Int, _ range: ClosedRange<Int>) -> Int {
        let from = value < 0 ? max(value, -2 * length - 2) + length : value
        return min(range.upperBound, max(range.lowerBound, from))
      }
      let range = by > 0 ? 0...length : -1...length - 1
      let (start, end) = (limited(starts[index], range), limited(ends[index], range))
      let count = by > 0 ? (end - start + by - 1) / by : (start - end - by - 1) / -by
      guard count > 0 else { throw step.bad("leaves nothing of the axis \(axis)") }
      (layer.starts[item], layer.counts[item], layer.steps[item]) = (start, count, by)
    }
    return try part(place, shape, layer.starts, layer.counts, layer.steps)
  }

  private mutating func part(
    _ place: Int, _ shape: [Int], _ starts: [Int], _ counts: [Int], _ steps: [Int]
  ) throws -> Value {
    if counts == shape, steps.allSatisfy({ $0 == 1 }) { return .data(place, shape) }
    return try add([Layer(SliceLayer(starts: starts, counts: counts, steps: steps))], [], to: place, shape)
  }

  /// Several results, one behind the other along an axis; the first one is returned.
  mutating func split(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    let item = try step.axis(try step.int("axis", 0), shape)
    let (outputs, length) = (step.node.outputs.count, shape[item])
    let sizes: [Int]
    if let given = try whole(step, 1, "split"), !given.isEmpty {
      sizes = given
    } else {
      // The last is smaller where they do not go in.
      guard (1...4096).contains(outputs), try step.int("num_outputs", outputs) == outputs else {
        throw step.bad("gives other than its number of results")
      }
      let size = (length + outputs - 1) / outputs
      sizes = (0..<outputs).map { max(0, min(size, length - $0 * size)) }
    }
    guard sizes.count == outputs, sizes.allSatisfy({ (1...length).contains($0) }), sizes.reduce(0, +) == length else {
      throw step.bad("has parts \(sizes.prefix(8)) of an axis of \(length)")
    }
    var start = 0
    var first: Value?
    for (name, size) in zip(step.node.outputs, sizes) {
      var (starts, counts) = (shape.map { _ in 0 }, shape)
      (starts[item], counts[item]) = (start, size)
      start += size
      // What nobody takes is left out of the network.
      let value = try part(place, shape, starts, counts, shape.map { _ in 1 })
      if first == nil { first = value } else { try set(name, value) }
    }
    guard let first else { throw step.bad("gives nothing") }
    return first
  }

  /// One place of an axis, or several that are equally far apart.
  mutating func gathered(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    let item = try step.axis(try step.int("axis", 0), shape)
    guard let indices = try tensor(step, 1), let given = indices.ints, indices.shape.count <= 1,
      given.allSatisfy({ (-shape[item]..<shape[item]).contains($0) }), let start = given.first
    else { throw step.bad("takes places that are not known beforehand, or not there") }
    let places = given.map { $0 < 0 ? $0 + shape[item] : $0 }
    let by = places.count > 1 ? places[1] - places[0] : 1
    let first = start < 0 ? start + shape[item] : start
    guard by != 0, places.indices.allSatisfy({ places[$0] == first + $0 * by }) else {
      throw step.bad("takes places that are not equally far apart")
    }
    var layer = (starts: shape.map { _ in 0 }, counts: shape, steps: shape.map { _ in 1 })
    (layer.starts[item], layer.counts[item], layer.steps[item]) = (first, places.count, by)
    let value = try part(place, shape, layer.starts, layer.counts, layer.steps)
    guard indices.shape.isEmpty, case .data(let result, let after) = value else { return value }
    var sizes = after
    sizes.remove(at: item)
    return try add([Layer(ReshapeLayer(shape: sizes.isEmpty ? [1] : sizes))], [], to: result, after)
  }

  /// An item several times along its axes.
  mutating func repeated(_ step: ONNXStep) throws -> Value {
    var (place, shape) = try data(step)
    guard let times = try whole(step, 1, "repeats"), times.count == shape.count + 1, times[0] == 1,
      times.allSatisfy({ (1...4096).contains($0) })
    else { throw step.bad("repeats the batch, or not from 1 to 4096 times") }
    for (axis, count) in times.dropFirst().enumerated() where count > 1 {
      let value = try add(
        .concat(axis: axis), to: [(place: Int, shape: [Int])](repeating: (place, shape), count: count))
      guard case .data(let result, let after) = value else { return value }
      (place, shape) = (result, after)
    }
    return .data(place, shape)
  }

  /// DepthToSpace and SpaceToDepth.
  mutating func blocks(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try images(step)
    let size = try step.int("blocksize", 0)
    let (channels, height, width) = (shape[0], shape[1], shape[2])
    guard (1...4096).contains(size) else { throw step.bad("has blocks of \(size)") }
    let (before, order, after): ([Int], [Int], [Int])
    if step.node.op == "SpaceToDepth" {
      guard height % size == 0, width % size == 0 else { throw step.bad("has blocks of \(size) in items \(shape)") }
      before = [channels, height / size, size, width / size, size]
      (order, after) = ([2, 4, 0, 1, 3], [channels * size * size, height / size, width / size])
    } else {
      guard channels % (size * size) == 0 else { throw step.bad("has blocks of \(size) in items \(shape)") }
      let left = channels / (size * size)
      after = [left, height * size, width * size]
      switch try step.text("mode", "DCR") {
      case "DCR": (before, order) = ([size, size, left, height, width], [2, 3, 0, 4, 1])
      case "CRD": (before, order) = ([left, size, size, height, width], [0, 3, 1, 4, 2])
      default: throw step.bad("has a mode that is not read")
      }
    }
    let layers: [any LayerKind] = [
      ReshapeLayer(shape: before), TransposeLayer(axes: order), ReshapeLayer(shape: after),
    ]
    return try add(layers.map { Layer($0) }, [], to: place, shape)
  }

  mutating func concatenated(_ step: ONNXStep) throws -> Value {
    var parts: [(place: Int, shape: [Int])] = []
    guard (1...4096).contains(step.node.inputs.count) else { throw step.bad("takes no inputs") }
    for index in step.node.inputs.indices { parts.append(try data(step, index)) }
    guard step.node.attributes["axis"] != nil else { throw step.bad("has no axis") }
    let axis = try step.axis(try step.int("axis", 1), parts[0].shape)
    return try add(.concat(axis: axis), to: parts)
  }
}
