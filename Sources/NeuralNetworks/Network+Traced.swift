import Tensors

/// The network as operations of tensors, which record themselves on a tape: slower than a plan, and differentiable by
/// its input as often as wanted.
extension Network {
  /// What `embed` gives (no dropout, running statistics), with gradients that go through to `batch`. The weights count as
  /// constants: `TrainingStep` is what changes them.
  ///
  /// - Parameter batch: [n, …]; builds the network where it is not.
  public func traced(_ batch: Tensor, seed: UInt64 = 0) throws -> Tensor {
    guard batch.shape.count >= 2 else { throw NetworkError.wantsBatch(first: layers[0], got: batch.shape) }
    guard batch.shape[0] > 0 else { throw NetworkError.emptyBatch }
    try build(batchShape: batch.shape, seed: seed)
    var weights = TracedWeights(weights)
    return try weights.run(layers, batch)
  }
}

/// The arrays that a trace has not come to yet, in the layers' order.
struct TracedWeights {
  private var rest: ArraySlice<Weights>
  /// Arrays that are tensors already, which come first.
  private var tensors: ArraySlice<Tensor>

  init(_ weights: [Weights]) { (rest, tensors) = (weights[...], []) }

  init(tensors: [Tensor]) { (rest, self.tensors) = ([], tensors[...]) }

  /// The next array, as a constant where it is a network's.
  mutating func next() throws -> Tensor {
    if let tensor = tensors.popFirst() { return tensor }
    guard let array = rest.popFirst() else { throw NetworkError.notBuilt(function: "a gradient") }
    return try Tensor(array.values, shape: array.shape)
  }

  /// Layers one after the other; x [n, …].
  mutating func run(_ layers: [Layer], _ input: Tensor) throws -> Tensor {
    var x = input
    for layer in layers { x = try layer.kind.traced(x, &self) }
    return x
  }
}
