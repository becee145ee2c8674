import DataBindings
import Diagnostics
import Interpreter
import NeuralNetworks
import PlotBindings
import Tensors

/// One layer: `conv(6, 3)`. What its first call or its training gave it stays, as with a network of that one layer.
final class LayerObject: HostObject {
  let layer: Layer
  /// Where the layer is one of a network's: the weights are taken from there when they are first asked for.
  private let origin: (network: Network, index: Int)?
  private var own: Network?

  init(_ layer: Layer, of origin: (network: Network, index: Int)? = nil) {
    self.layer = layer
    self.origin = origin
    super.init()
  }

  override var typeName: String { "layer" }
  override func describe(_ style: DisplayStyle) -> String { layer.describe }
  override var summary: String { layer.describe }
  override func isEqual(to other: HostObject) -> Bool { (other as? LayerObject)?.layer == layer }
  override var callParameters: [BuiltinParameter]? { NetworkObject.called }
  override var version: Int? { own.map { $0.hasWeights ? $0.version : 0 } ?? 0 }

  override func checkpoint() -> (() throws -> Void)? {
    let kept = own
    let restore = kept.flatMap { NetworkObject($0).checkpoint() }
    return { [self] in
      own = kept
      try restore?()
    }
  }

  override var checkpointBytes: Int { own.map { NetworkObject($0).checkpointBytes } ?? 0 }

  /// The layer as a network, which keeps its weights. A layer without any takes items of another shape each time.
  func network() throws -> Network {
    if let own, !own.isBuilt || own.hasWeights { return own }
    let made = try origin.flatMap { try $0.network.part($0.index) } ?? Network([layer])
    own = made
    return made
  }

  override func standIn() throws -> HostObject? { NetworkObject(try network()) }

  /// What it has learnt, where it has learnt something.
  func learnt() throws -> Network? {
    guard own?.hasWeights == true || origin?.network.isBuilt == true else { return nil }
    let network = try network()
    return network.hasWeights ? network : nil
  }

  override func call(_ arguments: Arguments, _ context: ExecutionContext) throws -> Value {
    try NetworkObject(network()).call(arguments, context)
  }

  override func binary(
    _ op: HostOperator, with other: Value, reversed: Bool, _ context: ExecutionContext
  ) throws -> Value? {
    guard op == .compose else { return nil }
    return try NetworkObject.composed(Value(self), other, reversed: reversed, context)
  }
}

extension ValueTable {
  /// A row for each layer.
  init(_ network: Network) {
    self.init(
      columns: Network.summaryColumns.enumerated().map { Column($1, isNumeric: $0 == 2) },
      rows: network.summaryRows.map { Row($0) }, notes: [network.summaryTotal])
  }
}

