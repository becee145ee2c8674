extension ScatterPlot {
  /// Characters of a label that its line in the legend shows.
  static func captionLimit(figureWidth: Int) -> Int { max(6, min(24, figureWidth / 3 / Legend.character)) }

  /// Pixels that the legend takes beside the plot; 0 where one label has none.
  func legendWidth(figureWidth: Int) -> Int {
    let groups = groups
    guard groups.count > 1 else { return 0 }
    let longest = groups.map(\.label.count).max() ?? 0
    return (min(Self.captionLimit(figureWidth: figureWidth), longest) + 4) * Legend.character
  }
}

extension Script {
  /// Labels that get a line in the legend; more would crowd it.
  static let legendLimit = 20

  mutating func draw(_ plot: ScatterPlot, files: inout TemporaryFiles) throws(PlottingError) {
    axes(plot.xAxis, plot.yAxis)
    let groups = plot.groups
    let shown = min(Self.legendLimit, max(1, (size.height - 90) / Legend.line))
    let limit = groups.count > shown ? shown - 1 : groups.count
    let captionLimit = ScatterPlot.captionLimit(figureWidth: size.width)
    if groups.count > 1 {
      add("unset rmargin")
      add("set key rmargin top vertical Left reverse samplen 0.5")
    }
    let count = plot.x.count
    let radius = count > 5000 ? 0.35 : count > 1000 ? 0.55 : count > 300 ? 0.75 : 0.95
    let drawn = Self.drawn(groups)
    let cell = Self.cell(of: plot, drawn, size)
    var parts: [String] = []
    let pictures = try thumbnails(plot, legend: plot.legendWidth(figureWidth: size.width), files: &files)
    if let pictures {
      add("unset grid")
      parts.append(pictures)
    }
    for (index, group) in drawn.enumerated() {
      if pictures != nil, groups.count == 1 || index >= limit { continue }
      // Beside pictures the legend alone needs a point of each colour.
      let members = cell.map { Self.thinned(group.members, plot, $0) } ?? group.members
      let rows = members.map { "\(number(plot.x[$0])) \(number(plot.y[$0]))" }
      let name = pictures == nil ? "\(block(rows)) using 1:2" : "NaN"
      let caption =
        groups.count > 1 && index < limit ? "title \(quoted(group.label, limit: captionLimit))" : "notitle"
      parts.append(
        "\(name) with points pt \(pictures == nil ? Palette.pointType(index) : 5) "
          + "ps \(pictures == nil ? radius : 1) "
          + "lc rgb \"\(pictures == nil ? Palette.color(index) : Palette.frameText(index))\" " + caption)
    }
    if groups.count > limit {
      parts.append("NaN with lines lw 0 lc rgb \"#ffffff\" title \(quoted("and \(groups.count - limit) more"))")
    }
    add("plot " + parts.joined(separator: ", "))
  }

  /// One group for each colour and shape. Where there are more labels, those that look alike are drawn together: gnuplot
  /// takes longer than its time for thousands of curves.
  private static func drawn(_ groups: [(label: String, members: [Int])]) -> [(label: String, members: [Int])] {
    var drawn = Array(groups.prefix(Palette.lookCount))
    for (index, group) in groups.enumerated().dropFirst(Palette.lookCount) {
      drawn[index % Palette.lookCount].members += group.members
    }
    return drawn
  }

  /// More points than gnuplot draws in a few seconds.
  private static let mostPoints = 100_000

  /// A small box of the plot, in which points of one label look like one of them.
  struct Cell {
    let x: ClosedRange<Double>
    let y: ClosedRange<Double>
    let columns: Double
    let rows: Double

    /// nil for a point that has no place.
    func number(_ x: Double, _ y: Double) -> Int? {
      func part(_ value: Double, _ range: ClosedRange<Double>) -> Double {
        (value / 2 - range.lowerBound / 2) / (range.upperBound / 2 - range.lowerBound / 2)
      }
      let (column, row) = ((part(x, self.x) * columns).rounded(.down), (part(y, self.y) * rows).rounded(.down))
      guard column.isFinite, row.isFinite, abs(column) < 1e6, abs(row) < 1e6 else { return nil }
      return Int(row) * 1_000_000 + Int(column)
    }
  }

  /// The smallest cell that leaves few enough points; nil where there are few anyway.
  private static func cell(
    of plot: ScatterPlot, _ groups: [(label: String, members: [Int])], _ size: FigureSize
  ) -> Cell? {
    guard plot.thumbnails.isEmpty, plot.x.count > mostPoints else { return nil }
    let (x, y) = (plot.xAxis.range, plot.yAxis.range)
    var side = 1.0
    while true {
      let cell = Cell(
        x: x, y: y, columns: (Double(size.width) / side).rounded(.up), rows: (Double(size.height) / side).rounded(.up))
      let kept = groups.reduce(0) { $0 + thinned($1.members, plot, cell).count }
      if kept <= mostPoints || side >= 4 { return cell }
      side *= 2
    }
  }

  /// The first point in each cell.
  static func thinned(_ members: [Int], _ plot: ScatterPlot, _ cell: Cell) -> [Int] {
    var seen: Set<Int> = []
    return members.filter { member in
      guard let place = cell.number(plot.x[member], plot.y[member]) else { return false }
      return seen.insert(place).inserted
    }
  }
}
