import Diagnostics
import Interpreter
import MetricLearning
import NeuralNetworks

extension StandardLibrary {
  static func registerTraining(_ registry: inout BuiltinRegistry) {
    registerLosses(&registry)
    registerPairs(&registry)
    registerTrainer(&registry)
  }

  private static func positive(_ args: Arguments, _ index: Int, _ fallback: Double) throws -> Double {
    let value = try args.number(index, default: fallback)
    guard value > 0, value.isFinite else { throw args.mismatch(index, expected: "a number above 0") }
    return value
  }

  private static func registerLosses(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "contrastive", [.optional("margin", "number", "1")], area: .losses,
        summary: "Loss on pairs: draws the same together, pushes the different a margin apart.",
        details: """
          mean(y·d² + (1 − y)·max(margin − d, 0)²), y = 1 for same, d the Euclidean distance of the two embeddings. \
          Hadsell, Chopra and LeCun 2006.
          """,
        example: "contrastive(margin=1)\n#> contrastive(margin=1)", errors: ["margin must be a number above 0"],
        seeAlso: ["triplet", "pairs", "trainer"]
      ) { args, _ in Value(LossObject(.contrastive(margin: try positive(args, 0, 1)))) })
    registry.add(
      Builtin(
        "triplet", [.optional("margin", "number", "0.2"), .optional("mining", "string", "\"semihard\"")],
        area: .losses, summary: "Loss on a batch with labels: the positive has to be nearer than the negative.",
        details: """
          mean(max(d(a, p) − d(a, n) + margin, 0)). mining="all": the mean over all triplets that violate the margin; \
          "semihard": for each anchor and positive the nearest negative beyond the positive, or the farthest where \
          there is none (Schroff et al. 2015); "hard": for each anchor the farthest positive and the nearest negative \
          (Hermans et al. 2017). The trainer draws batches of several images per class.
          """,
        example: "triplet(0.2, mining=\"hard\")\n#> triplet(margin=0.2, mining=\"hard\")",
        seeAlso: ["contrastive", "supcon"]
      ) { args, _ in
        let word = try args.string(1, oneOf: EmbeddingLoss.Mining.allCases.map(\.rawValue), default: "semihard")
        return Value(
          LossObject(
            .triplet(margin: try positive(args, 0, 0.2), mining: EmbeddingLoss.Mining(rawValue: word) ?? .semihard)))
      })
    registry.add(
      Builtin(
        "crossentropy", [.optional("smoothing", "number", "0")], area: .losses,
        summary: "Loss for classification: the network ends with one output for each class.",
        details: """
          −log softmax(outputs)[class], the mean over the batch. `smoothing` gives each class that share of the target \
          divided by the number of outputs.
          """,
        example: "crossentropy()\n#> crossentropy()", seeAlso: ["trainer"]
      ) { args, _ in
        Value(LossObject(.crossEntropy(smoothing: try args.number(0, in: 0...0.99, default: 0))))
      })
    registry.add(
      Builtin(
        "npair", [], area: .losses, summary: "Loss on a batch with labels, on dot products (Sohn 2016).",
        details: "mean over anchors and positives of log(1 + Σₙ exp(a·n − a·p)).", example: "npair()\n#> npair()",
        seeAlso: ["supcon", "triplet"]
      ) { _, _ in Value(LossObject(.nPair)) })
    registry.add(
      Builtin(
        "supcon", [.optional("temperature", "number", "0.1")], area: .losses,
        summary: "Supervised contrastive loss on a batch with labels (Khosla et al. 2020).",
        details: """
          For each anchor the mean over its positives of −log(exp(s(a, p)/τ) / Σ_{k≠a} exp(s(a, k)/τ)), s the cosine. \
          With perclass=2 in the trainer it is NT-Xent (Chen et al. 2020).
          """,
        example: "supcon(0.1)\n#> supcon(temperature=0.1)", seeAlso: ["npair", "multisimilarity"]
      ) { args, _ in Value(LossObject(.supervisedContrastive(temperature: try positive(args, 0, 0.1)))) })
    registry.add(
      Builtin(
        "multisimilarity",
        [.optional("alpha", "number", "2"), .optional("beta", "number", "50"), .optional("base", "number", "0.5")],
        area: .losses, summary: "Multi-similarity loss on a batch with labels (Wang et al. 2019).",
        details: """
          mean((1/α) log(1 + Σₚ exp(−α(s(a, p) − base))) + (1/β) log(1 + Σₙ exp(β(s(a, n) − base)))), s the cosine.
          """,
        example: "multisimilarity()\n#> multisimilarity(alpha=2, beta=50, base=0.5)", seeAlso: ["supcon"]
      ) { args, _ in
        Value(
          LossObject(
            .multiSimilarity(
              alpha: try positive(args, 0, 2), beta: try positive(args, 1, 50),
              base: try args.number(2, in: -1...1, default: 0.5))))
      })
  }

  private static func registerPairs(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "pairs",
        [
          .required("dataset", "dataset"), .required("count", "number"),
          .optional("seed", "number", "the session's next", namedOnly: true),
          .optional("same", "number", "0.5", namedOnly: true),
        ],
        area: .data, summary: "Draws pairs of images, a share of them of the same class.",
        details: """
          A pair is two indexes into the dataset, never a copy of images. Same: a class with two images or more, each \
          as likely, then two of its images. Different: two classes, then an image of each.
          """,
        example: """
          p = pairs(glyphs(5, 4, seed=1), 100, seed=2)
          p
          #> 100 pairs, 50 same and 50 different, of 20 images of 5 classes
          """,
        errors: ["no class has two images", "there is one class only"], seeAlso: ["trainer", "contrastive"]
      ) { args, context in
        let (source, _) = try args.imageSource(0)
        let count = try args.int(1, in: 1...Pairs.limit)
        let share = try args.number(3, in: 0...1, default: 0.5)
        let lonely = Pairs.lonelyClasses(source)
        if !lonely.isEmpty { context.output.warn(TrainingWarning.lonely(lonely).explanation) }
        return Value(PairsObject(try Pairs(source, count: count, seed: try args.seed(2, context), same: share)))
      })
    registry.add(
      Builtin(
        property: "count", of: "pairs", area: .data, summary: "How many pairs there are.",
        example: "pairs(glyphs(5, 4, seed=1), 100, seed=2).count\n#> 100"
      ) { args, _ in Value(try args.receiver(PairsObject.self).pairs.count) })
    registerPairsMembers(&registry)
    registry.add(
      Builtin(
        method: "split", of: "pairs",
        [.required("fraction", "number"), .optional("seed", "number", "the session's next", namedOnly: true)],
        area: .data,
        summary: "Two parts by pair: the first has the fraction, the second all the rest, as dataset.split has it.",
        details: "Both parts show the same classes: what the second measures says nothing about strangers.",
        example: """
          learn, held = pairs(glyphs(5, 4, seed=1), 100, seed=2).split(0.75, seed=3)
          held.count
          #> 25
          """, seeAlso: ["dataset.split"]
      ) { args, context in
        let pairs = try args.receiver(PairsObject.self).pairs
        let fraction = try args.number(0)
        guard fraction > 0, fraction < 1, pairs.count >= 2 else {
          throw args.mismatch(0, expected: "a share between 0 and 1 of 2 pairs or more")
        }
        let (learn, held) = try pairs.split(fraction: 1 - fraction, seed: try args.seed(1, context))
        let shared = learn.sharedClasses(with: held)
        if shared > 0 { context.output.warn(TrainingWarning.sharedClasses(shared).explanation) }
        return Value([Value(PairsObject(learn)), Value(PairsObject(held))])
      })
  }
}
