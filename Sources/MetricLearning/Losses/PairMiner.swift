import ElementaryFunctions
import Tensors

extension EmbeddingLoss {
  /// Which of a batch's positives and negatives a miner chooses for each anchor. Distances and cosines are those of the
  /// embeddings at length 1.
  public enum PairMining: Hashable, Sendable {
    /// The farthest positive and the nearest negative (Hermans, Beyer and Leibe 2017).
    case hard
    /// All positives; for each the nearest negative beyond it, or the farthest negative if there is none (Schroff et al.
    /// 2015).
    case semihard
    /// All positives; for each one negative, near and far ones with equal chance (Wu et al. 2017).
    case distance
    /// Negatives above the least similar positive − ε, positives below the most similar negative + ε (Wang et al. 2019).
    case multiSimilarity(epsilon: Double)
    /// Those of the triplets whose angle at the negative is greater, in degrees: tan of it is |a − p| over twice the
    /// negative's distance from the middle of a and p (Wang et al. 2017).
    case angular(degrees: Double)
  }
}

/// What a miner chooses of a batch.
struct PairMiner {
  private let mining: EmbeddingLoss.PairMining
  private let rows: UnitRows
  private let cosines: [Float]
  private let draw: UInt64
  private let count: Int

  init(_ mining: EmbeddingLoss.PairMining, _ batch: LabelledBatch) {
    let similarities = batch.similarities(cosine: true)
    self.mining = mining
    rows = similarities.rows
    cosines = similarities.values
    draw = batch.draw
    count = batch.count
  }

  /// Of what is there: for each anchor a part of its positives and of its negatives; nothing where it lacks either.
  func chosen(of labels: BatchLabels) -> BatchLabels {
    var result = labels
    var random = DistanceWeightedMiner(width: rows.width, draw: draw)
    let distances = isDrawn ? cosines.map { max(0, 2 - 2 * $0).squareRoot() } : []
    for a in labels.positives.indices {
      let (positives, negatives) = (labels.positives[a], labels.negatives[a])
      guard !positives.isEmpty, !negatives.isEmpty else {
        (result.positives[a], result.negatives[a]) = ([], [])
        continue
      }
      switch mining {
      case .hard:
        result.positives[a] = [least(a, positives)]
        result.negatives[a] = [greatest(a, negatives)]
      case .semihard:
        let farthest = least(a, negatives)
        result.negatives[a] = unique(
          positives.map { p in
            let beyond = negatives.filter { cosine(a, $0) < cosine(a, p) }
            return beyond.isEmpty ? farthest : greatest(a, beyond)
          })
      case .distance:
        result.negatives[a] = unique(positives.map { _ in random.negative(of: a, among: negatives, distances, count) })
      case .multiSimilarity(let epsilon):
        let (lowest, highest) = (Double(cosine(a, least(a, positives))), Double(cosine(a, greatest(a, negatives))))
        result.positives[a] = positives.filter { Double(cosine(a, $0)) - epsilon < highest }
        result.negatives[a] = negatives.filter { Double(cosine(a, $0)) + epsilon > lowest }
      case .angular(let degrees):
        (result.positives[a], result.negatives[a]) = angular(a, positives, negatives, degrees)
      }
    }
    return result
  }

  private var isDrawn: Bool { if case .distance = mining { true } else { false } }

  private func cosine(_ a: Int, _ b: Int) -> Float { cosines[a * count + b] }

  /// The first of the least similar; `items` must not be empty.
  private func least(_ a: Int, _ items: [Int]) -> Int {
    items.dropFirst().reduce(items[0]) { cosine(a, $1) < cosine(a, $0) ? $1 : $0 }
  }

  /// The first of the most similar; `items` must not be empty.
  private func greatest(_ a: Int, _ items: [Int]) -> Int {
    items.dropFirst().reduce(items[0]) { cosine(a, $1) > cosine(a, $0) ? $1 : $0 }
  }

  private func unique(_ items: [Int]) -> [Int] { Set(items).sorted() }

  private func angular(_ a: Int, _ positives: [Int], _ negatives: [Int], _ degrees: Double) -> ([Int], [Int]) {
    let radians = degrees * Double.pi / 180
    // tan² of the angle against that of the least.
    let tangent = Elementary.sin(radians) / Elementary.cos(radians)
    let threshold = Float(4 * tangent * tangent)
    var chosen: (Set<Int>, Set<Int>) = ([], [])
    var centre = [Float](repeating: 0, count: rows.width)
    rows.values.withUnsafeBufferPointer { values in
      let anchor = values.row(a, rows.width)
      for p in positives {
        let positive = values.row(p, rows.width)
        for k in centre.indices { centre[k] = (anchor[k] + positive[k]) / 2 }
        let across = squaredDistance(anchor, positive)
        centre.withUnsafeBufferPointer { centre in
          for q in negatives where across > threshold * squaredDistance(values.row(q, rows.width), centre) {
            chosen.0.insert(p)
            chosen.1.insert(q)
          }
        }
      }
    }
    return (chosen.0.sorted(), chosen.1.sorted())
  }
}
