import Foundation
import TestSupport
import Testing

@testable import MetricLearning

/// Losses on pairs.
extension LossesTests {
  @Test func weightedL1AgreesWithItsFormula() throws {
    var numbers = TestNumbers(7)
    let (a, b) = (numbers.floats(6 * 5), numbers.floats(6 * 5))
    let same = [true, false, true, false, false, true]
    let loss = EmbeddingLoss.weightedL1
    let parameters = try #require(try loss.parameters(classes: 2, width: 5, seed: 3))
    var gradientA = [Float](repeating: .nan, count: 30)
    var gradientB = gradientA
    let value = try loss.pairLoss(
      a, b, width: 5, same: same, parameters: parameters, gradientA: &gradientA, gradientB: &gradientB)
    let (x, y) = (a.map(Double.init), b.map(Double.init))
    let own = parameters.snapshot().arrays.map { $0.map(Double.init) }
    func naive(_ x: [Double], _ y: [Double], _ own: [[Double]]) -> Double {
      (0..<6).reduce(0.0) { sum, i in
        let z = (0..<5).reduce(own[1][0]) { $0 + own[0][$1] * abs(x[i * 5 + $1] - y[i * 5 + $1]) }
        let p = 1 / (1 + exp(-z))
        return sum - log(same[i] ? p : 1 - p) / 6
      }
    }
    #expect(abs(value - naive(x, y, own)) < 1e-6)
    for i in 0..<30 {
      var (up, down) = (x, x)
      up[i] += 1e-6
      down[i] -= 1e-6
      #expect(abs(Double(gradientA[i]) - (naive(up, y, own) - naive(down, y, own)) / 2e-6) < 1e-4)
      #expect(gradientB[i] == -gradientA[i])
    }
    for (index, array) in parameters.arrays.enumerated() {
      for i in 0..<array.count {
        var (up, down) = (own, own)
        up[index][i] += 1e-6
        down[index][i] -= 1e-6
        #expect(abs(Double(array.gradients[i]) - (naive(x, y, up) - naive(x, y, down)) / 2e-6) < 1e-4)
      }
    }
    // The distance to judge by is one minus the chance of being the same.
    let metric = try #require(loss.learntMetric(parameters))
    let z = (0..<5).reduce(own[1][0]) { $0 + own[0][$1] * abs(x[$1] - y[$1]) }
    #expect(abs(Double(metric.distance(Array(a[..<5]), Array(b[..<5])) ?? .nan) - (1 - 1 / (1 + exp(-z)))) < 1e-6)
  }

  /// Each distance against its formula, and its gradient (through contrastive loss on pairs) against differences.
  @Test(arguments: [Metric.squared, .cosine, .l1, .snr])
  func contrastiveWithOtherDistances(metric: Metric) throws {
    var numbers = TestNumbers(9)
    let (a, b) = (numbers.floats(4 * 6), numbers.floats(4 * 6))
    let same = [true, false, true, false]
    func naive(_ x: [Double], _ y: [Double]) -> Double {
      (0..<4).reduce(0.0) { sum, i in
        let d = Self.far(metric, Array(x[i * 6..<i * 6 + 6]), Array(y[i * 6..<i * 6 + 6]))
        return sum + (same[i] ? d * d : max(0, 2 - d) * max(0, 2 - d)) / 4
      }
    }
    var gradientA = [Float](repeating: .nan, count: 24)
    var gradientB = gradientA
    let value = try EmbeddingLoss.contrastive(margin: 2, metric: metric).pairLoss(
      a, b, width: 6, same: same, gradientA: &gradientA, gradientB: &gradientB)
    let (x, y) = (a.map(Double.init), b.map(Double.init))
    #expect(abs(value - naive(x, y)) < 1e-4 * max(1, value))
    for i in 0..<24 {
      var (up, down) = (x, x)
      up[i] += 1e-6
      down[i] -= 1e-6
      let slope = (naive(up, y) - naive(down, y)) / 2e-6
      #expect(abs(Double(gradientA[i]) - slope) < 1e-3 * max(1, abs(slope)), "a \(i)")
      (up, down) = (y, y)
      up[i] += 1e-6
      down[i] -= 1e-6
      let other = (naive(x, up) - naive(x, down)) / 2e-6
      #expect(abs(Double(gradientB[i]) - other) < 1e-3 * max(1, abs(other)), "b \(i)")
    }
  }

  @Test(arguments: [0.5, 1, 3])
  func contrastive(margin: Double) throws {
    var numbers = TestNumbers(5)
    let a = numbers.floats(6 * 5)
    var b = numbers.floats(6 * 5)
    for k in 0..<10 { b[k] = a[k] }  // two pairs at distance 0
    let same = [true, false, true, false, true, false]
    func naive(_ a: [Double], _ b: [Double]) -> Double {
      (0..<6).reduce(0.0) { sum, i in
        let square = (0..<5).reduce(0.0) { $0 + (a[i * 5 + $1] - b[i * 5 + $1]) * (a[i * 5 + $1] - b[i * 5 + $1]) }
        let short = max(0, margin - max(1e-7, square).squareRoot())
        return sum + (same[i] ? square : short * short) / 6
      }
    }
    var gradientA = [Float](repeating: .nan, count: 30)
    var gradientB = gradientA
    let value = try EmbeddingLoss.contrastive(margin: margin).pairLoss(
      a, b, width: 5, same: same, gradientA: &gradientA, gradientB: &gradientB)
    let (x, y) = (a.map(Double.init), b.map(Double.init))
    #expect(abs(value - naive(x, y)) < 1e-5)
    for i in 0..<30 {
      var up = x
      var down = x
      up[i] += 1e-6
      down[i] -= 1e-6
      #expect(abs(Double(gradientA[i]) - (naive(up, y) - naive(down, y)) / 2e-6) < 1e-4)
      #expect(gradientB[i] == -gradientA[i])
    }
  }
}
