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
    run.weightsChanged = training || state != preparedState
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

/// What all phases of a plan read of the current pass. Unchecked, because it is written before a pass begins.
final class PlanRun: @unchecked Sendable {
  var items = 0
  var seed: UInt64 = 0
  var accumulate = false
  /// Whether the weights have to be brought into the kernels' order anew.
  var weightsChanged = true
}

/// How an item's numbers stand in memory.
enum NodeLayout {
  /// [channels, height, width], or [n].
  case planes
  /// [height, width, channels], channels filled up to a multiple of 8 with numbers that nobody may read.
  case channelsLast
}

/// Numbers between two layers, and their gradient.
struct PlanNode {
  /// Of an item, channels first whatever the layout.
  var shape: [Int]
  var layout = NodeLayout.planes
  let value: FloatBuffer
  let gradient: FloatBuffer?
  /// Whether a following activation may write its result here (nobody needs this value any more).
  var mayBeOverwritten = false

  /// Floats that an item takes.
  var count: Int { Self.count(shape, layout) }

  static func count(_ shape: [Int], _ layout: NodeLayout) -> Int {
    guard layout == .channelsLast, let channels = shape.first else { return shape.reduce(1, *) }
    return shape.dropFirst().reduce(roundedUp(channels, to: 8), *)
  }

  init(shape: [Int], layout: NodeLayout = .planes, value: FloatBuffer, gradient: FloatBuffer?) {
    self.shape = shape
    self.layout = layout
    self.value = value
    self.gradient = gradient
  }

  init(shape: [Int], layout: NodeLayout = .planes, batch: Int, gradient: Bool, mayBeOverwritten: Bool = false) {
    let count = Self.count(shape, layout) * batch
    self.init(
      shape: shape, layout: layout, value: FloatBuffer(count), gradient: gradient ? FloatBuffer(count) : nil)
    self.mayBeOverwritten = mayBeOverwritten
  }
}

/// Work that has to be over before the next phase begins.
struct PlanPhase: Sendable {
  let count: Int
  /// Slices of the batch, one after the other through several layers while their numbers are in the cache; or tasks.
  let bodies: [@Sendable (Int) -> Void]
  let isSlices: Bool

  /// - Parameter own: the slices to do; nil: all.
  func run(_ workers: Workers, _ own: Range<Int>?) {
    guard isSlices, let own else {
      workers.parallel(slices: count) { index in for body in bodies { body(index) } }
      return
    }
    workers.parallel(slices: own.count) { index in for body in bodies { body(own.lowerBound + index) } }
  }
}

/// Turns layers into phases.
struct PlanBuilder {
  let batch: Int
  private(set) var training: Bool
  let run: PlanRun
  let slices: Int
  let sliceSize: Int
  let share: PlanShare?
  /// Whether roundings have many layers to grow through.
  let isDeep: Bool
  let scratch = ScratchPool()
  private(set) var forward: [PlanPhase] = []
  /// In the order of the layers; a plan runs them the other way round.
  private(set) var backward: [PlanPhase] = []
  private var weights: ArraySlice<Weights>
  private(set) var layerNumber: UInt64 = 0
  /// Buffers that have all items on every rank, until slices write again.
  private var whole: Set<ObjectIdentifier> = []

  init(network: Network, batch: Int, training: Bool, run: PlanRun, ranks: Ranks? = nil) {
    self.batch = batch
    self.training = training
    self.run = run
    // What a slice costs besides its items is spread over four of them where there are that many.
    sliceSize = max((batch + 15) / 16, min(4, (batch + 7) / 8))
    slices = (batch + sliceSize - 1) / sliceSize
    let (slices, sliceSize) = (slices, sliceSize)
    share = ranks.map { PlanShare($0, run: run, slices: slices, sliceSize: sliceSize) }
    weights = network.weights[...]
    isDeep = Layer.depth(of: network.layers) >= Layer.deep
  }

  mutating func nextWeights() -> Weights {
    weights.popFirst() ?? Weights(name: "", shape: [0])
  }

  /// Layers added twice, the second time with the weights of the first.
  mutating func withSameWeights<Result>(_ add: (inout PlanBuilder, _ isFirst: Bool) -> Result) -> (Result, Result) {
    let start = weights
    let first = add(&self, true)
    weights = start
    return (first, add(&self, false))
  }

  /// Layers that work as they do outside of training, and leave nothing for backward.
  mutating func withoutTraining(_ add: (inout PlanBuilder) -> PlanNode) -> PlanNode {
    let before = training
    training = false
    defer { training = before }
    return add(&self)
  }

  mutating func nextLayerNumber() -> UInt64 {
    layerNumber += 1
    return layerNumber
  }

  /// Items of a slice that the current pass has.
  func range(_ slice: Int) -> Range<Int> {
    let start = min(run.items, slice * sliceSize)
    return start..<min(run.items, start + sliceSize)
  }

