import LinearAlgebra
import Testing

@testable import Tensors

/// Gradients of linear algebra by central differences, of first and second order.
@Suite struct LinearAlgebraGradientTests {
  private static func regular(_ shape: [Int], _ seed: UInt64 = 1) throws -> Tensor {
    try sample(shape, seed) * 0.5 + Tensor.eye(shape[shape.count - 1]) * 3
  }

  /// Eigenvalues apart, so that differences of vectors are small.
  private static func graded(_ shape: [Int]) throws -> Tensor {
    let size = shape[shape.count - 1]
    return try sample(shape) * 0.3 + Tensor.eye(size) * Tensor.arange(1, Double(2 * size + 1), 2)
  }

  @Test(arguments: [[1, 1], [3, 3], [2, 3, 3]]) func firstDerivatives(shape: [Int]) throws {
    let size = shape[shape.count - 1]
    let a = try Self.regular(shape)
    try checkGradient([a, sample([size], 2)]) { try $0[0].solved($0[1]) }
    try checkGradient([a, sample([size, 2], 2)]) { try $0[0].solved($0[1]) }
    try checkGradient([a, sample([2, size, 1], 2)]) { try $0[0].solved($0[1]) }
    try checkGradient([a]) { try $0[0].inverse() }
    try checkGradient([a]) { try $0[0].determinant() }
    try checkGradient([a]) { try $0[0].cholesky() }
    let graded = try Self.graded(shape)
    try checkGradient([graded], step: 5e-3) { try $0[0].symmetricEigen().values }
    try checkGradient([graded], step: 5e-3) { try $0[0].symmetricEigen().vectors }
    try checkGradient([graded], step: 5e-3) {
      let (w, v) = try $0[0].symmetricEigen()
      return try v * w.expanded(-2)
    }
  }

  /// A singular matrix has a determinant's gradient, its cofactors.
  @Test func determinantsOfSingularMatrices() throws {
    for numbers: [Float] in [
      [1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 2, 4, 6, 0, 1, 0], [1, 1, 1, 1, 1, 1, 1, 1, 1],
      [0, 0, 0, 0, 0, 0, 0, 0, 0],
    ] {
      let a = try Tensor(numbers, shape: [3, 3])
      let found = try gradient(of: { try $0.determinant() }, at: a).values
      for row in 0..<3 {
        for column in 0..<3 {
          let rows = (0..<3).filter { $0 != row }
          let columns = (0..<3).filter { $0 != column }
          func at(_ i: Int, _ j: Int) -> Float { numbers[rows[i] * 3 + columns[j]] }
          let cofactor = (at(0, 0) * at(1, 1) - at(0, 1) * at(1, 0)) * ((row + column) % 2 == 0 ? 1 : -1)
          #expect(abs(found[row * 3 + column] - cofactor) < 1e-4)
        }
      }
    }
  }

  /// Eigenvalues alone have a gradient where some are equal: that of their sum is the unit matrix.
  @Test func equalEigenvalues() throws {
    let found = try gradient(of: { try $0.symmetricEigen().values.sum() }, at: Tensor.eye(4) * 2)
    for (at, value) in found.values.enumerated() { #expect(abs(value - (at % 5 == 0 ? 1 : 0)) < 1e-6) }
  }

  @Test(arguments: ["solve", "inverse", "det", "cholesky", "eigh"]) func secondDerivatives(name: String) throws {
    let at = try name == "eigh" ? Self.graded([3, 3]) : Self.regular([3, 3])
    let right = try sample([3], 5)
    func run(_ x: Tensor) throws -> Tensor {
      switch name {
      case "solve": try x.solved(right)
      case "inverse": try x.inverse() * 3
      case "det": try x.determinant() * 0.05
      case "cholesky": try x.cholesky()
      default: try x.symmetricEigen().values
      }
    }
    func slope(_ x: Tensor) throws -> Tensor {
      try gradient(
        of: { v in
          let y = try run(v)
          return try (y * y).sum()
        }, at: x)
    }
    let second = try gradient(of: { try (slope($0) * slope($0)).sum() }, at: at)
    for place in 0..<9 {
      func moved(_ by: Float) throws -> Double {
        var values = at.values
        values[place] += by
        return try slope(Tensor(values, shape: [3, 3])).values.reduce(0) { $0 + Double($1) * Double($1) }
      }
      let expected = Float((try moved(1e-2) - moved(-1e-2)) / 2e-2)
      #expect(abs(second.values[place] - expected) <= 3e-2 * max(1, abs(expected)), "\(name) \(place)")
    }
  }

  /// What has no gradient says so; nothing becomes 0 in silence.
  @Test func withoutGradient() throws {
    for (name, function) in [
      ("qr", { try $0.qr().r.sum() }), ("svd", { try $0.singularValues().s.sum() }),
      ("svd", { try $0.singularValuesAlone().sum() }), ("pinv", { try $0.pseudoInverse().sum() }),
      ("lstsq", { try $0.leastSquares(Tensor.ones([2])).solution.sum() }),
      ("lstsq", { try Tensor.ones([2, 2]).leastSquares($0).solution.sum() }),
    ] as [(String, (Tensor) throws -> Tensor)] {
      #expect(throws: LinearAlgebraError.noGradient(function: name)) {
        try gradient(of: function, at: Tensor([2, 1, 1, 3], shape: [2, 2]))
      }
    }
  }
}
