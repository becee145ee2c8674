import NeuralNetworks
import Synchronization
import Tensors

/// Distances between items of one class ("same") and of two ("different"), and what they say about a network.
///
/// A pair is called the same when its distance is below the threshold. With t a threshold:
/// FAR(t) = different pairs with d < t over all different; FRR(t) = same pairs with d ≥ t over all same.
/// Everything is exact: the distances are kept sorted, four bytes each, or counted where they are too many for that.
public struct Distances: Sendable {
  /// Ascending.
  public let same: RankedDistances
  /// Ascending.
  public let different: RankedDistances
  /// For intervals; nil without the classes of the pairs.
  private let classes: LeftOutMemo?
  var leftOut: LeftOutCurves? { classes?.curves(same: same, different: different) }

  /// The most pairs that are kept one by one: 2²⁶, 256 MB. Of more, it is counted how often each distance occurs.
  public static let pairLimit = 1 << 26

  /// Sorts both; throws `notFinite` for a number that is none, `oneKindOfPair` where one of the lists is empty.
  public init(same: [Float], different: [Float]) throws {
    let ranked = try Self.ranked(same: same, different: different)
    (self.same, self.different) = (ranked.same, ranked.different)
    classes = nil
  }

  private static func ranked(
    same: [Float], different: [Float]
  ) throws -> (same: RankedDistances, different: RankedDistances) {
    guard !same.isEmpty, !different.isEmpty else {
      throw MetricError.oneKindOfPair(function: "distances", same: same.count, different: different.count)
    }
    for list in [same, different] {
      if let bad = list.firstIndex(where: { !$0.isFinite }) {
        throw MetricError.notFinite(function: "distances", item: bad)
      }
    }
    return (
      RankedDistances(sorted: try sortedAscending(same)), RankedDistances(sorted: try sortedAscending(different))
    )
  }

  /// All pairs of the embeddings, each once; with a gallery of its own each query with each of the gallery.
  ///
  /// - Parameters:
  ///   - function: what errors name as the caller.
  ///   - limit: of pairs that are kept one by one.
  public init(
    _ embeddings: Embeddings, function: String = "distances", limit: Int = Distances.pairLimit
  ) throws {
    if let (queries, gallery) = try embeddings.parts() {
      switch try Self.across(queries, gallery, function: function, limit: limit) {
      case .lists(let near, let far):
        let ranked = try Self.ranked(same: near, different: far)
        (same, different) = (ranked.same, ranked.different)
        classes = LeftOutMemo(embeddings)
      case .counts(let near, let far):
        (same, different) = (near, far)
        classes = nil
      }
      return
    }
    let n = embeddings.count
    let groups = embeddings.rowsByClass()
    guard n > 0 else { throw MetricError.emptyData(function: function) }
    let sameCount = groups.reduce(0) { $0 + $1.rows.count * ($1.rows.count - 1) / 2 }
    guard sameCount > 0 else {
      throw MetricError.noSamePairs(function: function, classes: groups.count, items: n)
    }
    guard groups.count > 1 else {
      throw MetricError.noDifferentPairs(function: function, classes: groups.count, items: n)
    }
    let (product, overflow) = n.multipliedReportingOverflow(by: n - 1)
    if !overflow, product / 2 <= limit {
      let lists = try Self.lists(embeddings, sameCount: sameCount)
      let ranked = try Self.ranked(same: lists.same, different: lists.different)
      (same, different) = (ranked.same, ranked.different)
      classes = LeftOutMemo(embeddings)
    } else {
      (same, different) = try Self.counted(embeddings)
      classes = nil
    }
  }

  private static func lists(
    _ embeddings: Embeddings, sameCount: Int
  ) throws -> (same: [Float], different: [Float]) {
    let n = embeddings.count
    // Where each row's pairs with later rows go.
    let labels = embeddings.labels
    var later: [Int: Int] = [:]
    var samePlaces = [Int](repeating: 0, count: n)
    for row in stride(from: n - 1, through: 0, by: -1) {
      samePlaces[row] = later[labels[row], default: 0]
      later[labels[row], default: 0] += 1
    }
    var differentPlaces = samePlaces
    var (samePlace, differentPlace) = (0, 0)
    for row in 0..<n {
      let length = samePlaces[row]
      samePlaces[row] = samePlace
      differentPlaces[row] = differentPlace
      samePlace += length
      differentPlace += n - 1 - row - length
    }
    let (sameStarts, differentStarts) = (samePlaces, differentPlaces)
    var same = [Float](repeating: 0, count: sameCount)
    var different = [Float](repeating: 0, count: differentPlace)
    try same.withUnsafeMutableBufferPointer { same in
      try different.withUnsafeMutableBufferPointer { different in
        let lists = PairLists(same: same, different: different, labels: labels)
        try embeddings.forEachUpperRow { row, distances, first in
          let label = lists.labels[row]
          var (s, d) = (sameStarts[row], differentStarts[row])
          for other in row + 1..<max(n, row + 1) {
            let distance = distances[other - first]
            if lists.labels[other] == label {
              lists.same[s] = distance
              s += 1
            } else {
              lists.different[d] = distance
              d += 1
            }
          }
        }
      }
    }
    return (same, different)
  }

