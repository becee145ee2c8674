extension Script {
  mutating func draw(_ plot: BarPlot) {
    axes(plot.xLabel ?? AxisLabel(""), plot.yLabel)
    let count = plot.values.count
    add("set style fill solid 0.6 noborder")
    add("set boxwidth 0.72")
    setRange("x", -0.6...(Double(count) - 0.4))
    let finite = plot.values.filter(\.isFinite)
    let low = min(0, finite.min() ?? 0)
    let high = max(0, finite.max() ?? 1)
    let span = low == high ? 1 : high - low
    setRange("y", (low < 0 ? low - span * 0.08 : 0)...(high > 0 ? high + span * 0.1 : span * 0.05))
    let long = plot.names.map(\.count).max() ?? 0
    let turned = !isText && count * max(1, long) * 9 > size.width - 100
    // Every name while there is room, else every n-th.
    let room = turned ? max(1, (size.width - 100) / 18) : max(1, isText ? size.width / (long + 2) : count)
    let step = max(1, (count + room - 1) / room)
    let tics = plot.names.enumerated().filter { $0.offset % step == 0 }
      .map { "\(GnuplotText.quotedTic($0.element, limit: 24)) \($0.offset)" }
    add("set xtics scale 0 \(turned ? "rotate by -40 " : "")(\(tics.joined(separator: ", ")))")
    add("set grid noxtics")
    if low < 0 { add("set arrow from graph 0, first 0 to graph 1, first 0 nohead lc rgb \"\(Palette.ink)\"") }
    let name = block(plot.values.enumerated().map { "\($0.offset) \(number($0.element))" })
    var parts = ["\(name) using 1:2 with boxes lc rgb \"\(Palette.color(0))\" notitle"]
    if count <= 20, !isText {
      for (index, value) in plot.values.enumerated() {
        let label = value.isFinite ? Words.number(value, digits: 3) : "not finite"
        let height = value.isFinite ? value : 0
        add(
          "set label \(quoted(label)) at first \(index), first \(number(height)) center offset character 0,"
            + "\(height < 0 ? -0.8 : 0.6) font \",\(fontSize - 2)\"")
      }
    }
    if isText { parts = ["\(name) using 1:2 with impulses lc rgb \"\(Palette.color(0))\" notitle"] }
    add("plot " + parts.joined(separator: ", "))
  }
}
