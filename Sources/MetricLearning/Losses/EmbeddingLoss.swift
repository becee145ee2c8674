/// A loss on embeddings: what `trainer(…, loss=)` takes.
///
/// Pair losses take two batches and whether each pair is the same; the others take one batch with labels. Each gives a
/// mean over the batch, and its gradient by the embeddings.
public enum EmbeddingLoss: Hashable, Sendable, Codable {
  /// Which triplets count. `all`: every one that violates the margin; `semihard`: for each anchor and positive the
  /// nearest negative beyond the positive (or, with none, the farthest one); `hard`: for each anchor the farthest
  /// positive and the nearest negative.
  public enum Mining: String, Hashable, Sendable, Codable, CaseIterable { case all, semihard, hard }

  /// mean(y·d² + (1 − y)·max(margin − d, 0)²), y = 1 for same. Hadsell, Chopra and LeCun 2006.
  case contrastive(margin: Double)
  /// mean(max(d(a, p) − d(a, n) + margin, 0)). Schroff, Kalenichenko and Philbin 2015; Hermans, Beyer and Leibe 2017.
  case triplet(margin: Double, mining: Mining)
  /// −log softmax(outputs)[label], the outputs being the network's own. Mean over the batch.
  case crossEntropy(smoothing: Double)
  /// mean over anchors and positives of log(1 + Σₙ exp(s(a, n) − s(a, p))), s the dot product. Sohn 2016.
  case nPair
  /// For each anchor the mean over its positives of −log(exp(s(a, p)/τ) / Σ_{k≠a} exp(s(a, k)/τ)), s the cosine.
  /// Khosla et al. 2020; with two items per class it is NT-Xent (Chen et al. 2020).
  case supervisedContrastive(temperature: Double)
  /// mean((1/α) log(1 + Σₚ exp(−α(s(a, p) − λ))) + (1/β) log(1 + Σₙ exp(β(s(a, n) − λ)))), s the cosine.
  /// Wang et al. 2019, all pairs of the batch.
  case multiSimilarity(alpha: Double, beta: Double, base: Double)

  /// Learns from pairs, not from labels.
  public var takesPairs: Bool {
    if case .contrastive = self { return true }
    return false
  }

  /// Compares items of a batch with each other: wants several of each class.
  public var comparesBatch: Bool {
    switch self {
    case .contrastive, .crossEntropy: false
    default: true
    }
  }

  /// As it is written in the language.
  public var text: String {
    func number(_ x: Double) -> String { x == x.rounded() && abs(x) < 1e15 ? String(Int(x)) : String(x) }
    switch self {
    case .contrastive(let margin): return "contrastive(margin=\(number(margin)))"
    case .triplet(let margin, let mining): return "triplet(margin=\(number(margin)), mining=\"\(mining.rawValue)\")"
    case .crossEntropy(let smoothing):
      return smoothing == 0 ? "crossentropy()" : "crossentropy(smoothing=\(number(smoothing)))"
    case .nPair: return "npair()"
    case .supervisedContrastive(let temperature): return "supcon(temperature=\(number(temperature)))"
    case .multiSimilarity(let alpha, let beta, let base):
      return "multisimilarity(alpha=\(number(alpha)), beta=\(number(beta)), base=\(number(base)))"
    }
  }

  /// The most items of a batch that are compared with each other: three n² matrices of floats, 192 MB.
  public static let batchLimit = 4096
}
