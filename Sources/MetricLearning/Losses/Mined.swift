import NeuralNetworks

/// A loss over the pairs of a batch that a miner chooses.
struct Mined: BatchLoss, LossKind {
  /// Compares pairs of a batch.
  let loss: EmbeddingLoss
  let mining: EmbeddingLoss.PairMining

  private enum Name: String, CaseIterable {
    case hard, semihard, distance, multisimilarity, angular
  }

  static let declaration = Declaration<EmbeddingLoss>(
    "mine", .loss, .word("mining", default: Name.hard), .optional("epsilon", in: 0...2),
    .optional("angle", in: 0.1...89),
    summary: "A loss over those pairs of a batch alone that teach most.",
    details: """
      For each image of the batch a miner chooses some of its positives and negatives, by the embeddings at length 1; the \
      loss sees no others. mining="hard": the farthest positive and the nearest negative (Hermans et al. 2017); \
      "semihard": all positives, and for each the nearest negative beyond it, or the farthest negative if there is none \
      (Schroff et al. 2015); "distance": all positives, and for each one negative, near and far ones with equal chance (Wu \
      et al. 2017); "multisimilarity": negatives above the least similar positive − epsilon (0.1), positives below the most \
      similar negative + epsilon (Wang et al. 2019); "angular": the triplets whose angle at the negative is above \
      angle (20 degrees), |a − p| over twice the negative's distance from the middle of both being its tangent (Wang et al. \
      2017). Images of which nothing is chosen do not count. It takes every loss that compares a batch's pairs and does not \
      choose by itself; losses with proxies, prototypes or ranks have no pairs to choose from.
      """ + EmbeddingLoss.batchNote,
    example: """
      mine(supcon(), mining="multisimilarity")
      #> mine(supcon(temperature=0.1), mining="multisimilarity", epsilon=0.1)
      """,
    errors: ["the loss compares no pairs of a batch, or chooses by itself (triplet(mining=\"hard\"))"],
    seeAlso: ["triplet", "marginloss", "multisimilarity", "crossbatch"]
  ) { loss, name, epsilon, angle in
    func refuse(_ argument: String, _ value: Double?, unless fits: Bool, _ word: String) throws(MetricError) {
      guard let value, !fits else { return }
      throw .outOfRange(
        function: "mine", argument: argument, got: EmbeddingLoss.shown(value),
        expected: "given with mining=\"\(word)\" alone")
    }
    try refuse("epsilon", epsilon, unless: name == .multisimilarity, "multisimilarity")
    try refuse("angle", angle, unless: name == .angular, "angular")
    let mining: EmbeddingLoss.PairMining =
      switch name {
      case .hard: .hard
      case .semihard: .semihard
      case .distance: .distance
      case .multisimilarity: .multiSimilarity(epsilon: epsilon ?? 0.1)
      case .angular: .angular(degrees: angle ?? 20)
      }
    return try loss.mined(by: mining)
  }

  var text: String {
    let words =
      switch mining {
      case .hard: "hard\""
      case .semihard: "semihard\""
      case .distance: "distance\""
      case .multiSimilarity(let epsilon): "multisimilarity\", epsilon=\(EmbeddingLoss.shown(epsilon))"
      case .angular(let degrees): "angular\", angle=\(EmbeddingLoss.shown(degrees))"
      }
    return "mine(\(loss.text), mining=\"\(words))"
  }
  var comparesBatch: Bool { true }
  var comparesPairs: Bool { true }
  var takesMiner: Bool { false }
  var isMined: Bool { true }
  var draws: Bool { loss.draws || mining == .distance }
  func arrays(classes: Int, width: Int) -> [LossArray] { loss.kind.arrays(classes: classes, width: width) }
  func learntMetric(_ parameters: LossParameters) -> Metric? { loss.kind.learntMetric(parameters) }

  func value(_ batch: LabelledBatch) throws(MetricError) -> Double {
    guard let kind = loss.kind as? any BatchLoss else { throw .needsPairs(loss: loss.text) }
    let classes = batch.classes
    guard classes.hasPositive.contains(true) else { throw .noPositives(function: text) }
    var part = batch
    part.chosen = PairMiner(mining, batch).chosen(of: classes)
    return try kind.value(part)
  }
}

extension EmbeddingLoss {
  /// This loss over what a miner chooses of each batch.
  ///
  /// - Throws: `needsPairwise` for a loss that compares no pairs, `minesItself` for one that chooses already.
  public func mined(by mining: PairMining) throws(MetricError) -> EmbeddingLoss {
    guard kind.comparesPairs else { throw .needsPairwise(function: "mine", loss: text) }
    guard kind.takesMiner else {
      throw .minesItself(
        loss: text,
        help: kind is SmoothAP
          ? "smoothap ranks all images of a batch: use it as it is"
          : "let it choose all, as in triplet(mining=\"all\"), marginloss(mining=\"all\") and multisimilarity() have it; "
            + "crossbatch(mine(…)) chooses from the memory, too")
    }
    return EmbeddingLoss(Mined(loss: self, mining: mining))
  }
}
