/// What the colours of a matrix mean.
struct HeatmapColors {
  /// From the least value to the greatest.
  let range: ClosedRange<Double>
  /// Mostly nothing, as counts of confusions: what is 0 is left white, so that the rest can be seen.
  let isSparse: Bool
  let map: Palette.Map
  /// Counts: no ticks between whole numbers.
  let isWhole: Bool

  init(_ values: [Double]) {
    let finite = values.filter(\.isFinite)
    let low = finite.min() ?? 0
    let high = finite.max() ?? 1
    range = low == high ? Axis.range([low], zero: false) : low...high
    let zeros = finite.count { $0 == 0 }
    isSparse = low >= 0 && zeros * 5 >= finite.count * 2 && zeros < finite.count
    map = isSparse ? .blues : .viridis
    isWhole = finite.allSatisfy { $0 == $0.rounded() }
  }

  /// 0…1; nil for what is not finite.
  func part(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    return (value / 2 - range.lowerBound / 2) / (range.upperBound / 2 - range.lowerBound / 2)
  }

  func isLeftOut(_ value: Double) -> Bool { isSparse && value == 0 }
}

extension HeatmapPlot {
  /// Characters of a name that are shown.
  static let nameLimit = 20

  /// Pixels of the width that the title does not have: names of rows move the plot to the right, the bar of colours to
  /// the left.
  func margin(fontPixels: Double) -> Int {
    let longest = rowNames.map { TextWidth.pixels(String($0.prefix(Self.nameLimit)), size: fontPixels) }.max() ?? 0
    let (left, right) = (Int(longest) + 60, 100)
    return max(80, abs(left - right) + 30)
  }
}

extension Script {
  mutating func draw(_ plot: HeatmapPlot, files: inout TemporaryFiles) throws(PlottingError) {
    let colors = HeatmapColors(plot.values)
    let range = colors.range
    add("unset grid")
    add("unset rmargin")
    add("set style fill solid noborder")
    add("set border 15 lw 1 lc rgb \"\(Palette.ink)\"")
    add(colors.map.definition)
    add("set cbrange [\(number(range.lowerBound)):\(number(range.upperBound))]")
    add("set colorbox noborder")
    colorTicks(plot, colors)
    setRange("x", -0.5...(Double(plot.columns) - 0.5))
    add("set yrange [\(number(Double(plot.rows) - 0.5)):-0.5]")
    let ratio = Double(plot.rows) / Double(plot.columns)
    let isSquare = ratio > 0.3 && ratio < 3
    let width = isSquare ? min(size.width - 160, Int(Double(size.height - 110) / ratio)) : size.width - 160
    names("x", plot.columnNames, Self.noted(plot), count: plot.columns, room: width)
    names("y", plot.rowNames, plot.yLabel, count: plot.rows, room: size.height - 100)
    if isSquare { add("set size ratio \(number(ratio))") }
    // Cells as pixels of an image of our own: sharp in every format, and no limit by gnuplot's matrix reader.
    let (rows, columns, values) = Self.drawable(plot)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(rows * columns * 3)
    for value in values {
      guard let part = colors.part(value) else {
        bytes.append(contentsOf: [205, 205, 205])
        continue
      }
      let (r, g, b) = colors.isLeftOut(value) ? (255, 255, 255) : colors.map.color(part)
      bytes.append(contentsOf: [r, g, b])
    }
    let path = try files.write(bytes)
    var parts = [
      "\(GnuplotText.quoted(path, limit: 4000)) binary array=(\(columns),\(rows)) "
        + "dx=\(number(Double(plot.columns) / Double(columns))) dy=\(number(Double(plot.rows) / Double(rows))) "
        + "center=(\(number(Double(plot.columns - 1) / 2)),\(number(Double(plot.rows - 1) / 2))) "
        + "format=\"%uchar%uchar%uchar\" using 1:2:3 with rgbimage \(rows * columns <= 2500 ? "pixels " : "")notitle",
      // The colour box is drawn only with a plot that uses the palette.
      "NaN with points palette notitle",
    ]
    for (color, cells) in numbers(plot, colors) {
      let name = block(cells)
      parts.append("\(name) using 1:2:3 with labels font \",\(fontSize - 2)\" textcolor rgb \"\(color)\" notitle")
    }
    add("plot " + parts.joined(separator: ", "))
  }

