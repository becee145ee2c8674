import COpenBLAS

/// OpenBLAS's own threads stay at one: rows are split over `Workers` instead, by size alone.
private let blasReady: Bool = {
  openblas_set_num_threads(1)
  return true
}()

/// c = a · b (+ c), row-major, a [m, k], b [k, n]; `transposeA` says that a is stored as [k, m], likewise b.
///
/// Rows are cut into slices by the size of the product, never by the number of threads: the same bits for any of them.
public func sgemm(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>, m: Int, n: Int, k: Int,
  transposeA: Bool = false, transposeB: Bool = false, accumulate: Bool = false, workers: Workers = .shared
) {
  guard m > 0, n > 0 else { return }
  guard k > 0 else {
    if !accumulate { c.update(repeating: 0, count: m * n) }
    return
  }
  _ = blasReady
  let work = Double(m) * Double(n) * Double(k)
  // A slice is worth some hundred microseconds at least.
  let slices = work < 2e6 ? 1 : min(16, max(1, m / 16))
  let rows = ((m + slices - 1) / slices + 7) / 8 * 8
  let (aStride, bStride) = (transposeA ? m : k, transposeB ? k : n)
  workers.parallel(slices: slices == 1 ? 1 : (m + rows - 1) / rows) { slice in
    let first = slices == 1 ? 0 : slice * rows
    let count = slices == 1 ? m : min(rows, m - first)
    cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, Int32(count),
      Int32(n), Int32(k), 1, a + (transposeA ? first : first * k), Int32(aStride), b, Int32(bStride),
      accumulate ? 1 : 0, c + first * n, Int32(n))
  }
}

/// A product that takes long, in tiles that each take some ten milliseconds, so that it can be given up between them.
/// The tiles follow from the sizes alone: the same bits for any number of threads.
private func tiledProduct(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>, m: Int, n: Int, k: Int,
  transposeA: Bool, transposeB: Bool
) throws {
  _ = blasReady
  let side = max(32, Int((tileWork / Double(k)).squareRoot())) / 32 * 32
  let (rows, columns) = (min(m, side), min(n, side))
  let (down, across) = ((m + rows - 1) / rows, (n + columns - 1) / columns)
  let (aStride, bStride) = (transposeA ? m : k, transposeB ? k : n)
  let isGivenUp = LongWork.isGivenUp
  Workers.shared.parallel(slices: down * across) { tile in
    if let isGivenUp, isGivenUp() { return }
    let (top, left) = (tile / across * rows, tile % across * columns)
    cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      Int32(min(rows, m - top)), Int32(min(columns, n - left)), Int32(k), 1, a + (transposeA ? top : top * k),
      Int32(aStride), b + (transposeB ? left * k : left), Int32(bStride), 0, c + top * n + left, Int32(n))
  }
  try LongWork.check()
}

/// Multiplications of one tile: some 60 ms of one core.
private let tileWork = 2e9
/// From here on a product is cut into tiles.
private let longWork = 4e9

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
        if Double(m) * Double(n) * Double(k) > longWork {
          return try tiledProduct(
            storage.header.start, other.storage.header.start, c, m: m, n: n, k: k, transposeA: transposeLeft,
            transposeB: transposeRight)
        }
        sgemm(
          storage.header.start, other.storage.header.start, c, m: m, n: n, k: k, transposeA: transposeLeft,
          transposeB: transposeRight)
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
        sgemm(
          left + leftPlan.offset(item) * matrix, right + rightPlan.offset(item) * otherMatrix, c + item * m * n, m: m,
          n: n, k: k, transposeA: transposeLeft, transposeB: transposeRight)
      }
      try LongWork.check()
    }.recorded(operation, self, other)
  }
}
