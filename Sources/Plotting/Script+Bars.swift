extension BarPlot {
  /// Names that do not fit side by side stand one under another, and the bars lie.
  func isHorizontal(width: Int) -> Bool {
    let longest = min(names.map(\.count).max() ?? 0, Script.nameLimit)
    return values.count > 1 && values.count * (longest + 2) * Legend.character > width - 90
  }

  /// Pixels of the width that the title does not have: what stands beside lying bars moves the plot to the right.
  func margin(width: Int, fontPixels: Double) -> Int {
    guard isHorizontal(width: width) else { return 80 }
    let longest = names.map { TextWidth.pixels(String($0.prefix(Script.nameLimit)), size: fontPixels) }.max() ?? 0
    return 80 + min(width / 2, Int(longest))
  }

  /// From 0, with room for the numbers at the bars' ends.
  ///
  /// - Parameter room: of the axis's length, on a side with bars.
  func valueAxis(room: Double) -> Axis {
    let finite = values.filter(\.isFinite)
    let low = min(0, finite.min() ?? 0)
    let high = max(0, finite.max() ?? 1)
    let span = low == high ? 1 : high / 2 - low / 2
    let lower = low < 0 ? low - span * 2 * room : 0
    let upper = high > 0 ? high + span * 2 * room : span * 0.1
    return Axis(
      label: yLabel, range: lower...max(upper, lower + 1e-300), isWhole: finite.allSatisfy { $0 == $0.rounded() })
  }
}

extension Script {
  static let nameLimit = 40

  mutating func draw(_ plot: BarPlot) {
    let count = plot.values.count
    add("set style fill solid 0.6 noborder")
    let horizontal = plot.isHorizontal(width: size.width)
    let (along, across) = horizontal ? ("y", "x") : ("x", "y")
    let limit = max(8, min(Self.nameLimit, horizontal ? size.width * 2 / 5 / Legend.character : Self.nameLimit))
    let longest = max(1, min(plot.names.map(\.count).max() ?? 1, limit))
    let length = max(60, size.width - (longest + 6) * Legend.character)
    let axis = plot.valueAxis(room: horizontal ? min(0.4, 60 / Double(length)) : 0.1)
    side(across, axis, horizontal ? ticks(x: axis, room: length) : ticks(y: axis))
    if let label = plot.xLabel { self.label(along, label.text, short: label.name) }
    // The first name stands on top.
    add(
      horizontal
        ? "set yrange [\(number(Double(count) - 0.4)):-0.6]" : "set xrange [-0.6:\(number(Double(count) - 0.4))]")
    // Every name while there is room, else every n-th.
    let room =
      horizontal ? max(1, (size.height - 90) / 16) : max(1, (size.width - 90) / ((longest + 2) * Legend.character))
    let step = count == 1 ? 1 : max(1, (count + room - 1) / room)
    let tics = plot.names.enumerated().filter { $0.offset % step == 0 }
      .map { "\(quotedTic($0.element, limit: limit)) \($0.offset)" }
    add("set \(along)tics scale 0 (\(tics.joined(separator: ", ")))")
    add("set grid no\(along)tics")
    if axis.range.lowerBound < 0 {
      let ends = horizontal ? "first 0, graph 0 to first 0, graph 1" : "graph 0, first 0 to graph 1, first 0"
      add("set arrow from \(ends) nohead lc rgb \"\(Palette.ink)\"")
    }
    let rows = plot.values.enumerated().map { index, value -> String in
      if !horizontal { return "\(index) \(number(value))" }
      // The middle of a lying bar, and half its sides.
      return "\(number(value / 2)) \(index) \(number(abs(value) / 2)) 0.36"
    }
    if !horizontal { add("set boxwidth 0.72") }
    let name = block(rows)
    let style = horizontal ? "using 1:2:3:4 with boxxyerror" : "using 1:2 with boxes"
    if count <= (horizontal ? 60 : 20), step == 1 {
      for (index, value) in plot.values.enumerated() {
        let label = value.isFinite ? Words.shown(value, digits: 3) : "not finite"
        let end = value.isFinite ? value : 0
        let place = horizontal ? "first \(number(end)), first \(index)" : "first \(index), first \(number(end))"
        let beside =
          horizontal
          ? (end < 0 ? "right offset character -0.6,0" : "left offset character 0.6,0")
          : "center offset character 0,\(end < 0 ? -0.8 : 0.6)"
        add("set label \(quoted(label)) at \(place) \(beside) font \",\(fontSize - 2)\"")
      }
    }
    add("plot \(name) \(style) lc rgb \"\(Palette.color(0))\" notitle")
  }
}
