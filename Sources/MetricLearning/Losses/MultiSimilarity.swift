import ElementaryFunctions
import NeuralNetworks

/// mean over anchors that have a positive of
/// (1/α) log(1 + Σₚ exp(−α(s(a, p) − λ))) + (1/β) log(1 + Σₙ exp(β(s(a, n) − λ))). Wang et al. 2019. With
/// `epsilon` only the pairs that their miner keeps: n with s(a, n) > minₚ s(a, p) − ε, p with s(a, p) < maxₙ s(a, n) + ε.
struct MultiSimilarity: SimilarityLoss, LossKind {
  let alpha: Double
  let beta: Double
  let base: Double
  let epsilon: Double?

  static let declaration = Declaration<EmbeddingLoss>(
    "multisimilarity", .positive("alpha", default: 2), .positive("beta", default: 50),
    .number("base", in: -1...1, default: 0.5), .optional("epsilon", in: 0...2),
    summary: "Multi-similarity loss on a batch with labels (Wang et al. 2019).",
    details: """
      mean over anchors of (1/α) log(1 + Σₚ exp(−α(s(a, p) − base))) + (1/β) log(1 + Σₙ exp(β(s(a, n) − base))), s the \
      cosine. Each image that has another of its class in the batch is an anchor; the others are negatives alone. With \
      `epsilon` (0.1 in the paper) only the pairs that its miner keeps: negatives above the least positive − ε, \
      positives below the greatest negative + ε.
      """ + EmbeddingLoss.batchNote, example: "multisimilarity()\n#> multisimilarity(alpha=2, beta=50, base=0.5)",
    seeAlso: ["supcon", "circle"]
  ) { .multiSimilarity(alpha: $0, beta: $1, base: $2, epsilon: $3) }

  var text: String {
    let mining = epsilon.map { ", epsilon=\(EmbeddingLoss.shown($0))" } ?? ""
    return "multisimilarity(alpha=\(EmbeddingLoss.shown(alpha)), beta=\(EmbeddingLoss.shown(beta)), "
      + "base=\(EmbeddingLoss.shown(base))\(mining))"
  }

  var countsLonely: Bool { true }
  var takesMiner: Bool { epsilon == nil }

  func anchorLoss(
    _ s: UnsafeBufferPointer<Float>, _ slopes: UnsafeMutableBufferPointer<Float>, positives: [Int], negatives: [Int]
  ) -> Double {
    var kept = (positives, negatives)
    if let epsilon {
      let easiest = (positives.map { s[$0] }.min() ?? 0, negatives.map { s[$0] }.max() ?? 0)
      kept.0 = negatives.isEmpty ? [] : positives.filter { Double(s[$0]) < Double(easiest.1) + epsilon }
      kept.1 = negatives.filter { Double(s[$0]) > Double(easiest.0) - epsilon }
    }
    var loss = 0.0
    for (items, rate) in [(kept.0, -alpha), (kept.1, beta)] {
      var greatest = 0.0
      for j in items { greatest = max(greatest, rate * (Double(s[j]) - base)) }
      var sum = Elementary.exp(-greatest)
      for j in items { sum += Elementary.exp(rate * (Double(s[j]) - base) - greatest) }
      loss += (greatest + Elementary.log(sum)) / abs(rate)
      for j in items {
        slopes[j] += Float(Elementary.exp(rate * (Double(s[j]) - base) - greatest) / sum) * (rate < 0 ? -1 : 1)
      }
    }
    return loss
  }
}

extension EmbeddingLoss {
  /// `alpha` and `beta` above 0; `base` a cosine; `epsilon` of the miner, nil: all pairs count.
  public static func multiSimilarity(
    alpha: Double, beta: Double, base: Double, epsilon: Double? = nil
  ) -> EmbeddingLoss {
    EmbeddingLoss(MultiSimilarity(alpha: alpha, beta: beta, base: base, epsilon: epsilon))
  }
}
