extension Tensor {
  /// x · wᵀ + b: [n, in] with weight [out, in] and bias [out] → [n, out].
  public func dense(_ weight: Tensor, bias: Tensor? = nil) throws -> Tensor {
    let product = try matmul(weight, transposeLeft: false, transposeRight: true)
    guard let bias else { return product }
    return try product + bias
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

  /// exp(x) / Σ exp(x) along an axis, without overflow.
  public func softmax(_ axis: Int = -1) throws -> Tensor {
    // Shares of nothing are no numbers at all.
    if count == 0, rank > 0 { return self }
    let powers = try (self - detached.max([axis], keepDims: true)).exp()
    return try powers / powers.sum([axis], keepDims: true)
  }
}
