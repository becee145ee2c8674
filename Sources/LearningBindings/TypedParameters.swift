import Interpreter
import MetricLearning

extension TypedParameter<Value> {
  /// A network, or layers that make one: `args.network(parameter, context)` reads it.
  package static func network(_ name: String = "network") -> TypedParameter { .value(name, "network") }

  /// A dataset: `args.imageSource(parameter)` reads it.
  package static func dataset(_ name: String = "dataset") -> TypedParameter { .value(name, "dataset") }
}

extension TypedParameter<Metric> {
  /// `distance=`: one of the named distances, or what a trainer has learnt.
  package static func distance() -> TypedParameter {
    TypedParameter(.optional("distance", "string or distance", default: "euclidean", namedOnly: true)) {
      try metric($0, $1)
    }
  }

  private static func metric(_ args: Arguments, _ place: Int) throws -> Metric {
    if let learnt = args[place].asObject(MetricObject.self) { return learnt.metric }
    let word = try args.string(place, oneOf: Metric.named.map(\.name))
    return Metric.named.first { $0.name == word }?.metric ?? .euclidean
  }
}
