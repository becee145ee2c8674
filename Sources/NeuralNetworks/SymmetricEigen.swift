import COpenBLAS

/// Eigenvalues and eigenvectors of a symmetric matrix, by LAPACK's dsyevd on the calling thread alone.
public struct SymmetricEigen: Sendable {
  /// In rising order.
  public let values: [Double]
  /// Row k is the eigenvector of `values[k]`, of length 1; its sign is such that its largest element is positive, so that
  /// one matrix has one result.
  public let vectors: [Double]

  /// - Parameter matrix: size · size numbers; the lower triangle is read.
  /// - Returns: nil where LAPACK finds no solution (numbers that are not finite).
  public init?(_ matrix: [Double], size: Int) {
    guard size > 0, matrix.count == size * size, matrix.allSatisfy(\.isFinite) else { return nil }
    openblas_set_num_threads(1)
    var a = matrix
    var w = [Double](repeating: 0, count: size)
    var n = Int32(size)
    var info: Int32 = 0
    var (lwork, liwork): (Int32, Int32) = (-1, -1)
    var (askedWork, askedIntegers) = (0.0, Int32(0))
    dsyevd_("V", "U", &n, &a, &n, &w, &askedWork, &lwork, &askedIntegers, &liwork, &info)
    guard info == 0 else { return nil }
    (lwork, liwork) = (Int32(askedWork), askedIntegers)
    var work = [Double](repeating: 0, count: max(1, Int(lwork)))
    var integers = [Int32](repeating: 0, count: max(1, Int(liwork)))
    dsyevd_("V", "U", &n, &a, &n, &w, &work, &lwork, &integers, &liwork, &info)
    guard info == 0 else { return nil }
    for row in 0..<size {
      let part = a[row * size..<(row + 1) * size]
      let largest = part.max { abs($0) < abs($1) } ?? 0
      if largest < 0 { for at in row * size..<(row + 1) * size { a[at] = -a[at] } }
    }
    values = w
    vectors = a
  }
}