  /// The numbers in the cells where they fit, in the colour that stands out there.
  private func numbers(_ plot: HeatmapPlot, _ colors: HeatmapColors) -> [(color: String, cells: [String])] {
    let ratio = max(0.3, min(3, Double(plot.rows) / Double(plot.columns)))
    let side = min(Double(size.width - 180), Double(size.height - 110) / ratio)
    let (width, height) = (side / Double(plot.columns), side * ratio / Double(plot.rows))
    guard plot.rows * plot.columns <= 2500, height >= 15 else { return [] }
    let texts = plot.values.map { value in
      value.isFinite && !colors.isLeftOut(value) ? Words.shown(value, digits: 3) : ""
    }
    guard Double((texts.map(\.count).max() ?? 1) * 7 + 4) <= width else { return [] }
    var light: [String] = []
    var dark: [String] = []
    for (index, value) in plot.values.enumerated() where !texts[index].isEmpty {
      guard let part = colors.part(value) else { continue }
      let row = "\(index % plot.columns) \(index / plot.columns) \"\(texts[index])\""
      if colors.map.isDark(part) { light.append(row) } else { dark.append(row) }
    }
    return [("#ffffff", light), ("#000000", dark)].filter { !$0.1.isEmpty }
  }

  /// What colours mean; the name lies over the bar, where no number is.
  private mutating func colorTicks(_ plot: HeatmapPlot, _ colors: HeatmapColors) {
    let axis = Axis(label: plot.valueLabel ?? AxisLabel(""), range: colors.range, isWhole: colors.isWhole)
    let ticks = axis.ticks(about: max(2, min(8, (size.height - 110) / 45)))
    let words = zip(ticks.values, ticks.labels).map { "\(quotedTic($1)) \(number($0))" }
    add("set cbtics scale 0.4 (\(words.joined(separator: ", ")))")
    let name = axis.text(ticks)
    if !name.isEmpty {
      add(
        "set label \(quoted(name, pixels: 120, larger: -1)) at graph 1.04, graph 1 left offset character 0,0.9 "
          + "font \",\(fontSize - 1)\"")
    }
  }

  /// Names along an axis: side by side, or turned where there are too many, or every n-th.
  private mutating func names(_ axis: String, _ names: [String], _ label: AxisLabel, count: Int, room: Int) {
    self.label(axis, label.text, short: label.name)
    let limit = HeatmapPlot.nameLimit
    guard names.count == count else {
      let numbers = Axis(label: label, range: 0...Double(max(1, count - 1)), isWhole: true)
      let about = max(2, min(10, room / 50))
      let ticks =
        axis == "x"
        ? numbers.ticks(about: about, room: Double(room), character: Double(Legend.character))
        : numbers.ticks(about: about)
      let words = zip(ticks.values, ticks.labels).map { "\(quotedTic($1)) \(number($0))" }
      add("set \(axis)tics (\(words.joined(separator: ", ")))")
      return
    }
    let longest = min(limit, names.map(\.count).max() ?? 1)
    let isTurned = axis == "x" && count * (longest + 2) * Legend.character > room
    let fits = max(1, isTurned || axis == "y" ? room / 17 : room / ((longest + 2) * Legend.character))
    let step = max(1, (count + fits - 1) / fits)
    let tics = names.enumerated().filter { $0.offset % step == 0 }
      .map { "\(quotedTic($0.element, limit: limit)) \($0.offset)" }
    add("set \(axis)tics \(isTurned ? "rotate by 90 right " : "")(\(tics.joined(separator: ", ")))")
  }

  /// The name of the columns' axis, which says so where a cell of the picture stands for several elements.
  static func noted(_ plot: HeatmapPlot) -> AxisLabel {
    guard plot.rows > most || plot.columns > most else { return plot.xLabel }
    func side(_ count: Int) -> String {
      count <= most ? "1" : Words.number(Double(count) / Double(most), digits: 2)
    }
    return plot.xLabel.noting("cells are means of \(side(plot.rows))×\(side(plot.columns)) elements")
  }

  /// The cells of the picture: two alike where a side has one, because gnuplot draws no image with a side of one pixel.
  static func drawable(_ plot: HeatmapPlot) -> (rows: Int, columns: Int, values: [Double]) {
    var (rows, columns, values) = reduced(plot)
    if columns == 1 {
      values = values.flatMap { [$0, $0] }
      columns = 2
    }
    if rows == 1 {
      values += values
      rows = 2
    }
    return (rows, columns, values)
  }

  /// The most cells along a side.
  private static let most = 1000

  /// At most 1,000 × 1,000 cells, by means over blocks.
  static func reduced(_ plot: HeatmapPlot) -> (rows: Int, columns: Int, values: [Double]) {
    guard plot.rows > most || plot.columns > most else { return (plot.rows, plot.columns, plot.values) }
    let rows = min(plot.rows, most)
    let columns = min(plot.columns, most)
    var sums = Array(repeating: 0.0, count: rows * columns)
    var counts = Array(repeating: 0, count: rows * columns)
    for row in 0..<plot.rows {
      for column in 0..<plot.columns {
        let value = plot.values[row * plot.columns + column]
        guard value.isFinite else { continue }
        let place = (row * rows / plot.rows) * columns + column * columns / plot.columns
        sums[place] += value
        counts[place] += 1
      }
    }
    return (rows, columns, zip(sums, counts).map { $1 == 0 ? .nan : $0 / Double($1) })
  }
}
