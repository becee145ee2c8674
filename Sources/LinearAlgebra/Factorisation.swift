import CLAPACK

/// A square matrix as a product of two triangular ones, by LAPACK's dgetrf: rows and columns are first scaled by powers of
/// two, which is exact, so that a matrix in mixed units is not taken for a singular one.
struct Factorisation {
  private let size: Int
  /// Of the transpose, column by column.
  private var factors: [Double]
  private var pivots: [Int32]
  private var rowExponents: [Int]
  private var columnExponents: [Int]
  /// A row or column vanishes, or a pivot does.
  private(set) var isSingular = false
  /// The 1-norm of what was factored.
  private let norm: Double

  /// - Parameter matrix: row by row.
  init(_ matrix: [Double], size: Int) {
    self.size = size
    factors = matrix
    pivots = [Int32](repeating: 0, count: size)
    rowExponents = [Int](repeating: 0, count: size)
    columnExponents = rowExponents
    for row in 0..<size {
      var largest = 0.0
      for column in 0..<size { largest = max(largest, abs(matrix[row * size + column])) }
      if largest == 0 { isSingular = true } else { rowExponents[row] = Int(largest.exponent) }
      let scale = Double(sign: .plus, exponent: -rowExponents[row], significand: 1)
      for column in 0..<size { factors[row * size + column] *= scale }
    }
    for column in 0..<size {
      var largest = 0.0
      for row in 0..<size { largest = max(largest, abs(factors[row * size + column])) }
      if largest == 0 { isSingular = true } else { columnExponents[column] = Int(largest.exponent) }
      let scale = Double(sign: .plus, exponent: -columnExponents[column], significand: 1)
      for row in 0..<size { factors[row * size + column] *= scale }
    }
    var norm = 0.0
    for row in 0..<size {
      var sum = 0.0
      for column in 0..<size { sum += abs(factors[row * size + column]) }
      norm = max(norm, sum)
    }
    self.norm = norm
    guard size > 0, !isSingular else { return }
    if twin_dgetrf(Int32(size), Int32(size), &factors, &pivots) > 0 { isSingular = true }
  }

  /// Whether an answer would have no right digit: the reciprocal of its condition is below the rounding of doubles.
  func isHopeless() -> Bool {
    guard size > 1, !isSingular else { return isSingular }
    var reciprocal = 0.0
    var work = [Double](repeating: 0, count: 4 * size)
    var integers = [Int32](repeating: 0, count: size)
    _ = twin_dgecon(Int32(size), factors, norm, &reciprocal, &work, &integers)
    return !(reciprocal >= Double.ulpOfOne)
  }

  /// The solutions of A·x = b.
  /// - Parameter right: column by column.
  func solved(_ right: [Double], columns: Int) -> [Double] {
    guard size > 0, columns > 0 else { return right }
    var x = right
    for column in 0..<columns {
      for row in 0..<size {
        x[column * size + row] *= Double(sign: .plus, exponent: -rowExponents[row], significand: 1)
      }
    }
    _ = twin_dgetrs(CChar(UInt8(ascii: "T")), Int32(size), Int32(columns), factors, pivots, &x)
    for column in 0..<columns {
      for row in 0..<size {
        x[column * size + row] *= Double(sign: .plus, exponent: -columnExponents[row], significand: 1)
      }
    }
    return x
  }

  /// Row by row.
  func inverse() -> [Double] {
    guard size > 0 else { return [] }
    var result = factors
    var asked = 0.0
    _ = twin_dgetri(Int32(size), &result, pivots, &asked, -1)
    let length = min(max(size, Int(asked)), Int(Int32.max))
    var work = [Double](repeating: 0, count: length)
    _ = twin_dgetri(Int32(size), &result, pivots, &work, Int32(length))
    for row in 0..<size {
      for column in 0..<size {
        result[row * size + column] *= Double(
          sign: .plus, exponent: -columnExponents[row] - rowExponents[column], significand: 1)
      }
    }
    return result
  }

  /// Multiplied with the exponents apart, so that only the result can be too large.
  var determinant: Double {
    if size == 0 { return 1 }
    if isSingular { return 0 }
    var product = 1.0
    var exponent = 0
    for i in 0..<size {
      product *= pivots[i] == Int32(i + 1) ? factors[i * size + i] : -factors[i * size + i]
      guard product != 0 else { return 0 }
      exponent += Int(product.exponent) + rowExponents[i] + columnExponents[i]
      product = Double(sign: product.sign, exponent: 0, significand: product.significand)
    }
    // Far beyond what a float holds; a double's own exponents reach to 1023.
    return Double(sign: .plus, exponent: max(-1100, min(1100, exponent)), significand: product)
  }
}
