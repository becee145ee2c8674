import Tensors

/// How well each item finds the others of its class among all items.
///
/// R = other items of the query's class. Items at the same distance are ranked with those of other classes first, so
/// that a collapsed network finds nothing. Queries whose class has no other item are left out.
public struct Retrieval: Hashable, Sendable {
  /// Share of queries whose nearest item is of their class.
  public var precisionAt1: Double
  /// Mean over queries of (relevant among the first R) / R.
  public var rPrecision: Double
  /// Mean over queries of (1/R) Σ_{i≤R} P(i)·rel(i)  (Musgrave, Belongie and Lim 2020).
  public var mapAtR: Double
  /// Images that have a like and asked for it.
  public var queries: Int
  /// Images that are alone in their class.
  public var leftOut: Int

  /// What one query adds to the sums.
  private struct Score {
    var first = 0.0
    var precision = 0.0
    var average = 0.0
  }

  /// Each image asks for those of its class; throws `noSamePairs` where no class has two.
  public init(_ embeddings: Embeddings) throws {
    let n = embeddings.count
    let labels = embeddings.labels
    var members: [Int: [Int]] = [:]
    for group in embeddings.rowsByClass() { members[group.label] = group.rows }
    let scores = RowResults(n, Score?.none)
    let groups = members
    try embeddings.forEachRow { query, distances in
      guard let own = groups[labels[query]], own.count > 1 else { return }
      scores[query] = Self.score(query, distances, count: n, labels: labels, own: own)
    }
    var sum = Score()
    var queries = 0
    // In the order of the queries, whoever worked on them.
    for query in 0..<n {
      guard let score = scores[query] else { continue }
      queries += 1
      sum.first += score.first
      sum.precision += score.precision
      sum.average += score.average
    }
    guard queries > 0 else { throw MetricError.noSamePairs(function: "retrieval", classes: members.count, items: n) }
    precisionAt1 = sum.first / Double(queries)
    rPrecision = sum.precision / Double(queries)
    mapAtR = sum.average / Double(queries)
    self.queries = queries
    leftOut = n - queries
  }

  /// The rank of each relevant item is its place among the relevant ones and the others that are as near: no sorting of
  /// all.
  private static func score(
    _ query: Int, _ distances: UnsafePointer<Float>, count: Int, labels: [Int], own: [Int]
  ) -> Score {
    var relevant: [Float] = []
    relevant.reserveCapacity(own.count)
    for row in own where row != query { relevant.append(distances[row]) }
    relevant.sort()
    let r = relevant.count
    // Others that stand before the i-th relevant one, but not before the one before it.
    var before = [Int](repeating: 0, count: r + 1)
    let (label, greatest) = (labels[query], relevant[r - 1])
    labels.withUnsafeBufferPointer { labels in
      for item in 0..<count where distances[item] <= greatest && labels[item] != label {
        let d = distances[item]
        var (low, high) = (0, r)
        while low < high {
          let middle = (low + high) / 2
          if relevant[middle] < d { low = middle + 1 } else { high = middle }
        }
        before[low] += 1
      }
    }
    var score = Score()
    var others = 0
    var found = 0
    for place in 0..<r {
      others += before[place]
      let rank = place + 1 + others
      if rank > r { break }
      found += 1
      score.average += Double(found) / Double(rank)
      if rank == 1 { score.first = 1 }
    }
    score.precision = Double(found) / Double(r)
    score.average /= Double(r)
    return score
  }
}
