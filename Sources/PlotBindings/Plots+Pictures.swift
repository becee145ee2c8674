import Diagnostics
import Files
import Interpreter
import Plotting

extension PlotBindings {
  static func registerPictures(_ registry: inout BuiltinRegistry) {
    let images = TypedParameter.value("images", "dataset, list of images, or tensor")
    let labels = TypedParameter.value("labels", "list", or: "none")
    let columns = TypedParameter.int("columns", in: 1...200, or: "none")
    let limit = TypedParameter.int("limit", in: 1...2500, default: 60)
    registry.add(
      Builtin(
        "montage", .of(images, labels, columns, title, limit),
        area: .plots, returns: "figure", summary: "Shows images in a grid, with a word under each.",
        details: """
          A tensor has the shape [n, channels, height, width], [n, height, width] or [height, width]; three axes of which \
          the first is 1 or 3 are one picture, [channels, height, width]: x.reshape(3, 1, height, width) are three gray \
          ones. Values from 0 to 1 are shown as they are, others from their least to their greatest. A dataset brings its \
          classes as labels. Of more than limit images the first are shown, and how many there are.
          """,
        example: """
          fig = montage(zeros([2, 1, 8, 8]), labels=["a", "b"]);
          fig.kind
          #> "montage"
          """,
        errors: ["labels has another length than images"], seeAlso: ["images", "heatmap"]
      ) { args, context in
        let most = try args[limit]
        let given = try args[images]
        guard var tiles = try PlotInput.tiles(given, limit: most) else {
          throw args.mismatch(
            images, expected: "a dataset, a list of images, or a tensor [n, channels, height, width]",
            help: PlotInput.waysToPictures(given))
        }
        warn(ofTurnedChannels: given, by: "montage", context)
        let total = max(tiles.count, PlotInput.tileCount(given) ?? 0)
        if args.isGiven(labels) {
          guard let words = PlotInput.labels(try args[labels]) else {
            throw args.mismatch(labels, expected: "a list of strings or numbers, one for each image")
          }
          // One for each that is shown does as well.
          guard words.count == total || words.count == tiles.count else {
            throw ArgumentError(
              labels,
              PlottingError.counts(kind: "montage", what: "labels", expected: total, got: words.count).explanation)
          }
          for index in tiles.indices { tiles[index].label = words[index] }
        }
        return try show(
          Figure(title: args[title], .montage(MontagePlot(tiles, columns: args[columns], total: total))), context)
      })
    registry.add(heatmapBuiltin)
    let bars = TypedParameter.value("values", "record or numbers")
    let named = TypedParameter.value("names", "list of strings", or: "none")
    let besideBars = TypedParameter.string("ylabel", default: "value")
    registry.add(
      Builtin(
        "bars", .of(bars, named, title, besideBars),
        area: .plots, returns: "figure", summary: "Shows a value for each name as a bar.",
        example: """
          fig = bars({pixels: 0.62, recipe: 0.71, conv4: 0.91}, ylabel="accuracy");
          fig.kind
          #> "bar chart"
          """,
        errors: ["names has another length than values"], seeAlso: ["plot", "histogram"]
      ) { args, context in
        var names: [String] = []
        var values: [Double] = []
        let given = try args[bars]
        if let record = given.asRecord {
          for (name, value) in record.fields {
            guard let number = value.asNumber else {
              throw args.mismatch(bars, expected: "a number in each field (\(name) has none)")
            }
            names.append(name)
            values.append(number)
          }
        } else {
          guard let numbers = given.asNumbers else {
            throw args.mismatch(bars, expected: "a record or a list of numbers")
          }
          values = numbers
          names = numbers.indices.map(String.init)
          if args.isGiven(named) {
            guard let words = PlotInput.labels(try args[named]), words.count == values.count else {
              throw args.mismatch(named, expected: "a list of \(values.count) names")
            }
            names = words
          }
        }
        return try show(
          .bars(names, values, yLabel: args[besideBars], title: args[title]), context)
      })
  }

  /// That a tensor's last axis, not its second, seems to be that of the channels.
  static func warn(ofTurnedChannels value: Value, by function: String, _ context: ExecutionContext) {
    guard let way = PlotInput.wayToTurn(value), let shape = value.asTensor?.shape else { return }
    context.output.warn(
      Explanation(
        "\(function): a tensor of shape \(shape) was taken for \(shape[0]) gray images, but looks channels last",
        help: way))
  }

