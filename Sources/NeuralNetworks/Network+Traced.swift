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
    try build(inputShape: Array(batch.shape.dropFirst()), seed: seed)
    var arrays = weights[...]
    return try Self.run(layers, batch, &arrays)
  }

  private static func run(_ layers: [Layer], _ input: Tensor, _ arrays: inout ArraySlice<Weights>) throws -> Tensor {
    var x = input
    for layer in layers { x = try apply(layer, x, &arrays) }
    return x
  }

  private static func apply(_ layer: Layer, _ x: Tensor, _ arrays: inout ArraySlice<Weights>) throws -> Tensor {
    func next() throws -> Tensor {
      guard let array = arrays.popFirst() else { throw NetworkError.notBuilt(function: "a gradient") }
      return try Tensor(array.values, shape: array.shape)
    }
    let item = Array(x.shape.dropFirst())
    switch layer {
    case .conv(let conv):
      guard let sliding = SlidingShape(item, kernel: conv.kernel, stride: conv.stride, padding: conv.padding) else {
        throw NetworkError.windowTooLarge(layer: layer, number: nil, window: conv.kernel, input: item)
      }
      let weight = try next()
      let bias = conv.bias ? try next() : nil
      return try padded(x, sliding).conv2d(
        weight, bias: bias, stride: (conv.stride.height, conv.stride.width))
    case .dense(_, let bias, _):
      let weight = try next()
      return try x.dense(weight, bias: bias ? try next() : nil)
    case .activation(let activation):
      switch activation {
      case .relu: return try x.relu()
      case .leakyRelu(let slope): return try x.relu() - (-x).relu() * slope
      case .sigmoid: return try x.sigmoid()
      case .tanh: return try x.tanh()
      }
    case .maxPool(let window), .avgPool(let window):
      guard let sliding = SlidingShape(item, kernel: window.size, stride: window.stride, padding: window.padding)
      else { throw NetworkError.windowTooLarge(layer: layer, number: nil, window: window.size, input: item) }
      let (size, stride) = ((window.size.height, window.size.width), (window.stride.height, window.stride.width))
      if case .maxPool = layer {
        return try padded(x, sliding, with: -.infinity).maxPool(size, stride: stride)
      }
      let means = try padded(x, sliding).averagePool(size, stride: stride)
      if sliding.border == Border() { return means }
      // Padding counts for nothing: the mean is over the pixels that exist.
      let share = try padded(try Tensor.ones([1, 1] + item.dropFirst()), sliding).averagePool(size, stride: stride)
      return try means / share
    case .globalPool: return try x.mean([2, 3])
    case .flatten: return try x.reshaped([x.shape[0], item.reduce(1, *)])
    case .dropout: return x
    case .batchNorm(_, let epsilon):
      let form = [1, item[0]] + item.dropFirst().map { _ in 1 }
      let scale = try next().reshaped(form)
      let shift = try next().reshaped(form)
      let mean = try next().reshaped(form)
      let variance = try next().reshaped(form)
      return try (x - mean) / (variance + Float(epsilon)).sqrt() * scale + shift
    case .normalize:
      let rows = try x.reshaped([x.shape[0], item.reduce(1, *)])
      return try rows.l2Normalized().reshaped(x.shape)
    case .residual(let block):
      let inside = try run(block, x, &arrays)
      let shape = Array(inside.shape.dropFirst())
      guard shape != item, let shortcut = Layer.shortcut(from: item, to: shape) else { return try inside + x }
      return try inside + apply(shortcut, x, &arrays)
    case .parallel(let blocks):
      return try Tensor.concat(try blocks.map { try run($0, x, &arrays) }, axis: 1)
    case .squeezeExcite(let reduction):
      let gates = try run(
        [.globalPool] + Layer.squeezeLayers(channels: item[0], reduction: reduction), x, &arrays)
      return try x * gates.reshaped([x.shape[0], item[0], 1, 1])
    case .hog(let cell, let bins, let signed):
      return try OrientedGradients(item, cell: cell, bins: bins, signed: signed).traced(x)
    case .symmetric(let block):
      let mirror = try x.subscripted([.all, .all, .all, .slice(start: nil, stop: nil, step: -1)])
      let start = arrays
      let inside = try run(block, x, &arrays)
      var again = start
      return try (inside + run(block, mirror, &again)) * 0.5
    }
  }

  private static func padded(_ x: Tensor, _ sliding: SlidingShape, with value: Float = 0) throws -> Tensor {
    let border = sliding.border
    if border == Border() { return x }
    return try x.padded(
      top: border.top, left: border.left, bottom: border.bottom, right: border.right, with: value)
  }
}
