extension EmbeddingLoss {
  func tripletLoss(
    _ embeddings: UnsafePointer<Float>, _ width: Int, _ labels: [Int], _ margin: Float, _ mining: Mining,
    _ gradient: UnsafeMutablePointer<Float>
  ) throws(MetricError) -> Double {
    let n = labels.count
    var distance = [Float](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<i {
        let square = squaredDistance(embeddings + i * width, embeddings + j * width, width)
        let d = max(square, Self.leastSquare).squareRoot()
        distance[i * n + j] = d
        distance[j * n + i] = d
      }
    }
    // slope[a, b] = d(loss)/d(distance of a and b), before the mean.
    var slope = [Float](repeating: 0, count: n * n)
    var total = 0.0
    var count = 0
    var sawPositive = false
    func take(_ a: Int, _ p: Int, _ q: Int) {
      let violation = distance[a * n + p] - distance[a * n + q] + margin
      if violation > 0 || violation.isNaN {
        total += Double(violation)
        slope[a * n + p] += 1
        slope[a * n + q] -= 1
        if mining == .all { count += 1 }
      }
      if mining != .all { count += 1 }
    }
    for a in 0..<n {
      let positives = (0..<n).filter { $0 != a && labels[$0] == labels[a] }
      let negatives = (0..<n).filter { labels[$0] != labels[a] }
      guard !positives.isEmpty else { continue }
      sawPositive = true
      guard !negatives.isEmpty else { continue }
      switch mining {
      case .all:
        for p in positives { for q in negatives { take(a, p, q) } }
      case .semihard:
        for p in positives {
          let reach = distance[a * n + p]
          var nearest: Int?
          var farthest = negatives[0]
          for q in negatives {
            let d = distance[a * n + q]
            if d > reach, nearest.map({ d < distance[a * n + $0] }) ?? true { nearest = q }
            if d > distance[a * n + farthest] { farthest = q }
          }
          take(a, p, nearest ?? farthest)
        }
      case .hard:
        var p = positives[0]
        for other in positives where distance[a * n + other] > distance[a * n + p] { p = other }
        var q = negatives[0]
        for other in negatives where distance[a * n + other] < distance[a * n + q] { q = other }
        take(a, p, q)
      }
    }
    guard sawPositive else { throw .noPositives(function: text) }
    let scale = 1 / Float(max(1, count))
    for i in 0..<n {
      let row = gradient + i * width
      for k in 0..<width { row[k] = 0 }
      for j in 0..<n where j != i {
        let weight = slope[i * n + j] + slope[j * n + i]
        let d = distance[i * n + j]
        // At the clamp the distance is a constant.
        if weight == 0 || d * d <= Self.leastSquare * 1.000001 { continue }
        let factor = weight * scale / d
        for k in 0..<width { row[k] += factor * (embeddings[i * width + k] - embeddings[j * width + k]) }
      }
    }
    return total / Double(max(1, count))
  }
}
