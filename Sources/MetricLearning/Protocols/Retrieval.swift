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
  public var queries: Int
  public var leftOut: Int

  public init(_ embeddings: Embeddings) throws(MetricError) {
    let n = embeddings.count
    var sizes: [Int: Int] = [:]
    for label in embeddings.labels { sizes[label, default: 0] += 1 }
    var first = 0.0
    var precision = 0.0
    var average = 0.0
    var queries = 0
    var row = [Float](repeating: 0, count: n)
    var order: [Int] = []
    for query in 0..<n {
      let label = embeddings.labels[query]
      let r = (sizes[label] ?? 1) - 1
      guard r > 0 else { continue }
      queries += 1
      embeddings.distances(from: query, into: &row)
      order.removeAll(keepingCapacity: true)
      for i in 0..<n where i != query { order.append(i) }
      order.sort {
        if row[$0] != row[$1] { return row[$0] < row[$1] }
        let a = embeddings.labels[$0] == label
        let b = embeddings.labels[$1] == label
        return a == b ? $0 < $1 : b
      }
      var relevant = 0
      var sum = 0.0
      for (rank, item) in order.prefix(r).enumerated() where embeddings.labels[item] == label {
        relevant += 1
        sum += Double(relevant) / Double(rank + 1)
        if rank == 0 { first += 1 }
      }
      precision += Double(relevant) / Double(r)
      average += sum / Double(r)
    }
    guard queries > 0 else { throw .noSamePairs(function: "retrieval", classes: sizes.count, items: n) }
    self.precisionAt1 = first / Double(queries)
    self.rPrecision = precision / Double(queries)
    self.mapAtR = average / Double(queries)
    self.queries = queries
    self.leftOut = n - queries
  }
}
