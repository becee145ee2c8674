import ElementaryFunctions
import NeuralNetworks

/// Over the pairs (i, j) of one class: mean of ½ max(J, 0)², J = d(i, j) + log(Σₙ exp(margin − d(i, n)) +
/// Σₙ exp(margin − d(j, n))). Oh Song, Xiang, Jegelka and Savarese 2016.
struct LiftedStructure: BatchLoss, LossKind {
  let margin: Double

  static let declaration = Declaration<EmbeddingLoss>(
    "lifted", .positive("margin", default: 1),
    summary: "Lifted structure loss on a batch with labels: each same pair against all negatives of both.",
    details: """
      mean over same pairs (i, j) of ½ max(J, 0)², J = d(i, j) + log(Σₙ exp(margin − d(i, n)) + Σₙ exp(margin − \
      d(j, n))). Oh Song, Xiang, Jegelka and Savarese 2016.
      """ + EmbeddingLoss.batchNote, example: "lifted()\n#> lifted(margin=1)", seeAlso: ["npair", "triplet"]
  ) { .lifted(margin: $0) }

  var text: String { "lifted(margin=\(EmbeddingLoss.shown(margin)))" }
  var comparesBatch: Bool { true }

  func value(_ batch: LabelledBatch) throws(MetricError) -> Double {
    let (distances, classes, margin) = (batch.distances(), batch.classes, Float(margin))
    let n = classes.count
    let distance = distances.values
    var slopes = [Float](repeating: 0, count: n * n)
    var total = 0.0
    var count = 0
    for i in 0..<n {
      for j in classes.positives[i] where j > i {
        count += 1
        let negatives = classes.negatives[i]
        guard !negatives.isEmpty else { continue }
        var greatest = -Float.infinity
        for q in negatives { greatest = max(greatest, margin - distance[i * n + q], margin - distance[j * n + q]) }
        var sum: Float = 0
        for q in negatives {
          sum +=
            Elementary.exp(margin - distance[i * n + q] - greatest)
            + Elementary.exp(margin - distance[j * n + q] - greatest)
        }
        let value = distance[i * n + j] + greatest + Elementary.log(sum)
        if value.isNaN { total += Double(value) }
        guard value > 0 else { continue }
        total += Double(value) * Double(value) / 2
        slopes[i * n + j] += value
        for q in negatives {
          slopes[i * n + q] -= value * Elementary.exp(margin - distance[i * n + q] - greatest) / sum
          slopes[j * n + q] -= value * Elementary.exp(margin - distance[j * n + q] - greatest) / sum
        }
      }
    }
    guard count > 0 else { throw .noPositives(function: text) }
    for index in slopes.indices { slopes[index] /= Float(count) }
    distances.back(slopes, batch.gradient)
    return total / Double(count)
  }
}

extension EmbeddingLoss {
  /// `margin` in units of the distance, above 0.
  public static func lifted(margin: Double) -> EmbeddingLoss { EmbeddingLoss(LiftedStructure(margin: margin)) }
}
