import Tensors

/// One step of a hand-written loop: networks called while it lasts are recorded as one entry of the tape each, by a
/// plan for training; then the loss's gradients become changes of their weights.
///
/// Unchecked, because the tape calls it back on the thread that runs the step, and on no other.
public final class TrainingStep: @unchecked Sendable {
  /// On which the loss is recorded.
  public let tape = Tape()
  /// Every entry hangs on it, so that the walk back from the loss reaches networks whose input is a constant.
  private var anchor = Tensor(scalar: 0)
  private let seed: UInt64
  private var calls: [(network: Network, plan: Plan)] = []
  /// Networks whose first weights were drawn in this step.
  private var drawn: UInt64 = 0
  /// Networks whose gradients have begun to be summed.
  private var reached: Set<ObjectIdentifier> = []

  private init(seed: UInt64) { self.seed = seed }

  /// Computes a loss, walks back, and updates every network that the loss came from.
  ///
  /// - Parameters:
  ///   - seed: of the dropout masks, and of the weights of networks that have none yet; another one for each step.
  ///   - loss: calls `TrainingStep.apply` for each network's call, and gives one number.
  /// - Returns: the loss.
  /// - Throws: `NetworkError.noTape` where no network was called, or the loss does not depend on one.
  public static func run(
    _ state: OptimizerState, seed: UInt64, loss: (TrainingStep) throws -> Tensor
  ) throws -> Float {
    try runTelling(state, seed: seed, loss: loss).loss
  }

  /// The same, with the networks that it changed.
  public static func runTelling(
    _ state: OptimizerState, seed: UInt64, loss: (TrainingStep) throws -> Tensor
  ) throws -> (loss: Float, networks: [Network]) {
    let step = TrainingStep(seed: seed)
    defer { for call in step.calls { call.network.plans.giveBack(call.plan) } }
    let result = try valueAndGradients(
      of: { variables in
        step.anchor = variables[0]
        return try loss(step)
      }, at: [Tensor(scalar: 0)], on: step.tape)
    var networks: [Network] = []
    for call in step.calls
    where step.reached.contains(ObjectIdentifier(call.network)) && !networks.contains(where: { $0 === call.network }) {
      networks.append(call.network)
    }
    guard !networks.isEmpty else { throw NetworkError.noTape }
    guard !networks.allSatisfy(\.isFrozen) else { throw NetworkError.nothingLearns(function: "step") }
    let loss = result.value.item ?? .nan
    // Weights that turned to something that is no number stay so: better none of this step.
    guard loss.isFinite, networks.allSatisfy({ $0.trained.allSatisfy(\.hasFiniteGradient) }) else {
      throw NetworkError.stepNotFinite(loss: loss)
    }
    state.update(networks)
    guard networks.allSatisfy(\.isFinite) else { throw NetworkError.weightsNotFinite }
    return (loss, networks)
  }

  /// A network's result in training, recorded.
  public func apply(_ network: Network, to batch: Tensor) throws -> Tensor {
    try apply(network, toTwins: [batch])
  }

  /// The results of a network for several batches in one pass, one below the other as the batches came: statistics of
  /// batch normalisation are those of all together, as `Trainer` takes them.
  public func apply(_ network: Network, toTwins batches: [Tensor]) throws -> Tensor {
    guard let shape = batches.first?.shape, shape.count >= 2 else {
      throw NetworkError.wantsBatch(first: network.layers[0], got: batches.first?.shape ?? [])
    }
    for batch in batches where batch.shape.dropFirst() != shape.dropFirst() {
      throw TensorError.join(function: "a network", axis: 0, shape, batch.shape)
    }
    guard batches.allSatisfy({ $0.shape[0] > 0 }) else { throw NetworkError.emptyBatch }
    let rows = batches.reduce(0) { $0 + $1.shape[0] }
    let isNew = !network.isBuilt
    // The second network that the step draws begins elsewhere than the first: two alike would begin, and stay, as one.
    try network.build(batchShape: shape, seed: seed &+ drawn &* 0xD1B5_4A32_D192_ED03)
    if isNew { drawn += 1 }
    let wantsInput = batches.contains { $0.trace != nil }
    let plan = try network.plans.trainingPlan(network, batch: rows, inputGradient: wantsInput)
    calls.append((network, plan))
    plan.withInput { to in
      var rest = to[...]
      for batch in batches {
        batch.withUnsafeBuffer { from in
          copy(from, UnsafeMutableBufferPointer(rebasing: rest))
          rest = rest.dropFirst(from.count)
        }
      }
    }
    plan.forward(dropoutSeed: seed &+ UInt64(calls.count) &* 0x9E37_79B9_7F4A_7C15)
    let output = try Tensor(shape: [rows] + plan.outputShape) { to in
      plan.withOutput { from, _ in copy(from, to) }
    }
    // Unowned, because the step owns the tape, which owns this closure.
    return tape.record(custom: "network", inputs: batches + [anchor], output: output) { [unowned self] upstream in
      upstream.withUnsafeBuffer { from in
        plan.withOutput { _, to in copy(from, to) }
      }
      plan.backward(accumulate: !reached.insert(ObjectIdentifier(network)).inserted)
      guard wantsInput else { return Array(repeating: nil, count: batches.count + 1) }
      var gradients: [Tensor?] = []
      var start = 0
      for batch in batches {
        gradients.append(
          try Tensor(shape: batch.shape) { to in
            plan.withInputGradient { from in copy(UnsafeBufferPointer(rebasing: from[start...]), to) }
          })
        start += batch.count
      }
      return gradients + [nil]
    }
  }
}

/// As many numbers as both have. A batch of images is megabytes, which two cores copy faster than one.
private func copy(_ from: UnsafeBufferPointer<Float>, _ to: UnsafeMutableBufferPointer<Float>) {
  guard let start = from.baseAddress, let end = to.baseAddress else { return }
  // Each slice copies a stretch of its own.
  nonisolated(unsafe) let (source, target) = (start, end)
  let count = min(from.count, to.count)
  let part = 1 << 16
  Workers.shared.parallel(slices: (count + part - 1) / part) { slice in
    let begin = slice * part
    (target + begin).update(from: source + begin, count: min(part, count - begin))
  }
}
