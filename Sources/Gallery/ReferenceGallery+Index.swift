import MetricLearning
import Tensors

extension ReferenceGallery {
  /// Who stands for each label, found once for as long as nothing changes.
  struct Index {
    /// Rows of each label's references.
    var members: Members
    /// What a query is compared with, where that is not each reference by itself: of each label one row, the mean of its
    /// references or the embedding of their medoid.
    var centres: (rows: EmbeddingRows, owners: [Int32])?
    /// The rows that are medoids, in the order of the centres; empty where there are none.
    var medoids: [Int32] = []
  }

  func index() throws -> Index {
    let expired = expiredCount
    if let found = cachedIndex, found.version == version, found.embedded == embeddedVersion,
      found.comparison == comparison, found.expired == expired
    {
      return found.index
    }
    var index = Index(members: Members(answering))
    if let rows, comparison != .nearest {
      let centres = EmbeddingRows(width: rows.width, isNormalised: rows.isNormalised)
      var numbers: [Int32] = []
      var values: [Float] = []
      for number in 0..<Int32(index.members.ownerCount) {
        let members = index.members.rows(number)
        guard !members.isEmpty else { continue }
        if number % 1024 == 0 { try LongWork.check() }
        if comparison == .mean {
          values += mean(members, rows)
        } else {
          let medoid = try medoid(members, rows)
          index.medoids.append(medoid)
          values += rows.values(Int(medoid))
        }
        numbers.append(number)
        if values.count >= 1 << 20 {
          try centres.append(values)
          values.removeAll(keepingCapacity: true)
        }
      }
      try centres.append(values)
      index.centres = (centres, numbers)
    }
    cachedIndex = (version, embeddedVersion, comparison, expired, index)
    return index
  }

  private func mean(_ members: ArraySlice<Int32>, _ rows: EmbeddingRows) -> [Float] {
    guard members.count > 1, let first = members.first else { return members.first.map { rows.values(Int($0)) } ?? [] }
    var mean = [Float](repeating: 0, count: rows.values(Int(first)).count)
    for row in members {
      let values = rows.row(Int(row))
      for k in 0..<mean.count { mean[k] += values[k] / Float(members.count) }
    }
    return mean
  }

  /// Of some references the one with the least sum of distances to the others, the first of several.
  private func medoid(_ members: ArraySlice<Int32>, _ rows: EmbeddingRows) throws -> Int32 {
    let list = Array(members)
    guard list.count > 2 else { return list[0] }
    let search = RowSearch(rows: rows, owners: owners, metric: measure.metric)
    // Each on a thread, all distances of its row: as many sums in one order, whoever makes them.
    let sums = RowMemory<Double>(list.count, 0)
    let isGivenUp = LongWork.isGivenUp
    Workers.shared.parallel(slices: (list.count + 15) / 16) { slice in
      if let isGivenUp, isGivenUp() { return }
      for place in slice * 16..<min(list.count, slice * 16 + 16) {
        var sum = 0.0
        for (other, row) in list.enumerated() where other != place {
          // The lower row first: the same bits in both directions.
          let (a, b) = other < place ? (row, list[place]) : (list[place], row)
          sum += search.measured(rows.row(Int(a)), rows.row(Int(b)))
        }
        sums[place] = sum
      }
    }
    try LongWork.check()
    var best = 0
    for place in 1..<list.count where sums[place] < sums[best] { best = place }
    return list[best]
  }

  /// Of each embedding the `k` nearest labels, nearest first (in the order of enrolment where distances are equal).
  ///
  /// - Parameters:
  ///   - embeddings: [count, width].
  ///   - atLeast: so many have to be found, where there are so many; nil: all `k`.
  func matches(_ embeddings: [Float], k: Int, atLeast: Int? = nil) throws -> [[Match]] {
    if let remote {
      let width = max(1, remote.width)
      return try (0..<embeddings.count / width).map {
        try LongWork.check()
        return try remote.nearest(Array(embeddings[$0 * width..<($0 + 1) * width]), k: k, now: now())
      }
    }
    guard let rows else { return [] }
    let index = comparison == .nearest ? nil : try index()
    let search =
      index?.centres.map { RowSearch(rows: $0.rows, owners: $0.owners, metric: measure.metric) }
      ?? RowSearch(rows: rows, owners: answering, metric: measure.metric)
    var found: [[RowSearch.Found]] = []
    if k <= RowSearch.most, let graph = try graph(), graph.pays {
      found = try nearest(graph, embeddings, k: k, owners: answering)
      // A graph that finds too few labels is no answer.
      let least = min(atLeast ?? k, labelCount)
      if found.contains(where: { $0.count < least }) { found = try search.nearest(embeddings, k: k) }
    } else {
      found = try search.nearest(embeddings, k: k)
    }
    let width = rows.width
    return try embeddings.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return [] }
      return try found.enumerated().map { query, list in
        try list.map { one in
          var row = Int(one.row)
          if let index {
            row =
              comparison == .medoid
              ? Int(index.medoids[row])
              : nearest(base + query * width, index.members.rows(one.owner), search.metric, rows)
          }
          return Match(label: try name(of: one.owner), distance: one.distance, reference: position(row))
        }
      }
    }
  }

  /// Which of some references is shown: the nearest.
  private func nearest(
    _ query: UnsafePointer<Float>, _ members: ArraySlice<Int32>, _ metric: Metric, _ rows: EmbeddingRows
  ) -> Int {
    let search = RowSearch(rows: rows, owners: [], metric: metric)
    var best = (distance: Double.infinity, row: Int(members.first ?? 0))
    for row in members {
      let distance = search.measured(query, rows.row(Int(row)))
      if distance < best.distance { best = (distance, Int(row)) }
    }
    return best.row
  }

  /// Of each embedding the distance to the nearest label: what `identify` compares with the threshold.
  func nearestDistances(_ queries: [Float]) throws -> [Float] {
    if remote != nil { return try matches(queries, k: 1).map { Float($0.first?.distance ?? .infinity) } }
    guard let rows else { return [] }
    let search =
      try index().centres.map { RowSearch(rows: $0.rows, owners: $0.owners, metric: measure.metric) }
      ?? RowSearch(rows: rows, owners: owners, metric: measure.metric)
    return try search.nearest(queries, k: 1).map { Float($0.first?.distance ?? .infinity) }
  }
}
