import Diagnostics
import Interpreter
import NeuralNetworks

extension LearningBindings {
  /// Optimisers, and the schedules that change their rates.
  static func registerOptimisers(_ registry: inout BuiltinRegistry) {
    registerDescent(&registry)
    registerAdam(&registry)
    registerSchedules(&registry)
  }

  /// What every optimiser takes.
  private enum Common {
    static let decay = TypedParameter.value("decay", "number", default: 0, namedOnly: true)
    static let clip = TypedParameter.number("clip", or: "none", namedOnly: true)
    static let schedule = TypedParameter.object(
      "schedule", "schedule", as: ScheduleObject.self, or: "none", namedOnly: true)

    static let details = """
      `decay` pulls weights to 0, `clip` cuts the gradient's length over all weights, `schedule` changes the rate from \
      step to step.
      """

    /// The optimiser with what was given of these; its own decay where none was.
    static func finish(_ optimizer: Optimizer, _ args: Arguments) throws -> Value {
      var optimizer = optimizer
      if args.isGiven(decay) { optimizer.weightDecay = try args.number(decay) }
      if let clip = try args[clip] { optimizer.clip = clip }
      if let schedule = try args[schedule] { optimizer.schedule = schedule.schedule }
      return Value(try OptimizerObject(optimizer))
    }
  }

  private static func registerDescent(_ registry: inout BuiltinRegistry) {
    let rate = TypedParameter.number("rate", default: 0.01)
    let momentum = TypedParameter.number("momentum", default: 0)
    let nesterov = TypedParameter.bool("nesterov", default: false)
    registry.add(
      Builtin(
        "sgd", .of(rate, momentum, nesterov, Common.decay, Common.clip, Common.schedule), area: .optimisers,
        returns: "optimizer",
        summary: "Gradient descent: v ← momentum · v + g; w ← w − rate · v.",
        details: Common.details, example: "sgd(0.1, momentum=0.9)\n#> sgd(0.1, momentum=0.9)",
        seeAlso: ["adam", "rmsprop"]
      ) { args, context in
        if try args[nesterov], try args[momentum] == 0 {
          context.output.warn(
            Explanation(
              "nesterov=true has no effect without momentum", help: "sgd(0.1, momentum=0.9, nesterov=true)"))
        }
        return try Common.finish(
          .sgd(try args[rate], momentum: try args[momentum], nesterov: try args[nesterov]), args)
      })
    let slowRate = TypedParameter.number("rate", default: 0.001)
    let keep = TypedParameter.number("keep", default: 0.9)
    let epsilon = TypedParameter.number("epsilon", default: 1e-7, namedOnly: true)
    let form = TypedParameter<String>(.optional("form", "string", default: "keras", namedOnly: true)) {
      try $0.string($1, oneOf: ["keras", "pytorch"])
    }
    registry.add(
      Builtin(
        "rmsprop", .of(slowRate, keep, epsilon, form, Common.decay, Common.clip, Common.schedule), area: .optimisers,
        returns: "optimizer",
        summary: "s ← keep · s + (1 − keep) · g²; w ← w − rate · g / √(s + epsilon), as in Keras.",
        details: Common.details
          + " form=\"pytorch\": w − rate · g / (√s + epsilon), as PyTorch has it (there keep is 0.99, epsilon 1e-8).",
        example: "rmsprop(0.001)\n#> rmsprop(0.001)", seeAlso: ["adam", "sgd"]
      ) { args, _ in
        let outside = try args[form] == "pytorch"
        return try Common.finish(
          Optimizer(
            .rmsprop(decay: try args[keep], epsilon: try args[epsilon], outside: outside), rate: try args[slowRate]),
          args)
      })
  }

  private static func registerAdam(_ registry: inout BuiltinRegistry) {
    let rate = TypedParameter.number("rate", default: 0.001)
    let beta1 = TypedParameter.number("beta1", default: 0.9)
    let beta2 = TypedParameter.number("beta2", default: 0.999)
    let epsilon = TypedParameter.number("epsilon", default: 1e-7, namedOnly: true)
    for (name, decoupled) in [("adam", false), ("adamw", true)] {
      registry.add(
        Builtin(
          name, .of(rate, beta1, beta2, epsilon, Common.decay, Common.clip, Common.schedule), area: .optimisers,
          returns: "optimizer",
          summary: decoupled
            ? "Adam with decoupled weight decay, 0.01 where not given (Loshchilov and Hutter 2019)."
            : "Adam: running means of the gradient and its square (Kingma and Ba 2015).",
          details: Common.details
            + " epsilon stands beside the root of the mean square before its bias is corrected, as in Keras; PyTorch adds "
            + "it after the correction.",
          example: "\(name)(0.002)\n#> \(name)(0.002)", seeAlso: ["sgd", "rmsprop"]
        ) { args, _ in
          var optimizer = Optimizer(
            .adam(beta1: try args[beta1], beta2: try args[beta2], epsilon: try args[epsilon]), rate: try args[rate])
          if decoupled {
            optimizer.decoupled = true
            optimizer.weightDecay = 0.01
          }
          return try Common.finish(optimizer, args)
        })
    }
  }

  private static func registerSchedules(_ registry: inout BuiltinRegistry) {
    let steps = TypedParameter.int("steps", in: 1...1 << 40)
    let floor = TypedParameter.number("floor", in: 0...1, default: 0)
    registry.add(
      Builtin(
        "cosine", .of(steps, floor), area: .optimisers, returns: "schedule",
        summary: "A schedule: the rate falls along half a cosine to floor · rate over `steps`.",
        example: "adam(0.001, schedule=cosine(1000))\n#> adam(0.001, schedule=cosine(1000))", seeAlso: ["onecycle"]
      ) { args, _ in
        Value(ScheduleObject(.cosine(steps: try args[steps], floor: try args[floor])))
      })
    registry.add(
      Builtin(
        "onecycle", .of(steps), area: .optimisers, returns: "schedule",
        summary: "A schedule: up to the rate over 30 % of `steps`, then down along a cosine (Smith and Topin 2019).",
        details: """
          From rate / 25 to the rate, which step 0.3 · steps has (counted from 0), and down to rate / 10,000 after the last \
          step. PyTorch counts the steps of its OneCycleLR otherwise, so that its rates stand about a step earlier.
          """,
        example: "onecycle(1000)\n#> onecycle(1000)", seeAlso: ["cosine"]
      ) { args, _ in Value(ScheduleObject(.oneCycle(steps: try args[steps]))) })
    let factor = TypedParameter.number("factor", in: 0...1)
    let every = TypedParameter.int("every", in: 1...1 << 40)
    registry.add(
      Builtin(
        "stepdecay", .of(factor, every), area: .optimisers, returns: "schedule",
        summary: "A schedule: the rate is multiplied by `factor` every so many steps.",
        example: "stepdecay(0.5, 1000)\n#> stepdecay(0.5, 1000)", seeAlso: ["cosine"]
      ) { args, _ in
        Value(ScheduleObject(.decay(factor: try args[factor], every: try args[every])))
      })
    let next = TypedParameter.object("then", "schedule", as: ScheduleObject.self, or: "none")
    registry.add(
      Builtin(
        "warmup", .of(steps, next), area: .optimisers, returns: "schedule",
        summary: "A schedule: the rate rises from 0 over `steps`, then another schedule goes on.",
        example: "warmup(100, cosine(1000))\n#> warmup(100, cosine(1000))", seeAlso: ["cosine"]
      ) { args, _ in
        let then = try args[next]?.schedule ?? .constant
        return Value(ScheduleObject(.warmUp(steps: try args[steps], then: then)))
      })
  }
}
