import COpenBLAS

/// C = alpha · op(A) op(B) + beta · C, row-major, on the calling thread alone: work is split over `Workers` outside.
///
/// - Parameters:
///   - rows: of C and op(A); `columns` of C and op(B); `inner` what is summed over.
func gemm(
  _ rows: Int, _ columns: Int, _ inner: Int, _ a: Floats, _ lda: Int, transposeA: Bool = false, _ b: Floats, _ ldb: Int,
  transposeB: Bool = false, _ c: MutableFloats, _ ldc: Int, beta: Float = 0, alpha: Float = 1
) {
  guard rows > 0, columns > 0 else { return }
  cblas_sgemm(
    CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, Int32(rows),
    Int32(columns), Int32(inner), alpha, a, Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
}

/// In double precision: all products of rows of a [rows, inner] with rows of b [columns, inner], as [rows, columns].
public func rowProducts(_ a: [Double], _ b: [Double], inner: Int, rows: Int, columns: Int) -> [Double] {
  var result = [Double](repeating: 0, count: rows * columns)
  guard a.count == rows * inner, b.count == columns * inner, rows > 0, columns > 0, inner > 0 else { return result }
  _ = BLASThreads.single
  cblas_dgemm(
    CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(columns), Int32(inner), 1, a, Int32(inner), b,
    Int32(inner), 0, &result, Int32(columns))
  return result
}

enum BLASThreads {
  /// Once a process: our own workers split the work.
  static let single: Void = openblas_set_num_threads(1)
}
