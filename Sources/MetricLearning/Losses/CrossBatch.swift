import NeuralNetworks

/// A loss of a batch against itself and the embeddings of earlier batches, which count as constants. Wang, Zhang, Huang and
/// Scott 2020.
struct CrossBatch: BatchLoss, LossKind {
  /// Compares pairs of a batch.
  let loss: EmbeddingLoss
  /// Embeddings that it remembers.
  let size: Int
  /// Batches before it begins to.
  let warmup: Int

  static let declaration = Declaration<EmbeddingLoss>(
    "crossbatch", .loss, .integer("size", in: 1...65_536, default: 1024),
    .integer("warmup", in: 0...1_000_000, default: 0),
    summary: "A loss of each batch against itself and the last embeddings of the batches before it.",
    details: """
      Cross-batch memory (Wang et al. 2020): embeddings change slowly, so that those of some batches ago are still good \
      negatives and positives. Each image of the batch is compared with the other images of the batch and with the `size` embeddings \
      that came before them, which count as constants; then the batch takes the oldest ones' place. Nothing is remembered in \
      the first `warmup` batches, in which embeddings change fast. The trainer keeps the memory, and its saved state \
      does; validation measures each batch alone. An image that comes again meets its earlier embedding as a positive. It takes every \
      loss that compares a batch's pairs, with mine inside it too: crossbatch(mine(supcon())). Memory: size × embedding floats, \
      and up to four matrices of batch × (batch + size).
      """,
    example: """
      letters = glyphs(8, 6, seed=1, size=16)
      loop = trainer(flatten >> dense(16), letters, loss=crossbatch(supcon(), size=64), batch=16, seed=3)
      loop.run(epochs=1).epoch
      #> 1
      """,
    errors: ["the loss compares no pairs of a batch", "it is called by itself: a trainer has to keep its memory"],
    seeAlso: ["mine", "supcon", "trainer"]
  ) { try $0.acrossBatches(size: $1, warmup: $2) }

  var text: String { "crossbatch(\(loss.text), size=\(size)\(warmup == 0 ? "" : ", warmup=\(warmup)"))" }
  var comparesBatch: Bool { loss.comparesBatch }
  var draws: Bool { loss.draws }
  var isMined: Bool { loss.kind.isMined }
  func learntMetric(_ parameters: LossParameters) -> Metric? { loss.kind.learntMetric(own(parameters)) }
  func undecided(differentShare: Double) -> Double? { loss.kind.undecided(differentShare: differentShare) }

  /// What the loss itself learns, then the memory: rows, their classes, and how far it is.
  func arrays(classes: Int, width: Int) -> [LossArray] {
    loss.kind.arrays(classes: classes, width: width) + [
      LossArray(name: "loss.memory", shape: [size, width], first: .all(0), isTrained: false),
      LossArray(name: "loss.memory.labels", shape: [size], first: .all(0), isTrained: false),
      LossArray(name: "loss.memory.state", shape: [3], first: .all(0), isTrained: false),
    ]
  }

  private var ownCount: Int { loss.kind.arrays(classes: 1, width: 1).count }
  private func own(_ parameters: LossParameters) -> LossParameters {
    LossParameters(Array(parameters.arrays.prefix(ownCount)))
  }

  /// How far the memory is. As numbers of an array, so that states, undo and files keep it.
  private struct Progress {
    /// Batches seen, as long as they matter.
    var batches = 0
    /// Rows that are filled, from the first.
    var filled = 0
    /// The row that is written next.
    var next = 0
  }