  mutating func forwardSlices(_ body: @escaping @Sendable (Range<Int>, Int) -> Void) {
    whole = []
    let (run, size) = (run, sliceSize)
    let whole: @Sendable (Int) -> Void = { slice in
      let start = min(run.items, slice * size)
      body(start..<min(run.items, start + size), slice)
    }
    if let last = forward.last, last.isSlices {
      forward[forward.count - 1] = PlanPhase(count: slices, bodies: last.bodies + [whole], isSlices: true)
    } else {
      forward.append(PlanPhase(count: slices, bodies: [whole], isSlices: true))
    }
  }

  mutating func backwardSlices(_ body: @escaping @Sendable (Range<Int>, Int) -> Void) {
    guard training else { return }
    let (run, size) = (run, sliceSize)
    let whole: @Sendable (Int) -> Void = { slice in
      let start = min(run.items, slice * size)
      body(start..<min(run.items, start + size), slice)
    }
    if let last = backward.last, last.isSlices {
      backward[backward.count - 1] = PlanPhase(count: slices, bodies: [whole] + last.bodies, isSlices: true)
    } else {
      backward.append(PlanPhase(count: slices, bodies: [whole], isSlices: true))
    }
  }

  mutating func forwardTasks(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    forward.append(PlanPhase(count: count, bodies: [body], isSlices: false))
  }

  /// What depends on the weights alone: done again only where they have changed, which spares a single query most.
  mutating func prepareTasks(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let run = run
    forwardTasks(count) { if run.weightsChanged { body($0) } }
  }

  mutating func backwardTasks(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    guard training else { return }
    backward.append(PlanPhase(count: count, bodies: [body], isSlices: false))
  }

  /// Gradients of one array, one part a slice, summed in the slices' order once all are there.
  mutating func gradientParts(of weights: Weights, stride: Int? = nil) -> FloatBuffer {
    let count = weights.count
    guard training else { return FloatBuffer(0) }
    let stride = stride ?? count
    let parts = FloatBuffer(stride * slices)
    if let share {
      share.add(PlanShare.Sum(weights: weights, parts: parts, stride: stride))
      return parts
    }
    let (slices, run) = (slices, run)
    let tasks = max(1, min(16, count / 4096))
    let size = (count + tasks - 1) / tasks
    backwardTasks(tasks) { task in
      let start = task * size
      let length = min(size, count - start)
      guard length > 0 else { return }
      let out = weights.gradientBuffer.base + start
      if !run.accumulate { out.update(repeating: 0, count: length) }
      for slice in 0..<slices { kernels.accumulate(parts.base + slice * stride + start, into: out, length) }
    }
    return parts
  }

  /// Work that reads all items of a node follows: with ranks, each gets what the others' slices have made.
  mutating func gatherItems(_ node: PlanNode) {
    guard let share, !whole.contains(ObjectIdentifier(node.value)) else { return }
    let (buffer, each) = (node.value, node.count)
    forwardTasks(1) { _ in share.exchangeItems(buffer, each: each) }
    isWhole(node)
  }

  /// All ranks have made all items of a node.
  mutating func isWhole(_ node: PlanNode) { whole.insert(ObjectIdentifier(node.value)) }

  /// The same for a node's gradient; to be called after the work that reads it, since backward goes the other way.
  mutating func gatherGradients(_ node: PlanNode) {
    guard let share, let buffer = node.gradient else { return }
    let each = node.count
    backwardTasks(1) { _ in share.exchangeItems(buffer, each: each) }
  }

  /// A node for a layer's result.
  func node(_ shape: [Int], layout: NodeLayout = .planes, mayBeOverwritten: Bool = false) -> PlanNode {
    PlanNode(shape: shape, layout: layout, batch: batch, gradient: training, mayBeOverwritten: mayBeOverwritten)
  }

  mutating func add(_ layers: [Layer], to input: PlanNode) -> PlanNode {
    var node = input
    var index = 0
    // Between frozen layers and the first that learns, no gradient is of any use to anybody.
    var isBelow = false
    while index < layers.count {
      if isBelow, node.gradient == nil, isFixed(layers[index], over: node.shape) {
        let kind = layers[index].kind
        node = withoutTraining { kind.plan(kind.takesAnyLayout ? node : $0.planes(node), in: &$0) }
        index += 1
        continue
      }
      isBelow = layers[index].kind is FreezeLayer
      if let block = FusedBlock(layers[index...], shape: node.shape) {
        node = block.add(to: &self, node)
        index += block.count
      } else {
        let kind = layers[index].kind
        node = kind.plan(kind.takesAnyLayout ? node : planes(node), in: &self)
        index += 1
      }
    }
    return node
  }

  /// Whether a layer learns nothing, and does in training what it does afterwards.
  private func isFixed(_ layer: Layer, over shape: [Int]) -> Bool {
    var list = WeightList()
    guard !layer.dependsOnBatch, layer.blocks.isEmpty,
      (try? layer.kind.addWeights(to: &list, input: shape, prefix: "")) != nil
    else { return false }
    return list.arrays == 0
  }

  /// A convolution or batch normalisation that no other layer joins.
  mutating func addAlone(_ layer: Layer, to given: PlanNode) -> PlanNode {
    FusedBlock([layer], shape: given.shape)?.add(to: &self, given) ?? given
  }
}
