extension Script {
  /// Labels that get a line in the legend; more would crowd it.
  static let legendLimit = 20

  mutating func draw(_ plot: ScatterPlot, files: inout TemporaryFiles) throws(PlottingError) {
    axes(plot.xAxis, plot.yAxis)
    let groups = plot.groups
    let shown = min(Self.legendLimit, max(1, (size.height - 90) / Legend.line))
    let limit = groups.count > shown ? shown - 1 : groups.count
    let captionLimit = max(6, min(24, size.width / 3 / Legend.character))
    if groups.count > 1 {
      add("unset rmargin")
      add("set key rmargin top vertical Left reverse samplen 0.5")
    }
    let count = plot.x.count
    let radius = count > 5000 ? 0.35 : count > 1000 ? 0.55 : count > 300 ? 0.75 : 0.95
    var parts: [String] = []
    let longest = groups.map(\.label.count).max() ?? 0
    let legend = groups.count > 1 ? (min(captionLimit, longest) + 4) * Legend.character : 0
    let pictures = try thumbnails(plot, legend: legend, files: &files)
    if let pictures {
      add("unset grid")
      parts.append(pictures)
    }
    for (index, group) in groups.enumerated() {
      if pictures != nil, groups.count == 1 || index >= limit { continue }
      // Beside pictures the legend alone needs a point of each colour.
      let rows = group.members.map { "\(number(plot.x[$0])) \(number(plot.y[$0]))" }
      let name = pictures == nil ? "\(block(rows)) using 1:2" : "NaN"
      let caption =
        groups.count > 1 && index < limit ? "title \(quoted(group.label, limit: captionLimit))" : "notitle"
      parts.append(
        "\(name) with points pt \(pictures == nil ? Palette.pointType(index) : 5) "
          + "ps \(pictures == nil ? radius : 1) lc rgb \"\(Palette.color(index))\" " + caption)
    }
    if groups.count > limit {
      parts.append("NaN with lines lw 0 lc rgb \"#ffffff\" title \(quoted("and \(groups.count - limit) more"))")
    }
    add("plot " + parts.joined(separator: ", "))
  }
}
