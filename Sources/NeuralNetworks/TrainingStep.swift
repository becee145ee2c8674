import Tensors

/// One step of a hand-written loop: networks called while it lasts are recorded as one entry of the tape each, by a
/// plan for training; then the loss's gradients become changes of their weights.
public final class TrainingStep: @unchecked Sendable {
  public let tape = Tape()
  /// Every entry hangs on it, so that the walk back from the loss reaches networks whose input is a constant.
  private var anchor = Tensor(scalar: 0)
  private let seed: UInt64
  private var calls: [(network: Network, plan: Plan)] = []
  /// Networks whose gradients have begun to be summed.
  private var reached: Set<ObjectIdentifier> = []

  private init(seed: UInt64) { self.seed = seed }

  /// Computes a loss, walks back, and updates every network that the loss came from.
  ///
  /// - Parameters:
  ///   - seed: of the dropout masks; another one for each step.
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
    state.update(networks)
    return (result.value.item ?? .nan, networks)
  }

  /// A network's result in training, recorded.
  public func apply(_ network: Network, to batch: Tensor) throws -> Tensor {
    guard batch.shape.count >= 2 else { throw NetworkError.wantsBatch(first: network.layers[0], got: batch.shape) }
    guard batch.shape[0] > 0 else { throw NetworkError.emptyBatch }
    try network.build(inputShape: Array(batch.shape.dropFirst()), seed: seed)
    let wantsInput = batch.trace != nil
    let plan = try network.plans.trainingPlan(network, batch: batch.shape[0], inputGradient: wantsInput)
    calls.append((network, plan))
    batch.withUnsafeBuffer { from in
      plan.withInput { to in copy(from, to) }
    }
    plan.forward(dropoutSeed: seed &+ UInt64(calls.count) &* 0x9E37_79B9_7F4A_7C15)
    let output = try Tensor(shape: [batch.shape[0]] + plan.outputShape) { to in
      plan.withOutput { from, _ in copy(from, to) }
    }
    return tape.record(custom: "network", inputs: [batch, anchor], output: output) { [unowned self] upstream in
      upstream.withUnsafeBuffer { from in
        plan.withOutput { _, to in copy(from, to) }
      }
      plan.backward(accumulate: !reached.insert(ObjectIdentifier(network)).inserted)
      guard wantsInput else { return [nil, nil] }
      let gradient = try Tensor(shape: batch.shape) { to in
        plan.withInputGradient { from in copy(from, to) }
      }
      return [gradient, nil]
    }
  }
}

/// As many numbers as both have.
private func copy(_ from: UnsafeBufferPointer<Float>, _ to: UnsafeMutableBufferPointer<Float>) {
  guard let source = from.baseAddress, let target = to.baseAddress else { return }
  target.update(from: source, count: min(from.count, to.count))
}
