import Diagnostics
import Ranks
import Tensors

/// Plans that a network has used, so that the next batch of the same size allocates nothing.
struct PlanCache {
  private var inference: Plan?
  private var training: [Plan] = []

  mutating func inferencePlan(_ network: Network, batch: Int) throws -> Plan {
    if let inference, inference.batch == batch { return inference }
    let plan = try Plan(network, batch: batch, training: false)
    inference = plan
    return plan
  }

  /// A plan that no entry of a tape still needs; given back by `giveBack`.
  mutating func trainingPlan(_ network: Network, batch: Int, inputGradient: Bool) throws -> Plan {
    if let index = training.firstIndex(where: { $0.batch == batch && $0.hasInputGradient == inputGradient }) {
      return training.remove(at: index)
    }
    return try Plan(network, batch: batch, training: true, inputGradient: inputGradient)
  }

  mutating func giveBack(_ plan: Plan) {
    if training.count < 2 { training.append(plan) }
  }
}

extension Network {
  /// Most items that inference has in memory at a time.
  static let embeddingBatch = 64
  /// What their numbers may take: a network of large images has fewer at a time. No result depends on it.
  private static let embeddingBytes = 1e9

  /// Embeddings without dropout and with running statistics: [n, …] → [n, size]. Builds the network where it is not.
  ///
  /// - Parameters:
  ///   - seed: draws the weights where the network has none yet.
  ///   - interrupted: asked between batches; true ends with `NetworkError.interrupted`.
  public func embed(_ batch: Tensor, seed: UInt64 = 0, interrupted: () -> Bool = { false }) throws -> Tensor {
    guard batch.shape.count >= 2 else { throw NetworkError.wantsBatch(first: layers[0], got: batch.shape) }
    guard batch.shape[0] > 0 else { throw NetworkError.emptyBatch }
    try build(batchShape: batch.shape, seed: seed)
    let outputShape = self.outputShape ?? []
    return try Tensor(shape: [batch.shape[0]] + outputShape) { out in
      try batch.withUnsafeBuffer { input in
        let (size, width) = (input.count / batch.shape[0], out.count / batch.shape[0])
        try embed(count: batch.shape[0], into: out, width: width, interrupted: interrupted) { range, target in
          for index in 0..<range.count * size { target[index] = input[range.lowerBound * size + index] }
        }
      }
    }
  }

  /// Embeds `count` items that `fill` writes in batches: for a dataset, of which no tensor of floats has to exist. Ranks that
  /// work together take some of the batches each.
  ///
  /// - Parameters:
  ///   - out: [count, width].
  ///   - fill: writes items of a range, one after the other.
  public func embed(
    count: Int, into out: UnsafeMutableBufferPointer<Float>, width: Int, interrupted: () -> Bool = { false },
    fill: (Range<Int>, UnsafeMutableBufferPointer<Float>) throws -> Void
  ) throws {
    guard let inputShape, let outputShape else { throw NetworkError.notBuilt(function: "embed") }
    guard outputShape.reduce(1, *) == width, out.count >= count * width else {
      throw NetworkError.builtForOtherShape(built: outputShape, got: [width], first: nil)
    }
    let each = try 4 * Layer.footprint(of: layers, inputShape)
    let most = max(1, min(Self.embeddingBatch, Int(Self.embeddingBytes / max(1, each))))
    let plan = try plans.inferencePlan(self, batch: min(count, most))
    func embed(_ items: Range<Int>) throws {
      var start = items.lowerBound
      while start < items.upperBound {
        if interrupted() { throw NetworkError.interrupted }
        let range = start..<min(items.upperBound, start + plan.batch)
        try plan.withInput { input in try fill(range, input) }
        plan.forward(items: range.count)
        plan.withOutput { output, _ in
          for index in 0..<range.count * width { out[start * width + index] = output[index] }
        }
        start = range.upperBound
      }
    }
    guard let ranks = Ranks.sharing, let base = out.baseAddress, count > plan.batch else { return try embed(0..<count) }
    let batches = (count + plan.batch - 1) / plan.batch
    let parts = (0..<ranks.count).map { rank in
      min(
        count, batches * rank / ranks.count * plan.batch)..<min(count, batches * (rank + 1) / ranks.count * plan.batch)
    }
    var isInterrupted = false
    do { try embed(parts[ranks.rank]) } catch NetworkError.interrupted { isInterrupted = true } catch {
      ranks.leave((error as? any ExplainedError)?.explanation.message ?? "\(error)")
      throw error
    }
    // Whoever is interrupted says so: all stop here, and none waits for it.
    let all = try ranks.gather([UInt64(count), UInt64(width), isInterrupted ? 1 : 0])
    if let other = all.firstIndex(where: { $0[..<2] != all[0][..<2] }) {
      throw RankError.differs(
        what: "what they embed", rank: ranks.name(other), there: "\(all[other][0]) images",
        here: "\(all[0][0]) images")
    }
    guard all.allSatisfy({ $0[2] == 0 }) else { throw NetworkError.interrupted }
    try ranks.exchange([Ranks.Shared(base, each: width)], parts: parts)
  }
}
