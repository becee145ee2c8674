extension Script {
  mutating func draw(_ plot: LinePlot) {
    axes(plot.xLabel, plot.yLabel)
    let xs = plot.series.lazy.flatMap(\.x)
    let shown = plot.series.lazy.flatMap(\.y)
    let low = xs.filter(\.isFinite).min() ?? 0
    let high = xs.filter(\.isFinite).max() ?? 1
    let xRange = low == high ? (low - 0.5)...(high + 0.5) : low...high
    setRange("x", xRange)
    // Epochs and indexes are whole numbers: no tics between them.
    let whole = plot.series.allSatisfy { $0.x.allSatisfy { $0 == $0.rounded() } }
    if whole, xRange.upperBound - xRange.lowerBound <= 12 { add("set xtics 1") }
    if plot.logarithmicY {
      add("set logscale y")
      add("set format y \"%g\"")
      let positive = shown.filter { $0 > 0 && $0.isFinite }
      let (least, most) = (positive.min() ?? 0.1, positive.max() ?? 1)
      setRange("y", (least / 1.2)...(most * (plot.marks.isEmpty ? 1.2 : 2)))
    } else {
      setRange("y", Self.range(shown, zero: true, room: plot.marks.isEmpty ? 0.05 : 0.14))
    }
    for mark in plot.marks { verticalMark(at: mark.x, in: xRange, label: mark.label) }
    let named = plot.series.count > 1 || plot.series.contains { $0.y.contains { !$0.isFinite } }
    if named {
      if plot.series.count > 4 || plot.series.contains(where: { $0.name.count > 30 }) {
        legendAtRight()
      } else {
        legendAbove()
      }
    }
    var parts: [String] = []
    for (index, series) in plot.series.enumerated() {
      let points = Self.thinned(series.x, series.y)
      let name = block(points.map { "\(number($0)) \(number($1))" })
      let missing = series.y.count { !$0.isFinite }
      let title = missing == 0 ? series.name : "\(series.name) (\(missing) of \(series.y.count) not finite)"
      let markers = series.markers ?? (series.y.count <= 60)
      let caption = named && index < 20 ? "title \(quoted(title))" : "notitle"
      if isText {
        parts.append("\(name) using 1:2 with lines lt \(index + 1) lc rgb \"\(Palette.color(index))\" \(caption)")
      } else {
        let dash = index / Palette.colors.count > 0 ? " dt 2" : ""
        let style =
          markers
          ? "linespoints lw 2 pt \(Palette.pointType(index)) ps 0.55" : "lines lw \(series.y.count > 500 ? 1.2 : 2)"
        parts.append("\(name) using 1:2 with \(style)\(dash) lc rgb \"\(Palette.color(index))\" \(caption)")
      }
    }
    add("plot " + parts.joined(separator: ", "))
  }

  /// At most 4,000 points: of each stretch the least and the greatest, so that the curve looks the same.
  static func thinned(_ x: [Double], _ y: [Double]) -> [(Double, Double)] {
    let count = min(x.count, y.count)
    guard count > 4000 else { return Array(zip(x, y)) }
    var result: [(Double, Double)] = []
    let stretches = 2000
    for stretch in 0..<stretches {
      let from = stretch * count / stretches
      let to = (stretch + 1) * count / stretches
      var low = from
      var high = from
      for index in from..<to {
        if !y[low].isFinite || y[index] < y[low] { low = index }
        if !y[high].isFinite || y[index] > y[high] { high = index }
      }
      for index in low == high ? [low] : [min(low, high), max(low, high)] { result.append((x[index], y[index])) }
    }
    return result
  }
}
