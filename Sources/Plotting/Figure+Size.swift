extension Figure {
  /// In pixels.
  public var suggestedSize: FigureSize {
    switch content {
    case .lines(let plot):
      let legend = plot.hasLegend ? plot.series.map(plot.caption) : []
      return FigureSize(width: 760, height: 460 + Legend(legend, width: 760, height: 460).extraHeight)
    case .histogram(let plot):
      guard plot.hasLegend else { return FigureSize(width: 760, height: 460) }
      let bins = plot.binning
      let legend = plot.groups.enumerated().map { plot.caption($1, bins, $0) }
      return FigureSize(width: 760, height: 460 + Legend(legend, width: 760, height: 460).extraHeight)
    case .bars(let plot):
      return FigureSize(
        width: 760, height: plot.isHorizontal(width: 760) ? max(200, min(1200, 24 * plot.values.count + 110)) : 460)
    case .roc(let plot):
      let captions = plot.captions
      if plot.logarithmic {
        return FigureSize(width: 760, height: 480 + Legend(captions, width: 760, height: 480).extraHeight)
      }
      return FigureSize(width: 600, height: 600 + (plot.hasLegendInside(width: 600) ? 0 : captions.count * 20))
    case .scatter: return FigureSize(width: 760, height: 580)
    case .heatmap(let plot):
      let ratio = Double(plot.rows) / Double(max(1, plot.columns))
      return FigureSize(width: 700, height: max(300, min(900, Int(560 * min(max(ratio, 0.2), 1.5)) + 100)))
    case .montage(let plot): return MontageLayout(plot, width: 800).size(title: shownTitle)
    case .grid(let grid):
      let cells = grid.figures.map(\.suggestedSize)
      let scale = grid.columnCount > 2 ? 0.72 : grid.columnCount > 1 ? 0.85 : 1
      let width = Double(grid.columnCount * (cells.map(\.width).max() ?? 760)) * scale
      let height = Double(grid.rowCount * (cells.map(\.height).max() ?? 460)) * scale + (hasTitle ? 34 : 0)
      let fit = min(1, 8000 / width, 8000 / height)
      return FigureSize(width: max(80, Int(width * fit)), height: max(80, Int(height * fit)))
    }
  }

  var hasTitle: Bool { shownTitle?.isEmpty == false }

  /// The title as it stands over the picture; that of a montage says how many pictures a limit left out.
  var shownTitle: String? {
    guard case .montage(let plot) = content, let cut = plot.cut else { return title }
    return [title, cut].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ": ")
  }
}
