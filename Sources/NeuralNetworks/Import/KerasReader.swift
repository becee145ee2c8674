import TensorFiles
import Tensors

/// Makes layers of a model of Keras's. Nothing of the file is run: each layer that leads to the chosen result is looked
/// at, with every shape known but the batch's.
struct KerasReader {
  /// A result of the graph that grows: its place (0: the input), and the shape of an item as we have it, channels first.
  struct Value {
    var place: Int
    var shape: [Int]
    /// For a row of numbers that was an image [c, h, w]: they stand channel by channel, where Keras has them pixel by pixel.
    var image: [Int]?

    init(_ place: Int, _ shape: [Int], image: [Int]? = nil) {
      (self.place, self.shape, self.image) = (place, shape, image)
    }
  }

  let file: String
  private let model: KerasModel
  var weights: KerasWeights
  var graph: ImportedGraph
  /// Whether images in it are [channels, height, width], as here.
  private(set) var isChannelsFirst = false
  /// Calls of layers left: models that hold models several times grow fast.
  private var left = 1 << 14

  /// Whether Keras 2 wrote it.
  let isOld: Bool

  init(_ model: KerasModel, _ weights: KerasWeights, isOld: Bool, file: String) {
    (self.model, self.weights, self.isOld, self.file) = (model, weights, isOld, file)
    graph = ImportedGraph(file: file)
  }

  func bad(_ reason: String, help: String? = nil) -> ImportError { graph.bad(reason, help: help) }

  /// The network to a layer's result; to the model's, where no name is given and one input comes in; else the part that
  /// all inputs go through.
  ///
  /// - Returns: also what is to be told of the choice.
  mutating func network(layer name: String?) throws -> (network: Network, note: String?) {
    isChannelsFirst = try Self.format(of: model, file: file)
    let choice = try KerasChoice(model, layer: name, file: file)
    guard let input = choice.model.layer(choice.input.layer) else { throw bad("its input is no layer") }
    let inputShape = try shape(of: input)
    let result = try values(
      of: [choice.output], in: choice.model, [choice.input: Value(0, inputShape)], path: choice.path, depth: 0)[0]
    let whole = try inKerasOrder(result)
    return (try graph.network(to: whole.place, inputShape: inputShape), choice.note)
  }

  /// Layers that work on images say it. Flatten has a format of its own, which most leave at Keras's default: it counts where
  /// no other layer has one.
  private static func format(of model: KerasModel, file: String) throws -> Bool {
    var formats: Set<String> = []
    var formatsOfRows: Set<String> = []
    func look(_ model: KerasModel) {
      for layer in model.layers {
        if let format = layer.config["data_format"]?.text {
          if layer.kind == "Flatten" { formatsOfRows.insert(format) } else { formats.insert(format) }
        }
        if let inner = layer.model { look(inner) }
      }
    }
    look(model)
    guard formats.count <= 1 else {
      throw ImportError.file(
        file, reason: "some of its layers have channels first, and others last",
        help: "give all layers of images one data_format in Keras, and save it again")
    }
    return (formats.isEmpty ? formatsOfRows : formats) == ["channels_first"]
  }

  private func shape(of input: KerasModel.Layer) throws -> [Int] {
    let given = input.config["batch_shape"] ?? input.config["batch_input_shape"]
    guard let sizes = given?.list, (2...4).contains(sizes.count) else {
      throw bad(
        "the shape of its input is not told, or none of images or rows of numbers",
        help: "call the model once, or give it keras.Input((height, width, channels)), and save it again")
    }
    var shape: [Int] = []
    for size in sizes.dropFirst() {
      guard let size = size.int, (1...Layer.sizeLimit).contains(size) else {
        throw bad(
          "its input “\(input.name.prefix(80))” has sides that are not told",
          help: "build it for images of one size: keras.Input((height, width, channels))")
      }
      shape.append(size)
    }
    if let type = input.config["dtype"]?.text, type != "float32", type != "float16", type != "float64" {
      throw bad("its input “\(input.name.prefix(80))” is of \(type.prefix(20)), where numbers are read")
    }
    let ours = self.ours(shape)
    guard ImportedGraph.count(ours) != nil else { throw bad("its input has too many numbers") }
    return ours
  }

  /// [height, width, channels] as [channels, height, width]; other shapes as they are.
  func ours(_ shape: [Int]) -> [Int] {
    shape.count == 3 && !isChannelsFirst ? [shape[2], shape[0], shape[1]] : shape
  }

  // MARK: The graph

