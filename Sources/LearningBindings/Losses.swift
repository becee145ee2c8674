import Diagnostics
import Interpreter
import MetricLearning

extension LearningBindings {
  private static let batchNote =
    " The trainer draws batches of several images of each class (perclass=); memory: up to four matrices of batch² floats."
  private static let distanceParameter = BuiltinParameter.optional(
    "distance", "string", "\"euclidean\"", namedOnly: true)

  static func positive(_ args: Arguments, _ index: Int, _ fallback: Double) throws -> Double {
    let value = try args.number(index, default: fallback)
    guard value > 0, value.isFinite else { throw args.mismatch(index, expected: "a number above 0") }
    return value
  }

  /// A distance by its name, or one that was learnt.
  package static func metric(_ args: Arguments, _ index: Int) throws -> Metric {
    if let learnt = args[index].asObject(MetricObject.self) { return learnt.metric }
    let word = try args.string(index, oneOf: Metric.named.map(\.name), default: "euclidean")
    return Metric.named.first { $0.name == word }?.metric ?? .euclidean
  }

  private static func loss(
    _ name: String, _ parameters: [BuiltinParameter], _ summary: String, _ details: String, shown: String,
    call: String? = nil, seeAlso: [String], _ make: @escaping (Arguments) throws -> EmbeddingLoss
  ) -> Builtin {
    Builtin(
      name, parameters, area: .losses, summary: summary, details: details,
      example: "\(call ?? name + "()")\n#> \(shown)", errors: ["a number is out of range"], seeAlso: seeAlso
    ) { args, _ in Value(LossObject(try make(args))) }
  }

  static func registerLosses(_ registry: inout BuiltinRegistry) {
    registerPairLosses(&registry)
    registerDistanceLosses(&registry)
    registerSimilarityLosses(&registry)
  }

  private static func registerPairLosses(_ registry: inout BuiltinRegistry) {
    registry.add(
      loss(
        "contrastive", [.optional("margin", "number", "1"), distanceParameter],
        "Loss on pairs: draws the same together, pushes the different a margin apart.",
        """
        mean(y·d² + (1 − y)·max(margin − d, 0)²), y = 1 for same, d the distance of the two embeddings: "euclidean", \
        "squared", "cosine", "l1" or "snr". Hadsell, Chopra and LeCun 2006.
        """, shown: "contrastive(margin=1)", seeAlso: ["triplet", "weightedl1", "pairs", "trainer"]
      ) { .contrastive(margin: try positive($0, 0, 1), metric: try metric($0, 1)) })
    registry.add(
      loss(
        "weightedl1", [], "Loss on pairs with a learnt distance, as in Koch's siamese network.",
        """
        −log p for same and −log(1 − p) for different pairs, p = σ(Σ αₖ |aₖ − bₖ| + bias); α and bias are learnt with \
        the network. loop.distance is 1 − p, to judge with: distances(net, data, distance=loop.distance). Koch, Zemel \
        and Salakhutdinov 2015.
        """, shown: "weightedl1()", seeAlso: ["koch", "contrastive", "trainer.distance"]
      ) { _ in .weightedL1 })
    registry.add(
      loss(
        "crossentropy", [.optional("smoothing", "number", "0")],
        "Loss for classification: the network ends with one output for each class.",
        """
        −log softmax(outputs)[class], the mean over the batch. `smoothing` gives each class that share of the target \
        divided by the number of outputs.
        """, shown: "crossentropy()", seeAlso: ["trainer", "cosface"]
      ) { .crossEntropy(smoothing: try $0.number(0, in: 0...0.99, default: 0)) })
  }

