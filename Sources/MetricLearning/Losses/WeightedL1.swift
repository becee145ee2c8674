import ElementaryFunctions
import NeuralNetworks

/// Of pairs: −log p for same, −log(1 − p) for different, p = σ(Σ αₖ |aₖ − bₖ| + bias), α and bias learnt with the
/// network. Koch, Zemel and Salakhutdinov 2015.
struct WeightedL1: PairLoss, LossKind {
  static let declaration = Declaration<EmbeddingLoss>(
    "weightedl1", summary: "Loss on pairs with a learnt distance, as in Koch's siamese network.",
    details: """
      −log p for same and −log(1 − p) for different pairs, p = σ(Σ αₖ |aₖ − bₖ| + bias); α and bias are learnt with \
      the network. loop.distance is 1 − p, to judge with: distances(net, data, distance=loop.distance). Koch, Zemel \
      and Salakhutdinov 2015.
      """, example: "weightedl1()\n#> weightedl1()", seeAlso: ["koch", "contrastive", "trainer.distance"]
  ) { .weightedL1 }

  var text: String { "weightedl1()" }

  func arrays(classes: Int, width: Int) -> [LossArray] {
    [
      LossArray(name: "loss.weights", shape: [width], first: .normal(deviation: 0.2)),
      LossArray(name: "loss.bias", shape: [1], first: .all(0), isDecayed: false),
    ]
  }

  func learntMetric(_ parameters: LossParameters) -> Metric? {
    guard parameters.arrays.count == 2 else { return nil }
    return .weightedL1(weights: parameters.arrays[0].values, bias: parameters.arrays[1].values.first ?? 0)
  }

  func value(_ batch: PairBatch) throws(MetricError) -> Double {
    guard let parameters = batch.parameters, parameters.arrays.count == 2, parameters.arrays[0].count == batch.width
    else { throw .needsParameters(loss: text, shape: [batch.width]) }
    return parameters.with(0) { weights, dWeights in
      parameters.with(1) { bias, dBias in
        value(batch, weights, bias[0], slopes: batch.gradientA == nil ? nil : (dWeights, dBias))
      }
    }
  }

  private func value(
    _ batch: PairBatch, _ weights: UnsafeMutableBufferPointer<Float>, _ bias: Float,
    slopes: (weights: UnsafeMutableBufferPointer<Float>, bias: UnsafeMutableBufferPointer<Float>)?
  ) -> Double {
    let (a, b, width) = (batch.a, batch.b, batch.width)
    let scale = 1 / Float(batch.count)
    var total = 0.0
    if let slopes {
      for k in 0..<width { slopes.weights[k] = 0 }
      slopes.bias[0] = 0
    }
    for i in 0..<batch.count {
      let at = i * width
      var sum = bias
      for k in 0..<width { sum += weights[k] * abs(a[at + k] - b[at + k]) }
      // −log σ(z) = log(1 + exp(−z))
      let z = Double(batch.same[i] ? sum : -sum)
      total += Elementary.softplus(-z)
      let slope = (Elementary.sigmoid(sum) - (batch.same[i] ? 1 : 0)) * scale
      if let slopes {
        for k in 0..<width { slopes.weights[k] += slope * abs(a[at + k] - b[at + k]) }
        slopes.bias[0] += slope
      }
      for k in 0..<width {
        let (x, y) = (a[at + k], b[at + k])
        let part = x > y ? slope * weights[k] : (x < y ? -slope * weights[k] : 0)
        if let gradient = batch.gradientA { gradient[at + k] = part }
        if let gradient = batch.gradientB { gradient[at + k] = -part }
      }
    }
    return total / Double(batch.count)
  }
}

extension EmbeddingLoss {
  /// With a weight of each number and a bias, which it learns.
  public static let weightedL1 = EmbeddingLoss(WeightedL1())
}
