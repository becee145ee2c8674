import Tensors

/// The nodes that a file from elsewhere becomes, with their weights, while it is read; then a network of them.
struct ImportedGraph {
  /// A node of ours, with the values of its arrays in their order.
  private struct Made {
    var node: GraphLayer.Node
    var arrays: [[Float]]
  }

  /// For the words of errors.
  let file: String
  private var made: [Made] = []
  /// Numbers of all arrays so far.
  private var weightCount = 0

  init(file: String) { self.file = file }

  func bad(_ reason: String, help: String? = nil) -> ImportError { .file(file, reason: reason, help: help) }

  /// Adds layers behind a result; the new result's place, and its shape.
  mutating func add(_ layers: [Layer], _ arrays: [[Float]], to place: Int, _ shape: [Int]) throws -> (Int, [Int]) {
    var after = shape
    for layer in layers {
      try layer.checkArguments()
      after = try layer.outputShape(of: after)
    }
    for array in arrays { weightCount += array.count }
    guard made.count < 1 << 16, weightCount <= Layer.elementLimit else {
      throw bad("it has too many layers or weights")
    }
    made.append(Made(node: .init(inputs: [place], operation: .layers(layers)), arrays: arrays))
    return (made.count, after)
  }

  /// Adds a node that takes several results.
  mutating func add(
    _ operation: GraphLayer.Operation, to inputs: [(place: Int, shape: [Int])]
  ) throws -> (Int, [Int]) {
    var shape: [Int]?
    switch operation {
    case .combine, .choose: shape = ElementOperation.shape(of: inputs.map(\.shape))
    case .concat(let axis):
      var joined = inputs[0].shape
      for input in inputs.dropFirst() {
        guard joined.indices.contains(axis), input.shape.count == joined.count,
          input.shape.indices.allSatisfy({ $0 == axis || input.shape[$0] == joined[$0] })
        else { throw mismatch(inputs.map(\.shape)) }
        joined[axis] += input.shape[axis]
      }
      shape = joined
    case .layers: break
    }
    guard let shape, Self.count(shape) != nil, made.count < 1 << 16 else { throw mismatch(inputs.map(\.shape)) }
    made.append(Made(node: .init(inputs: inputs.map(\.place), operation: operation), arrays: []))
    return (made.count, shape)
  }

  private func mismatch(_ shapes: [[Int]]) -> ImportError {
    bad("results of the shapes \(shapes.prefix(4)) do not fit together")
  }

  /// Of an array's numbers; nil for more than any layer has, and for lengths that are none.
  static func count(_ sizes: [Int], limit: Int = Layer.elementLimit) -> Int? {
    var count = 1
    for size in sizes {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow, product <= limit else { return nil }
      count = product
    }
    return count
  }

  // MARK: From nodes to a network

  /// Layers one behind the other, without axes that are turned and turned back.
  private static func joined(_ before: [Layer], _ behind: [Layer]) -> [Layer] {
    var (before, behind) = (before, behind[...])
    while before.count + behind.count > 2, let first = before.last?.kind as? TransposeLayer,
      let second = behind.first?.kind as? TransposeLayer, first.axes.count == second.axes.count,
      second.axes.map({ first.axes[$0] }) == Array(second.axes.indices)
    {
      before.removeLast()
      behind.removeFirst()
    }
    return before + behind
  }

  /// The network from the input to a result, with its weights. What leads elsewhere is left out.
  func network(to last: Int, inputShape: [Int]) throws -> Network {
    guard last > 0 else { throw bad("its output is its input") }
    // Only what leads to the output.
    var wanted = [Bool](repeating: false, count: made.count + 1)
    wanted[last] = true
    for place in stride(from: last, through: 1, by: -1) where wanted[place] {
      for input in made[place - 1].node.inputs { wanted[input] = true }
    }
    var uses = [Int](repeating: 0, count: made.count + 1)
    for place in 1...last where wanted[place] { for input in made[place - 1].node.inputs { uses[input] += 1 } }
    // Layers on a result that nobody else takes go on with it.
    var places = [Int](repeating: 0, count: made.count + 1)
    var nodes: [Made] = []
    for place in 1...last where wanted[place] {
      let step = made[place - 1]
      if case .layers(let layers) = step.node.operation, let input = step.node.inputs.first, uses[input] == 1,
        input > 0, places[input] > 0, let before = nodes[places[input] - 1].node.layers
      {
        nodes[places[input] - 1].node.operation = .layers(Self.joined(before, layers))
        nodes[places[input] - 1].arrays += step.arrays
        places[place] = places[input]
        continue
      }
      nodes.append(
        Made(
          node: .init(inputs: step.node.inputs.map { places[$0] }, operation: step.node.operation), arrays: step.arrays)
      )
      places[place] = nodes.count
    }
    let layers: [Layer]
    if nodes.count == 1, let chain = nodes[0].node.layers {
      layers = chain
    } else {
      layers = [Layer(GraphLayer(nodes: nodes.map(\.node)))]
    }
    let network = try Network(layers)
    try network.build(inputShape: inputShape, seed: 0)
    let arrays = nodes.flatMap(\.arrays)
    let weights = network.weights
    guard arrays.count == weights.count else { throw bad("its arrays are not those of its nodes") }
    for (array, values) in zip(weights, arrays) where array.count != values.count {
      throw bad("an array of \(values.count) numbers stands where \(array.count) are due (\(array.name))")
    }
    network.restore(Network.Snapshot(arrays: arrays))
    guard network.isFinite else { throw bad("a weight in it is not finite") }
    // From whom, no file tells.
    network.learning.hasUnknown = true
    return network
  }
}
