import NeuralNetworks

/// A loss on embeddings: what `trainer(…, loss=)` takes.
///
/// Pair losses take two batches and whether each pair is the same; the others take one batch with labels. Each gives a
/// mean over the batch, and its gradient by the embeddings, in closed form. Each is a type of its own, in a file of its
/// own.
public struct EmbeddingLoss: Sendable {
  let kind: any LossRule

  init(_ kind: any LossRule) { self.kind = kind }

  /// Every loss.
  static let kinds: [any LossKind.Type] = [
    Contrastive.self,
    WeightedL1.self,
    AllPairs.self,
    Mined.self,
    CrossBatch.self,
    Distillation.self,
    CrossEntropy.self,
    Triplet.self,
    MarginLoss.self,
    LiftedStructure.self,
    Prototypical.self,
    NPair.self,
    NTXent.self,
    SupervisedContrastive.self,
    SmoothAP.self,
    MultiSimilarity.self,
    Circle.self,
    ProxyNCA.self,
    ProxyAnchor.self,
    ArcFace.self,
    CosFace.self,
    NormSoftmax.self,
    SoftTriple.self,
    CentreLoss.self,
  ]

  /// How programs write losses, all of them.
  public static let declarations: [Declaration<EmbeddingLoss>] = kinds.map { $0.declaration }

  /// Learns from pairs, not from labels.
  public var takesPairs: Bool { kind is any PairLoss }
  /// Compares items of a batch with each other: wants several of each class.
  public var comparesBatch: Bool { kind.comparesBatch }
  /// Whether what it has learnt is about the classes of training and says nothing of others.
  public var knowsClasses: Bool { kind.knowsClasses }
  /// Whether the network's outputs are classes rather than an embedding.
  var outputsAreClasses: Bool { kind.outputsAreClasses }
  /// Whether its miner draws.
  public var draws: Bool { kind.draws }
  /// As it is written in the language.
  public var text: String { kind.text }

  /// The most items of a batch that are compared with each other: four n² matrices of four bytes, 256 MB.
  public static let batchLimit = 4096
  /// The most classes times numbers of an embedding that proxies may take: 256 MB, and as much each for their gradient
  /// and for the optimiser's memory.
  public static let proxyLimit = 1 << 26
  /// Squared distances below this are taken as this under the root, so that the gradient at distance 0 is a number.
  static let leastSquare: Float = 1e-7
}

extension EmbeddingLoss: Hashable {
  public static func == (one: EmbeddingLoss, other: EmbeddingLoss) -> Bool { one.kind.isEqual(to: other.kind) }

  public func hash(into hasher: inout Hasher) { kind.hash(into: &hasher) }
}

extension EmbeddingLoss {
  /// The loss of `same.count` pairs: rows of `a` beside rows of `b`, `width` numbers each; gradients are written, not
  /// added.
  ///
  /// - Parameters:
  ///   - parameters: of a loss that learns something; their gradients are written where `gradientA` is given.
  ///   - gradientA: room for as many numbers as `a` has; nil where the value alone is wanted.
  /// - Throws: `needsLabels` for a loss on labels; `emptyData` without pairs; `needsParameters`; `embeddingShape` where the
  ///   buffers are too short.
  public func pairLoss(
    _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>, width: Int, same: [Bool],
    parameters: LossParameters? = nil, gradientA: UnsafeMutableBufferPointer<Float>?,
    gradientB: UnsafeMutableBufferPointer<Float>?
  ) throws(MetricError) -> Double {
    guard let kind = kind as? any PairLoss else { throw .needsLabels(loss: text) }
    guard !same.isEmpty else { throw .emptyData(function: text) }
    let least = [a.count, b.count, gradientA?.count, gradientB?.count].compactMap(\.self).min() ?? 0
    guard width >= 0, least >= same.count * width else {
      throw .embeddingShape(function: text, values: least, count: same.count, width: width)
    }
    return try kind.value(
      PairBatch(
        a: a, b: b, width: width, same: same, parameters: parameters, gradientA: gradientA, gradientB: gradientB))
  }

