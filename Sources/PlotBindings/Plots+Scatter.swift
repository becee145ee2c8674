import Diagnostics
import Interpreter
import Plotting

extension PlotBindings {
  static var scatterBuiltin: Builtin {
    Builtin(
      "scatter",
      [
        .required("x", "tensor [n, axes], list of points, or numbers"), .optional("y", "numbers", "none"),
        .optional("labels", "list", "none"), .optional("title", "string", "none"),
        .optional("xlabel", "string", "none"), .optional("ylabel", "string", "none"),
        .optional("images", "dataset, tensor or list of images", "none", namedOnly: true),
      ],
      area: .plots, returns: "figure", summary: "Shows points in the plane, coloured by label.",
      details: """
        scatter(x, y) shows numbers against numbers, scatter(points) the rows of a matrix. Points of more than two axes, \
        such as embeddings, are shown on their first two principal axes, whose share of the variance stands beside them. \
        labels are strings or numbers, one for each point; scatter(points, labels) takes them as well. \
        images=faces shows small pictures in place of points, one for each, in a frame of the label's colour: \
        scatter(net(faces), labels=faces.labels, images=faces) is the map of what a network sees alike. Up to \
        2000 pictures; in characters points are shown.
        """,
      example: """
        fig = scatter([[0, 0], [1, 1], [0, 1]], labels=["a", "b", "a"], title="Three points");
        fig.kind
        #> "scatter plot"
        scatter([1, 2, 3], [2, 4, 9], xlabel="width", ylabel="time");
        """,
      errors: ["y or labels has another length than x"], seeAlso: ["plot", "heatmap", "subplots"]
    ) { args, context in
      let hasSecond = !args[1].isNone && !args[1].isUnset
      let alone = PlotInput.oneAxis(args[0])
      // What stands second is y where x is numbers, and labels where x is points.
      let second = hasSecond && alone != nil ? PlotInput.oneAxis(args[1]) : nil
      let labelsIndex = hasSecond && second == nil ? 1 : 2
      var plot: ScatterPlot
      if let x = alone, let y = second {
        guard x.count == y.count else {
          throw ArgumentError(
            1,
            PlottingError.counts(kind: "scatter", what: "y values", expected: x.count, got: y.count).explanation)
        }
        plot = ScatterPlot(x: x, y: y)
      } else if let values = alone {
        plot = .projected(values, count: values.count, axes: 1)
      } else {
        guard let (rows, columns, values) = try PlotInput.matrix(args[0]), args[0].asNumber == nil else {
          throw args.mismatch(
            0, expected: "numbers to show against y, or points: a tensor of shape [points, axes], or a list of lists")
        }
        plot = .projected(values, count: rows, axes: columns)
      }
      let titleIndex = labelsIndex == 1 && args[2].asText != nil ? 2 : 3
      if !args[labelsIndex].isNone, !args[labelsIndex].isUnset {
        guard let labels = PlotInput.labels(args[labelsIndex]) else {
          throw args.mismatch(
            labelsIndex,
            expected: alone != nil && labelsIndex == 1
              ? "numbers, one for each x, or labels" : "a list of strings or numbers, one for each point")
        }
        guard labels.count == plot.x.count else {
          throw ArgumentError(
            labelsIndex,
            PlottingError.counts(kind: "scatter", what: "labels", expected: plot.x.count, got: labels.count)
              .explanation)
        }
        plot.labels = labels
      }
      if !args[6].isNone, !args[6].isUnset {
        guard let tiles = try PlotInput.tiles(args[6], limit: plot.x.count + 1) else {
          throw args.mismatch(6, expected: "images, one for each point: a dataset, a tensor or a list of images")
        }
        guard tiles.count == plot.x.count else {
          throw ArgumentError(
            6,
            PlottingError.counts(kind: "scatter", what: "images", expected: plot.x.count, got: tiles.count)
              .explanation)
        }
        plot.thumbnails = tiles
      }
      if let label = try title(args, 4) { plot.xLabel = AxisLabel(label) }
      if let label = try title(args, 5) { plot.yLabel = AxisLabel(label) }
      return try show(Figure(title: title(args, titleIndex), .scatter(plot)), context)
    }
  }

  static var subplotsBuiltin: Builtin {
    Builtin(
      "subplots",
      [
        .variadic("figures", "figures, or what plot shows"), .optional("columns", "number", "none", namedOnly: true),
        .optional("title", "string", "none", namedOnly: true),
      ],
      area: .plots, returns: "figure", summary: "Shows figures side by side, as one.",
      details: """
        subplots(plot(loop), plot(d)) shows one figure of two parts, and neither part on its own; a list of figures does \
        as well, and so does what plot takes: subplots(loop, d). columns says how many stand in a row.
        """,
      example: """
        fig = subplots(plot([3, 2, 1], title="loss"), bars({a: 1, b: 2}, title="counts"));
        fig.kind
        #> "figures side by side"
        """,
      errors: ["what is given is no figure, and nothing that plot shows"], seeAlso: ["plot", "figure.save"]
    ) { args, context in
      var items = args[0].asItems ?? []
      // One list of figures is those figures.
      if items.count == 1, let inner = items[0].asItems, inner.contains(where: { $0.asObject(HostObject.self) != nil })
      {
        items = inner
      }
      var grid = FigureGrid([])
      for (index, item) in items.enumerated() {
        if items.count == 1, item.asItems?.isEmpty == true { break }
        guard let part = try figure(of: item) else {
          throw ArgumentError(
            index, PlotError.notPlottable(function: "subplots", got: item.inWords).explanation)
        }
        grid.figures.append(part)
      }
      if !args[1].isNone, !args[1].isUnset { grid.columns = try args.int(1, in: 1...12) }
      let whole = Figure(title: try title(args, 2), .grid(grid))
      try whole.check()
      for item in items {
        if let part = item.asObject(FigureObject.self) { context.output.displayIsPart(part) }
      }
      return try show(whole, context)
    }
  }

  /// What `plot` would show of a value; nil for what it cannot.
  private static func figure(of value: Value) throws -> Figure? {
    if let shown = value.asObject(FigureObject.self) { return shown.figure }
    if case .object(let object) = value { return try (object as? any FigureConvertible)?.figure(kind: nil) }
    guard let (series, xName) = try PlotInput.series(value, x: nil), !series.isEmpty else { return nil }
    return Figure(
      .lines(
        LinePlot(
          series, xLabel: AxisLabel(xName ?? "number"),
          yLabel: AxisLabel(series.count == 1 ? series[0].name : "value"))))
  }
}
