import Tensors

/// Accuracy on pairs with the threshold from elsewhere: of k folds, the threshold comes from k − 1 and the accuracy from
/// the one left (the protocol of Labeled Faces in the Wild).
public struct Verification: Hashable, Sendable {
  /// What one part of the pairs gave, with the threshold that the others chose.
  public struct Fold: Hashable, Sendable {
    /// Chosen on the other folds: the one with the most pairs called rightly.
    public var threshold: Double
    /// On this fold.
    public var accuracy: Double
    /// Pairs of the fold.
    public var pairs: Int
  }

  /// In their order.
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

  /// Half of the 95 % interval of the accuracy, by leaving out the pairs that show one class at a time; nil where the
  /// pairs' classes are not known.
  public var margin: Double?

  /// Mean threshold of the folds.
  public var threshold: Double { folds.reduce(0) { $0 + $1.threshold } / Double(folds.count) }

  /// Folds are drawn from the seed, each with its share of same and of different pairs.
  ///
  /// - Parameter classes: of the two images of each pair, for the interval.
  public init(
    distances: [Float], same: [Bool], folds: Int = 10, seed: UInt64 = 0,
    classes: (first: [Int], second: [Int])? = nil
  ) throws {
    let n = distances.count
    guard same.count == n else {
      throw MetricError.labelCount(function: "verification", labels: same.count, items: n)
    }
    guard folds >= 2, folds <= n else { throw MetricError.foldsExceedPairs(folds: folds, pairs: n) }
    if let bad = distances.firstIndex(where: { !$0.isFinite }) {
      throw MetricError.notFinite(function: "verification", item: bad)
    }
    var stream = RandomStream(seed: seed, stream: 0x766572)
    var fold = [Int32](repeating: 0, count: n)
    var next = 0
    for kind in [true, false] {
      var members = (0..<n).filter { same[$0] == kind }
      guard !members.isEmpty else {
        let count = same.count { $0 }
        throw MetricError.oneKindOfPair(function: "verification", same: count, different: n - count)
      }
      try stream.shuffleInterruptibly(&members)
      for member in members {
        fold[member] = Int32(next % folds)
        next += 1
      }
    }
    let order = try ascendingOrder(of: distances)
    let kinds = same
    let held = (0..<folds).map { Int32($0) }
    let folded = fold
    let results = RowResults(folds, Fold?.none)
    let isGivenUp = LongWork.isGivenUp
    Workers.shared.parallel(slices: folds) { index in
      if let isGivenUp, isGivenUp() { return }
      let mine = held[index]
      let threshold = Distances.bestThreshold(
        order.lazy.filter { folded[$0] != mine }.map { (distance: distances[$0], same: kinds[$0]) })
      var (right, count) = (0, 0)
      for pair in order where folded[pair] == mine {
        count += 1
        if (Double(distances[pair]) < threshold) == kinds[pair] { right += 1 }
      }
      results[index] = Fold(threshold: threshold, accuracy: Double(right) / Double(count), pairs: count)
    }
    try LongWork.check()
    let judged = results.all.compactMap { $0 }
    self.folds = judged
    margin = try classes.flatMap { classes in
      try Self.margin(judged, fold, classes) { (Double(distances[$0]) < judged[Int(fold[$0])].threshold) == same[$0] }
    }
  }

  private static func margin(
    _ folds: [Fold], _ fold: [Int32], _ classes: (first: [Int], second: [Int]), isRight: (Int) -> Bool
  ) throws -> Double? {
    guard classes.first.count == fold.count, classes.second.count == fold.count else { return nil }
    var place: [Int: Int] = [:]
    for side in [classes.first, classes.second] {
      for label in side where place[label] == nil { place[label] = place.count }
    }
    // Of each class and fold: the pairs that show it, and how many of them are called rightly.
    let count = folds.count
    guard place.count > 1, place.count <= (1 << 26) / count else { return nil }
    var pairs = [Int32](repeating: 0, count: place.count * count)
    var right = pairs
    var rightOf = [Int](repeating: 0, count: count)
    for pair in fold.indices {
      if pair % 262_144 == 0 { try LongWork.check() }
      let isHit = isRight(pair)
      if isHit { rightOf[Int(fold[pair])] += 1 }
      let (a, b) = (place[classes.first[pair]] ?? 0, place[classes.second[pair]] ?? 0)
      for label in a == b ? [a] : [a, b] {
        pairs[label * count + Int(fold[pair])] += 1
        if isHit { right[label * count + Int(fold[pair])] += 1 }
      }
    }
    let whole = folds.reduce(0) { $0 + $1.accuracy } / Double(count)
    return Intervals.jackknife(
      (0..<place.count).map { label in
        var (sum, used) = (0.0, 0)
        for number in 0..<count {
          let left = folds[number].pairs - Int(pairs[label * count + number])
          if left == 0 { continue }
          sum += Double(rightOf[number] - Int(right[label * count + number])) / Double(left)
          used += 1
        }
        return used > 0 ? sum / Double(used) : .nan
      }, of: whole, classes: place.count)
  }
}
