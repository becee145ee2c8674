import COpenBLAS
import Foundation
import Testing

@testable import Tensors

/// Matrix products beside OpenBLAS's on one thread, in turn, for `Scripts/bench.sh --only gemm`. Each result is checked
/// first; nothing is judged by time.
@Suite struct ProductBenchmark {
  static let isWanted = ProcessInfo.processInfo.environment["TWINBOOK_BENCH"] == "gemm"

  struct Shape {
    var m, n, k: Int
    var left = false
    var right = false
    var what: String
  }

  static let shapes = [
    Shape(m: 1920, n: 1920, k: 1920, what: "a square"),
    Shape(m: 252, n: 128, k: 3888, what: "the recipe's dense layer"),
    Shape(m: 256, n: 64, k: 1152, right: true, what: "conv4's embedding, dense"),
    Shape(m: 32, n: 4096, k: 9216, right: true, what: "Koch's dense layer"),
    Shape(m: 4096, n: 9216, k: 32, left: true, what: "  its weights' gradient"),
    Shape(m: 32, n: 9216, k: 4096, what: "  its input's gradient"),
    Shape(m: 128, n: 128, k: 64, right: true, what: "similarities of a batch"),
    Shape(m: 1000, n: 1000, k: 64, right: true, what: "similarities of a thousand"),
    Shape(m: 600, n: 1000, k: 6400, right: true, what: "rows of whiten"),
    Shape(m: 64, n: 64, k: 64, what: "small"),
  ]

  @Test(.enabled(if: isWanted)) func besideOpenBLAS() throws {
    openblas_set_num_threads(1)
    print("BENCH gemm kernels \(kernels.name), OpenBLAS \(String(cString: openblas_get_corename()))")
    for shape in Self.shapes {
      let (m, n, k) = (shape.m, shape.n, shape.k)
      let a = (0..<m * k).map { Float(($0 &* 7919) % 1013) / 1013 - 0.5 }
      let b = (0..<k * n).map { Float(($0 &* 6007) % 1009) / 1009 - 0.5 }
      var ours = [Float](repeating: 0, count: m * n)
      var theirs = ours
      func multiply() {
        a.withUnsafeBufferPointer { a in
          b.withUnsafeBufferPointer { b in
            guard let a = a.baseAddress, let b = b.baseAddress else { return }
            matrixProduct(
              rows: m, columns: n, inner: k,
              MatrixOperand(a, stride: shape.left ? m : k, isTransposed: shape.left),
              MatrixOperand(b, stride: shape.right ? k : n, isTransposed: shape.right), &ours, stride: n)
          }
        }
      }
      func blas() {
        cblas_sgemm(
          CblasRowMajor, shape.left ? CblasTrans : CblasNoTrans, shape.right ? CblasTrans : CblasNoTrans, Int32(m),
          Int32(n), Int32(k), 1, a, Int32(shape.left ? m : k), b, Int32(shape.right ? k : n), 0, &theirs, Int32(n))
      }
      multiply()
      blas()
      let limit = 4e-6 * Float(k).squareRoot()
      #expect(zip(ours, theirs).allSatisfy { abs($0 - $1) < limit })
      let work = 2 * Double(m) * Double(n) * Double(k)
      let times = max(1, Int(5e8 / work))
      func seconds(_ body: () -> Void) -> Double {
        let start = ContinuousClock.now
        for _ in 0..<times { body() }
        return (ContinuousClock.now - start) / .seconds(1) / Double(times)
      }
      var best = (ours: Double.infinity, theirs: Double.infinity)
      for _ in 0..<9 {
        best.ours = min(best.ours, seconds(multiply))
        best.theirs = min(best.theirs, seconds(blas))
      }
      let rates = [work / best.ours / 1e9, work / best.theirs / 1e9, best.theirs / best.ours]
      print(
        "BENCH gemm "
          + String(format: "%5.0f %5.0f GFLOP/s  %4.2f  ", rates[0], rates[1], rates[2])
          + "\(m)×\(k) · \(k)×\(n)  \(shape.what)")
    }
  }
}
