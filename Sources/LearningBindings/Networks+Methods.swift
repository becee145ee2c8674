import Diagnostics
import Interpreter
import NeuralNetworks
import PlotBindings
import Tensors

extension LearningBindings {
  static func registerNamedNetworks(_ registry: inout BuiltinRegistry) {
    registerSaving(&registry)
    registerStep(&registry)
    registry.add(
      Builtin(
        "recipe", [], area: .layers, returns: "network",
        summary: "The network of the Keras recipe for siamese networks.",
        details: """
          conv(6, 3), relu, maxpool(2), dropout(0.25), conv(12, 3), relu, maxpool(2), dropout(0.25), flatten, \
          dense(128), relu, dropout(0.1), dense(50), relu.
          """,
        example: "len(recipe())\n#> 14", seeAlso: ["conv4", "koch"]
      ) { _, _ in Value(NetworkObject(try Network(Network.recipeLayers))) })
    let channels = TypedParameter.int("width", in: 1...4096, default: 64)
    registry.add(
      Builtin(
        "conv4", .of(channels), area: .layers, returns: "network",
        summary: "Four times 3×3 convolution, batch normalisation, relu and pooling (Vinyals et al. 2016).",
        example: "conv4(32)(zeros([1, 1, 28, 28])).shape\n#> [1, 32]", seeAlso: ["recipe", "koch"]
      ) { args, _ in
        Value(NetworkObject(try Network(Network.conv4Layers(width: try args[channels]))))
      })
    let width = TypedParameter.int("width", in: 1...1024, default: 32)
    let size = TypedParameter.int("size", in: 1...65_536, default: 64)
    registry.add(
      Builtin(
        "resnet", .of(width, size), area: .layers, returns: "network",
        summary: "A small residual network with squeeze and excitation; embeddings of `size` numbers and length 1.",
        details: """
          A 3×3 convolution to `width` channels, then three blocks of width, 2·width and 4·width channels, each x + two \
          convolutions with batch normalisation and a squeeze-and-excitation gate, then relu and pooling by two; dense. \
          He et al. 2016, Hu et al. 2018.
          """,
        example: "resnet(8, size=16)(zeros([1, 1, 28, 28])).shape\n#> [1, 16]", seeAlso: ["conv4", "residual"]
      ) { args, _ in
        Value(NetworkObject(try Network(Network.resnetLayers(width: try args[width], size: try args[size]))))
      })
    let initialisation = TypedParameter.word("init", default: Initialisation.koch)
    registry.add(
      Builtin(
        "koch", .of(initialisation), area: .layers, returns: "network",
        summary: "The siamese network of Koch, Zemel and Salakhutdinov 2015, for images of 105×105.",
        details: """
          Its first weights are theirs, N(0, 0.01) in convolutions. init="he" draws those from N(0, 2 / in), and the dense \
          layer's as Glorot and Bengio 2010: two epochs teach it more than five otherwise (Scripts/koch.twin).
          """,
        example: "len(koch(init=\"he\"))\n#> 14", seeAlso: ["recipe", "conv4"]
      ) { args, _ in
        Value(NetworkObject(try Network(Network.kochLayers(initialisation: try args[initialisation]))))
      })
    registry.add(
      Builtin(
        property: "parameters", of: "network", area: .layers,
        summary: "How many numbers the network learns; none before it has seen data.",
        example: "net = dense(4) >> relu\nnet(zeros([1, 3]))\nnet.parameters\n#> 16"
      ) { args, _ in
        let network = try args.receiver(NetworkObject.self).network
        return network.isBuilt ? Value(network.parameterCount) : .none
      })
    registry.add(
      Builtin(
        property: "layers", of: "network", area: .layers, returns: "list", summary: "The layers, as a list.",
        details:
          "Each has the network's weights, as they are when it is first called or composed: copies, which learn apart.",
        example: "(dense(4) >> relu).layers\n#> [dense(4), relu]"
      ) { args, _ in
        let network = try args.receiver(NetworkObject.self).network
        return Value(network.layers.enumerated().map { Value(LayerObject($0.element, of: (network, $0.offset))) })
      })
    registry.add(
      Builtin(
        method: "summary", of: "network", [], area: .layers, returns: "summary",
        summary: "The table of layers, output shapes and numbers of parameters.",
        details: "Alone on a line it is shown; str(net.summary()) is its text.",
        example: "(dense(4) >> relu).summary()"
      ) { args, _ in Value(SummaryObject(try args.receiver(NetworkObject.self).network)) })
    registry.add(
      Builtin(
        method: "copy", of: "network", [], area: .layers, returns: "network",
        summary: "Another network with the same layers and weights, which learns on its own.",
        example: "net = dense(4) >> relu\nother = net.copy()\nlen(other)\n#> 2"
      ) { args, _ in Value(NetworkObject(try args.receiver(NetworkObject.self).network.copy())) })
  }

  private static let loss = TypedParameter.function("loss")

