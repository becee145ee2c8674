import NeuralNetworks

/// A loss on pairs over all pairs of a batch with labels: ½ · its mean over the same pairs + ½ · its mean over the
/// different ones.
///
/// A batch of 64 images is embedded once and has 2016 pairs, where 64 images as drawn pairs have 32. Both kinds count
/// alike, however many there are of each, as where half of the drawn pairs are the same.
struct AllPairs: BatchLoss, LossKind {
  /// Takes pairs.
  let loss: EmbeddingLoss

  /// Pairs whose embeddings are laid side by side at once: four arrays of as many rows.
  private static let slab = 256

  static let declaration = Declaration<EmbeddingLoss>(
    "allpairs",
    Parameter<EmbeddingLoss>("loss", type: "loss", standard: nil) { arguments, place in
      guard let loss = arguments.made(place, as: EmbeddingLoss.self), loss.takesPairs else {
        throw arguments.mismatch(place, expected: "a loss on pairs: contrastive() or weightedl1()")
      }
      return loss
    },
    summary: "Makes a loss on pairs one on labelled images: over all pairs of a batch.",
    details: """
      ½ · the mean over the same pairs + ½ · the mean over the different ones. Each image is embedded once and compared \
      with every other: 64 images give 2016 pairs, where 32 drawn pairs of 64 images give 32. What the loss learns \
      (weightedl1) is learnt as with drawn pairs.
      """ + EmbeddingLoss.batchNote,
    example: "allpairs(contrastive(2))\n#> allpairs(contrastive(margin=2))",
    errors: ["a loss that takes labels already"], seeAlso: ["contrastive", "weightedl1", "trainer"]
  ) { .allPairs($0) }

  var text: String { "allpairs(\(loss.text))" }
  var comparesBatch: Bool { true }
  var comparesPairs: Bool { true }
  var draws: Bool { loss.draws }
  func arrays(classes: Int, width: Int) -> [LossArray] { loss.kind.arrays(classes: classes, width: width) }
  func learntMetric(_ parameters: LossParameters) -> Metric? { loss.kind.learntMetric(parameters) }
  /// Half of the weight is on different pairs.
  func undecided(differentShare: Double) -> Double? { loss.kind.undecided(differentShare: 0.5) }

  func value(_ batch: LabelledBatch) throws(MetricError) -> Double {
    let classes = batch.classes
    guard classes.hasPositive.contains(true) else { throw .noPositives(function: text) }
    // A pair counts once, whether one of both sees it or both do. Without a miner both do.
    func pairs(_ lists: [[Int]]) -> [(Int, Int)] {
      let seen = batch.chosen == nil ? [] : lists.map { Set($0) }
      return lists.enumerated().flatMap { i, others in
        others.filter { $0 > i || !seen.isEmpty && !seen[$0].contains(i) }.map { (i, $0) }
      }
    }
    let (near, far) = (pairs(classes.positives), pairs(classes.negatives))
    for k in 0..<batch.anchors * batch.width { batch.gradient[k] = 0 }
    var slopes = (batch.parameters?.arrays ?? []).map { [Float](repeating: 0, count: $0.count) }
    let share = near.isEmpty || far.isEmpty ? 1 : 0.5
    let same = near.isEmpty ? 0 : share * (try mean(near, areSame: true, weight: share, batch, &slopes))
    let different = far.isEmpty ? 0 : share * (try mean(far, areSame: false, weight: share, batch, &slopes))
    for (index, values) in slopes.enumerated() {
      batch.parameters?.with(index) { _, gradient in for k in gradient.indices { gradient[k] = values[k] } }
    }
    return same + different
  }

  /// The mean over pairs of one kind; adds its gradients times the weight.
  private func mean(
    _ pairs: [(Int, Int)], areSame: Bool, weight: Double, _ batch: LabelledBatch, _ slopes: inout [[Float]]
  ) throws(MetricError) -> Double {
    let width = batch.width
    let most = min(Self.slab, pairs.count) * width
    var rows = (a: [Float](repeating: 0, count: most), b: [Float](repeating: 0, count: most))
    var gradients = rows
    var total = 0.0
    for start in stride(from: 0, to: pairs.count, by: Self.slab) {
      let some = pairs[start..<min(pairs.count, start + Self.slab)]
      for (place, pair) in some.enumerated() {
        for k in 0..<width {
          rows.a[place * width + k] = batch.embeddings[pair.0 * width + k]
          rows.b[place * width + k] = batch.embeddings[pair.1 * width + k]
        }
      }
      let value = try loss.pairLoss(
        rows.a, rows.b, width: width, same: [Bool](repeating: areSame, count: some.count), parameters: batch.parameters,
        gradientA: &gradients.a, gradientB: &gradients.b)
      total += value * Double(some.count)
      // A slab's gradients are those of its own mean.
      let scale = Float(weight * Double(some.count) / Double(pairs.count))
      for (place, pair) in some.enumerated() {
        for k in 0..<width {
          batch.gradient[pair.0 * width + k] += scale * gradients.a[place * width + k]
        }
        guard pair.1 < batch.anchors else { continue }
        for k in 0..<width { batch.gradient[pair.1 * width + k] += scale * gradients.b[place * width + k] }
      }
      for index in slopes.indices {
        batch.parameters?.with(index) { _, gradient in
          for k in gradient.indices { slopes[index][k] += scale * gradient[k] }
        }
      }
    }
    return total / Double(pairs.count)
  }
}

extension EmbeddingLoss {
  /// A loss on pairs over all pairs of a batch; one that takes labels is itself.
  public static func allPairs(_ loss: EmbeddingLoss) -> EmbeddingLoss {
    loss.takesPairs ? EmbeddingLoss(AllPairs(loss: loss)) : loss
  }
}
