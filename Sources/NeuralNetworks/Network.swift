import Tensors

/// Layers with their weights: what turns a batch of images into a batch of embeddings.
///
/// An object with identity, because training changes it. The weights are made by `build`, when the shape of an item is
/// first known. Not for use by two threads at once.
public final class Network: @unchecked Sendable {
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
  /// Layers that have learnt behind others that wait for their first batch: what `build` gives them instead of fresh
  /// weights.
  private var kept: [Kept] = []

  private struct Kept {
    /// Number of the first of them, from 0.
    var start: Int
    /// Of an item that they take.
    var shape: [Int]
    var snapshot: Snapshot
  }
  /// Called before the weights are used for anything: who put off a change of them makes it now.
  public var onRead: (() -> Void)?
  /// Raised at each change of the weights, so that what was computed from them can be marked as stale.
  public internal(set) var version = 0
  /// How a query's image has to be prepared; the caller's text (JSON), saved with the network.
  public var preprocessing: String?
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
  public init(_ layers: [Layer]) throws {
    guard !layers.isEmpty else { throw NetworkError.emptyNetwork }
    for layer in layers { try layer.checkArguments() }
    self.layers = layers
  }

  /// The layers of `first`, then those of `second`. What either has learnt stays; where only `second` has, it waits in the
  /// new network for the first batch to tell the shapes.
  ///
  /// - Throws: `NetworkError.builtForOtherShape` where the results of `first` are not what `second` has learnt from.
  public convenience init(_ first: Network, then second: Network, seed: UInt64) throws {
    try self.init(first.layers + second.layers)
    kept =
      first.kept
      + second.kept.map { Kept(start: $0.start + first.layers.count, shape: $0.shape, snapshot: $0.snapshot) }
    if let shape = second.inputShape {
      kept.append(Kept(start: first.layers.count, shape: shape, snapshot: second.snapshot()))
    }
    preprocessing = first.preprocessing ?? second.preprocessing
    guard let shape = first.inputShape else { return }
    kept.append(Kept(start: 0, shape: shape, snapshot: first.snapshot()))
    try build(inputShape: shape, seed: seed)
    kept = []
  }

  public var isBuilt: Bool { inputShape != nil }
  public var trained: [Weights] { weights.filter(\.isTrained) }
  /// Of all trained arrays.
  public var parameterCount: Int { trained.reduce(0) { $0 + $1.count } }

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
      for part in kept where part.start == index && part.shape != shape {
        throw NetworkError.builtForOtherShape(built: part.shape, got: shape, first: layer)
      }
      do { shape = try layer.outputShape(of: shape) } catch let error as NetworkError {
        throw error.numbered(index + 1)
      }
    }
    var builder = WeightsBuilder(seed: seed)
    builder.add(layers, input: inputShape, prefix: "")
    arrays = builder.weights
    for part in kept {
      let own = arrays.drop { Int($0.name.prefix { $0 != "." }) ?? 0 <= part.start }
      for (weights, values) in zip(own, part.snapshot.arrays) { _ = weights.set(values) }
    }
    self.inputShape = inputShape
    outputShape = shape
    version += 1
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

    public init(arrays: [[Float]]) { self.arrays = arrays }
  }

  public func snapshot() -> Snapshot { Snapshot(arrays: weights.map(\.values)) }

  public func restore(_ snapshot: Snapshot) {
    for (weights, values) in zip(weights, snapshot.arrays) { _ = weights.set(values) }
    version += 1
  }

  /// Another network with the same layers and, where built, the same weights.
  public func copy() throws -> Network {
    let other = try Network(layers)
    other.kept = kept
    if let inputShape {
      try other.build(inputShape: inputShape, seed: 0)
      other.restore(snapshot())
    }
    other.preprocessing = preprocessing
    return other
  }
}
