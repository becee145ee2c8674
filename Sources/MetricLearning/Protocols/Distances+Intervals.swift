import Synchronization
import Tensors

/// The curve of errors with each class left out in turn, at some hundred thresholds: how far the figures would move with
/// other classes.
struct LeftOutCurves: Sendable {
  /// Ascending.
  private let thresholds: [Float]
  fileprivate let classes: Int
  /// Pairs with a distance below each threshold: of all, and of those that show a class (row by row).
  private let same: [Int]
  private let different: [Int]
  private let sameOf: [Int32]
  private let differentOf: [Int32]
  /// All pairs, and those of each class.
  private let totals: (same: Int, different: Int)
  private let totalsOf: [(same: Int, different: Int)]

  /// Numbers that are kept at most: 64 MB.
  private static let limit = 1 << 23

  /// Nil where there are too many classes for it, or a class without which nothing is left.
  init?(_ embeddings: Embeddings, same sorted: RankedDistances, different: RankedDistances) throws {
    let groups = embeddings.roles()
    let parts = try embeddings.parts()
    classes = groups.count
    let wanted = min(160, Self.limit / max(1, 2 * classes))
    guard wanted >= 32, embeddings.count < Int(Int32.max) else { return nil }
    totals = (sorted.count, different.count)
    totalsOf = groups.map { group in
      let (asking, shown) = (group.queries.count, group.references.count)
      guard let parts else { return (asking * (asking - 1) / 2, asking * (embeddings.count - asking)) }
      return (asking * shown, asking * (parts.gallery.count - shown) + shown * (parts.queries.count - asking))
    }
    let all = totals
    guard totalsOf.allSatisfy({ $0.same < all.same && $0.different < all.different }) else { return nil }
    // Evenly by rank of the same, and from one in a hundred thousand on of the different.
    var chosen = Set(sorted.sample(wanted / 2))
    var share = 1e-5
    while share < 1 {
      chosen.insert(different[min(different.count - 1, Int(share * Double(different.count)))])
      share *= wanted < 160 ? 2 : 1.15
    }
    thresholds = chosen.sorted() + [max(sorted[sorted.count - 1], different[different.count - 1]).nextUp]
    let (grid, count) = (thresholds, thresholds.count)
    self.same = grid.map { sorted.below(Double($0)) }
    self.different = grid.map { different.below(Double($0)) }

    // Each row's pairs by the least threshold that they are below, summed up class by class.
    var place = [Int: Int]()
    for (number, group) in groups.enumerated() { place[group.label] = number }
    let places = place
    let sums = Mutex(
      (same: [Int32](repeating: 0, count: classes * count), different: [Int32](repeating: 0, count: classes * count)))
    /// Counts the pairs of each of some rows with others for the class of the row.
    func tally(_ rows: Embeddings?, with others: Embeddings, countsSame: Bool = true) throws {
      let numbers = others.labels.map { places[$0] ?? 0 }
      let own = rows?.labels.map { places[$0] ?? 0 } ?? numbers
      try others.forEachRow(of: rows?.values) { row, distances in
        var line = (same: [Int32](repeating: 0, count: count), different: [Int32](repeating: 0, count: count))
        let number = own[row]
        for other in numbers.indices where rows != nil || other != row {
          let d = distances[other]
          var (low, high) = (0, count - 1)
          while low < high {
            let middle = (low + high) / 2
            if d < grid[middle] { high = middle } else { low = middle + 1 }
          }
          if numbers[other] != number { line.different[low] += 1 } else if countsSame { line.same[low] += 1 }
        }
        sums.withLock { sums in
          for index in 0..<count {
            sums.same[number * count + index] += line.same[index]
            sums.different[number * count + index] += line.different[index]
          }
        }
      }
    }
    if let parts {
      try tally(parts.queries, with: parts.gallery)
      // A pair of two classes is one of either.
      try tally(parts.gallery, with: parts.queries, countsSame: false)
    } else {
      try tally(nil, with: embeddings)
    }
    var (sameOf, differentOf) = sums.withLock { ($0.same, $0.different) }
    for number in 0..<classes {
      for index in number * count + 1..<(number + 1) * count {
        sameOf[index] += sameOf[index - 1]
        differentOf[index] += differentOf[index - 1]
      }
    }
    // A pair within a class was seen from both sides, where both are one set.
    self.sameOf = parts == nil ? sameOf.map { $0 / 2 } : sameOf
    self.differentOf = differentOf
  }

  /// FAR and FRR at each threshold without a class.
  private func curve(without number: Int) -> [(far: Double, frr: Double)] {
    let count = thresholds.count
    let (same, different) = (
      Double(totals.same - totalsOf[number].same), Double(totals.different - totalsOf[number].different)
    )
    return (0..<count).map { index in
      let at = number * count + index
      return (
        Double(self.different[index] - Int(differentOf[at])) / different,
        1 - Double(self.same[index] - Int(sameOf[at])) / same
      )
    }
  }

  /// Half of the 95 % interval of the equal error rate.
  var equalErrorMargin: Double? {
    Intervals.jackknife(
      (0..<classes).map { number in
        var before = (far: 0.0, frr: 1.0)
        for point in curve(without: number) {
          let (difference, last) = (point.far - point.frr, before.far - before.frr)
          if difference >= 0 {
            let part = difference > last ? -last / (difference - last) : 0
            return before.far + part * (point.far - before.far)
          }
          before = point
        }
        return 1
      })
  }

  /// Half of the 95 % interval of the TAR at a FAR.
  func tarMargin(far: Double) -> Double? {
    Intervals.jackknife(
      (0..<classes).map { number in
        var before = (far: 0.0, frr: 1.0)
        for point in curve(without: number) {
          if point.far > far {
            let part = point.far > before.far ? (far - before.far) / (point.far - before.far) : 0
            return 1 - (before.frr + part * (point.frr - before.frr))
          }
          before = point
        }
        return 1 - before.frr
      })
  }
}

/// The curves, made when an interval is first asked for: they take about twice as long as the distances themselves.
final class LeftOutMemo: Sendable {
  private let embeddings: Embeddings
  private let made = Mutex(LeftOutCurves??.none)

  init(_ embeddings: Embeddings) { self.embeddings = embeddings }

  /// Nil also where the work was given up; it is begun again then.
  func curves(same: RankedDistances, different: RankedDistances) -> LeftOutCurves? {
    made.withLock { made in
      if let made { return made }
      do {
        let fresh = try LeftOutCurves(embeddings, same: same, different: different)
        made = .some(fresh)
        return fresh
      } catch { return nil }
    }
  }
}

extension Distances {
  /// Half of the 95 % interval of the equal error rate, by leaving out one class at a time; nil where the distances came
  /// without their classes, or are counted.
  ///
  /// A rate of 0 has that of `Intervals.atTheEdge`, unless all distances are the same: other classes under a network that
  /// tells nothing apart would give the same figures.
  public var eerMargin: Double? {
    leftOut.flatMap { widened($0.equalErrorMargin, of: eer, classes: $0.classes) }
  }

  /// The same of the TAR at a FAR.
  public func tarMargin(far: Double) -> Double? {
    guard let curves = leftOut, let whole = try? tar(far: far) else { return nil }
    return widened(curves.tarMargin(far: far), of: whole, classes: curves.classes)
  }

  private func widened(_ margin: Double?, of share: Double, classes: Int) -> Double? {
    guard let margin, share <= 0 || share >= 1, !isCollapsed else { return margin }
    return max(margin, Intervals.atTheEdge(classes: classes))
  }
}
