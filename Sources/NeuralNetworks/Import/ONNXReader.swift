import Diagnostics
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
    /// Whether each number of a result is above a constant.
    case isAbove(Int, Float)
  }

  let file: String
  private let model: ONNXModel
  /// The version of the operators.
  var opset: Int { model.opset }
  private var values: [String: Value] = [:]
  private var made: ImportedGraph

  init(_ model: ONNXModel, file: String) {
    self.model = model
    self.file = file
    made = ImportedGraph(file: file)
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
    return try made.network(to: last, inputShape: inputShape)
  }

  func bad(_ reason: String, help: String? = nil) -> ImportError { made.bad(reason, help: help) }

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
    ImportedGraph.count(sizes, limit: limit)
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
    let (result, after) = try made.add(layers, arrays, to: place, shape)
    return .data(result, after)
  }

  /// The layer that makes a result, where it is a single one, and the result that it takes.
  func layer(of place: Int) -> (layer: Layer, input: Int)? { made.layer(of: place) }

  mutating func add(_ operation: GraphLayer.Operation, to inputs: [(place: Int, shape: [Int])]) throws -> Value {
    let (result, shape) = try made.add(operation, to: inputs)
    return .data(result, shape)
  }
}

extension Network {
  /// A network from the bytes of an ONNX file.
  ///
  /// - Parameters:
  ///   - file: for the words of errors.
  ///   - beside: reads a file that stands beside this one, by its name, and of no more than so many bytes: PyTorch 2.9 and later
  ///     writes the weights of `net.onnx` into `net.onnx.data`. It has to refuse names that lead elsewhere. nil: such models are
  ///     refused.
  /// - Throws: `ONNXError`, `ImportError`, `NetworkError`.
  public static func fromONNX(
    _ bytes: [UInt8], file: String, beside read: ((_ name: String, _ limit: Int) throws -> [UInt8])? = nil
  ) throws -> Network {
    var model = try ONNXModel(decoding: bytes)
    if !model.missingFiles.isEmpty {
      var files: [String: [UInt8]] = [:]
      var left = ONNXModel.byteLimit
      for name in model.missingFiles {
        let shown = "“\(name.prefix(80))”"
        let help = "keep both files in one folder, or export one file: torch.onnx.export(…, external_data=False)"
        guard let read else {
          throw ONNXError.unsupported(reason: "its weights lie in another file, \(shown)", help: help)
        }
        do {
          let contents = try read(name, left)
          left -= contents.count
          files[name] = contents
        } catch let error as any ExplainedError {
          throw ONNXError.unsupported(
            reason: "its weights lie in \(shown): \(error.explanation.message)", help: help)
        }
      }
      model = try ONNXModel(decoding: bytes, files: files)
    }
    var reader = ONNXReader(model, file: file)
    let network = try reader.network()
    if let text = model.metadata.first(where: { $0.key == "twinbook.preprocessing" })?.value, !text.isEmpty {
      network.preprocessing = text
    }
    return network
  }
}
