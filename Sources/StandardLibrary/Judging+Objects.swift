import Diagnostics
import Interpreter
import MetricLearning

/// Distances of all pairs of a dataset under a network.
final class DistancesObject: HostObject {
  let distances: Distances
  /// What was judged: "strangers".
  let name: String

  init(_ distances: Distances, name: String) {
    self.distances = distances
    self.name = name
    super.init()
  }

  override var typeName: String { "distances" }
  override var summary: String {
    "distances of \(distances.same.count) same and \(distances.different.count) different pairs"
  }
  override func describe(_ style: DisplayStyle) -> String {
    let (rate, threshold) = distances.equalError
    var lines = [
      summary,
      "EER \(percent(rate, 2))   AUC \(fixed(distances.auc, 4))   threshold \(fixed(threshold, 4))",
    ]
    var rates: [String] = []
    for far in [0.1, 0.01, 0.001] where distances.supports(far: far) {
      if let tar = try? distances.tar(far: far) { rates.append("\(percent(tar)) at FAR \(formatNumber(100 * far)) %") }
    }
    if !rates.isEmpty { lines.append("TAR " + rates.joined(separator: ", ")) }
    if distances.isCollapsed { lines.append("every distance is the same: the network tells nothing apart") }
    return lines.joined(separator: "\n")
  }
}

/// Episodes: `91.2 % ± 1.8`.
final class EpisodesObject: HostObject {
  let episodes: Episodes

  init(_ episodes: Episodes) {
    self.episodes = episodes
    super.init()
  }

  override var typeName: String { "episodes" }
  override var summary: String { "\(percent(episodes.accuracy)) ± \(fixed(100 * episodes.margin, 1))" }
  override func describe(_ style: DisplayStyle) -> String {
    summary + "   \(episodes.ways)-way \(episodes.shots)-shot, \(episodes.trials) trials"
  }
}

/// Accuracy on pairs, with the threshold from other folds.
final class VerificationObject: HostObject {
  let verification: Verification

  init(_ verification: Verification) {
    self.verification = verification
    super.init()
  }

  override var typeName: String { "verification" }
  override var summary: String {
    "\(percent(verification.accuracy)) ± \(fixed(100 * verification.standardError, 1))"
  }
  override func describe(_ style: DisplayStyle) -> String {
    summary + "   mean and standard error over \(verification.folds.count) folds; threshold "
      + fixed(verification.threshold, 4)
  }
}

/// Retrieval figures.
final class RetrievalObject: HostObject {
  let retrieval: Retrieval

  init(_ retrieval: Retrieval) {
    self.retrieval = retrieval
    super.init()
  }

  override var typeName: String { "retrieval" }
  override var summary: String { "precision@1 \(percent(retrieval.precisionAt1))" }
  override func describe(_ style: DisplayStyle) -> String {
    var text =
      "precision@1 \(percent(retrieval.precisionAt1))   R-precision \(percent(retrieval.rPrecision))"
      + "   MAP@R \(percent(retrieval.mapAtR))   \(retrieval.queries) queries"
    if retrieval.leftOut > 0 { text += " (\(retrieval.leftOut) without another of their class left out)" }
    return text
  }
}
