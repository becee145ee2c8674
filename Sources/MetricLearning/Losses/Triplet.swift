import NeuralNetworks

/// mean(max(d(a, p) − d(a, n) + margin, 0)). Schroff, Kalenichenko and Philbin 2015; Hermans, Beyer and Leibe 2017.
struct Triplet: BatchLoss, LossKind {
  let margin: Double
  let mining: EmbeddingLoss.Mining
  let metric: Metric

  static let declaration = Declaration<EmbeddingLoss>(
    "triplet", .positive("margin", default: 0.2), .word("mining", default: EmbeddingLoss.Mining.semihard), .distance,
    summary: "Loss on a batch with labels: the positive has to be nearer than the negative.",
    details: """
      mean(max(d(a, p) − d(a, n) + margin, 0)). mining="all": the mean over all triplets that violate the margin; \
      "semihard": for each anchor and positive the nearest negative beyond the positive, or the farthest where \
      there is none (Schroff et al. 2015); "hard": for each anchor the farthest positive and the nearest negative \
      (Hermans et al. 2017); "distance": for each anchor and positive one negative, near and far ones with equal \
      chance (Wu et al. 2017; for embeddings of length 1).
      """ + EmbeddingLoss.batchNote,
    example: "triplet(0.2, mining=\"hard\")\n#> triplet(margin=0.2, mining=\"hard\")",
    seeAlso: ["contrastive", "marginloss", "supcon"]
  ) { .triplet(margin: $0, mining: $1, metric: $2) }

  var text: String {
    "triplet(margin=\(EmbeddingLoss.shown(margin)), mining=\"\(mining.rawValue)\"\(EmbeddingLoss.argument(metric)))"
  }
  var comparesBatch: Bool { true }
  var draws: Bool { mining == .distance }
  var comparesPairs: Bool { true }
  var takesMiner: Bool { mining == .all }

  func undecided(differentShare: Double) -> Double? { margin }

  func value(_ batch: LabelledBatch) throws(MetricError) -> Double {
    let (distances, classes, margin) = (batch.distances(metric), batch.classes, Float(margin))
    let n = batch.count
    let distance = distances.values
    // slopes[a, b] = d(loss)/d(distance of a and b), before the mean.
    var slopes = [Float](repeating: 0, count: batch.anchors * n)
    var total = 0.0
    var count = 0
    var miner = DistanceWeightedMiner(width: distances.width, draw: batch.draw)
    func take(_ a: Int, _ p: Int, _ q: Int) {
      let violation = distance[a * n + p] - distance[a * n + q] + margin
      if violation > 0 || violation.isNaN {
        total += Double(violation)
        slopes[a * n + p] += 1
        slopes[a * n + q] -= 1
        if mining == .all { count += 1 }
      }
      if mining != .all { count += 1 }
    }
    for a in 0..<batch.anchors {
      let (positives, negatives) = (classes.positives[a], classes.negatives[a])
      guard let firstPositive = positives.first, let firstNegative = negatives.first else { continue }
      switch mining {
      case .all:
        for p in positives { for q in negatives { take(a, p, q) } }
      case .semihard:
        for p in positives {
          let reach = distance[a * n + p]
          var nearest: Int?
          var farthest = firstNegative
          for q in negatives {
            let d = distance[a * n + q]
            if d > reach, nearest.map({ d < distance[a * n + $0] }) ?? true { nearest = q }
            if d > distance[a * n + farthest] { farthest = q }
          }
          take(a, p, nearest ?? farthest)
        }
      case .hard:
        var p = firstPositive
        for other in positives where distance[a * n + other] > distance[a * n + p] { p = other }
        var q = firstNegative
        for other in negatives where distance[a * n + other] < distance[a * n + q] { q = other }
        take(a, p, q)
      case .distance:
        for p in positives { take(a, p, miner.negative(of: a, among: negatives, distance, n)) }
      }
    }
    guard classes.hasPositive.contains(true) else { throw .noPositives(function: text) }
    let scale = 1 / Float(max(1, count))
    for index in slopes.indices { slopes[index] *= scale }
    distances.back(slopes, batch.gradient)
    return total / Double(max(1, count))
  }
}

extension EmbeddingLoss {
  /// `margin` in units of the distance, above 0.
  public static func triplet(margin: Double, mining: Mining, metric: Metric = .euclidean) -> EmbeddingLoss {
    EmbeddingLoss(Triplet(margin: margin, mining: mining, metric: metric))
  }
}
