import CLAPACK

/// U · diag(values) · Vᵀ of one matrix, by LAPACK's dgesdd; the values fall.
struct SingularValues {
  enum Vectors { case none, reduced, full }

  let values: [Double]
  /// Row by row, [rows, width of u].
  private(set) var u: [Double] = []
  /// Row by row, [height of vt, columns].
  private(set) var vt: [Double] = []
  let uColumns: Int
  let vtRows: Int

  /// - Throws: `LinearAlgebraError.noConvergence`, `.tooLarge`.
  init(_ stack: MatrixStack, _ item: Int, _ vectors: Vectors) throws {
    let (rows, columns) = (stack.rows, stack.columns)
    let least = min(rows, columns)
    uColumns = vectors == .none ? 0 : vectors == .full ? rows : least
    vtRows = vectors == .none ? 0 : vectors == .full ? columns : least
    guard least > 0 else {
      values = []
      u = Self.unit(vectors == .full ? rows : 0)
      vt = Self.unit(vectors == .full ? columns : 0)
      return
    }
    // Row by row a matrix is its transpose column by column: U and V change their places.
    var a = stack.rowMajor(item)
    var s = [Double](repeating: 0, count: least)
    u = [Double](repeating: 0, count: max(1, rows * uColumns))
    vt = [Double](repeating: 0, count: max(1, columns * vtRows))
    var integers = [Int32](repeating: 0, count: 8 * least)
    let job = CChar(UInt8(ascii: vectors == .none ? "N" : vectors == .full ? "A" : "S"))
    let (m, n, ldvt) = (Int32(columns), Int32(rows), Int32(max(1, uColumns)))
    var asked = 0.0
    _ = twin_dgesdd(job, m, n, &a, &s, &vt, m, &u, ldvt, &asked, -1, &integers)
    var work = try stack.workspace(asked)
    guard twin_dgesdd(job, m, n, &a, &s, &vt, m, &u, ldvt, &work, Int32(work.count), &integers) == 0 else {
      throw LinearAlgebraError.noConvergence(function: stack.function, place: stack.place(item))
    }
    values = s
    if vectors != .none { fixSigns(rows, columns) }
  }

  private static func unit(_ size: Int) -> [Double] {
    (0..<size * size).map { $0 / size == $0 % size ? 1 : 0 }
  }

  /// The largest number of each column of U is positive, the row of Vᵀ turns with it; what stands beyond, likewise.
  private mutating func fixSigns(_ rows: Int, _ columns: Int) {
    for k in 0..<max(uColumns, vtRows) {
      let turns: Bool
      if k < uColumns {
        turns = isTurned(rows) { u[$0 * uColumns + k] }
      } else {
        turns = isTurned(columns) { vt[k * columns + $0] }
      }
      guard turns else { continue }
      if k < uColumns { for row in 0..<rows { u[row * uColumns + k] = -u[row * uColumns + k] } }
      // Beyond the values, rows of Vᵀ belong to no column of U.
      if k < vtRows, k < values.count || k >= uColumns {
        for column in 0..<columns { vt[k * columns + column] = -vt[k * columns + column] }
      }
    }
  }
}

/// Whether the largest of these numbers is negative: the first of those that are as large but for rounding, so that another
/// machine's rounding seldom gives another sign.
func isTurned(_ count: Int, _ number: (Int) -> Double) -> Bool {
  var largest = 0.0
  for at in 0..<count { largest = max(largest, abs(number(at))) }
  for at in 0..<count where abs(number(at)) >= largest * (1 - 1e-6) { return number(at) < 0 }
  return false
}
