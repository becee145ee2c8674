/// A loss on embeddings: what `trainer(…, loss=)` takes.
///
/// Pair losses take two batches and whether each pair is the same; the others take one batch with labels. Each gives a
/// mean over the batch, and its gradient by the embeddings, in closed form. s is the cosine of two embeddings, d their
/// distance (Euclidean where nothing else is said), a an anchor, p another item of its class, n one of another class.
public enum EmbeddingLoss: Hashable, Sendable, Codable {
  /// Which triplets or pairs count.
  public enum Mining: String, Hashable, Sendable, Codable, CaseIterable {
    /// Every one that violates the margin.
    case all
    /// For each anchor and positive the nearest negative beyond the positive (or, with none, the farthest one).
    case semihard
    /// For each anchor the farthest positive and the nearest negative.
    case hard
    /// For each anchor and positive one negative, drawn with a chance ∝ 1/q(d), q being the density of the distances of
    /// random points on the sphere (Wu, Manmatha, Smola and Krähenbühl 2017): near and far negatives all have their
    /// turn. For embeddings of length 1.
    case distance
  }

  /// mean(y·d² + (1 − y)·max(margin − d, 0)²), y = 1 for same. Hadsell, Chopra and LeCun 2006.
  case contrastive(margin: Double, metric: Metric = .euclidean)
  /// Of pairs: −log p for same, −log(1 − p) for different, p = σ(Σ αₖ |aₖ − bₖ| + bias), α and bias learnt with the
  /// network. Koch, Zemel and Salakhutdinov 2015.
  case weightedL1
  /// mean(max(d(a, p) − d(a, n) + margin, 0)). Schroff, Kalenichenko and Philbin 2015; Hermans, Beyer and Leibe 2017.
  case triplet(margin: Double, mining: Mining, metric: Metric = .euclidean)
  /// −log softmax(outputs)[label], the outputs being the network's own. Mean over the batch.
  case crossEntropy(smoothing: Double)
  /// mean over anchors and positives of log(1 + Σₙ exp(a·n − a·p)). Sohn 2016.
  case nPair
  /// mean over anchors and positives of −log(exp(s(a, p)/τ) / (exp(s(a, p)/τ) + Σₙ exp(s(a, n)/τ))). Chen, Kornblith,
  /// Norouzi and Hinton 2020, the other views of an image being those of its class.
  case ntXent(temperature: Double)
  /// For each anchor the mean over its positives of −log(exp(s(a, p)/τ) / Σ_{k≠a} exp(s(a, k)/τ)). Khosla et al. 2020.
  case supervisedContrastive(temperature: Double)
  /// mean((1/α) log(1 + Σₚ exp(−α(s(a, p) − λ))) + (1/β) log(1 + Σₙ exp(β(s(a, n) − λ)))). Wang et al. 2019. With
  /// `epsilon` only the pairs that their miner keeps: n with s(a, n) > minₚ s(a, p) − ε, p with s(a, p) < maxₙ s(a, n) + ε.
  case multiSimilarity(alpha: Double, beta: Double, base: Double, epsilon: Double? = nil)
  /// mean of log(1 + Σₙ exp(γ αₙ (s(a, n) − m)) · Σₚ exp(−γ αₚ (s(a, p) − 1 + m))), αₙ = max(s(a, n) + m, 0),
  /// αₚ = max(1 + m − s(a, p), 0); the α count as constants in the gradient. Sun et al. 2020.
  case circle(margin: Double, gamma: Double)
  /// Over the pairs (i, j) of one class: mean of ½ max(J, 0)², J = d(i, j) + log(Σₙ exp(margin − d(i, n)) +
  /// Σₙ exp(margin − d(j, n))). Oh Song, Xiang, Jegelka and Savarese 2016.
  case lifted(margin: Double)
  /// max(d(a, p) − β + margin, 0) and max(β − d(a, n) + margin, 0), the mean over those above 0; β is learnt, from
  /// `beta`. Wu, Manmatha, Smola and Krähenbühl 2017.
  case margin(margin: Double, beta: Double, mining: Mining)
  /// −log softmax over the classes' proxies of −scale·|x̂ − p̂|², at the item's own; x̂ and p̂ have length 1. Movshovitz-Attias
  /// et al. 2017, with the own proxy in the sum as in Teh, DeVries and Taylor 2020.
  case proxyNCA(scale: Double)
  /// The mean over proxies with items in the batch of log(1 + Σ exp(−α(s − δ))) over their items, plus the mean over all
  /// proxies of log(1 + Σ exp(α(s + δ))) over the others' items. Kim, Kim, Cho and Kwak 2020.
  case proxyAnchor(margin: Double, alpha: Double)
  /// Softmax cross-entropy of scale·cos θ to each class's proxy, with cos(θ + margin) for the own (cos θ − margin·sin
  /// margin where θ + margin > π). Deng, Guo, Xue and Zafeiriou 2019.
  case arcFace(margin: Double, scale: Double)
  /// Softmax cross-entropy of scale·s to each class's proxy, with scale·(s − margin) for the own. Wang et al. 2018.
  case cosFace(margin: Double, scale: Double)
  /// Softmax cross-entropy of a linear classifier on the embeddings, plus weight/2 · mean |x − c|², c the learnt centre of
  /// the item's class. Wen, Zhang, Li and Qiao 2016.
  case centre(weight: Double)
  /// In each batch the first `shots` items of a class make its prototype (their mean), the others ask: −log softmax over
  /// the prototypes of −|x − c|². Snell, Swersky and Zemel 2017.
  case prototypical(shots: Int)

