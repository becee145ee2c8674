import COpenBLAS
import Tensors
import Testing

@testable import NeuralNetworks

/// `SymmetricEigen` beside LAPACK's dsyevd, and by what makes an eigenvector one.
@Suite struct SymmetricEigenTests {
  /// A symmetric matrix of whole numbers over 2²⁰: the same on every machine.
  static func noise(_ size: Int, seed: UInt64 = 1) -> [Double] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15
    var matrix = [Double](repeating: 0, count: size * size)
    for row in 0..<size {
      for column in 0...row {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let number = Double(Int64(state >> 43)) / 1_048_576 - 1
        matrix[row * size + column] = number
        matrix[column * size + row] = number
      }
    }
    return matrix
  }

  /// Rows of `a` times rows of `b`.
  private static func products(_ a: [Double], _ b: [Double], _ size: Int) -> [Double] {
    rowProducts(a, b, inner: size, rows: size, columns: size)
  }

  private static func lapackValues(_ matrix: [Double], _ size: Int) -> [Double] {
    var (a, w) = (matrix, [Double](repeating: 0, count: size))
    var (n, info) = (Int32(size), Int32(0))
    var (lwork, liwork) = (Int32(1 + 6 * size + 2 * size * size), Int32(3 + 5 * size))
    var work = [Double](repeating: 0, count: Int(lwork))
    var integers = [Int32](repeating: 0, count: Int(liwork))
    dsyevd_("V", "U", &n, &a, &n, &w, &work, &lwork, &integers, &liwork, &info)
    #expect(info == 0)
    return w
  }

  /// In units of 2⁻⁵², where the greatest eigenvalue counts as 1: the distance from LAPACK's eigenvalues, the longest
  /// A·v − λ·v, and how far the vectors are from orthonormal.
  private static func judge(_ matrix: [Double], _ size: Int, _ eigen: SymmetricEigen) -> (Double, Double, Double) {
    let norm = max(eigen.values.map { abs($0) }.max() ?? 0, .leastNormalMagnitude)
    let values = zip(eigen.values, lapackValues(matrix, size)).map { abs($0 - $1) }.max() ?? 0
    let mapped = products(eigen.vectors, matrix, size)
    var residual = 0.0
    for k in 0..<size {
      for j in 0..<size {
        residual = max(residual, abs(mapped[k * size + j] - eigen.values[k] * eigen.vectors[k * size + j]))
      }
    }
    let gram = products(eigen.vectors, eigen.vectors, size)
    var angle = 0.0
    for i in 0..<size { for j in 0..<size { angle = max(angle, abs(gram[i * size + j] - (i == j ? 1 : 0))) } }
    let unit = Double.ulpOfOne
    return (values / norm / unit, residual / norm / unit, angle / unit)
  }

  private static func expectRight(
    _ matrix: [Double], _ size: Int, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let eigen = try #require(SymmetricEigen(matrix, size: size), "\(name)", sourceLocation: sourceLocation)
    let (values, residual, angle) = judge(matrix, size, eigen)
    let most = 10 + 4 * Double(size).squareRoot()
    #expect(
      values < most && residual < most && angle < most, "\(name): \(values) \(residual) \(angle)",
      sourceLocation: sourceLocation)
    #expect(zip(eigen.values, eigen.values.dropFirst()).allSatisfy { $0 <= $1 }, sourceLocation: sourceLocation)
    for k in 0..<size {
      let row = eigen.vectors[k * size..<(k + 1) * size]
      #expect((row.max { abs($0) < abs($1) } ?? 0) > 0, "\(name): the sign of \(k)", sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: Array(1...20) + [31, 32, 33, 34, 35, 47, 63, 64, 65, 66, 100, 129, 200, 257])
  func noiseIsTakenApart(size: Int) throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      try Self.expectRight(Self.noise(size, seed: seed), size, "noise of \(size)")
    }
  }

  /// Beyond 768 the products are cut into slices.
  @Test func aLargeMatrixIsTakenApart() throws { try Self.expectRight(Self.noise(850), 850, "noise of 850") }

  /// Eigenvalues that are equal, zero, or far from each other.
  @Test(arguments: [1, 2, 3, 8, 33, 70, 130]) func specialMatrices(size: Int) throws {
    func matrix(_ body: (Int, Int) -> Double) -> [Double] {
      (0..<size * size).map { body($0 / size, $0 % size) }
    }
    let zeros = try #require(SymmetricEigen(matrix { _, _ in 0 }, size: size))
    #expect(zeros.values.allSatisfy { $0 == 0 })
    #expect(zeros.vectors == matrix { $0 == $1 ? 1 : 0 })
    let unit = try #require(SymmetricEigen(matrix { $0 == $1 ? 1 : 0 }, size: size))
    #expect(unit.values.allSatisfy { $0 == 1 })
    #expect(unit.vectors == zeros.vectors)
    try Self.expectRight(matrix { _, _ in 1 }, size, "ones")
    try Self.expectRight(matrix { $0 == $1 ? Double($0 % 3) : 0 }, size, "a diagonal with repeats")
    try Self.expectRight(matrix { ($0 ^ 1) == $1 ? 1 : 0 }, size, "pairs")
    try Self.expectRight(matrix { min($0, $1) < 2 ? 1 : 0 }, size, "an arrow")
    let wilkinson = matrix { abs($0 - $1) == 1 ? 1 : $0 == $1 ? abs(Double(size / 2 - $0)) : 0 }
    try Self.expectRight(wilkinson, size, "Wilkinson's")
    // Rank 2 of many columns, as of images that are few: most eigenvalues are 0.
    try Self.expectRight(matrix { Double(($0 + 1) * ($1 + 1)) + Double(($0 % 5) * ($1 % 5)) }, size, "rank 2")
    // Graded both ways, and huge beside tiny.
    func power(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }
    try Self.expectRight(matrix { power(-($0 + $1)) }, size, "falling")
    try Self.expectRight(matrix { power(-(2 * size - $0 - $1)) }, size, "rising")
    try Self.expectRight(matrix { $0 == $1 ? power(900 - 17 * $0) : power(-200) }, size, "huge and tiny")
  }

  /// The chain of springs: 2 − 2 cos(kπ / (n + 1)).
  @Test func knownEigenvalues() throws {
    let size = 3
    let chain: [Double] = [2, -1, 0, -1, 2, -1, 0, -1, 2]
    let eigen = try #require(SymmetricEigen(chain, size: size))
    let root = 2.0.squareRoot()
    for (found, known) in zip(eigen.values, [2 - root, 2, 2 + root]) { #expect(abs(found - known) < 1e-15) }
    for (found, known) in zip(eigen.vectors[6...], [-0.5, root / 2, -0.5]) { #expect(abs(found - known) < 1e-15) }
    let one = try #require(SymmetricEigen([-3], size: 1))
    #expect(one.values == [-3])
    #expect(one.vectors == [1])
    // The upper triangle is not read.
    let lower = try #require(SymmetricEigen([2, .infinity.nextDown, -1, 2], size: 2))
    for (found, known) in zip(lower.values, [1.0, 3]) { #expect(abs(found - known) < 1e-15) }
  }

  /// A power of two before the matrix is one before its eigenvalues, to the last bit, as far as numbers reach.
  @Test(arguments: [-1000, -600, 1, 500, 1018]) func scaleDoesNotMatter(exponent: Int) throws {
    let size = 21
    let matrix = Self.noise(size)
    let scale = Double(sign: .plus, exponent: exponent, significand: 1)
    let plain = try #require(SymmetricEigen(matrix, size: size))
    let scaled = try #require(SymmetricEigen(matrix.map { $0 * scale }, size: size))
    #expect(scaled.values == plain.values.map { $0 * scale })
    #expect(scaled.vectors == plain.vectors)
  }

  @Test func theLeastAndTheGreatestNumbers() throws {
    let least = Double.leastNonzeroMagnitude
    let eigen = try #require(SymmetricEigen([2 * least, least, least, 2 * least], size: 2))
    #expect(eigen.values == [least, 3 * least])
    let great = Double.greatestFiniteMagnitude
    #expect(SymmetricEigen([great, 0, 0, great], size: 2)?.values == [great, great])
    #expect(SymmetricEigen([great, great, great, great], size: 2) == nil, "an eigenvalue beyond the greatest double")
  }

  @Test func whatHasNoSolutionIsRefused() {
    #expect(SymmetricEigen([], size: 0) == nil)
    #expect(SymmetricEigen([1, 2, 3], size: 2) == nil)
    #expect(SymmetricEigen([1], size: -1) == nil)
    for bad in [Double.nan, .infinity, -.infinity] {
      for place in 0..<4 {
        var matrix: [Double] = [1, 0, 0, 1]
        matrix[place] = bad
        #expect(SymmetricEigen(matrix, size: 2) == nil)
      }
    }
  }

  @Test(arguments: [3, 40, 180, 850]) func bitsDoNotDependOnThreads(size: Int) throws {
    let matrix = Self.noise(size, seed: 9)
    let one = try #require(SymmetricEigen(matrix, size: size, workers: Workers(threads: 1)))
    for threads in [2, 3, 7] {
      let many = try #require(SymmetricEigen(matrix, size: size, workers: Workers(threads: threads)))
      #expect(one.values.map(\.bitPattern) == many.values.map(\.bitPattern))
      #expect(one.vectors.map(\.bitPattern) == many.vectors.map(\.bitPattern))
    }
  }

  /// Recorded once: the same on every processor.
  @Test(
    arguments: [
      (5, 0x6CAE_1FE6_1090_E99D), (70, 0x28D7_E28F_8453_54CB), (850, 0xBD89_D4DF_360D_FCD9),
    ] as [(Int, UInt64)])
  func fingerprint(size: Int, recorded: UInt64) throws {
    let eigen = try #require(SymmetricEigen(Self.noise(size, seed: 5), size: size))
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for number in eigen.values + eigen.vectors { hash = (hash ^ number.bitPattern) &* 0x100_0000_01B3 }
    #expect(hash == recorded, "\(size): 0x\(String(hash, radix: 16))")
  }

  /// Every compilation of its kernels gives the same bits.
  @Test(arguments: [1, 2, 3, 4, 7, 8, 9, 16, 21, 40, 67]) func compilations(size: Int) {
    let stride = (size + 7) & ~7
    var random = RandomStream(seed: UInt64(size))
    func numbers(_ count: Int) -> [Double] { (0..<count).map { _ in random.normal() } }
    let (a, v, w) = (numbers(stride * stride), numbers(5 * stride), numbers(5 * stride))
    func result(_ start: [Double], _ body: (MutableReals) -> Void) -> [UInt64] {
      var copy = start
      copy.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { body(base) } }
      return copy.map(\.bitPattern)
    }
    func same(_ name: String, _ start: [Double], _ body: (any KernelSet.Type, MutableReals) -> Void) {
      let results = Processor.kernelSets.map { set in result(start) { body(set, $0) } }
      #expect(results.allSatisfy { $0 == results[0] }, "\(name)")
      #expect(results[0] != start.map(\.bitPattern), "\(name) does nothing")
    }
    same("dotProduct", [0]) { $1[0] = $0.dotProduct(v, w, size) }
    same("subtractTwo", v) { $0.subtractTwo($1, 0.3, w, 0.7, a, size) }
    same("addSymmetricProduct", w) { $0.addSymmetricProduct(a, stride: stride, first: 0, last: size, v, $1) }
    same("packReflections", numbers(5 * stride)) { $0.packReflections(v, stride: stride, depth: 5, count: size, $1) }
    same("subtractRankTwo", a) { $0.subtractRankTwo($1, stride: stride, first: 0, last: size, v, w, depth: 5) }
    same("accumulateReflections", numbers(size * 16)) {
      $0.accumulateReflections($1, size: size, first: 0, a, stride: stride, v)
    }
    guard size > 1 else { return }
    // Pairs that begin in one row, of every order of lengths, and single ones.
    var sweeps: [Int] = []
    for (from, first, second) in [(1, 1, 1), (1, size - 1, size - 1), (1, size - 1, 1), (1, 2, size - 1), (2, 1, 2)] {
      let row = size - from
      sweeps += [row, min(row, first), row, min(row, second), row, min(row, 1)]
    }
    let rotations = numbers(sweeps.reduce(0, +) * 2)
    let start = numbers(size * 16)
    same("rotateRows", start) { $0.rotateRows($1, sweeps, count: sweeps.count / 2, rotations) }
    let plain = result(start) { z in
      var turn = 0
      for sweep in 0..<sweeps.count / 2 {
        for step in 0..<sweeps[2 * sweep + 1] {
          let row = sweeps[2 * sweep] - step
          let (c, s) = (rotations[turn], rotations[turn + 1])
          turn += 2
          for lane in 0..<16 {
            let (above, below) = (z[(row - 1) * 16 + lane], z[row * 16 + lane])
            z[row * 16 + lane] = s * above + c * below
            z[(row - 1) * 16 + lane] = c * above - s * below
          }
        }
      }
    }
    #expect(result(start) { kernels.rotateRows($0, sweeps, count: sweeps.count / 2, rotations) } == plain)
  }
}
