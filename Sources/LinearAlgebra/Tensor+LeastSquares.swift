import CLAPACK
import Tensors

/// What `numpy.linalg.lstsq` gives.
public struct LeastSquares: Sendable {
  public let solution: Tensor
  /// For each column of the right side Σ (b − A·x)²; empty where the rank is less than the columns, or no rows are left over.
  public let residuals: Tensor
  public let rank: Int
  /// Of the matrix, falling.
  public let singularValues: Tensor
}

extension Tensor {
  /// Singular values below this share of the largest count as 0: what rounding to 32 bits leaves of a zero.
  private static func smallest(_ given: Double?, _ rows: Int, _ columns: Int) -> Double {
    given ?? Double(Float.ulpOfOne) * Double(Swift.max(rows, columns))
  }

  /// The x with the least |A·x − b|², of several the shortest. One matrix; b a vector or a matrix.
  public func leastSquares(_ right: Tensor, rcond: Double? = nil) throws -> LeastSquares {
    try refuseTrace("lstsq")
    try right.refuseTrace("lstsq")
    let a = try MatrixStack(self, "lstsq")
    guard a.lead.isEmpty else { throw LinearAlgebraError.stack(function: "lstsq", argument: "a", shape: shape) }
    guard right.rank <= 2 else { throw LinearAlgebraError.stack(function: "lstsq", argument: "b", shape: right.shape) }
    let b = try MatrixStack(right.rank == 1 ? right.reshaped([right.shape[0], 1]) : right, "lstsq", argument: "b")
    guard a.rows == b.rows else { throw LinearAlgebraError.rows(function: "lstsq", matrix: shape, right: right.shape) }
    let (rows, columns, count) = (a.rows, a.columns, b.columns)
    let least = Swift.min(rows, columns)
    let height = Swift.max(rows, columns)
    let x = try ResultNumbers(right.rank == 1 ? [columns] : [columns, count])
    let s = try ResultNumbers([least])
    let sums = try ResultNumbers([count])
    let found = Rank()
    let share = Self.smallest(rcond, rows, columns)
    try StackWork.run(
      count: 1, cost: Double(rows) * Double(columns) * Double(least + count) * 4
    ) { _ in
      var numbers = a.columnMajor(0)
      var sides = b.columnMajor(0, height: height)
      if least > 0, count > 0 {
        var values = [Double](repeating: 0, count: least)
        var (rank, asked, asksIntegers) = (Int32(0), 0.0, [Int32](repeating: 0, count: 1))
        let (m, n, k) = (Int32(rows), Int32(columns), Int32(count))
        _ = twin_dgelsd(m, n, k, &numbers, &sides, Int32(height), &values, share, &rank, &asked, -1, &asksIntegers)
        var work = try a.workspace(asked)
        var integers = [Int32](repeating: 0, count: Swift.max(1, Int(asksIntegers[0])))
        guard
          twin_dgelsd(
            m, n, k, &numbers, &sides, Int32(height), &values, share, &rank, &work, Int32(work.count), &integers) == 0
        else { throw LinearAlgebraError.noConvergence(function: "lstsq", place: []) }
        found.value = Int(rank)
        for at in 0..<least { s.base[at] = Float(values[at]) }
      } else if least > 0 {
        let values = try SingularValues(a, 0, .none).values
        found.value = values.count { $0 > share * (values.first ?? 0) }
        for at in 0..<least { s.base[at] = Float(values[at]) }
      }
      for column in 0..<count {
        for row in 0..<columns where least > 0 { x.base[row * count + column] = Float(sides[column * height + row]) }
        guard found.value == columns, rows > columns else { continue }
        var sum = 0.0
        for row in columns..<rows { sum += sides[column * height + row] * sides[column * height + row] }
        sums.base[column] = Float(sum)
      }
    }
    let isDetermined = found.value == columns && rows > columns
    return LeastSquares(
      solution: try x.tensor(), residuals: isDetermined ? try sums.tensor() : try Tensor([], shape: [0]),
      rank: found.value, singularValues: try s.tensor())
  }

  /// Written by the one thread that works, read when it has ended.
  private final class Rank: @unchecked Sendable { var value = 0 }

  /// The Moore-Penrose inverse of each matrix: V · diag(1 / s) · Uᵀ over the singular values above `rcond` times the largest.
  public func pseudoInverse(rcond: Double? = nil) throws -> Tensor {
    try refuseTrace("pinv")
    let a = try MatrixStack(self, "pinv")
    let (rows, columns) = (a.rows, a.columns)
    let share = Self.smallest(rcond, rows, columns)
    let out = try ResultNumbers(a.lead + [columns, rows])
    try StackWork.run(
      count: a.count, cost: Double(rows) * Double(columns) * Double(Swift.min(rows, columns)) * 20
    ) { item in
      let found = try SingularValues(a, item, .reduced)
      let chosen = found.values.indices.filter { found.values[$0] > share * (found.values.first ?? 0) }
      let us = chosen.map { k in (0..<rows).map { found.u[$0 * found.uColumns + k] } }
      var sums = [Double](repeating: 0, count: rows)
      for column in 0..<columns {
        for at in 0..<rows { sums[at] = 0 }
        for (place, k) in chosen.enumerated() {
          let factor = found.vt[k * columns + column] / found.values[k]
          us[place].withUnsafeBufferPointer { u in for at in 0..<rows { sums[at] += factor * u[at] } }
        }
        let to = out.base + (item * columns + column) * rows
        for at in 0..<rows { to[at] = Float(sums[at]) }
      }
    }
    return try out.tensor()
  }

  /// The derivative of the determinant by each number, of singular matrices too: det(U)·det(V) · U · diag(p) · Vᵀ, where
  /// p(i) is the product of all singular values but s(i).
  func cofactors() throws -> Tensor {
    let a = try MatrixStack(self, "det", square: true)
    let size = a.rows
    let out = try ResultNumbers(shape)
    try StackWork.run(count: a.count, cost: pow3(size) * 20) { item in
      guard size > 0 else { return }
      let found = try SingularValues(a, item, .full)
      let sides =
        Factorisation(found.u, size: size).determinant * Factorisation(found.vt, size: size).determinant
      var before = [Double](repeating: sides < 0 ? -1 : 1, count: size + 1)
      for k in 0..<size { before[k + 1] = before[k] * found.values[k] }
      var after = 1.0
      var others = [Double](repeating: 0, count: size)
      for k in (0..<size).reversed() {
        others[k] = before[k] * after
        after *= found.values[k]
      }
      let to = out.base + item * size * size
      var sums = [Double](repeating: 0, count: size)
      for row in 0..<size {
        for at in 0..<size { sums[at] = 0 }
        for k in 0..<size {
          let factor = found.u[row * size + k] * others[k]
          for at in 0..<size { sums[at] += factor * found.vt[k * size + at] }
        }
        for at in 0..<size { to[row * size + at] = Float(sums[at]) }
      }
    }
    return try out.tensor()
  }
}
