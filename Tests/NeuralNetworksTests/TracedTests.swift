import Tensors
import Testing

@testable import NeuralNetworks

/// A network applied to a traced tensor: what inference gives, with the gradient by its input.
@Suite struct TracedTests {
  private static func prepared(_ one: PlanCase) throws -> (Network, Tensor) {
    let network = try Network(one.layers)
    try network.build(inputShape: one.shape, seed: 4)
    var random = RandomStream(seed: 9)
    // Running statistics and biases that are not what they begin with.
    for array in network.weights {
      let values = array.values.map { value in
        array.name.hasSuffix("variance") ? 0.5 + Float(random.uniform()) : value + 0.1 * Float(random.normal())
      }
      #expect(array.set(values))
    }
    return (network, try Tensor.randn([one.batch] + one.shape, &random))
  }

  @Test(arguments: PlanTests.cases) func givesWhatInferenceGives(one: PlanCase) throws {
    let (network, batch) = try Self.prepared(one)
    let expected = try network.embed(batch)
    let got = try network.traced(batch)
    #expect(got.shape == expected.shape)
    for (a, b) in zip(got.values, expected.values) { #expect(abs(a - b) <= 2e-4 * max(1, abs(b))) }
  }

  @Test(arguments: PlanTests.cases) func gradientByTheInput(one: PlanCase) throws {
    let (network, batch) = try Self.prepared(one)
    var random = RandomStream(seed: 21)
    let weights = try Tensor.randn(network.traced(batch).shape, &random)
    func loss(_ x: Tensor) throws -> Double {
      zip(try network.traced(x).values, weights.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let found = try gradient(of: { try (network.traced($0) * weights).sum() }, at: batch)
    #expect(found.shape == batch.shape)
    // Corners of relu and of maxima may lie between the two places: most of the numbers have to agree.
    var agreed = 0
    let places = (0..<24).map { _ in random.int(below: batch.count) }
    for place in places {
      func moved(_ by: Float) throws -> Double {
        var values = batch.values
        values[place] += by
        return try loss(Tensor(values, shape: batch.shape))
      }
      let expected = (try moved(1e-2) - moved(-1e-2)) / 2e-2
      if abs(Double(found.values[place]) - expected) <= 3e-2 * max(1, abs(expected)) { agreed += 1 }
    }
    #expect(agreed >= 20, "\(agreed) of 24")
  }

  /// The gradient by the input agrees with the plan's own, where nothing depends on training.
  @Test func agreesWithThePlan() throws {
    let (network, batch) = try Self.prepared(
      PlanCase(layers: [.conv(4, 3), .relu, .maxPool(2), .flatten, .dense(units: 3)], shape: [2, 8, 8], batch: 3))
    let found = try gradient(of: { x in try network.traced(x).power(Tensor(scalar: 2)).sum() }, at: batch)
    let plan = try Plan(network, batch: 3, training: true, inputGradient: true)
    batch.withUnsafeBuffer { from in plan.withInput { to in for i in from.indices { to[i] = from[i] } } }
    plan.forward()
    plan.withOutput { y, dy in for i in y.indices { dy[i] = 2 * y[i] } }
    plan.backward()
    plan.withInputGradient { expected in
      for (a, b) in zip(found.values, expected) { #expect(abs(a - b) <= 1e-3 * max(1, abs(b))) }
    }
  }
}
