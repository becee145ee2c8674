import Diagnostics
import Files
import Interpreter
import Plotting

extension PlotBindings {
  static func registerPictures(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "montage",
        [
          .required("images", "dataset, list of images, or tensor"), .optional("labels", "list", "none"),
          .optional("columns", "number", "none"), .optional("title", "string", "none"),
          .optional("limit", "number", default: 60),
        ],
        area: .plots, returns: "figure", summary: "Shows images in a grid, with a word under each.",
        details: """
          A tensor has the shape [n, channels, height, width], [n, height, width] or [height, width]; values from 0 to 1 \
          are shown as they are, others from their least to their greatest. A dataset brings its classes as labels.
          """,
        example: """
          fig = montage(zeros([2, 1, 8, 8]), labels=["a", "b"]);
          fig.kind
          #> "montage"
          """,
        errors: ["labels has another length than images"], seeAlso: ["images", "heatmap"]
      ) { args, context in
        let limit = try args.int(4, in: 1...2500)
        guard var tiles = try PlotInput.tiles(args[0], limit: limit) else {
          throw args.mismatch(0, expected: "images: a dataset, a list of images, or a tensor of images")
        }
        if !args[1].isNone, !args[1].isUnset {
          guard let labels = PlotInput.labels(args[1]) else {
            throw args.mismatch(1, expected: "a list of strings or numbers, one for each image")
          }
          guard labels.count == tiles.count || (tiles.count == limit && labels.count > limit) else {
            throw ArgumentError(
              1,
              PlottingError.counts(kind: "montage", what: "labels", expected: tiles.count, got: labels.count)
                .explanation)
          }
          for index in tiles.indices { tiles[index].label = labels[index] }
        }
        let columns = args[2].isNone || args[2].isUnset ? nil : try args.int(2, in: 1...200)
        return try show(Figure(title: title(args, 3), .montage(MontagePlot(tiles, columns: columns))), context)
      })
    registry.add(heatmapBuiltin)
    registry.add(
      Builtin(
        "bars",
        [
          .required("values", "record or numbers"), .optional("names", "list of strings", "none"),
          .optional("title", "string", "none"), .optional("ylabel", "string", default: "value"),
        ],
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
        if let record = args[0].asRecord {
          for (name, value) in record.fields {
            guard let number = value.asNumber else {
              throw args.mismatch(0, expected: "a number in each field (\(name) has none)")
            }
            names.append(name)
            values.append(number)
          }
        } else {
          guard let numbers = args[0].asNumbers else {
            throw args.mismatch(0, expected: "a record or a list of numbers")
          }
          values = numbers
          names = numbers.indices.map(String.init)
          if !args[1].isNone, !args[1].isUnset {
            guard let given = PlotInput.labels(args[1]), given.count == values.count else {
              throw args.mismatch(1, expected: "a list of \(values.count) names")
            }
            names = given
          }
        }
        return try show(
          .bars(names, values, yLabel: args.string(3), title: title(args, 2)), context)
      })
  }

  private static var heatmapBuiltin: Builtin {
    Builtin(
      "heatmap",
      [
        .required("matrix", "tensor of two axes, list of rows, or confusion"),
        .optional("rows", "list of strings", "none"), .optional("columns", "list of strings", "none"),
        .optional("title", "string", "none"), .optional("xlabel", "string", "none"),
        .optional("ylabel", "string", "none"),
      ],
      area: .plots, returns: "figure", summary: "Shows a matrix as colours, the first row on top.",
      details: """
        The numbers stand in the cells where they fit. Elements that are not finite are gray; where most are 0, those \
        are left white. heatmap(confusion(net, data)) is the confusions' matrix.
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
      if case .object(let object) = args[0] {
        let figure: Figure? =
          if let shown = object as? FigureObject { shown.figure } else {
            try (object as? any FigureConvertible)?.firstFigure {
              if case .heatmap = $0.content { true } else { false }
            }
          }
        guard let figure, case .heatmap(let shown) = figure.content else {
          throw ArgumentError(0, PlotError.noMatrix(got: args[0].inWords).explanation)
        }
        (plot, ownTitle) = (shown, figure.title)
      } else {
        guard let (rows, columns, values) = try PlotInput.matrix(args[0]), args[0].asNumber == nil else {
          throw args.mismatch(0, expected: "a matrix: a tensor of two axes, or a list of rows of one length")
        }
        plot = HeatmapPlot(rows: rows, columns: columns, values: values)
      }
      func names(_ index: Int, _ count: Int) throws -> [String]? {
        if args[index].isNone || args[index].isUnset { return nil }
        guard let labels = PlotInput.labels(args[index]), labels.count == count else {
          throw args.mismatch(index, expected: "a list of \(count) names")
        }
        return labels
      }
      if let names = try names(1, plot.rows) { plot.rowNames = names }
      if let names = try names(2, plot.columns) { plot.columnNames = names }
      if let label = try title(args, 4) { plot.xLabel = AxisLabel(label) }
      if let label = try title(args, 5) { plot.yLabel = AxisLabel(label) }
      return try show(Figure(title: title(args, 3) ?? ownTitle, .heatmap(plot)), context)
    }
  }

  static func registerFigureMembers(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        method: "save", of: "figure",
        [
          .required("path", "string"), .optional("width", "number", "none"), .optional("height", "number", "none"),
        ],
        area: .plots, summary: "Writes the figure to a file: .svg, .png, .pdf, or .txt for characters.",
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
        let path = try args.string(0)
        guard let format = FigureFormat(fileName: path) else {
          throw ArgumentError(0, PlottingError.unknownFormat(fileName: path).explanation)
        }
        var own = object.figure.suggestedSize
        var least = 80...8000
        if case .text = format { (own, least) = (.text, 10...2000) }
        let hasWidth = !args[1].isNone && !args[1].isUnset
        let hasHeight = !args[2].isNone && !args[2].isUnset
        var size: FigureSize?
        if hasWidth || hasHeight {
          let width = hasWidth ? try args.int(1, in: least) : nil
          let height = hasHeight ? try args.int(2, in: least) : nil
          let bound = { (value: Int) in max(least.lowerBound, min(least.upperBound, value)) }
          size = FigureSize(
            width: width ?? bound((height ?? own.height) * own.width / own.height),
            height: height ?? bound((width ?? own.width) * own.height / own.width))
        }
        try object.write(to: context.path(path), size: size, interrupt: context.interrupt)
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
