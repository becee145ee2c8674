extension Figure {
  /// The figure in characters of our own, which say more than gnuplot's text does. Half blocks (▀) hold two pixels each
  /// where there are colours, shades of density stand for them elsewhere.
  ///
  /// - Parameter isInterrupted: asked every few thousand points; true leaves out what is not drawn yet, and whoever asked
  ///   throws the text away.
  func characters(
    size: FigureSize, colors: TerminalGraphics.Colors, dots: DotCanvas.Dots, isInterrupted: () -> Bool = { false }
  ) -> String {
    switch content {
    case .lines(let plot):
      return Self.characters(
        plot, title: title, size: size, colors: colors, dots: dots, isInterrupted: isInterrupted)
    case .histogram(let plot): return Self.characters(plot, title: title, size: size, colors: colors)
    case .roc(let plot):
      return Self.characters(
        plot, title: title, size: size, colors: colors, dots: dots, isInterrupted: isInterrupted)
    case .scatter(let plot):
      return Self.characters(
        plot, title: title, size: size, colors: colors, dots: dots, isInterrupted: isInterrupted)
    case .montage(let plot): return heading(size, colors) + Self.characters(plot, size: size, colors: colors)
    case .heatmap(let plot):
      return heading(size, colors)
        + Self.characters(plot, size: size, colors: colors, isInterrupted: isInterrupted)
    case .bars(let plot): return heading(size, colors) + Self.characters(plot, size: size, colors: colors)
    case .grid(let grid):
      return heading(size, colors)
        + Self.characters(grid, size: size, colors: colors, dots: dots, isInterrupted: isInterrupted)
    }
  }

  /// Points between two questions whether somebody wants the drawing to end.
  static let pointsBetweenQuestions = 4096

  private func heading(_ size: FigureSize, _ colors: TerminalGraphics.Colors) -> String {
    guard let title, !title.isEmpty else { return "" }
    return [TextRun(HalfBlocks.fitted(title, size.width), .strong)].rendered(colors) + "\n\n"
  }

  /// Figures beside one another while each has the columns that a plot needs, else one under another.
  private static func characters(
    _ grid: FigureGrid, size: FigureSize, colors: TerminalGraphics.Colors, dots: DotCanvas.Dots,
    isInterrupted: () -> Bool
  ) -> String {
    let gap = 2
    let columns = max(1, min(grid.columnCount, (size.width + gap) / (34 + gap)))
    let width = max(20, (size.width - gap * (columns - 1)) / columns)
    // A row is as high as a window's part, or what a plot of its width needs.
    let height = columns > 1 ? max(10, min(size.height, width / 2)) : size.height
    var lines: [String] = []
    for start in stride(from: 0, to: grid.figures.count, by: columns) {
      let parts = grid.figures[start..<min(start + columns, grid.figures.count)].map { figure in
        figure.characters(
          size: FigureSize(width: width, height: height), colors: colors, dots: dots, isInterrupted: isInterrupted
        )
        .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
      }
      if start > 0 { lines.append("") }
      for line in 0..<(parts.map(\.count).max() ?? 0) {
        let cells = parts.enumerated().map { index, part in
          let text = line < part.count ? part[line] : ""
          return index == parts.count - 1
            ? text : text + String(repeating: " ", count: max(0, width + gap - HalfBlocks.shownWidth(text)))
        }
        lines.append(HalfBlocks.trimmed(cells.joined()))
      }
    }
    return lines.joined(separator: "\n") + "\n"
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
    if shown < plot.total {
      // Where the window cut them, a greater limit shows no more of them here.
      let help = shown == plot.tiles.count ? "; limit= shows more" : ""
      lines.append(HalfBlocks.fitted("… and \(Words.count(plot.total - shown)) more\(help)", size.width))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func characters(_ plot: BarPlot, size: FigureSize, colors: TerminalGraphics.Colors) -> String {
    let finite = plot.values.filter(\.isFinite)
    let low = min(0, finite.min() ?? 0)
    let high = max(0, finite.max() ?? 0)
    let name = (plot.xLabel.map { $0.text + " / " } ?? "") + plot.yLabel.text
    let shown = min(plot.values.count, max(1, size.height - 2 - (name.isEmpty ? 0 : 1)))
    let nameWidth = min(max(8, size.width * 2 / 5), plot.names.prefix(shown).map(HalfBlocks.shownWidth).max() ?? 1)
    let numbers = plot.values.prefix(shown).map { Words.shown($0) }
    let room = max(4, size.width - nameWidth - 3 - (numbers.map(\.count).max() ?? 1))
    // Bars of negative numbers lie left of a line that all others begin at.
    let span = high / 2 - low / 2
    let left = span > 0 && low < 0 ? min(room - 1, Int((-low / 2 / span * Double(room)).rounded())) : 0
    var lines: [[TextRun]] = []
    if !name.isEmpty {
      lines.append([TextRun(HalfBlocks.fitted(String(repeating: " ", count: nameWidth + 1) + name, size.width), .quiet)]
      )
    }
    for index in 0..<shown {
      let value = plot.values[index]
      let label = HalfBlocks.padded(HalfBlocks.fitted(plot.names[index], nameWidth), nameWidth, right: true)
      guard value.isFinite else {
        lines.append([TextRun("\(label) " + String(repeating: " ", count: left)), TextRun(numbers[index])])
        continue
      }
      let part = span > 0 ? abs(value) / 2 / span : 0
      if value < 0 {
        let cells = min(left, max(1, Int((part * Double(room)).rounded())))
        let number = HalfBlocks.padded(numbers[index], max(0, left - cells - 1), right: true)
        // The number stands at the bar's end where there is room, else behind the line.
        let fits = numbers[index].count <= left - cells - 1
        lines.append([
          TextRun("\(label) " + (fits ? number + " " : String(repeating: " ", count: left - cells))),
          TextRun(String(repeating: "█", count: cells), .series(1)), TextRun(fits ? "" : " " + numbers[index]),
        ])
      } else {
        let bar = TextGraphics.bar(part, width: room)
        lines.append([
          TextRun("\(label) " + String(repeating: " ", count: left)), TextRun(bar, .series(0)),
          TextRun(" " + numbers[index]),
        ])
      }
    }
    if shown < plot.values.count { lines.append([TextRun("… and \(plot.values.count - shown) more", .quiet)]) }
    return lines.map { $0.rendered(colors) }.joined(separator: "\n") + "\n"
  }
}