  private static var heatmapBuiltin: Builtin {
    let matrix = TypedParameter.value("matrix", "tensor of two axes, list of rows, or confusion")
    let rowNames = TypedParameter.value("rows", "list of strings", or: "none")
    let columnNames = TypedParameter.value("columns", "list of strings", or: "none")
    return Builtin(
      "heatmap", .of(matrix, rowNames, columnNames, title, xLabel, yLabel),
      area: .plots, returns: "figure", summary: "Shows a matrix as colours, the first row on top.",
      details: """
        The numbers stand in the cells where they fit. Elements that are not finite are gray; where most are 0, those \
        are left white. heatmap(confusion(net, data)) is the confusions' matrix. A picture has up to 1000 × 1000 cells: of \
        more elements they are means, and the axis says of how many.
        """,
      example: """
        fig = heatmap([[1, 2], [3, 4]], rows=["a", "b"], columns=["c", "d"]);
        fig.kind
        #> "heatmap"
        """,
      errors: ["the matrix has more or fewer than two axes"], seeAlso: ["montage", "plot", "confusion"]
    ) { args, context in
      var plot: HeatmapPlot
      var ownTitle: String?
      let given = try args[matrix]
      if case .object(let object) = given {
        let figure: Figure? =
          if let shown = object as? FigureObject { shown.figure } else {
            try (object as? any FigureConvertible)?.firstFigure {
              if case .heatmap = $0.content { true } else { false }
            }
          }
        guard let figure, case .heatmap(let shown) = figure.content else {
          throw ArgumentError(matrix, PlotError.noMatrix(got: given.inWords).explanation)
        }
        (plot, ownTitle) = (shown, figure.title)
      } else {
        guard let (rows, columns, values) = try PlotInput.matrix(given), given.asNumber == nil else {
          throw args.mismatch(matrix, expected: "a tensor of two axes, or a list of rows of one length")
        }
        plot = HeatmapPlot(rows: rows, columns: columns, values: values)
      }
      func names(_ parameter: TypedParameter<Value>, _ count: Int) throws -> [String]? {
        guard args.isGiven(parameter) else { return nil }
        guard let labels = PlotInput.labels(try args[parameter]), labels.count == count else {
          throw args.mismatch(parameter, expected: "a list of \(count) names")
        }
        return labels
      }
      if let names = try names(rowNames, plot.rows) { plot.rowNames = names }
      if let names = try names(columnNames, plot.columns) { plot.columnNames = names }
      if let label = try args[xLabel] { plot.xLabel = AxisLabel(label) }
      if let label = try args[yLabel] { plot.yLabel = AxisLabel(label) }
      return try show(Figure(title: args[title] ?? ownTitle, .heatmap(plot)), context)
    }
  }

  static func registerFigureMembers(_ registry: inout BuiltinRegistry) {
    let path = TypedParameter.string("path")
    let width = TypedParameter.value("width", "number", or: "none")
    let height = TypedParameter.value("height", "number", or: "none")
    registry.add(
      Builtin(
        method: "save", of: "figure", .of(path, width, height),
        area: .plots, files: .writes, summary: "Writes the figure to a file: .svg, .png, .pdf, or .txt for characters.",
        details: """
          width and height are pixels (96 to the inch in PDF), columns and rows for .txt; one alone keeps the figure's \
          shape. The file is written whole or not at all. plot(x).save("x.svg") shows the figure nowhere else.
          """,
        example: """
          fig = bars({a: 1, b: 2});
          fig.save("bars.txt", width=40)
          """,
        errors: [
          "the name ends in none of .svg .png .pdf .txt", "gnuplot is not installed", "the folder cannot be written",
        ],
        seeAlso: ["plot"]
      ) { args, context in
        let object = try args.receiver(FigureObject.self)
        let name = try args[path]
        guard let format = FigureFormat(fileName: name) else {
          throw ArgumentError(path, PlottingError.unknownFormat(fileName: name).explanation)
        }
        var own = object.figure.suggestedSize
        if case .text = format { own = .text }
        let bounds = FigureSize.bounds(of: format)
        var size: FigureSize?
        if args.isGiven(width) || args.isGiven(height) {
          let across = args.isGiven(width) ? try args.int(width, in: bounds.width) : nil
          let down = args.isGiven(height) ? try args.int(height, in: bounds.height) : nil
          func bound(_ value: Int, _ range: ClosedRange<Int>) -> Int {
            max(range.lowerBound, min(range.upperBound, value))
          }
          size = FigureSize(
            width: across ?? bound((down ?? own.height) * own.width / own.height, bounds.width),
            height: down ?? bound((across ?? own.width) * own.height / own.width, bounds.height))
        }
        do { try object.write(to: context.path(name), size: size, interrupt: context.interrupt) } catch let error
          as PlottingError
        {
          // What could not be drawn for the file is not drawn once more for the page.
          context.output.displayIsSaved(object)
          throw error
        }
        context.output.displayIsSaved(object)
        return .none
      })
    registry.add(
      Builtin(
        property: "counts", of: "figure", area: .plots,
        summary: "How many values fall into each bin of a histogram; a record of such where it has several groups.",
        example: "histogram([1, 2, 2, 5], bins=[0, 2, 4, 6]).counts\n#> [1, 2, 1]",
        seeAlso: ["histogram", "figure.edges"]
      ) { args, _ in
        let figure = try args.receiver(FigureObject.self).figure
        guard case .histogram(let plot) = figure.content else { throw PlotError.noBins(kind: figure.kindName) }
        let counts = plot.binning.counts.map { Value(numbers: $0.map(Double.init)) }
        return counts.count == 1 ? counts[0] : Value(fields: Array(zip(plot.groups.map(\.name), counts)))
      })
    registry.add(
      Builtin(
        property: "edges", of: "figure", area: .plots, returns: "list",
        summary: "Where a histogram's bins begin and end: one more than there are bins.",
        example: "histogram([1, 2, 2, 5], bins=4).edges\n#> [1, 2, 3, 4, 5]",
        seeAlso: ["histogram", "figure.counts"]
      ) { args, _ in
        let figure = try args.receiver(FigureObject.self).figure
        guard case .histogram(let plot) = figure.content else { throw PlotError.noBins(kind: figure.kindName) }
        return Value(numbers: plot.binning.edges)
      })
    registry.add(
      Builtin(
        property: "kind", of: "figure", area: .plots, summary: "What it is, in words: \"histogram\", \"line plot\" …",
        example: "bars({a: 1}).kind;"
      ) { args, _ in Value(try args.receiver(FigureObject.self).figure.kindName) })
    registry.add(
      Builtin(
        property: "title", of: "figure", area: .plots, summary: "Its title, or none.",
        example: "bars({a: 1}, title=\"One\").title;"
      ) { args, _ in
        let title = try args.receiver(FigureObject.self).figure.title
        return title.map { Value($0) } ?? .none
      })
  }
}
