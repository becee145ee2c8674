extension Script {
  mutating func draw(_ plot: HistogramPlot) {
    let bins = plot.binning
    let heights = plot.heights(bins)
    let x = plot.xAxis(bins)
    axes(x, plot.yAxis(top: (heights.joined().max() ?? 1) * (plot.threshold == nil ? 1.06 : 1.18)))
    if let threshold = plot.threshold { verticalMark(at: threshold.value, in: x.range, label: threshold.label) }
    let captions = plot.groups.enumerated().map { plot.caption($1, bins, $0) }
    let (titles, rest) = plot.hasLegend ? legend(captions) : ([], [])
    var fills: [String] = []
    var outlines: [String] = []
    for index in plot.groups.indices {
      let color = Palette.color(index)
      // The outline comes down to the axis at both ends.
      var rows = ["\(number(bins.start)) 0"]
      for (bin, height) in heights[index].enumerated() {
        rows.append("\(number(bins.edges[bin])) \(number(height))")
        rows.append("\(number(bins.edges[bin + 1])) \(number(height))")
      }
      let name = block(rows + ["\(number(bins.end)) 0"])
      let opacity = plot.groups.count > 1 ? "0.45" : "0.6"
      let title = titles.isEmpty ? "notitle" : titles[index]
      fills.append(
        "\(name) using 1:2 with filledcurves y1=0 fs transparent solid \(opacity) noborder lc rgb \"\(color)\" \(title)"
      )
      outlines.append("\(name) using 1:2 with lines lw 1.4 lc rgb \"\(color)\" notitle")
    }
    add("plot " + (fills + outlines + rest).joined(separator: ", "))
  }
}
