extension Script {
  mutating func draw(_ plot: HeatmapPlot, files: inout TemporaryFiles) throws(PlottingError) {
    axes(plot.xLabel, plot.yLabel)
    let finite = plot.values.filter(\.isFinite)
    let low = finite.min() ?? 0
    let high = finite.max() ?? 1
    let range = low == high ? Self.range([low], zero: false) : low...high
    add("unset grid")
    add("unset rmargin")
    add("set style fill solid noborder")
    add("set border 15 lw 1 lc rgb \"\(Palette.ink)\"")
    add(Palette.mapDefinition)
    add("set cbrange [\(number(range.lowerBound)):\(number(range.upperBound))]")
    add("set colorbox noborder")
    if let label = plot.valueLabel { add("set cblabel \(quoted(label.text))") }
    setRange("x", -0.5...(Double(plot.columns) - 0.5))
    add("set yrange [\(number(Double(plot.rows) - 0.5)):-0.5]")
    let longest = plot.columnNames.map(\.count).max() ?? 1
    names("x", plot.columnNames, count: plot.columns, room: max(1, (size.width - 160) / (min(longest, 20) * 9 + 14)))
    names("y", plot.rowNames, count: plot.rows, room: max(1, (size.height - 100) / 18))
    let ratio = Double(plot.rows) / Double(plot.columns)
    if ratio > 0.3, ratio < 3 { add("set size ratio \(number(ratio))") }
    // Cells as pixels of an image of our own: sharp in every format, and no limit by gnuplot's matrix reader.
    let (rows, columns, values) = Self.reduced(plot)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(rows * columns * 3)
    for value in values {
      guard value.isFinite else {
        bytes.append(contentsOf: [205, 205, 205])
        continue
      }
      let (r, g, b) = Palette.mapped((value - range.lowerBound) / (range.upperBound - range.lowerBound))
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
    if plot.rows <= 12, plot.columns <= 12 {
      for (dark, color) in [(true, "#ffffff"), (false, "#000000")] {
        var cells: [String] = []
        for (index, value) in plot.values.enumerated() where value.isFinite {
          let part = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
          guard (part < 0.6) == dark else { continue }
          let text = Words.number(value, digits: 3)
          cells.append("\(index % plot.columns) \(index / plot.columns) \"\(text)\"")
        }
        guard !cells.isEmpty else { continue }
        let name = block(cells)
        parts.append(
          "\(name) using 1:2:3 with labels font \",\(fontSize - 2)\" textcolor rgb \"\(color)\" notitle")
      }
    }
    add("plot " + parts.joined(separator: ", "))
  }

  private mutating func names(_ axis: String, _ names: [String], count: Int, room: Int) {
    guard names.count == count else {
      if count <= 12 { add("set \(axis)tics 1") }
      return
    }
    let step = max(1, (count + room - 1) / room)
    let tics = names.enumerated().filter { $0.offset % step == 0 }
      .map { "\(GnuplotText.quotedTic($0.element, limit: 20)) \($0.offset)" }
    add("set \(axis)tics (\(tics.joined(separator: ", ")))")
  }

  /// At most 1,000 × 1,000 cells, by means over blocks.
  static func reduced(_ plot: HeatmapPlot) -> (rows: Int, columns: Int, values: [Double]) {
    guard plot.rows > 1000 || plot.columns > 1000 else { return (plot.rows, plot.columns, plot.values) }
    let rows = min(plot.rows, 1000)
    let columns = min(plot.columns, 1000)
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
