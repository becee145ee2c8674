import Ranks
import Tensors

/// Turns layers into phases.
struct PlanBuilder {
  let batch: Int
  private(set) var training: Bool
  /// The whole plan's, whatever the layers at hand do.
  private let isTraining: Bool
  let run: PlanRun
  let slices: Int
  let sliceSize: Int
  let share: PlanShare?
  /// Whether roundings have many layers to grow through.
  let isDeep: Bool
  let scratch = ScratchPool()
  let stepScratch = StepScratch()
  /// What depends on the weights alone, outside of training.
  private(set) var preparations: [PlanPhase] = []
  private(set) var forward: [PlanPhase] = []
  /// In the order of the layers; a plan runs them the other way round.
  private(set) var backward: [PlanPhase] = []
  private var weights: ArraySlice<Weights>
  private(set) var layerNumber: UInt64 = 0
  /// Buffers that have all items on every rank, until slices write again.
  private var whole: Set<ObjectIdentifier> = []

  /// Of a layer's results, what the layer after it finds in the cache.
  private static let cachedNumbers = 1 << 18

  /// The most numbers that an item has between two layers.
  private static func largestItem(in network: Network) -> Int {
    var shape = network.inputShape ?? []
    var largest = 0
    for layer in network.layers {
      shape = (try? layer.outputShape(of: shape)) ?? shape
      largest = max(largest, shape.reduce(1, *))
    }
    return largest
  }

  init(network: Network, batch: Int, training: Bool, run: PlanRun, ranks: Ranks? = nil) {
    self.batch = batch
    self.training = training
    isTraining = training
    self.run = run
    // What a slice costs besides its items is spread over four of them where there are that many.
    let spread = max((batch + 15) / 16, min(4, (batch + 7) / 8))
    // Outside of training no result depends on the slices: of large images, so few that they stay in the cache.
    sliceSize = training ? spread : max(1, min(spread, Self.cachedNumbers / max(1, Self.largestItem(in: network))))
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

  /// What depends on the weights alone: done again only where they have changed, which spares a single query most. Outside
  /// of training it comes before all else, so that slices go through many layers while their numbers are in the cache.
  mutating func prepareTasks(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let phase = PlanPhase(count: count, bodies: [body], isSlices: false)
    if isTraining { forward.append(phase) } else { preparations.append(phase) }
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

  /// The sum of two nodes of one shape and layout, and its gradient to both; written over the first outside of training where
  /// nobody needs that any more.
  mutating func added(_ other: PlanNode, to node: PlanNode) -> PlanNode {
    let inPlace = !training && node.mayBeOverwritten && node.value !== other.value
    let result = inPlace ? node : self.node(node.shape, layout: node.layout, mayBeOverwritten: true)
    let (x, z, y, count) = (node.value, other.value, result.value, node.count)
    forwardSlices { range, _ in
      let (start, length) = (range.lowerBound * count, range.count * count)
      if !inPlace { y.base.advanced(by: start).update(from: x.base + start, count: length) }
      kernels.accumulate(z.base + start, into: y.base + start, length)
    }
    guard let dy = result.gradient else { return result }
    let (dx, dz) = (node.gradient, other.gradient)
    backwardSlices { range, _ in
      let (start, length) = (range.lowerBound * count, range.count * count)
      dx?.base.advanced(by: start).update(from: dy.base + start, count: length)
      dz?.base.advanced(by: start).update(from: dy.base + start, count: length)
    }
    return result
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
