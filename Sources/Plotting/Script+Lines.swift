extension Script {
  mutating func draw(_ plot: LinePlot) {
    let x = plot.xAxis
    axes(x, plot.yAxis)
    for mark in plot.marks { verticalMark(at: mark.x, in: x.range, label: mark.label) }
    let (titles, rest) = plot.hasLegend ? legend(plot.series.map(plot.caption)) : ([], [])
    var parts: [String] = []
    for (index, series) in plot.series.enumerated() {
      let points = Self.thinned(series.x, series.y)
      // gnuplot takes what is not above 0 off a logarithmic axis by itself, but says so on standard error.
      let name = block(points.map { "\(number($0)) \(plot.logarithmicY && !($1 > 0) ? "NaN" : number($1))" })
      let markers = series.markers ?? (series.y.count <= 60)
      let dash = index / Palette.colors.count > 0 ? " dt 2" : ""
      let style =
        markers
        ? "linespoints lw 2 pt \(Palette.pointType(index)) ps 0.55" : "lines lw \(series.y.count > 500 ? 1.2 : 2)"
      let title = titles.isEmpty ? "notitle" : titles[index]
      parts.append("\(name) using 1:2 with \(style)\(dash) lc rgb \"\(Palette.color(index))\" \(title)")
    }
    add("plot " + (parts + rest).joined(separator: ", "))
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
