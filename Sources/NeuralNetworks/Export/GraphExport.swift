import ONNXFormat

/// A network on its way into a graph of ONNX: each layer adds its nodes (`LayerKind.export`) and takes its arrays in the
/// order of `addWeights`.
struct GraphExport {
  /// A result: its name, and its shape without the batch axis.
  struct Node {
    var name: String
    var shape: [Int]
  }

  private(set) var graph = ONNXGraph()
  private var rest: ArraySlice<Weights>
  private var count = 0
  /// Constants by their content, so that each stands in the file once.
  private var known: [String: String] = [:]

  init(_ weights: [Weights]) {
    rest = weights[...]
    graph.name = "twinbook"
  }

  private mutating func fresh(_ word: String) -> String {
    count += 1
    return "\(word)_\(count)"
  }

  // MARK: Constants

  private mutating func constant(_ type: ONNXType, _ shape: [Int], _ contents: ONNXTensor.Contents) -> String {
    // Weights are long and differ; small constants repeat.
    let key = contents.isSmall ? "\(type) \(shape) \(contents)" : nil
    if let key, let name = known[key] { return name }
    let name = fresh("constant")
    graph.initializers.append(ONNXTensor(name, type, shape, contents))
    if let key { known[key] = name }
    return name
  }

  mutating func floats(_ values: [Float], _ shape: [Int]) -> String { constant(.float, shape, .floats(values)) }
  mutating func scalar(_ value: Float) -> String { floats([value], []) }
  mutating func doubles(_ values: [Double], _ shape: [Int]) -> String { constant(.double, shape, .doubles(values)) }
  mutating func ints(_ values: [Int]) -> String { constant(.int64, [values.count], .ints(values)) }
  mutating func integer(_ value: Int) -> String { constant(.int64, [], .ints([value])) }

  /// The next array of the layers, by its own name.
  ///
  /// - Parameter shape: where it is needed in another one of as many numbers.
  mutating func nextWeights(_ shape: [Int]? = nil) throws(NetworkError) -> String {
    guard let weights = rest.popFirst() else { throw .notBuilt(function: "save") }
    if !graph.initializers.contains(where: { $0.name == weights.name }) {
      graph.initializers.append(ONNXTensor(weights.name, .float, shape ?? weights.shape, .floats(weights.values)))
    }
    return weights.name
  }

  /// Layers twice, the second time with the weights of the first.
  mutating func withSameWeights(_ add: (inout GraphExport) throws(NetworkError) -> Node) throws(NetworkError) -> (
    Node, Node
  ) {
    let start = rest
    let first = try add(&self)
    rest = start
    return (first, try add(&self))
  }

  // MARK: Nodes

  mutating func input(_ value: ONNXValue) { graph.inputs.append(value) }
  mutating func output(_ value: ONNXValue) { graph.outputs.append(value) }

  /// A node with one result; its name.
  mutating func add(_ op: String, _ inputs: [String], _ attributes: [String: ONNXAttribute] = [:]) -> String {
    let name = fresh(op.lowercased())
    graph.nodes.append(ONNXNode(op, name: name, inputs: inputs, outputs: [name], attributes: attributes))
    return name
  }

  /// A node with one result of a shape.
  mutating func add(
    _ op: String, _ inputs: [String], _ attributes: [String: ONNXAttribute] = [:], shape: [Int]
  ) -> Node {
    Node(name: add(op, inputs, attributes), shape: shape)
  }

  /// The last node's result under a name of its own.
  mutating func named(_ node: Node, _ name: String) -> Node {
    graph.nodes.append(ONNXNode("Identity", name: name, inputs: [node.name], outputs: [name]))
    return Node(name: name, shape: node.shape)
  }

  /// The items in another shape, of as many numbers.
  mutating func reshaped(_ node: Node, to shape: [Int]) -> Node {
    add("Reshape", [node.name, ints([-1] + shape)], shape: shape)
  }

  /// Layers one after the other.
  mutating func run(_ layers: [Layer], _ input: Node) throws(NetworkError) -> Node {
    var node = input
    for layer in layers { node = try layer.kind.export(node, to: &self) }
    return node
  }
}

extension ONNXTensor.Contents {
  fileprivate var isSmall: Bool {
    switch self {
    case .floats(let values): values.count <= 16
    case .doubles(let values): values.count <= 16
    case .ints(let values): values.count <= 16
    }
  }
}
