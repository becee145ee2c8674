import CoreLibrary
import Diagnostics
import Interpreter
import MetricLearning
import PlotBindings
import Plotting
import Tensors

/// Which classes are taken for which.
final class ConfusionObject: HostObject {
  let confusion: Confusion
  let name: String
  let remarks: [String]

  init(_ confusion: Confusion, name: String, remarks: [String] = []) {
    self.confusion = confusion
    self.name = name
    self.remarks = remarks
    super.init()
  }

  override var typeName: String { "confusion" }
  override var summary: String {
    "confusion of \(confusion.names.count) classes: \(percent(confusion.accuracy)) of \(confusion.total) right"
      + (confusion.leftOut > 0 ? " (\(counted(confusion.leftOut, "image")) of other classes left out)" : "")
  }
  override func describe(_ style: DisplayStyle) -> String {
    let worst = confusion.worst
    let shown = worst.prefix(style.full ? 50 : 5).map { Self.line($0, confusion) }
    let more = worst.count - shown.count
    let rest = more > 0 ? ["and \(counted(more, "more pair")) of classes"] : []
    return ([summary] + shown + rest).joined(separator: "\n") + remark(remarks)
  }

  static func line(_ pair: (from: Int, to: Int, count: Int), _ confusion: Confusion) -> String {
    let of = confusion.names.indices.reduce(0) { $0 + confusion.count(pair.from, $1) }
    return
      "\(confusion.names[pair.from].asOneLine) taken for \(confusion.names[pair.to].asOneLine): \(pair.count) of \(of)"
  }
}

extension ConfusionObject: FigureConvertible {
  func figure(kind: String?) throws -> Figure {
    if let kind, kind != "matrix" { throw PlotError.unknownKind(kind, object: typeName, known: ["matrix"]) }
    return Self.figure(confusion, name)
  }

  static func figure(_ confusion: Confusion, _ name: String) -> Figure {
    let count = confusion.names.count
    return Figure(
      title: "Taken for: \(name)",
      .heatmap(
        HeatmapPlot(
          rows: count, columns: count, values: confusion.counts.map(Double.init), rowNames: confusion.names,
          columnNames: confusion.names, xLabel: AxisLabel("taken for"), yLabel: AxisLabel("is"),
          valueLabel: AxisLabel("images"))))
  }
}

/// Everything that can be said of a network on one dataset.
final class ReportObject: HostObject {
  let report: Report
  let origin: DistancesOrigin

  init(_ report: Report, _ origin: DistancesOrigin) {
    self.report = report
    self.origin = origin
    super.init()
  }

  override var typeName: String { "report" }
  override var summary: String {
    "report on \(report.name): EER \(percent(report.distances.eer, 2)), precision@1 \(percent(report.retrieval.precisionAt1))"
  }

  override func describe(_ style: DisplayStyle) -> String {
    let (d, r) = (report.distances, report.retrieval)
    var rows: [(String, String)] = [
      ("data", "\(report.name): \(counted(report.images, "image")) of \(counted(report.classes, "class", "classes"))"),
      ("spread", d.isCollapsed ? "none: every image has the same embedding" : significant(report.spread)),
      (
        "EER",
        "\(percent(d.eer, 2))\(plusMinus(d.eerMargin, 2))   AUC \(fixed(d.auc, 4))   threshold \(fixed(d.threshold, 4))"
      ),
    ]
    rows += d.rates(at: [0.1, 0.01, 0.001]).map { ("TAR at \($0.far)", $0.rate) }
    for e in report.episodes {
      rows.append(
        (
          "\(e.ways)-way \(e.shots)-shot",
          "\(percent(e.accuracy)) ± \(fixed(100 * e.margin, 1))\(EpisodesObject.leftOut(e))"
        ))
    }
    rows.append(("precision@1", percent(r.precisionAt1)))
    rows.append(("R-precision", percent(r.rPrecision)))
    rows.append(("MAP@R", percent(r.mapAtR)))
    if let open = report.identification {
      if open.enrolled > 1 { rows.append(("rank 1 of half", percent(open.rank1) + plusMinus(open.rank1Margin))) }
      rows += open.rates(at: [0.1, 0.01]).map { ("DIR at \($0.far)", $0.rate) }
    }
    if let confusion = report.confusion, let worst = confusion.worst.first {
      rows.append(("most mixed up", ConfusionObject.line(worst, confusion)))
    }
    if !report.missing.isEmpty { rows.append(("not measured", report.missing.joined(separator: "; "))) }
    rows += origin.doubts.map { ("not apart", $0) }
    if let learnt = origin.learnt { rows.append(("not strangers", learnt)) }
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { $0.0.padded(to: width + 2) + $0.1 }.joined(separator: "\n")
  }

  var distances: DistancesObject { DistancesObject(report.distances, origin) }

  private func significant(_ value: Double) -> String { formatNumber((value * 1e6).rounded() / 1e6) }
}

