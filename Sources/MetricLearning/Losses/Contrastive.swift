import NeuralNetworks

/// mean(y·d² + (1 − y)·max(margin − d, 0)²), y = 1 for same. Hadsell, Chopra and LeCun 2006.
struct Contrastive: PairLoss, LossKind {
  let margin: Double
  let metric: Metric

  static let declaration = Declaration<EmbeddingLoss>(
    "contrastive", .positive("margin", default: 1), .distance,
    summary: "Loss on pairs: draws the same together, pushes the different a margin apart.",
    details: """
      mean(y·d² + (1 − y)·max(margin − d, 0)²), y = 1 for same, d the distance of the two embeddings: "euclidean", \
      "squared", "cosine", "l1" or "snr". Hadsell, Chopra and LeCun 2006.
      """, example: "contrastive()\n#> contrastive(margin=1)", seeAlso: ["triplet", "weightedl1", "pairs", "trainer"]
  ) { .contrastive(margin: $0, metric: $1) }

  var text: String { "contrastive(margin=\(EmbeddingLoss.shown(margin))\(EmbeddingLoss.argument(metric)))" }

  func undecided(differentShare: Double) -> Double? { margin * margin * differentShare }

  func value(_ batch: PairBatch) -> Double {
    metric == .euclidean ? euclideanValue(batch) : otherValue(batch)
  }

  private func euclideanValue(_ batch: PairBatch) -> Double {
    let (a, b, width) = (batch.a, batch.b, batch.width)
    let scale = 1 / Float(batch.count)
    var total = 0.0
    for i in 0..<batch.count {
      let at = i * width
      let square = squaredDistance(a.row(i, width), b.row(i, width))
      // d(loss)/d(aₖ) = factor · (aₖ − bₖ)
      var factor: Float = 0
      if batch.same[i] {
        total += Double(square)
        factor = 2 * scale
      } else {
        let d = max(square, EmbeddingLoss.leastSquare).squareRoot()
        let short = Float(margin) - d
        if short > 0 {
          total += Double(short) * Double(short)
          // Below the clamp the distance is a constant.
          if square > EmbeddingLoss.leastSquare { factor = -2 * short / d * scale }
        }
        // NaN must not pass for a loss of zero.
        if !square.isFinite { total += Double(square) }
      }
      if let gradient = batch.gradientA {
        for k in at..<at + width { gradient[k] = factor * (a[k] - b[k]) }
      }
      if let gradient = batch.gradientB {
        for k in at..<at + width { gradient[k] = factor * (b[k] - a[k]) }
      }
    }
    return total / Double(batch.count)
  }

  private func otherValue(_ batch: PairBatch) -> Double {
    let width = batch.width
    let scale = 1 / Float(batch.count)
    var total = 0.0
    var da = [Float](repeating: 0, count: width)
    var db = da
    for i in 0..<batch.count {
      let (x, y) = (batch.a.row(i, width), batch.b.row(i, width))
      let d = metric.distance(x, y)
      let short = max(Float(margin) - d, 0)
      total += Double(batch.same[i] ? d * d : short * short)
      if !d.isFinite { total += Double(d) }
      guard let gradientA = batch.gradientA, let gradientB = batch.gradientB else { continue }
      for k in 0..<width { (da[k], db[k]) = (0, 0) }
      metric.addGradient(x, y, slope: (batch.same[i] ? 2 * d : -2 * short) * scale, &da, &db)
      for k in 0..<width {
        gradientA[i * width + k] = da[k]
        gradientB[i * width + k] = db[k]
      }
    }
    return total / Double(batch.count)
  }
}

extension EmbeddingLoss {
  /// `margin` in units of the distance, above 0.
  public static func contrastive(margin: Double, metric: Metric = .euclidean) -> EmbeddingLoss {
    EmbeddingLoss(Contrastive(margin: margin, metric: metric))
  }
}
