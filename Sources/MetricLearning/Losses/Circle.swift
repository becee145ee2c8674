import ElementaryFunctions
import NeuralNetworks

/// mean of log(1 + Σₙ exp(γ αₙ (s(a, n) − m)) · Σₚ exp(−γ αₚ (s(a, p) − 1 + m))), αₙ = max(s(a, n) + m, 0),
/// αₚ = max(1 + m − s(a, p), 0); the α count as constants in the gradient. Sun et al. 2020.
struct Circle: SimilarityLoss, LossKind {
  let margin: Double
  let gamma: Double

  static let declaration = Declaration<EmbeddingLoss>(
    "circle", .number("margin", in: 0...0.99, default: 0.25), .positive("gamma", default: 80),
    summary: "Circle loss on a batch with labels: each similarity pulled as hard as it is wrong (Sun et al. 2020).",
    details: """
      mean of log(1 + Σₙ exp(γ αₙ (s(a, n) − m)) · Σₚ exp(−γ αₚ (s(a, p) − 1 + m))), αₙ = max(s(a, n) + m, 0) and αₚ = \
      max(1 + m − s(a, p), 0) counting as constants in the gradient, s the cosine.
      """ + EmbeddingLoss.batchNote, example: "circle()\n#> circle(margin=0.25, gamma=80)",
    seeAlso: ["multisimilarity", "supcon"]
  ) { .circle(margin: $0, gamma: $1) }

  var text: String { "circle(margin=\(EmbeddingLoss.shown(margin)), gamma=\(EmbeddingLoss.shown(gamma)))" }

  func anchorLoss(
    _ s: UnsafeBufferPointer<Float>, _ slopes: UnsafeMutableBufferPointer<Float>, positives: [Int], negatives: [Int]
  ) -> Double {
    // exponents of the positives and negatives; log(1 + Σₚ · Σₙ) = softplus(log Σₚ + log Σₙ).
    func logSum(_ items: [Int], _ exponent: (Double) -> Double) -> Double {
      let greatest = items.map { exponent(Double(s[$0])) }.max() ?? 0
      return greatest + Elementary.log(items.reduce(0) { $0 + Elementary.exp(exponent(Double(s[$1])) - greatest) })
    }
    guard !negatives.isEmpty else { return 0 }
    let near: (Double) -> Double = { -gamma * max(1 + margin - $0, 0) * ($0 - 1 + margin) }
    let far: (Double) -> Double = { gamma * max($0 + margin, 0) * ($0 - margin) }
    let (p, q) = (logSum(positives, near), logSum(negatives, far))
    let z = p + q
    let loss = Elementary.softplus(z)
    let steep = Elementary.sigmoid(z)
    for j in positives {
      let x = Double(s[j])
      slopes[j] = Float(-steep * Elementary.exp(near(x) - p) * gamma * max(1 + margin - x, 0))
    }
    for j in negatives {
      let x = Double(s[j])
      slopes[j] = Float(steep * Elementary.exp(far(x) - q) * gamma * max(x + margin, 0))
    }
    return loss
  }
}

extension EmbeddingLoss {
  /// `margin` of the cosine, from 0 to below 1; `gamma` above 0.
  public static func circle(margin: Double, gamma: Double) -> EmbeddingLoss {
    EmbeddingLoss(Circle(margin: margin, gamma: gamma))
  }
}
