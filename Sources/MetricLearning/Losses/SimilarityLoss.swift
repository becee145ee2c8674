/// A loss that is a mean, over the anchors that have a positive, of a function of their similarities.
protocol SimilarityLoss: BatchLoss {
  /// Cosines; else dot products.
  var usesCosines: Bool { get }
  /// Whether an anchor of which no positive was chosen has a loss all the same, of its negatives.
  var countsLonely: Bool { get }
  /// An anchor's loss from its row of similarities `s`; `slopes`, zero at first, get d(loss)/d(similarity).
  func anchorLoss(
    _ s: UnsafeBufferPointer<Float>, _ slopes: UnsafeMutableBufferPointer<Float>, positives: [Int], negatives: [Int]
  ) -> Double
}

extension SimilarityLoss {
  var comparesBatch: Bool { true }
  var comparesPairs: Bool { true }
  var usesCosines: Bool { true }
  var countsLonely: Bool { false }

  func value(_ batch: LabelledBatch) throws(MetricError) -> Double {
    let (similarities, classes) = (batch.similarities(cosine: usesCosines), batch.classes)
    let n = batch.count
    var slopes = [Float](repeating: 0, count: batch.anchors * n)
    var total = 0.0
    var anchors = 0
    similarities.values.withUnsafeBufferPointer { s in
      slopes.withUnsafeMutableBufferPointer { d in
        for i in 0..<batch.anchors where countsLonely ? classes.hasPositive[i] : !classes.positives[i].isEmpty {
          anchors += 1
          total += anchorLoss(
            s.row(i, n), UnsafeMutableBufferPointer(rebasing: d[i * n..<(i + 1) * n]),
            positives: classes.positives[i], negatives: classes.negatives[i])
        }
      }
    }
    guard classes.hasPositive.contains(true) else { throw .noPositives(function: text) }
    // A miner may have found nothing to learn from.
    for index in slopes.indices { slopes[index] /= Float(max(1, anchors)) }
    similarities.back(slopes, batch.gradient)
    return total / Double(max(1, anchors))
  }
}
