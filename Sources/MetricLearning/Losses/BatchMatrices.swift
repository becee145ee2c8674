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
  func back(_ direction: [Float], _ gradient: UnsafeMutableBufferPointer<Float>) {
    for i in 0..<count {
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

/// Similarities of all items of a batch with each other: cosines, or dot products where the rows are not scaled.
struct BatchSimilarities {
  let rows: UnitRows
  let values: [Float]
  var count: Int { rows.count }

  init(_ embeddings: UnsafeBufferPointer<Float>, count: Int, width: Int, cosine: Bool) {
    rows = UnitRows(embeddings, count: count, width: width, scaled: cosine)
    values = rows.products(rows)
  }

  /// `slopes[i, j]`: d(loss)/d(similarity of i and j) as anchor i sees it; the diagonal has to be 0.
  func back(_ slopes: [Float], _ gradient: UnsafeMutableBufferPointer<Float>) {
    let (n, width) = (count, rows.width)
    guard n > 0, width > 0 else { return }
    var direction = [Float](repeating: 0, count: n * width)
    sgemm(slopes, rows.values, &direction, m: n, n: width, k: n)
    sgemm(slopes, rows.values, &direction, m: n, n: width, k: n, transposeA: true, accumulate: true)
    rows.back(direction, gradient)
  }
}

/// Distances of all items of a batch with each other.
struct BatchDistances {
  let embeddings: UnsafeBufferPointer<Float>
  let count: Int
  let width: Int
  let metric: Metric
  let values: [Float]

  init(_ embeddings: UnsafeBufferPointer<Float>, count: Int, width: Int, metric: Metric = .euclidean) {
    var values = [Float](repeating: 0, count: count * count)
    for i in 0..<count {
      for j in 0..<i {
        var d = metric.distance(embeddings.row(i, width), embeddings.row(j, width))
        if metric == .euclidean { d = max(d, EmbeddingLoss.leastSquare.squareRoot()) }
        values[i * count + j] = d
        values[j * count + i] = d
      }
    }
    self.embeddings = embeddings
    self.count = count
    self.width = width
    self.metric = metric
    self.values = values
  }

  /// `slopes[i, j]`: d(loss)/d(distance of i and j) as i sees it. Writes d(loss)/d(embeddings).
  ///
  /// For Euclidean distances, with W the slopes of both directions over the distance: gradient = diag(W 1) X − W X, a
  /// matrix product.
  func back(_ slopes: [Float], _ gradient: UnsafeMutableBufferPointer<Float>) {
    let n = count
    for index in 0..<n * width { gradient[index] = 0 }
    guard metric == .euclidean || metric == .squared, let x = embeddings.baseAddress, let dx = gradient.baseAddress
    else {
      for i in 0..<n {
        for j in 0..<i {
          let slope = slopes[i * n + j] + slopes[j * n + i]
          if slope == 0 { continue }
          metric.addGradient(
            embeddings.row(i, width), embeddings.row(j, width), slope: slope,
            UnsafeMutableBufferPointer(rebasing: gradient[i * width..<(i + 1) * width]),
            UnsafeMutableBufferPointer(rebasing: gradient[j * width..<(j + 1) * width]))
        }
      }
      return
    }
    var weights = [Float](repeating: 0, count: n * n)
    var sums = [Float](repeating: 0, count: n)
    for i in 0..<n {
      for j in 0..<n where j != i {
        let slope = slopes[i * n + j] + slopes[j * n + i]
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
    sgemm(weights, x, dx, m: n, n: width, k: n)
    for i in 0..<n {
      for k in 0..<width { gradient[i * width + k] = sums[i] * embeddings[i * width + k] - gradient[i * width + k] }
    }
  }
}

/// Which items of a batch are of which class, found once.
struct BatchLabels {
  let labels: [Int]
  /// Of each item: the others of its class.
  let positives: [[Int]]
  /// Of each item: those of other classes.
  let negatives: [[Int]]
  var count: Int { labels.count }

  init(_ labels: [Int]) {
    self.labels = labels
    var members: [Int: [Int]] = [:]
    for (item, label) in labels.enumerated() { members[label, default: []].append(item) }
    positives = labels.enumerated().map { item, label in (members[label] ?? []).filter { $0 != item } }
    var others: [Int: [Int]] = [:]
    for label in members.keys { others[label] = labels.indices.filter { labels[$0] != label } }
    negatives = labels.map { others[$0] ?? [] }
  }
}
