import Synchronization
import Tensors

extension Distances {
  /// Distances of two kinds of pairs: one by one, or counted.
  enum Pairwise {
    case lists(same: [Float], different: [Float])
    case counts(same: RankedDistances, different: RankedDistances)
  }

  /// Each query with each of a gallery: as lists up to a limit of pairs, counted beyond it.
  ///
  /// - Throws: `noSharedClass` and `noDifferentPairs` where there are none.
  static func across(
    _ queries: Embeddings, _ gallery: Embeddings, function: String, limit: Int
  ) throws -> Pairwise {
    var members: [Int: Int] = [:]
    for label in gallery.labels { members[label, default: 0] += 1 }
    // Where each query's pairs go.
    var (samePlaces, differentPlaces): ([Int], [Int]) = ([0], [0])
    for label in queries.labels {
      let own = members[label] ?? 0
      samePlaces.append((samePlaces.last ?? 0) + own)
      differentPlaces.append((differentPlaces.last ?? 0) + gallery.count - own)
    }
    let (sameCount, differentCount) = (samePlaces.last ?? 0, differentPlaces.last ?? 0)
    let items = queries.count + gallery.count
    guard sameCount > 0 else {
      throw MetricError.noSharedClass(
        function: function, queries: Set(queries.labels).count, gallery: members.count, imagesNeeded: 1)
    }
    guard differentCount > 0 else {
      throw MetricError.noDifferentPairs(function: function, classes: members.count, items: items)
    }
    let (labels, others) = (queries.labels, gallery.labels)
    guard sameCount + differentCount > limit else {
      var same = [Float](repeating: 0, count: sameCount)
      var different = [Float](repeating: 0, count: differentCount)
      let (sameStarts, differentStarts) = (samePlaces, differentPlaces)
      try same.withUnsafeMutableBufferPointer { same in
        try different.withUnsafeMutableBufferPointer { different in
          // Queries write to places of their own.
          nonisolated(unsafe) let (same, different) = (same, different)
          try gallery.forEachRow(of: queries.values) { query, distances in
            var (s, d) = (sameStarts[query], differentStarts[query])
            for other in others.indices {
              if others[other] == labels[query] {
                same[s] = distances[other]
                s += 1
              } else {
                different[d] = distances[other]
                d += 1
              }
            }
          }
        }
      }
      return .lists(same: same, different: different)
    }
    let builders = (same: DistanceCounts.Builder(), different: DistanceCounts.Builder())
    let bad = Mutex(Int?.none)
    try gallery.forEachRow(of: queries.values) { query, distances in
      var lines = (same: [Float](), different: [Float]())
      for other in others.indices {
        let distance = distances[other]
        if !distance.isFinite { bad.withLock { $0 = query } }
        if others[other] == labels[query] { lines.same.append(distance) } else { lines.different.append(distance) }
      }
      if bad.withLock({ $0 }) != nil { return }
      lines.same.withUnsafeMutableBufferPointer { builders.same.add($0) }
      lines.different.withUnsafeMutableBufferPointer { builders.different.add($0) }
    }
    if let row = bad.withLock({ $0 }) { throw MetricError.notFinite(function: "distances", item: row) }
    return .counts(
      same: RankedDistances(try builders.same.finish(check: LongWork.check)),
      different: RankedDistances(try builders.different.finish(check: LongWork.check)))
  }
}