  /// Rows write to places of their own.
  private struct PairLists: @unchecked Sendable {
    let same: UnsafeMutableBufferPointer<Float>
    let different: UnsafeMutableBufferPointer<Float>
    let labels: [Int]
  }

  /// In a stream: no more than some rows' distances are there at a time.
  private static func counted(
    _ embeddings: Embeddings
  ) throws -> (same: RankedDistances, different: RankedDistances) {
    let (n, labels) = (embeddings.count, embeddings.labels)
    let (same, different) = (DistanceCounts.Builder(), DistanceCounts.Builder())
    let bad = Mutex(Int?.none)
    try embeddings.forEachUpperRow { row, distances, first in
      let label = labels[row]
      let length = n - row - 1
      guard length > 0 else { return }
      withUnsafeTemporaryAllocation(of: Float.self, capacity: length) { line in
        line.initialize(repeating: 0)
        // Different ones from the front, same ones from the back.
        var (front, back) = (0, length)
        labels.withUnsafeBufferPointer { labels in
          for other in row + 1..<n {
            let distance = distances[other - first]
            if !distance.isFinite { bad.withLock { $0 = row } }
            if labels[other] == label {
              back -= 1
              line[back] = distance
            } else {
              line[front] = distance
              front += 1
            }
          }
        }
        if bad.withLock({ $0 }) != nil { return }
        if front > 0 { different.add(UnsafeMutableBufferPointer(rebasing: line[..<front])) }
        if back < length { same.add(UnsafeMutableBufferPointer(rebasing: line[back...])) }
      }
    }
    if let row = bad.withLock({ $0 }) { throw MetricError.notFinite(function: "distances", item: row) }
    return (
      RankedDistances(try same.finish(check: LongWork.check)),
      RankedDistances(try different.finish(check: LongWork.check))
    )
  }

  /// A point of the trade between the two errors.
  public struct Point: Hashable, Sendable {
    /// The greatest distance that counts as the same.
    public var threshold: Double
    /// Share of different pairs taken for the same.
    public var far: Double
    /// Share of same pairs refused.
    public var frr: Double
    /// Share of same pairs recognised.
    public var tar: Double { 1 - frr }
  }

  /// False acceptances: the share of different pairs within the threshold, 0…1.
  public func far(at threshold: Double) -> Double { Double(different.below(threshold)) / Double(different.count) }
  /// False rejections: the share of same pairs beyond the threshold, 0…1.
  public func frr(at threshold: Double) -> Double {
    Double(same.count - same.below(threshold)) / Double(same.count)
  }

  /// Share of all pairs called rightly at a threshold.
  public func accuracy(at threshold: Double) -> Double {
    let right = same.below(threshold) + different.count - different.below(threshold)
    return Double(right) / Double(same.count + different.count)
  }

  /// Every distinct threshold's point, from FAR 0 to FAR 1: at each distance that occurs, and just above the greatest.
  public func curve() -> [Point] {
    var points: [Point] = []
    walk {
      points.append($0)
      return true
    }
    return points
  }

  /// The curve with at most `count` points, for drawing; the ends stay.
  public func roc(count: Int = 500) -> [Point] {
    // Spread over the arc |ΔFAR| + |ΔFRR|, which rises by 2 in all: steep and flat parts both keep their shape.
    var (all, kept): ([Point], [Point]) = ([], [])
    let step = 2.0 / Double(max(2, count) - 1)
    var next = step
    var last: Point?
    walk { point in
      if all.count <= count || count <= 2 { all.append(point) }
      if kept.isEmpty {
        kept.append(point)
      } else {
        if let last, last.far + last.tar >= next {
          kept.append(last)
          while next <= last.far + last.tar { next += step }
        }
        last = point
      }
      return true
    }
    guard all.count > count, count > 2 else { return all }
    return kept + (last.map { [$0] } ?? [])
  }

  /// Passes over both kinds once, giving the point at each distinct distance in ascending order, then the one above,
  /// until `visit` says false.
  func walk(_ visit: (Point) -> Bool) {
    var (sameRuns, differentRuns) = (same.runs, different.runs)
    var (nextSame, nextDifferent) = (sameRuns.next(), differentRuns.next())
    var (s, d) = (0, 0)
    var greatest: Float = 0
    while true {
      let value: Float
      switch (nextSame, nextDifferent) {
      case (let one?, let other?): value = min(one.value, other.value)
      case (let one?, nil): value = one.value
      case (nil, let other?): value = other.value
      case (nil, nil):
        _ = visit(point(Double(greatest.nextUp), s, d))
        return
      }
      greatest = value
      guard visit(point(Double(value), s, d)) else { return }
      if let run = nextSame, run.value == value {
        s += run.count
        nextSame = sameRuns.next()
      }
      if let run = nextDifferent, run.value == value {
        d += run.count
        nextDifferent = differentRuns.next()
      }
    }
  }

  private func point(_ threshold: Double, _ s: Int, _ d: Int) -> Point {
    Point(
      threshold: threshold, far: Double(d) / Double(different.count), frr: Double(same.count - s) / Double(same.count))
  }
}
