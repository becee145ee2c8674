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
    /// As `data`, of numbers that are 1 or 0: whether something holds.
    case truth(Int, [Int])
  }

  let file: String
  private let model: ONNXModel
  /// The version of the operators.
  var opset: Int { model.opset }
  private var values: [String: Value] = [:]
  /// Results whose numbers are 1 and 0.
  var truths: Set<Int> = []
  /// Results that are one number an item, [batch], which are [batch, 1] here.
  var batchAlone: Set<Int> = []
  private var made: ImportedGraph

  init(_ model: ONNXModel, file: String) {
    self.model = model
    self.file = file
    made = ImportedGraph(file: file)
  }

  /// The network that leads to an output, or to any result by its name; to the first output where none is named.
  mutating func network(to name: String? = nil) throws -> Network {
    let graph = model.graph
    for tensor in graph.initializers {
      guard values.updateValue(.constant(tensor), forKey: tensor.name) == nil else {
        throw bad("the name “\(tensor.name.prefix(80))” stands for two things")
      }
    }
    let inputs = graph.inputs.filter { values[$0.name] == nil }
    guard inputs.count == 1, let input = inputs.first else {
      throw bad(
        "it takes \(inputs.count) inputs where one is read (\(inputs.prefix(4).map(\.name)))",
        help: "export the part of the network that takes images alone")
    }
    guard graph.outputs.count >= 1 else { throw bad("it has no output") }
    let inputShape = try shape(of: input)
    values[input.name] = .data(0, inputShape)
    for node in graph.nodes { try read(node) }
    let output = name ?? graph.outputs[0].name
    guard let found = values[output] else {
      throw bad(
        "no node in it makes “\(output.prefix(80))”",
        help: name == nil ? nil : "its outputs are \(graph.outputs.prefix(8).map(\.name))")
    }
    guard case .data(let last, _) = found else {
      throw bad("its output “\(output.prefix(80))” is computed from nothing that comes in")
    }
    return try made.network(to: last, inputShape: inputShape)
  }

  func bad(_ reason: String, help: String? = nil) -> ImportError { made.bad(reason, help: help) }

  private func shape(of input: ONNXValue) throws -> [Int] {
    guard input.type == .float else {
      throw bad(
        "its input “\(input.name.prefix(80))” is not of float32",
        help: model.metadata.contains { $0.key.hasPrefix("twinbook.") }
          ? "Twinbook wrote it with the preparation of pictures: net.save(path, raw=true) writes one that is read again"
          : "export it in float32: torch.onnx.export(model.float(), …)")
    }
    guard let shape = input.shape else { throw bad("the shape of its input “\(input.name.prefix(80))” is not told") }
    guard shape.count >= 2, shape.count <= 8 else {
      throw bad(
        "its input “\(input.name.prefix(80))” has \(shape.count) axes where 2 to 8 are read",
        help: "the first axis is the batch's: export it for a batch of items")
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
    if batchAlone.contains(place), after == shape { batchAlone.insert(result) }
    return .data(result, after)
  }

  mutating func add(_ operation: GraphLayer.Operation, to inputs: [(place: Int, shape: [Int])]) throws -> Value {
    let (result, shape) = try made.add(operation, to: inputs)
    if inputs.allSatisfy({ batchAlone.contains($0.place) }) { batchAlone.insert(result) }
    return .data(result, shape)
  }
}

extension Network {
  /// A network from the bytes of an ONNX file.
  ///
  /// - Parameters:
  ///   - file: for the words of errors.
  ///   - output: the name of the result that the network gives, any in the graph; nil: the first output.
  ///   - beside: reads a file that stands beside this one, by its name, and of no more than so many bytes: PyTorch 2.9 and later
  ///     writes the weights of `net.onnx` into `net.onnx.data`. It has to refuse names that lead elsewhere. nil: such models are
  ///     refused.
  /// - Returns: the network, and what its reader should know: of which of several outputs it is.
  /// - Throws: `ImportError`, `NetworkError`.
  public static func fromONNX(
    _ bytes: [UInt8], file: String, output: String? = nil,
    beside read: ((_ name: String, _ limit: Int) throws -> [UInt8])? = nil
  ) throws -> (network: Network, note: String?) {
    let model: ONNXModel
    do { model = try whole(bytes, beside: read) } catch let error as ONNXError {
      throw ImportError.file(file, reason: error.reason, help: error.explanation.help)
    }
    var reader = ONNXReader(model, file: file)
    let network = try reader.network(to: output)
    if let text = model.metadata.first(where: { $0.key == "twinbook.preprocessing" })?.value, !text.isEmpty {
      network.preprocessing = text
    }
    let names = model.graph.outputs.map(\.name)
    guard output == nil, names.count > 1 else { return (network, nil) }
    return (
      network,
      "\(file) has \(names.count) outputs, \(names.prefix(8).joined(separator: ", ")): this is the network to \(names[0])"
    )
  }

  /// The model with what lies in other files.
  private static func whole(
    _ bytes: [UInt8], beside read: ((_ name: String, _ limit: Int) throws -> [UInt8])?
  ) throws -> ONNXModel {
    let model = try ONNXModel(decoding: bytes)
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
      return try ONNXModel(decoding: bytes, files: files)
    }
    return model
  }
}
