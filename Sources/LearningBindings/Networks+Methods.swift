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
    registry.add(
      Builtin(
        "conv4", [.optional("width", "number", default: 64)], area: .layers, returns: "network",
        summary: "Four times 3×3 convolution, batch normalisation, relu and pooling (Vinyals et al. 2016).",
        example: "conv4(32)(zeros([1, 1, 28, 28])).shape\n#> [1, 32]", seeAlso: ["recipe", "koch"]
      ) { args, _ in
        Value(NetworkObject(try Network(Network.conv4Layers(width: try args.int(0, in: 1...4096)))))
      })
    registry.add(
      Builtin(
        "resnet", [.optional("width", "number", default: 32), .optional("size", "number", default: 64)], area: .layers,
        returns: "network",
        summary: "A small residual network with squeeze and excitation; embeddings of `size` numbers and length 1.",
        details: """
          A 3×3 convolution to `width` channels, then three blocks of width, 2·width and 4·width channels, each x + two \
          convolutions with batch normalisation and a squeeze-and-excitation gate, then relu and pooling by two; dense. \
          He et al. 2016, Hu et al. 2018.
          """,
        example: "resnet(8, size=16)(zeros([1, 1, 28, 28])).shape\n#> [1, 16]", seeAlso: ["conv4", "residual"]
      ) { args, _ in
        Value(
          NetworkObject(
            try Network(
              Network.resnetLayers(
                width: try args.int(0, in: 1...1024), size: try args.int(1, in: 1...65_536))))
        )
      })
    registry.add(
      Builtin(
        "koch", [], area: .layers, returns: "network",
        summary: "The siamese network of Koch, Zemel and Salakhutdinov 2015, for images of 105×105.",
        example: "len(koch())\n#> 14", seeAlso: ["recipe", "conv4"]
      ) { _, _ in Value(NetworkObject(try Network(Network.kochLayers))) })
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

  private static func registerStep(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "step",
        [
          .required("optimizer", "optimizer"), .required("loss", "function"),
          .optional("seed", "number", "none", namedOnly: true),
        ], area: .training, summary: "One step of a training loop written by hand; gives the loss.",
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
        guard let optimizer = args[0].asObject(OptimizerObject.self) else {
          throw args.mismatch(0, expected: "an optimizer", help: "rule = adam(0.001), then step(rule, () -> loss)")
        }
        let function = try args.function(1)
        let loss: Float
        if let log = StepLog.current(context) {
          loss =
            try log.skip(context)
            ?? log.perform(optimizer.state, context) {
              try step(optimizer.state, seed: try args.seed(2, context), function, context)
            }
        } else {
          loss = try step(optimizer.state, seed: try args.seed(2, context), function, context).loss
        }
        // As a trainer does, a loop stops between two steps, and a replay stops after as many.
        if context.pausesAfterBatch() { throw Interruption() }
        return Value(loss)
      })
  }

  private static func step(
    _ state: OptimizerState, seed: UInt64, _ function: FunctionValue, _ context: ExecutionContext
  ) throws -> (loss: Float, networks: [Network]) {
    let (tape, outer) = (context.tape, context.trainingStep)
    defer { (context.tape, context.trainingStep) = (tape, outer) }
    let changed = try TrainingStep.runTelling(state, seed: seed) { step in
      context.tape = step.tape
      context.trainingStep = step
      let value = try context.call(function, [])
      guard let loss = value.asTensor else {
        if value.asNumber != nil {
          throw ArgumentError(
            1, "step expects a loss that comes from a network, got a number that depends on none",
            help: "call the network in the function: step(rule, () -> mean((net(x) - y) ^ 2))")
        }
        throw ArgumentError(1, "step expects a function that gives one number, got \(value.inWords)")
      }
      guard loss.count == 1 else { throw TensorError.notScalar(function: "step", shape: loss.shape) }
      return loss
    }
    for network in changed.networks { network.learning.hasUnknown = true }
    return changed
  }

  private static func registerSaving(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        method: "save", of: "network",
        [
          .required("path", "string"), .optional("raw", "bool", default: false, namedOnly: true),
          .optional("labels", "list of strings", "none", namedOnly: true),
        ], area: .layers,
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

  static func registerOptimisers(_ registry: inout BuiltinRegistry) {
    let common: [BuiltinParameter] = [
      .optional("decay", "number", default: 0, namedOnly: true), .optional("clip", "number", "none", namedOnly: true),
      .optional("schedule", "schedule", "none", namedOnly: true),
    ]
    func finish(_ optimizer: Optimizer, _ args: Arguments, from index: Int) throws -> Value {
      var optimizer = optimizer
      optimizer.weightDecay = try args.number(index, default: optimizer.weightDecay)
      if args.isGiven(index + 1) { optimizer.clip = try args.number(index + 1) }
      if let schedule = try args.optionalObject(index + 2, as: ScheduleObject.self) {
        optimizer.schedule = schedule.schedule
      }
      return Value(try OptimizerObject(optimizer))
    }
    let details = """
      `decay` pulls weights to 0, `clip` cuts the gradient's length over all weights, `schedule` changes the rate from \
      step to step.
      """
    registry.add(
      Builtin(
        "sgd",
        [
          .optional("rate", "number", default: 0.01), .optional("momentum", "number", default: 0),
          .optional("nesterov", "bool", default: false),
        ]
          + common, area: .optimisers, returns: "optimizer",
        summary: "Gradient descent: v ← momentum · v + g; w ← w − rate · v.",
        details: details, example: "sgd(0.1, momentum=0.9)\n#> sgd(0.1, momentum=0.9)", seeAlso: ["adam", "rmsprop"]
      ) { args, _ in
        try finish(
          .sgd(
            try args.number(0), momentum: try args.number(1),
            nesterov: try args.bool(2)), args, from: 3)
      })
    registry.add(
      Builtin(
        "rmsprop",
        [
          .optional("rate", "number", default: 0.001), .optional("keep", "number", default: 0.9),
          .optional("epsilon", "number", default: 1e-7, namedOnly: true),
          .optional("form", "string", default: "keras", namedOnly: true),
        ] + common, area: .optimisers, returns: "optimizer",
        summary: "s ← keep · s + (1 − keep) · g²; w ← w − rate · g / √(s + epsilon), as in Keras.",
        details: details
          + " form=\"pytorch\": w − rate · g / (√s + epsilon), as PyTorch has it (there keep is 0.99, epsilon 1e-8).",
        example: "rmsprop(0.001)\n#> rmsprop(0.001)", seeAlso: ["adam", "sgd"]
      ) { args, _ in
        let outside = try args.string(3, oneOf: ["keras", "pytorch"]) == "pytorch"
        return try finish(
          Optimizer(
            .rmsprop(
              decay: try args.number(1), epsilon: try args.number(2), outside: outside),
            rate: try args.number(0)), args, from: 4)
      })
    for (name, decoupled) in [("adam", false), ("adamw", true)] {
      registry.add(
        Builtin(
          name,
          [
            .optional("rate", "number", default: 0.001), .optional("beta1", "number", default: 0.9),
            .optional("beta2", "number", default: 0.999),
            .optional("epsilon", "number", default: 1e-7, namedOnly: true),
          ] + common, area: .optimisers, returns: "optimizer",
          summary: decoupled
            ? "Adam with decoupled weight decay, 0.01 where not given (Loshchilov and Hutter 2019)."
            : "Adam: running means of the gradient and its square (Kingma and Ba 2015).", details: details,
          example: "\(name)(0.002)\n#> \(name)(0.002)", seeAlso: ["sgd", "rmsprop"]
        ) { args, _ in
          var optimizer = Optimizer(
            .adam(
              beta1: try args.number(1), beta2: try args.number(2),
              epsilon: try args.number(3)),
            rate: try args.number(0))
          if decoupled {
            optimizer.decoupled = true
            optimizer.weightDecay = 0.01
          }
          return try finish(optimizer, args, from: 4)
        })
    }
    let steps = BuiltinParameter.required("steps", "number")
    registry.add(
      Builtin(
        "cosine", [steps, .optional("floor", "number", default: 0)], area: .optimisers, returns: "schedule",
        summary: "A schedule: the rate falls along half a cosine to floor · rate over `steps`.",
        example: "adam(0.001, schedule=cosine(1000))\n#> adam(0.001, schedule=cosine(1000))", seeAlso: ["onecycle"]
      ) { args, _ in
        Value(
          ScheduleObject(
            .cosine(steps: try args.int(0, in: 1...1 << 40), floor: try args.number(1, in: 0...1))))
      })
    registry.add(
      Builtin(
        "onecycle", [steps], area: .optimisers, returns: "schedule",
        summary: "A schedule: up to the rate over 30 % of `steps`, then down along a cosine (Smith and Topin 2019).",
        example: "onecycle(1000)\n#> onecycle(1000)", seeAlso: ["cosine"]
      ) { args, _ in Value(ScheduleObject(.oneCycle(steps: try args.int(0, in: 1...1 << 40)))) })
    registry.add(
      Builtin(
        "stepdecay", [.required("factor", "number"), .required("every", "number")], area: .optimisers,
        returns: "schedule",
        summary: "A schedule: the rate is multiplied by `factor` every so many steps.",
        example: "stepdecay(0.5, 1000)\n#> stepdecay(0.5, 1000)", seeAlso: ["cosine"]
      ) { args, _ in
        Value(ScheduleObject(.decay(factor: try args.number(0, in: 0...1), every: try args.int(1, in: 1...1 << 40))))
      })
    registry.add(
      Builtin(
        "warmup", [steps, .optional("then", "schedule", "none")], area: .optimisers, returns: "schedule",
        summary: "A schedule: the rate rises from 0 over `steps`, then another schedule goes on.",
        example: "warmup(100, cosine(1000))\n#> warmup(100, cosine(1000))", seeAlso: ["cosine"]
      ) { args, _ in
        let then = try args.optionalObject(1, as: ScheduleObject.self)?.schedule ?? .constant
        return Value(ScheduleObject(.warmUp(steps: try args.int(0, in: 1...1 << 40), then: then)))
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