/// A network: layers with their weights, an object with identity.
package final class NetworkObject: HostObject, TableConvertible {
  package let network: Network

  package init(_ network: Network) {
    self.network = network
    super.init()
  }

  package override var typeName: String { "network" }
  package override func describe(_ style: DisplayStyle) -> String { network.summary }
  package var table: ValueTable? { ValueTable(network) }
  package override var summary: String {
    "network of \(network.layers.count) layers"
      + (network.isBuilt ? ", \(network.parameterCount) parameters" : ", not built")
  }
  package override var length: Int? { network.layers.count }
  package override var version: Int? { network.version }
  package override func isEqual(to other: HostObject) -> Bool { (other as? NetworkObject)?.network === network }
  package override var callParameters: [BuiltinParameter]? { Self.called }
  /// A triplet is the most that a loss compares.
  package static let called: [BuiltinParameter] = .of(x, twin, third)
  private static let x = TypedParameter.value("x", "tensor, image, dataset or list of images")
  private static let twin = TypedParameter.value("twin", "more of the same", or: "none")
  private static let third = TypedParameter.value("third", "more of the same", or: "none")

  package override func checkpoint() -> (() throws -> Void)? {
    let (preparation, learning) = (network.preprocessing, network.learning)
    guard network.isBuilt else {
      return { [network] in
        network.forgetWeights()
        network.preprocessing = preparation
        network.learning = learning
      }
    }
    let kept = network.snapshot()
    return { [network] in
      network.restore(kept)
      network.preprocessing = preparation
      network.learning = learning
    }
  }

  package override var checkpointBytes: Int { 4 * network.weights.reduce(0) { $0 + $1.count } }

  /// A tensor as it is; images prepared as the network's training images were, and given as rows [n, size]. Of several
  /// inputs, a list of as many results, from one pass.
  package override func call(_ arguments: Arguments, _ context: ExecutionContext) throws -> Value {
    let first = try Self.input(arguments, Self.x, for: network)
    PixelRange.look(at: first, for: network, context)
    guard arguments.isGiven(Self.twin) else { return Value(try apply(to: first, context)) }
    let others = [Self.twin, Self.third].filter { arguments.isGiven($0) }
    let inputs = try [first] + others.map { try Self.input(arguments, $0, for: network) }
    for (parameter, input) in zip(others, inputs.dropFirst()) where input.shape.dropFirst() != first.shape.dropFirst() {
      throw ArgumentError(
        parameter,
        "the inputs of one call agree in all axes but the first, got shapes \(first.shape) and \(input.shape)")
    }
    let results: Tensor
    if let step = context.trainingStep as? TrainingStep {
      results = try step.apply(network, toTwins: inputs)
    } else {
      results = try apply(to: Tensor.concat(inputs), context)
    }
    var start = 0
    var parts: [Value] = []
    for input in inputs {
      let end = start + (input.shape.first ?? 0)
      parts.append(Value(try results.subscripted([.slice(start: start, stop: end, step: 1)])))
      start = end
    }
    return Value(parts)
  }

  package override func binary(
    _ op: HostOperator, with other: Value, reversed: Bool, _ context: ExecutionContext
  ) throws -> Value? {
    guard op == .compose else { return nil }
    return try Self.composed(Value(self), other, reversed: reversed, context)
  }

  package func apply(to input: Tensor, _ context: ExecutionContext) throws -> Tensor {
    if let step = context.trainingStep as? TrainingStep { return try step.apply(network, to: input) }
    let seed = network.isBuilt ? 0 : context.nextSeed()
    // A gradient is being taken through the input.
    if input.trace != nil { return try network.traced(input, seed: seed) }
    do {
      return try network.embed(input, seed: seed) { context.isInterrupted }
    } catch NetworkError.interrupted { throw Interruption() }
  }

  /// A batch: a tensor, or images as [n, channels, height, width].
  package static func input(
    _ arguments: Arguments, _ parameter: TypedParameter<Value>, for network: Network
  ) throws -> Tensor {
    let given = try arguments[parameter]
    if case .object = given {
      let (values, shape) = try arguments.images(parameter, for: network, as: .input)
      return try batch(values, shape)
    }
    if let items = given.asItems, items.contains(where: { $0.asObject(ImageObject.self) != nil }) {
      var parts: [Tensor] = []
      for item in items {
        guard let image = item.asObject(ImageObject.self) else {
          throw arguments.mismatch(
            parameter, expected: "a tensor, an image, a dataset or a list of images",
            help: Arguments.imageOfPathHelp(given))
        }
        let (values, shape) = try arguments.images(of: image, for: network, as: .input)
        if let first = parts.first, Array(first.shape.dropFirst()) != shape {
          throw ArgumentError(
            parameter, "the images of one call have one shape, got \(first.shape.dropFirst()) and \(shape)",
            help: "resize them: image.resize(height, width)")
        }
        parts.append(try batch(values, shape))
      }
      return try Tensor.concat(parts)
    }
    if case .string = given {
      throw arguments.mismatch(
        parameter, expected: "a tensor, an image, a dataset or a list of images", help: Arguments.imageOfPathHelp(given)
      )
    }
    return try arguments.tensor(parameter)
  }

  private static func batch(_ values: [Float], _ shape: [Int]) throws -> Tensor {
    let size = shape.reduce(1, *)
    return try Tensor(values, shape: [size > 0 ? values.count / size : 0] + shape)
  }

  /// The layers that a value stands for; nil: it is no layer.
  package static func parts(of value: Value, _ context: ExecutionContext) throws -> (
    layers: [Layer], network: Network?
  )? {
    if let object = value.asObject(LayerObject.self) { return ([object.layer], try object.learnt()) }
    if let object = value.asObject(NetworkObject.self) { return (object.network.layers, object.network) }
    if let compose = value.asFunction?.builtin?.composeValue { return try parts(of: compose(context), context) }
    return nil
  }

  /// `a >> b`: a fresh network with the layers of both, and what each has learnt.
  package static func composed(
    _ one: Value, _ other: Value, reversed: Bool, _ context: ExecutionContext
  ) throws -> Value? {
    guard let left = try parts(of: reversed ? other : one, context),
      let right = try parts(of: reversed ? one : other, context)
    else { return nil }
    let first = try left.network ?? Network(left.layers)
    let network = try Network(
      first, then: right.network ?? Network(right.layers), seed: first.isBuilt ? context.nextSeed() : 0)
    return Value(NetworkObject(network))
  }

  /// A layer made of blocks; a network where one of them has learnt.
  package static func assembled(
    _ layer: Layer, of blocks: [(layers: [Layer], network: Network?)], _ context: ExecutionContext
  ) throws -> Value {
    guard blocks.contains(where: { $0.network?.hasLearnt == true }) else { return Value(LayerObject(layer)) }
    let networks = try blocks.map { try $0.network ?? Network($0.layers) }
    let seed = networks.contains(where: \.isBuilt) ? context.nextSeed() : 0
    return Value(NetworkObject(try Network(layer, of: networks, seed: seed)))
  }

  /// A network; a layer alone counts as a network of one. Nil: the value is neither.
  fileprivate static func made(of value: Value, _ context: ExecutionContext) throws -> NetworkObject? {
    if let object = value.asObject(NetworkObject.self) { return object }
    if let layer = value.asObject(LayerObject.self) { return NetworkObject(try layer.network()) }
    return try parts(of: value, context).map { NetworkObject(try Network($0.layers)) }
  }
}

