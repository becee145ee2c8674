import NeuralNetworks

/// max(d(a, p) − β + margin, 0) and max(β − d(a, n) + margin, 0), the mean over those above 0; β is learnt, from
/// `beta`. Wu, Manmatha, Smola and Krähenbühl 2017.
struct MarginLoss: BatchLoss, LossKind {
  let margin: Double
  let beta: Double
  let mining: EmbeddingLoss.Mining

  static let declaration = Declaration<EmbeddingLoss>(
    "marginloss", .positive("margin", default: 0.2), .positive("beta", default: 1.2),
    .word("mining", default: EmbeddingLoss.Mining.distance),
    summary: "Loss on a batch with labels: same pairs within, different ones beyond a learnt boundary.",
    details: """
      max(d(a, p) − β + margin, 0) for positives and max(β − d(a, n) + margin, 0) for negatives, the mean over those \
      above 0. β is learnt from `beta`. mining="distance" draws one negative for each anchor and positive, near and far \
      ones with equal chance (for embeddings of length 1); "hard" takes the nearest, "semihard" the nearest beyond \
      the positives, "all" all. In a loop by hand β is the third argument, of shape [1]: loss(embeddings, labels, beta); \
      without it, it stays `beta`. Wu, Manmatha, Smola and Krähenbühl 2017.
      """ + EmbeddingLoss.batchNote,
    example: "marginloss()\n#> marginloss(margin=0.2, beta=1.2, mining=\"distance\")", seeAlso: ["triplet", "lifted"]
  ) { .margin(margin: $0, beta: $1, mining: $2) }

  var text: String {
    "marginloss(margin=\(EmbeddingLoss.shown(margin)), beta=\(EmbeddingLoss.shown(beta)), "
      + "mining=\"\(mining.rawValue)\")"
  }
  var comparesBatch: Bool { true }
  var draws: Bool { mining == .distance }
  var comparesPairs: Bool { true }
  var takesMiner: Bool { mining == .all }

  func arrays(classes: Int, width: Int) -> [LossArray] {
    [LossArray(name: "loss.beta", shape: [1], first: .all(Float(beta)), isDecayed: false)]
  }

  /// Also writes d(loss)/d(β).
  func value(_ batch: LabelledBatch) throws(MetricError) -> Double {
    let (distances, classes, margin) = (batch.distances(), batch.classes, Float(margin))
    let learnt = batch.parameters?.arrays.first
    let beta = learnt?.values.first ?? Float(beta)
    let n = batch.count
    let distance = distances.values
    var slopes = [Float](repeating: 0, count: batch.anchors * n)
    var total = 0.0
    var count = 0
    var slope: Float = 0
    var miner = DistanceWeightedMiner(width: distances.width, draw: batch.draw)
    func take(_ a: Int, _ b: Int, _ sign: Float) {
      let violation = sign * (distance[a * n + b] - beta) + margin
      guard violation > 0 || violation.isNaN else { return }
      total += Double(violation)
      count += 1
      slopes[a * n + b] += sign
      slope -= sign
    }
    for a in 0..<batch.anchors {
      let (positives, negatives) = (classes.positives[a], classes.negatives[a])
      for p in positives {
        take(a, p, 1)
        if mining == .distance, !negatives.isEmpty { take(a, miner.negative(of: a, among: negatives, distance, n), -1) }
      }
      switch mining {
      case .distance: break
      case .all: for q in negatives { take(a, q, -1) }
      case .semihard:
        // The nearest negative beyond the farthest positive.
        let reach = positives.map { distance[a * n + $0] }.max() ?? 0
        let beyond = negatives.filter { distance[a * n + $0] > reach }
        if let q = (beyond.isEmpty ? negatives : beyond).min(by: { distance[a * n + $0] < distance[a * n + $1] }) {
          take(a, q, -1)
        }
      case .hard:
        if let q = negatives.min(by: { distance[a * n + $0] < distance[a * n + $1] }) { take(a, q, -1) }
      }
    }
    guard classes.hasPositive.contains(true) else { throw .noPositives(function: text) }
    let scale = 1 / Float(max(1, count))
    for index in slopes.indices { slopes[index] *= scale }
    distances.back(slopes, batch.gradient)
    learnt?.withBuffers { $1[0] = slope * scale }
    return total / Double(max(1, count))
  }
}

extension EmbeddingLoss {
  /// `margin` and the first `beta` in units of the distance, above 0.
  public static func margin(margin: Double, beta: Double, mining: Mining) -> EmbeddingLoss {
    EmbeddingLoss(MarginLoss(margin: margin, beta: beta, mining: mining))
  }
}
