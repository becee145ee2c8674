import NeuralNetworks

/// mean over anchors that have a positive of the mean over their positives of
/// −log(exp(s(a, p)/τ) / (exp(s(a, p)/τ) + Σₙ exp(s(a, n)/τ))). Chen, Kornblith, Norouzi and Hinton 2020, the other views of
/// an image being those of its class.
struct NTXent: SimilarityLoss, LossKind {
  let temperature: Double

  static let declaration = Declaration<EmbeddingLoss>(
    "ntxent", .positive("temperature", default: 0.1),
    summary: "Normalised temperature-scaled cross-entropy on a batch with labels (Chen et al. 2020).",
    details: """
      mean over anchors of the mean over p of −log(exp(s(a, p)/τ) / (exp(s(a, p)/τ) + Σₙ exp(s(a, n)/τ))), s the cosine. \
      Each image that has another of its class in the batch is an anchor and counts once, however many positives it has; \
      the others are negatives alone.
      """ + EmbeddingLoss.batchNote, example: "ntxent()\n#> ntxent(temperature=0.1)", seeAlso: ["supcon", "npair"]
  ) { .ntXent(temperature: $0) }

  var text: String { "ntxent(temperature=\(EmbeddingLoss.shown(temperature)))" }

  func anchorLoss(
    _ s: UnsafeBufferPointer<Float>, _ slopes: UnsafeMutableBufferPointer<Float>, positives: [Int], negatives: [Int]
  ) -> Double {
    nPairLoss(s, slopes, positives: positives, negatives: negatives, temperature: Float(temperature))
  }
}

extension EmbeddingLoss {
  /// `temperature` above 0.
  public static func ntXent(temperature: Double) -> EmbeddingLoss { EmbeddingLoss(NTXent(temperature: temperature)) }
}
