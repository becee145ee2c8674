import Interpreter
import MetricLearning
import NeuralNetworks

extension LearningBindings {
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
