import Diagnostics
import Foundation

/// One side of a plot: what it says, from where to where it goes, and how. Pictures and characters are drawn from the
/// same axes.
struct Axis: Hashable, Sendable {
  var label: AxisLabel
  var range: ClosedRange<Double>
  var isLogarithmic = false
  /// What is counted, as epochs: no ticks between whole numbers.
  var isWhole = false
  /// Ticks that stand instead of the usual ones.
  var fixedTicks: Ticks?

  /// - Parameter count: about how many are wanted.
  func ticks(about count: Int) -> Ticks {
    if let fixedTicks { return fixedTicks }
    return isLogarithmic ? .logarithmic(range, about: count) : .linear(range, about: count, whole: isWhole)
  }

  /// As many ticks as stand side by side in `room`, each label taking `width` for each of its characters.
  func ticks(about count: Int, room: Double, character width: Double) -> Ticks {
    for count in stride(from: max(1, count), to: 1, by: -1) {
      let ticks = ticks(about: count)
      let longest = ticks.labels.map(\.count).max() ?? 1
      if Double(ticks.labels.count) * Double(longest + 2) * width <= room { return ticks }
    }
    return ticks(about: 1)
  }

  /// What stands beside the axis, with what was taken off its labels.
  func text(_ ticks: Ticks) -> String {
    guard let offset = ticks.offset else { return label.text }
    let sign = offset.hasPrefix("-") ? "+ \(offset.dropFirst())" : "− \(offset)"
    return label.name.isEmpty ? sign : "\(label.text) \(sign)"
  }

  /// Where a value stands between the ends, 0…1; nil outside, or where there is no such place.
  func part(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    let part: Double
    if isLogarithmic {
      guard value > 0, range.lowerBound > 0 else { return nil }
      part = log(value / range.lowerBound) / log(range.upperBound / range.lowerBound)
    } else {
      // Halves, because the difference of two large numbers can overflow.
      part = (value / 2 - range.lowerBound / 2) / (range.upperBound / 2 - range.lowerBound / 2)
    }
    return part.isFinite && part >= -1e-9 && part <= 1 + 1e-9 ? max(0, min(1, part)) : nil
  }

  /// The value at a place between the ends, 0…1, of an axis that is not logarithmic.
  func value(_ part: Double) -> Double { range.lowerBound * (1 - part) + range.upperBound * part }

  /// A range that holds the values with a little room, from 0 where they come near it; never empty.
  static func range(_ values: some Sequence<Double>, zero: Bool, room: Double = 0.05) -> ClosedRange<Double> {
    var low = Double.infinity
    var high = -Double.infinity
    for value in values where value.isFinite {
      low = min(low, value)
      high = max(high, value)
    }
    guard low <= high else { return 0...1 }
    // Beyond this, differences overflow; gnuplot's own arithmetic is no better.
    (low, high) = (max(low, -1e300), min(high, 1e300))
    if low == high {
      let half = low == 0 ? 1 : abs(low) * 0.1
      (low, high) = (zero && low >= 0 ? 0 : low - half, high + half)
      return low...high
    }
    let span = high - low
    if zero, low >= 0, low < 0.4 * high { return 0...(high + span * room) }
    return (low - span * room)...(high + span * room)
  }
}

extension LinePlot {
  var xAxis: Axis {
    let finite = series.lazy.flatMap(\.x).filter(\.isFinite)
    // Epochs and indexes are whole numbers: no ticks between them.
    let isWhole = series.allSatisfy { $0.x.allSatisfy { $0 == $0.rounded() } }
    if let low = finite.min(), low == finite.max(), abs(low) < 1e15 {
      return Axis(label: xLabel, range: (low - 0.5)...(low + 0.5), isWhole: isWhole)
    }
    return Axis(label: xLabel, range: Axis.range(finite, zero: false, room: 0), isWhole: isWhole)
  }

