import CLAPACK
import Tensors

extension Tensor {
  /// The lower triangular L with a positive diagonal and L·Lᵀ = A; of A the lower triangle is read.
  public func cholesky() throws -> Tensor {
    let a = try MatrixStack(self, "cholesky", square: true)
    let size = a.rows
    let out = try ResultNumbers(shape)
    try StackWork.run(count: a.count, cost: pow3(size) / 3) { item in
      guard size > 0 else { return }
      // The lower triangle row by row is the upper one column by column.
      var numbers = a.rowMajor(item)
      let order = twin_dpotrf(CChar(UInt8(ascii: "U")), Int32(size), &numbers)
      guard order == 0 else {
        throw LinearAlgebraError.notPositiveDefinite(function: "cholesky", place: a.place(item), order: Int(order))
      }
      let to = out.base + item * size * size
      for row in 0..<size { for at in row * size...row * size + row { to[at] = Float(numbers[at]) } }
    }
    return try out.tensor().recorded(differentiable: "cholesky", from: [self]) { _, l, g in
      // Murray 2016, "Differentiation of the Cholesky decomposition": L⁻ᵀ · Φ(Lᵀ·g) · L⁻¹.
      let half = try Tensor.lowerTriangle(size, diagonal: 0.5)
      let turned = try l.matrixTransposed()
      let middle = try turned.matmul(g * Tensor.lowerTriangle(size, diagonal: 1)) * half
      let s = try turned.solved(turned.solved(middle).matrixTransposed())
      return [try (s + s.matrixTransposed()) * half]
    }
  }

  public enum QRMode: Sendable { case reduced, complete, r }

  /// Q with orthonormal columns and the upper triangular R, whose diagonal is not negative; Q·R = A.
  /// - Returns: q is nil where R alone is asked for.
  public func qr(_ mode: QRMode = .reduced) throws -> (q: Tensor?, r: Tensor) {
    try refuseTrace("qr")
    let a = try MatrixStack(self, "qr")
    let (rows, columns) = (a.rows, a.columns)
    let least = Swift.min(rows, columns)
    let width = mode == .complete ? rows : least
    let q = try ResultNumbers(a.lead + [mode == .r ? 0 : rows, mode == .r ? 0 : width])
    let r = try ResultNumbers(a.lead + [width, columns])
    let cost = Double(rows) * Double(columns) * Double(Swift.max(least, width)) * 4
    try StackWork.run(count: a.count, cost: cost) { item in
      let toQ = q.base + item * rows * width
      let toR = r.base + item * width * columns
      guard least > 0 else {
        if mode == .complete { for row in 0..<rows { toQ[row * width + row] = 1 } }
        return
      }
      var numbers = a.columnMajor(item)
      var tau = [Double](repeating: 0, count: least)
      var asked = 0.0
      _ = twin_dgeqrf(Int32(rows), Int32(columns), &numbers, &tau, &asked, -1)
      var work = try a.workspace(asked)
      _ = twin_dgeqrf(Int32(rows), Int32(columns), &numbers, &tau, &work, Int32(work.count))
      let turns = (0..<least).map { numbers[$0 * rows + $0] < 0 }
      for row in 0..<least {
        for column in row..<columns {
          let number = Float(numbers[column * rows + row])
          toR[row * columns + column] = turns[row] ? -number : number
        }
      }
      guard mode != .r else { return }
      numbers += [Double](repeating: 0, count: Swift.max(0, width - columns) * rows)
      _ = twin_dorgqr(Int32(rows), Int32(width), Int32(least), &numbers, tau, &asked, -1)
      work = try a.workspace(asked)
      _ = twin_dorgqr(Int32(rows), Int32(width), Int32(least), &numbers, tau, &work, Int32(work.count))
      for column in 0..<width {
        for row in 0..<rows {
          let number = Float(numbers[column * rows + row])
          toQ[row * width + column] = column < least && turns[column] ? -number : number
        }
      }
    }
    return (mode == .r ? nil : try q.tensor(), try r.tensor())
  }

  /// U · diag(s) · Vᵀ = A: the singular values fall; the largest number of each column of U is positive.
  /// - Parameter full: whether U and Vᵀ are square.
  public func singularValues(full: Bool = true) throws -> (u: Tensor, s: Tensor, vt: Tensor) {
    try refuseTrace("svd")
    let a = try MatrixStack(self, "svd")
    let (rows, columns) = (a.rows, a.columns)
    let least = Swift.min(rows, columns)
    let (uColumns, vtRows) = full ? (rows, columns) : (least, least)
    guard !full || Double(Swift.max(rows, columns)) * Double(Swift.max(rows, columns)) * 8 < Double(Tensor.largestCount)
    else { throw LinearAlgebraError.tooLarge(function: "svd", rows: rows, columns: columns) }
    let u = try ResultNumbers(a.lead + [rows, uColumns])
    let s = try ResultNumbers(a.lead + [least])
    let vt = try ResultNumbers(a.lead + [vtRows, columns])
    let cost = Double(rows) * Double(columns) * Double(Swift.max(rows, columns)) * 15
    try StackWork.run(count: a.count, cost: cost) { item in
      let found = try SingularValues(a, item, full ? .full : .reduced)
      for (to, numbers, size) in [
        (u.base, found.u, rows * uColumns), (s.base, found.values, least), (vt.base, found.vt, vtRows * columns),
      ] {
        for at in 0..<size { to[item * size + at] = Float(numbers[at]) }
      }
    }
    return (try u.tensor(), try s.tensor(), try vt.tensor())
  }

