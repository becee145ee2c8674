import ONNXFormat
import Tensors

/// Makes layers of an ONNX graph. Nothing of the file is run: each node is looked at once, in the order of the file,
/// with every shape known but the batch's.
struct ONNXReader {
  /// What a name stands for.
  enum Value {
    /// Result of a node of the graph (0: its input), and its shape without the batch axis.
    case data(Int, [Int])
    case constant(ONNXTensor)
    /// Whole numbers that were computed from shapes; nil where the batch's size would stand. `isScalar`: no list.
    case sizes([Int?], isScalar: Bool)
  }

  /// A node of ours, with the values of its arrays in their order.
  private struct Made {
    var node: GraphLayer.Node
    var arrays: [[Float]]
  }

  let file: String
  private let model: ONNXModel
  /// The version of the operators.
  var opset: Int { model.opset }
  private var values: [String: Value] = [:]
  private var made: [Made] = []

  init(_ model: ONNXModel, file: String) {
    self.model = model
    self.file = file
  }

  /// The network.
  mutating func network() throws -> Network {
    let graph = model.graph
    for tensor in graph.initializers {
      guard values.updateValue(.constant(tensor), forKey: tensor.name) == nil else {
        throw bad("the name “\(tensor.name.prefix(80))” stands for two things")
      }
    }
    let inputs = graph.inputs.filter { values[$0.name] == nil }
    guard inputs.count == 1, let input = inputs.first else {
      throw bad("it takes \(inputs.count) inputs where one is read (\(inputs.prefix(4).map(\.name)))")
    }
    guard graph.outputs.count >= 1 else { throw bad("it has no output") }
    let inputShape = try shape(of: input)
    values[input.name] = .data(0, inputShape)
    for node in graph.nodes { try read(node) }
    guard let output = graph.outputs.first, case .data(let last, _)? = values[output.name] else {
      throw bad("its first output is computed from nothing that comes in")
    }
    return try assembled(to: last, inputShape)
  }

  func bad(_ reason: String, help: String? = nil) -> ImportError { .file(file, reason: reason, help: help) }

  private func shape(of input: ONNXValue) throws -> [Int] {
    guard input.type == .float else {
      throw bad(
        "its input “\(input.name.prefix(80))” is not of float32",
        help: "a network that Twinbook wrote with the preparation of pictures is saved with raw=true to be read again")
    }
    guard let shape = input.shape, shape.count >= 2, shape.count <= 8 else {
      throw bad("the shape of its input “\(input.name.prefix(80))” is not told")
    }
    var sizes: [Int] = []
    for dimension in shape.dropFirst() {
      guard case .size(let size) = dimension, (1...Layer.sizeLimit).contains(size) else {
        throw bad(
          "its input “\(input.name.prefix(80))” has sides that are not told",
          help: "export it for images of one size; the first axis, the batch's, may stay open")
      }
      sizes.append(size)
    }
    guard Self.count(sizes) != nil else { throw bad("its input “\(input.name.prefix(80))” has too many numbers") }
    return sizes
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

  // MARK: What nodes ask for

  func value(_ name: String) -> Value? { values[name] }

  mutating func set(_ name: String, _ value: Value) throws {
    guard !name.isEmpty else { return }
    guard values.updateValue(value, forKey: name) == nil else {
      throw bad("the name “\(name.prefix(80))” stands for two things")
    }
  }

  /// Adds layers behind a result; the new result.
  mutating func add(_ layers: [Layer], _ arrays: [[Float]], to place: Int, _ shape: [Int]) throws -> Value {
    var after = shape
    for layer in layers { after = try layer.outputShape(of: after) }
    made.append(Made(node: .init(inputs: [place], operation: .layers(layers)), arrays: arrays))
    return .data(made.count, after)
  }

  mutating func add(_ operation: GraphLayer.Operation, to inputs: [(place: Int, shape: [Int])]) throws -> Value {
    let node = GraphLayer.Node(inputs: inputs.indices.map { _ in 0 }, operation: operation)
    var shape: [Int]?
    switch operation {
    case .combine: shape = ElementOperation.shape(inputs[0].shape, inputs[1].shape)
    case .concat(let axis):
      var joined = inputs[0].shape
      for input in inputs.dropFirst() {
        guard input.shape.count == joined.count,
          input.shape.indices.allSatisfy({ $0 == axis || input.shape[$0] == joined[$0] })
        else { return try mismatch(inputs.map(\.shape)) }
        joined[axis] += input.shape[axis]
      }
      shape = joined
    case .layers: break
    }
    guard let shape, Self.count(shape) != nil else {
      return try mismatch(inputs.map(\.shape))
    }
    made.append(Made(node: .init(inputs: inputs.map(\.place), operation: node.operation), arrays: []))
    return .data(made.count, shape)
  }

  private func mismatch(_ shapes: [[Int]]) throws -> Value {
    throw bad("results of the shapes \(shapes.prefix(4)) do not fit together")
  }

  // MARK: From nodes to a network

  private func assembled(to last: Int, _ inputShape: [Int]) throws -> Network {
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
        nodes[places[input] - 1].node.operation = .layers(before + layers)
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

extension Network {
  /// A network from the bytes of an ONNX file.
  ///
  /// - Parameter file: for the words of errors.
  /// - Throws: `ONNXError`, `ImportError`, `NetworkError`.
  public static func fromONNX(_ bytes: [UInt8], file: String) throws -> Network {
    let model = try ONNXModel(decoding: bytes)
    var reader = ONNXReader(model, file: file)
    let network = try reader.network()
    if let text = model.metadata.first(where: { $0.key == "twinbook.preprocessing" })?.value, !text.isEmpty {
      network.preprocessing = text
    }
    return network
  }
}
