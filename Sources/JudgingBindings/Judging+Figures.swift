import Interpreter
import LearningBindings
import MetricLearning
import PlotBindings
import Plotting

extension TrainerObject: FigureConvertible {
  /// Loss and val_loss by epoch, or a metric by its name; the best epoch is marked where it was chosen by a validation
  /// or a metric.
  package func figure(kind: String?) throws -> Figure {
    let names = metrics.map(\.name)
    if let kind, kind != "loss", !names.contains(kind) {
      throw PlotError.unknownKind(kind, object: typeName, known: ["loss"] + names)
    }
    let history = trainer.history
    guard !history.isEmpty else {
      throw PlottingError.empty(kind: "the plot of this trainer", what: "it has not run yet; run(epochs=10) trains")
    }
    let validation = history.map(\.validationLoss)
    let judged = validation.contains { $0 != nil } || trainer.options.metrics.best != nil
    let best = judged ? trainer.best?.epoch : nil
    guard let kind, kind != "loss" else {
      return .training(
        epochs: history.map(\.epoch), loss: history.map(\.loss), validation: validation, best: best,
        title: "Loss by epoch")
    }
    let measured = history.compactMap { record in record.metrics?[kind].map { (Double(record.epoch), $0) } }
    guard !measured.isEmpty else {
      throw PlottingError.empty(
        kind: "the plot of this trainer",
        what: "\(kind) was not measured yet (each=\(trainer.options.metrics.each))")
    }
    return Figure(
      title: "\(kind) by epoch",
      .lines(
        LinePlot(
          [.init(kind, x: measured.map(\.0), y: measured.map(\.1))], xLabel: AxisLabel("epoch"),
          yLabel: AxisLabel(kind), marks: best.map { [.init(x: Double($0), label: "best epoch \($0)")] } ?? [])))
  }
}

extension DistancesObject: FigureConvertible {
  private var isListed: Bool { distances.same.list != nil && distances.different.list != nil }

  private func shown(_ kind: RankedDistances) -> [Double] {
    kind.sample(isListed ? kind.count : 1 << 20).map(Double.init)
  }

  /// "histogram" (the usual) or "roc".
  package func figure(kind: String?) throws -> Figure {
    switch kind {
    case nil, "histogram":
      return .distances(
        // Of very many, a million of each kind at even ranks: no bar moves by as much as a pixel.
        same: shown(distances.same), different: shown(distances.different),
        threshold: distances.threshold, title: "Distances: \(name)")
    case "roc":
      let points = isListed ? distances.curve() : distances.roc(count: 20_000)
      return Figure(
        title: "Verification: \(name)",
        .roc(
          ROCPlot([
            .init(name, far: points.map(\.far), tar: points.map(\.tar), eer: distances.eer, auc: distances.auc)
          ])))
    case let kind?:
      throw PlotError.unknownKind(kind, object: typeName, known: ["histogram", "roc"])
    }
  }
}
