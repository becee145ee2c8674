extension Figure {
  /// Throws what is wrong with the data, in words, before gnuplot sees any of it.
  public func check() throws(PlottingError) {
    switch content {
    case .lines(let plot): try check(plot)
    case .histogram(let plot):
      guard plot.groups.contains(where: { !$0.values.isEmpty }) else {
        throw .empty(kind: "a histogram", what: "there are no values")
      }
      guard plot.groups.contains(where: { $0.values.contains(where: \.isFinite) }) else {
        throw .notFinite(kind: "a histogram", what: "its values")
      }
      if let bins = plot.bins, !(1...1000).contains(bins) { throw .badBins(bins) }
      if let edges = plot.edges { try check(edges) }
      try most(plot.groups.count, 8, "a histogram", "groups")
    case .roc(let plot):
      guard plot.curves.contains(where: { !$0.far.isEmpty }) else {
        throw .empty(kind: "a ROC curve", what: "there are no distances")
      }
      guard plot.curves.contains(where: { zip($0.far, $0.tar).contains { $0.isFinite && $1.isFinite } }) else {
        throw .notFinite(kind: "a ROC curve", what: "its rates")
      }
      try most(plot.curves.count, 16, "a ROC plot", "curves")
    case .scatter(let plot):
      guard plot.x.count == plot.y.count else {
        throw .counts(kind: "scatter", what: "y values", expected: plot.x.count, got: plot.y.count)
      }
      guard !plot.x.isEmpty else { throw .empty(kind: "a scatter plot", what: "there are no points") }
      guard plot.labels.isEmpty || plot.labels.count == plot.x.count else {
        throw .counts(kind: "scatter", what: "labels", expected: plot.x.count, got: plot.labels.count)
      }
      guard zip(plot.x, plot.y).contains(where: { $0.isFinite && $1.isFinite }) else {
        throw .notFinite(kind: "a scatter plot", what: "its points")
      }
      try most(plot.x.count, 2_000_000, "a scatter plot", "points")
      guard plot.thumbnails.isEmpty || plot.thumbnails.count == plot.x.count else {
        throw .counts(kind: "scatter", what: "images", expected: plot.x.count, got: plot.thumbnails.count)
      }
      for (index, tile) in plot.thumbnails.enumerated() where !tile.isValid {
        throw .badTile(
          index: index, width: tile.width, height: tile.height, channels: tile.channels, bytes: tile.pixels.count)
      }
      try most(plot.thumbnails.count, Thumbnails.limit, "a scatter plot", "images")
    case .montage(let plot):
      guard !plot.tiles.isEmpty else { throw .empty(kind: "a montage", what: "there are no images") }
      for (index, tile) in plot.tiles.enumerated() where !tile.isValid {
        throw .badTile(
          index: index, width: tile.width, height: tile.height, channels: tile.channels, bytes: tile.pixels.count)
      }
      try most(plot.tiles.count, 2500, "a montage", "images")
    case .heatmap(let plot):
      guard plot.rows > 0, plot.columns > 0, !plot.values.isEmpty else {
        throw .empty(kind: "a heatmap", what: "the matrix has no elements")
      }
      let (area, over) = plot.rows.multipliedReportingOverflow(by: plot.columns)
      guard !over, area == plot.values.count else {
        throw .counts(
          kind: "a heatmap of \(plot.rows) rows and \(plot.columns) columns", what: "values",
          expected: over ? Int.max : area, got: plot.values.count)
      }
      guard plot.values.contains(where: \.isFinite) else { throw .notFinite(kind: "a heatmap", what: "its values") }
      try most(area, 16_000_000, "a heatmap", "elements")
    case .bars(let plot):
      guard !plot.values.isEmpty else { throw .empty(kind: "a bar chart", what: "there are no values") }
      guard plot.values.contains(where: \.isFinite) else { throw .notFinite(kind: "a bar chart", what: "its values") }
      try most(plot.values.count, 500, "a bar chart", "bars")
    case .grid(let grid):
      guard !grid.figures.isEmpty else { throw .empty(kind: "a row of figures", what: "there are none") }
      try most(grid.figures.count, 36, "a row of figures", "figures")
      for figure in grid.figures {
        if case .grid = figure.content { throw .gridInGrid }
        try figure.check()
      }
    }
  }

  /// What is wrong with the edges of a histogram's bins; nil where nothing is.
  public var wrongEdges: PlottingError? {
    guard case .histogram(let plot) = content, let edges = plot.edges else { return nil }
    do throws(PlottingError) {
      try check(edges)
      return nil
    } catch { return error }
  }

  private func check(_ edges: [Double]) throws(PlottingError) {
    try most(max(0, edges.count - 1), 1000, "a histogram", "bins")
    guard edges.count > 1 else { throw .badEdges(reason: "two or more are needed, got \(edges.count)") }
    guard edges.allSatisfy({ $0.isFinite && abs($0) <= 1e300 }) else {
      throw .badEdges(reason: "one of them is not finite, or beyond ±1e300")
    }
    for (before, after) in zip(edges, edges.dropFirst()) where before >= after {
      throw .badEdges(reason: "\(Words.number(after)) comes after \(Words.number(before))")
    }
  }

  private func check(_ plot: LinePlot) throws(PlottingError) {
    guard plot.series.contains(where: { !$0.y.isEmpty }) else {
      throw .empty(kind: "a line plot", what: "there are no values")
    }
    guard plot.series.contains(where: { zip($0.x, $0.y).contains { $0.isFinite && $1.isFinite } }) else {
      throw .notFinite(kind: "a line plot", what: "its values")
    }
    if plot.logarithmicY {
      for series in plot.series where !series.y.contains(where: { $0 > 0 && $0.isFinite }) {
        throw .notPositive(series: series.name)
      }
    }
    try most(plot.series.count, 100, "a line plot", "series")
  }

  private func most(_ count: Int, _ limit: Int, _ kind: String, _ what: String) throws(PlottingError) {
    if count > limit { throw .tooMany(kind: kind, what: what, count: count, most: limit) }
  }

  /// The size asked for, checked, or the one that suits this figure.
  func size(_ wanted: FigureSize?, for format: FigureFormat) throws(PlottingError) -> FigureSize {
    let suited: FigureSize = if case .text = format { .text } else { suggestedSize }
    let size = wanted ?? suited
    let bounds = FigureSize.bounds(of: format)
    guard bounds.width.contains(size.width), bounds.height.contains(size.height) else {
      throw .badSize(size, bounds: bounds)
    }
    return size
  }
}