  /// Room above for the words of marks.
  var yAxis: Axis {
    let shown = series.lazy.flatMap(\.y)
    guard logarithmicY else {
      return Axis(label: yLabel, range: Axis.range(shown, zero: true, room: marks.isEmpty ? 0.05 : 0.14))
    }
    let positive = shown.filter { $0 > 0 && $0.isFinite }
    let (least, most) = (positive.min() ?? 0.1, positive.max() ?? 1)
    return Axis(
      label: yLabel, range: max(1e-300, least / 1.2)...min(1e300, most * (marks.isEmpty ? 1.2 : 2)),
      isLogarithmic: true)
  }

  /// The name for the legend, with how many values the picture leaves out, and why.
  func caption(_ series: Series) -> String {
    var notes: [String] = []
    let missing = zip(series.x, series.y).count { !$0.isFinite || !$1.isFinite }
    if missing > 0 { notes.append("\(missing) of \(series.y.count) not finite") }
    let hidden = logarithmicY ? zip(series.x, series.y).count { $0.isFinite && $1.isFinite && $1 <= 0 } : 0
    if hidden > 0 { notes.append("\(hidden) of \(series.y.count) not above 0, not shown") }
    let held = zip(series.x, series.y).count { Words.isHeld($0) || Words.isHeld($1) }
    if held > 0 { notes.append("\(held) of \(series.y.count) at or beyond ±1e300, drawn there") }
    return notes.isEmpty ? series.name : "\(series.name) (\(notes.joined(separator: "; ")))"
  }

  /// A legend is needed where there are several curves, or something to say of one.
  var hasLegend: Bool { series.count > 1 || series.contains { caption($0) != $0.name } }
}

extension HistogramPlot {
  public var binning: Binning { Binning(groups.map(\.values), bins: bins, edges: edges) }

  /// What the columns show of the counts.
  func heights(_ binning: Binning) -> [[Double]] {
    binning.counts.map { counts in
      let total = Double(max(1, counts.reduce(0, +)))
      return counts.map { shares ? Double($0) / total * 100 : Double($0) }
    }
  }

  /// A threshold far away would squeeze the data; up to a half more is shown.
  func xAxis(_ binning: Binning) -> Axis {
    var (low, high) = (binning.start, binning.end)
    if let threshold = threshold?.value, threshold.isFinite {
      let span = high - low
      if threshold < low, low - threshold < span / 2 { low = threshold - span * 0.03 }
      if threshold > high, threshold - high < span / 2 { high = threshold + span * 0.03 }
    }
    let range = low < high ? low...high : low...(low + 1)
    guard let threshold, !range.contains(threshold.value) else { return Axis(label: xLabel, range: range) }
    // Where its line would stand is not in the picture.
    return Axis(label: xLabel.noting("\(threshold.label), outside"), range: range)
  }

  func yAxis(top: Double) -> Axis {
    let label = shares ? AxisLabel("share of \(noun)", unit: "%") : AxisLabel("number of \(noun)")
    return Axis(label: label, range: 0...max(top, 1e-9), isWhole: !shares)
  }

  /// The name for the legend, with how many values it counts and how many it leaves out, and why.
  func caption(_ group: Group, _ binning: Binning, _ index: Int) -> String {
    let finite = group.values.count(where: \.isFinite)
    var notes: [String] = []
    if finite < group.values.count { notes.append("\(Words.count(group.values.count - finite)) more not finite") }
    let outside = finite - binning.counts[index].reduce(0, +)
    if outside > 0 { notes.append("\(Words.count(outside)) outside the bins") }
    let held = group.values.count(where: Words.isHeld)
    if held > 0 { notes.append("\(Words.count(held)) at or beyond ±1e300, counted there") }
    // "1 value" of "values", as of "pairs".
    let noun = finite == 1 && noun.hasSuffix("s") ? String(noun.dropLast()) : noun
    let counted = "\(group.name), \(Words.count(finite)) \(noun)"
    return notes.isEmpty ? counted : "\(counted) (\(notes.joined(separator: "; ")))"
  }

