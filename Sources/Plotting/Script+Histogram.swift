extension Script {
  mutating func draw(_ plot: HistogramPlot) {
    let bins = Binning(plot.groups.map(\.values), bins: plot.bins)
    let heights = zip(plot.groups, bins.counts).map { group, counts -> [Double] in
      let total = Double(max(1, counts.reduce(0, +)))
      return counts.map { plot.shares ? Double($0) / total * 100 : Double($0) }
    }
    axes(
      plot.xLabel, plot.shares ? AxisLabel("share of \(plot.noun)", unit: "%") : AxisLabel("number of \(plot.noun)"))
    var low = bins.start
    var high = bins.start + bins.width * Double(bins.binCount)
    if let threshold = plot.threshold?.value, threshold.isFinite {
      // A threshold far away would squeeze the data; up to a half more is shown.
      let span = high - low
      if threshold < low, low - threshold < span / 2 { low = threshold - span * 0.03 }
      if threshold > high, threshold - high < span / 2 { high = threshold + span * 0.03 }
    }
    if !(low < high) { high = low + 1 }
    setRange("x", low...high)
    let top = heights.joined().max() ?? 1
    setRange("y", 0...max(top * (plot.threshold == nil ? 1.06 : 1.18), 1e-9))
    if !plot.shares, top < 8 { add("set ytics 1") }
    if let threshold = plot.threshold { verticalMark(at: threshold.value, in: low...high, label: threshold.label) }
    let named = plot.groups.count > 1 || plot.groups.contains { $0.values.contains { !$0.isFinite } }
    if named { legendAbove() }
    var fills: [String] = []
    var outlines: [String] = []
    for (index, group) in plot.groups.enumerated() {
      let color = Palette.color(index)
      var rows: [String] = []
      for (bin, height) in heights[index].enumerated() {
        let left = bins.start + bins.width * Double(bin)
        rows.append("\(number(left)) \(number(height))")
        rows.append("\(number(left + bins.width)) \(number(height))")
      }
      // The outline comes down to the axis at both ends.
      let first = "\(number(bins.start)) 0"
      let last = "\(number(bins.start + bins.width * Double(bins.binCount))) 0"
      let name = block([first] + rows + [last])
      let missing = group.values.count { !$0.isFinite }
      var title = "\(group.name), \(Words.count(group.values.count - missing)) \(plot.noun)"
      if missing > 0 { title += " (\(missing) more not finite)" }
      let caption = named ? "title \(quoted(title))" : "notitle"
      if isText {
        fills.append("\(name) using 1:2 with lines lt \(index + 1) lc rgb \"\(color)\" \(caption)")
      } else {
        let opacity = plot.groups.count > 1 ? "0.45" : "0.6"
        fills.append(
          "\(name) using 1:2 with filledcurves y1=0 fs transparent solid \(opacity) noborder lc rgb \"\(color)\" \(caption)"
        )
        outlines.append("\(name) using 1:2 with lines lw 1.4 lc rgb \"\(color)\" notitle")
      }
    }
    add("plot " + (fills + outlines).joined(separator: ", "))
  }
}
