import Tensors

/// Rows scaled to length 1 (or left as they are), and the way back through the scaling.
struct UnitRows {
  let count: Int
  let width: Int
  let values: [Float]
  let lengths: [Float]
  let isScaled: Bool

  /// - Parameter rows: [count, width].
  init(_ rows: UnsafeBufferPointer<Float>, count: Int, width: Int, scaled: Bool = true) {
    var values = [Float](repeating: 0, count: count * width)
    var lengths = [Float](repeating: 1, count: count)
    for i in 0..<count {
      let row = rows.row(i, width)
      if scaled {
        var sum: Float = 0
        for k in 0..<width { sum += row[k] * row[k] }
        lengths[i] = max(sum.squareRoot(), 1e-6)
      }
      for k in 0..<width { values[i * width + k] = row[k] / lengths[i] }
    }
    self.count = count
    self.width = width
    self.values = values
    self.lengths = lengths
    isScaled = scaled
  }

  /// Dot products with other rows: [count, other.count].
  func products(_ other: UnitRows) -> [Float] {
    var result = [Float](repeating: 0, count: count * other.count)
    guard count > 0, other.count > 0, width > 0 else { return result }
    sgemm(values, other.values, &result, m: count, n: other.count, k: width, transposeB: true)
    return result
  }

  /// From d(loss)/d(scaled rows) to d(loss)/d(rows), written to `gradient`: the part along a row itself changes nothing.
  ///
  /// - Parameter some: how many rows, from the first; all where not given.
  func back(_ direction: [Float], _ gradient: UnsafeMutableBufferPointer<Float>, count some: Int? = nil) {
    for i in 0..<(some ?? count) {
      let at = i * width
      guard isScaled else {
        for k in 0..<width { gradient[at + k] = direction[at + k] }
        continue
      }
      var along: Float = 0
      for k in 0..<width { along += direction[at + k] * values[at + k] }
      for k in 0..<width { gradient[at + k] = (direction[at + k] - along * values[at + k]) / lengths[i] }
    }
  }
}

/// Similarities of a batch's anchors with all its items, [anchors, count]: cosines, or dot products where the rows are not
/// scaled.
struct BatchSimilarities {
  let rows: UnitRows
  let anchors: Int
  let values: [Float]
  var count: Int { rows.count }

  init(_ embeddings: UnsafeBufferPointer<Float>, count: Int, anchors: Int, width: Int, cosine: Bool) {
    rows = UnitRows(embeddings, count: count, width: width, scaled: cosine)
    self.anchors = anchors
    var values = [Float](repeating: 0, count: anchors * count)
    if anchors > 0, width > 0 {
      sgemm(rows.values, rows.values, &values, m: anchors, n: count, k: width, transposeB: true)
    }
    self.values = values
  }

  /// `slopes[i, j]`: d(loss)/d(similarity of i and j) as anchor i sees it; the diagonal has to be 0. Writes the anchors'
  /// gradients.
  func back(_ slopes: [Float], _ gradient: UnsafeMutableBufferPointer<Float>) {
    let (n, width) = (count, rows.width)
    guard anchors > 0, width > 0 else { return }
    var direction = [Float](repeating: 0, count: n * width)
    sgemm(slopes, rows.values, &direction, m: anchors, n: width, k: n)
    sgemm(slopes, rows.values, &direction, m: n, n: width, k: anchors, transposeA: true, accumulate: true)
    rows.back(direction, gradient, count: anchors)
  }
}

/// Distances of a batch's anchors to all its items, [anchors, count].
struct BatchDistances {
  let embeddings: UnsafeBufferPointer<Float>
  let count: Int
  let anchors: Int
  let width: Int
  let metric: Metric
  let values: [Float]

