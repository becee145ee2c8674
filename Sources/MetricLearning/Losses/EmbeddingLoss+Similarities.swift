import ElementaryFunctions

/// What each anchor's row of similarities gives: its loss and d(loss)/d(similarity), zero at first.
typealias SimilarityRow = (
  _ s: UnsafePointer<Float>, _ slopes: UnsafeMutablePointer<Float>, _ positives: [Int], _ negatives: [Int]
) -> Double

extension EmbeddingLoss {
  /// A mean over the anchors that have a positive, of a function of their similarities.
  func similarityLoss(
    _ similarities: BatchSimilarities, _ classes: BatchLabels, _ gradient: UnsafeMutablePointer<Float>,
    row function: SimilarityRow
  ) throws(MetricError) -> Double {
    let n = classes.count
    var slopes = [Float](repeating: 0, count: n * n)
    var total = 0.0
    var anchors = 0
    similarities.values.withUnsafeBufferPointer { s in
      slopes.withUnsafeMutableBufferPointer { d in
        guard let s = s.baseAddress, let d = d.baseAddress else { return }
        for i in 0..<n where !classes.positives[i].isEmpty {
          anchors += 1
          total += function(s + i * n, d + i * n, classes.positives[i], classes.negatives[i])
        }
      }
    }
    guard anchors > 0 else { throw .noPositives(function: text) }
    for index in slopes.indices { slopes[index] /= Float(anchors) }
    similarities.back(slopes, gradient)
    return total / Double(anchors)
  }

  static func supervisedRow(_ temperature: Float) -> SimilarityRow {
    { s, slopes, positives, negatives in
      var greatest = -Float.infinity
      for j in positives { greatest = max(greatest, s[j]) }
      for j in negatives { greatest = max(greatest, s[j]) }
      var sum: Float = 0
      for list in [positives, negatives] {
        for j in list {
          slopes[j] = Elementary.exp((s[j] - greatest) / temperature)
          sum += slopes[j]
        }
      }
      let scale = 1 / (sum * temperature)
      for list in [positives, negatives] { for j in list { slopes[j] *= scale } }
      let share = 1 / Float(positives.count)
      let logSum = greatest / temperature + Elementary.log(sum)
      var loss = 0.0
      for p in positives {
        loss -= Double(s[p] / temperature - logSum) * Double(share)
        slopes[p] -= share / temperature
      }
      return loss
    }
  }

  /// N-pair on dot products (temperature 1), NT-Xent on cosines.
  static func nPairRow(_ temperature: Float) -> SimilarityRow {
    { s, slopes, positives, negatives in
      let share = 1 / Float(positives.count)
      var loss = 0.0
      for p in positives {
        // log(1 + Σ exp((sₙ − sₚ)/τ)), shifted by the greatest exponent (0 for the 1).
        var greatest: Float = 0
        for j in negatives { greatest = max(greatest, (s[j] - s[p]) / temperature) }
        var sum = Elementary.exp(-greatest)
        for j in negatives { sum += Elementary.exp((s[j] - s[p]) / temperature - greatest) }
        loss += Double(greatest + Elementary.log(sum)) * Double(share)
        for j in negatives {
          let part = Elementary.exp((s[j] - s[p]) / temperature - greatest) / sum * share / temperature
          slopes[j] += part
          slopes[p] -= part
        }
      }
      return loss
    }
  }

  static func multiSimilarityRow(
    _ alpha: Double, _ beta: Double, _ base: Double, _ epsilon: Double?
  ) -> SimilarityRow {
    { s, slopes, positives, negatives in
      var kept = (positives, negatives)
      if let epsilon {
        let easiest = (positives.map { s[$0] }.min() ?? 0, negatives.map { s[$0] }.max() ?? 0)
        kept.0 = negatives.isEmpty ? [] : positives.filter { Double(s[$0]) < Double(easiest.1) + epsilon }
        kept.1 = negatives.filter { Double(s[$0]) > Double(easiest.0) - epsilon }
      }
      var loss = 0.0
      for (items, rate) in [(kept.0, -alpha), (kept.1, beta)] {
        var greatest = 0.0
        for j in items { greatest = max(greatest, rate * (Double(s[j]) - base)) }
        var sum = Elementary.exp(-greatest)
        for j in items { sum += Elementary.exp(rate * (Double(s[j]) - base) - greatest) }
        loss += (greatest + Elementary.log(sum)) / abs(rate)
        for j in items {
          slopes[j] += Float(Elementary.exp(rate * (Double(s[j]) - base) - greatest) / sum) * (rate < 0 ? -1 : 1)
        }
      }
      return loss
    }
  }

  static func circleRow(_ margin: Double, _ gamma: Double) -> SimilarityRow {
    { s, slopes, positives, negatives in
      // exponents of the positives and negatives; log(1 + Σₚ · Σₙ) = softplus(log Σₚ + log Σₙ).
      func logSum(_ items: [Int], _ exponent: (Double) -> Double) -> Double {
        let greatest = items.map { exponent(Double(s[$0])) }.max() ?? 0
        return greatest + Elementary.log(items.reduce(0) { $0 + Elementary.exp(exponent(Double(s[$1])) - greatest) })
      }
      guard !negatives.isEmpty else { return 0 }
      let near: (Double) -> Double = { -gamma * max(1 + margin - $0, 0) * ($0 - 1 + margin) }
      let far: (Double) -> Double = { gamma * max($0 + margin, 0) * ($0 - margin) }
      let (p, q) = (logSum(positives, near), logSum(negatives, far))
      let z = p + q
      let loss = Elementary.softplus(z)
      let steep = Elementary.sigmoid(z)
      for j in positives {
        let x = Double(s[j])
        slopes[j] = Float(-steep * Elementary.exp(near(x) - p) * gamma * max(1 + margin - x, 0))
      }
      for j in negatives {
        let x = Double(s[j])
        slopes[j] = Float(steep * Elementary.exp(far(x) - q) * gamma * max(x + margin, 0))
      }
      return loss
    }
  }
}
