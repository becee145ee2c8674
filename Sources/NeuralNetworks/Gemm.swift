import Tensors

/// C = op(A) op(B), or C + op(A) op(B) where `adds`, row-major, on the calling thread alone: work is split over `Workers`
/// outside. See `matrixProduct` for what each element is.
///
/// - Parameters:
///   - rows: of C and op(A); `columns` of C and op(B); `inner` what is summed over.
func gemm(
  _ rows: Int, _ columns: Int, _ inner: Int, _ a: Floats, _ lda: Int, transposeA: Bool = false, _ b: Floats, _ ldb: Int,
  transposeB: Bool = false, _ c: MutableFloats, _ ldc: Int, adds: Bool = false
) {
  matrixProduct(
    rows: rows, columns: columns, inner: inner, MatrixOperand(a, stride: lda, isTransposed: transposeA),
    MatrixOperand(b, stride: ldb, isTransposed: transposeB), c, stride: ldc, adds: adds)
}

/// In double precision: all products of rows of a [rows, inner] with rows of b [columns, inner], as [rows, columns].
public func rowProducts(_ a: [Double], _ b: [Double], inner: Int, rows: Int, columns: Int) -> [Double] {
  var result = [Double](repeating: 0, count: rows * columns)
  guard a.count == rows * inner, b.count == columns * inner, rows > 0, columns > 0, inner > 0 else { return result }
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      result.withUnsafeMutableBufferPointer { result in
        guard let a = a.baseAddress, let b = b.baseAddress, let c = result.baseAddress else { return }
        // Rows over the threads: no result depends on how.
        let height = max(8, (rows + 15) / 16)
        Workers.shared.parallel(slices: (rows + height - 1) / height) { slice in
          let top = slice * height
          matrixProduct(
            rows: min(height, rows - top), columns: columns, inner: inner,
            MatrixOperand(a + top * inner, stride: inner),
            MatrixOperand(b, stride: inner, isTransposed: true), c + top * columns, stride: columns)
        }
      }
    }
  }
  return result
}
