import Tensors

#if canImport(Glibc)
  import Glibc
#endif

extension EmbeddingLoss {
  /// The loss of one batch of `labels.count` embeddings, `width` numbers each, and its gradient (written, not added).
  /// Throws `needsPairs` for a loss on pairs.
  public func batchLoss(
    _ embeddings: UnsafePointer<Float>, width: Int, labels: [Int], gradient: UnsafeMutablePointer<Float>
  ) throws(MetricError) -> Double {
    let n = labels.count
    guard n > 0 else { throw .emptyData(function: text) }
    if comparesBatch, n > Self.batchLimit {
      throw .batchTooLarge(function: text, items: n, limit: Self.batchLimit)
    }
    switch self {
    case .contrastive: throw .needsPairs(loss: text)
    case .crossEntropy(let smoothing):
      return try crossEntropyLoss(embeddings, width, labels, Float(smoothing), gradient)
    case .triplet(let margin, let mining):
      return try tripletLoss(embeddings, width, labels, Float(margin), mining, gradient)
    case .nPair:
      return try similarityLoss(embeddings, width, labels, cosine: false, gradient) { s, weights, positives in
        Self.nPairRow(s, &weights, positives)
      }
    case .supervisedContrastive(let temperature):
      return try similarityLoss(embeddings, width, labels, cosine: true, gradient) { s, weights, positives in
        Self.supervisedRow(s, &weights, positives, Float(temperature))
      }
    case .multiSimilarity(let alpha, let beta, let base):
      return try similarityLoss(embeddings, width, labels, cosine: true, gradient) { s, weights, positives in
        Self.multiSimilarityRow(s, &weights, positives, alpha, beta, base)
      }
    }
  }

  private func crossEntropyLoss(
    _ outputs: UnsafePointer<Float>, _ width: Int, _ labels: [Int], _ smoothing: Float,
    _ gradient: UnsafeMutablePointer<Float>
  ) throws(MetricError) -> Double {
    if let bad = labels.first(where: { $0 < 0 || $0 >= width }) {
      throw .labelBeyondOutputs(label: bad, outputs: width)
    }
    let scale = 1 / Float(labels.count)
    let spread = smoothing / Float(width)
    var total = 0.0
    for (i, label) in labels.enumerated() {
      let row = outputs + i * width
      var greatest = row[0]
      for k in 1..<max(1, width) { greatest = max(greatest, row[k]) }
      var sum: Float = 0
      for k in 0..<width { sum += expf(row[k] - greatest) }
      let logSum = greatest + logf(sum)
      for k in 0..<width {
        let target = spread + (k == label ? 1 - smoothing : 0)
        let logP = row[k] - logSum
        if target > 0 { total -= Double(target * logP) }
        gradient[i * width + k] = (expf(logP) - target) * scale
      }
    }
    return total / Double(labels.count)
  }

  /// What each anchor's row of similarities gives: its loss and d(loss)/d(similarity). `positives[j]`: 1 another item of
  /// the class, 0 one of another class, −1 the anchor itself.
  typealias SimilarityRow = (
    _ s: UnsafePointer<Float>, _ weights: inout [Float], _ positives: [Int8]
  ) -> Double

