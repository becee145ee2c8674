import NeuralNetworks

/// Softmax cross-entropy of s/τ to each class's proxy. Zhai and Wu 2019.
struct NormSoftmax: ProxyLoss, LossKind {
  let temperature: Double

  static let declaration = Declaration<EmbeddingLoss>(
    "normsoftmax", .positive("temperature", default: 0.05),
    summary: "Loss on labels: softmax of cosines to the classes' proxies, without a margin.",
    details: """
      The mean over the batch of −log(exp(s(x, p)/τ) / Σ exp(s(x, q)/τ)), p the proxy of the own class, q each of all, s \
      the cosine. The plainest of the losses with proxies, and hard to beat (Zhai and Wu 2019); cosface and arcface add \
      a margin.
      """ + EmbeddingLoss.proxyNote, example: "normsoftmax()\n#> normsoftmax(temperature=0.05)",
    seeAlso: ["cosface", "arcface", "proxynca"]
  ) { .normSoftmax(temperature: $0) }

  var text: String { "normsoftmax(temperature=\(EmbeddingLoss.shown(temperature)))" }

  func value(_ cosines: inout [Float], labels: [Int], classes: Int) -> Double {
    softmaxOfCosines(&cosines, labels, classes, scale: Float(1 / temperature)) { ($0, 1) }
  }
}

extension EmbeddingLoss {
  /// `temperature` above 0.
  public static func normSoftmax(temperature: Double) -> EmbeddingLoss {
    EmbeddingLoss(NormSoftmax(temperature: temperature))
  }
}
