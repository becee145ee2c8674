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

  /// What a loss learns of its own is given by hand in the shape that its message names, and has a gradient.
  @Test(arguments: [
    (EmbeddingLoss.softTriple(centres: 3, scale: 5, gamma: 0.5, margin: 0.01), [[2, 3, 2], [6, 2]], [-1, 3, 2]),
    (.arcFace(margin: 0.3, scale: 4, centres: 3), [[2, 3, 2], [6, 2]], [-1, 3, 2]),
    (.cosFace(margin: 0.1, scale: 4), [[2, 2]], [-1, 2]),
    (.margin(margin: 0.3, beta: 1.1, mining: .all), [[1]], [1]),
  ]) func ownNumbersByHand(loss: EmbeddingLoss, shapes: [[Int]], wanted: [Int]) throws {
    let x = try Tensor([0.9, 0.4, -0.3, 0.8, 0.5, -0.7, -0.2, -0.6], shape: [4, 2])
    let numbers: [Float] = [1.05, 0.2, -0.4, 0.9, 0.3, -0.8, -0.7, 0.5, 0.6, 0.7, -0.1, -1]
    var values: [Float?] = []
    for shape in shapes {
      let own = try Tensor(Array(numbers.prefix(shape.reduce(1, *))), shape: shape)
      try check(own) { try loss.batchLoss(x, labels: [0, 0, 1, 1], proxies: $0) }
      try check(x) { try loss.batchLoss($0, labels: [0, 0, 1, 1], proxies: own) }
      values.append(try loss.batchLoss(x, labels: [0, 0, 1, 1], proxies: own).item)
    }
    #expect(Set(values).count == 1)
    for shape in [[5, 2], [2, 5, 2], [2, 4], [7], []] {
      let other = try Tensor([Float](repeating: 1, count: shape.reduce(1, *)), shape: shape)
      if shape == [], wanted == [1] { continue }
      if shape == [5, 2], wanted == [-1, 2] { continue }
      #expect(throws: MetricError.needsParameters(loss: loss.text, shape: wanted)) {
        try loss.batchLoss(x, labels: [0, 0, 1, 1], proxies: other)
      }
    }
  }

  @Test func ownNumbersOfLossesWithoutAny() throws {
    let x = try Tensor([1, 2, 3, 4], shape: [2, 2])
    let sum = try EmbeddingLoss.nPair.plus(.cosFace(margin: 0.1, scale: 4))
    #expect(try sum.batchLoss(x, labels: [0, 0], proxies: x).item?.isFinite == true)
    #expect(throws: MetricError.needsParameters(loss: "npair()", shape: [])) {
      try EmbeddingLoss.nPair.batchLoss(x, labels: [0, 0], proxies: x)
    }
    #expect(throws: MetricError.needsParameters(loss: "centre(weight=1)", shape: [-1, 2])) {
      try EmbeddingLoss.centre(weight: 1).batchLoss(x, labels: [0, 0], proxies: x)
    }
    #expect(
      throws: MetricError.needsParameters(
        loss: "softtriple(centres=3, scale=5, gamma=0.5, margin=0)", shape: [-1, 3, 2])
    ) {
      try EmbeddingLoss.softTriple(centres: 3, scale: 5, gamma: 0.5, margin: 0).batchLoss(x, labels: [0, 0])
    }
  }

  @Test func shapesInWords() throws {
    let x = try Tensor([1, 2, 3, 4], shape: [2, 2])
    #expect(throws: MetricError.lossShapes(loss: "npair()", shapes: [[2, 2], [3]])) {
      try EmbeddingLoss.nPair.batchLoss(x, labels: [0, 0, 1])
    }
  }
}
