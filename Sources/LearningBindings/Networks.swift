import Diagnostics
import Interpreter
import NeuralNetworks
import Tensors

extension LearningBindings {
  static func registerNetworks(_ registry: inout BuiltinRegistry) {
    registerLayers(&registry)
    registerNamedNetworks(&registry)
    registerKnownNetworks(&registry)
    registerAdopting(&registry)
    registerWhitening(&registry)
    registerUnfreezing(&registry)
    registerOptimisers(&registry)
  }

  /// Every layer, from what it says of itself.
  private static func registerLayers(_ registry: inout BuiltinRegistry) {
    for declared in Layer.declarations { registry.add(builtin(of: declared)) }
  }

  private static func builtin(of declared: LayerDeclaration) -> Builtin {
    let declaration = declared.declaration
    // The bare name is the layer between `>>`; a layer that is a function, too, takes a tensor.
    if let layer = declared.function {
      let x = TypedParameter.tensor("x", or: "none")
      return Builtin(
        declaration.name, .of(x), area: .layers, summary: declaration.summary,
        details: declaration.details, example: declaration.example, errors: declaration.errors,
        seeAlso: declaration.seeAlso, composeValue: { _ in Value(LayerObject(layer)) }
      ) { args, context in
        guard let given = try args[x] else { return Value(LayerObject(layer)) }
        return Value(try NetworkObject(Network([layer])).apply(to: given, context))
      }
    }
    var composeValue: ((ExecutionContext) throws -> Value)?
    if declaration.isCompleteByName {
      composeValue = { _ in Value(LayerObject(try declaration.make(DeclaredDefaults()))) }
    }
    return Builtin(
      declaration.name, declaration.parameters.map(\.builtin), area: .layers, returns: "layer",
      summary: declaration.summary, details: declaration.details, example: declaration.example,
      errors: declaration.errors, seeAlso: declaration.seeAlso, composeValue: composeValue
    ) { args, context in
      let call = DeclaredCall(args, context)
      let layer = try declaration.make(call)
      _ = try Network([layer])
      return call.parts.isEmpty
        ? Value(LayerObject(layer)) : try NetworkObject.assembled(layer, of: call.parts, context)
    }
  }
}
