import ElementaryFunctions
import NeuralNetworks

/// mean over anchors that have a positive of the mean over their positives of log(1 + Σₙ exp(a·n − a·p)). Sohn 2016.
struct NPair: SimilarityLoss, LossKind {
  static let declaration = Declaration<EmbeddingLoss>(
    "npair", summary: "Loss on a batch with labels, on dot products (Sohn 2016).",
    details: """
      mean over anchors of the mean over p of log(1 + Σₙ exp(a·n − a·p)). Each image that has another of its class in the \
      batch is an anchor and counts once, however many positives it has; the others are negatives alone.
      """ + EmbeddingLoss.batchNote,
    example: "npair()\n#> npair()", seeAlso: ["ntxent", "supcon"]
  ) { .nPair }

  var text: String { "npair()" }
  var usesCosines: Bool { false }

  func anchorLoss(
    _ s: UnsafeBufferPointer<Float>, _ slopes: UnsafeMutableBufferPointer<Float>, positives: [Int], negatives: [Int]
  ) -> Double {
    nPairLoss(s, slopes, positives: positives, negatives: negatives, temperature: 1)
  }
}

/// The mean over the positives of log(1 + Σₙ exp((sₙ − sₚ)/τ)); adds its slopes.
func nPairLoss(
  _ s: UnsafeBufferPointer<Float>, _ slopes: UnsafeMutableBufferPointer<Float>, positives: [Int], negatives: [Int],
  temperature: Float
) -> Double {
  let share = 1 / Float(positives.count)
  var loss = 0.0
  for p in positives {
    // Shifted by the greatest exponent (0 for the 1).
    var greatest: Float = 0
    for j in negatives { greatest = max(greatest, (s[j] - s[p]) / temperature) }
    var sum = Elementary.exp(-greatest)
    for j in negatives { sum += Elementary.exp((s[j] - s[p]) / temperature - greatest) }
    loss += Double(greatest + Elementary.log(sum)) * Double(share)
    for j in negatives {
      let part = Elementary.exp((s[j] - s[p]) / temperature - greatest) / sum * share / temperature
      slopes[j] += part
      slopes[p] -= part
    }
  }
  return loss
}

extension EmbeddingLoss {
  /// On dot products, without a parameter.
  public static let nPair = EmbeddingLoss(NPair())
}