  /// Results of a model, whose inputs have values. Each call of a layer is looked at once.
  private mutating func values(
    of wanted: [KerasModel.Reference], in model: KerasModel, _ inputs: [KerasModel.Reference: Value], path: [String],
    depth: Int
  ) throws -> [Value] {
    var results: [KerasModel.Reference: [Value]] = [:]
    for (reference, value) in inputs { results[reference] = [value] }
    for call in try model.order(to: wanted, from: Set(inputs.keys), file: file) {
      left -= 1
      guard left > 0 else { throw bad("it has more than \(1 << 14) layers") }
      guard let layer = model.layer(call.layer) else { throw bad("a layer in it is missing") }
      let taken = try layer.calls[call.call].map { try Self.picked($0, results, file) }
      let key = KerasModel.Reference(layer: call.layer, call: call.call, result: 0)
      if let inner = layer.model {
        guard inner.inputs.count == taken.count, depth < 16 else {
          throw bad("the model “\(layer.name.prefix(80))” takes \(inner.inputs.count) inputs, and gets \(taken.count)")
        }
        let given = Dictionary(zip(inner.inputs, taken), uniquingKeysWith: { first, _ in first })
        results[key] = try values(
          of: inner.outputs, in: inner, given, path: path + [layer.name], depth: depth + 1)
      } else {
        let step = KerasStep(layer: layer, path: path + [layer.name], file: file)
        do {
          results[key] = [try result(step, taken)]
        } catch let error as NetworkError {
          throw step.bad("makes no layer: \(error.explanation.message)")
        }
      }
    }
    return try wanted.map { try Self.picked($0, results, file) }
  }

  private static func picked(
    _ reference: KerasModel.Reference, _ results: [KerasModel.Reference: [Value]], _ file: String
  ) throws -> Value {
    let key = KerasModel.Reference(layer: reference.layer, call: reference.call, result: 0)
    guard let found = results[key], found.indices.contains(reference.result) else {
      throw ImportError.file(
        file, reason: "a layer takes “\(reference.layer.prefix(80))”, which gives nothing", help: nil)
    }
    return found[reference.result]
  }

  // MARK: What layers ask for

  /// Layers behind a value. Where it stays a row of as many numbers, their order stays.
  mutating func add(_ layers: [Layer], _ arrays: [[Float]] = [], to value: Value) throws -> Value {
    let (place, shape) = try graph.add(layers, arrays, to: value.place, value.shape)
    return Value(place, shape, image: shape == value.shape ? value.image : nil)
  }

  mutating func combined(_ operation: ElementOperation, _ a: Value, _ b: Value) throws -> Value {
    guard a.shape.count == b.shape.count else {
      throw bad("results of the shapes \(a.shape) and \(b.shape) are combined")
    }
    var (a, b) = (a, b)
    if a.image != b.image { (a, b) = (try inKerasOrder(a), try inKerasOrder(b)) }
    let (place, shape) = try graph.add(
      .combine(operation), to: [(place: a.place, shape: a.shape), (place: b.place, shape: b.shape)])
    return Value(place, shape, image: shape == a.shape ? a.image : nil)
  }

  /// A row of numbers in the order in which Keras has them.
  mutating func inKerasOrder(_ value: Value) throws -> Value {
    guard let image = value.image else { return value }
    let image3 = try add([Layer(ReshapeLayer(shape: image))], to: value)
    return try add([Layer(TransposeLayer(axes: [1, 2, 0])), .flatten], to: image3)
  }
}

/// One layer while it is read.
struct KerasStep {
  let layer: KerasModel.Layer
  /// Names of the models that it stands in, and its own.
  let path: [String]
  let file: String

  var config: KerasValue { layer.config }
  var number: (place: Int, value: Float)? { layer.number }

  func bad(_ reason: String) -> ImportError {
    .layer(file: file, kind: String(layer.kind.prefix(80)), name: String(layer.name.prefix(80)), reason: reason)
  }

  func int(_ name: String, _ fallback: Int? = nil) throws -> Int {
    guard let value = config[name] else {
      if let fallback { return fallback }
      throw bad("has no \(name)")
    }
    guard let number = value.int, abs(number) <= Layer.sizeLimit else { throw bad("has a \(name) that is no size") }
    return number
  }

  func double(_ name: String, _ fallback: Double) throws -> Double {
    guard let value = config[name] else { return fallback }
    guard let number = value.double else { throw bad("has a \(name) that is no number") }
    return number
  }

  func flag(_ name: String, _ fallback: Bool) throws -> Bool {
    guard let value = config[name] else { return fallback }
    guard let flag = value.bool else { throw bad("has a \(name) that is neither true nor false") }
    return flag
  }

  /// Height and width: two numbers, or one for both.
  func extent(_ name: String, _ fallback: Extent? = nil) throws -> Extent {
    guard let value = config[name] else {
      if let fallback { return fallback }
      throw bad("has no \(name)")
    }
    let sizes = value.list?.compactMap(\.int) ?? value.int.map { [$0, $0] } ?? []
    guard sizes.count == 2, sizes.allSatisfy({ (1...4096).contains($0) }) else {
      throw bad("has a \(name) that is no height and width")
    }
    return Extent(sizes[0], sizes[1])
  }

  func padding() throws -> Padding {
    switch config["padding"]?.text ?? "valid" {
    case "valid": return .valid
    case "same": return .same
    default: throw bad("has a padding other than valid and same")
    }
  }

  /// Whole numbers of a list, or one.
  func ints(_ name: String) throws -> [Int]? {
    guard let value = config[name] else { return nil }
    if let one = value.int { return [one] }
    guard let list = value.list, list.count <= 8 else { throw bad("has a \(name) that is no list of numbers") }
    return try list.map { item in
      guard let number = item.int, abs(number) <= Layer.elementLimit else {
        throw bad("has a \(name) of other than numbers")
      }
      return number
    }
  }
}
