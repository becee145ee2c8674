import TestSupport
import Testing

@testable import MetricLearning

/// A loss on pairs over all pairs of a batch, against the same loss on the pairs as they are listed.
@Suite struct AllPairsTests {
  static let losses: [EmbeddingLoss] = [
    .contrastive(margin: 2), .contrastive(margin: 0.5, metric: .cosine), .weightedL1,
  ]

  /// The mean of both kinds' means, each pair on its own.
  private func naive(
    _ loss: EmbeddingLoss, _ x: [Float], width: Int, labels: [Int], parameters: LossParameters?
  ) throws -> Double {
    var sums: [Bool: (total: Double, count: Int)] = [:]
    func row(_ i: Int) -> [Float] { Array(x[i * width..<(i + 1) * width]) }
    for i in labels.indices {
      for j in labels.indices where j > i {
        let same = labels[i] == labels[j]
        let value = try loss.pairLoss(row(i), row(j), width: width, same: [same], parameters: parameters)
        sums[same, default: (0, 0)].total += value
        sums[same, default: (0, 0)].count += 1
      }
    }
    let means = sums.values.map { $0.total / Double($0.count) }
    return means.reduce(0, +) / Double(means.count)
  }

  @Test(arguments: losses)
  func isTheMeanOfBothKinds(_ loss: EmbeddingLoss) throws {
    var numbers = TestNumbers(11)
    let width = 6
    // 40 items have 780 pairs, more than are laid side by side at once.
    let labels = (0..<40).map { $0 % 7 }
    let x = numbers.floats(labels.count * width)
    let all = EmbeddingLoss.allPairs(loss)
    let parameters = try all.parameters(classes: 7, width: width, seed: 3)
    var gradient = [Float](repeating: .nan, count: x.count)
    let value = try all.batchLoss(x, width: width, labels: labels, parameters: parameters, gradient: &gradient)
    let learnt = parameters?.arrays.map(\.gradients)
    let expected = try naive(loss, x, width: width, labels: labels, parameters: parameters)
    #expect(abs(value - expected) < 1e-5)
    // Central differences by the formula above.
    for k in stride(from: 0, to: x.count, by: 7) {
      var (up, down) = (x, x)
      up[k] += 1e-2
      down[k] -= 1e-2
      let slope =
        (try naive(loss, up, width: width, labels: labels, parameters: parameters)
          - naive(loss, down, width: width, labels: labels, parameters: parameters)) / Double(up[k] - down[k])
      #expect(abs(Double(gradient[k]) - slope) < 2e-3, "\(loss.text) \(k)")
    }
    for (index, array) in (parameters?.arrays ?? []).enumerated() {
      let values = array.values
      for k in values.indices {
        var (up, down) = (values, values)
        up[k] += 1e-2
        down[k] -= 1e-2
        _ = array.set(up)
        let above = try naive(loss, x, width: width, labels: labels, parameters: parameters)
        _ = array.set(down)
        let below = try naive(loss, x, width: width, labels: labels, parameters: parameters)
        _ = array.set(values)
        #expect(abs(Double(learnt?[index][k] ?? .nan) - (above - below) / Double(up[k] - down[k])) < 2e-3)
      }
    }
  }

  @Test func oneClassHasSamePairsAlone() throws {
    var gradient: [Float] = [0, 0, 0]
    let loss = EmbeddingLoss.allPairs(.contrastive(margin: 1))
    let value = try loss.batchLoss([0, 1, 3], width: 1, labels: [0, 0, 0], gradient: &gradient)
    #expect(abs(value - (1 + 9 + 4) / 3.0) < 1e-6)
    #expect(throws: MetricError.noPositives(function: "allpairs(contrastive(margin=1))")) {
      try loss.batchLoss([0, 1, 3], width: 1, labels: [0, 1, 2], gradient: &gradient)
    }
  }

  @Test func learnsAMetricAsDrawnPairsDo() throws {
    let loss = EmbeddingLoss.allPairs(.weightedL1)
    let parameters = try #require(try loss.parameters(classes: 3, width: 4, seed: 1))
    #expect(loss.learntMetric(parameters) == EmbeddingLoss.weightedL1.learntMetric(parameters))
    #expect(loss.comparesBatch && !loss.takesPairs)
    #expect(EmbeddingLoss.allPairs(loss) == loss)
    // A sum takes it as any loss on labels.
    #expect(try loss.plus(.supervisedContrastive(temperature: 0.1)).text.hasPrefix("allpairs(weightedl1()) + supcon("))
  }
}
