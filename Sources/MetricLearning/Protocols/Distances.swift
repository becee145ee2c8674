/// Distances between items of one class ("same") and of two ("different"), and what they say about a network.
///
/// A pair is called the same when its distance is below the threshold. With t a threshold:
/// FAR(t) = different pairs with d < t over all different; FRR(t) = same pairs with d ≥ t over all same.
/// Everything is exact: the distances are kept sorted, four bytes each.
public struct Distances: Sendable {
  /// Ascending.
  public let same: [Float]
  /// Ascending.
  public let different: [Float]

  /// The most pairs that are kept: 2²⁶, 256 MB. More items than make so many pairs are refused in words.
  public static let pairLimit = 1 << 26

  public init(same: [Float], different: [Float]) throws(MetricError) {
    guard !same.isEmpty, !different.isEmpty else {
      throw .oneKindOfPair(function: "distances", same: same.count, different: different.count)
    }
    for list in [same, different] {
      if let bad = list.firstIndex(where: { !$0.isFinite }) { throw .notFinite(function: "distances", item: bad) }
    }
    self.same = sortedAscending(same)
    self.different = sortedAscending(different)
  }

  /// All pairs of the embeddings, each once.
  public init(_ embeddings: Embeddings, limit: Int = Distances.pairLimit) throws(MetricError) {
    let n = embeddings.count
    let groups = embeddings.rowsByClass()
    guard n > 1 else { throw .emptyData(function: "distances") }
    let (product, overflow) = n.multipliedReportingOverflow(by: n - 1)
    guard !overflow, product / 2 <= limit else {
      throw .tooManyPairs(function: "distances", items: n, limit: limit)
    }
    let sameCount = groups.reduce(0) { $0 + $1.rows.count * ($1.rows.count - 1) / 2 }
    guard sameCount > 0 else { throw .noSamePairs(function: "distances", classes: groups.count, items: n) }
    guard groups.count > 1 else { throw .noDifferentPairs(function: "distances", classes: groups.count, items: n) }
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
    var different: [Float] = []
    let same = [Float](unsafeUninitializedCapacity: sameCount) { same, sameInitialized in
      different = [Float](unsafeUninitializedCapacity: differentPlace) { different, initialized in
        let lists = PairLists(same: same, different: different, labels: labels)
        embeddings.forEachUpperRow { row, distances, first in
          guard let toSame = lists.same.baseAddress, let toDifferent = lists.different.baseAddress else { return }
          let label = lists.labels[row]
          let (sameEnd, differentEnd) = (
            row + 1 < n ? sameStarts[row + 1] : sameCount, row + 1 < n ? differentStarts[row + 1] : differentPlace
          )
          var (s, d) = (sameStarts[row], differentStarts[row])
          for other in row + 1..<max(n, row + 1) {
            let distance = distances[other - first]
            if lists.labels[other] == label {
              if s < sameEnd { (toSame + s).initialize(to: distance) }
              s += 1
            } else {
              if d < differentEnd { (toDifferent + d).initialize(to: distance) }
              d += 1
            }
          }
        }
        initialized = differentPlace
      }
      sameInitialized = sameCount
    }
    try self.init(same: same, different: different)
  }

  /// Rows write to places of their own.
  private struct PairLists: @unchecked Sendable {
    let same: UnsafeMutableBufferPointer<Float>
    let different: UnsafeMutableBufferPointer<Float>
    let labels: [Int]
  }

  /// A point of the trade between the two errors.
  public struct Point: Hashable, Sendable {
    public var threshold: Double
    /// Share of different pairs taken for the same.
    public var far: Double
    /// Share of same pairs refused.
    public var frr: Double
    /// Share of same pairs recognised.
    public var tar: Double { 1 - frr }
  }

  public func far(at threshold: Double) -> Double { Double(below(threshold, in: different)) / Double(different.count) }
  public func frr(at threshold: Double) -> Double {
    Double(same.count - below(threshold, in: same)) / Double(same.count)
  }

  /// Share of all pairs called rightly at a threshold.
  public func accuracy(at threshold: Double) -> Double {
    let right = below(threshold, in: same) + different.count - below(threshold, in: different)
    return Double(right) / Double(same.count + different.count)
  }

  /// Every distinct threshold's point, from FAR 0 to FAR 1: at each distance that occurs, and just above the greatest.
  public func curve() -> [Point] {
    var points: [Point] = []
    walk { points.append($0) }
    return points
  }

  /// The curve with at most `count` points, for drawing; the ends and the point nearest to equal error stay.
  public func roc(count: Int = 500) -> [Point] {
    let all = curve()
    guard all.count > count, count > 2 else { return all }
    // Spread over the arc |ΔFAR| + |ΔFRR|, which rises by 2 in all: steep and flat parts both keep their shape.
    var kept = [all[0]]
    let step = 2.0 / Double(count - 1)
    var next = step
    for point in all.dropFirst().dropLast() where point.far + point.tar >= next {
      kept.append(point)
      while next <= point.far + point.tar { next += step }
    }
    kept.append(all[all.count - 1])
    return kept
  }

  private func below(_ threshold: Double, in sorted: [Float]) -> Int {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if Double(sorted[middle]) < threshold { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Passes over both lists once, giving the point at each distinct distance in ascending order, then the one above.
  func walk(_ visit: (Point) -> Void) {
    var s = 0
    var d = 0
    while s < same.count || d < different.count {
      let value: Float
      if s == same.count {
        value = different[d]
      } else if d == different.count {
        value = same[s]
      } else {
        value = min(same[s], different[d])
      }
      visit(point(Double(value), s, d))
      while s < same.count, same[s] == value { s += 1 }
      while d < different.count, different[d] == value { d += 1 }
    }
    let greatest = max(same[same.count - 1], different[different.count - 1])
    visit(point(Double(greatest.nextUp), same.count, different.count))
  }

  private func point(_ threshold: Double, _ s: Int, _ d: Int) -> Point {
    Point(
      threshold: threshold, far: Double(d) / Double(different.count), frr: Double(same.count - s) / Double(same.count))
  }
}
