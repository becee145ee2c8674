import Tensors

/// One number of several: over some axes of an item.
struct ReductionLayer: TracedLayer {
  enum Kind: String, Hashable, Sendable, Codable {
    case mean, sum, max, min, l1, l2
  }

  let kind: Kind
  /// Of an item, from 0.
  let axes: [Int]
  let keepsAxes: Bool

  static let fileName = "reduction"
  static let declarations: [LayerDeclaration] = []
  var text: String { "\(kind.rawValue)(axes=\(axes))" }

  func checkArguments() throws(NetworkError) {
    guard !axes.isEmpty, axes.count <= 8, Set(axes).count == axes.count, axes.allSatisfy({ (0..<8).contains($0) })
    else {
      throw .argument(
        layer: layer.name, what: "the axes", got: "\(axes.prefix(8))", expected: "to be some of an item's")
    }
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    guard axes.allSatisfy({ $0 < input.count }) else {
      throw .argument(layer: layer.name, what: "the axes", got: "\(axes)", expected: "to be some of an item \(input)")
    }
    let shape = input.indices.compactMap { axis in axes.contains(axis) ? (keepsAxes ? 1 : nil) : input[axis] }
    // One number an item is a row of one.
    return shape.isEmpty ? [1] : shape
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let places = axes.map { $0 + 1 }
    let result: Tensor
    switch kind {
    case .mean: result = try x.mean(places, keepDims: keepsAxes)
    case .sum: result = try x.sum(places, keepDims: keepsAxes)
    case .max: result = try x.max(places, keepDims: keepsAxes)
    case .min: result = try x.min(places, keepDims: keepsAxes)
    case .l1: result = try x.abs().sum(places, keepDims: keepsAxes)
    case .l2: result = try (x * x).sum(places, keepDims: keepsAxes).sqrt()
    }
    return result.rank == 1 ? try result.reshaped([x.shape[0], 1]) : result
  }
}

/// e^x over the sum of all along an axis, or the logarithm of it.
struct SoftmaxLayer: TracedLayer {
  /// Of an item, from 0.
  let axis: Int
  /// Nil for false, as in files of before.
  var isLog: Bool?

  static let fileName = "softmax"
  static let declarations: [LayerDeclaration] = []
  var text: String { "\(isLog == true ? "log" : "")softmax(axis=\(axis))" }

  func checkArguments() throws(NetworkError) { try check(axis, "axis", in: 0...7) }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    guard axis < input.count else {
      throw .argument(layer: layer.name, what: "axis", got: "\(axis)", expected: "to be one of an item \(input)")
    }
    return input
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    guard isLog == true else { return try x.softmax(axis + 1) }
    let shifted = try x - x.detached.max([axis + 1], keepDims: true)
    return try shifted - shifted.exp().sum([axis + 1], keepDims: true).log()
  }
}

/// x / (bias + alpha / size · the sum of squares of `size` neighbouring channels) ^ beta (Krizhevsky et al. 2012).
struct LocalResponseLayer: TracedLayer {
  let size: Int
  let alpha: Float
  let beta: Float
  let bias: Float

  static let fileName = "localResponse"
  static let declarations: [LayerDeclaration] = []
  var text: String { "localresponse(\(size))" }

  func checkArguments() throws(NetworkError) {
    try check(size, "size", in: 1...4096)
    guard alpha.isFinite, beta.isFinite, bias.isFinite else {
      throw .argument(layer: layer.name, what: "a number", got: "\(alpha)", expected: "to be finite")
    }
  }

  func outputShape(of input: [Int]) throws(NetworkError) -> [Int] {
    try checkImages(input)
    return input
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let (channels, before) = (x.shape[1], (size - 1) / 2)
    // [channels, channels]: who is a neighbour of whom.
    var near = [Float](repeating: 0, count: channels * channels)
    for channel in 0..<channels {
      for other in max(0, channel - before)...min(channels - 1, channel - before + size - 1) {
        near[channel * channels + other] = 1
      }
    }
    let pixels = x.shape[2] * x.shape[3]
    let squares = try (x * x).reshaped([x.shape[0], channels, pixels])
    let sums = try Tensor(near, shape: [channels, channels]).matmul(squares).reshaped(x.shape)
    return try x / (sums * (alpha / Float(size)) + bias).power(Tensor(scalar: beta))
  }
}
