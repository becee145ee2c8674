import Diagnostics

extension LinearAlgebraError {
  public var explanation: Explanation {
    switch self {
    case .notMatrix(let function, let argument, let shape):
      return Explanation(
        "\(function): \(argument) must be a matrix or a stack of them, two axes or more, got shape \(shape)",
        help: shape.count == 1 ? "reshape it: x.reshape(-1, 1) is a column, x.reshape(1, -1) a row" : nil)
    case .stack(let function, let argument, let shape):
      return Explanation(
        "\(function): \(argument) must be one matrix, got a stack of shape \(shape)",
        help: "take them one after the other: [\(function)(x, y) for x in a]")
    case .notSquare(let function, let shape):
      return Explanation(
        "\(function) wants a square matrix, got shape \(shape)",
        help: function == "solve" || function == "inverse"
          ? "lstsq and pinv take matrices of any shape" : "as many rows as columns, in the last two axes")
    case .rows(let function, let matrix, let right):
      return Explanation(
        "\(function): a matrix of shape \(matrix) has \(matrix[matrix.count - 2]) rows, the right side of shape \(right) has "
          + "\(right.count == 1 ? right[0] : right[right.count - 2])",
        help: "one row of the right side for each row of the matrix; transpose it, or reshape it")
    case .stacks(let function, let a, let b):
      return Explanation(
        "\(function): stacks of shapes \(a) and \(b) do not fit: the axes before the last two must be equal or 1")
    case .notFinite(let function, let argument, let value, let place):
      return Explanation(
        "\(function): \(argument)\(list(place)) is \(value), and LAPACK wants numbers that are finite",
        help: "isfinite(x) shows where they are; where(isfinite(x), x, 0) puts zeros in their place")
    case .singular(let function, let place, let isExact):
      return Explanation(
        "\(function): the matrix\(inStack(place)) is singular"
          + (isExact
            ? ": a row is a mixture of others" : " to the precision of doubles: no digit of an answer would be right"),
        help: function == "inverse"
          ? "pinv(a) gives the pseudo-inverse; a + 1e-3 * eye(n) is regular"
          : "lstsq(a, b) gives the shortest solution; a + 1e-3 * eye(n) is regular")
    case .notPositiveDefinite(let function, let place, let order):
      return Explanation(
        "\(function): the matrix\(inStack(place)) is not positive definite: its first \(count(order)) already "
          + "\(order == 1 ? "shows" : "show") it",
        help: "a covariance is with a little on its diagonal: a + 1e-3 * eye(n); eigh(a)[0] shows the eigenvalues")
    case .noConvergence(let function, let place):
      return Explanation("\(function): LAPACK's iteration did not end for the matrix\(inStack(place))")
    case .tooLarge(let function, let rows, let columns):
      return Explanation(
        "\(function) of a matrix of \(rows) × \(columns) does not fit into memory",
        help: "it needs several times the matrix in 64-bit numbers")
    case .noLibrary(let function):
      return Explanation(
        "\(function) needs OpenBLAS's LAPACK, and libopenblas.so.0 is not installed",
        help: "sudo apt install libopenblas0-pthread, or Scripts/setup.sh")
    case .noGradient(let function):
      return Explanation(
        "\(function) has no gradient",
        help: "solve, inverse, det, cholesky and eigh have one")
    }
  }

  private func list(_ place: [Int]) -> String { "[\(place.map(String.init).joined(separator: ", "))]" }

  private func inStack(_ place: [Int]) -> String { place.isEmpty ? "" : " at \(list(place)) of the stack" }

  private func count(_ order: Int) -> String { order == 1 ? "number" : "\(order) rows and columns" }
}
