import Foundation
import TestSupport
import Testing

@testable import MetricLearning

/// Each loss against its formula as loops over doubles, and its gradient against central differences of that loop.
@Suite struct LossesTests {
  static let labels = [0, 0, 0, 1, 1, 2, 2, 2, 3]
  static let width = 5

  static func rows(_ x: [Double]) -> [[Double]] {
    stride(from: 0, to: x.count, by: width).map { Array(x[$0..<$0 + width]) }
  }
  static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
  static func distance(_ a: [Double], _ b: [Double]) -> Double {
    max(1e-7, zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }).squareRoot()
  }
  static func cosine(_ a: [Double], _ b: [Double]) -> Double { dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot() }

  static func far(_ metric: Metric, _ a: [Double], _ b: [Double]) -> Double {
    func variance(_ x: [Double]) -> Double {
      let mean = x.reduce(0, +) / Double(x.count)
      return x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    }
    let differences = zip(a, b).map { $0 - $1 }
    switch metric {
    case .euclidean: return differences.reduce(0) { $0 + $1 * $1 }.squareRoot()
    case .squared: return differences.reduce(0) { $0 + $1 * $1 }
    case .cosine: return 1 - cosine(a, b)
    case .l1: return differences.reduce(0) { $0 + abs($1) }
    case .snr: return variance(differences) / 2 * (1 / variance(a) + 1 / variance(b))
    case .weightedL1(let weights, let bias):
      let sum = zip(weights, differences).reduce(Double(bias)) { $0 + Double($1.0) * abs($1.1) }
      return 1 - 1 / (1 + exp(-sum))
    }
  }

  @Test(arguments: [
    EmbeddingLoss.crossEntropy(smoothing: 0), .crossEntropy(smoothing: 0.1), .triplet(margin: 0.5, mining: .all),
    .triplet(margin: 0.7, mining: .semihard), .triplet(margin: 0.4, mining: .hard), .nPair,
    .supervisedContrastive(temperature: 0.1), .supervisedContrastive(temperature: 1),
    .multiSimilarity(alpha: 2, beta: 50, base: 0.5), .multiSimilarity(alpha: 2, beta: 20, base: 0.4, epsilon: 0.1),
    .ntXent(temperature: 0.5), .circle(margin: 0.25, gamma: 8), .circle(margin: 0.4, gamma: 32), .lifted(margin: 1),
    .margin(margin: 0.2, beta: 1.2, mining: .all), .margin(margin: 0.4, beta: 1, mining: .hard),
    .prototypical(shots: 1), .prototypical(shots: 2), .triplet(margin: 0.5, mining: .all, metric: .squared),
    .triplet(margin: 0.5, mining: .all, metric: .cosine), .triplet(margin: 0.5, mining: .all, metric: .l1),
    .triplet(margin: 0.5, mining: .all, metric: .snr),
  ])
  func agreesWithItsFormula(loss: EmbeddingLoss) throws {
    var numbers = TestNumbers(11)
    let x = numbers.floats(Self.labels.count * Self.width)
    var gradient = [Float](repeating: .nan, count: x.count)
    let value = try loss.batchLoss(x, width: Self.width, labels: Self.labels, gradient: &gradient)
    let wide = x.map(Double.init)
    let expected = Self.naive(loss, wide)
    #expect(abs(value - expected) < 1e-5 * max(1, abs(expected)))
    for i in 0..<x.count {
      var up = wide
      var down = wide
      up[i] += 1e-6
      down[i] -= 1e-6
      let slope = (Self.naive(loss, up, frozen: wide) - Self.naive(loss, down, frozen: wide)) / 2e-6
      #expect(abs(Double(gradient[i]) - slope) < 2e-4 * max(1, abs(slope)), "\(loss.text), number \(i)")
    }
  }

  /// Drawn negatives: far ones as often as near ones, where distances of random points would all be near √2.
  @Test func distanceWeightedMinerSpreadsItsNegatives() throws {
    // Anchor 0 and its positive, then one negative at each of some distances on the unit circle.
    let angles: [Double] = [0, 0.05, 0.55, 0.8, 1.0, 1.2, 1.4]
    let x = angles.flatMap { [Float(cos($0)), Float(sin($0))] }
    var counts = [Int](repeating: 0, count: angles.count)
    for draw in 0..<400 {
      var gradient = [Float](repeating: 0, count: x.count)
      _ = try EmbeddingLoss.triplet(margin: 3, mining: .distance).batchLoss(
        x, width: 2, labels: [0, 0, 1, 2, 3, 4, 5], draw: UInt64(draw), gradient: &gradient)
      // A negative that was chosen has a gradient.
      for item in 2..<angles.count where gradient[2 * item] != 0 || gradient[2 * item + 1] != 0 { counts[item] += 1 }
    }
    for item in 2..<angles.count { #expect(counts[item] > 60, "negative \(item)") }
    // The same draw, the same bits.
    var (one, two) = ([Float](repeating: 0, count: x.count), [Float](repeating: 0, count: x.count))
    let loss = EmbeddingLoss.triplet(margin: 3, mining: .distance)
    let labels = [0, 0, 1, 2, 3, 4, 5]
    #expect(
      try loss.batchLoss(x, width: 2, labels: labels, draw: 5, gradient: &one)
        == loss.batchLoss(x, width: 2, labels: labels, draw: 5, gradient: &two))
    #expect(one == two)
  }

  @Test func wrongDataInWords() throws {
    var out: [Float] = [0, 0]
    #expect(throws: MetricError.needsPairs(loss: "contrastive(margin=1)")) {
      try EmbeddingLoss.contrastive(margin: 1).batchLoss([0, 0], width: 1, labels: [0, 1], gradient: &out)
    }
    #expect(throws: MetricError.noPositives(function: "supcon(temperature=0.1)")) {
      try EmbeddingLoss.supervisedContrastive(temperature: 0.1).batchLoss(
        [1, 2], width: 1, labels: [0, 1], gradient: &out)
    }
    #expect(throws: MetricError.needsParameters(loss: "cosface(margin=0.35, scale=64)", shape: [-1, 1])) {
      try EmbeddingLoss.cosFace(margin: 0.35, scale: 64).batchLoss([0, 0], width: 1, labels: [0, 1], gradient: &out)
    }
    let proxies = try EmbeddingLoss.proxyNCA(scale: 1).parameters(classes: 2, width: 1, seed: 0)
    #expect(throws: MetricError.labelBeyondProxies(loss: "proxynca(scale=1)", label: 2, classes: 2)) {
      try EmbeddingLoss.proxyNCA(scale: 1).batchLoss([1], width: 1, labels: [2], parameters: proxies, gradient: &out)
    }
    #expect(throws: MetricError.proxiesTooLarge(loss: "proxynca(scale=1)", classes: 1 << 20, width: 1024)) {
      try EmbeddingLoss.proxyNCA(scale: 1).parameters(classes: 1 << 20, width: 1024, seed: 0)
    }
    let many = [Int](repeating: 0, count: EmbeddingLoss.batchLimit + 1)
    #expect(throws: MetricError.batchTooLarge(function: "npair()", items: 4097, limit: 4096)) {
      try EmbeddingLoss.nPair.batchLoss([0], width: 1, labels: many, gradient: &out)
    }
    #expect(throws: MetricError.labelBeyondOutputs(label: 7, outputs: 2)) {
      try EmbeddingLoss.crossEntropy(smoothing: 0).batchLoss([1, 2], width: 2, labels: [7], gradient: &out)
    }
  }
}
