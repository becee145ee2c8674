import Diagnostics
import CoreLibrary
import Interpreter
import MetricLearning
import PlotBindings
import Plotting

/// What a sweep has found: a table, the best first.
final class SweepObject: HostObject, TableConvertible {
  let halving: Halving
  let settings: [Value]
  let epochs: [Int]
  /// The training of the best setting; nil where none has a score.
  let best: TrainerObject?
  /// Settings that were trained, and whose score is no number. A folder's scores do not tell them from failures.
  let unscored: Set<Int>

  init(_ halving: Halving, settings: [Value], epochs: [Int], best: TrainerObject?, unscored: Set<Int>) {
    (self.halving, self.settings, self.epochs, self.best) = (halving, settings, epochs, best)
    self.unscored = unscored
    super.init()
  }

  override var typeName: String { "sweep" }
  override var length: Int? { settings.count }

  override var summary: String {
    let count = "\(settings.count) setting\(settings.count == 1 ? "" : "s")"
    guard let best = halving.best else { return "sweep over \(count): \(whyNoneIsBest)" }
    return "sweep over \(count): best \(fixed(best.score, 4)) by \(settings[best.index].summarized())"
  }

  private var whyNoneIsBest: String {
    if unscored.isEmpty { return "every training failed" }
    return unscored.count == settings.count ? "the score of each was no number" : "none has a score that is a number"
  }

  override func describe(_ style: DisplayStyle) -> String {
    let ranking = style.full ? halving.ranking : Array(halving.ranking.prefix(12))
    let rows = [["score", "epochs"] + fieldNames] + rows(ranking)
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = [summary]
    for row in rows {
      lines.append(
        "  "
          + zip(row, widths).map { $0.paddedLeft(to: $1) }.joined(separator: "  "))
    }
    let more = settings.count - ranking.count
    if more > 0 { lines.append("  and \(more) more") }
    return lines.joined(separator: "\n")
  }

  var table: ValueTable? {
    let shown = Array(halving.ranking.prefix(100))
    let more = settings.count - shown.count
    return ValueTable(
      caption: summary, columns: (["score", "epochs"] + fieldNames).map { ValueTable.Column($0, isNumeric: true) },
      rows: rows(shown).map { ValueTable.Row($0) }, notes: more > 0 ? ["and \(more) more"] : [])
  }

  /// Score, epochs and each setting.
  private func rows(_ ranking: [Halving.Trial]) -> [[String]] {
    let names = fieldNames
    return ranking.map { trial in
      let fields = settings[trial.index].asRecord
      let score =
        trial.score.isNaN ? (unscored.contains(trial.index) ? "no number" : "failed") : fixed(trial.score, 4)
      return [score, "\(epochs[trial.scores.count - 1])"]
        + names.map { fields?.value(StringBox($0))?.summarized() ?? "" }
    }
  }

  /// The names of all settings, in the order in which they come up.
  private var fieldNames: [String] {
    var names: [String] = []
    for case .record(let record) in settings {
      for name in record.names where !names.contains(name) { names.append(name) }
    }
    return names
  }

  /// `table[0]` is the best one: its settings, score and epochs.
  override func index(_ subscripts: [IndexValue], _ context: ExecutionContext) throws -> Value {
    row(halving.ranking[try subscripts.place(in: settings.count, of: typeName)])
  }

  override func iterate(_ context: ExecutionContext) -> ValueIterator? {
    var rest = halving.ranking[...]
    return ValueIterator { [self] in rest.popFirst().map(row) }
  }

  func row(_ trial: Halving.Trial) -> Value {
    Value(fields: [
      ("settings", settings[trial.index]), ("score", trial.score.isNaN ? .none : Value(trial.score)),
      ("epochs", Value(epochs[trial.scores.count - 1])),
    ])
  }
}

extension SweepObject: FigureConvertible {
  /// Score over epochs, a line for each of the ten best settings.
  func figure(kind: String?) throws -> Figure {
    if let kind, kind != "scores" { throw PlotError.unknownKind(kind, object: typeName, known: ["scores"]) }
    let shown = halving.ranking.filter { !$0.score.isNaN }.prefix(10)
    guard !shown.isEmpty else {
      throw PlottingError.empty(kind: "the plot of this sweep", what: whyNoneIsBest)
    }
    let epoch = AxisLabel("epoch")
    let label =
      shown.count < settings.count ? epoch.noting("the best \(shown.count) of \(settings.count) settings") : epoch
    return Figure(
      title: "Sweep over \(settings.count) setting\(settings.count == 1 ? "" : "s")",
      .lines(
        LinePlot(
          shown.map { trial in
            .init(
              settings[trial.index].summarized(), x: trial.scores.indices.map { Double(epochs[$0]) }, y: trial.scores,
              markers: true)
          }, xLabel: label, yLabel: AxisLabel("score"))))
  }
}

extension LearningBindings {
  static func registerSweepMembers(_ registry: inout BuiltinRegistry) {
    func property(
      _ name: String, returns: String? = nil, _ summary: String, _ example: String,
      _ value: @escaping (SweepObject) -> Value
    ) {
      registry.add(
        Builtin(
          property: name, of: "sweep", area: .training, returns: returns, summary: summary,
          example: sweepExample + "\n" + example,
          seeAlso: ["sweep"]
        ) { args, _ in value(try args.receiver(SweepObject.self)) })
    }
    property(
      "best", "The settings that won, a record; none where none has a score.", "table.best.size >= 8\n#> true"
    ) {
      table in table.halving.best.map { table.settings[$0.index] } ?? .none
    }
    property("score", "The best score; none where none is a number.", "table.score == table[0].score\n#> true") {
      $0.halving.best.map { Value($0.score) } ?? .none
    }
    property(
      "network", returns: "network", "The network of the best setting, trained.",
      "table.network([letters[0]]).shape[0]\n#> 1"
    ) {
      $0.best.map { Value(NetworkObject($0.trainer.network)) } ?? .none
    }
    property(
      "trainer", returns: "trainer", "The trainer of the best setting; run(epochs=…) goes on.",
      "table.trainer.epoch\n#> 2"
    ) {
      $0.best.map { Value($0) } ?? .none
    }
  }
}