extension ReportObject: FigureConvertible {
  /// "histogram" (the usual), "roc", "confusion" or "dir".
  func figure(kind: String?) throws -> Figure {
    switch kind {
    case nil, "histogram": return try distances.figure(kind: nil)
    case "roc": return try distances.figure(kind: "roc")
    case "confusion":
      guard let confusion = report.confusion else { throw PlottingError.empty(kind: "the plot", what: "no confusion") }
      return ConfusionObject.figure(confusion, report.name)
    case "dir":
      guard let open = report.identification else {
        throw PlottingError.empty(kind: "the plot", what: "no open-set identification")
      }
      return try IdentificationObject(open, name: report.name).figure(kind: nil)
    case let kind?:
      throw PlotError.unknownKind(kind, object: typeName, known: ["histogram", "roc", "confusion", "dir"])
    }
  }
}

extension JudgingBindings {
  static func registerReports(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "confusion", .of(network, dataset, shots, seed, distance, views, gallery), area: .judging, returns: "confusion",
        summary: "Which classes are taken for which.",
        details: """
          `shots` references of each class are drawn; every other image is given to the class with the least distance (to \
          the mean of its references). With gallery=, an image can be taken for every class of the gallery, also for one that \
          no query is of. plot(c) shows the matrix: rows are what images are, columns what they are taken for.
          """ + searchingNote, example: judgingExample + "confusion(net, faces, seed=2).matrix.shape\n#> [6, 6]",
        errors: ["fewer than two classes have shots + 1 images"], seeAlso: ["episodes", "report"]
      ) { args, context in
        let (embeddings, origin, source) = try embeddings(args, context)
        return Value(
          ConfusionObject(
            try Confusion(
              embeddings, names: source.classNames, shots: try args[shots], seed: try args[seed].value(context)),
            name: origin.name, remarks: origin.remarks))
      })
    registry.add(
      Builtin(
        property: "accuracy", of: "confusion", area: .judging, summary: "Share of images given to their class.",
        example: judgingExample + "confusion(net, faces, seed=2).accuracy <= 1\n#> true", seeAlso: ["confusion"]
      ) { args, _ in Value(try args.receiver(ConfusionObject.self).confusion.accuracy) })
    registry.add(
      Builtin(
        property: "matrix", of: "confusion", area: .judging, returns: "tensor",
        summary: "Counts as a tensor [classes, classes]: row what images are, column what they were taken for.",
        example: judgingExample + "confusion(net, faces, seed=2).matrix.sum()\n#> 24", seeAlso: ["confusion"]
      ) { args, _ in
        let confusion = try args.receiver(ConfusionObject.self).confusion
        return Value(
          try Tensor(confusion.counts.map(Float.init), shape: [confusion.names.count, confusion.names.count]))
      })
    registry.add(
      Builtin(
        property: "classes", of: "confusion", area: .judging, returns: "list",
        summary: "Names of the rows and columns.",
        example: judgingExample + "len(confusion(net, faces, seed=2).classes)\n#> 6", seeAlso: ["confusion"]
      ) { args, _ in Value(texts: try args.receiver(ConfusionObject.self).confusion.names) })
    let trials = TypedParameter.int("trials", in: 1...10_000_000, default: 1000)
    registry.add(
      Builtin(
        "report", .of(network, dataset, trials, seed, within, distance, views, gallery), area: .judging,
        returns: "report", summary: "All protocols on one dataset, as a table.",
        details: """
          Distances (EER, AUC, TAR), episodes (5-, 10- and 20-way), retrieval, open-set identification, and the classes most \
          mixed up. plot(r) shows the distances; plot(r, kind="roc"), "dir" and "confusion" draw the others. \
          within="group" as in episodes.
          """ + searchingNote, example: judgingExample + "report(net, faces, trials=100, seed=2).eer < 1\n#> true",
        errors: ["no class has two images", "there is one class only"],
        seeAlso: ["distances", "episodes", "retrieval", "identification", "confusion", "audit"]
      ) { args, context in
        let (embeddings, origin, source) = try embeddings(args, context)
        return Value(
          ReportObject(
            try Report(
              embeddings, name: origin.name, names: source.classNames, trials: try args[trials],
              seed: try args[seed].value(context), groups: try groups(args, source)), origin))
      })
    func property(_ name: String, returns: String? = nil, _ summary: String, _ value: @escaping (ReportObject) -> Value)
    {
      registry.add(
        Builtin(
          property: name, of: "report", area: .judging, returns: returns, summary: summary,
          example: judgingExample + "report(net, faces, trials=100, seed=2).\(name)", seeAlso: ["report"]
        ) { args, _ in value(try args.receiver(ReportObject.self)) })
    }
    property("eer", "Equal error rate over all pairs.") { Value($0.report.distances.eer) }
    property("auc", "The chance that a same pair is nearer than a different one.") { Value($0.report.distances.auc) }
    property("precision", "Share of images whose nearest is of their class.") {
      Value($0.report.retrieval.precisionAt1)
    }
    property("map", "MAP@R.") { Value($0.report.retrieval.mapAtR) }
    property("distances", returns: "distances", "The distances of all pairs.") { Value($0.distances) }
    property("episodes", returns: "list", "The episodes, a list.") {
      Value($0.report.episodes.map { Value(EpisodesObject($0)) })
    }
  }
}
