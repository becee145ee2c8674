import ElementaryFunctions
import NeuralNetworks

/// One minus a smooth average precision. Brown, Xie, Kalogeiton and Zisserman 2020.
struct SmoothAP: SimilarityLoss, LossKind {
  let temperature: Double

  static let declaration = Declaration<EmbeddingLoss>(
    "smoothap", .positive("temperature", default: 0.01),
    summary: "Loss on a batch with labels: one minus the average precision of each anchor's ranking, made smooth.",
    details: """
      For each anchor 1 − mean over its positives i of R(i among positives)/R(i among all), with the rank R(i) = 1 + \
      Σ_{j≠i} σ((s_j − s_i)/τ), s the cosines to the anchor and σ the logistic function: as τ goes to 0 it is one minus \
      the average precision itself. Brown, Xie, Kalogeiton and Zisserman 2020.
      """ + EmbeddingLoss.batchNote, example: "smoothap()\n#> smoothap(temperature=0.01)",
    seeAlso: ["supcon", "multisimilarity"]
  ) { .smoothAP(temperature: $0) }

  var text: String { "smoothap(temperature=\(EmbeddingLoss.shown(temperature)))" }

  /// A rank among a few that were chosen is no rank.
  var takesMiner: Bool { false }

  func anchorLoss(
    _ s: UnsafeBufferPointer<Float>, _ slopes: UnsafeMutableBufferPointer<Float>, positives: [Int], negatives: [Int]
  ) -> Double {
    let temperature = Float(temperature)
    let share = 1 / Float(positives.count)
    var precision = 0.0
    for i in positives {
      // Ranks among the positives and among all, and how they change with each similarity.
      var (rank, total): (Float, Float) = (1, 1)
      for j in positives where j != i { rank += Elementary.sigmoid((s[j] - s[i]) / temperature) }
      for j in negatives { total += Elementary.sigmoid((s[j] - s[i]) / temperature) }
      total += rank - 1
      precision += Double(rank / total)
      let (byRank, byTotal) = (1 / total, -rank / (total * total))
      func add(_ j: Int, _ factor: Float) {
        let value = Elementary.sigmoid((s[j] - s[i]) / temperature)
        let slope = factor * value * (1 - value) / temperature * share
        slopes[j] -= slope
        slopes[i] += slope
      }
      for j in positives where j != i { add(j, byRank + byTotal) }
      for j in negatives { add(j, byTotal) }
    }
    return 1 - precision * Double(share)
  }
}

extension EmbeddingLoss {
  /// `temperature` above 0.
  public static func smoothAP(temperature: Double) -> EmbeddingLoss {
    EmbeddingLoss(SmoothAP(temperature: temperature))
  }
}
