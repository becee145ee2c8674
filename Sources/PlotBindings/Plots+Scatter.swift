import Diagnostics
import Interpreter
import Plotting

extension PlotBindings {
  static var scatterBuiltin: Builtin {
    let points = TypedParameter.value("x", "tensor [n, axes], list of points, or numbers")
    let labels = TypedParameter.value("labels", "list", or: "none")
    let images = TypedParameter.value("images", "dataset, tensor or list of images", or: "none", namedOnly: true)
    return Builtin(
      "scatter", .of(points, y, labels, title, xLabel, yLabel, images),
      area: .plots, returns: "figure", summary: "Shows points in the plane, coloured by label.",
      details: """
        scatter(x, y) shows numbers against numbers, scatter(points) the rows of a matrix. Points of more than two axes, \
        such as embeddings, are shown on their first two principal axes, whose share of the variance stands beside them. \
        Points of which a number is not finite are left out, and the horizontal axis counts them. \
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
      let given = try args[points]
      let hasSecond = args.isGiven(y)
      let alone = PlotInput.oneAxis(given)
      // What stands second is y where x is numbers, and labels where x is points.
      let second = hasSecond && alone != nil ? PlotInput.oneAxis(try args[y]) : nil
      let namesInSecond = hasSecond && second == nil
      let names = namesInSecond ? y : labels
      func check(_ parameter: TypedParameter<Value>, _ what: String, _ count: Int, for points: Int) throws {
        guard count == points else {
          throw ArgumentError(
            parameter,
            PlottingError.counts(kind: "scatter", what: what, expected: points, got: count).explanation)
        }
      }
      var plot: ScatterPlot
      if let x = alone, let heights = second {
        try check(y, "y values", heights.count, for: x.count)
        plot = ScatterPlot(x: x, y: heights)
      } else if let values = alone {
        plot = .projected(values, count: values.count, axes: 1)
      } else {
        guard let (rows, columns, values) = try PlotInput.matrix(given), given.asNumber == nil else {
          throw args.mismatch(
            points,
            expected: "numbers to show against y, or points: a tensor of shape [points, axes], or a list of lists")
        }
        plot = try .projected(values, count: rows, axes: columns, check: context.checkInterruption)
      }
      if args.isGiven(names) {
        guard let found = PlotInput.labels(try args[names]) else {
          throw args.mismatch(
            names,
            expected: alone != nil && namesInSecond
              ? "numbers, one for each x, or labels" : "a list of strings or numbers, one for each point")
        }
        try check(names, "labels", found.count, for: plot.x.count)
        plot.labels = found
      }
      if args.isGiven(images) {
        guard let tiles = try PlotInput.tiles(try args[images], limit: plot.x.count + 1) else {
          throw args.mismatch(
            images, expected: "a dataset, a tensor or a list of images, one for each point",
            help: PlotInput.waysToPictures(try args[images]))
        }
        warn(ofTurnedChannels: try args[images], by: "scatter", context)
        try check(images, "images", tiles.count, for: plot.x.count)
        plot.thumbnails = tiles
      }
      if let label = try args[xLabel] { plot.xLabel = AxisLabel(label) }
      if let label = try args[yLabel] { plot.yLabel = AxisLabel(label) }
      // scatter(points, labels, "a title")
      let shifted = namesInSecond ? try args[labels].asText : nil
      return try show(Figure(title: shifted ?? args[title], .scatter(plot)), context)
    }
  }

  static var subplotsBuiltin: Builtin {
    let figures = TypedParameter.values("figures", "figures, or what plot shows")
    let columns = TypedParameter.int("columns", in: 1...12, or: "none", namedOnly: true)
    let title = TypedParameter.string("title", or: "none", namedOnly: true)
    return Builtin(
      "subplots", .of(figures, columns, title),
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
      var items = try args[figures]
      // One list of figures is those figures.
      if items.count == 1, let inner = items[0].asItems, inner.contains(where: { $0.asObject(HostObject.self) != nil })
      {
        items = inner
      }
      var grid = FigureGrid([])
      for (index, item) in items.enumerated() {
        if items.count == 1, item.asItems?.isEmpty == true { break }
        guard let part = try figure(of: item) else {
          throw ArgumentError(index, notPlottable("subplots", item).explanation)
        }
        grid.figures.append(part)
      }
      if let columns = try args[columns] { grid.columns = columns }
      let whole = Figure(title: try args[title], .grid(grid))
      try whole.check()
      for item in items {
        if let part = item.asObject(FigureObject.self) { context.output.displayIsPart(part) }
      }
      return try show(whole, context)
    }
  }

  /// That a function shows no such value, and why where that can be said.
  static func notPlottable(_ function: String, _ value: Value) -> PlotError {
    let found = PlotInput.obstacle(value)
    return .notPlottable(function: function, got: found?.got ?? value.inWords, help: found?.help)
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
