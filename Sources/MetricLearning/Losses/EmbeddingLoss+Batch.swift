import ElementaryFunctions

extension EmbeddingLoss {
  /// The loss of one batch of `labels.count` embeddings, `width` numbers each, and its gradient (written, not added).
  /// Memory: up to four matrices of labels.count² floats; refused above `batchLimit`.
  ///
  /// - Parameters:
  ///   - parameters: of a loss that learns something (`parameters(classes:width:seed:)`); their gradients are written.
  ///   - draw: of the miners that draw.
  /// - Throws: `needsPairs` for a loss on pairs; `noPositives` where no class has two items and the loss needs one.
  public func batchLoss(
    _ embeddings: UnsafePointer<Float>, width: Int, labels: [Int], parameters: LossParameters? = nil,
    draw: UInt64 = 0, gradient: UnsafeMutablePointer<Float>
  ) throws(MetricError) -> Double {
    let n = labels.count
    guard n > 0, width > 0 else { throw .emptyData(function: text) }
    if needsMatrix, n > Self.batchLimit {
      throw .batchTooLarge(function: text, items: n, limit: Self.batchLimit)
    }
    // A miner that leaves items out must not leave out that a number is none.
    for k in 0..<n * width where !embeddings[k].isFinite {
      for index in 0..<n * width { gradient[index] = .nan }
      return .nan
    }
    func similarities(_ cosine: Bool, _ row: SimilarityRow) throws(MetricError) -> Double {
      try similarityLoss(
        BatchSimilarities(embeddings, count: n, width: width, cosine: cosine), BatchLabels(labels), gradient, row: row)
    }
    func distances(_ metric: Metric = .euclidean) -> BatchDistances {
      BatchDistances(embeddings, count: n, width: width, metric: metric)
    }
    switch self {
    case .contrastive, .weightedL1: throw .needsPairs(loss: text)
    case .crossEntropy(let smoothing):
      return try crossEntropyLoss(embeddings, width, labels, Float(smoothing), gradient)
    case .triplet(let margin, let mining, let metric):
      return try tripletLoss(distances(metric), BatchLabels(labels), Float(margin), mining, draw: draw, gradient)
    case .margin(let margin, let beta, let mining):
      let known = parameters?.arrays.first
      return try marginLoss(
        distances(), BatchLabels(labels), Float(margin), mining, draw: draw,
        beta: known?.values.first ?? Float(beta), gradient, known?.withPointers { $1 })
    case .lifted(let margin): return try liftedLoss(distances(), BatchLabels(labels), Float(margin), gradient)
    case .nPair: return try similarities(false, Self.nPairRow(1))
    case .ntXent(let temperature): return try similarities(true, Self.nPairRow(Float(temperature)))
    case .supervisedContrastive(let temperature):
      return try similarities(true, Self.supervisedRow(Float(temperature)))
    case .multiSimilarity(let alpha, let beta, let base, let epsilon):
      return try similarities(true, Self.multiSimilarityRow(alpha, beta, base, epsilon))
    case .circle(let margin, let gamma): return try similarities(true, Self.circleRow(margin, gamma))
    case .prototypical(let shots): return try prototypicalLoss(embeddings, width, labels, shots, gradient)
    case .proxyNCA, .proxyAnchor, .arcFace, .cosFace, .centre:
      return try classLoss(embeddings, width, labels, parameters, gradient)
    }
  }

  private func prototypicalLoss(
    _ embeddings: UnsafePointer<Float>, _ width: Int, _ labels: [Int], _ shots: Int,
    _ gradient: UnsafeMutablePointer<Float>
  ) throws(MetricError) -> Double {
    let n = labels.count
    var place: [Int: Int] = [:]
    var support: [[Int]] = []
    var queries: [(row: Int, prototype: Int)] = []
    for (row, label) in labels.enumerated() {
      let prototype = place[label] ?? support.count
      if prototype == support.count {
        place[label] = prototype
        support.append([])
      }
      if support[prototype].count < shots {
        support[prototype].append(row)
      } else {
        queries.append((row, prototype))
      }
    }
    guard !queries.isEmpty else { throw .noPositives(function: text) }
    var prototypes = [Float](repeating: 0, count: support.count * width)
    for (c, rows) in support.enumerated() {
      for row in rows {
        for k in 0..<width { prototypes[c * width + k] += embeddings[row * width + k] / Float(rows.count) }
      }
    }
    for index in 0..<n * width { gradient[index] = 0 }
    var slopes = [Float](repeating: 0, count: prototypes.count)
    var total = 0.0
    var logits = [Float](repeating: 0, count: support.count)
    let scale = 1 / Float(queries.count)
    prototypes.withUnsafeBufferPointer { prototypes in
      guard let base = prototypes.baseAddress else { return }
      for (row, own) in queries {
        let x = embeddings + row * width
        for c in logits.indices { logits[c] = -squaredDistance(x, base + c * width, width) }
        total += Self.softmax(&logits, own)
        for c in logits.indices {
          // d(loss)/d(−|x − c|²)
          let slope = 2 * (logits[c] - (c == own ? 1 : 0)) * scale
          for k in 0..<width {
            let part = slope * (x[k] - base[c * width + k])
            gradient[row * width + k] -= part
            slopes[c * width + k] += part
          }
        }
      }
    }
    for (c, rows) in support.enumerated() {
      for row in rows {
        for k in 0..<width { gradient[row * width + k] += slopes[c * width + k] / Float(rows.count) }
      }
    }
    return total / Double(queries.count)
  }

  /// −log softmax(logits)[own]; leaves softmax(logits) in their place.
  static func softmax(_ logits: inout [Float], _ own: Int) -> Double {
    var greatest = -Float.infinity
    for value in logits { greatest = max(greatest, value) }
    let mine = logits[own]
    var sum: Float = 0
    for k in logits.indices {
      logits[k] = Elementary.exp(logits[k] - greatest)
      sum += logits[k]
    }
    for k in logits.indices { logits[k] /= sum }
    return Double(greatest + Elementary.log(sum) - mine)
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
      for k in 0..<width { sum += Elementary.exp(row[k] - greatest) }
      let logSum = greatest + Elementary.log(sum)
      for k in 0..<width {
        let target = spread + (k == label ? 1 - smoothing : 0)
        let logP = row[k] - logSum
        if target > 0 { total -= Double(target * logP) }
        gradient[i * width + k] = (Elementary.exp(logP) - target) * scale
      }
    }
    return total / Double(labels.count)
  }
}
