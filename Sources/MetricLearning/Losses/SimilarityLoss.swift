/// A loss that is a mean, over the anchors that have a positive, of a function of their similarities.
protocol SimilarityLoss: BatchLoss {
  /// Cosines; else dot products.
  var usesCosines: Bool { get }
  /// An anchor's loss from its row of similarities `s`; `slopes`, zero at first, get d(loss)/d(similarity).
  func anchorLoss(
    _ s: UnsafeBufferPointer<Float>, _ slopes: UnsafeMutableBufferPointer<Float>, positives: [Int], negatives: [Int]
  ) -> Double
}

extension SimilarityLoss {
  var comparesBatch: Bool { true }
  var usesCosines: Bool { true }

  func value(_ batch: LabelledBatch) throws(MetricError) -> Double {
    let (similarities, classes) = (batch.similarities(cosine: usesCosines), batch.classes)
    let n = classes.count
    var slopes = [Float](repeating: 0, count: n * n)
    var total = 0.0
    var anchors = 0
    similarities.values.withUnsafeBufferPointer { s in
      slopes.withUnsafeMutableBufferPointer { d in
        for i in 0..<n where !classes.positives[i].isEmpty {
          anchors += 1
          total += anchorLoss(
            s.row(i, n), UnsafeMutableBufferPointer(rebasing: d[i * n..<(i + 1) * n]),
            positives: classes.positives[i], negatives: classes.negatives[i])
        }
      }
    }
    guard anchors > 0 else { throw .noPositives(function: text) }
    for index in slopes.indices { slopes[index] /= Float(anchors) }
    similarities.back(slopes, batch.gradient)
    return total / Double(anchors)
  }
}
