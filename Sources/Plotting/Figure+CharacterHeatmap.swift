/// Matrices in characters: cells of colour with their numbers where those fit, else shades.
extension Figure {
  static func characters(
    _ plot: HeatmapPlot, size: FigureSize, colors: TerminalGraphics.Colors, isInterrupted: () -> Bool
  ) -> String {
    let meaning = HeatmapColors(plot.values)
    let names = plot.rowNames.count == plot.rows ? plot.rowNames : (0..<plot.rows).map(String.init)
    let columnNames =
      plot.columnNames.count == plot.columns ? plot.columnNames : (0..<plot.columns).map(String.init)
    let rows = max(1, min(plot.rows, size.height - 5))
    let nameWidth = min(16, max(1, size.width / 3), names.map(HalfBlocks.shownWidth).max() ?? 1)
    let room = max(1, size.width - nameWidth - 1)
    let isWhole = rows == plot.rows && plot.columns <= room
    func numbers(_ digits: Int) -> [String] {
      var texts: [String] = []
      texts.reserveCapacity(plot.values.count)
      for (index, value) in plot.values.enumerated() {
        if index % pointsBetweenQuestions == 0, isInterrupted() { break }
        texts.append(meaning.isLeftOut(value) ? "" : Words.shown(value, digits: digits))
      }
      return texts
    }
    // Two digits where three would touch their neighbours.
    var texts = numbers(3)
    if texts.count < plot.values.count { return "" }
    var longest = texts.map(\.count).max() ?? 1
    if longest >= room / plot.columns {
      texts = numbers(2)
      if texts.count < plot.values.count { return "" }
      longest = texts.map(\.count).max() ?? 1
    }
    // A number and a blank on either side, or what a column's name takes up to nine.
    let wanted = max(longest + 2, min(9, (columnNames.map(HalfBlocks.shownWidth).max() ?? 1) + 1))
    let cell = max(1, min(wanted, room / plot.columns))
    let hasNumbers = isWhole && longest < cell && plot.rows * plot.columns <= 2500
    let columns = max(1, min(plot.columns, room / cell))
    let margin = String(repeating: " ", count: nameWidth + 1)
    var heading = margin + "→ \(plot.xLabel.text)   ↓ \(plot.yLabel.text)"
    // Of what has no room only some rows and columns are shown, not means.
    let parts = [(rows, plot.rows, "rows"), (columns, plot.columns, "columns")].filter { $0.0 < $0.1 }
    if !parts.isEmpty { heading += "   (" + parts.map { "\($0.0) of \($0.1) \($0.2)" }.joined(separator: ", ") + ")" }
    var lines: [[TextRun]] = [[TextRun(HalfBlocks.fitted(heading, size.width), .quiet)]]
    if cell > 1, columns == plot.columns {
      // As many names as stand side by side; all of them where each has its cell's width.
      let width = columnNames.map(HalfBlocks.shownWidth).max() ?? 1
      let step = cell >= 4 || width < cell ? 1 : (min(width, 8) + cell) / cell
      var text = margin
      for column in stride(from: 0, to: columns, by: step) {
        let space = min(step, columns - column) * cell
        text +=
          HalfBlocks.padded(HalfBlocks.fitted(columnNames[column], max(1, space - 1)), space - 1, right: step == 1)
          + " "
      }
      lines.append([TextRun(HalfBlocks.trimmed(text), .quiet)])
    }
    for row in 0..<rows {
      let from = row * plot.rows / rows
      var line = [
        TextRun(HalfBlocks.padded(HalfBlocks.fitted(names[from], nameWidth), nameWidth, right: true) + " ")
      ]
      for column in 0..<columns {
        let index = from * plot.columns + column * plot.columns / columns
        let text = hasNumbers ? texts[index] : ""
        line.append(heat(meaning, plot.values[index], text: text, width: cell, colors: colors, named: hasNumbers))
      }
      lines.append(line)
    }
    lines.append([])
    lines.append(scale(plot, meaning, margin: nameWidth + 1, width: size.width, colors: colors))
    return lines.map { $0.rendered(colors) }.joined(separator: "\n") + "\n"
  }

  /// One cell: a number on its colour, or a shade where there are neither colours nor room.
  private static func heat(
    _ meaning: HeatmapColors, _ value: Double, text: String, width: Int,
    colors: TerminalGraphics.Colors, named: Bool
  ) -> TextRun {
    // The blank after a number keeps it from the next.
    let right = HalfBlocks.padded(text, max(0, width - (width > text.count ? 1 : 0)), right: true)
    let words = HalfBlocks.padded(right, width)
    guard let part = meaning.part(value) else {
      return TextRun(named ? words : String(repeating: "?", count: width))
    }
    if meaning.isLeftOut(value) { return TextRun(HalfBlocks.padded(width > 1 && named ? "·" : "", width, right: true)) }
    if colors == .none {
      let shade = String(repeating: Array(" ░▒▓█")[max(0, min(4, Int((part * 4).rounded())))], count: width)
      return TextRun(named ? words : shade)
    }
    return TextRun(words, .cell(HalfBlocks.color(meaning.map.color(part), colors), isDark: meaning.map.isDark(part)))
  }

  /// The colours from the least to the greatest value, and how large the matrix is.
  private static func scale(
    _ plot: HeatmapPlot, _ meaning: HeatmapColors, margin: Int, width: Int, colors: TerminalGraphics.Colors
  ) -> [TextRun] {
    let range = meaning.range
    let (low, high) = (Words.number(range.lowerBound), Words.number(range.upperBound))
    let cell = min(2, (width - margin - low.count - high.count - 2) / 10)
    guard cell > 0 else { return [TextRun(HalfBlocks.fitted("\(low) … \(high)", width))] }
    var line = [TextRun(String(repeating: " ", count: margin) + low + " ")]
    for step in 0..<10 {
      let value = range.lowerBound / 9 * Double(9 - step) + range.upperBound / 9 * Double(step)
      line.append(heat(meaning, value, text: "", width: cell, colors: colors, named: false))
    }
    line.append(TextRun(" " + high))
    for more in [plot.valueLabel?.text, "\(plot.rows) × \(plot.columns)"] {
      guard let more, line.width + 3 + more.count <= width else { continue }
      line.append(TextRun("   " + more, .quiet))
    }
    return line
  }
}
