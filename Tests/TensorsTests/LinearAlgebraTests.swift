import Foundation
import LinearAlgebra
import Testing

@testable import Tensors

/// Beside NumPy's recorded answers, and by what each decomposition promises on random shapes.
@Suite struct LinearAlgebraTests {
  private static func near(
    _ got: Tensor, _ expected: Tensor, _ name: String, within tolerance: Float = 2e-5,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(got.shape == expected.shape, "\(name)", sourceLocation: sourceLocation)
    let size = expected.values.reduce(1) { max($0, abs($1)) }
    let worst = zip(got.values, expected.values).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
    #expect(worst <= tolerance * size, "\(name)", sourceLocation: sourceLocation)
  }

  private struct Line {
    var function: String
    var operands: [Tensor]
    var answers: [Tensor]
  }

  private static func lines() throws -> [Line] {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("References/linear_algebra.txt")
    func arrays(_ text: Substring) throws -> [Tensor] {
      try text.split(separator: ";").map { array in
        let parts = array.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts[1].split(separator: " ").compactMap { Float($0) }
        return try Tensor(numbers, shape: parts[0].split(separator: ",").compactMap { Int($0) })
      }
    }
    return try String(contentsOf: path, encoding: .utf8).split(separator: "\n").map { line in
      let parts = line.split(separator: "\t")
      return Line(function: String(parts[0]), operands: try arrays(parts[1]), answers: try arrays(parts[2]))
    }
  }

