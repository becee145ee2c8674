import Diagnostics
import Interpreter
import MetricLearning
import NeuralNetworks

extension LearningBindings {
  static func registerTraining(_ registry: inout BuiltinRegistry) {
    registerLosses(&registry)
    registerPairs(&registry)
    registerTrainer(&registry)
    registerLearnt(&registry)
    registerSweep(&registry)
  }

  private static func registerPairs(_ registry: inout BuiltinRegistry) {
    let dataset = TypedParameter.dataset()
    let count = TypedParameter.int("count", in: 1...Pairs.limit)
    let seed = TypedParameter.seed(namedOnly: true)
    let same = TypedParameter.number("same", in: 0...1, default: 0.5, namedOnly: true)
    let gallery = TypedParameter.value("gallery", "dataset", or: "the dataset itself", namedOnly: true)
    registry.add(
      Builtin(
        "pairs", .of(dataset, count, seed, same, gallery), area: .data,
        summary: "Draws pairs of images, a share of them of the same class.",
        details: """
          A pair is two indexes into the dataset, so that no image is copied. For a same pair, the function draws a \
          class with two images or more, then two of its images. For a different pair it draws two classes, then an \
          image of each. gallery=other takes the second image of each pair from another dataset: then queries and \
          known images are separate sets, in training and in verification. Two classes are the same if they have the \
          same name. Indexes of the gallery's images follow those of the first dataset.
          """,
        example: """
          p = pairs(glyphs(5, 4, seed=1), 100, seed=2)
          p
          #> 100 pairs, 50 same and 50 different, of 20 images of 5 classes
          """,
        errors: ["no class has two images", "there is one class only"], seeAlso: ["trainer", "contrastive"]
      ) { args, context in
        let (source, _) = try args.imageSource(dataset)
        let count = try args[count]
        let share = try args[same]
        let seed = try args[seed].value(context)
        if args.isGiven(gallery) {
          let joined = try JoinedSource(source, gallery: try args.imageSource(gallery).source, function: "pairs")
          return Value(PairsObject(try Pairs(joined, count: count, seed: seed, same: share)))
        }
        let single = Pairs.classesOfOneImage(source)
        if !single.isEmpty { context.output.warn(TrainingWarning.classesOfOneImage(single).explanation) }
        return Value(PairsObject(try Pairs(source, count: count, seed: seed, same: share)))
      })
    registry.add(
      Builtin(
        property: "count", of: "pairs", area: .data, summary: "How many pairs there are.",
        example: "pairs(glyphs(5, 4, seed=1), 100, seed=2).count\n#> 100"
      ) { args, _ in Value(try args.receiver(PairsObject.self).pairs.count) })
    registerPairsMembers(&registry)
    let fraction = TypedParameter.number("fraction")
    registry.add(
      Builtin(
        method: "split", of: "pairs", .of(fraction, seed), area: .data, returns: "list",
        summary: "Two parts by pair: the first has the fraction, the second all the rest, as dataset.split has it.",
        details: "Both parts show the same classes: what the second measures says nothing about strangers.",
        example: """
          learn, held = pairs(glyphs(5, 4, seed=1), 100, seed=2).split(0.75, seed=3)
          held.count
          #> 25
          """, seeAlso: ["dataset.split"]
      ) { args, context in
        let pairs = try args.receiver(PairsObject.self).pairs
        let share = try args[fraction]
        guard share > 0, share < 1, pairs.count >= 2 else {
          throw args.mismatch(fraction, expected: "a share between 0 and 1 of 2 pairs or more")
        }
        let (learn, held) = try pairs.split(fraction: 1 - share, seed: try args[seed].value(context))
        let shared = learn.sharedClasses(with: held)
        if shared > 0 { context.output.warn(TrainingWarning.partsShareClasses(shared).explanation) }
        return Value([Value(PairsObject(learn)), Value(PairsObject(held))])
      })
  }
}
