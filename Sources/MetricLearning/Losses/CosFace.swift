import NeuralNetworks

/// Softmax cross-entropy of scale·s to each class's proxy, with scale·(s − margin) for the own. Wang et al. 2018.
struct CosFace: ProxyLoss, LossKind {
  let margin: Double
  let scale: Double

  static let declaration = Declaration<EmbeddingLoss>(
    "cosface", .number("margin", in: 0...1.5, default: 0.35), .positive("scale", default: 64),
    summary: "Loss on labels: softmax of cosines to the classes' proxies, the own one less a margin.",
    details: "Softmax cross-entropy of scale·s, with scale·(s − margin) for the own class. Wang et al. 2018."
      + EmbeddingLoss.proxyNote, example: "cosface()\n#> cosface(margin=0.35, scale=64)",
    seeAlso: ["arcface", "proxynca"]
  ) { .cosFace(margin: $0, scale: $1) }

  var text: String { "cosface(margin=\(EmbeddingLoss.shown(margin)), scale=\(EmbeddingLoss.shown(scale)))" }

  func value(_ cosines: inout [Float], labels: [Int], classes: Int) -> Double {
    softmaxOfCosines(&cosines, labels, classes, scale: Float(scale)) { ($0 - Float(margin), 1) }
  }
}

extension EmbeddingLoss {
  /// `margin` of the cosine, from 0 to 1.5; `scale` above 0.
  public static func cosFace(margin: Double, scale: Double) -> EmbeddingLoss {
    EmbeddingLoss(CosFace(margin: margin, scale: scale))
  }
}