  private static func registerStep(_ registry: inout BuiltinRegistry) {
    let optimizer = TypedParameter<OptimizerObject>(.required("optimizer", "optimizer")) { args, place in
      guard let optimizer = args[place].asObject(OptimizerObject.self) else {
        throw args.mismatch(place, expected: "an optimizer", help: "rule = adam(0.001), then step(rule, () -> loss)")
      }
      return optimizer
    }
    let seed = TypedParameter.seed(or: "none", namedOnly: true)
    registry.add(
      Builtin(
        "step", .of(optimizer, loss, seed), area: .training,
        summary: "One step of a training loop written by hand; gives the loss.",
        details: """
          Calls the function, which computes one number from calls of networks; then each of those networks changes its \
          weights against the gradient. Networks called inside drop out and use the batch's statistics. What the \
          optimiser remembers stays in the optimizer.
          """,
        example: """
          net = dense(1)
          net = net >> sigmoid
          x = tensor([[0], [1]])
          target = tensor([[0], [1]])
          rule = adam(0.1)
          for i in 0..<60 { loss = step(rule, () -> mean((net(x) - target) ^ 2)) }
          loss < 0.1
          #> true
          """,
        errors: ["the function must call a network, and its value must depend on it"], seeAlso: ["trainer", "grad"]
      ) { args, context in
        let state = try args[optimizer].state
        let function = try args[loss]
        let found: Float
        if let log = StepLog.current(context) {
          found =
            try log.skip(context)
            ?? log.perform(state, context) {
              try step(state, seed: try args[seed].value(context), function, context)
            }
        } else {
          found = try step(state, seed: try args[seed].value(context), function, context).loss
        }
        // As a trainer does, a loop stops between two steps, and a replay stops after as many.
        if context.pausesAfterBatch() { throw Interruption() }
        return Value(found)
      })
  }

  private static func step(
    _ state: OptimizerState, seed: UInt64, _ function: FunctionValue, _ context: ExecutionContext
  ) throws -> (loss: Float, networks: [Network]) {
    let (tape, outer) = (context.tape, context.trainingStep)
    defer { (context.tape, context.trainingStep) = (tape, outer) }
    let isFirst = state.optimizer.remembers && state.step == 0
    let changed = try TrainingStep.runTelling(state, seed: seed) { step in
      context.tape = step.tape
      context.trainingStep = step
      let value = try context.call(function, [])
      guard let found = value.asTensor else {
        if value.asNumber != nil {
          throw ArgumentError(
            loss, "step expects a loss that comes from a network, got a number that depends on none",
            help: "call the network in the function: step(rule, () -> mean((net(x) - y) ^ 2))")
        }
        throw ArgumentError(loss, "step expects a function that gives one number, got \(value.inWords)")
      }
      guard found.count == 1 else { throw TensorError.notScalar(function: "step", shape: found.shape) }
      return found
    }
    for network in changed.networks {
      network.learning.hasUnknown = true
      network.firstSteps = isFirst ? network.firstSteps + 1 : 0
    }
    if isFirst, changed.networks.contains(where: { $0.firstSteps == 5 }) {
      context.output.warn(
        Explanation(
          "each of the last 5 steps was the first of a new optimizer, so that none knew of the steps before it",
          help: "make it once, before the loop: rule = \(state.optimizer.describe), then step(rule, () -> …)"))
    }
    return changed
  }

  private static func registerSaving(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        method: "save", of: "network", .of(saving.path, saving.raw, saving.labels), area: .layers,
        files: .writes,
        summary: "Writes the network to one file, whole or not at all: .safetensors, .onnx or .npz.",
        details: """
          .safetensors holds layers, weights and preprocessing, and is what load gives back as it was; PyTorch reads the \
          weights by their names. .npz holds the weights alone. .onnx is for other programs: operators of version 18, input \
          "images", output "embeddings". Where the network learnt from images, their preparation is part of the graph, whose \
          input is then [batch, height, width, 3] in bytes, red first, as Pillow and NumPy hold a picture; raw=true leaves it \
          out. labels stand in the metadata, as a JSON list. See Documentation/networks.md.
          """,
        example: "net = dense(4) >> relu\nnet(zeros([1, 3]))\nnet.save(\"net.onnx\")",
        errors: [
          "the network must have weights: it has none before it has seen data", "the path ends otherwise",
          "ONNX cannot say how the images are prepared (align, alignfaces): raw=true",
        ], seeAlso: ["load"]
      ) { args, context in
        try save(args, context)
        return .none
      })
  }
}

/// A network's table as it stood, which shows itself as it stands: a string would show its quotes and escapes.
final class SummaryObject: HostObject, TableConvertible {
  let text: String
  let table: ValueTable?

  init(_ network: Network) {
    text = network.summary
    table = ValueTable(network)
  }

  override var typeName: String { "summary" }
  override func describe(_ style: DisplayStyle) -> String { text }
  override var summary: String { "<summary>" }
  override func isEqual(to other: HostObject) -> Bool { (other as? SummaryObject)?.text == text }
}
