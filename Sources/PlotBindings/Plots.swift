import Diagnostics
import Interpreter
import Plotting

extension PlotBindings {
  static func registerPlots(_ registry: inout BuiltinRegistry) {
    registry.add(plotBuiltin)
    registry.add(histogramBuiltin)
    registry.add(scatterBuiltin)
    registry.add(subplotsBuiltin)
    registry.add(curveBuiltin)
    registerPictures(&registry)
    registerFigureMembers(&registry)
  }

  /// Shows a figure where the session shows figures, and gives it as a value.
  static func show(_ figure: Figure, _ context: ExecutionContext) throws -> Value {
    try figure.check()
    let object = FigureObject(figure)
    context.output.display(object)
    return Value(object)
  }

  static func title(_ args: Arguments, _ index: Int) throws -> String? {
    args[index].isNone || args[index].isUnset ? nil : try args.string(index)
  }

  private static var plotBuiltin: Builtin {
    Builtin(
      "plot",
      [
        .required("x", "trainer, distances, numbers or record"), .optional("y", "numbers", "none"),
        .optional("title", "string", "none"), .optional("xlabel", "string", "none"),
        .optional("ylabel", "string", "none"), .optional("names", "list of strings", "none"),
        .optional("log", "bool", default: false), .optional("kind", "string", "none"),
      ],
      area: .plots, returns: "figure", summary: "Shows what there is to see of a value, and gives the figure.",
      details: """
        A trainer is shown as its loss by epoch, distances as two histograms. Numbers (a list, a range, a tensor of one \
        axis) make one curve, plot(x, y) with places of its own; a list of lists, a record of lists, a list of records \
        or the columns of a tensor of two axes make several. log=true has a logarithmic vertical axis. Values that are \
        not finite leave a gap, and the legend counts them. The figure's data, not its pixels, are what a saved session \
        records. .save("name.svg") writes it.
        """,
      example: """
        fig = plot({loss: [0.9, 0.5, 0.3], val_loss: [0.95, 0.6, 0.5]}, xlabel="epoch");
        fig.kind
        #> "line plot"
        """,
      errors: ["there is nothing to show, or only NaN"], seeAlso: ["histogram", "scatter", "curve", "figure.save"]
    ) { args, context in
      let kind = try title(args, 7)
      if case .object(let object) = args[0] {
        var figure: Figure
        if let shown = object as? FigureObject {
          figure = shown.figure
        } else if let source = object as? any FigureConvertible {
          figure = try source.figure(kind: kind)
        } else {
          throw ArgumentError(0, PlotError.notPlottable(function: "plot", got: args[0].inWords).explanation)
        }
        if let title = try title(args, 2) { figure.title = title }
        return try show(figure, context)
      }
      let hasY = !args[1].isNone && !args[1].isUnset
      var x: [Double]?
      if hasY {
        guard let numbers = args[0].asNumbers else {
          throw args.mismatch(0, expected: "a list of numbers, because y is given")
        }
        x = numbers
      }
      guard let (found, xName) = try PlotInput.series(args[hasY ? 1 : 0], x: x), !found.isEmpty else {
        if args[hasY ? 1 : 0].asItems?.isEmpty == true {
          throw PlottingError.empty(kind: "a line plot", what: "there are no values")
        }
        throw ArgumentError(
          hasY ? 1 : 0, PlotError.notPlottable(function: "plot", got: args[hasY ? 1 : 0].inWords).explanation)
      }
      var series = found
      if !args[5].isNone, !args[5].isUnset {
        let names = try args.strings(5)
        guard names.count == series.count else {
          throw ArgumentError(5, "plot: names has \(names.count) for \(series.count) curves")
        }
        for index in series.indices { series[index].name = names[index] }
      }
      let xLabel = try title(args, 3) ?? xName ?? (hasY ? "x" : "number")
      let yLabel = try title(args, 4) ?? (series.count == 1 ? series[0].name : "value")
      return try show(
        Figure(
          title: title(args, 2),
          .lines(
            LinePlot(
              series, xLabel: AxisLabel(xLabel), yLabel: AxisLabel(yLabel),
              logarithmicY: args.bool(6)))), context)
    }
  }

