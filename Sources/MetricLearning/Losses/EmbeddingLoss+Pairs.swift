import ElementaryFunctions

extension EmbeddingLoss {
  /// Squared distances below this are taken as this under the root, so that the gradient at distance 0 is a number.
  static let leastSquare: Float = 1e-7

  /// The loss of `same.count` pairs: rows of `a` beside rows of `b`, `width` numbers each; gradients are written, not
  /// added. Throws `needsLabels` for a loss on labels.
  ///
  /// - Parameter parameters: of a loss that learns something; their gradients are written where `gradientA` is given.
  public func pairLoss(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, width: Int, same: [Bool],
    parameters: LossParameters? = nil, gradientA: UnsafeMutablePointer<Float>?,
    gradientB: UnsafeMutablePointer<Float>?
  ) throws(MetricError) -> Double {
    guard takesPairs else { throw .needsLabels(loss: text) }
    guard !same.isEmpty else { throw .emptyData(function: text) }
    if case .contrastive(let margin, let metric) = self {
      return contrastiveLoss(a, b, width, same, margin, metric, gradientA, gradientB)
    }
    guard let parameters, parameters.arrays.count == 2, parameters.arrays[0].count == width else {
      throw .needsParameters(loss: text, shape: [width])
    }
    return parameters.with(0) { weights, dWeights in
      parameters.with(1) { bias, dBias in
        weightedLoss(
          a, b, width, same, weights, bias[0], gradientA, gradientB, gradientA == nil ? nil : (dWeights, dBias))
      }
    }
  }

  private func contrastiveLoss(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ width: Int, _ same: [Bool], _ margin: Double,
    _ metric: Metric, _ gradientA: UnsafeMutablePointer<Float>?, _ gradientB: UnsafeMutablePointer<Float>?
  ) -> Double {
    let scale = 1 / Float(same.count)
    var total = 0.0
    if metric != .euclidean {
      var da = [Float](repeating: 0, count: width)
      var db = da
      for i in 0..<same.count {
        let (x, y) = (a + i * width, b + i * width)
        let d = metric.distance(x, y, width)
        let short = max(Float(margin) - d, 0)
        total += Double(same[i] ? d * d : short * short)
        if !d.isFinite { total += Double(d) }
        guard let gradientA, let gradientB else { continue }
        for k in 0..<width { (da[k], db[k]) = (0, 0) }
        metric.addGradient(x, y, width, slope: (same[i] ? 2 * d : -2 * short) * scale, &da, &db)
        for k in 0..<width {
          gradientA[i * width + k] = da[k]
          gradientB[i * width + k] = db[k]
        }
      }
      return total / Double(same.count)
    }
    for i in 0..<same.count {
      let x = a + i * width
      let y = b + i * width
      let square = squaredDistance(x, y, width)
      // d(loss)/d(aₖ) = factor · (aₖ − bₖ)
      var factor: Float = 0
      if same[i] {
        total += Double(square)
        factor = 2 * scale
      } else {
        let d = max(square, Self.leastSquare).squareRoot()
        let short = Float(margin) - d
        if short > 0 {
          total += Double(short) * Double(short)
          // Below the clamp the distance is a constant.
          if square > Self.leastSquare { factor = -2 * short / d * scale }
        }
        // NaN must not pass for a loss of zero.
        if !square.isFinite { total += Double(square) }
      }
      if let gradientA {
        for k in 0..<width { gradientA[i * width + k] = factor * (x[k] - y[k]) }
      }
      if let gradientB {
        for k in 0..<width { gradientB[i * width + k] = factor * (y[k] - x[k]) }
      }
    }
    return total / Double(same.count)
  }

  private func weightedLoss(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ width: Int, _ same: [Bool],
    _ weights: UnsafeMutablePointer<Float>, _ bias: Float, _ gradientA: UnsafeMutablePointer<Float>?,
    _ gradientB: UnsafeMutablePointer<Float>?,
    _ slopes: (weights: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>)?
  ) -> Double {
    let scale = 1 / Float(same.count)
    var total = 0.0
    if let slopes {
      for k in 0..<width { slopes.weights[k] = 0 }
      slopes.bias[0] = 0
    }
    for i in 0..<same.count {
      let (x, y) = (a + i * width, b + i * width)
      var sum = bias
      for k in 0..<width { sum += weights[k] * abs(x[k] - y[k]) }
      // −log σ(z) = log(1 + exp(−z))
      let z = Double(same[i] ? sum : -sum)
      total += Elementary.softplus(-z)
      let slope = (Elementary.sigmoid(sum) - (same[i] ? 1 : 0)) * scale
      if let slopes {
        for k in 0..<width { slopes.weights[k] += slope * abs(x[k] - y[k]) }
        slopes.bias[0] += slope
      }
      for k in 0..<width {
        let part = x[k] > y[k] ? slope * weights[k] : (x[k] < y[k] ? -slope * weights[k] : 0)
        if let gradientA { gradientA[i * width + k] = part }
        if let gradientB { gradientB[i * width + k] = -part }
      }
    }
    return total / Double(same.count)
  }
}
