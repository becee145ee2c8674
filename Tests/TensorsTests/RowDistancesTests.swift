import Testing

@testable import Tensors

/// `cdist` by differences, against loops in double precision.
@Suite struct RowDistancesTests {
  private func numbers(_ count: Int, seed: UInt64, about middle: Float = 0, by spread: Float = 1) -> [Float] {
    var random = RandomStream(seed: seed)
    return (0..<count).map { _ in middle + spread * (2 * Float(random.uniform()) - 1) }
  }

  private func expected(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0.0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }.squareRoot()
  }

  /// Far from the origin and near each other, as embeddings of one class may be; tiny and huge ones too.
  @Test(
    arguments: [(Float(0), Float(1)), (1000, 0.1), (-3e6, 1), (0, 1e-25), (0, 1e25), (1e-30, 1e-33)], [1, 3, 8, 130])
  func distancesAreRight(numbers setting: (middle: Float, spread: Float), width: Int) throws {
    for (rows, columns) in [(1, 1), (5, 3), (17, 33), (70, 16)] {
      let a = numbers(rows * width, seed: 1, about: setting.middle, by: setting.spread)
      let b = numbers(columns * width, seed: 2, about: setting.middle, by: setting.spread)
      let found = try Tensor(a, shape: [rows, width]).pairwiseDistances(Tensor(b, shape: [columns, width])).values
      for i in 0..<rows {
        for j in 0..<columns {
          let right = expected(Array(a[i * width..<(i + 1) * width]), Array(b[j * width..<(j + 1) * width]))
          let got = Double(found[i * columns + j])
          #expect(abs(got - right) <= 1e-6 * right + 1e-44, "\(rows)×\(columns): \(got), not \(right)")
        }
      }
    }
  }

  @Test(arguments: [1, 15, 16, 100]) func diagonalIsZero(count: Int) throws {
    let x = try Tensor(numbers(count * 20, seed: 3, about: 500, by: 0.01), shape: [count, 20])
    let d = try x.pairwiseDistances(x).values
    for i in 0..<count {
      #expect(d[i * count + i] == 0)
      for j in 0..<i { #expect(d[i * count + j] == d[j * count + i]) }
    }
  }

  /// A row alone has the bits that it has among others, and those of one chain of fused multiply-adds.
  @Test(arguments: [1, 7, 64, 300]) func bitsDoNotDependOnCompany(width: Int) throws {
    let (rows, columns) = (37, 53)
    let a = numbers(rows * width, seed: 4)
    let b = numbers(columns * width, seed: 5)
    let all = try Tensor(a, shape: [rows, width]).pairwiseDistances(Tensor(b, shape: [columns, width])).values
    for i in [0, 3, 17, 36] {
      for j in [0, 15, 16, 52] {
        let (x, y) = (Array(a[i * width..<(i + 1) * width]), Array(b[j * width..<(j + 1) * width]))
        let alone = try Tensor(x, shape: [1, width]).pairwiseDistances(Tensor(y, shape: [1, width])).values[0]
        #expect(alone == all[i * columns + j])
        var sum: Float = 0
        for (p, q) in zip(x, y) { sum = sum.addingProduct(p - q, p - q) }
        #expect(alone == sum.squareRoot())
      }
    }
  }

  @Test func whatIsNoNumberStaysSo() throws {
    let x = try Tensor([.infinity, 0, .nan, 1, 3, 4], shape: [3, 2])
    let d = try x.pairwiseDistances(Tensor([0, 0], shape: [1, 2])).values
    #expect(d[0] == .infinity && d[1].isNaN && d[2] == 5)
    #expect(try Tensor([], shape: [0, 2]).pairwiseDistances(x).shape == [0, 3])
  }

  /// The gradient is exact far from the origin, too: unit vectors between near points.
  @Test func gradientDoesNotCancel() throws {
    let (a, b) = (try Tensor([1000, 0], shape: [1, 2]), try Tensor([1000.125, 0], shape: [1, 2]))
    let result = try valueAndGradients(of: { try $0[0].pairwiseDistances($0[1]).sum() }, at: [a, b])
    #expect(result.gradients[0].values == [-1, 0] && result.gradients[1].values == [1, 0])
    let own = try valueAndGradients(of: { try $0[0].pairwiseDistances($0[0]).sum() }, at: [a])
    #expect(own.gradients[0].values == [0, 0])
  }
}
