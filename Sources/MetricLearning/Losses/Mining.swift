import ElementaryFunctions
import Tensors

extension EmbeddingLoss {
  /// Which triplets or pairs count.
  public enum Mining: String, Hashable, Sendable, CaseIterable {
    /// Every one that violates the margin.
    case all
    /// For each anchor and positive the nearest negative beyond the positive (or, with none, the farthest one).
    case semihard
    /// For each anchor the farthest positive and the nearest negative.
    case hard
    /// For each anchor and positive one negative, drawn with a chance ∝ 1/q(d), q being the density of the distances of
    /// random points on the sphere (Wu, Manmatha, Smola and Krähenbühl 2017): near and far negatives all have their
    /// turn. For embeddings of length 1.
    case distance
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
