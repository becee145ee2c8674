import Tensors

/// Accuracy on pairs with the threshold from elsewhere: of k folds, the threshold comes from k − 1 and the accuracy from
/// the one left (the protocol of Labeled Faces in the Wild).
public struct Verification: Hashable, Sendable {
  public struct Fold: Hashable, Sendable {
    /// Chosen on the other folds: the one with the most pairs called rightly.
    public var threshold: Double
    /// On this fold.
    public var accuracy: Double
    public var pairs: Int
  }

  public var folds: [Fold]

  /// Mean accuracy of the folds.
  public var accuracy: Double { folds.reduce(0) { $0 + $1.accuracy } / Double(folds.count) }

  /// σ/√k, with σ the standard deviation over the folds (n − 1 in its denominator).
  public var standardError: Double {
    guard folds.count > 1 else { return 0 }
    let mean = accuracy
    let sum = folds.reduce(0) { $0 + ($1.accuracy - mean) * ($1.accuracy - mean) }
    return (sum / Double(folds.count - 1) / Double(folds.count)).squareRoot()
  }

  /// Mean threshold of the folds.
  public var threshold: Double { folds.reduce(0) { $0 + $1.threshold } / Double(folds.count) }

  /// Folds are drawn from the seed, each with its share of same and of different pairs.
  public init(distances: [Float], same: [Bool], folds: Int = 10, seed: UInt64 = 0) throws(MetricError) {
    let n = distances.count
    guard same.count == n else {
      throw .labelCount(function: "verification", labels: same.count, items: n)
    }
    guard folds >= 2, folds <= n else { throw .foldsExceedPairs(folds: folds, pairs: n) }
    if let bad = distances.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(function: "verification", item: bad)
    }
    var stream = RandomStream(seed: seed, stream: 0x766572)
    var fold = [Int](repeating: 0, count: n)
    var next = 0
    for kind in [true, false] {
      var members = (0..<n).filter { same[$0] == kind }
      guard !members.isEmpty else {
        let count = same.count { $0 }
        throw .oneKindOfPair(function: "verification", same: count, different: n - count)
      }
      stream.shuffle(&members)
      for member in members {
        fold[member] = next % folds
        next += 1
      }
    }
    let order = (0..<n).sorted { (distances[$0], $0) < (distances[$1], $1) }
    self.folds = (0..<folds).map { held in
      let others = order.filter { fold[$0] != held }.map { (distance: distances[$0], same: same[$0]) }
      let threshold = Distances.bestThreshold(others)
      let mine = order.filter { fold[$0] == held }
      let right = mine.count { (Double(distances[$0]) < threshold) == same[$0] }
      return Fold(threshold: threshold, accuracy: Double(right) / Double(mine.count), pairs: mine.count)
    }
  }
}