  private static func registerDistanceLosses(_ registry: inout BuiltinRegistry) {
    func mining(_ args: Arguments, _ index: Int, _ fallback: EmbeddingLoss.Mining) throws -> EmbeddingLoss.Mining {
      let words = EmbeddingLoss.Mining.allCases.map(\.rawValue)
      return EmbeddingLoss.Mining(rawValue: try args.string(index, oneOf: words, default: fallback.rawValue))
        ?? fallback
    }
    registry.add(
      loss(
        "triplet",
        [
          .optional("margin", "number", "0.2"), .optional("mining", "string", "\"semihard\""), distanceParameter,
        ], "Loss on a batch with labels: the positive has to be nearer than the negative.",
        """
        mean(max(d(a, p) − d(a, n) + margin, 0)). mining="all": the mean over all triplets that violate the margin; \
        "semihard": for each anchor and positive the nearest negative beyond the positive, or the farthest where \
        there is none (Schroff et al. 2015); "hard": for each anchor the farthest positive and the nearest negative \
        (Hermans et al. 2017); "distance": for each anchor and positive one negative, near and far ones with equal \
        chance (Wu et al. 2017; for embeddings of length 1).
        """ + batchNote, shown: "triplet(margin=0.2, mining=\"hard\")", call: "triplet(0.2, mining=\"hard\")",
        seeAlso: ["contrastive", "marginloss", "supcon"]
      ) { .triplet(margin: try positive($0, 0, 0.2), mining: try mining($0, 1, .semihard), metric: try metric($0, 2)) })
    registry.add(
      loss(
        "marginloss",
        [
          .optional("margin", "number", "0.2"), .optional("beta", "number", "1.2"),
          .optional("mining", "string", "\"distance\""),
        ], "Loss on a batch with labels: same pairs within, different ones beyond a learnt boundary.",
        """
        max(d(a, p) − β + margin, 0) for positives and max(β − d(a, n) + margin, 0) for negatives, the mean over those \
        above 0. β is learnt from `beta`. mining="distance" draws one negative for each anchor and positive, near and far \
        ones with equal chance (for embeddings of length 1); "hard" takes the nearest, "semihard" the nearest beyond \
        the positives, "all" all. Wu, Manmatha, Smola and Krähenbühl 2017.
        """ + batchNote, shown: "marginloss(margin=0.2, beta=1.2, mining=\"distance\")", seeAlso: ["triplet", "lifted"]
      ) {
        .margin(margin: try positive($0, 0, 0.2), beta: try positive($0, 1, 1.2), mining: try mining($0, 2, .distance))
      })
    registry.add(
      loss(
        "lifted", [.optional("margin", "number", "1")],
        "Lifted structure loss on a batch with labels: each same pair against all negatives of both.",
        """
        mean over same pairs (i, j) of ½ max(J, 0)², J = d(i, j) + log(Σₙ exp(margin − d(i, n)) + Σₙ exp(margin − \
        d(j, n))). Oh Song, Xiang, Jegelka and Savarese 2016.
        """ + batchNote, shown: "lifted(margin=1)", seeAlso: ["npair", "triplet"]
      ) { .lifted(margin: try positive($0, 0, 1)) })
    registry.add(
      loss(
        "prototypical", [.optional("shots", "number", "1")],
        "Loss of episodes: in each batch, some images of a class make its prototype, the others ask.",
        """
        The first `shots` images of a class in the batch make its prototype, their mean; for the others −log softmax \
        over the prototypes of −|x − c|². Use perclass above shots. Snell, Swersky and Zemel 2017.
        """, shown: "prototypical(shots=1)", seeAlso: ["episodes", "supcon"]
      ) { .prototypical(shots: try $0.int(0, in: 1...1023, default: 1)) })
  }

  private static func registerSimilarityLosses(_ registry: inout BuiltinRegistry) {
    registry.add(
      loss(
        "npair", [], "Loss on a batch with labels, on dot products (Sohn 2016).",
        "mean over anchors and positives of log(1 + Σₙ exp(a·n − a·p))." + batchNote, shown: "npair()",
        seeAlso: ["ntxent", "supcon"]
      ) { _ in .nPair })
    registry.add(
      loss(
        "ntxent", [.optional("temperature", "number", "0.1")],
        "Normalised temperature-scaled cross-entropy on a batch with labels (Chen et al. 2020).",
        """
        mean over anchors and positives of −log(exp(s(a, p)/τ) / (exp(s(a, p)/τ) + Σₙ exp(s(a, n)/τ))), s the cosine.
        """ + batchNote, shown: "ntxent(temperature=0.1)", seeAlso: ["supcon", "npair"]
      ) { .ntXent(temperature: try positive($0, 0, 0.1)) })
    registry.add(
      loss(
        "supcon", [.optional("temperature", "number", "0.1")],
        "Supervised contrastive loss on a batch with labels (Khosla et al. 2020).",
        """
        For each anchor the mean over its positives of −log(exp(s(a, p)/τ) / Σ_{k≠a} exp(s(a, k)/τ)), s the cosine.
        """ + batchNote, shown: "supcon(temperature=0.1)", call: "supcon(0.1)", seeAlso: ["ntxent", "multisimilarity"]
      ) { .supervisedContrastive(temperature: try positive($0, 0, 0.1)) })
    registry.add(
      loss(
        "multisimilarity",
        [
          .optional("alpha", "number", "2"), .optional("beta", "number", "50"), .optional("base", "number", "0.5"),
          .optional("epsilon", "number", "none"),
        ], "Multi-similarity loss on a batch with labels (Wang et al. 2019).",
        """
        mean((1/α) log(1 + Σₚ exp(−α(s(a, p) − base))) + (1/β) log(1 + Σₙ exp(β(s(a, n) − base)))), s the cosine. With \
        `epsilon` (0.1 in the paper) only the pairs that its miner keeps: negatives above the least positive − ε, \
        positives below the greatest negative + ε.
        """ + batchNote, shown: "multisimilarity(alpha=2, beta=50, base=0.5)", seeAlso: ["supcon", "circle"]
      ) {
        .multiSimilarity(
          alpha: try positive($0, 0, 2), beta: try positive($0, 1, 50),
          base: try $0.number(2, in: -1...1, default: 0.5),
          epsilon: $0.isGiven(3) ? try $0.number(3, in: 0...2) : nil)
      })
    registry.add(
      loss(
        "circle", [.optional("margin", "number", "0.25"), .optional("gamma", "number", "80")],
        "Circle loss on a batch with labels: each similarity pulled as hard as it is wrong (Sun et al. 2020).",
        """
        mean of log(1 + Σₙ exp(γ αₙ (s(a, n) − m)) · Σₚ exp(−γ αₚ (s(a, p) − 1 + m))), αₙ = max(s(a, n) + m, 0) and αₚ = \
        max(1 + m − s(a, p), 0) counting as constants in the gradient, s the cosine.
        """ + batchNote, shown: "circle(margin=0.25, gamma=80)", seeAlso: ["multisimilarity", "supcon"]
      ) { .circle(margin: try $0.number(0, in: 0...0.99, default: 0.25), gamma: try positive($0, 1, 80)) })
  }
}
