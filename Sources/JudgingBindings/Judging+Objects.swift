import CoreLibrary
import Diagnostics
import Interpreter
import MetricLearning
import NeuralNetworks
import PlotBindings
import Plotting

/// What distances were measured with: a threshold from them holds for nothing else.
package struct DistancesOrigin {
  /// What was judged: "strangers".
  package var name: String
  package var metric: Metric
  package var views: Int
  /// Kept: of a layer that was given by itself nobody else has it.
  package var network: Network?
  /// That the network has learnt from what was judged, in words; nil: it has not, as far as is known.
  package var learnt: String?
  /// What else stands in the way of believing a figure: that queries stand in the gallery.
  package var doubts: [String] = []
  /// Every embedding is the same.
  package var isCollapsed = false

  /// All of it, for lines of their own below a result.
  var remarks: [String] { doubts + (isCollapsed ? [Self.collapse] : []) + (learnt.map { [$0] } ?? []) }

  static let collapse = "every image has the same embedding: the network tells nothing apart"
  static let collapsedDistances = "every distance is the same: the network tells nothing apart"
}

/// Distances of all pairs of a dataset under a network.
package final class DistancesObject: HostObject {
  package let distances: Distances
  package let origin: DistancesOrigin
  package var name: String { origin.name }

  package init(_ distances: Distances, _ origin: DistancesOrigin) {
    self.distances = distances
    self.origin = origin
    super.init()
  }

  package override var typeName: String { "distances" }
  package override var summary: String {
    "distances of \(distances.same.count) same and \(distances.different.count) different pairs"
      + (origin.metric == .euclidean ? "" : ", \(origin.metric.text)")
      + (origin.views > 0 ? ", \(origin.views) views" : "")
  }
  package override func describe(_ style: DisplayStyle) -> String {
    let (rate, threshold) = distances.equalError
    var lines = [
      summary,
      "EER \(percent(rate, 2))\(plusMinus(distances.eerMargin, 2))   AUC \(fixed(distances.auc, 4))   "
        + "threshold \(fixed(threshold, 4))",
    ]
    let rates = distances.rates(at: [0.1, 0.01, 0.001]).map { "\($0.rate) at \($0.far)" }
    if !rates.isEmpty { lines.append("TAR " + rates.joined(separator: ", ")) }
    lines += (origin.doubts + (origin.learnt.map { [$0] } ?? [])).map { "! " + $0 }
    if distances.isCollapsed { lines.append(DistancesOrigin.collapsedDistances) }
    return lines.joined(separator: "\n")
  }
}

/// Episodes: `91.2 % ± 1.8`.
final class EpisodesObject: HostObject {
  let episodes: Episodes
  let remarks: [String]

  init(_ episodes: Episodes, remarks: [String] = []) {
    self.episodes = episodes
    self.remarks = remarks
    super.init()
  }

  override var typeName: String { "episodes" }
  override var summary: String { "\(percent(episodes.accuracy)) ± \(fixed(100 * episodes.margin, 1))" }
  override func describe(_ style: DisplayStyle) -> String {
    summary + "   \(episodes.ways)-way \(episodes.shots)-shot, \(counted(episodes.trials, "trial"))"
      + Self.leftOut(episodes) + remark(remarks)
  }

  /// " (17 classes in 2 groups of fewer than 20 left out)"
  static func leftOut(_ episodes: Episodes) -> String {
    let (classes, groups) = episodes.leftOut
    if groups == 0 { return "" }
    return " (\(counted(classes, "class", "classes")) in \(counted(groups, "group")) of fewer than "
      + "\(episodes.ways) left out)"
  }
}

/// Accuracy on pairs, with the threshold from other folds.
final class VerificationObject: HostObject {
  let verification: Verification
  let remarks: [String]

  init(_ verification: Verification, remarks: [String] = []) {
    self.verification = verification
    self.remarks = remarks
    super.init()
  }

  override var typeName: String { "verification" }
  override var summary: String {
    percent(verification.accuracy) + plusMinus(verification.margin)
  }
  override func describe(_ style: DisplayStyle) -> String {
    summary + "   mean over \(verification.folds.count) folds, their standard error "
      + "\(fixed(100 * verification.standardError, 1)); threshold \(fixed(verification.threshold, 4))"
      + remark(remarks)
  }
}

/// Retrieval figures.
final class RetrievalObject: HostObject {
  let retrieval: Retrieval
  /// Of the classes, by label.
  let names: [String]
  let remarks: [String]

  init(_ retrieval: Retrieval, names: [String], remarks: [String] = []) {
    self.retrieval = retrieval
    self.names = names
    self.remarks = remarks
    super.init()
  }

  override var typeName: String { "retrieval" }
  override var summary: String { "precision@1 \(percent(retrieval.precisionAt1))" }
  override func describe(_ style: DisplayStyle) -> String {
    var text =
      "precision@1 \(percent(retrieval.precisionAt1))   R-precision \(percent(retrieval.rPrecision))"
      + "   MAP@R \(percent(retrieval.mapAtR))   \(counted(retrieval.queries, "query", "queries"))"
    if retrieval.leftOut > 0 { text += " (\(retrieval.leftOut) without another of their class left out)" }
    return text + remark(remarks)
  }
}

extension RetrievalObject: FigureConvertible {
  /// How many find one of their class among the first k.
  func figure(kind: String?) throws -> Figure {
    if let kind, kind != "cmc" { throw PlotError.unknownKind(kind, object: typeName, known: ["cmc"]) }
    let ranks = 1...50
    return Figure(
      title: "Found among the first k",
      .lines(
        LinePlot(
          [.init("queries", x: ranks.map(Double.init), y: ranks.map { 100 * retrieval.cmc($0) })],
          xLabel: AxisLabel("k"), yLabel: AxisLabel("queries, %"))))
  }
}

/// What passes at thresholds by which a given share of false alarms pass, too.
protocol RatesAtFAR {
  /// Whether there are pairs enough to tell.
  func supports(far: Double) -> Bool
  func rate(far: Double) throws -> Double
  /// Half of its 95 % interval.
  func rateMargin(far: Double) -> Double?
}

extension RatesAtFAR {
  /// "82.7 % ± 20.5" and "FAR 10 %", for each share that can be told.
  func rates(at shares: [Double]) -> [(rate: String, far: String)] {
    shares.filter(supports).compactMap { far in
      guard let rate = try? rate(far: far) else { return nil }
      return (percent(rate) + plusMinus(rateMargin(far: far)), "FAR \(formatNumber(100 * far)) %")
    }
  }
}

extension Distances: RatesAtFAR {
  func rate(far: Double) throws -> Double { try tar(far: far) }
  func rateMargin(far: Double) -> Double? { tarMargin(far: far) }
}

extension Identification: RatesAtFAR {
  func rate(far: Double) throws -> Double { try dir(far: far) }
  func rateMargin(far: Double) -> Double? { dirMargin(far: far) }
}

/// Lines of their own below a result; nothing where there is nothing to remark.
func remark(_ texts: [String]) -> String { texts.map { "\n! " + $0 }.joined() }
