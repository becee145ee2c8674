import ElementaryFunctions
import Tensors

extension EmbeddingLoss {
  func tripletLoss(
    _ distances: BatchDistances, _ classes: BatchLabels, _ margin: Float, _ mining: Mining, draw: UInt64,
    _ gradient: UnsafeMutablePointer<Float>
  ) throws(MetricError) -> Double {
    let n = classes.count
    let distance = distances.values
    // slopes[a, b] = d(loss)/d(distance of a and b), before the mean.
    var slopes = [Float](repeating: 0, count: n * n)
    var total = 0.0
    var count = 0
    var sawPositive = false
    var miner = DistanceWeightedMiner(width: distances.width, draw: draw)
    func take(_ a: Int, _ p: Int, _ q: Int) {
      let violation = distance[a * n + p] - distance[a * n + q] + margin
      if violation > 0 || violation.isNaN {
        total += Double(violation)
        slopes[a * n + p] += 1
        slopes[a * n + q] -= 1
        if mining == .all { count += 1 }
      }
      if mining != .all { count += 1 }
    }
    for a in 0..<n {
      let (positives, negatives) = (classes.positives[a], classes.negatives[a])
      guard let firstPositive = positives.first else { continue }
      sawPositive = true
      guard let firstNegative = negatives.first else { continue }
      switch mining {
      case .all:
        for p in positives { for q in negatives { take(a, p, q) } }
      case .semihard:
        for p in positives {
          let reach = distance[a * n + p]
          var nearest: Int?
          var farthest = firstNegative
          for q in negatives {
            let d = distance[a * n + q]
            if d > reach, nearest.map({ d < distance[a * n + $0] }) ?? true { nearest = q }
            if d > distance[a * n + farthest] { farthest = q }
          }
          take(a, p, nearest ?? farthest)
        }
      case .hard:
        var p = firstPositive
        for other in positives where distance[a * n + other] > distance[a * n + p] { p = other }
        var q = firstNegative
        for other in negatives where distance[a * n + other] < distance[a * n + q] { q = other }
        take(a, p, q)
      case .distance:
        for p in positives { take(a, p, miner.negative(of: a, among: negatives, distance, n)) }
      }
    }
    guard sawPositive else { throw .noPositives(function: text) }
    let scale = 1 / Float(max(1, count))
    for index in slopes.indices { slopes[index] *= scale }
    distances.back(slopes, gradient)
    return total / Double(max(1, count))
  }

  /// Also writes d(loss)/d(β).
  func marginLoss(
    _ distances: BatchDistances, _ classes: BatchLabels, _ margin: Float, _ mining: Mining, draw: UInt64,
    beta: Float, _ gradient: UnsafeMutablePointer<Float>, _ betaGradient: UnsafeMutablePointer<Float>?
  ) throws(MetricError) -> Double {
    let n = classes.count
    let distance = distances.values
    var slopes = [Float](repeating: 0, count: n * n)
    var total = 0.0
    var count = 0
    var slope: Float = 0
    var sawPositive = false
    var miner = DistanceWeightedMiner(width: distances.width, draw: draw)
    func take(_ a: Int, _ b: Int, _ sign: Float) {
      let violation = sign * (distance[a * n + b] - beta) + margin
      guard violation > 0 || violation.isNaN else { return }
      total += Double(violation)
      count += 1
      slopes[a * n + b] += sign
      slope -= sign
    }
    for a in 0..<n {
      let (positives, negatives) = (classes.positives[a], classes.negatives[a])
      if !positives.isEmpty { sawPositive = true }
      for p in positives {
        take(a, p, 1)
        if mining == .distance, !negatives.isEmpty { take(a, miner.negative(of: a, among: negatives, distance, n), -1) }
      }
      switch mining {
      case .distance: break
      case .all: for q in negatives { take(a, q, -1) }
      case .semihard:
        // The nearest negative beyond the farthest positive.
        let reach = positives.map { distance[a * n + $0] }.max() ?? 0
        let beyond = negatives.filter { distance[a * n + $0] > reach }
        if let q = (beyond.isEmpty ? negatives : beyond).min(by: { distance[a * n + $0] < distance[a * n + $1] }) {
          take(a, q, -1)
        }
      case .hard:
        if let q = negatives.min(by: { distance[a * n + $0] < distance[a * n + $1] }) { take(a, q, -1) }
      }
    }
    guard sawPositive else { throw .noPositives(function: text) }
    let scale = 1 / Float(max(1, count))
    for index in slopes.indices { slopes[index] *= scale }
    distances.back(slopes, gradient)
    betaGradient?[0] = slope * scale
    return total / Double(max(1, count))
  }

