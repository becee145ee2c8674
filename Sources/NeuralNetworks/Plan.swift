import Memory
import Ranks
import Tensors

/// A network unrolled for one batch size: every buffer allocated once, neighbouring layers fused, work cut into slices.
///
/// The number of slices follows from the batch alone and their gradients are summed in their order, so that results have
/// the same bits whatever the number of threads.
///
///     let plan = try Plan(network, batch: 256, training: true)
///     plan.withInput { … }          // fill [batch, channels, height, width]
///     plan.forward(dropoutSeed: 7)
///     plan.withOutput { embeddings, gradient in … }   // read [batch, size], write the loss's gradient
///     plan.backward()               // fills the gradients of `network.trained`
///     optimizerState.update(network)
///
/// Unchecked, because a pass is begun by one thread at a time, the network's; its phases share buffers alone.
public final class Plan: @unchecked Sendable {
  /// Of the network: arrays and changes, not the network itself, which keeps its plans and would never be freed.
  private let weights: [Weights]
  private let changes: ChangeCounter
  /// The most items that a pass can have.
  public let batch: Int
  /// Whether it keeps what backward needs.
  public let training: Bool
  /// Whether backward finds the gradient of the input, too.
  public let hasInputGradient: Bool
  /// Of one item.
  public let inputShape: [Int]
  /// Of one item.
  public let outputShape: [Int]
  /// Who does the work; results do not depend on how many they are.
  let workers: Workers
  let run = PlanRun()
  /// With whom the passes are shared; nil: with nobody.
  private let share: PlanShare?
  private let input: PlanNode
  private let output: PlanNode
  /// Of the weights that the kernels have in their own order.
  private var preparedState: Int?
  /// Brings the weights into the kernels' order, outside of training; there, each layer does it in its turn.
  private let preparations: [PlanPhase]
  private let forwardPhases: [PlanPhase]
  private let backwardPhases: [PlanPhase]

  /// - Parameters:
  ///   - training: keeps what backward needs, drops out, and normalises with the batch's statistics.
  ///   - inputGradient: whether backward also finds the gradient of the input.
  ///   - ranks: those that share the passes with this one; all of them make the plan and run its passes alike.
  /// - Throws: `NetworkError` if the network is not built, or the batch is empty or too large; `RankError.tooMany` where
  ///   ranks would have no slice of it.
  public init(
    _ network: Network, batch: Int, training: Bool, inputGradient: Bool = false, workers: Workers = .shared,
    ranks: Ranks? = nil
  ) throws {
    guard let inputShape = network.inputShape, let outputShape = network.outputShape else {
      throw NetworkError.notBuilt(function: "a plan")
    }
    guard batch > 0 else { throw NetworkError.emptyBatch }
    let count = inputShape.reduce(1, *)
    guard batch <= Layer.elementLimit / max(1, count) else {
      throw NetworkError.tooLarge(layer: network.layers[0], shape: [batch] + inputShape)
    }
    try Self.checkMemory(network, inputShape, batch, training: training)
    weights = network.weights
    changes = network.changes
    self.batch = batch
    self.training = training
    self.workers = workers
    self.hasInputGradient = training && inputGradient
    self.inputShape = inputShape
    self.outputShape = outputShape
    var builder = PlanBuilder(network: network, batch: batch, training: training, run: run, ranks: ranks)
    if let ranks, ranks.count > builder.slices {
      throw RankError.tooMany(ranks: ranks.count, slices: builder.slices, batch: batch)
    }
    share = builder.share
    input = PlanNode(shape: inputShape, batch: batch, gradient: training && inputGradient)
    var last = builder.planes(builder.add(network.layers, to: input))
    // Where nothing but frozen layers stands below, the loss has still to leave its gradient somewhere.
    if training, last.gradient == nil {
      last = PlanNode(shape: last.shape, value: last.value, gradient: FloatBuffer(last.value.count))
    }
    output = last
    builder.gatherItems(output)
    preparations = builder.preparations
    forwardPhases = builder.forward
    backwardPhases = builder.backward.reversed()
  }

  /// The buffers are made in one go, and none of them can fail in words: what the layers' outputs take is asked for first.
  private static func checkMemory(_ network: Network, _ input: [Int], _ batch: Int, training: Bool) throws {
    let count = try Double(input.reduce(1, *)) + Layer.footprint(of: network.layers, input)
    let bytes = count * Double(batch) * (training ? 2 : 1) * Double(MemoryLayout<Float>.stride)
    try MemoryBudget.check(adding: Int(min(bytes, 1e18)))
  }

  /// The input of the next pass, [batch, …].
  public func withInput<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeMutableBufferPointer(start: input.value.base, count: input.value.count))
  }

  /// The output of the last pass, [batch, …], and where its gradient has to be written before `backward` (empty in a
  /// plan for inference).
  public func withOutput<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(
      UnsafeBufferPointer(start: output.value.base, count: output.value.count),
      UnsafeMutableBufferPointer(start: output.gradient?.base, count: output.gradient?.count ?? 0))
  }

  /// The gradient of the input that the last `backward` left, where the plan was made with `inputGradient`.
  public func withInputGradient<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeBufferPointer(start: input.gradient?.base, count: input.gradient?.count ?? 0))
  }

  /// - Parameters:
  ///   - items: how many of the batch's items are there, from the first; all where not given.
  ///   - dropoutSeed: another number for each step draws other masks.
  public func forward(items: Int? = nil, dropoutSeed: UInt64 = 0) {
    run.items = max(0, min(batch, items ?? batch))
    run.seed = dropoutSeed
    let state = changes.value &+ weights.reduce(0) { $0 &+ $1.changes }
    if state != preparedState { for phase in preparations { phase.run(workers, nil) } }
    preparedState = state
    share?.begin()
    for phase in forwardPhases { phase.run(workers, share?.own) }
    if training { changes.value += 1 }
  }

  /// Fills the gradients of the network's weights from the output's gradient.
  ///
  /// - Parameter accumulate: adds to what is there.
  public func backward(accumulate: Bool = false) {
    run.accumulate = accumulate
    for phase in backwardPhases { phase.run(workers, share?.own) }
    share?.addUp(workers)
  }

  /// The items of the next pass that this rank needs the input of; all where nobody shares the passes.
  public func ownItems(of items: Int) -> Range<Int> {
    guard let share else { return 0..<items }
    run.items = max(0, min(batch, items))
    share.begin()
    return share.items(share.own)
  }

  /// Ends with an error where the other ranks did not go on in the last passes, whose results are worth nothing then.
  public func checkRanks() throws(RankError) {
    if let failure = share?.failure { throw failure }
  }
}
