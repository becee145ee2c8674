import Tensors

extension PlanBuilder {
  /// A result each of whose numbers is one of the item's, from `places`, or 0 where the place is below 0.
  mutating func gathered(_ node: PlanNode, _ shape: [Int], _ places: PlaneBuffer<Int32>) -> PlanNode {
    let result = self.node(shape, mayBeOverwritten: true)
    let (x, y, inCount, outCount) = (node.value, result.value, node.count, result.count)
    forwardSlices { range, _ in
      for item in range {
        let (from, to) = (x.base + item * inCount, y.base + item * outCount)
        for index in 0..<outCount {
          let place = Int(places.base[index])
          to[index] = place < 0 ? 0 : from[place]
        }
      }
    }
    guard let dx = node.gradient, let dy = result.gradient else { return result }
    backwardSlices { range, _ in
      for item in range {
        let (to, slope) = (dx.base + item * inCount, dy.base + item * outCount)
        to.update(repeating: 0, count: inCount)
        for index in 0..<outCount {
          let place = Int(places.base[index])
          if place >= 0 { to[place] += slope[index] }
        }
      }
    }
    return result
  }
}

/// A table for `gathered`: the sum over the axes of what each index adds to the place; nil stands for nowhere.
func gatherTable(_ shape: [Int], _ parts: [[Int?]]) -> PlaneBuffer<Int32> {
  let table = PlaneBuffer<Int32>(shape.reduce(1, *), repeating: -1)
  var index = [Int](repeating: 0, count: shape.count)
  for element in 0..<shape.reduce(1, *) {
    var place: Int? = 0
    for axis in shape.indices {
      guard let sum = place, let part = parts[axis][index[axis]] else {
        place = nil
        break
      }
      place = sum + part
    }
    if let place { table.base[element] = Int32(truncatingIfNeeded: place) }
    var axis = shape.count - 1
    while axis >= 0 {
      index[axis] += 1
      if index[axis] < shape[axis] { break }
      index[axis] = 0
      axis -= 1
    }
  }
  return table
}

/// For each axis, how far apart its neighbours stand.
func strides(of shape: [Int]) -> [Int] {
  var strides = [Int](repeating: 1, count: shape.count)
  for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
  return strides
}

/// A part of each axis of an item: `counts` numbers from `starts` on, `steps` apart, which may go backwards.
struct SliceLayer: LayerKind {
  let starts: [Int]
  let counts: [Int]
  let steps: [Int]

  static let fileName = "slice"
  static let declarations: [LayerDeclaration] = []

  var text: String {
    // A file may say anything before it is checked.
    let parts = zip(zip(starts, counts), steps).map { part, step in
      "\(part.1) from \(part.0)\(step == 1 ? "" : " by \(step)")"
    }
    return "slice(\(parts.joined(separator: ", ")))"
  }

  func checkArguments() throws(NetworkError) {
    guard (1...8).contains(starts.count), counts.count == starts.count, steps.count == starts.count else {
      throw .argument(
        layer: "slice", what: "the parts", got: "\(starts.count) axes",
        expected: "to be of 1 to 8 axes, each with all three")
    }
    for axis in starts.indices {
      let range = 0...Layer.elementLimit
      guard range.contains(starts[axis]), range.contains(counts[axis]), counts[axis] > 0, steps[axis] != 0,
        (-Layer.sizeLimit...Layer.sizeLimit).contains(steps[axis])
      else {
        throw .argument(
          layer: "slice", what: "the part of an axis", got: "\(counts[axis]) from \(starts[axis]) by \(steps[axis])",
          expected: "to begin at 0 or behind it, and to have a number")
      }
    }
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    guard input.count == starts.count else {
      throw .argument(
        layer: "slice", what: "the parts", got: "\(starts.count) axes", expected: "to be those of an item \(input)")
    }
    for axis in input.indices {
      let last = starts[axis] + (counts[axis] - 1) * steps[axis]
      guard starts[axis] < input[axis], (0..<input[axis]).contains(last) else {
        throw .argument(
          layer: "slice", what: "the part of an axis", got: "\(starts[axis]) to \(last)",
          expected: "to lie in the axis of \(input[axis])")
      }
    }
    return counts
  }

  private func places(_ axis: Int) -> [Int] { (0..<counts[axis]).map { starts[axis] + $0 * steps[axis] } }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    let apart = strides(of: node.shape)
    return builder.gathered(
      node, counts, gatherTable(counts, counts.indices.map { axis in places(axis).map { $0 * apart[axis] } }))
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    var result = x
    for axis in counts.indices where counts[axis] != x.shape[axis + 1] || steps[axis] != 1 {
      result = try result.taken(places(axis), axis: axis + 1)
    }
    return result
  }
}

/// Axes of length 1 repeated, as NumPy broadcasts; of as many axes as an item has.
struct RepeatLayer: LayerKind {
  let shape: [Int]

  static let fileName = "repeat"
  static let declarations: [LayerDeclaration] = []
  var text: String { "repeat(\(shape.map(String.init).joined(separator: ", ")))" }

  func checkArguments() throws(NetworkError) {
    for size in shape { try check(size, "the shape") }
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    guard input.count == shape.count, ElementOperation.shape(input, shape) == shape else {
      throw .blocksDiffer(layer: layer, number: nil, shapes: [input, shape])
    }
    return try checkSize(shape)
  }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    builder.gathered(node, shape, ElementOperation.places(node.shape, in: shape))
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    try x.broadcast(to: [x.shape[0]] + shape)
  }
}

/// Pixels with zeros between them: what stands `rows` and `columns` apart in the result. With a convolution behind it a
/// transposed convolution.
struct SpreadLayer: LayerKind {
  let rows: Int
  let columns: Int

  static let fileName = "spread"
  static let declarations: [LayerDeclaration] = []
  var text: String { "spread(\(Layer.shown(Extent(rows, columns))))" }

  func checkArguments() throws(NetworkError) {
    try check(rows, "rows", in: 1...4096)
    try check(columns, "columns", in: 1...4096)
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    try checkImages(input)
    return try checkSize([input[0], (input[1] - 1) * rows + 1, (input[2] - 1) * columns + 1])
  }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    guard let shape = try? outputShape(of: node.shape) else { return node }
    let apart = strides(of: node.shape)
    func spread(_ axis: Int, _ step: Int) -> [Int?] {
      (0..<shape[axis]).map { $0 % step == 0 ? $0 / step * apart[axis] : nil }
    }
    let parts: [[Int?]] = [(0..<shape[0]).map { $0 * apart[0] }, spread(1, rows), spread(2, columns)]
    return builder.gathered(node, shape, gatherTable(shape, parts))
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let (items, channels, height, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let apart = try x.reshaped([items, channels, height, 1, width, 1])
      .padded([(0, 0), (0, 0), (0, 0), (0, rows - 1), (0, 0), (0, columns - 1)])
      .reshaped([items, channels, height * rows, width * columns])
    return try apart.taken(Array(0..<(height - 1) * rows + 1), axis: 2)
      .taken(Array(0..<(width - 1) * columns + 1), axis: 3)
  }
}