  /// Learns from pairs, not from labels.
  public var takesPairs: Bool {
    switch self {
    case .contrastive, .weightedL1: true
    default: false
    }
  }

  /// Compares items of a batch with each other: wants several of each class.
  public var comparesBatch: Bool {
    switch self {
    case .contrastive, .weightedL1, .crossEntropy, .proxyNCA, .arcFace, .cosFace, .centre: false
    default: true
    }
  }

  /// Keeps an n × n matrix: the batch is bounded.
  var needsMatrix: Bool {
    switch self {
    case .proxyAnchor, .prototypical: false
    default: comparesBatch
    }
  }

  /// Whether what it has learnt is about the classes of training and says nothing of others.
  public var knowsClasses: Bool {
    switch self {
    case .crossEntropy, .proxyNCA, .proxyAnchor, .arcFace, .cosFace, .centre: true
    default: false
    }
  }

  /// Whether its miner draws.
  public var draws: Bool {
    switch self {
    case .triplet(_, .distance, _), .margin(_, _, .distance): true
    default: false
    }
  }

  /// As it is written in the language.
  public var text: String {
    func n(_ x: Double) -> String { x == x.rounded() && abs(x) < 1e15 ? String(Int(x)) : String(x) }
    func by(_ metric: Metric) -> String { metric == .euclidean ? "" : ", distance=\"\(metric.text)\"" }
    switch self {
    case .contrastive(let margin, let metric): return "contrastive(margin=\(n(margin))\(by(metric)))"
    case .weightedL1: return "weightedl1()"
    case .triplet(let margin, let mining, let metric):
      return "triplet(margin=\(n(margin)), mining=\"\(mining.rawValue)\"\(by(metric)))"
    case .crossEntropy(let smoothing):
      return smoothing == 0 ? "crossentropy()" : "crossentropy(smoothing=\(n(smoothing)))"
    case .nPair: return "npair()"
    case .ntXent(let temperature): return "ntxent(temperature=\(n(temperature)))"
    case .supervisedContrastive(let temperature): return "supcon(temperature=\(n(temperature)))"
    case .multiSimilarity(let alpha, let beta, let base, let epsilon):
      let mining = epsilon.map { ", epsilon=\(n($0))" } ?? ""
      return "multisimilarity(alpha=\(n(alpha)), beta=\(n(beta)), base=\(n(base))\(mining))"
    case .circle(let margin, let gamma): return "circle(margin=\(n(margin)), gamma=\(n(gamma)))"
    case .lifted(let margin): return "lifted(margin=\(n(margin)))"
    case .margin(let margin, let beta, let mining):
      return "marginloss(margin=\(n(margin)), beta=\(n(beta)), mining=\"\(mining.rawValue)\")"
    case .proxyNCA(let scale): return "proxynca(scale=\(n(scale)))"
    case .proxyAnchor(let margin, let alpha): return "proxyanchor(margin=\(n(margin)), alpha=\(n(alpha)))"
    case .arcFace(let margin, let scale): return "arcface(margin=\(n(margin)), scale=\(n(scale)))"
    case .cosFace(let margin, let scale): return "cosface(margin=\(n(margin)), scale=\(n(scale)))"
    case .centre(let weight): return "centre(weight=\(n(weight)))"
    case .prototypical(let shots): return "prototypical(shots=\(shots))"
    }
  }

  /// The most items of a batch that are compared with each other: four n² matrices of four bytes, 256 MB.
  public static let batchLimit = 4096
  /// The most classes times numbers of an embedding that proxies may take: 256 MB, and as much each for their gradient
  /// and for the optimiser's memory.
  public static let proxyLimit = 1 << 26
}
