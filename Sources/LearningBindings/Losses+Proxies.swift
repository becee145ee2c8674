import Interpreter
import MetricLearning

/// Losses that learn something of each class.
extension LearningBindings {
  private static let proxyNote = """
     The trainer keeps one proxy, a point of the embedding's space, for each class, and learns it with the network. In a \
    loop by hand they are the third argument: loss(embeddings, labels, proxies). Memory: classes × embedding, three times.
    """

  private static func add(
    _ registry: inout BuiltinRegistry, _ name: String, _ parameters: [BuiltinParameter], _ summary: String,
    _ details: String, shown: String, seeAlso: [String], _ make: @escaping (Arguments) throws -> EmbeddingLoss
  ) {
    registry.add(
      Builtin(
        name, parameters, area: .losses, summary: summary, details: details, example: "\(name)()\n#> \(shown)",
        errors: ["a number is out of range"], seeAlso: seeAlso
      ) { args, _ in Value(LossObject(try make(args))) })
  }

  static func registerProxyLosses(_ registry: inout BuiltinRegistry) {
    add(
      &registry, "proxynca", [.optional("scale", "number", "9")],
      "Loss on labels: each image among the classes' proxies, by distance.",
      """
      −log softmax over the proxies of −scale·|x̂ − p̂|² at the own class's, x̂ and p̂ of length 1. Movshovitz-Attias et al. \
      2017, with the own proxy in the sum as in Teh, DeVries and Taylor 2020.
      """ + proxyNote, shown: "proxynca(scale=9)", seeAlso: ["proxyanchor", "cosface"]
    ) { .proxyNCA(scale: try positive($0, 0, 9)) }
    add(
      &registry, "proxyanchor", [.optional("margin", "number", "0.1"), .optional("alpha", "number", "32")],
      "Loss on labels: each class's proxy among the images of the batch.",
      """
      The mean over proxies with images in the batch of log(1 + Σ exp(−α(s − margin))) over their images, plus the mean over \
      all proxies of log(1 + Σ exp(α(s + margin))) over the others', s the cosine. Kim, Kim, Cho and Kwak 2020.
      """ + proxyNote, shown: "proxyanchor(margin=0.1, alpha=32)", seeAlso: ["proxynca", "supcon"]
    ) { .proxyAnchor(margin: try $0.number(0, in: 0...1, default: 0.1), alpha: try positive($0, 1, 32)) }
    add(
      &registry, "arcface", [.optional("margin", "number", "0.5"), .optional("scale", "number", "64")],
      "Loss on labels: softmax of angles to the classes' proxies, the own one a margin harder.",
      """
      Softmax cross-entropy of scale·cos θ, with cos(θ + margin) for the own class, and cos θ − margin·sin margin where \
      θ + margin > π. Deng, Guo, Xue and Zafeiriou 2019.
      """ + proxyNote, shown: "arcface(margin=0.5, scale=64)", seeAlso: ["cosface", "proxynca"]
    ) { .arcFace(margin: try $0.number(0, in: 0...1.5, default: 0.5), scale: try positive($0, 1, 64)) }
    add(
      &registry, "cosface", [.optional("margin", "number", "0.35"), .optional("scale", "number", "64")],
      "Loss on labels: softmax of cosines to the classes' proxies, the own one less a margin.",
      "Softmax cross-entropy of scale·s, with scale·(s − margin) for the own class. Wang et al. 2018." + proxyNote,
      shown: "cosface(margin=0.35, scale=64)", seeAlso: ["arcface", "proxynca"]
    ) { .cosFace(margin: try $0.number(0, in: 0...1.5, default: 0.35), scale: try positive($0, 1, 64)) }
    add(
      &registry, "centre", [.optional("weight", "number", "0.01")],
      "Loss on labels: a linear classifier, and each embedding near its class's learnt centre.",
      """
      Softmax cross-entropy of a linear classifier on the embedding, plus weight/2 · mean |x − c|², c the centre of the \
      image's class; classifier and centres are learnt with the network and kept by the trainer. Wen, Zhang, Li and Qiao \
      2016.
      """, shown: "centre(weight=0.01)", seeAlso: ["crossentropy", "cosface"]
    ) { .centre(weight: try positive($0, 0, 0.01)) }
  }
}
