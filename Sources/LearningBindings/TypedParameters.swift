import Interpreter
import MetricLearning
import NeuralNetworks

extension TypedParameter<Metric> {
  /// `distance=`: one of the named distances, or what a trainer has learnt.
  package static func distance() -> TypedParameter {
    TypedParameter(.optional("distance", "string or distance", default: "euclidean", namedOnly: true)) {
      try LearningBindings.metric($0, $1)
    }
  }
}

extension Arguments {
  /// A network, or layers that make one.
  package func network(_ parameter: TypedParameter<Value>, _ context: ExecutionContext) throws -> NetworkObject {
    try NetworkObject.argument(self, place(of: parameter), context)
  }

  /// Images for a network: an image, a dataset, or a tensor of one image or several.
  package func images(
    _ parameter: TypedParameter<Value>, for network: Network, as use: ImageUse = .query
  ) throws -> (values: [Float], shape: [Int]) {
    try images(place(of: parameter), for: network, as: use)
  }
}
