import COpenBLAS
import KernelInterface
import Testing

@testable import Tensors

/// The matrix product beside a naive chain of multiply-adds, bit for bit, and beside OpenBLAS, to a tolerance.
@Suite struct MatrixProductTests {
  struct Shape: CustomTestStringConvertible {
    var m, n, k: Int
    var testDescription: String { "\(m)×\(k) · \(k)×\(n)" }
  }

  static let shapes: [Shape] = {
    var random = RandomStream(seed: 41)
    func draw(_ limit: Int) -> Int { Int(random.uniform() * Double(limit)) }
    let edges = [
      Shape(m: 1, n: 1, k: 1), Shape(m: 1, n: 1, k: 700), Shape(m: 12, n: 32, k: 256), Shape(m: 13, n: 33, k: 257),
      Shape(m: 3, n: 2, k: 0), Shape(m: 0, n: 4, k: 3), Shape(m: 4, n: 0, k: 3), Shape(m: 193, n: 5, k: 513),
      Shape(m: 5, n: 1030, k: 9), Shape(m: 24, n: 64, k: 512), Shape(m: 8, n: 16, k: 3),
    ]
    return edges + (0..<30).map { _ in Shape(m: 1 + draw(60), n: 1 + draw(90), k: draw(300)) }
  }()

  /// op(A) [m, k] and op(B) [k, n] with rows longer than they need be.
  private func operand<Scalar: BinaryFloatingPoint & ProductScalar>(
    _ rows: Int, _ columns: Int, transposed: Bool, seed: UInt64, _: Scalar.Type
  ) -> (numbers: [Scalar], stride: Int, at: (Int, Int) -> Scalar) {
    let stride = (transposed ? rows : columns) + 3
    var random = RandomStream(seed: seed)
    let numbers = (0..<stride * (transposed ? columns : rows) + 1).map { _ in Scalar(random.normal()) }
    return (numbers, stride, { numbers[transposed ? $1 * stride + $0 : $0 * stride + $1] })
  }

