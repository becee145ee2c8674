import Memory
import Synchronization
import Tensors

/// How often something has changed: an object, so that who looks at it need not hold what it counts for.
final class ChangeCounter: Sendable {
  private let count = Atomic(0)

  var value: Int {
    get { count.load(ordering: .relaxed) }
    set { count.store(newValue, ordering: .relaxed) }
  }
}

/// Layers with their weights: what turns a batch of images into a batch of embeddings.
///
/// An object with identity, because training changes it. The weights are made by `build`, when the shape of an item is
/// first known.
///
/// Unchecked, because it is handed over and never shared: it is used by one thread at a time, and a gallery that works
/// in the background or serves has it to itself while it does.
public final class Network: @unchecked Sendable {
  /// In the order in which they work.
  public let layers: [Layer]
  /// Of one item, without the batch axis ([channels, height, width] for images); nil before `build`.
  public private(set) var inputShape: [Int]?
  /// Of one item after the last layer; nil before `build`.
  public private(set) var outputShape: [Int]?
  /// Trained arrays and running statistics, in the layers' order.
  public var weights: [Weights] {
    onRead?()
    return arrays
  }
  private var arrays: [Weights] = []
  /// Of the parts that it was made of, while it waits for `build`.
  private(set) var learnt: [LearntPart] = []
  /// Called before the weights are used for anything: who put off a change of them makes it now.
  public var onRead: (() -> Void)?
  /// Raised at each change of the weights, so that what was computed from them can be marked as stale.
  public internal(set) var version: Int {
    get { changes.value }
    set { changes.value = newValue }
  }
  /// Shared with the network's plans.
  let changes = ChangeCounter()
  /// How a query's image has to be prepared; the caller's text (JSON), saved with the network.
  public var preprocessing: String?
  /// Whom it has learnt from; saved with the network.
  public var learning = LearningRecord()
  /// How many of its last steps were each the first of their optimiser, in a row: a loop written by hand that makes a new
  /// optimiser each turn loses what the one before it remembered.
  public var firstSteps = 0
  /// Plans for inference and for hand-written loops, kept from call to call.
  var plans: PlanCache {
    get {
      onRead?()
      return cachedPlans
    }
    _modify {
      onRead?()
      yield &cachedPlans
    }
  }
  private var cachedPlans = PlanCache()

  /// - Throws: `NetworkError` for sizes that make no sense.
  public convenience init(_ layers: [Layer]) throws { try self.init(layers, learnt: []) }

  init(_ layers: [Layer], learnt: [LearntPart]) throws {
    guard !layers.isEmpty else { throw NetworkError.emptyNetwork }
    for layer in layers { try layer.checkArguments() }
    self.layers = layers
    self.learnt = learnt
  }

  /// Whether it has its shapes and weights.
  public var isBuilt: Bool { inputShape != nil }
  /// Those that an optimiser changes.
  public var trained: [Weights] { weights.filter(\.isTrained) }
  /// Whether all its weights and statistics are finite.
  public var isFinite: Bool { weights.allSatisfy(\.isFinite) }
  /// Whether it is built and some layer of it has numbers of its own.
  public var hasWeights: Bool { !arrays.isEmpty }
  /// Of all trained arrays.
  public var parameterCount: Int { trained.reduce(0) { $0 + $1.count } }
  /// Of the arrays of frozen layers that would be trained elsewhere.
  public var frozenCount: Int { weights.reduce(0) { $0 + ($1.isFrozen ? $1.count : 0) } }

  /// Infers every size and draws the weights; does nothing where the network is built for this shape already.
  ///
  /// - Parameter inputShape: of one item, without the batch axis.
  public func build(inputShape: [Int], seed: UInt64) throws {
    if let built = self.inputShape {
      guard built == inputShape else {
        throw NetworkError.builtForOtherShape(built: built, got: inputShape, first: layers.first)
      }
      return
    }
    var shape = inputShape
    for (index, layer) in layers.enumerated() {
      do { shape = try layer.outputShape(of: shape) } catch { throw error.numbered(index + 1) }
    }
    var list = WeightList(learnt: learnt)
    try list.add(layers, input: inputShape, prefix: "")
    // Weights and their gradients are made in one go, and none of them can fail in words.
    let bytes = Double(list.count) * 2 * Double(MemoryLayout<Float>.stride)
    try MemoryBudget.check(adding: Int(min(bytes, 1e18)))
    arrays = list.weights(seed: seed)
    self.inputShape = inputShape
    outputShape = shape
    version += 1
  }

  /// Builds for the items of a batch, whose first axis counts them. Where that axis was left out, the error says so.
  func build(batchShape: [Int], seed: UInt64) throws {
    do { try build(inputShape: Array(batchShape.dropFirst()), seed: seed) } catch let error as NetworkError {
      switch error {
      case .wantsImages(let layer, let number, let got) where batchShape.count == 3 && got.count == 2:
        throw NetworkError.wantsBatchOfImages(layer: layer, number: number, got: batchShape)
      case .builtForOtherShape(let built, _, _) where built == batchShape:
        throw NetworkError.wantsBatch(first: layers[0], got: batchShape)
      default: throw error
      }
    }
  }

  /// As before `build`: the next batch decides the shapes again.
  public func forgetWeights() {
    guard isBuilt else { return }
    arrays = []
    inputShape = nil
    outputShape = nil
    cachedPlans = PlanCache()
    version += 1
  }

  /// A copy of every array's values, to go back to.
  public struct Snapshot: Sendable {
    /// In the order of `weights`.
    public var arrays: [[Float]]

    /// In the order of `weights`.
    public init(arrays: [[Float]]) { self.arrays = arrays }
  }

  /// A copy of the weights.
  public func snapshot() -> Snapshot { Snapshot(arrays: weights.map(\.values)) }

  /// Puts the weights back; a snapshot of another network changes nothing that does not fit.
  public func restore(_ snapshot: Snapshot) {
    for (weights, values) in zip(weights, snapshot.arrays) { _ = weights.set(values) }
    version += 1
  }

  /// Another network with the same layers and, where built, the same weights.
  public func copy() throws -> Network {
    let other = try Network(layers, learnt: isBuilt ? [] : learnt)
    if let inputShape {
      try other.build(inputShape: inputShape, seed: 0)
      other.restore(snapshot())
    }
    other.preprocessing = preprocessing
    other.learning = learning
    return other
  }
}
