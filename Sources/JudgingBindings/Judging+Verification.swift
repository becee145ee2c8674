import CoreLibrary
import Diagnostics
import Interpreter
import LearningBindings
import MetricLearning
import NeuralNetworks

extension JudgingBindings {
  static func registerVerification(_ registry: inout BuiltinRegistry) {
    let judged = TypedParameter.object("pairs", "pairs", as: PairsObject.self, expected: "pairs")
    let folds = TypedParameter.int("folds", in: 2...100_000, default: 10)
    let seed = TypedParameter.seed(namedOnly: true)
    registry.add(
      Builtin(
        "verification", .of(network, judged, folds, seed, distance), area: .judging, returns: "verification",
        summary: "Accuracy on pairs, each fold judged with the threshold from the others.",
        details: """
          The seed draws the folds, each with its share of same and different pairs. The result is the mean accuracy \
          over the folds, and its standard error σ/√folds. ± is half of the 95 % interval that other classes would \
          give; it is found by leaving out the pairs of one class at a time, and is at least 1 − 0.05^(1/C) for C classes \
          where all or no pairs are called rightly. pairs(…) draws with replacement: where they are many for the images, \
          pairs repeat, and the standard error counts each as a new one. The result says so from a quarter of repeats on.
          """,
        example: judgingExample
          + "verification(net, pairs(faces, 100, seed=1), folds=5, seed=2).folds\n#> 5", seeAlso: ["distances"]
      ) { args, context in
        let object = try args.network(network, context)
        let pairs = try args[judged].pairs
        let first = object.network.isBuilt ? 0 : context.nextSeed()
        do {
          let distances = try pairs.distances(object.network, metric: args[distance], seed: first) {
            context.isInterrupted
          }
          return Value(
            VerificationObject(
              try Verification(
                distances: distances, same: pairs.same, folds: try args[folds],
                seed: try args[seed].value(context), classes: pairs.classes),
              remarks: try doubts(pairs, distances)
                + [
                  object.network.learning.overlap(
                    with: pairs.source, items: Set((pairs.first + pairs.second).map(Int.init))
                  ).words
                ].compactMap { $0 }))
        } catch NetworkError.interrupted { throw Interruption() }
      })
    func verified(_ name: String, _ summary: String, _ value: @escaping (Verification) -> Value) {
      registry.add(
        Builtin(
          property: name, of: "verification", area: .judging, summary: summary,
          example: judgingExample + "verification(net, pairs(faces, 100, seed=1), folds=5, seed=2).\(name)",
          seeAlso: ["verification"]
        ) { args, _ in value(try args.receiver(VerificationObject.self).verification) })
    }
    verified("accuracy", "Mean accuracy over the folds.") { Value($0.accuracy) }
    verified("error", "Standard error over the folds.") { Value($0.standardError) }
    verified("margin", "Half of the 95 % interval of the accuracy.") { $0.margin.map { Value($0) } ?? .none }
    verified("threshold", "Mean threshold over the folds.") { Value($0.threshold) }
    verified("folds", "How many folds there were.") { Value($0.folds.count) }
  }

  /// What stands in the way of believing a figure about pairs, in words.
  private static func doubts(_ pairs: Pairs, _ distances: [Float]) throws -> [String] {
    var doubts: [String] = []
    let repeats = try pairs.repeats()
    if repeats >= (pairs.count + 3) / 4 {
      doubts.append(
        "\(repeats) of the \(pairs.count) pairs show the same two images as another one: "
          + "the standard error counts them as new")
    }
    let twice = try pairs.showingOneImageTwice()
    if twice > 0 {
      doubts.append(
        "\(twice) of the \(pairs.count) pairs show\(twice == 1 ? "s" : "") one image twice, as a query and in the "
          + "gallery")
    }
    if distances.allSatisfy({ $0 == distances[0] }) {
      doubts.append(DistancesOrigin.collapsedDistances)
    }
    return doubts
  }
}