  /// The singular values alone, falling.
  public func singularValuesAlone() throws -> Tensor {
    try refuseTrace("svd")
    let a = try MatrixStack(self, "svd")
    let least = Swift.min(a.rows, a.columns)
    let s = try ResultNumbers(a.lead + [least])
    try StackWork.run(count: a.count, cost: Double(a.rows) * Double(a.columns) * Double(least) * 3) { item in
      let found = try SingularValues(a, item, .none)
      for at in 0..<least { s.base[item * least + at] = Float(found.values[at]) }
    }
    return try s.tensor()
  }

  /// Eigenvalues in rising order and the eigenvectors in columns, the largest number of each positive, of a symmetric
  /// matrix, whose lower triangle is read.
  public func symmetricEigen() throws -> (values: Tensor, vectors: Tensor) {
    let a = try MatrixStack(self, "eigh", square: true)
    let size = a.rows
    // In one tensor, so that they have one gradient: the values above the vectors.
    let out = try ResultNumbers(a.lead + [size + 1, size])
    try StackWork.run(count: a.count, cost: pow3(size) * 9) { item in
      guard size > 0 else { return }
      var numbers = a.rowMajor(item)
      var values = [Double](repeating: 0, count: size)
      let job = CChar(UInt8(ascii: "U"))
      var (asked, integerCount) = (0.0, Int32(0))
      _ = twin_dsyevd(job, Int32(size), &numbers, &values, &asked, -1, &integerCount, -1)
      var work = try a.workspace(asked)
      var integers = [Int32](repeating: 0, count: Swift.max(1, Int(integerCount)))
      guard
        twin_dsyevd(
          job, Int32(size), &numbers, &values, &work, Int32(work.count), &integers, Int32(integers.count)) == 0
      else { throw LinearAlgebraError.noConvergence(function: "eigh", place: a.place(item)) }
      let to = out.base + item * (size + 1) * size
      for k in 0..<size {
        to[k] = Float(values[k])
        let turns = isTurned(size) { numbers[k * size + $0] }
        for row in 0..<size {
          let number = Float(numbers[k * size + row])
          to[(row + 1) * size + k] = turns ? -number : number
        }
      }
    }
    let packed = try out.tensor().recorded(differentiable: "eigh", from: [self]) { _, y, g in
      let (values, vectors) = try y.unpackedEigen()
      let (toValues, toVectors) = try g.unpackedEigen()
      let apart = try values.expanded(-2) - values.expanded(-1)
      let same = try apart.detached.compared(.equal, Tensor(scalar: 0))
      let (zero, one) = (Tensor(scalar: 0), Tensor(scalar: 1))
      // Equal eigenvalues have no vectors of their own: what turns one into another changes nothing.
      let shares = try zero.selected(where: same, else: one / one.selected(where: same, else: apart))
      let turned = try vectors.matrixTransposed()
      let middle = try toValues.expanded(-1) * Tensor.eye(size) + shares * turned.matmul(toVectors)
      let whole = try vectors.matmul(middle).matmul(turned)
      return [try (whole + whole.matrixTransposed()) * Tensor.lowerTriangle(size, diagonal: 0.5)]
    }
    return try packed.unpackedEigen()
  }

  private func unpackedEigen() throws -> (values: Tensor, vectors: Tensor) {
    let lead = Array(repeating: TensorIndex.all, count: rank - 2)
    return (try subscripted(lead + [.at(0)]), try subscripted(lead + [.slice(start: 1, stop: nil, step: 1)]))
  }

  /// No gradient goes through, and none is left out silently.
  func refuseTrace(_ function: String) throws {
    if trace != nil { throw LinearAlgebraError.noGradient(function: function) }
  }

  /// Ones below the diagonal, and `diagonal` on it.
  private static func lowerTriangle(_ size: Int, diagonal: Float) throws -> Tensor {
    try Tensor(shape: [size, size]) { out in
      for at in out.indices {
        let (row, column) = (at / size, at % size)
        out[at] = column < row ? 1 : column == row ? diagonal : 0
      }
    }
  }
}