extension Arguments {
  /// A network, or layers that make one.
  package func network(_ parameter: TypedParameter<Value>, _ context: ExecutionContext) throws -> NetworkObject {
    if let network = try NetworkObject.made(of: self[parameter], context) { return network }
    throw mismatch(parameter, expected: "a network", help: "compose layers with >>, as in conv(6, 3) >> relu")
  }
}

/// How gradients become changes, with what the optimiser remembers from step to step.
package final class OptimizerObject: HostObject {
  package let optimizer: Optimizer
  package let state: OptimizerState

  package init(_ optimizer: Optimizer) throws {
    self.optimizer = optimizer
    state = try OptimizerState(optimizer)
    super.init()
  }

  package override var typeName: String { "optimizer" }
  /// It remembers each step that it takes in a loop written by hand.
  package override var version: Int? { restorations + state.step }
  private var restorations = 0

  package override func checkpoint() -> (() throws -> Void)? {
    let memory = state.memory
    return { [self] in
      restorations += state.step + 1
      state.restore(memory)
    }
  }

  package override func describe(_ style: DisplayStyle) -> String { optimizer.describe }
  package override var summary: String { optimizer.describe }
}

/// How a rate changes over steps: `cosine(1000)`.
final class ScheduleObject: HostObject {
  let schedule: Schedule

  init(_ schedule: Schedule) {
    self.schedule = schedule
    super.init()
  }

  override var typeName: String { "schedule" }
  override func describe(_ style: DisplayStyle) -> String { schedule.describe }
}
