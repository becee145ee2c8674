import CoreLibrary
import Diagnostics
import Interpreter
import MetricLearning
import Tensors

extension JudgingBindings {
  static func registerNeighbourMap(_ registry: inout BuiltinRegistry) {
    let points = TypedParameter.tensor("points", "tensor [n, axes]")
    let perplexity = TypedParameter.number("perplexity", default: 30)
    let steps = TypedParameter.int("steps", in: 0...100_000, default: 1000, namedOnly: true)
    let seed = TypedParameter.seed(namedOnly: true)
    registry.add(
      Builtin(
        "tsne", .of(points, perplexity, steps, seed), area: .judging, returns: "tensor",
        summary: "Points of many axes in the plane, near ones near one another, for scatter: t-SNE.",
        details: """
          t-distributed stochastic neighbour embedding, exact (van der Maaten and Hinton 2008): [n, axes] → [n, 2]. \
          perplexity is about how many neighbours count. Groups are to be seen; how far apart they are says little, and other seeds give \
          other pictures. From 3 to 5000 points, of which up to 30 want a smaller perplexity; time grows with n² · steps, some seconds for a thousand points.
          """,
        example: judgingExample + "tsne(net(faces), perplexity=5, steps=50, seed=1).shape\n#> [30, 2]",
        errors: ["perplexity is not from 1 to below the number of points", "a number is not finite"],
        seeAlso: ["scatter", "clustering"]
      ) { args, context in
        let rows = try args[points]
        guard rows.shape.count == 2 else { throw args.mismatch(points, expected: "a tensor of shape [points, axes]") }
        let count = rows.shape[0]
        if !args.isGiven(perplexity), (3...30).contains(count) {
          throw ArgumentError(
            points, "tsne: \(count) points are too few for the usual perplexity of 30",
            help: "tsne(x, perplexity=\(max(1, (count - 1) / 3))) counts fewer neighbours")
        }
        let map = try NeighbourMap(
          rows.values, count: rows.shape[0], width: rows.shape[1], perplexity: try args[perplexity],
          steps: try args[steps], seed: try args[seed].value(context))
        return Value(try Tensor(map.places.map { Float($0) }, shape: [rows.shape[0], 2]))
      })
  }
}
