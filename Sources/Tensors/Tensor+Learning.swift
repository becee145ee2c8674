extension Tensor {
  /// x · wᵀ + b: [n, in] with weight [out, in] and bias [out] → [n, out].
  public func dense(_ weight: Tensor, bias: Tensor? = nil) throws -> Tensor {
    let product = try matmul(weight, transposeLeft: false, transposeRight: true)
    guard let bias else { return product }
    return try product + bias
  }

  /// With the batch's own statistics per channel (axis 1): (x − mean) / √(variance + ε) · scale + shift.
  public func batchNormalized(scale: Tensor? = nil, shift: Tensor? = nil, epsilon: Float = 1e-5) throws -> Tensor {
    guard rank >= 2 else {
      throw TensorError.rank(function: "batchnorm", expected: "2 or more axes (batch, channels, …)", shape: shape)
    }
    let axes = shape.indices.filter { $0 != 1 }
    let centred = try self - mean(axes, keepDims: true)
    let variance = try (centred * centred).mean(axes, keepDims: true)
    var result = try centred / (variance + epsilon).sqrt()
    let channel = shape.indices.map { $0 == 1 ? shape[1] : 1 }
    if let scale { result = try result * scale.reshaped(channel) }
    if let shift { result = try result + shift.reshaped(channel) }
    return result
  }

  /// Each number is 0 with probability `rate`; the rest are divided by 1 − rate.
  public func dropout(_ rate: Double, _ random: inout RandomStream) throws -> Tensor {
    guard rate >= 0, rate < 1 else {
      throw TensorError.argument(
        function: "dropout", name: "rate", expected: "from 0 up to, but not including, 1", got: "\(rate)")
    }
    let keep = Float(1 / (1 - rate))
    let mask = try Tensor(shape: shape) { out in
      random.fillUniform(out)
      for i in out.indices { out[i] = out[i] < Float(rate) ? 0 : keep }
    }
    return try self * mask
  }

  /// Each row divided by its Euclidean length (at least 1e-12), along the last axis unless said otherwise.
  public func l2Normalized(axis: Int = -1) throws -> Tensor {
    try self / norm([axis], keepDims: true).maximum(Tensor(scalar: 1e-12))
  }

  /// Euclidean length over the axes (all where nil); its gradient at 0 is 0.
  public func norm(_ axes: [Int]? = nil, keepDims: Bool = false) throws -> Tensor {
    try (self * self).sum(axes, keepDims: keepDims).sqrt()
  }

  /// Of vectors their sum of products; else the matrix product.
  public func dot(_ other: Tensor) throws -> Tensor {
    if rank == 0 || other.rank == 0 { return try self * other }
    return try matmul(other)
  }

  /// Between rows of two tensors: [n, d] and [n, d] → [n]. The gradient at distance 0 is 0.
  public func euclideanDistance(_ other: Tensor) throws -> Tensor {
    let difference = try self - other
    return try (difference * difference).sum([-1]).sqrt()
  }

  /// 1 − cosine of the angle between rows.
  public func cosineDistance(_ other: Tensor) throws -> Tensor {
    try Tensor(scalar: 1) - (l2Normalized() * other.l2Normalized()).sum([-1])
  }

  /// mean(y·d² + (1 − y)·max(margin − d, 0)²): Hadsell, Chopra and LeCun 2006; y is 1 for same.
  public static func contrastiveLoss(distance d: Tensor, same y: Tensor, margin: Float = 1) throws -> Tensor {
    let push = try (Tensor(scalar: margin) - d).relu()
    return try (y * d * d + (Tensor(scalar: 1) - y) * push * push).mean()
  }

  /// mean(max(d(a, p) − d(a, n) + margin, 0)): Schroff et al. 2015, with Euclidean distances.
  public static func tripletLoss(
    anchor: Tensor, positive: Tensor, negative: Tensor, margin: Float = 0.2
  ) throws -> Tensor {
    try (anchor.euclideanDistance(positive) - anchor.euclideanDistance(negative) + margin).relu().mean()
  }

  /// log Σ exp along an axis, without overflow.
  public func logSumExp(_ axis: Int = -1, keepDims: Bool = false) throws -> Tensor {
    let top = try detached.max([axis], keepDims: true)
    let sum = try (self - top).exp().sum([axis], keepDims: true).log() + top
    return keepDims ? sum : try sum.squeezed([axis])
  }

  public func softmax(_ axis: Int = -1) throws -> Tensor {
    // Shares of nothing are no numbers at all.
    if count == 0, rank > 0 { return self }
    let powers = try (self - detached.max([axis], keepDims: true)).exp()
    return try powers / powers.sum([axis], keepDims: true)
  }

  /// mean(log Σ exp(x) − x[label]): [n, classes] with n labels.
  public func crossEntropy(_ labels: [Int]) throws -> Tensor {
    guard rank == 2, shape[0] == labels.count else {
      throw TensorError.rank(
        function: "crossentropy", expected: "2 axes (\(labels.count) items, classes)", shape: shape)
    }
    let chosen = try (self * Tensor.oneHot(labels, classes: shape[1])).sum([1])
    return try (logSumExp() - chosen).mean()
  }
}
