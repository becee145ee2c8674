extension Figure {
  /// The same figure with finite values held to ±10³⁰⁰: beyond, spans overflow, and gnuplot takes 10³⁰⁸ for undefined.
  var bounded: Figure {
    var figure = self
    switch content {
    case .lines(var plot):
      for index in plot.series.indices {
        Self.bound(&plot.series[index].x)
        Self.bound(&plot.series[index].y)
      }
      figure.content = .lines(plot)
    case .histogram(var plot):
      for index in plot.groups.indices { Self.bound(&plot.groups[index].values) }
      figure.content = .histogram(plot)
    case .scatter(var plot):
      Self.bound(&plot.x)
      Self.bound(&plot.y)
      figure.content = .scatter(plot)
    case .heatmap(var plot):
      Self.bound(&plot.values)
      figure.content = .heatmap(plot)
    case .bars(var plot):
      Self.bound(&plot.values)
      figure.content = .bars(plot)
    case .grid(var grid):
      grid.figures = grid.figures.map(\.bounded)
      figure.content = .grid(grid)
    case .roc, .montage: break
    }
    return figure
  }

  private static func bound(_ values: inout [Double]) {
    guard values.contains(where: { $0.isFinite && abs($0) > 1e300 }) else { return }
    for index in values.indices where values[index].isFinite {
      values[index] = max(-1e300, min(1e300, values[index]))
    }
  }
}
