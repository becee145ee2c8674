/// Bins of one width over all groups, counted here rather than by gnuplot, so that the counts can be recorded and tested.
public struct Binning: Hashable, Sendable {
  public var start: Double
  public var width: Double
  /// For each group, the count in each bin. The last bin holds its upper edge too.
  public var counts: [[Int]]

  public var binCount: Int { counts.first?.count ?? 0 }

  /// - Parameter bins: nil chooses by Freedman and Diaconis (2·IQR/∛n), 8 to 60, with a width that reads well.
  public init(_ groups: [[Double]], bins: Int? = nil) {
    // Held to ±10³⁰⁰, where spans are still numbers.
    let finite = groups.map { $0.filter(\.isFinite).map { max(-1e300, min(1e300, $0)) } }
    let all = finite.joined()
    var low = all.min() ?? 0
    var high = all.max() ?? 1
    if low == high {
      let room = low == 0 ? 0.5 : abs(low) * 0.05
      (low, high) = (low - room, high + room)
    }
    if let bins {
      let bins = max(1, min(bins, 1000))
      start = low
      width = high / Double(bins) - low / Double(bins)
      counts = []
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
      counts = []
    }
    var bins = bins.map { max(1, min($0, 1000)) } ?? 0
    if bins == 0 {
      let ratio = ((high - start) / width).rounded(.up)
      bins = ratio.isFinite ? max(1, min(Int(min(ratio, 1000)), 1000)) : 1
    }
    if !(width > 0) || !width.isFinite { width = 1 }
    counts = finite.map { values in
      var row = Array(repeating: 0, count: bins)
      for value in values {
        let place = ((value - start) / width).rounded(.down)
        guard place.isFinite else { continue }
        row[max(0, min(bins - 1, Int(max(-1, min(place, 1e6)))))] += 1
      }
      return row
    }
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
