extension Script {
  /// Labels that get a line in the legend; more would crowd it.
  static let legendLimit = 20

  mutating func draw(_ plot: ScatterPlot) {
    axes(plot.xLabel, plot.yLabel)
    setRange("x", Self.range(plot.x, zero: false, room: 0.04))
    setRange("y", Self.range(plot.y, zero: false, room: 0.04))
    var order: [String] = []
    var members: [String: [Int]] = [:]
    for index in plot.x.indices {
      let label = plot.labels.isEmpty ? "" : plot.labels[index]
      if members[label] == nil { order.append(label) }
      members[label, default: []].append(index)
    }
    if order.count > 1 { legendAtRight() }
    let radius = plot.x.count > 5000 ? 0.35 : plot.x.count > 1000 ? 0.55 : plot.x.count > 300 ? 0.75 : 0.95
    let shown = isText ? min(Self.legendLimit, max(1, size.height - 6)) : Self.legendLimit
    let limit = order.count > shown ? shown - 1 : order.count
    var parts: [String] = []
    for (index, label) in order.enumerated() {
      let rows = (members[label] ?? []).map { "\(number(plot.x[$0])) \(number(plot.y[$0]))" }
      let name = block(rows)
      let caption =
        order.count > 1 && index < limit ? "title \(GnuplotText.quoted(label, limit: 24))" : "notitle"
      // In text each label has a sign of its own while they last.
      let signs = Array("ox+*#@%&=^~scvnz")
      let style =
        isText
        ? "points pt \(GnuplotText.quoted(String(signs[index % signs.count])))"
        : "points pt \(Palette.pointType(index)) ps \(radius)"
      parts.append("\(name) using 1:2 with \(style) lc rgb \"\(Palette.color(index))\" \(caption)")
    }
    if order.count > limit {
      parts.append("NaN with lines lw 0 lc rgb \"#ffffff\" title \(quoted("and \(order.count - limit) more"))")
    }
    add("plot " + parts.joined(separator: ", "))
  }
}
