import Interpreter
import NeuralNetworks

extension LearningBindings {
  static func registerUnfreezing(_ registry: inout BuiltinRegistry) {
    let network = TypedParameter.network()
    registry.add(
      Builtin(
        "unfreeze", .of(network), area: .layers, returns: "network",
        summary: "Another network with the same layers and weights, all of which learn again.",
        details: """
          What stands in freeze stands by itself again. What is frozen within other blocks (residual, parallel) stays so. \
          The network given stays as it is.
          """,
        example: """
          net = freeze(conv(4, 3) >> relu >> flatten) >> dense(2)
          unfreeze(net).layers
          #> [conv(4, 3), relu, flatten, dense(2)]
          """, seeAlso: ["freeze", "network.copy"]
      ) { args, context in
        Value(NetworkObject(try args.network(network, context).network.unfrozen()))
      })
  }
}
