import TestSupport
import Testing

@testable import MetricLearning

/// Losses against PyTorch; the figures are made by Tests/References/pytorch.py.
@Suite struct PyTorchLossTests {
  @Test(arguments: [0.05, 0.5]) func normSoftmax(temperature: Double) throws {
    let loss = EmbeddingLoss.normSoftmax(temperature: temperature)
    let parameters = try #require(try loss.parameters(classes: 3, width: 4, seed: 0))
    #expect(parameters.arrays[0].set(PyTorchFigures.numbers(12, 5, 13).map { $0 + 0.125 }))
    let x = PyTorchFigures.numbers(20).map { $0 + 0.125 }
    var gradient = [Float](repeating: .nan, count: x.count)
    let value = try loss.batchLoss(
      x, width: 4, labels: [0, 2, 1, 1, 0], parameters: parameters, gradient: &gradient)
    func check(_ part: String, _ found: [Float]) throws {
      let expected = try #require(PyTorchFigures.byName["normsoftmax\(temperature).\(part)"])
      try #require(expected.count == found.count)
      for (one, other) in zip(found, expected) { #expect(abs(one - other) < 2e-5 * max(1, abs(other)), "\(part)") }
    }
    try check("loss", [Float(value)])
    try check("dx", gradient)
    try check("dproxies", parameters.arrays[0].gradients)
  }
}
