import Tensors
import TestSupport
import Testing

@testable import NeuralNetworks

/// Layers against PyTorch; the figures are made by Tests/References/pytorch.py.
@Suite struct PyTorchTests {
  @Test(arguments: [(1, 1e-5), (2, 1e-5), (3, 1e-3), (6, 1e-5)])
  func groupNorm(groups: Int, epsilon: Double) throws {
    let network = try Network([.groupNorm(groups, epsilon: epsilon)])
    try network.build(inputShape: [6, 3, 5], seed: 0)
    #expect(network.weights[0].set(PyTorchFigures.numbers(6, 5, 7).map { $0 + 1 }))
    #expect(network.weights[1].set(PyTorchFigures.numbers(6, 3, 5)))
    let plan = try Plan(network, batch: 2, training: true, inputGradient: true)
    let x = PyTorchFigures.numbers(180)
    plan.withInput { for k in x.indices { $0[k] = x[k] } }
    plan.forward()
    let g = PyTorchFigures.numbers(180, 5, 13)
    var y: [Float] = []
    plan.withOutput { output, gradient in
      y = Array(output)
      for k in g.indices { gradient[k] = g[k] }
    }
    plan.backward()
    func check(_ part: String, _ found: [Float]) throws {
      let expected = try #require(PyTorchFigures.byName["groupnorm\(groups).\(part)"])
      try #require(expected.count == found.count)
      for (one, other) in zip(found, expected) { #expect(abs(one - other) < 2e-5 * max(1, abs(other)), "\(part)") }
    }
    try check("y", y)
    try check("dx", plan.withInputGradient { Array($0) })
    try check("dscale", network.weights[0].gradients)
    try check("dshift", network.weights[1].gradients)
    try check("y", network.traced(Tensor(x, shape: [2, 6, 3, 5])).values)
  }

  @Test func groupNormInWordsAndFiles() throws {
    let layers: [Layer] = [.conv(6, 3), .groupNorm(3), .relu, .groupNorm(2, epsilon: 0.01), .flatten, .dense(units: 2)]
    #expect(layers.map(\.describe)[1] == "groupnorm(3)")
    #expect(layers.map(\.describe)[3] == "groupnorm(2, epsilon=0.01)")
    #expect(layers.filter(\.dependsOnBatch) == [])
    let network = try Network(layers)
    try network.build(inputShape: [1, 6, 6], seed: 5)
    let other = try Network.decoded(try network.encoded(), path: "x")
    #expect(other.layers == layers)
    #expect(other.weights.map(\.name) == network.weights.map(\.name))
    #expect(other.weights.map(\.values) == network.weights.map(\.values))
    #expect(throws: NetworkError.self) { try Network([.groupNorm(0)]) }
    #expect(throws: NetworkError.self) { try Network([.groupNorm(2, epsilon: 0)]) }
    #expect(
      throws: NetworkError.argument(
        layer: "groupnorm", what: "groups", got: "4", expected: "to divide the 6 channels that come in")
    ) {
      try Network([.conv(6, 3), .groupNorm(4)]).build(inputShape: [1, 6, 6], seed: 0)
    }
  }
}
