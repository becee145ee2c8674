import Tensors

/// Eigenvalues and eigenvectors of a symmetric matrix, in doubles and in one order: the same bits on every processor and
/// with any number of threads.
///
/// Householder's reflections to a tridiagonal matrix, then the implicit QL iteration with the rotations applied to the
/// vectors: `tred2` and `imtql2` of Martin, Reinsch and Wilkinson (1968) and Dubrulle, Martin and Wilkinson (1968), as
/// EISPACK has them; reflections in panels after Dongarra, Sorensen and Hammarling (1989), rotations in batches after
/// Van Zee, van de Geijn and Quintana-Ortí (2014). Eigenvalues are right to a few units in the last place of the greatest,
/// as LAPACK's are.
public struct SymmetricEigen: Sendable {
  /// In rising order.
  public let values: [Double]
  /// Row k is the eigenvector of `values[k]`, of length 1; its sign is such that its largest element is positive, so that
  /// one matrix has one result.
  public let vectors: [Double]

  /// - Parameter matrix: size · size numbers; the lower triangle is read.
  /// - Returns: nil where there is no solution: numbers that are not finite, or eigenvalues beyond what a double holds.
  public init?(_ matrix: [Double], size: Int, workers: Workers = .shared) {
    guard size > 0, matrix.count == size * size, matrix.allSatisfy(\.isFinite) else { return nil }
    // By a power of two, which is exact, to numbers of at most 2: squares neither overflow nor vanish where they count.
    var largest = 0.0
    for row in 0..<size { for at in row * size...row * size + row { largest = max(largest, abs(matrix[at])) } }
    let exponent = largest > 0 ? max(-1022, Int(largest.exponent)) : 0
    let down = Double(sign: .plus, exponent: -exponent, significand: 1)
    let form = TridiagonalForm(matrix, size: size, times: down, workers: workers)
    guard let found = QLIteration.run(form, workers: workers) else { return nil }

    let order = found.values.indices.sorted { (found.values[$0], $0) < (found.values[$1], $1) }
    values = order.map { Double(sign: .plus, exponent: exponent, significand: found.values[$0]) }
    guard values.allSatisfy(\.isFinite) else { return nil }
    vectors = [Double](unsafeUninitializedCapacity: size * size) { out, count in
      for (k, place) in order.enumerated() {
        let row = UnsafeMutableBufferPointer(rebasing: out[k * size..<(k + 1) * size])
        var extreme = 0.0
        for at in 0..<size {
          row[at] = found.panels[((at >> 4) * size + place) << 4 | at & 15]
          if abs(row[at]) > abs(extreme) { extreme = row[at] }
        }
        // Thousands of rotations, each of which is a rounding away from one, have changed the length by as many.
        guard let base = row.baseAddress else { continue }
        let length = kernels.dotProduct(base, base, size).squareRoot()
        let divisor = extreme < 0 ? -length : length
        for at in 0..<size { row[at] /= divisor }
      }
      count = size * size
    }
  }
}