  /// The loss of one batch of `labels.count` embeddings, `width` numbers each, and its gradient (written, not added).
  /// Memory: up to four matrices of labels.count² floats; refused above `batchLimit`.
  ///
  /// - Parameters:
  ///   - parameters: of a loss that learns something (`parameters(classes:width:seed:)`); their gradients are written.
  ///   - draw: of the miners that draw.
  ///   - isTraining: whether a loss that remembers batches remembers this one, and compares it with those before; else it
  ///     measures the batch alone.
  ///   - gradient: room for as many numbers as `embeddings` has.
  /// - Throws: `needsPairs` for a loss on pairs; `noPositives` where no class has two items and the loss needs one;
  ///   `embeddingShape` where the buffers are too short.
  public func batchLoss(
    _ embeddings: UnsafeBufferPointer<Float>, width: Int, labels: [Int], parameters: LossParameters? = nil,
    draw: UInt64 = 0, isTraining: Bool = true, gradient: UnsafeMutableBufferPointer<Float>
  ) throws(MetricError) -> Double {
    try batchLoss(
      embeddings, width: width, labels: labels, parameters: parameters, draw: draw, isTraining: isTraining,
      lessons: Lessons(), gradient: gradient)
  }

  /// The same, with what teachers say of the batch.
  func batchLoss(
    _ embeddings: UnsafeBufferPointer<Float>, width: Int, labels: [Int], parameters: LossParameters?, draw: UInt64,
    isTraining: Bool, lessons: Lessons, gradient: UnsafeMutableBufferPointer<Float>
  ) throws(MetricError) -> Double {
    let n = labels.count
    guard n > 0, width > 0 else { throw .emptyData(function: text) }
    if kind.needsMatrix, n > Self.batchLimit {
      throw .batchTooLarge(function: text, items: n, limit: Self.batchLimit)
    }
    guard let kind = kind as? any BatchLoss else { throw .needsPairs(loss: text) }
    let least = min(embeddings.count, gradient.count)
    guard least >= n * width else {
      throw .embeddingShape(function: text, values: least, count: n, width: width)
    }
    // A miner that leaves items out must not leave out that a number is none.
    for k in 0..<n * width where !embeddings[k].isFinite {
      for index in 0..<n * width { gradient[index] = .nan }
      return .nan
    }
    return try kind.value(
      LabelledBatch(
        embeddings: embeddings, width: width, labels: labels, parameters: parameters, draw: draw, gradient: gradient,
        anchors: n, lessons: lessons, isTraining: isTraining))
  }
}

/// The same on arrays.
extension EmbeddingLoss {
  /// The value alone.
  public func pairLoss(
    _ a: [Float], _ b: [Float], width: Int, same: [Bool], parameters: LossParameters? = nil
  ) throws(MetricError) -> Double {
    try a.withUnsafeBufferPointer { a throws(MetricError) -> Double in
      try b.withUnsafeBufferPointer { b throws(MetricError) -> Double in
        try pairLoss(a, b, width: width, same: same, parameters: parameters, gradientA: nil, gradientB: nil)
      }
    }
  }

  /// The value, with its gradients.
  public func pairLoss(
    _ a: [Float], _ b: [Float], width: Int, same: [Bool], parameters: LossParameters? = nil,
    gradientA: inout [Float], gradientB: inout [Float]
  ) throws(MetricError) -> Double {
    try a.withUnsafeBufferPointer { a throws(MetricError) -> Double in
      try b.withUnsafeBufferPointer { b throws(MetricError) -> Double in
        try gradientA.withUnsafeMutableBufferPointer { da throws(MetricError) -> Double in
          try gradientB.withUnsafeMutableBufferPointer { db throws(MetricError) -> Double in
            try pairLoss(a, b, width: width, same: same, parameters: parameters, gradientA: da, gradientB: db)
          }
        }
      }
    }
  }

  /// The value, with its gradient.
  public func batchLoss(
    _ embeddings: [Float], width: Int, labels: [Int], parameters: LossParameters? = nil, draw: UInt64 = 0,
    isTraining: Bool = true, gradient: inout [Float]
  ) throws(MetricError) -> Double {
    try batchLoss(
      embeddings, width: width, labels: labels, parameters: parameters, draw: draw, isTraining: isTraining,
      lessons: Lessons(), gradient: &gradient)
  }

  /// The same, with what teachers say of the batch.
  func batchLoss(
    _ embeddings: [Float], width: Int, labels: [Int], parameters: LossParameters?, draw: UInt64 = 0,
    isTraining: Bool = true, lessons: Lessons, gradient: inout [Float]
  ) throws(MetricError) -> Double {
    try embeddings.withUnsafeBufferPointer { x throws(MetricError) -> Double in
      try gradient.withUnsafeMutableBufferPointer { dx throws(MetricError) -> Double in
        try batchLoss(
          x, width: width, labels: labels, parameters: parameters, draw: draw, isTraining: isTraining,
          lessons: lessons, gradient: dx)
      }
    }
  }
}