  func value(_ batch: LabelledBatch) throws(MetricError) -> Double {
    guard let kind = loss.kind as? any BatchLoss else { throw .needsPairs(loss: loss.text) }
    guard let parameters = batch.parameters, parameters.arrays.count == ownCount + 3,
      parameters.arrays[ownCount].shape == [size, batch.width]
    else { throw .needsMemory(loss: text) }
    var part = batch
    part.parameters = ownCount > 0 ? own(parameters) : nil
    // Validation measures the network, not what the training remembers.
    guard batch.isTraining else { return try kind.value(part) }
    var progress = read(parameters)
    guard progress.batches >= warmup else {
      let value = try kind.value(part)
      progress.batches += 1
      write(progress, parameters)
      return value
    }
    let value = try against(parameters, filled: progress.filled, kind, part)
    remember(batch, parameters, &progress)
    write(progress, parameters)
    return value
  }

  /// The batch's rows, then those remembered.
  private func against(
    _ parameters: LossParameters, filled: Int, _ kind: any BatchLoss, _ batch: LabelledBatch
  ) throws(MetricError) -> Double {
    let (n, width) = (batch.anchors, batch.width)
    let limit = EmbeddingLoss.batchLimit
    guard n * (n + filled) <= limit * limit else {
      throw .outOfRange(
        function: "crossbatch", argument: "size", got: "\(size) with batches of \(n)",
        expected: "so small that batch × (batch + size) is at most \(limit * limit)")
    }
    var rows = [Float](repeating: 0, count: (n + filled) * width)
    for k in 0..<n * width { rows[k] = batch.embeddings[k] }
    parameters.with(ownCount) { memory, _ in for k in 0..<filled * width { rows[n * width + k] = memory[k] } }
    var labels = batch.labels
    parameters.with(ownCount + 1) { memory, _ in
      for k in 0..<filled { labels.append(Int(exactly: memory[k]) ?? -1) }
    }
    return try rows.withUnsafeBufferPointer { rows throws(MetricError) in
      try kind.value(
        LabelledBatch(
          embeddings: rows, width: width, labels: labels, parameters: batch.parameters, draw: batch.draw,
          gradient: batch.gradient, anchors: n))
    }
  }

  private func remember(_ batch: LabelledBatch, _ parameters: LossParameters, _ progress: inout Progress) {
    let width = batch.width
    for item in max(0, batch.count - size)..<batch.count {
      let row = progress.next
      parameters.with(ownCount) { memory, _ in
        for k in 0..<width { memory[row * width + k] = batch.embeddings[item * width + k] }
      }
      parameters.with(ownCount + 1) { memory, _ in memory[row] = Float(batch.labels[item]) }
      progress.next = (row + 1) % size
      progress.filled = min(size, progress.filled + 1)
    }
  }

  /// What a damaged file may say is brought within bounds.
  private func read(_ parameters: LossParameters) -> Progress {
    parameters.with(ownCount + 2) { state, _ in
      func whole(_ place: Int, below limit: Int) -> Int {
        let value = state[place]
        return value >= 0 && value < Float(limit) ? Int(value) : 0
      }
      return Progress(
        batches: whole(0, below: warmup + 1), filled: whole(1, below: size + 1), next: whole(2, below: size))
    }
  }

  private func write(_ progress: Progress, _ parameters: LossParameters) {
    parameters.with(ownCount + 2) { state, _ in
      (state[0], state[1], state[2]) = (Float(progress.batches), Float(progress.filled), Float(progress.next))
    }
  }
}

extension EmbeddingLoss {
  /// This loss against the batch and the last `size` embeddings of the batches before it, after `warmup` batches.
  ///
  /// - Throws: `needsPairwise` for a loss that compares no pairs of a batch.
  public func acrossBatches(size: Int, warmup: Int = 0) throws(MetricError) -> EmbeddingLoss {
    guard kind.comparesPairs else { throw .needsPairwise(function: "crossbatch", loss: text) }
    guard size >= 1, warmup >= 0 else {
      throw .outOfRange(
        function: "crossbatch", argument: "size, warmup", got: "\(size), \(warmup)", expected: "1 or more, 0 or more")
    }
    return EmbeddingLoss(CrossBatch(loss: self, size: size, warmup: warmup))
  }
}
