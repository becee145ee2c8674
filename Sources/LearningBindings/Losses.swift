import Interpreter
import MetricLearning
import NeuralNetworks

extension LearningBindings {
  /// A distance by its name, or one that was learnt.
  package static func metric(_ args: Arguments, _ index: Int) throws -> Metric {
    if let learnt = args[index].asObject(MetricObject.self) { return learnt.metric }
    let word = try args.string(index, oneOf: Metric.named.map(\.name))
    return Metric.named.first { $0.name == word }?.metric ?? .euclidean
  }

  /// Every loss, from what it says of itself.
  static func registerLosses(_ registry: inout BuiltinRegistry) {
    for declaration in EmbeddingLoss.declarations {
      registry.add(
        Builtin(
          declaration.name, declaration.parameters.map(\.builtin), area: .losses, returns: "loss",
          summary: declaration.summary,
          details: declaration.details, example: declaration.example,
          errors: declaration.parameters.isEmpty || !declaration.errors.isEmpty
            ? declaration.errors : ["a number is out of range"], seeAlso: declaration.seeAlso
        ) { args, context in Value(LossObject(try declaration.make(DeclaredCall(args, context)))) })
    }
  }
}