  func liftedLoss(
    _ distances: BatchDistances, _ classes: BatchLabels, _ margin: Float, _ gradient: UnsafeMutablePointer<Float>
  ) throws(MetricError) -> Double {
    let n = classes.count
    let distance = distances.values
    var slopes = [Float](repeating: 0, count: n * n)
    var total = 0.0
    var count = 0
    for i in 0..<n {
      for j in classes.positives[i] where j > i {
        count += 1
        let negatives = classes.negatives[i]
        guard !negatives.isEmpty else { continue }
        var greatest = -Float.infinity
        for q in negatives { greatest = max(greatest, margin - distance[i * n + q], margin - distance[j * n + q]) }
        var sum: Float = 0
        for q in negatives {
          sum +=
            Elementary.exp(margin - distance[i * n + q] - greatest)
            + Elementary.exp(margin - distance[j * n + q] - greatest)
        }
        let value = distance[i * n + j] + greatest + Elementary.log(sum)
        if value.isNaN { total += Double(value) }
        guard value > 0 else { continue }
        total += Double(value) * Double(value) / 2
        slopes[i * n + j] += value
        for q in negatives {
          slopes[i * n + q] -= value * Elementary.exp(margin - distance[i * n + q] - greatest) / sum
          slopes[j * n + q] -= value * Elementary.exp(margin - distance[j * n + q] - greatest) / sum
        }
      }
    }
    guard count > 0 else { throw .noPositives(function: text) }
    for index in slopes.indices { slopes[index] /= Float(count) }
    distances.back(slopes, gradient)
    return total / Double(count)
  }
}

/// Draws negatives with a chance that undoes how common their distance is among random points of the sphere in `width`
/// dimensions: log q(d) = (width − 2) log d + (width − 3)/2 · log(1 − d²/4). Distances below 0.5 count as 0.5, for hard
/// ones give noise; those beyond 1.4, which have no gradient in a margin loss, are drawn only where there are no others.
/// Wu, Manmatha, Smola and Krähenbühl 2017.
struct DistanceWeightedMiner {
  private let width: Double
  private var random: RandomStream

  init(width: Int, draw: UInt64) {
    self.width = Double(width)
    random = RandomStream(seed: draw, stream: 0x6D696E)
  }

  /// `negatives` must not be empty.
  mutating func negative(of anchor: Int, among negatives: [Int], _ distance: [Float], _ n: Int) -> Int {
    let ticket = random.uniform()
    var weights: [Double] = []
    weights.reserveCapacity(negatives.count)
    var greatest = -Double.infinity
    for q in negatives {
      let d = max(0.5, Double(distance[anchor * n + q]))
      var weight = -Double.infinity
      if d < 1.4 {
        weight = (2 - width) * Elementary.log(d) - (width - 3) / 2 * Elementary.log(max(1e-8, 1 - d * d / 4))
      }
      weights.append(weight)
      greatest = max(greatest, weight)
    }
    guard greatest.isFinite else { return negatives[min(negatives.count - 1, Int(ticket * Double(negatives.count)))] }
    var sum = 0.0
    for index in weights.indices {
      weights[index] = Elementary.exp(weights[index] - greatest)
      sum += weights[index]
    }
    var left = ticket * sum
    for (index, weight) in weights.enumerated() where weight > 0 {
      left -= weight
      if left < 0 { return negatives[index] }
    }
    return negatives[weights.lastIndex { $0 > 0 } ?? 0]
  }
}
