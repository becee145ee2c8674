import Tensors

/// How well each item finds the others of its class: among all items, or in a gallery of its own.
///
/// R = the items to be found, those of the query's class. Items at the same distance are ranked with those of other
/// classes first, so that a collapsed network finds nothing. Queries whose class has no other item are left out.
public struct Retrieval: Hashable, Sendable {
  /// What the queries of one class found.
  public struct OfClass: Hashable, Sendable {
    public var label: Int
    public var queries: Int
    /// As `Retrieval`'s of the same names.
    public var precisionAt1: Double
    public var mapAtR: Double
  }

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
  /// In the order of the labels.
  public var classes: [OfClass] = []
  /// At place k − 1: how many queries find the first of their class at rank k.
  private var firstRanks: [Int] = []
  /// At place k − 1: how many queries have one of their class at rank k.
  private var allRanks: [Int] = []

  /// Ranks beyond this one are not kept.
  public static let greatestRank = 1000

  /// Share of queries with one of their class among the first `k`: the cumulative match characteristic, also called
  /// recall@k. 0 < `k` ≤ `greatestRank`.
  public func cmc(_ k: Int) -> Double { Double(firstRanks.prefix(k).reduce(0, +)) / Double(queries) }

  /// Mean share of the query's class among the first `k`. 0 < `k` ≤ `greatestRank`.
  public func precision(at k: Int) -> Double { Double(allRanks.prefix(k).reduce(0, +)) / Double(queries * k) }

  /// What one query adds to the sums.
  private struct Score {
    var first = 0.0
    var precision = 0.0
    var average = 0.0
    /// Of those of its class, up to `greatestRank`.
    var ranks: [Int32] = []
  }

  /// Each image asks for the others of its class, or each query for those of the gallery; throws `noSamePairs` or
  /// `noSharedClass` where there are none, and `noDifferentPairs` where all are of one class.
  public init(_ embeddings: Embeddings) throws {
    guard let (queries, gallery) = try embeddings.parts() else {
      try self.init(embeddings, in: embeddings, isSameSet: true)
      return
    }
    try self.init(queries, in: gallery)
  }

  /// Each query asks for those of its class in the gallery; throws `noSharedClass` where they share no class.
  /// - Parameter gallery: labelled as the queries are, and of as many numbers.
  public init(_ queries: Embeddings, in gallery: Embeddings) throws {
    guard queries.width == gallery.width else {
      throw MetricError.embeddingShape(
        function: "retrieval", values: gallery.values.count, count: gallery.count, width: queries.width)
    }
    try self.init(queries, in: gallery, isSameSet: false)
  }

  private init(_ queries: Embeddings, in gallery: Embeddings, isSameSet: Bool) throws {
    let labels = gallery.labels
    let asking = queries.labels
    var members: [Int: [Int]] = [:]
    for group in gallery.rowsByClass() { members[group.label] = group.rows }
    let scores = RowResults(queries.count, Score?.none)
    let groups = members
    try gallery.forEachRow(of: isSameSet ? nil : queries.values) { query, distances in
      guard let own = groups[asking[query]], own.count > (isSameSet ? 1 : 0) else { return }
      scores[query] = Self.score(
        isSameSet ? query : nil, distances, count: labels.count, labels: labels, label: asking[query], own: own)
    }
    var sum = Score()
    var byClass: [Int: (count: Int, score: Score)] = [:]
    var count = 0
    // In the order of the queries, whoever worked on them.
    for query in 0..<queries.count {
      guard let score = scores[query] else { continue }
      count += 1
      sum.first += score.first
      sum.precision += score.precision
      sum.average += score.average
      var own = byClass[asking[query]] ?? (0, Score())
      own.count += 1
      own.score.first += score.first
      own.score.average += score.average
      byClass[asking[query]] = own
      for (place, rank) in score.ranks.enumerated() {
        let rank = Int(rank)
        while allRanks.count < rank {
          allRanks.append(0)
          firstRanks.append(0)
        }
        allRanks[rank - 1] += 1
        if place == 0 { firstRanks[rank - 1] += 1 }
      }
    }
    guard count > 0 else {
      guard isSameSet else {
        throw MetricError.noSharedClass(
          function: "retrieval", queries: Set(asking).count, gallery: members.count, imagesNeeded: 1)
      }
      throw MetricError.noSamePairs(function: "retrieval", classes: members.count, items: queries.count)
    }
    // Among images of one class every answer is right, whatever the network.
    guard members.count > 1 else {
      throw MetricError.noDifferentPairs(function: "retrieval", classes: members.count, items: gallery.count)
    }
    precisionAt1 = sum.first / Double(count)
    rPrecision = sum.precision / Double(count)
    mapAtR = sum.average / Double(count)
    self.queries = count
    leftOut = queries.count - count
    classes = byClass.sorted { $0.key < $1.key }.map { label, own in
      OfClass(
        label: label, queries: own.count, precisionAt1: own.score.first / Double(own.count),
        mapAtR: own.score.average / Double(own.count))
    }
  }

  /// The rank of each relevant item is its place among the relevant ones and the others that are as near: no sorting of
  /// all.
  /// - Parameter query: its row, where it stands among the items itself.
  private static func score(
    _ query: Int?, _ distances: UnsafePointer<Float>, count: Int, labels: [Int], label: Int, own: [Int]
  ) -> Score {
    var relevant: [Float] = []
    relevant.reserveCapacity(own.count)
    for row in own where row != query { relevant.append(distances[row]) }
    relevant.sort()
    let r = relevant.count
    // Others that stand before the i-th relevant one, but not before the one before it.
    var before = [Int](repeating: 0, count: r + 1)
    let greatest = relevant[r - 1]
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
      if rank > max(r, greatestRank) { break }
      if rank <= greatestRank { score.ranks.append(Int32(rank)) }
      guard rank <= r else { continue }
      found += 1
      score.average += Double(found) / Double(rank)
      if rank == 1 { score.first = 1 }
    }
    score.precision = Double(found) / Double(r)
    score.average /= Double(r)
    return score
  }
}
