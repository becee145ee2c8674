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

  // What most of them take.
  static let title = TypedParameter.string("title", or: "none")
  static let xLabel = TypedParameter.string("xlabel", or: "none")
  static let yLabel = TypedParameter.string("ylabel", or: "none")
  static let y = TypedParameter.value("y", "numbers", or: "none")
  private static let log = TypedParameter.bool("log", default: false)

  private static var plotBuiltin: Builtin {
    let x = TypedParameter.value("x", "trainer, distances, numbers or record")
    let names = TypedParameter.strings("names", or: "none")
    let kind = TypedParameter.string("kind", or: "none")
    return Builtin(
      "plot", .of(x, y, title, xLabel, yLabel, names, log, kind),
      area: .plots, returns: "figure", summary: "Shows what there is to see of a value, and gives the figure.",
      details: """
        A trainer is shown as its loss by epoch, distances as two histograms; kind= chooses another figure of an object: \
        kind="accuracy" of a trainer with such a metric, kind="roc" of distances, kind="confusion" of a report. What \
        sweep, retrieval, identification, confusion and explain give is shown as well. Numbers (a list, a range, a tensor of one \
        axis) make one curve, plot(x, y) with places of its own; a list of lists, a record of lists, a list of records \
        or the columns of a tensor of two axes make several. log=true has a logarithmic vertical axis. Points of which x or \
        y is not finite leave a gap, and the legend counts them. The figure's data, not its pixels, are what a saved session \
        records. .save("name.svg") writes it.
        """,
      example: """
        fig = plot({loss: [0.9, 0.5, 0.3], val_loss: [0.95, 0.6, 0.5]}, xlabel="epoch");
        fig.kind
        #> "line plot"
        """,
      errors: [
        "there is nothing to show, or only NaN", "y, names, xlabel or ylabel with an object", "kind with numbers",
      ], seeAlso: ["histogram", "scatter", "curve", "figure.save"]
    ) { args, context in
      let given = try args[x]
      if case .object(let object) = given {
        // What would change nothing is refused: else the reader takes the usual figure for another.
        if args.isGiven(y) { throw notTaken(y, by: object, given, word: try args[y].asText) }
        if args.isGiven(names) { throw notTaken(names, by: object, given) }
        if args.isGiven(xLabel) { throw notTaken(xLabel, by: object, given) }
        if args.isGiven(yLabel) { throw notTaken(yLabel, by: object, given) }
        let kind = try args[kind]
        var figure: Figure
        if let shown = object as? FigureObject {
          figure = shown.figure
        } else if let source = object as? any FigureConvertible {
          figure = try source.figure(kind: kind)
        } else {
          throw ArgumentError(
            x,
            PlotError.notPlottable(function: "plot", got: given.inWords, help: PlotInput.waysToPictures(given))
              .explanation)
        }
        if let title = try args[title] { figure.title = title }
        if args.isGiven(log) {
          switch figure.content {
          case .lines(var plot):
            plot.logarithmicY = try args[log]
            figure.content = .lines(plot)
          case .roc(var plot):
            plot.logarithmic = try args[log]
            figure.content = .roc(plot)
          default:
            if try args[log] { throw notTaken(log, by: object, given) }
          }
        }
        return try show(figure, context)
      }
      if args.isGiven(kind) {
        throw ArgumentError(
          kind, "plot: kind= chooses a figure of an object, got \(given.inWords)",
          help:
            "plot(report, kind=\"roc\") does; numbers make curves, and histogram(x) and scatter(x, y) show them otherwise"
        )
      }
      let hasY = args.isGiven(y)
      var places: [Double]?
      if hasY {
        guard let numbers = given.asNumbers else {
          throw args.mismatch(x, expected: "a list of numbers, because y is given")
        }
        places = numbers
      }
      let heights = hasY ? y : x
      let values = try args[heights]
      guard let (found, xName) = try PlotInput.series(values, x: places), !found.isEmpty else {
        if values.asItems?.isEmpty == true || values.asRecord?.fields.isEmpty == true {
          throw PlottingError.empty(kind: "a line plot", what: "there are no values")
        }
        throw ArgumentError(heights, notPlottable("plot", values).explanation)
      }
      var series = found
      if let given = try args[names] {
        guard given.count == series.count else {
          throw ArgumentError(names, "plot: names has \(given.count) for \(series.count) curves")
        }
        for index in series.indices { series[index].name = given[index] }
      }
      let below = try args[xLabel] ?? xName ?? (hasY ? "x" : "number")
      let beside = try args[yLabel] ?? (series.count == 1 ? series[0].name : "value")
      return try show(
        Figure(
          title: args[title],
          .lines(LinePlot(series, xLabel: AxisLabel(below), yLabel: AxisLabel(beside), logarithmicY: args[log]))),
        context)
    }
  }

  /// An argument of plot that is for numbers, given with an object.
  private static func notTaken<Given>(
    _ parameter: TypedParameter<Given>, by object: HostObject, _ value: Value, word: String? = nil
  ) -> ArgumentError {
    let name = parameter.declared.name
    var kinds: [String] = []
    do { _ = try (object as? any FigureConvertible)?.figure(kind: "") } catch PlotError.unknownKind(_, _, let known) {
      kinds = known
    } catch {
      // It cannot be shown at all, which a call without this argument says.
    }
    func written(_ kind: String) -> String { "kind=\"\(kind)\"" }
    let meant = word.flatMap { kinds.contains($0) ? $0 : nearName($0, among: kinds) }
    let help: String
    if name == y.declared.name, let meant {
      help = "write " + written(meant)
    } else if name == y.declared.name, !kinds.isEmpty {
      help = "kind= chooses what is shown: " + kinds.map(written).joined(separator: ", ")
    } else {
      help = "leave it out; title= is taken"
    }
    return ArgumentError(parameter, "plot: \(name) is for numbers, and x is \(value.inWords)", help: help)
  }

  private static var histogramBuiltin: Builtin {
    let values = TypedParameter.value("values", "numbers, or a record of groups")
    let bins = TypedParameter.value("bins", "number or list of edges", or: "none")
    let xLabel = TypedParameter.string("xlabel", default: "value")
    let threshold = TypedParameter.number("threshold", or: "none")
    let shares = TypedParameter.bool("shares", or: "none")
    return Builtin(
      "histogram", .of(values, bins, title, xLabel, threshold, shares),
      area: .plots, returns: "figure", summary: "Shows how often values fall where.",
      details: """
        A tensor of any shape, a list, or a record of such for several groups over the same bins. bins=none chooses a \
        width by Freedman and Diaconis, a list such as [0, 0.5, 1, 2] says where bins begin and end: a value on an edge \
        counts in the bin above it, the last edge in the last bin, and the legend says how many lie outside. Several \
        groups are shown as shares of themselves in per cent, so that a small \
        one can be seen beside a large one; shares=false counts. threshold draws a line; one far outside is named beside \
        the axis. .counts and .edges of the figure \
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
      let given = try args[values]
      if case .object(let object) = given {
        guard let source = object as? any FigureConvertible else {
          throw ArgumentError(
            values,
            PlotError.notPlottable(
              function: "histogram", got: given.inWords, help: PlotInput.waysToPictures(given)
            ).explanation)
        }
        figure = try source.figure(kind: "histogram")
      } else {
        var groups: [HistogramPlot.Group] = []
        if let record = given.asRecord {
          for (name, value) in record.fields {
            guard let numbers = try PlotInput.numbers(value) else {
              throw args.mismatch(values, expected: "numbers in each field (\(name) has none)")
            }
            groups.append(.init(name, numbers))
          }
        } else {
          guard let numbers = try PlotInput.numbers(given) else {
            throw args.mismatch(values, expected: "numbers, or a record of groups of numbers")
          }
          groups = [.init("values", numbers)]
        }
        figure = Figure(.histogram(HistogramPlot(groups, xLabel: AxisLabel(try args[xLabel]))))
      }
      if case .histogram(var plot) = figure.content {
        let wanted = try args[bins]
        if let edges = wanted.asNumbers {
          plot.edges = edges
          // Said here, so that the caret stands under the edges.
          if let wrong = Figure(.histogram(plot)).wrongEdges { throw ArgumentError(bins, wrong.explanation) }
        } else if args.isGiven(bins) {
          guard wanted.asNumber != nil else {
            throw args.mismatch(bins, expected: "a number, or a list of edges such as [0, 0.5, 1]")
          }
          plot.bins = try args.int(bins, in: 1...1000)
        }
        if let value = try args[threshold] {
          guard !value.isNaN else { throw args.mismatch(threshold, expected: "a number, which NaN is not") }
          plot.threshold = .init(value, label: "threshold \(formatNumber(value))")
        }
        if let shares = try args[shares] { plot.shares = shares }
        figure.content = .histogram(plot)
      }
      if let title = try args[title] { figure.title = title }
      return try show(figure, context)
    }
  }

  private static var curveBuiltin: Builtin {
    let d = TypedParameter.value("d", "distances, or a record of such")
    let kind = TypedParameter<String>(.optional("kind", "string", default: "roc")) { args, place in
      guard ["det", "DET"].contains(args[place].asText ?? "") else { return try args.string(place, oneOf: ["roc"]) }
      throw args.mismatch(
        place, expected: "\"roc\"", help: "log=true is nearest to a DET curve: it shows small rates of false acceptance"
      )
    }
    return Builtin(
      "curve", .of(d, kind, log, title),
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
      let kind = try args[kind]
      let given = try args[d]
      func rocOf(_ value: Value) throws -> Figure? {
        guard case .object(let object) = value, let source = object as? any FigureConvertible else { return nil }
        return try source.figure(kind: kind)
      }
      var figure: Figure
      if let record = given.asRecord {
        var curves: [ROCPlot.Curve] = []
        for (name, value) in record.fields {
          guard let one = try rocOf(value), case .roc(let plot) = one.content else {
            throw args.mismatch(d, expected: "distances in each field (\(name) has none)")
          }
          for var curve in plot.curves {
            curve.name = name
            curves.append(curve)
          }
        }
        figure = Figure(.roc(ROCPlot(curves)))
      } else {
        guard let one = try rocOf(given) else { throw args.mismatch(d, expected: "distances, or a record of such") }
        figure = one
      }
      if case .roc(var plot) = figure.content {
        if args.isGiven(log) { plot.logarithmic = try args[log] }
        figure.content = .roc(plot)
      }
      if let title = try args[title] { figure.title = title }
      return try show(figure, context)
    }
  }
}
