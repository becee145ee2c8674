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
  var comparesPairs: Bool { true }

  func value(_ batch: LabelledBatch) throws(MetricError) -> Double {
    let (distances, classes, margin) = (batch.distances(), batch.classes, Float(margin))
    let n = batch.count
    let distance = distances.values
    var slopes = [Float](repeating: 0, count: batch.anchors * n)
    var total = 0.0
    var count = 0
    for i in 0..<batch.anchors {
      for j in classes.positives[i] {
        let isAnchor = j < batch.anchors
        // A pair that both see counts once.
        if isAnchor, j < i, classes.positives[j].contains(i) { continue }
        count += 1
        // Places of the distances to the negatives of both, one of each in turn.
        let far = (classes.negatives[i].map { i * n + $0 }, isAnchor ? classes.negatives[j].map { j * n + $0 } : [])
        let places = (0..<max(far.0.count, far.1.count)).map { k in
          [far.0.dropFirst(k).first, far.1.dropFirst(k).first].compactMap(\.self)
        }
        guard !places.isEmpty else { continue }
        var greatest = -Float.infinity
        for place in places.joined() { greatest = max(greatest, margin - distance[place]) }
        var sum: Float = 0
        for pair in places { sum += pair.reduce(0) { $0 + Elementary.exp(margin - distance[$1] - greatest) } }
        let value = distance[i * n + j] + greatest + Elementary.log(sum)
        if value.isNaN { total += Double(value) }
        guard value > 0 else { continue }
        total += Double(value) * Double(value) / 2
        slopes[i * n + j] += value
        for place in places.joined() {
          slopes[place] -= value * Elementary.exp(margin - distance[place] - greatest) / sum
        }
      }
    }
    guard classes.hasPositive.contains(true) else { throw .noPositives(function: text) }
    for index in slopes.indices { slopes[index] /= Float(max(1, count)) }
    distances.back(slopes, batch.gradient)
    return total / Double(max(1, count))
  }
}

extension EmbeddingLoss {
  /// `margin` in units of the distance, above 0.
  public static func lifted(margin: Double) -> EmbeddingLoss { EmbeddingLoss(LiftedStructure(margin: margin)) }
}