  /// A mean over the anchors that have a positive, of a function of their similarities (dot products, of the embeddings
  /// themselves or scaled to length 1).
  private func similarityLoss(
    _ embeddings: UnsafePointer<Float>, _ width: Int, _ labels: [Int], cosine: Bool,
    _ gradient: UnsafeMutablePointer<Float>, row function: SimilarityRow
  ) throws(MetricError) -> Double {
    let n = labels.count
    var unit = [Float](repeating: 0, count: n * width)
    var lengths = [Float](repeating: 1, count: n)
    for i in 0..<n {
      if cosine {
        var sum: Float = 0
        for k in 0..<width { sum += embeddings[i * width + k] * embeddings[i * width + k] }
        lengths[i] = max(sum.squareRoot(), 1e-6)
      }
      for k in 0..<width { unit[i * width + k] = embeddings[i * width + k] / lengths[i] }
    }
    var similarity = [Float](repeating: 0, count: n * n)
    var dSimilarity = [Float](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0...i {
        var sum: Float = 0
        for k in 0..<width { sum += unit[i * width + k] * unit[j * width + k] }
        similarity[i * n + j] = sum
        similarity[j * n + i] = sum
      }
    }
    var positives = [Int8](repeating: 0, count: n)
    var weights = [Float](repeating: 0, count: n)
    var total = 0.0
    var anchors = 0
    for i in 0..<n {
      var any = false
      for j in 0..<n {
        positives[j] = j == i ? -1 : (labels[j] == labels[i] ? 1 : 0)
        if positives[j] == 1 { any = true }
        weights[j] = 0
      }
      guard any else { continue }
      anchors += 1
      total += similarity.withUnsafeBufferPointer { s in
        s.baseAddress.map { function($0 + i * n, &weights, positives) } ?? 0
      }
      for j in 0..<n { dSimilarity[i * n + j] = weights[j] }
    }
    guard anchors > 0 else { throw .noPositives(function: text) }
    let scale = 1 / Float(anchors)
    var direction = [Float](repeating: 0, count: width)
    for i in 0..<n {
      for k in 0..<width { direction[k] = 0 }
      for j in 0..<n where j != i {
        let weight = (dSimilarity[i * n + j] + dSimilarity[j * n + i]) * scale
        if weight == 0 { continue }
        for k in 0..<width { direction[k] += weight * unit[j * width + k] }
      }
      guard cosine else {
        for k in 0..<width { gradient[i * width + k] = direction[k] }
        continue
      }
      // Through the scaling to length 1: the part along the embedding itself changes nothing.
      var along: Float = 0
      for k in 0..<width { along += direction[k] * unit[i * width + k] }
      for k in 0..<width { gradient[i * width + k] = (direction[k] - along * unit[i * width + k]) / lengths[i] }
    }
    return total / Double(anchors)
  }

  private static func supervisedRow(
    _ s: UnsafePointer<Float>, _ weights: inout [Float], _ positives: [Int8], _ temperature: Float
  ) -> Double {
    let n = positives.count
    var greatest = -Float.infinity
    var count = 0
    for j in 0..<n where positives[j] >= 0 {
      greatest = max(greatest, s[j] / temperature)
      if positives[j] == 1 { count += 1 }
    }
    var sum: Float = 0
    for j in 0..<n where positives[j] >= 0 { sum += expf(s[j] / temperature - greatest) }
    let logSum = greatest + logf(sum)
    var loss = 0.0
    for j in 0..<n where positives[j] >= 0 {
      let logP = s[j] / temperature - logSum
      weights[j] = expf(logP) / temperature
      if positives[j] == 1 {
        loss -= Double(logP) / Double(count)
        weights[j] -= 1 / (temperature * Float(count))
      }
    }
    return loss
  }

  private static func nPairRow(_ s: UnsafePointer<Float>, _ weights: inout [Float], _ positives: [Int8]) -> Double {
    let n = positives.count
    let count = positives.reduce(0) { $0 + ($1 == 1 ? 1 : 0) }
    let share = 1 / Float(count)
    var loss = 0.0
    for p in 0..<n where positives[p] == 1 {
      // log(1 + Σ exp(sₙ − sₚ)), shifted by the greatest exponent (0 for the 1).
      var greatest: Float = 0
      for j in 0..<n where positives[j] == 0 { greatest = max(greatest, s[j] - s[p]) }
      var sum = expf(-greatest)
      for j in 0..<n where positives[j] == 0 { sum += expf(s[j] - s[p] - greatest) }
      loss += Double(greatest + logf(sum)) * Double(share)
      for j in 0..<n where positives[j] == 0 {
        let part = expf(s[j] - s[p] - greatest) / sum * share
        weights[j] += part
        weights[p] -= part
      }
    }
    return loss
  }

  private static func multiSimilarityRow(
    _ s: UnsafePointer<Float>, _ weights: inout [Float], _ positives: [Int8], _ alpha: Double, _ beta: Double,
    _ base: Double
  ) -> Double {
    var loss = 0.0
    for (kind, rate) in [(Int8(1), -alpha), (Int8(0), beta)] {
      var greatest = 0.0
      for j in 0..<positives.count where positives[j] == kind {
        greatest = max(greatest, rate * (Double(s[j]) - base))
      }
      var sum = exp(-greatest)
      for j in 0..<positives.count where positives[j] == kind {
        sum += exp(rate * (Double(s[j]) - base) - greatest)
      }
      loss += (greatest + log(sum)) / abs(rate)
      for j in 0..<positives.count where positives[j] == kind {
        weights[j] += Float(exp(rate * (Double(s[j]) - base) - greatest) / sum) * (rate < 0 ? -1 : 1)
      }
    }
    return loss
  }
}