  private static var histogramBuiltin: Builtin {
    Builtin(
      "histogram",
      [
        .required("values", "numbers, or a record of groups"), .optional("bins", "number or list of edges", "none"),
        .optional("title", "string", "none"), .optional("xlabel", "string", default: "value"),
        .optional("threshold", "number", "none"), .optional("shares", "bool", "none"),
      ],
      area: .plots, returns: "figure", summary: "Shows how often values fall where.",
      details: """
        A tensor of any shape, a list, or a record of such for several groups over the same bins. bins=none chooses a \
        width by Freedman and Diaconis, a list such as [0, 0.5, 1, 2] says where bins begin and end: a value on an edge \
        counts in the bin above it, the last edge in the last bin, and the legend says how many lie outside. Several \
        groups are shown as shares of themselves in per cent, so that a small \
        one can be seen beside a large one; shares=false counts. threshold draws a line. .counts and .edges of the figure \
        are what was counted where.
        """,
      example: """
        fig = histogram({same: [0.1, 0.2, 0.2], different: [0.6, 0.8, 0.9]}, bins=4, threshold=0.4);
        fig.kind
        #> "histogram"
        """,
      errors: ["bins must be from 1 to 1000", "edges do not ascend"],
      seeAlso: ["plot", "distances", "figure.counts", "figure.edges"]
    ) { args, context in
      var figure: Figure
      if case .object(let object) = args[0] {
        guard let source = object as? any FigureConvertible else {
          throw ArgumentError(0, PlotError.notPlottable(function: "histogram", got: args[0].inWords).explanation)
        }
        figure = try source.figure(kind: "histogram")
      } else {
        var groups: [HistogramPlot.Group] = []
        if let record = args[0].asRecord {
          for (name, value) in record.fields {
            guard let numbers = try PlotInput.numbers(value) else {
              throw args.mismatch(0, expected: "numbers in each field (\(name) has none)")
            }
            groups.append(.init(name, numbers))
          }
        } else {
          guard let numbers = try PlotInput.numbers(args[0]) else {
            throw args.mismatch(0, expected: "numbers, or a record of groups of numbers")
          }
          groups = [.init("values", numbers)]
        }
        figure = Figure(.histogram(HistogramPlot(groups, xLabel: AxisLabel(try args.string(3)))))
      }
      if case .histogram(var plot) = figure.content {
        if let edges = args[1].asNumbers {
          plot.edges = edges
          // Said here, so that the caret stands under the edges.
          if let wrong = Figure(.histogram(plot)).wrongEdges { throw ArgumentError(1, wrong.explanation) }
        } else if !args[1].isNone, !args[1].isUnset {
          guard args[1].asNumber != nil else {
            throw args.mismatch(1, expected: "a number, or a list of edges such as [0, 0.5, 1]")
          }
          plot.bins = try args.int(1, in: 1...1000)
        }
        if !args[4].isNone, !args[4].isUnset {
          let threshold = try args.number(4)
          plot.threshold = .init(threshold, label: "threshold \(formatNumber(threshold))")
        }
        if !args[5].isNone, !args[5].isUnset { plot.shares = try args.bool(5) }
        figure.content = .histogram(plot)
      }
      if let title = try title(args, 2) { figure.title = title }
      return try show(figure, context)
    }
  }

  private static var curveBuiltin: Builtin {
    Builtin(
      "curve",
      [
        .required("d", "distances, or a record of such"), .optional("kind", "string", default: "roc"),
        .optional("log", "bool", default: false), .optional("title", "string", "none"),
      ],
      area: .plots, returns: "figure",
      summary: "Shows right acceptance over false acceptance (ROC), with the equal error rate marked.",
      details: """
        log=true has a logarithmic axis of false acceptance, where small rates can be read. A record of distances, \
        {recipe: d1, conv4: d2}, draws a curve for each. Definitions: FAR(t) = different pairs with d < t over all \
        different, TAR(t) = same pairs with d < t over all same.
        """,
      example: """
        net = flatten >> dense(8)
        faces = glyphs(6, 5, seed=1, size=16)
        fig = curve(distances(net, faces), log=true);
        fig.kind
        #> "ROC curve"
        """,
      seeAlso: ["distances", "plot", "histogram"]
    ) { args, context in
      let kind = try args.string(1, oneOf: ["roc"])
      func rocOf(_ value: Value) throws -> Figure? {
        guard case .object(let object) = value, let source = object as? any FigureConvertible else { return nil }
        return try source.figure(kind: kind)
      }
      var figure: Figure
      if let record = args[0].asRecord {
        var curves: [ROCPlot.Curve] = []
        for (name, value) in record.fields {
          guard let one = try rocOf(value), case .roc(let plot) = one.content else {
            throw args.mismatch(0, expected: "distances in each field (\(name) has none)")
          }
          for var curve in plot.curves {
            curve.name = name
            curves.append(curve)
          }
        }
        figure = Figure(.roc(ROCPlot(curves)))
      } else {
        guard let one = try rocOf(args[0]) else { throw args.mismatch(0, expected: "distances, or a record of such") }
        figure = one
      }
      if case .roc(var plot) = figure.content {
        plot.logarithmic = try args.bool(2, default: plot.logarithmic)
        figure.content = .roc(plot)
      }
      if let title = try title(args, 3) { figure.title = title }
      return try show(figure, context)
    }
  }
}
