import CLAPACK
import Tensors

/// A matrix, or a stack of them over the axes before the last two, checked: LAPACK is there, and all numbers are finite.
struct MatrixStack: Sendable {
  let numbers: Tensor
  /// The axes before the last two.
  let lead: [Int]
  let rows: Int
  let columns: Int
  let function: String

  var count: Int { lead.reduce(1, *) }

  init(_ tensor: Tensor, _ function: String, argument: String = "a", square: Bool = false) throws {
    guard twin_lapack_open() else { throw LinearAlgebraError.noLibrary(function: function) }
    guard tensor.rank >= 2 else {
      throw LinearAlgebraError.notMatrix(function: function, argument: argument, shape: tensor.shape)
    }
    numbers = tensor.detached
    lead = Array(tensor.shape.dropLast(2))
    rows = tensor.shape[tensor.rank - 2]
    columns = tensor.shape[tensor.rank - 1]
    self.function = function
    if square, rows != columns { throw LinearAlgebraError.notSquare(function: function, shape: tensor.shape) }
    // Workspaces of LAPACK take several times the matrix, in doubles; its sizes are 32-bit.
    let (most, least) = (max(rows, columns), min(rows, columns))
    guard most < 1 << 30, Double(most) * Double(least) * 8 < Double(Tensor.largestCount) else {
      throw LinearAlgebraError.tooLarge(function: function, rows: rows, columns: columns)
    }
    let bad = numbers.withUnsafeBuffer { values in
      values.firstIndex { !$0.isFinite }.map { (value: values[$0], place: Self.place($0, in: tensor.shape)) }
    }
    if let bad {
      throw LinearAlgebraError.notFinite(function: function, argument: argument, value: bad.value, place: bad.place)
    }
  }

  /// Where the number, or the matrix, of this place in row-major order stands.
  static func place(_ flat: Int, in shape: [Int]) -> [Int] {
    var (rest, place) = (flat, shape)
    for axis in shape.indices.reversed() {
      place[axis] = rest % max(1, shape[axis])
      rest /= max(1, shape[axis])
    }
    return place
  }

  func place(_ item: Int) -> [Int] { Self.place(item, in: lead) }

  /// The matrix row by row, which is its transpose column by column.
  func rowMajor(_ item: Int) -> [Double] {
    let size = rows * columns
    return numbers.withUnsafeBuffer { values in
      values[item * size..<(item + 1) * size].map(Double.init)
    }
  }

  /// The matrix column by column, with columns of `height` numbers, zeros below the matrix's own.
  func columnMajor(_ item: Int, height: Int? = nil) -> [Double] {
    let height = height ?? rows
    let (rows, columns) = (rows, columns)
    return numbers.withUnsafeBuffer { values in
      [Double](unsafeUninitializedCapacity: height * columns) { out, count in
        for column in 0..<columns {
          for row in 0..<height {
            out[column * height + row] = row < rows ? Double(values[(item * rows + row) * columns + column]) : 0
          }
        }
        count = height * columns
      }
    }
  }

  /// Workspace of the size that LAPACK asked for by `asked`.
  func workspace(_ asked: Double) throws -> [Double] {
    guard asked < Double(Int32.max) else {
      throw LinearAlgebraError.tooLarge(function: function, rows: rows, columns: columns)
    }
    return [Double](repeating: 0, count: max(1, Int(asked)))
  }
}

/// Numbers that several threads write, each in a place of its own. It lives as long as any of them may write.
final class ResultNumbers: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  private let shape: [Int]
  private let count: Int

  /// - Throws: `TensorError.tooLarge`.
  init(_ shape: [Int]) throws {
    let count = shape.reduce(into: 1.0) { $0 *= Double($1) }
    guard count <= Double(Tensor.largestCount) else { throw TensorError.tooLarge(shape: shape) }
    self.shape = shape
    self.count = Int(count)
    base = .allocate(capacity: max(1, self.count))
    base.initialize(repeating: 0, count: self.count)
  }

  deinit { base.deallocate() }

  func tensor() throws -> Tensor {
    // A zero that a sign has met is a zero.
    try Tensor(shape: shape) { out in for at in out.indices { out[at] = base[at] + 0 } }
  }
}
