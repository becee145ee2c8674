import CoreLibrary
import Diagnostics
import Interpreter
import MetricLearning
import Tensors

extension JudgingBindings {
  static func registerNeighbourMap(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "tsne",
        [
          .required("points", "tensor [n, axes]"), .optional("perplexity", "number", default: 30),
          .optional("steps", "number", default: 1000, namedOnly: true),
          .optional("seed", "number", "the session's next", namedOnly: true),
        ],
        area: .judging, returns: "tensor",
        summary: "Points of many axes in the plane, near ones near one another, for scatter: t-SNE.",
        details: """
          t-distributed stochastic neighbour embedding, exact (van der Maaten and Hinton 2008): [n, axes] → [n, 2]. \
          perplexity is about how many neighbours count. Groups are to be seen; how far apart they are says little, and other seeds give \
          other pictures. From 3 to 5000 points; time grows with n² · steps, some seconds for a thousand points.
          """,
        example: judgingExample + "tsne(net(faces), perplexity=5, steps=50, seed=1).shape\n#> [30, 2]",
        errors: ["perplexity is not from 1 to below the number of points", "a number is not finite"],
        seeAlso: ["scatter", "clustering"]
      ) { args, context in
        let points = try args.tensor(0)
        guard points.shape.count == 2 else { throw args.mismatch(0, expected: "a tensor of shape [points, axes]") }
        let map = try NeighbourMap(
          points.values, count: points.shape[0], width: points.shape[1], perplexity: try args.number(1),
          steps: try args.int(2, in: 0...100_000), seed: try args.seed(3, context))
        return Value(try Tensor(map.places.map { Float($0) }, shape: [points.shape[0], 2]))
      })
  }
}
