/// Axes, legends and marks, which several kinds of figures share.
extension Script {
  /// Both axes with their names, ranges and ticks.
  mutating func axes(_ x: Axis, _ y: Axis) {
    side("x", x, ticks(x: x))
    side("y", y, ticks(y: y))
  }

  /// - Parameter room: the axis's length in pixels; nil: the figure's width without its margins.
  func ticks(x: Axis, room: Int? = nil) -> Ticks {
    x.ticks(about: 10, room: Double(room ?? size.width - 90), character: Double(Legend.character))
  }

  func ticks(y: Axis) -> Ticks { y.ticks(about: max(2, min(9, (size.height - 90) / 45))) }

  mutating func side(_ name: String, _ axis: Axis, _ ticks: Ticks) {
    label(name, axis.text(ticks), short: axis.label.name)
    if axis.isLogarithmic { add("set logscale \(name)") }
    setRange(name, axis.range)
    // Half of the last label stands beyond the axis's end.
    if name == "x", let last = ticks.labels.last { add("set rmargin \(number(max(3, Double(last.count) / 2 + 1)))") }
    let words = zip(ticks.values, ticks.labels).map { "\(quotedTic($1)) \(number($0))" }
    let minor = ticks.minor.map { "\"\" \(number($0)) 1" }
    add("set \(name)tics (\((words + minor).joined(separator: ", ")))")
  }

  /// An axis's name, shortened where it is longer than its axis.
  mutating func label(_ name: String, _ text: String, short: String) {
    let room = max(48, name == "x" ? size.width - margin : size.height - 70)
    let shown = TextWidth.pixels(text, size: fontPixels()) <= Double(room) ? text : short
    if !shown.isEmpty { add("set \(name)label \(quoted(shown, pixels: room))") }
  }

  mutating func setRange(_ axis: String, _ range: ClosedRange<Double>) {
    add("set \(axis)range [\(number(range.lowerBound)):\(number(range.upperBound))]")
  }

  /// Where the names of curves stand, and the `title` of each curve's plot; what finds no room is counted in a part
  /// of its own.
  mutating func legend(_ captions: [String]) -> (titles: [String], rest: [String]) {
    let legend = Legend(captions, width: size.width, height: size.height)
    switch legend.place {
    case .above:
      // Between the title and the plot: gnuplot by itself would put it above the title.
      add("set key at graph 0.5, 1.02 center bottom horizontal Left reverse samplen 2 width 2")
      add("set title offset character 0,1.3")
      add("set tmargin \(hasTitle ? 4.6 : 2.6)")
    case .right:
      // The plot's middle goes to the left with the plot.
      setTitle(room: size.width * 7 / 10)
      add("unset rmargin")
      add("set key rmargin top vertical Left reverse samplen 1.5")
    case .below(let columns, let rows):
      // In a margin of our own: gnuplot would print it over the axis's name.
      add("set bmargin \(number(4.2 + Double(rows) * 1.15))")
      add(
        "set key at graph 0.5, screen \(number(bottom + 0.008)) center bottom vertical Left reverse samplen 2 width 1 "
          + "maxrows \(rows) maxcols \(columns)")
    }
    let titles = captions.enumerated().map { index, caption in
      index < legend.shown ? "title \(quoted(caption, limit: legend.limit))" : "notitle"
    }
    guard legend.shown < captions.count else { return (titles, []) }
    return (titles, ["NaN with lines lw 0 lc rgb \"#ffffff\" title \"and \(captions.count - legend.shown) more\""])
  }

  /// A dashed line over the plot's whole height, its words at the top on the side with more room.
  mutating func verticalMark(at x: Double, in range: ClosedRange<Double>, label: String) {
    guard x.isFinite, x >= range.lowerBound, x <= range.upperBound else { return }
    let middle = range.lowerBound / 2 + range.upperBound / 2
    add(
      "set arrow from first \(number(x)), graph 0 to first \(number(x)), graph 1 nohead front dt (8,6) lw 1.4 "
        + "lc rgb \"\(Palette.ink)\"")
    let side = x > middle ? "right offset character -0.8,0" : "left offset character 0.8,0"
    let room = max(48, (size.width - 90) / 2)
    add("set label \(quoted(label, pixels: room)) at first \(number(x)), graph 0.965 \(side) front")
  }
}
