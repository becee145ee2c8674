import MetricLearning
import Synchronization
import Tensors

/// The nearest rows to queries, exactly.
///
/// The first look is in eight bits. A row x stands there as s·c with |x − s·c| ≤ e, a query q as t·d with |q − t·d| ≤ r. So
/// |s·c − t·d| ≤ |x − q| + e + r, and a row can only be as near as T where |s·c − t·d| ≤ T + e + r: whole numbers are
/// compared with one number for each query, T being the k-th best distance so far. The second look measures those that are
/// left, in floats or doubles as the metric has it. The answer is that of measuring all: how many rows are left depends
/// on the data and on the order, what is found does not.
struct RowSearch {
  let rows: EmbeddingRows
  /// Of each row whose it is; −1: nobody's, passed over.
  let owners: [Int32]
  let metric: Metric

  /// An owner, its distance and the row that has it.
  struct Found: Hashable, Sendable {
    var owner: Int32
    var row: Int32
    var distance: Double

    /// Nearer, or as near and enrolled before.
    @inline(__always)
    static func < (_ a: Self, _ b: Self) -> Bool {
      a.distance != b.distance ? a.distance < b.distance : a.owner < b.owner
    }
  }

  /// Queries that go through a chunk together.
  static let tile = 32
  /// Rows of one call of the kernel.
  static let block = 1024
  /// Beyond so many owners everything is measured and sorted.
  static let most = 128

  /// Of each query the `k` nearest owners, nearest first, each with its nearest row (the first of equals).
  ///
  /// - Parameters:
  ///   - queries: [count, width].
  ///   - passingOver: of each query an owner that does not count.
  ///   - within: those that are farther are not wanted, which makes it quicker.
  /// - Throws: `TensorError.interrupted`.
  func nearest(
    _ queries: [Float], k: Int, passingOver: [Int32]? = nil, within: Double = .infinity
  ) throws -> [[Found]] {
    let count = queries.count / max(1, rows.width)
    guard count > 0, k > 0, rows.count > 0 else { return Array(repeating: [], count: count) }
    if k > Self.most { return try sorted(queries, count, k, passingOver) }
    let work = SearchWork(self, queries, count, k, passingOver, within: within)
    let isGivenUp = LongWork.isGivenUp
    // Chunk by chunk, so that all queries have seen some rows, and know how near is near, before most of the work.
    Workers.shared.parallel(slices: work.tiles * work.chunks) { slice in
      if let isGivenUp, isGivenUp() { return }
      work.run(tile: slice % work.tiles, chunk: slice / work.tiles)
    }
    try LongWork.check()
    return work.found
  }

  /// All rows that are nearer than `radius` to each query, or as near.
  func within(_ radius: Double, of queries: [Float]) throws -> [[Found]] {
    let count = queries.count / max(1, rows.width)
    guard count > 0, rows.count > 0 else { return Array(repeating: [], count: count) }
    let work = SearchWork(self, queries, count, 0, nil, radius: radius)
    let isGivenUp = LongWork.isGivenUp
    Workers.shared.parallel(slices: work.tiles * work.chunks) { slice in
      if let isGivenUp, isGivenUp() { return }
      work.run(tile: slice % work.tiles, chunk: slice / work.tiles)
    }
    try LongWork.check()
    return work.found.map { $0.sorted { ($0.distance, $0.row) < ($1.distance, $1.row) } }
  }

  /// Everything measured: for a `k` that asks for most of the gallery.
  private func sorted(_ queries: [Float], _ count: Int, _ k: Int, _ passingOver: [Int32]?) throws -> [[Found]] {
    let isGivenUp = LongWork.isGivenUp
    let ownerCount = Int(owners.max() ?? -1) + 1
    return try (0..<count).map { query in
      let distances = RowMemory<Double>(rows.count, .infinity)
      queries.withUnsafeBufferPointer { queries in
        guard let base = queries.baseAddress else { return }
        // Read by all, written by none.
        nonisolated(unsafe) let q = base + query * rows.width
        Workers.shared.parallel(slices: rows.chunks.count) { chunk in
          if let isGivenUp, isGivenUp() { return }
          let first = chunk * EmbeddingRows.chunkRows
          for row in first..<min(rows.count, first + EmbeddingRows.chunkRows) where owners[row] >= 0 {
            distances[row] = measured(q, rows.row(row))
          }
        }
      }
      try LongWork.check()
      var best = [Found?](repeating: nil, count: ownerCount)
      for row in 0..<rows.count where owners[row] >= 0 && owners[row] != passingOver?[query] ?? -1 {
        let owner = Int(owners[row])
        if best[owner].map({ distances[row] < $0.distance }) ?? true {
          best[owner] = Found(owner: owners[row], row: Int32(row), distance: distances[row])
        }
      }
      return Array(best.compactMap { $0 }.sorted { $0 < $1 }.prefix(k))
    }
  }

  /// The distance as galleries tell it: Euclidean in double precision, others as the metric has them.
  @inline(__always)
  func measured(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Double {
    guard case .euclidean = metric else {
      // Numbers so large that their distance is none are as far away as can be.
      let distance = Double(metric.distance(a, b, rows.width))
      return distance.isNaN ? .infinity : distance
    }
    var sum = 0.0
    for k in 0..<rows.width {
      let difference = Double(a[k]) - Double(b[k])
      sum += difference * difference
    }
    return sum.squareRoot()
  }

  /// Whether there is a first look in eight bits for a metric.
  static func codes(_ metric: Metric) -> (are: Bool, ofLength1: Bool) {
    switch metric {
    case .euclidean, .squared: (true, false)
    case .cosine: (true, true)
    case .l1, .snr, .weightedL1: (false, false)
    }
  }

  /// How far apart, at most, the rows of the eight bits are where the metric says `distance`: rounding is allowed for.
  func reach(_ distance: Double) -> Double {
    switch metric {
    case .euclidean: distance * (1 + 1e-9)
    // A float's sum of `width` squares, each rounded.
    case .squared: (distance * (1 + Double(rows.width + 8) * 2.4e-7) + 1e-37).squareRoot()
    // |x/|x| − y/|y||² = 2 · (1 − cos).
    case .cosine: (2 * (max(0, distance) * (1 + 1e-6) + 1e-12)).squareRoot()
    case .l1, .snr, .weightedL1: .infinity
    }
  }
}
