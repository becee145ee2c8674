/// Bins over all groups, counted here rather than by gnuplot, so that the counts can be recorded and tested.
public struct Binning: Hashable, Sendable {
  /// Where bins begin, and where the last ends: one more than there are bins, in ascending order.
  public let edges: [Double]
  /// For each group, the count in each bin. A bin holds its lower edge, the last its upper edge too.
  public let counts: [[Int]]
  /// Every bin has this width; nil where the edges were given.
  let width: Double?

  public var binCount: Int { edges.count - 1 }
  var start: Double { edges.first ?? 0 }
  var end: Double { edges.last ?? 1 }

  /// - Parameters:
  ///   - bins: how many of one width, from the least value to the greatest; nil chooses by Freedman and Diaconis
  ///     (2·IQR/∛n), 8 to 60, with a width that reads well.
  ///   - edges: where bins begin and end, finite and ascending, at least two. Values outside are not counted.
  public init(_ groups: [[Double]], bins: Int? = nil, edges: [Double]? = nil) {
    // Held to ±10³⁰⁰, where spans are still numbers.
    let finite = groups.map { $0.filter(\.isFinite).map { max(-1e300, min(1e300, $0)) } }
    if let edges, edges.count > 1 {
      self.edges = edges
      width = nil
      counts = finite.map { Self.counts($0, edges) }
      return
    }
    let all = finite.joined()
    var low = all.min() ?? 0
    var high = all.max() ?? 1
    if low == high {
      let room = low == 0 ? 0.5 : abs(low) * 0.05
      (low, high) = (low - room, high + room)
    }
    var start = low
    var width: Double
    var count: Int
    if let bins {
      count = max(1, min(bins, 1000))
      width = high / Double(count) - low / Double(count)
    } else {
      // Distances start at 0, and so does their axis.
      if low > 0, low < 0.15 * high { low = 0 }
      let span = high - low
      var wanted = Double.infinity
      for group in finite where group.count > 1 {
        let sorted = group.sorted()
        let spread = sorted[sorted.count * 3 / 4] - sorted[sorted.count / 4]
        var root = 1.0
        while root * root * root < Double(sorted.count) { root += 1 }
        if spread > 0 { wanted = min(wanted, 2 * spread / root) }
      }
      if !wanted.isFinite { wanted = span / 10 }
      wanted = max(span / 60, min(wanted * 1.15, span / 8))
      width = Binning.niceWidth(near: wanted)
      start = (low / width).rounded(.down) * width
      let ratio = ((high - start) / width).rounded(.up)
      count = ratio.isFinite ? max(1, min(Int(min(ratio, 1000)), 1000)) : 1
    }
    if !(width > 0) || !width.isFinite { width = 1 }
    // The ends hold the least and the greatest value, whatever rounding makes of a sum of widths.
    var places = (0...count).map { start + width * Double($0) }
    places[0] = min(places[0], low)
    if bins != nil, count < 2 || places[count - 1] <= high {
      places[count] = high
    } else {
      places[count] = max(places[count], high)
    }
    counts = finite.map { Self.counts($0, places, start: start, width: width) }
    self.width = width
    self.edges = places
  }

  /// With few enough bins that each is some columns wide and all together fill most of the room; bins that were asked
  /// for stay (`columns` 0).
  func merged(for columns: Int) -> Binning {
    guard let width, columns > 0, binCount > 1 else { return self }
    func filled(_ factor: Int) -> Double {
      let count = (binCount + factor - 1) / factor
      return count <= columns ? Double(columns / count * count) / Double(columns) : 0
    }
    let most = max(1, min(60, binCount / 8))
    let factor = (1...most).first { filled($0) >= 0.85 } ?? (1...most).max { filled($0) < filled($1) } ?? 1
    if factor == 1 { return self }
    let count = (binCount + factor - 1) / factor
    return Binning(
      edges: (0...count).map { start + width * Double(factor * $0) },
      counts: counts.map { row in
        (0..<count).map { bin in row[(bin * factor)..<min((bin + 1) * factor, row.count)].reduce(0, +) }
      }, width: width * Double(factor))
  }

  private init(edges: [Double], counts: [[Int]], width: Double?) {
    self.edges = edges
    self.counts = counts
    self.width = width
  }

  /// By division. Rounding may name the bin beside the right one, so that the edges decide.
  private static func counts(_ values: [Double], _ edges: [Double], start: Double, width: Double) -> [Int] {
    let count = edges.count - 1
    var row = Array(repeating: 0, count: count)
    for value in values {
      let quotient = ((value - start) / width).rounded(.down)
      guard quotient.isFinite else { continue }
      var place = max(0, min(count - 1, Int(max(-1, min(quotient, 1e6)))))
      while place > 0, value < edges[place] { place -= 1 }
      while place < count - 1, value >= edges[place + 1] { place += 1 }
      row[place] += 1
    }
    return row
  }

  /// By halving, whatever the widths.
  private static func counts(_ values: [Double], _ edges: [Double]) -> [Int] {
    var row = Array(repeating: 0, count: edges.count - 1)
    for value in values where value >= edges[0] && value <= edges[edges.count - 1] {
      var (low, high) = (0, edges.count - 1)
      while high - low > 1 {
        let middle = (low + high) / 2
        if value >= edges[middle] { low = middle } else { high = middle }
      }
      row[low] += 1
    }
    return row
  }

  /// The greatest of the bins' heights that stand over a stretch.
  func greatest(_ heights: [Double], from low: Double, to high: Double) -> Double {
    var greatest = 0.0
    let middle = low / 2 + high / 2
    for bin in 0..<binCount {
      if edges[bin] > high { break }
      // A bin counts where it covers the stretch's middle, or lies within the stretch as a whole.
      let covers = edges[bin] <= middle && middle < edges[bin + 1]
      let lies = edges[bin] >= low && edges[bin + 1] <= high
      if covers || lies { greatest = max(greatest, heights[bin]) }
    }
    return greatest
  }

  /// The nearest round number.
  static func niceWidth(near wanted: Double) -> Double {
    guard wanted > 0, wanted.isFinite else { return 1 }
    var power = 1.0
    while power * 10 <= wanted, power < 1e300 { power *= 10 }
    while power > wanted, power > 1e-300 { power /= 10 }
    var best = power
    for factor in [1.5, 2, 2.5, 3, 4, 5, 6, 8, 10] {
      let (old, new) = (max(wanted / best, best / wanted), max(wanted / (power * factor), power * factor / wanted))
      if new < old { best = power * factor }
    }
    return best
  }
}
