/// c = a · b (+ c) on all of the workers' threads, row-major, a [m, k], b [k, n]; `transposeA` says that a is stored as [k, m], likewise b.
/// See `matrixProduct` for what each element is.
public func sgemm(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>, m: Int, n: Int, k: Int,
  transposeA: Bool = false, transposeB: Bool = false, accumulate: Bool = false, workers: Workers = .shared
) {
  guard m > 0, n > 0 else { return }
  guard k > 0 else {
    if !accumulate { c.update(repeating: 0, count: m * n) }
    return
  }
  parallelProduct(
    m, n, k, MatrixOperand(a, stride: transposeA ? m : k, isTransposed: transposeA),
    MatrixOperand(b, stride: transposeB ? k : n, isTransposed: transposeB), c, accumulate: accumulate, workers: workers
  ) { true }
}

/// Cut into tiles along the longer sides, which several threads take in turn. Nothing in a result tells how.
///
/// - Parameter goesOn: asked every few milliseconds; the rest is left out once it says no.
private func parallelProduct(
  _ m: Int, _ n: Int, _ k: Int, _ a: MatrixOperand<Float>, _ b: MatrixOperand<Float>, _ c: UnsafeMutablePointer<Float>,
  accumulate: Bool, workers: Workers, goesOn: () -> Bool
) {
  let work = Double(m) * Double(n) * Double(k)
  if work < 1e6 || workers.threads == 1 {
    return matrixProduct(rows: m, columns: n, inner: k, a, b, c, stride: n, adds: accumulate, goesOn: goesOn)
  }
  // Some hundred microseconds at least, and nearly square: the less is packed twice.
  let each = max(5e5, work / 16)
  let side = max(96, (each / Double(k)).squareRoot())
  let rows = min(Double(m), side)
  let columns = min(Double(n), max(96, each / Double(k) / rows))
  let (height, width) = ((Int(rows) + 47) / 48 * 48, (Int(columns) + 95) / 96 * 96)
  let (down, across) = ((m + height - 1) / height, (n + width - 1) / width)
  workers.parallel(slices: down * across) { tile in
    let (top, left) = (tile / across * height, tile % across * width)
    matrixProduct(
      rows: min(height, m - top), columns: min(width, n - left), inner: k, a.from(row: top, column: 0),
      b.from(row: 0, column: left), c + top * n + left, stride: n, adds: accumulate, goesOn: goesOn)
  }
}

extension Tensor {
  /// The matrix product. [m, k] · [k, n] → [m, n]; stacks of matrices broadcast over the axes before; a vector counts
  /// as a row on the left and as a column on the right, and its axis goes.
  /// - Throws: `TensorError.matrixProduct` where the inner lengths differ.
  public func matmul(_ other: Tensor) throws -> Tensor {
    guard rank > 0, other.rank > 0 else { throw TensorError.matrixProduct(shape, other.shape) }
    if rank == 1 || other.rank == 1 {
      let inner = other.rank == 1 ? other.shape[0] : other.shape[other.rank - 2]
      guard shape[rank - 1] == inner else { throw TensorError.matrixProduct(shape, other.shape) }
      let left = rank == 1 ? try reshaped([1, shape[0]]) : self
      let right = other.rank == 1 ? try other.reshaped([other.shape[0], 1]) : other
      let full = try left.matmul(right)
      var result = full.shape
      if other.rank == 1 { result.removeLast() }
      if rank == 1 { result.remove(at: result.count - (other.rank == 1 ? 1 : 2)) }
      return try full.reshaped(result)
    }
    return try matmul(other, transposeLeft: false, transposeRight: false)
  }

  /// Of tensors with two axes or more, either read with its last two axes swapped.
  func matmul(_ other: Tensor, transposeLeft: Bool, transposeRight: Bool) throws -> Tensor {
    guard rank >= 2, other.rank >= 2 else { throw TensorError.matrixProduct(shape, other.shape) }
    let m = transposeLeft ? shape[rank - 1] : shape[rank - 2]
    let k = transposeLeft ? shape[rank - 2] : shape[rank - 1]
    let otherK = transposeRight ? other.shape[other.rank - 1] : other.shape[other.rank - 2]
    let n = transposeRight ? other.shape[other.rank - 2] : other.shape[other.rank - 1]
    guard k == otherK else { throw TensorError.matrixProduct(shape, other.shape) }
    guard Swift.max(m, n, k) < Int(Int32.max) else { throw TensorError.tooLarge(shape: [m, n, k]) }
    let operation = Operation.matmul(transposeLeft: transposeLeft, transposeRight: transposeRight)
    if rank == 2, other.rank == 2 {
      return try Tensor(shape: [m, n]) { out in
        guard let c = out.baseAddress, out.count > 0 else { return }
        let isGivenUp = LongWork.isGivenUp
        parallelProduct(
          m, n, k, MatrixOperand(storage.header.start, stride: transposeLeft ? m : k, isTransposed: transposeLeft),
          MatrixOperand(other.storage.header.start, stride: transposeRight ? k : n, isTransposed: transposeRight), c,
          accumulate: false, workers: .shared
        ) { isGivenUp.map { !$0() } ?? true }
        try LongWork.check()
      }.recorded(operation, self, other)
    }
    let leads = (Array(shape.dropLast(2)), Array(other.shape.dropLast(2)))
    guard let lead = broadcastShape(leads.0, leads.1) else { throw TensorError.matrixProduct(shape, other.shape) }
    let leftPlan = BroadcastIndex(from: leads.0, to: lead)
    let rightPlan = BroadcastIndex(from: leads.1, to: lead)
    let (matrix, otherMatrix) = (m * k, k * n)
    return try Tensor(shape: lead + [m, n]) { out in
      guard let c = out.baseAddress, out.count > 0 else { return }
      let count = out.count / (m * n)
      let (left, right) = (storage.header.start, other.storage.header.start)
      let isGivenUp = LongWork.isGivenUp
      Workers.shared.parallel(slices: count) { item in
        if let isGivenUp, isGivenUp() { return }
        // One large product in a stack takes as long as one by itself.
        parallelProduct(
          m, n, k,
          MatrixOperand(
            left + leftPlan.offset(item) * matrix, stride: transposeLeft ? m : k, isTransposed: transposeLeft),
          MatrixOperand(
            right + rightPlan.offset(item) * otherMatrix, stride: transposeRight ? k : n, isTransposed: transposeRight),
          c + item * m * n, accumulate: false, workers: .shared
        ) { isGivenUp.map { !$0() } ?? true }
      }
      try LongWork.check()
    }.recorded(operation, self, other)
  }
}
