extension Figure {
  /// Pictures, matrices and bars as characters of our own, which say more than gnuplot's text does; nil for what gnuplot
  /// draws. Half blocks (▀) hold two pixels each where there are colours, shades of density stand for them elsewhere.
  func characters(size: FigureSize, colors: TerminalGraphics.Colors) -> String? {
    switch content {
    case .montage(let plot): return heading(size) + Self.characters(plot, size: size, colors: colors)
    case .heatmap(let plot): return heading(size) + Self.characters(plot, size: size, colors: colors)
    case .bars(let plot): return heading(size) + Self.characters(plot, size: size, colors: colors)
    default: return nil
    }
  }

  private func heading(_ size: FigureSize) -> String {
    guard let title, !title.isEmpty else { return "" }
    return HalfBlocks.fitted(title, size.width) + "\n\n"
  }

  private static func characters(_ plot: MontagePlot, size: FigureSize, colors: TerminalGraphics.Colors) -> String {
    // As many beside one another as keep about 12 columns each.
    let wanted = max(1, min(plot.tiles.count, (size.width + 1) / 13))
    let columns = max(1, min(plot.columns ?? wanted, wanted))
    let width = max(4, min(32, (size.width + 1) / columns - 1))
    let ratio = plot.tiles.map { Double($0.height) / Double(max(1, $0.width)) }.max() ?? 1
    // A character is twice as high as wide: a half block is a square pixel.
    let height = max(2, min(48, (Int((Double(width) * ratio).rounded()) + 1) / 2 * 2))
    let labelled = plot.tiles.contains { $0.label?.isEmpty == false }
    // Without pictures of more than a screen or two: the rest is counted.
    let rowsShown = max(1, (size.height - 1) / (height / 2 + (labelled ? 2 : 1)))
    let shown = min(plot.tiles.count, rowsShown * columns)
    var lines: [String] = []
    for start in stride(from: 0, to: shown, by: columns) {
      let tiles = Array(plot.tiles[start..<min(start + columns, shown)])
      let pictures = tiles.map { tile in
        var raster = Raster(width: width, height: height, gray: 0)
        raster.draw(tile, x: 0, y: 0, width: width, height: height)
        return HalfBlocks.lines(raster, colors: colors)
      }
      for line in 0..<(height / 2) {
        lines.append(pictures.map { line < $0.count ? $0[line] : "" }.joined(separator: " "))
      }
      if labelled {
        lines.append(
          HalfBlocks.trimmed(
            tiles.map { HalfBlocks.padded(HalfBlocks.fitted($0.label ?? "", width), width) }.joined(separator: " ")))
      }
      if !labelled, start + columns < shown { lines.append("") }
    }
    if shown < plot.tiles.count { lines.append("… and \(plot.tiles.count - shown) more") }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func characters(_ plot: HeatmapPlot, size: FigureSize, colors: TerminalGraphics.Colors) -> String {
    let finite = plot.values.filter(\.isFinite)
    let low = finite.min() ?? 0
    let high = finite.max() ?? 1
    let span = high > low ? high - low : 1
    let names = plot.rowNames.count == plot.rows ? plot.rowNames : (0..<plot.rows).map(String.init)
    let rows = max(1, min(plot.rows, size.height - 3))
    let nameWidth = min(16, names.map(\.count).max() ?? 1)
    let cell = max(1, min(6, (size.width - nameWidth - 1) / plot.columns))
    let columns = max(1, min(plot.columns, (size.width - nameWidth - 1) / cell))
    var lines: [String] = []
    for row in 0..<rows {
      let from = row * plot.rows / rows
      var line = HalfBlocks.padded(HalfBlocks.fitted(names[from], nameWidth), nameWidth, right: true) + " "
      for column in 0..<columns {
        let value = plot.values[from * plot.columns + column * plot.columns / columns]
        line += HalfBlocks.cell(value.isFinite ? (value - low) / span : .nan, width: cell, colors: colors)
      }
      lines.append(line + (colors == .none ? "" : "\u{1B}[0m"))
    }
    let scale = (0..<10).map { HalfBlocks.cell(Double($0) / 9, width: 2, colors: colors) }.joined()
    let reset = colors == .none ? "" : "\u{1B}[0m"
    lines.append("")
    lines.append(
      String(repeating: " ", count: nameWidth + 1) + Words.number(low) + " " + scale + reset + " " + Words.number(high)
        + "   \(plot.rows) × \(plot.columns)")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func characters(_ plot: BarPlot, size: FigureSize, colors: TerminalGraphics.Colors) -> String {
    let shown = min(plot.values.count, max(1, size.height - 2))
    let finite = plot.values.filter(\.isFinite)
    let most = finite.map(abs).max() ?? 0
    let nameWidth = min(24, plot.names.prefix(shown).map(\.count).max() ?? 1)
    let numbers = plot.values.prefix(shown).map { Words.number($0) }
    let room = max(4, size.width - nameWidth - 3 - (numbers.map(\.count).max() ?? 1))
    var lines: [String] = []
    for index in 0..<shown {
      let value = plot.values[index]
      let part = value.isFinite && most > 0 ? abs(value) / most : 0
      let bar = TextGraphics.bar(part, width: room)
      let tint = colors == .none ? "" : "\u{1B}[38;5;\(value < 0 ? 166 : 32)m"
      let name = HalfBlocks.padded(HalfBlocks.fitted(plot.names[index], nameWidth), nameWidth, right: true)
      lines.append("\(name) \(tint)\(bar)\(colors == .none ? "" : "\u{1B}[0m") \(numbers[index])")
    }
    if shown < plot.values.count { lines.append("… and \(plot.values.count - shown) more") }
    if !plot.yLabel.name.isEmpty { lines.append(String(repeating: " ", count: nameWidth + 1) + plot.yLabel.text) }
    return lines.joined(separator: "\n") + "\n"
  }
}
