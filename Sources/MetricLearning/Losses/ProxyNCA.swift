import NeuralNetworks

/// −log softmax over the classes' proxies of −scale·|x̂ − p̂|², at the item's own; x̂ and p̂ have length 1. Movshovitz-Attias
/// et al. 2017, with the own proxy in the sum as in Teh, DeVries and Taylor 2020.
struct ProxyNCA: ProxyLoss, LossKind {
  let scale: Double

  static let declaration = Declaration<EmbeddingLoss>(
    "proxynca", .positive("scale", default: 9),
    summary: "Loss on labels: each image among the classes' proxies, by distance.",
    details: """
      −log softmax over the proxies of −scale·|x̂ − p̂|² at the own class's, x̂ and p̂ of length 1. Movshovitz-Attias et al. \
      2017, with the own proxy in the sum as in Teh, DeVries and Taylor 2020.
      """ + EmbeddingLoss.proxyNote, example: "proxynca()\n#> proxynca(scale=9)", seeAlso: ["proxyanchor", "cosface"]
  ) { .proxyNCA(scale: $0) }

  var text: String { "proxynca(scale=\(EmbeddingLoss.shown(scale)))" }

  func value(_ cosines: inout [Float], labels: [Int], classes: Int) -> Double {
    // −scale·|x̂ − p̂|² = 2·scale·(s − 1)
    softmaxOfCosines(&cosines, labels, classes, scale: 2 * Float(scale)) { ($0, 1) }
  }
}

extension EmbeddingLoss {
  /// `scale` above 0.
  public static func proxyNCA(scale: Double) -> EmbeddingLoss { EmbeddingLoss(ProxyNCA(scale: scale)) }
}
