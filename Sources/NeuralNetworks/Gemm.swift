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

enum BLASThreads {
  /// Once a process: our own workers split the work.
  static let single: Void = openblas_set_num_threads(1)
}
