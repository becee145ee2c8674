extension EmbeddingLoss {
  /// Squared distances below this are taken as this under the root, so that the gradient at distance 0 is a number.
  static let leastSquare: Float = 1e-7

  /// The loss of `same.count` pairs: rows of `a` beside rows of `b`, `width` numbers each; gradients are written, not
  /// added. Throws `needsLabels` for a loss on labels.
  public func pairLoss(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, width: Int, same: [Bool],
    gradientA: UnsafeMutablePointer<Float>?, gradientB: UnsafeMutablePointer<Float>?
  ) throws(MetricError) -> Double {
    guard case .contrastive(let margin) = self else { throw .needsLabels(loss: text) }
    guard !same.isEmpty else { throw .emptyData(function: "contrastive") }
    let scale = 1 / Float(same.count)
    var total = 0.0
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
}
