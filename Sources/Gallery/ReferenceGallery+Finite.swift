import MetricLearning

/// Distances that a float can hold. Squares and sums of large embeddings are too large for one: all of them would be equally
/// far, and the order of enrolment would name somebody.
extension ReferenceGallery {
  /// Numbers up to this size have distances that a float holds, by every metric that has no weights of its own.
  private static let harmless: Float = 1e9

  /// New references. Of two embeddings none is farther from the other than the larger one is from its own opposite: it is
  /// enough to look at each by itself.
  ///
  /// - Throws: `GalleryError.distanceTooLarge`.
  func checkDistances(ofNew embeddings: [Float], width: Int) throws(GalleryError) {
    guard width > 0, embeddings.contains(where: { abs($0) > Self.harmless }) else { return }
    for start in stride(from: 0, to: embeddings.count - width + 1, by: width) {
      let own = Array(embeddings[start..<start + width])
      guard own.contains(where: { abs($0) > Self.harmless }) else { continue }
      let opposite = own.map { -$0 }
      try checkDistance(distance(own, opposite), function: "enroll")
      // A database compares Euclidean distances by their squares, which it sums in floats.
      guard remote == nil || Metric.squared.distance(own, opposite)?.isFinite ?? false else {
        throw .distanceTooLarge(function: "enroll", metric: measure.metric.text)
      }
    }
  }

  func checkDistance(_ distance: Double, function: String) throws(GalleryError) {
    guard Float(distance).isFinite else {
      throw .distanceTooLarge(function: function, metric: measure.metric.text)
    }
  }

  /// - Returns: the matches, where each has a distance.
  func checked(_ found: [[Match]], function: String) throws(GalleryError) -> [[Match]] {
    for list in found {
      for match in list { try checkDistance(match.distance, function: function) }
    }
    return found
  }
}
