import NeuralNetworks

/// A loss that programs make by its name: one type in one file of this folder, and its line in `EmbeddingLoss.kinds`.
///
/// It conforms to `PairLoss` or `BatchLoss` as well; what many have in common is in `SimilarityLoss`, `CentresLoss` and
/// `ProxyLoss`. s is the cosine of two embeddings, d their distance (Euclidean where nothing else is said), a an anchor, p
/// another item of its class, n one of another class.
protocol LossKind: LossRule {
  /// How programs write it.
  static var declaration: Declaration<EmbeddingLoss> { get }
}

/// What there is to say of a loss, a sum of losses among them.
protocol LossRule: Hashable, Sendable {
  /// As a program would write it, with all its numbers: files of training states tell losses apart by it.
  var text: String { get }
  /// Compares items of a batch with each other: wants several of each class.
  var comparesBatch: Bool { get }
  /// Keeps an n × n matrix: the batch is bounded.
  var needsMatrix: Bool { get }
  /// Whether what it has learnt is about the classes of training and says nothing of others.
  var knowsClasses: Bool { get }
  /// Whether the network's outputs are classes rather than an embedding.
  var outputsAreClasses: Bool { get }
  /// Whether its miner draws.
  var draws: Bool { get }
  /// Whether it is a function of pairs of a batch's items, each anchor's positives and negatives, whichever these are:
  /// then they may stand in earlier batches, too.
  var comparesPairs: Bool { get }
  /// Whether a miner may choose among them.
  var takesMiner: Bool { get }
  /// Whether `mine` chooses the pairs, and may choose none.
  var isMined: Bool { get }
  /// The networks whose embeddings it imitates.
  var teachers: [Teacher] { get }
  /// What it learns beside the network, for so many classes and embeddings of so many numbers.
  func arrays(classes: Int, width: Int) -> [LossArray]
  /// The distance that it has learnt, where it learns one.
  func learntMetric(_ parameters: LossParameters) -> Metric?
  /// The loss of a network that maps everything to one point, where the formula says it, with that share of different
  /// pairs.
  func undecided(differentShare: Double) -> Double?
}

extension LossRule {
  var comparesBatch: Bool { false }
  var needsMatrix: Bool { comparesBatch }
  var knowsClasses: Bool { false }
  var outputsAreClasses: Bool { false }
  var draws: Bool { false }
  var comparesPairs: Bool { false }
  var takesMiner: Bool { comparesPairs }
  var isMined: Bool { false }
  var teachers: [Teacher] { [] }
  func arrays(classes: Int, width: Int) -> [LossArray] { [] }
  func learntMetric(_ parameters: LossParameters) -> Metric? { nil }
  func undecided(differentShare: Double) -> Double? { nil }

  /// In its envelope.
  var loss: EmbeddingLoss { EmbeddingLoss(self) }
  func isEqual(to other: any LossRule) -> Bool { other as? Self == self }
}

/// A loss of pairs, each the same or different.
protocol PairLoss: LossRule {
  /// The mean over the pairs; writes the gradients that the batch has room for.
  func value(_ batch: PairBatch) throws(MetricError) -> Double
}

/// A loss of a batch with the class of each embedding.
protocol BatchLoss: LossRule {
  /// The mean over the batch; writes the whole gradient.
  func value(_ batch: LabelledBatch) throws(MetricError) -> Double
}

/// Pairs of embeddings: rows of `a` beside rows of `b`, [count, width] each, and room for their gradients.
struct PairBatch {
  let a: UnsafeBufferPointer<Float>
  let b: UnsafeBufferPointer<Float>
  let width: Int
  let same: [Bool]
  let parameters: LossParameters?
  /// Written, not added; nil: the value alone is wanted.
  let gradientA: UnsafeMutableBufferPointer<Float>?
  let gradientB: UnsafeMutableBufferPointer<Float>?
  var count: Int { same.count }
}

/// One batch of embeddings, [count, width], with the class of each, and room for the gradient.
struct LabelledBatch {
  let embeddings: UnsafeBufferPointer<Float>
  let width: Int
  let labels: [Int]
  var parameters: LossParameters?
  /// Of the miners that draw.
  let draw: UInt64
  /// Of the anchors; written, not added.
  var gradient: UnsafeMutableBufferPointer<Float>
  /// Items that compare themselves with all, from the first on. Those behind them are compared with alone: losses that
  /// compare pairs know them.
  let anchors: Int
  /// What counts for each anchor, where somebody chose; nil: the whole batch.
  var chosen: BatchLabels?
  /// What teachers say of the batch.
  var lessons = Lessons()
  /// Whether the batch is one of training, which a loss may remember.
  var isTraining = true
  var count: Int { labels.count }
  var classes: BatchLabels { chosen ?? BatchLabels(labels, anchors: anchors) }

  /// Of the anchors with all items: cosines, or dot products.
  func similarities(cosine: Bool) -> BatchSimilarities {
    BatchSimilarities(embeddings, count: count, anchors: anchors, width: width, cosine: cosine)
  }

  func distances(_ metric: Metric = .euclidean) -> BatchDistances {
    BatchDistances(embeddings, count: count, anchors: anchors, width: width, metric: metric)
  }
}

extension UnsafeBufferPointer<Float> {
  /// One of its rows of `width` numbers.
  func row(_ index: Int, _ width: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(rebasing: self[index * width..<(index + 1) * width])
  }
}

extension Parameter<Metric> {
  /// A distance by its name, or one that was learnt.
  static let distance = Parameter(
    "distance", type: "string", standard: .word("euclidean"), isNamedOnly: true
  ) { arguments, place in
    if let learnt = arguments.made(place, as: Metric.self) { return learnt }
    let word = try arguments.word(place, oneOf: Metric.named.map(\.name), default: "euclidean")
    return Metric.named.first { $0.name == word }?.metric ?? .euclidean
  }
}

extension Parameter<EmbeddingLoss> {
  /// A loss that was made before.
  static let loss = Parameter("loss", type: "loss", standard: nil) { arguments, place in
    guard let loss = arguments.made(place, as: EmbeddingLoss.self) else {
      throw arguments.mismatch(place, expected: "a loss: supcon()")
    }
    return loss
  }
}

/// Parts of losses' texts and documentation.
extension EmbeddingLoss {
  static func shown(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
  }

  /// As a further argument; nothing where it is the default.
  static func argument(_ metric: Metric) -> String { metric == .euclidean ? "" : ", distance=\"\(metric.text)\"" }

  static let batchNote =
    " The trainer draws batches of several images of each class (perclass=); memory: up to four matrices of batch² floats."
  static let proxyNote = """
     The trainer keeps one proxy, a point of the embedding's space, for each class, and learns it with the network. In a \
    loop by hand they are the third argument: loss(embeddings, labels, proxies). Memory: classes × embedding, three times.
    """
  static let centresNote = """
     With centres=k these are of shape [classes, k, embedding], or [classes · k, embedding] with a class's centres one after \
    the other.
    """
}
