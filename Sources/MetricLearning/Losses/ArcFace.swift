import ElementaryFunctions
import NeuralNetworks

/// Softmax cross-entropy of scale·cos θ to each class's proxy, with cos(θ + margin) for the own (cos θ − margin·sin
/// margin where θ + margin > π). Deng, Guo, Xue and Zafeiriou 2019.
struct ArcFace: ProxyLoss {
  let margin: Double
  let scale: Double

  static let declaration = Declaration<EmbeddingLoss>(
    "arcface", .number("margin", in: 0...1.5, default: 0.5), .positive("scale", default: 64),
    summary: "Loss on labels: softmax of angles to the classes' proxies, the own one a margin harder.",
    details: """
      Softmax cross-entropy of scale·cos θ, with cos(θ + margin) for the own class, and cos θ − margin·sin margin where \
      θ + margin > π. Deng, Guo, Xue and Zafeiriou 2019.
      """ + EmbeddingLoss.proxyNote, example: "arcface()\n#> arcface(margin=0.5, scale=64)",
    seeAlso: ["cosface", "proxynca"]
  ) { .arcFace(margin: $0, scale: $1) }

  var text: String { "arcface(margin=\(EmbeddingLoss.shown(margin)), scale=\(EmbeddingLoss.shown(scale)))" }

  func value(_ cosines: inout [Float], labels: [Int], classes: Int) -> Double {
    softmaxOfCosines(&cosines, labels, classes, scale: Float(scale), own: withMargin)
  }

  /// cos(θ + margin) from cos θ, and its slope.
  private func withMargin(_ cosine: Float) -> (Float, Float) {
    let c = min(1 - 1e-6, max(-1 + 1e-6, Double(cosine)))
    let sine = (1 - c * c).squareRoot()
    guard c > Elementary.cos(.pi - margin) else { return (Float(c - margin * Elementary.sin(margin)), 1) }
    return (
      Float(c * Elementary.cos(margin) - sine * Elementary.sin(margin)),
      Float(Elementary.cos(margin) + c / sine * Elementary.sin(margin))
    )
  }
}

extension EmbeddingLoss {
  /// `margin` in radians, from 0 to 1.5; `scale` above 0.
  public static func arcFace(margin: Double, scale: Double) -> EmbeddingLoss {
    EmbeddingLoss(ArcFace(margin: margin, scale: scale))
  }
}