  /// A legend is needed where there are several groups, or something to say of one.
  var hasLegend: Bool {
    if groups.count > 1 || groups.contains(where: { $0.values.contains { !$0.isFinite || Words.isHeld($0) } }) {
      return true
    }
    guard let first = edges?.first, let last = edges?.last else { return false }
    return groups.contains { $0.values.contains { $0.isFinite && !(first...max(first, last)).contains($0) } }
  }
}

extension ROCPlot {
  /// The least rate that a logarithmic axis shows.
  var least: Double {
    var least = 0.01
    let positive = curves.lazy.flatMap(\.far).filter { $0 > 0 && $0.isFinite }.min() ?? 0.001
    while least > positive, least > 1e-6 { least /= 10 }
    return least
  }

  /// In per cent.
  var xAxis: Axis {
    let label = AxisLabel("false acceptance rate", unit: "different taken for same, %")
    guard logarithmic else { return Axis(label: label, range: 0...100) }
    return Axis(label: label, range: (least * 100)...100, isLogarithmic: true)
  }

  var yAxis: Axis { Axis(label: AxisLabel("true acceptance rate", unit: "%"), range: 0...100) }

  /// Rates in per cent, in order; on a logarithmic axis only the last of the points at its left end counts.
  func points(_ curve: Curve) -> [(Double, Double)] {
    let least = self.least
    var rows = Script.corners(curve.far, curve.tar).map { far, tar -> (Double, Double) in
      (logarithmic ? max(far, least) : far, tar)
    }
    if logarithmic, let last = rows.lastIndex(where: { $0.0 <= least }) { rows.removeFirst(last) }
    return rows.map { ($0 * 100, $1 * 100) }
  }

  /// Both rates alike, as whoever guesses has them.
  var chance: [(Double, Double)] {
    guard logarithmic else { return [(0, 0), (100, 100)] }
    let low = log(least * 100)
    return (0...60).map { index in
      let rate = exp(low + (log(100) - low) * Double(index) / 60)
      return (rate, rate)
    }
  }

  func caption(_ curve: Curve) -> String {
    var title = curve.name
    if let auc = curve.auc, auc.isFinite { title += ", AUC \(Words.fixed(auc, 4))" }
    if curves.count > 1, let eer = curve.eer, eer.isFinite { title += ", EER \(NumberText.percent(eer))" }
    return title
  }

  /// Where a curve's two errors are alike, in per cent; nil where that is outside the picture.
  func eerPoint(_ curve: Curve) -> (Double, Double)? {
    guard let eer = curve.eer, eer.isFinite, (0...1).contains(eer), !logarithmic || eer >= least else { return nil }
    return (eer * 100, (1 - eer) * 100)
  }
}

extension ScatterPlot {
  var xAxis: Axis {
    let missing = zip(x, y).count { !$0.isFinite || !$1.isFinite }
    let label = missing > 0 ? xLabel.noting("\(Words.count(missing)) of \(Words.count(x.count)) not finite") : xLabel
    return Axis(label: noted(label, x), range: Axis.range(x, zero: false, room: room(along: 600)))
  }

  var yAxis: Axis { Axis(label: noted(yLabel, y), range: Axis.range(y, zero: false, room: room(along: 450))) }

  /// The axis says how many points are drawn elsewhere than they lie: not every scatter plot has a legend.
  private func noted(_ label: AxisLabel, _ values: [Double]) -> AxisLabel {
    let held = values.count(where: Words.isHeld)
    return held > 0 ? label.noting("\(Words.count(held)) at or beyond ±1e300, drawn there") : label
  }

  /// A picture needs more of it at the ends than a point.
  private func room(along pixels: Int) -> Double {
    thumbnails.isEmpty ? 0.04 : Thumbnails(count: thumbnails.count).room(along: pixels)
  }

  /// The points of each label, in the order in which labels come.
  var groups: [(label: String, members: [Int])] {
    var order: [String] = []
    var members: [String: [Int]] = [:]
    for index in x.indices {
      let label = labels.isEmpty ? "" : labels[index]
      if members[label] == nil { order.append(label) }
      members[label, default: []].append(index)
    }
    return order.map { ($0, members[$0] ?? []) }
  }
}
