import Tensors
import Testing

@testable import NeuralNetworks

@Suite struct TrainingStepTests {
  /// A step through the tape gives what the plan by itself gives.
  @Test func theTapeAndThePlanAgree() throws {
    let layers: [Layer] = [.conv(4, 3), .relu, .maxPool(2), .flatten, .dense(units: 3)]
    let (one, other) = (try Network(layers), try Network(layers))
    try one.build(inputShape: [1, 8, 8], seed: 1)
    try other.build(inputShape: [1, 8, 8], seed: 1)
    var random = RandomStream(seed: 3)
    let values = (0..<5 * 64).map { _ in Float(random.normal()) }
    let batch = try Tensor(values, shape: [5, 1, 8, 8])
    let loss = try TrainingStep.run(OptimizerState(.sgd(0.1)), seed: 2) { step in
      let y = try step.apply(one, to: batch)
      return try (y * y).sum()
    }
    let plan = try Plan(other, batch: 5, training: true)
    plan.withInput { for index in values.indices { $0[index] = values[index] } }
    plan.forward()
    let sum = plan.withOutput { y, dy in
      for index in y.indices { dy[index] = 2 * y[index] }
      return y.reduce(0) { $0 + $1 * $1 }
    }
    plan.backward()
    try OptimizerState(.sgd(0.1)).update(other)
    #expect(abs(loss - sum) < 1e-3 * (1 + abs(sum)))
    for (a, b) in zip(one.weights, other.weights) {
      for (x, y) in zip(a.values, b.values) { #expect(abs(x - y) < 1e-5) }
    }
  }

  /// A step may make weights that no later one mends: it is said then, and not by the results of the network.
  @Test func weightsThatAreNoNumberAreSaid() throws {
    let network = try Network([.dense(units: 1, bias: false)])
    try network.build(inputShape: [1], seed: 1)
    #expect(throws: NetworkError.weightsNotFinite) {
      try TrainingStep.run(OptimizerState(.sgd(1e38)), seed: 0) { step in
        try step.apply(network, to: Tensor([100], shape: [1, 1])).sum()
      }
    }
  }

  /// Several batches in one pass: what one batch of all of them gives, statistics and gradients for the inputs too.
  @Test func twinsAreOneBatch() throws {
    let layers: [Layer] = [.conv(4, 3), .batchNorm(), .relu, .flatten, .dense(units: 3)]
    var random = RandomStream(seed: 5)
    let sizes = [3, 2, 4]
    let parts = try sizes.map { count in
      try Tensor((0..<count * 36).map { _ in Float(random.normal()) }, shape: [count, 1, 6, 6])
    }
    let weights = try Tensor((0..<27).map { _ in Float(random.normal()) }, shape: [9, 3])
    func run(together: Bool) throws -> (loss: Float, weights: [[Float]]) {
      let (first, second) = (try Network(layers), try Network([.dense(units: 3)]))
      try first.build(inputShape: [1, 6, 6], seed: 1)
      try second.build(inputShape: [3], seed: 4)
      let loss = try TrainingStep.run(OptimizerState(.sgd(0.01)), seed: 2) { step in
        // The second network's inputs hang on the first's: the gradient goes back to each of them.
        guard together else {
          let result = try step.apply(second, to: step.apply(first, to: Tensor.concat(parts)))
          return try (result * result * weights).sum()
        }
        let rows = try step.apply(first, toTwins: parts)
        let pieces = [try rows.taken([0, 1, 2]), try rows.taken([3, 4]), try rows.taken([5, 6, 7, 8])]
        let result = try step.apply(second, toTwins: pieces)
        return try (result * result * weights).sum()
      }
      return (loss, (first.weights + second.weights).map(\.values))
    }
    let (one, other) = (try run(together: true), try run(together: false))
    #expect(one.loss == other.loss)
    #expect(one.weights == other.weights)
  }

  /// A network called twice gets the sum of both gradients; one called on another's result passes its gradient on.
  @Test func callsShareAndChainGradients() throws {
    let first = try Network([.dense(units: 1, bias: false)])
    let second = try Network([.dense(units: 1, bias: false)])
    try first.build(inputShape: [1], seed: 1)
    try second.build(inputShape: [1], seed: 1)
    _ = first.weights[0].set([2])
    _ = second.weights[0].set([3])
    _ = try TrainingStep.run(OptimizerState(.sgd(1)), seed: 0) { step in
      let a = try step.apply(first, to: Tensor([1], shape: [1, 1]))
      let b = try step.apply(first, to: Tensor([10], shape: [1, 1]))
      return try step.apply(second, to: a + b).sum()
    }
    // loss = s (f + 10 f): ∂f = 11 s = 33, ∂s = 11 f = 22
    #expect(first.weights[0].values == [2 - 33])
    #expect(second.weights[0].values == [3 - 22])
  }

  /// Two networks that a step is the first to call begin differently; one alone begins by the seed, as it does elsewhere.
  @Test func newNetworksBeginApart() throws {
    let nets = try (0..<3).map { _ in try Network([.dense(units: 3)]) }
    let one = try Tensor([1, 2], shape: [1, 2])
    var first: [[Float]] = []
    _ = try TrainingStep.run(OptimizerState(.sgd(0.1)), seed: 4) { step in
      var sum = Tensor(scalar: 0)
      for net in nets + [nets[0]] { sum = try sum + step.apply(net, to: one).sum() }
      first = nets.map { $0.weights[0].values }
      return sum
    }
    #expect(Set(first).count == 3)
    let alone = try Network([.dense(units: 3)])
    try alone.build(inputShape: [2], seed: 4)
    #expect(alone.weights[0].values == first[0])
  }

  @Test func aLossWithoutANetworkIsAnError() throws {
    #expect(throws: NetworkError.noTape) {
      try TrainingStep.run(OptimizerState(.sgd(1)), seed: 0) { _ in Tensor(scalar: 1) }
    }
  }
}