  private func multiply<Scalar: ProductScalar>(
    _ shape: Shape, _ a: [Scalar], _ aStride: Int, _ left: Bool, _ b: [Scalar], _ bStride: Int, _ right: Bool,
    _ c: inout [Scalar], stride: Int, adds: Bool, _ kernels: any KernelSet.Type
  ) {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          matrixProduct(
            rows: shape.m, columns: shape.n, inner: shape.k, MatrixOperand(a, stride: aStride, isTransposed: left),
            MatrixOperand(b, stride: bStride, isTransposed: right), c, stride: stride, adds: adds, kernels: kernels)
        }
      }
    }
  }

  private func check<Scalar: BinaryFloatingPoint & ProductScalar>(_ shape: Shape, _: Scalar.Type) {
    let (m, n, k) = (shape.m, shape.n, shape.k)
    for way in 0..<8 {
      let (left, right, adds) = (way & 1 == 1, way & 2 == 2, way & 4 == 4)
      let a = operand(m, k, transposed: left, seed: 1, Scalar.self)
      let b = operand(k, n, transposed: right, seed: 2, Scalar.self)
      let stride = n + 2
      let start = (0..<m * stride + 1).map { Scalar($0 % 17) / 3 }
      var chain = start
      for row in 0..<m {
        for column in 0..<n {
          var sum: Scalar = adds ? start[row * stride + column] : 0
          for step in 0..<k { sum.addProduct(a.at(row, step), b.at(step, column)) }
          chain[row * stride + column] = sum
        }
      }
      for kernels in Processor.kernelSets {
        var c = start
        multiply(
          shape, a.numbers, a.stride, left, b.numbers, b.stride, right, &c, stride: stride, adds: adds, kernels)
        #expect(c == chain, "\(kernels.name), \(Scalar.self), transposed \(left) \(right), adds \(adds)")
      }
    }
  }

  @Test(arguments: shapes) func chains(shape: Shape) {
    check(shape, Float.self)
    check(shape, Double.self)
  }

  @Test func infinitiesAndNaNPass() throws {
    for kernels in Processor.kernelSets {
      func product(_ a: [Float], _ b: [Float]) -> Float {
        var c: [Float] = [0]
        multiply(
          Shape(m: 1, n: 1, k: a.count), a, a.count, false, b, 1, false, &c, stride: 1, adds: false, kernels)
        return c[0]
      }
      #expect(product([0, 1], [.infinity, 1]).isNaN && product([1, 1], [.infinity, -.infinity]).isNaN)
      #expect(product([1, .nan], [1, 0]).isNaN && product([2, 3], [.infinity, 1]) == .infinity)
      #expect(product([.greatestFiniteMagnitude, 1], [2, 1]) == .infinity)
      // Denormals are numbers, and cancellation is exact: a² − a·a where a² does not fit a float.
      #expect(product([.leastNonzeroMagnitude, 0], [1, 0]) == .leastNonzeroMagnitude)
      #expect(product([1e-30, 0], [1e-10, 0]) == Float(1e-30) * Float(1e-10))
      let a: Float = 1.000_000_1
      #expect(product([a * a, a], [-1, a]) == (-(a * a)).addingProduct(a, a))
    }
  }

  /// Multiply-adds whose sum lies at or near the middle between two floats: rounding twice would go wrong.
  @Test func multiplyAddsAreRoundedOnce() {
    var random = RandomStream(seed: 43)
    var (a, b, c): ([Float], [Float], [Float]) = ([], [], [])
    for index in 0..<4096 {
      let exponent = Int32(index % 60) - 30
      a.append(Float(sign: .plus, exponent: Int(exponent), significand: 1 + Float(random.uniform())))
      b.append(Float(1 + random.uniform()) * (index % 2 == 0 ? 1 : -1))
      // A float whose half ulp is near the product, so that the product decides the rounding.
      let product = Double(a[index]) * Double(b[index])
      c.append(Float(product * Double(1 << (23 + index % 3))))
    }
    // Products of powers of two that are just half an ulp, and a tail beyond double's precision.
    for shift in 0..<40 {
      a.append(Float(sign: .plus, exponent: -24 - shift, significand: 1 + 0x1p-23))
      b.append(1 + 0x1p-23)
      c.append(Float(sign: .plus, exponent: -shift, significand: 1 + 0x1p-23))
    }
    for kernels in Processor.kernelSets {
      for index in a.indices {
        var sum = [c[index]]
        multiply(
          Shape(m: 1, n: 1, k: 1), [a[index]], 1, false, [b[index]], 1, false, &sum, stride: 1, adds: true, kernels)
        #expect(sum[0].bitPattern == c[index].addingProduct(a[index], b[index]).bitPattern)
      }
    }
  }

  @Test func threadsCannotBeSeen() {
    let (m, n, k) = (250, 310, 140)
    let a = (0..<m * k).map { Float(($0 &* 7919) % 1013) / 1013 - 0.5 }
    let b = (0..<k * n).map { Float(($0 &* 6007) % 1009) / 1009 - 0.5 }
    let results = [1, 2, 3, 7].map { threads in
      var c = [Float](repeating: 0, count: m * n)
      sgemm(a, b, &c, m: m, n: n, k: k, workers: Workers(threads: threads))
      return c
    }
    for other in results { #expect(other == results[0]) }
    // One row alone is the row of the whole.
    var row = [Float](repeating: 0, count: n)
    sgemm(Array(a[7 * k..<8 * k]), b, &row, m: 1, n: n, k: k)
    #expect(row == Array(results[0][7 * n..<8 * n]))
  }

  @Test func openBLASAgrees() {
    for shape in [Shape(m: 100, n: 130, k: 700), Shape(m: 33, n: 200, k: 4000)] {
      let (m, n, k) = (shape.m, shape.n, shape.k)
      let a = (0..<m * k).map { Float(($0 &* 7919) % 1013) / 1013 - 0.5 }
      let b = (0..<k * n).map { Float(($0 &* 6007) % 1009) / 1009 - 0.5 }
      var ours = [Float](repeating: 0, count: m * n)
      var theirs = ours
      sgemm(a, b, &ours, m: m, n: n, k: k)
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a, Int32(k), b, Int32(n), 0,
        &theirs, Int32(n))
      let limit = 2e-6 * Float(k).squareRoot()
      #expect(zip(ours, theirs).allSatisfy { abs($0 - $1) < limit })
    }
  }
}