  init(_ embeddings: UnsafeBufferPointer<Float>, count: Int, anchors: Int, width: Int, metric: Metric = .euclidean) {
    var values = [Float](repeating: 0, count: anchors * count)
    for i in 0..<count {
      for j in 0..<min(i, anchors) {
        var d = metric.distance(embeddings.row(i, width), embeddings.row(j, width))
        if metric == .euclidean { d = max(d, EmbeddingLoss.leastSquare.squareRoot()) }
        if i < anchors { values[i * count + j] = d }
        values[j * count + i] = d
      }
    }
    self.embeddings = embeddings
    self.count = count
    self.anchors = anchors
    self.width = width
    self.metric = metric
    self.values = values
  }

  /// `slopes[i, j]`: d(loss)/d(distance of i and j) as anchor i sees it. Writes d(loss)/d(anchors).
  ///
  /// For Euclidean distances, with W the slopes of both directions over the distance: gradient = diag(W 1) X − W X, a
  /// matrix product.
  func back(_ slopes: [Float], _ gradient: UnsafeMutableBufferPointer<Float>) {
    let n = count
    for index in 0..<anchors * width { gradient[index] = 0 }
    guard metric == .euclidean || metric == .squared, let x = embeddings.baseAddress, let dx = gradient.baseAddress
    else { return backByPairs(slopes, gradient) }
    var weights = [Float](repeating: 0, count: anchors * n)
    var sums = [Float](repeating: 0, count: anchors)
    for i in 0..<anchors {
      for j in 0..<n where j != i {
        let slope = slopes[i * n + j] + (j < anchors ? slopes[j * n + i] : 0)
        if slope == 0 { continue }
        let d = values[i * n + j]
        if metric == .squared {
          weights[i * n + j] = 2 * slope
        } else if d * d > EmbeddingLoss.leastSquare * 1.000001 {
          weights[i * n + j] = slope / d
        }
        sums[i] += weights[i * n + j]
      }
    }
    sgemm(weights, x, dx, m: anchors, n: width, k: n)
    for i in 0..<anchors {
      for k in 0..<width { gradient[i * width + k] = sums[i] * embeddings[i * width + k] - gradient[i * width + k] }
    }
  }

  /// The same for any distance.
  private func backByPairs(_ slopes: [Float], _ gradient: UnsafeMutableBufferPointer<Float>) {
    // What an item gets that is no anchor is nobody's.
    var nobody = [Float](repeating: 0, count: width)
    nobody.withUnsafeMutableBufferPointer { nobody in
      for i in 0..<count {
        for j in 0..<min(i, anchors) {
          let slope = (i < anchors ? slopes[i * count + j] : 0) + slopes[j * count + i]
          if slope == 0 { continue }
          metric.addGradient(
            embeddings.row(i, width), embeddings.row(j, width), slope: slope,
            i < anchors ? UnsafeMutableBufferPointer(rebasing: gradient[i * width..<(i + 1) * width]) : nobody,
            UnsafeMutableBufferPointer(rebasing: gradient[j * width..<(j + 1) * width]))
        }
      }
    }
  }
}

/// Which items of a batch count for which anchor: of its class or not, found once; or what a miner chose of them.
struct BatchLabels {
  /// Of each anchor: others of its class.
  var positives: [[Int]]
  /// Of each anchor: items of other classes.
  var negatives: [[Int]]
  /// Whether another of the anchor's class is there at all, chosen or not.
  let hasPositive: [Bool]

  /// - Parameter anchors: how many of the items compare themselves with all; all where not given.
  init(_ labels: [Int], anchors: Int? = nil) {
    var members: [Int: [Int]] = [:]
    for (item, label) in labels.enumerated() { members[label, default: []].append(item) }
    let asking = labels.prefix(anchors ?? labels.count)
    positives = asking.enumerated().map { item, label in (members[label] ?? []).filter { $0 != item } }
    var others: [Int: [Int]] = [:]
    for label in Set(asking) { others[label] = labels.indices.filter { labels[$0] != label } }
    negatives = asking.map { others[$0] ?? [] }
    hasPositive = positives.map { !$0.isEmpty }
  }
}
