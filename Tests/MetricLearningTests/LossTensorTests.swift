import Tensors
import Testing

@testable import MetricLearning

@Suite struct LossTensorTests {
  /// Central differences on each number, against the gradient that the tape gives.
  private func check(_ x: Tensor, _ loss: (Tensor) throws -> Tensor) throws {
    let found = try valueAndGradients(of: { try loss($0[0]) }, at: [x])
    #expect(found.value.item == (try loss(x)).item)
    let step: Float = 1e-2
    for index in x.values.indices {
      var values = x.values
      values[index] += step
      let up = try #require(loss(Tensor(values, shape: x.shape)).item)
      values[index] -= 2 * step
      let down = try #require(loss(Tensor(values, shape: x.shape)).item)
      #expect(abs((up - down) / (2 * step) - found.gradients[0].values[index]) < 5e-3)
    }
  }

  @Test func contrastiveOnTensors() throws {
    let a = try Tensor([0.1, 0.4, -0.3, 0.2, 0.5, 0.3], shape: [3, 2])
    let b = try Tensor([0.3, 0.1, 0.2, -0.1, 0.4, 0.9], shape: [3, 2])
    let loss = EmbeddingLoss.contrastive(margin: 1)
    try check(a) { try loss.pairLoss($0, b, same: [true, false, false]) }
    try check(b) { try loss.pairLoss(a, $0, same: [true, false, false]) }
  }

  @Test func labelLossesOnTensors() throws {
    let x = try Tensor([0.9, 0.4, -0.3, 0.8, 0.5, -0.7, -0.2, -0.6], shape: [4, 2])
    for loss in [EmbeddingLoss.supervisedContrastive(temperature: 0.5), .nPair, .crossEntropy(smoothing: 0)] {
      try check(x) { try loss.batchLoss($0, labels: [0, 0, 1, 1]) }
    }
  }

  @Test func shapesInWords() throws {
    let x = try Tensor([1, 2, 3, 4], shape: [2, 2])
    #expect(throws: MetricError.lossShapes(loss: "npair()", shapes: [[2, 2], [3]])) {
      try EmbeddingLoss.nPair.batchLoss(x, labels: [0, 0, 1])
    }
  }
}
