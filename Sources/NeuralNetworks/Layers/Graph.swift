import Tensors

/// A network whose results go several ways, as files from elsewhere hold it: each node takes results of nodes before it.
struct GraphLayer: LayerKind {
  /// What a node does with what it takes.
  enum Operation: Hashable, Sendable, Codable {
    /// Layers one after the other, on one input.
    case layers([Layer])
    /// Two inputs, element by element; the one of fewer numbers repeated as NumPy does.
    case combine(ElementOperation)
    /// Side by side along an axis of an item.
    case concat(axis: Int)
    /// Three inputs: the second where the first is not 0, else the third; repeated as NumPy does.
    case choose
  }

  struct Node: Hashable, Sendable, Codable {
    /// 0 is what comes into the graph, n the result of the n-th node.
    var inputs: [Int]
    var operation: Operation
  }

  /// The last one's result is the graph's.
  let nodes: [Node]

  static let fileName = "graph"
  /// Files make it; programs compose layers.
  static let declarations: [LayerDeclaration] = []

  var text: String { "graph(\(nodes.count) nodes)" }
  var blocks: LayerBlocks { .several(nodes.compactMap(\.layers)) }

  func checkArguments() throws(NetworkError) {
    guard !nodes.isEmpty else { throw .emptyBlock(layer: layer.name) }
    for (index, node) in nodes.enumerated() {
      let wanted: ClosedRange<Int> =
        switch node.operation {
        case .layers: 1...1
        case .combine: 2...2
        case .concat: 1...4096
        case .choose: 3...3
        }
      guard wanted.contains(node.inputs.count), node.inputs.allSatisfy({ (0...index).contains($0) }) else {
        throw .argument(
          layer: layer.name, what: "node \(index + 1)", got: "inputs \(node.inputs.prefix(4))",
          expected: "to take results of nodes before it")
      }
      if case .layers(let layers) = node.operation {
        guard !layers.isEmpty else { throw .emptyBlock(layer: layer.name) }
        for layer in layers { try layer.checkArguments() }
      }
    }
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] { try shapes(of: input).last ?? input }

  /// Of every result, the graph's input first.
  func shapes(of input: [Int]) throws(NetworkError) -> [[Int]] {
    var shapes = [input]
    for node in nodes {
      let inputs = node.inputs.map { shapes[$0] }
      switch node.operation {
      case .layers(let layers): shapes.append(try shape(after: layers, of: inputs[0]))
      case .combine, .choose: shapes.append(try checkSize(try Self.broadcast(inputs, layer)))
      case .concat(let axis): shapes.append(try checkSize(try Self.joined(inputs, axis: axis, layer)))
      }
    }
    return shapes
  }

  private static func broadcast(_ shapes: [[Int]], _ layer: Layer) throws(NetworkError) -> [Int] {
    guard let shape = ElementOperation.shape(of: shapes) else {
      throw .blocksDiffer(layer: layer, number: nil, shapes: shapes)
    }
    return shape
  }

  private static func joined(_ shapes: [[Int]], axis: Int, _ layer: Layer) throws(NetworkError) -> [Int] {
    var result = shapes[0]
    guard result.indices.contains(axis) else { throw .blocksDiffer(layer: layer, number: nil, shapes: shapes) }
    for shape in shapes.dropFirst() {
      guard shape.count == result.count, shape.indices.allSatisfy({ $0 == axis || shape[$0] == result[$0] }) else {
        throw .blocksDiffer(layer: layer, number: nil, shapes: shapes)
      }
      result[axis] += shape[axis]
    }
    return result
  }

  func addWeights(to list: inout WeightList, input: [Int], prefix: String) throws(NetworkError) {
    let shapes = try self.shapes(of: input)
    var block = 0
    for node in nodes {
      guard case .layers(let layers) = node.operation else { continue }
      block += 1
      try list.add(layers, input: shapes[node.inputs[0]], prefix: "\(prefix)\(block).")
    }
  }

  var takesAnyLayout: Bool { true }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    var uses = [Int](repeating: 0, count: nodes.count + 1)
    for place in nodes.flatMap(\.inputs) { uses[place] += 1 }
    // For each result, one view for each node that takes it.
    var views = [Self.views(of: node, uses[0], in: &builder)]
    var last = node
    for (index, step) in nodes.enumerated() {
      let inputs = step.inputs.map { views[$0].popLast() ?? node }
      switch step.operation {
      case .layers(let layers): last = builder.add(layers, to: inputs[0])
      case .combine(let operation): last = operation.plan(inputs[0], inputs[1], in: &builder)
      case .concat(let axis): last = Self.concatenated(inputs, axis: axis, in: &builder)
      case .choose: last = Choosing.plan(inputs, in: &builder)
      }
      views.append(Self.views(of: last, uses[index + 1], in: &builder))
    }
    return last
  }

  /// The first taker writes the gradient itself; the shares of the others are added when all are over.
  private static func views(of node: PlanNode, _ count: Int, in builder: inout PlanBuilder) -> [PlanNode] {
    guard count > 1 else { return [node] }
    var entry = node
    entry.mayBeOverwritten = false
    guard let dx = node.gradient else { return Array(repeating: entry, count: count) }
    let sides = (1..<count).map { _ in
      PlanNode(shape: node.shape, layout: node.layout, value: node.value, gradient: FloatBuffer(dx.count))
    }
    let (shares, size) = (sides.compactMap(\.gradient), node.count)
    builder.backwardSlices { range, _ in
      let start = range.lowerBound * size
      for share in shares { kernels.accumulate(share.base + start, into: dx.base + start, range.count * size) }
    }
    return sides + [entry]
  }

  private static func concatenated(_ inputs: [PlanNode], axis: Int, in builder: inout PlanBuilder) -> PlanNode {
    let parts = inputs.map { builder.planes($0) }
    var shape = parts[0].shape
    shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
    let result = builder.node(shape, mayBeOverwritten: true)
    let (outer, line, size) = (shape[..<axis].reduce(1, *), shape[axis...].reduce(1, *), result.count)
    var place = 0
    for part in parts {
      let (at, width, count) = (place, part.shape[axis...].reduce(1, *), part.count)
      place += width
      let (x, y) = (part.value, result.value)
      builder.forwardSlices { range, _ in
        for item in range {
          for row in 0..<outer {
            (y.base + item * size + row * line + at).update(from: x.base + item * count + row * width, count: width)
          }
        }
      }
      guard let dx = part.gradient, let dy = result.gradient else { continue }
      builder.backwardSlices { range, _ in
        for item in range {
          for row in 0..<outer {
            (dx.base + item * count + row * width).update(from: dy.base + item * size + row * line + at, count: width)
          }
        }
      }
    }
    return result
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    var results = [x]
    for node in nodes {
      let inputs = node.inputs.map { results[$0] }
      switch node.operation {
      case .layers(let layers): results.append(try weights.run(layers, inputs[0]))
      case .combine(let operation): results.append(try operation.traced(inputs[0], inputs[1]))
      case .concat(let axis): results.append(try Tensor.concat(inputs, axis: axis + 1))
      case .choose: results.append(try Choosing.traced(inputs[0], inputs[1], inputs[2]))
      }
    }
    return results[results.count - 1]
  }
}

extension GraphLayer.Node {
  var layers: [Layer]? { if case .layers(let layers) = operation { layers } else { nil } }
}
