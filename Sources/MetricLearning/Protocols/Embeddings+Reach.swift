/// Distances that a float can hold. Squares and sums of large embeddings are too large for one: all would be equally far
/// then, and a distance that is no number would count as the nearest.
extension Embeddings {
  /// Numbers up to this size have distances that a float holds, by every metric that has no weights of its own.
  private static let harmless: Float = 1e9

  /// Looks at each embedding by itself: of two of them none is farther from the other than the larger one is from its own
  /// opposite.
  ///
  /// - Throws: `distanceTooLarge`.
  public func checkReach(function: String) throws(MetricError) {
    guard values.contains(where: { abs($0) > Self.harmless }) else { return }
    for row in 0..<count {
      let own = Array(values[row * width..<(row + 1) * width])
      guard own.contains(where: { abs($0) > Self.harmless }) else { continue }
      try metric.check(metric.distanceOfAnySize(own, own.map { -$0 }), function: function)
    }
  }
}

extension Metric {
  /// - Throws: `distanceTooLarge`.
  func check(_ distance: Float, function: String) throws(MetricError) {
    guard distance.isFinite else { throw .distanceTooLarge(function: function, metric: text) }
  }

  fileprivate func distanceOfAnySize(_ a: [Float], _ b: [Float]) -> Float {
    a.withUnsafeBufferPointer { x in
      b.withUnsafeBufferPointer { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return 0 }
        return distanceAtAnyScale(x, y, a.count)
      }
    }
  }
}
