import ElementaryFunctions
import NeuralNetworks
import Tensors

/// Softmax cross-entropy of similarities to classes with several centres each. Qian, Shang, Sun, Hu, Li and Jin 2019.
struct SoftTriple: CentresLoss, LossKind {
  let centres: Int
  let scale: Double
  let gamma: Double
  let margin: Double

  static let declaration = Declaration<EmbeddingLoss>(
    "softtriple", .integer("centres", in: 1...64, default: 10), .positive("scale", default: 20),
    .positive("gamma", default: 0.1), .number("margin", in: 0...2, default: 0.01),
    summary: "Loss on labels: softmax of similarities to classes that have several learnt centres each.",
    details: """
      The similarity to a class is Σ_k softmax(s_k/gamma)·s_k over its centres, s the cosine; the loss is the softmax \
      cross-entropy of scale times it, the own class's less the margin. A class of several kinds of images needs no one \
      point that is near to all. Without the paper's term that merges centres, as pytorch-metric-learning has it. Qian, \
      Shang, Sun, Hu, Li and Jin 2019.
      """ + EmbeddingLoss.proxyNote + EmbeddingLoss.centresNote,
    example: "softtriple(centres=3)\n#> softtriple(centres=3, scale=20, gamma=0.1, margin=0.01)",
    seeAlso: ["normsoftmax", "arcface"]
  ) { .softTriple(centres: $0, scale: $1, gamma: $2, margin: $3) }

  var text: String {
    "softtriple(centres=\(centres), scale=\(EmbeddingLoss.shown(scale)), gamma=\(EmbeddingLoss.shown(gamma)), "
      + "margin=\(EmbeddingLoss.shown(margin)))"
  }

  func value(_ cosines: inout [Float], labels: [Int], classes: Int, draw: UInt64) -> Double {
    let gamma = Float(gamma)
    var shares = [Float](repeating: 0, count: cosines.count)
    var similarities = [Float](repeating: 0, count: labels.count * classes)
    for place in similarities.indices {
      let own = place * centres..<(place + 1) * centres
      let greatest = cosines[own].max() ?? 0
      var sum: Float = 0
      for k in own {
        shares[k] = Elementary.exp((cosines[k] - greatest) / gamma)
        sum += shares[k]
      }
      for k in own {
        shares[k] /= sum
        similarities[place] += shares[k] * cosines[k]
      }
    }
    let margin = Float(margin)
    let loss = softmaxOfCosines(&similarities, labels, classes, scale: Float(scale)) { ($0 - margin, 1) }
    // The softmax over the centres moves with the similarities, too.
    var means = [Float](repeating: 0, count: labels.count * classes)
    for place in means.indices {
      for k in place * centres..<(place + 1) * centres { means[place] += shares[k] * cosines[k] }
    }
    for k in cosines.indices {
      let place = k / centres
      cosines[k] = similarities[place] * shares[k] * (1 + (cosines[k] - means[place]) / gamma)
    }
    return loss
  }
}

extension EmbeddingLoss {
  /// `centres` of each class, 1 to 64; `scale` and `gamma` above 0; `margin` from 0 to 2.
  public static func softTriple(centres: Int, scale: Double, gamma: Double, margin: Double) -> EmbeddingLoss {
    EmbeddingLoss(SoftTriple(centres: centres, scale: scale, gamma: gamma, margin: margin))
  }
}