  @Test func asNumPy() throws {
    let lines = try Self.lines()
    #expect(lines.count > 180)
    for line in lines {
      let a = line.operands[0]
      let got: [Tensor]
      switch line.function {
      case "solve": got = [try a.solved(line.operands[1])]
      case "inverse": got = [try a.inverse()]
      case "det": got = [try a.determinant()]
      case "cholesky": got = [try a.cholesky()]
      case "pinv": got = [try a.pseudoInverse()]
      case "eigh":
        let found = try a.symmetricEigen()
        got = [found.values, found.vectors]
      case "svd":
        let found = try a.singularValues(full: false)
        got = [found.u, found.s, found.vt]
      case "qr":
        let found = try a.qr()
        got = [try #require(found.q), found.r]
      case "lstsq":
        let found = try a.leastSquares(line.operands[1])
        got = [found.solution, found.residuals, Tensor(scalar: Float(found.rank)), found.singularValues]
      default: got = []
      }
      #expect(got.count == line.answers.count)
      // The condition of these is at most 10⁴, and NumPy's answers are those of the numbers in 64 bits.
      for (one, other) in zip(got, line.answers) { Self.near(one, other, "\(line.function) of \(a.shape)") }
    }
  }

  private static func transposed(_ x: Tensor) throws -> Tensor {
    var axes = Array(x.shape.indices)
    axes.swapAt(x.rank - 2, x.rank - 1)
    return try x.transposed(axes)
  }

  @Test(arguments: 0..<60) func decompositionsComeTogetherAgain(seed: Int) throws {
    var random = RandomStream(seed: UInt64(seed))
    let (m, n) = (1 + random.int(below: 12), 1 + random.int(below: 12))
    let lead = Array([[], [], [2], [0], [3, 1]][seed % 5])
    let a = try sample(lead + [m, n], UInt64(seed))
    let square = try sample(lead + [n, n], UInt64(seed) + 7) + Tensor.eye(n) * 4
    let name = "seed \(seed): \(a.shape)"

    for mode in [QRModeCase.reduced, .complete] {
      let (q, r) = try a.qr(mode == .reduced ? .reduced : .complete)
      let orthogonal = try #require(q)
      Self.near(try orthogonal.matmul(r), a, "Q·R, \(name)")
      let width = mode == .reduced ? min(m, n) : m
      let unit = try Tensor.eye(width).broadcast(to: lead + [width, width])
      Self.near(try Self.transposed(orthogonal).matmul(orthogonal), unit, "Qᵀ·Q, \(name)")
      for (at, value) in r.values.enumerated() {
        let (row, column) = (at / n % width, at % n)
        #expect(column < row ? value == 0 : column > row || value >= 0)
      }
      #expect(try a.qr(.r).r.values == a.qr().r.values)
    }

    for full in [false, true] {
      let (u, s, vt) = try a.singularValues(full: full)
      let least = min(m, n)
      #expect(u.shape == lead + [m, full ? m : least] && vt.shape == lead + [full ? n : least, n])
      let cutU = try u.subscripted(lead.map { _ in .all } + [.all, .slice(start: 0, stop: least, step: 1)])
      let cutV = try vt.subscripted(lead.map { _ in .all } + [.slice(start: 0, stop: least, step: 1), .all])
      Self.near(try (cutU * s.expanded(-2)).matmul(cutV), a, "U·S·Vᵀ, \(name)")
      let unit = try Tensor.eye(u.shape[u.rank - 1])
      Self.near(
        try Self.transposed(u).matmul(u), try unit.broadcast(to: lead + unit.shape), "Uᵀ·U, \(name)")
      let unitV = try Tensor.eye(vt.shape[vt.rank - 2])
      Self.near(try vt.matmul(Self.transposed(vt)), try unitV.broadcast(to: lead + unitV.shape), "Vᵀ·V, \(name)")
      #expect(try s.values.elementsEqual(a.singularValuesAlone().values) { abs($0 - $1) < 1e-5 * (1 + $0) })
      if least > 1 {
        for at in s.values.indices where at % least > 0 { #expect(s.values[at] <= s.values[at - 1]) }
      }
    }

    let symmetric = try square + Self.transposed(square)
    let (w, v) = try symmetric.symmetricEigen()
    Self.near(try (v * w.expanded(-2)).matmul(Self.transposed(v)), symmetric, "V·W·Vᵀ, \(name)")
    let positive = try a.matmul(Self.transposed(a)) + Tensor.eye(m)
    let l = try positive.cholesky()
    Self.near(try l.matmul(Self.transposed(l)), positive, "L·Lᵀ, \(name)")

    let right = try sample(lead + [n, 2], UInt64(seed) + 9)
    Self.near(try square.matmul(square.solved(right)), right, "A·x, \(name)", within: 1e-4)
    Self.near(try square.inverse(), try square.solved(Tensor.eye(n)), "inverse, \(name)", within: 1e-4)
    let twice = try square.matmul(square).determinant()
    Self.near(twice, try square.determinant() * square.determinant(), "det, \(name)", within: 1e-4)
    let pinv = try a.pseudoInverse()
    Self.near(try a.matmul(pinv).matmul(a), a, "A·A⁺·A, \(name)", within: 1e-4)
    Self.near(try pinv.matmul(a).matmul(pinv), pinv, "A⁺·A·A⁺, \(name)", within: 1e-4)
    if lead.isEmpty {
      let b = try sample([m, 2], UInt64(seed) + 3)
      Self.near(try a.leastSquares(b).solution, try pinv.matmul(b), "lstsq, \(name)", within: 1e-4)
    }
  }

  enum QRModeCase { case reduced, complete }

  /// Scales by powers of two are no sign of a singular matrix, and change no digit.
  @Test func mixedUnits() throws {
    let a = try Tensor([1e-30, 0, 0, 1e30], shape: [2, 2])
    let x = try a.solved(Tensor([1e-30, 3e30], shape: [2]))
    for (got, expected) in zip(x.values, [1, 3] as [Float]) { #expect(abs(got - expected) < 1e-6) }
    #expect(try Tensor([1e-20, 2e-20, 3, 4], shape: [2, 2]).inverse().values.allSatisfy(\.isFinite))
    // The determinant's product passes through numbers that no double holds.
    var numbers = [Float](repeating: 0, count: 400)
    for k in 0..<20 { numbers[k * 21] = k < 10 ? 1e37 : 1e-37 }
    numbers[0] = 3e37
    let det = try Tensor(numbers, shape: [20, 20]).determinant()
    #expect(abs((det.item ?? 0) - 3) < 1e-5)
  }

  @Test func matricesWithoutNumbers() throws {
    let none = try Tensor([], shape: [0, 0])
    #expect(try none.determinant().values == [1])
    #expect(try none.inverse().shape == [0, 0])
    #expect(try none.cholesky().shape == [0, 0])
    #expect(try none.symmetricEigen().values.shape == [0])
    #expect(try none.solved(Tensor([], shape: [0])).shape == [0])
    #expect(try none.solved(Tensor([], shape: [0, 3])).shape == [0, 3])
    let flat = try Tensor([], shape: [0, 3])
    #expect(try flat.qr().r.shape == [0, 3])
    #expect(try flat.singularValues().vt.values == Tensor.eye(3).values)
    #expect(try flat.singularValues(full: false).u.shape == [0, 0])
    #expect(try flat.pseudoInverse().shape == [3, 0])
    let found = try flat.leastSquares(Tensor([], shape: [0]))
    #expect(found.solution.values == [0, 0, 0] && found.rank == 0 && found.residuals.count == 0)
    #expect(try Tensor([1, 2], shape: [2, 1]).leastSquares(Tensor([], shape: [2, 0])).solution.shape == [1, 0])
    #expect(try Tensor([], shape: [3, 0]).qr(.complete).q?.values == Tensor.eye(3).values)
  }

  @Test func errors() throws {
    let two = try Tensor([1, 2, 3, 4], shape: [2, 2])
    let wide = try Tensor.ones([2, 3])
    #expect(throws: LinearAlgebraError.notSquare(function: "inverse", shape: [2, 3])) { try wide.inverse() }
    #expect(throws: LinearAlgebraError.notSquare(function: "det", shape: [2, 3])) { try wide.determinant() }
    #expect(throws: LinearAlgebraError.notSquare(function: "cholesky", shape: [2, 3])) { try wide.cholesky() }
    #expect(throws: LinearAlgebraError.notSquare(function: "eigh", shape: [2, 3])) { try wide.symmetricEigen() }
    #expect(throws: LinearAlgebraError.notMatrix(function: "svd", argument: "a", shape: [3])) {
      try Tensor.ones([3]).singularValues()
    }
    #expect(throws: LinearAlgebraError.rows(function: "solve", matrix: [2, 2], right: [3])) {
      try two.solved(Tensor.ones([3]))
    }
    #expect(throws: LinearAlgebraError.rows(function: "lstsq", matrix: [2, 2], right: [3, 1])) {
      try two.leastSquares(Tensor.ones([3, 1]))
    }
    #expect(throws: LinearAlgebraError.stacks(function: "solve", [2, 2, 2], [3, 2, 1])) {
      try Tensor.stack([two, two]).solved(Tensor.ones([3, 2, 1]))
    }
    #expect(throws: LinearAlgebraError.stack(function: "lstsq", argument: "a", shape: [2, 2, 2])) {
      try Tensor.stack([two, two]).leastSquares(Tensor.ones([2]))
    }
    let flat = try Tensor([1, 2, 2, 4], shape: [2, 2])
    #expect(throws: LinearAlgebraError.singular(function: "inverse", place: [], isExact: true)) { try flat.inverse() }
    #expect(throws: LinearAlgebraError.singular(function: "solve", place: [1], isExact: true)) {
      try Tensor.stack([two, flat, flat]).solved(Tensor.ones([2, 1]))
    }
    let counted = try Tensor((1...9).map { Float($0) }, shape: [3, 3])
    #expect(throws: LinearAlgebraError.self) { try counted.inverse() }
    #expect(throws: LinearAlgebraError.singular(function: "inverse", place: [], isExact: true)) {
      try Tensor([0], shape: [1, 1]).inverse()
    }
    #expect(throws: LinearAlgebraError.notPositiveDefinite(function: "cholesky", place: [], order: 2)) {
      try Tensor([1, 2, 2, 1], shape: [2, 2]).cholesky()
    }
    for (value, function) in [(Float.nan, "det"), (.infinity, "det")] {
      let bad = try Tensor([1, 2, 3, value], shape: [1, 2, 2])
      let error = #expect(throws: LinearAlgebraError.self) { try bad.determinant() }
      guard case .notFinite(function, "a", _, [0, 1, 1]) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
    #expect(throws: LinearAlgebraError.tooLarge(function: "svd", rows: 1 << 20, columns: 1)) {
      try Tensor.ones([1 << 20, 1]).singularValues()
    }
    for error in [
      LinearAlgebraError.noLibrary(function: "det"), .noGradient(function: "qr"),
      .noConvergence(function: "svd", place: [2, 1]), .notPositiveDefinite(function: "cholesky", place: [3], order: 1),
    ] {
      #expect(!error.explanation.message.isEmpty)
    }
  }

  /// A person who waits gets an end: between the matrices of a stack, and while LAPACK works on one.
  @Test func longWorkCanBeGivenUp() throws {
    let many = try sample([200, 40, 40])
    #expect(throws: TensorError.interrupted) {
      try LongWork.run(until: { true }) { try many.symmetricEigen() }
    }
    let large = try sample([900, 900])
    let start = ContinuousClock.now
    #expect(throws: TensorError.interrupted) {
      try LongWork.run(until: { ContinuousClock.now - start > .milliseconds(30) }) { try large.singularValues() }
    }
    // Asked, and not given up.
    let (w, _) = try LongWork.run(until: { false }) { try sample([420, 420]).symmetricEigen() }
    #expect(w.count == 420)
  }
}
