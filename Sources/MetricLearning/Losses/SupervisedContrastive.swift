import ElementaryFunctions
import NeuralNetworks

/// For each anchor the mean over its positives of −log(exp(s(a, p)/τ) / Σ_{k≠a} exp(s(a, k)/τ)). Khosla et al. 2020.
struct SupervisedContrastive: SimilarityLoss, LossKind {
  let temperature: Double

  static let declaration = Declaration<EmbeddingLoss>(
    "supcon", .positive("temperature", default: 0.1),
    summary: "Supervised contrastive loss on a batch with labels (Khosla et al. 2020).",
    details: """
      For each anchor the mean over its positives of −log(exp(s(a, p)/τ) / Σ_{k≠a} exp(s(a, k)/τ)), s the cosine.
      """ + EmbeddingLoss.batchNote, example: "supcon(0.1)\n#> supcon(temperature=0.1)",
    seeAlso: ["ntxent", "multisimilarity"]
  ) { .supervisedContrastive(temperature: $0) }

  var text: String { "supcon(temperature=\(EmbeddingLoss.shown(temperature)))" }

  func anchorLoss(
    _ s: UnsafeBufferPointer<Float>, _ slopes: UnsafeMutableBufferPointer<Float>, positives: [Int], negatives: [Int]
  ) -> Double {
    let temperature = Float(temperature)
    var greatest = -Float.infinity
    for j in positives { greatest = max(greatest, s[j]) }
    for j in negatives { greatest = max(greatest, s[j]) }
    var sum: Float = 0
    for list in [positives, negatives] {
      for j in list {
        slopes[j] = Elementary.exp((s[j] - greatest) / temperature)
        sum += slopes[j]
      }
    }
    let scale = 1 / (sum * temperature)
    for list in [positives, negatives] { for j in list { slopes[j] *= scale } }
    let share = 1 / Float(positives.count)
    let logSum = greatest / temperature + Elementary.log(sum)
    var loss = 0.0
    for p in positives {
      loss -= Double(s[p] / temperature - logSum) * Double(share)
      slopes[p] -= share / temperature
    }
    return loss
  }
}

extension EmbeddingLoss {
  /// `temperature` above 0.
  public static func supervisedContrastive(temperature: Double) -> EmbeddingLoss {
    EmbeddingLoss(SupervisedContrastive(temperature: temperature))
  }
}
