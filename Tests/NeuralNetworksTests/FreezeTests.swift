import TestSupport
import Tensors
import Testing

@testable import NeuralNetworks

/// Frozen layers: what training leaves alone, where gradients stop, and what a file keeps.
@Suite struct FreezeTests {
  private static let below: [Layer] = [.conv(8, 3), .batchNorm(), .relu, .maxPool(2), .dropout(rate: 0.5)]
  private static let above: [Layer] = [.conv(6, 3), .batchNorm(), .relu, .flatten, .dense(units: 3)]
  private static let shape = [1, 12, 11]

  private static func network(_ layers: [Layer]) throws -> Network {
    let network = try Network(layers)
    try network.build(inputShape: shape, seed: 3)
    var random = RandomStream(seed: 5)
    for array in network.weights {
      let values = array.values.map { value in
        array.name.hasSuffix("variance") ? 0.5 + Float(random.uniform()) : value + 0.1 * Float(random.normal())
      }
      #expect(array.set(values))
    }
    return network
  }

  /// Without the input's gradient the plan stops below the lowest layer that learns: values and gradients are those of
  /// plain loops in doubles, and of differences.
  @Test func agreesWithNaiveLoops() throws {
    let layers: [Layer] = [.freeze(Self.below), .relu] + Self.above
    let network = try Self.network(layers)
    let plan = try Plan(network, batch: 7, training: true)
    var random = RandomStream(seed: 8)
    let input = (0..<7 * 132).map { _ in Float(random.normal()) }
    let coefficients = (0..<21).map { _ in Float(random.normal()) }
    let before = network.weights.map(\.values)
    plan.withInput { buffer in for index in input.indices { buffer[index] = input[index] } }
    plan.forward(dropoutSeed: 4)
    let output = plan.withOutput { y, dy in
      for index in dy.indices { dy[index] = coefficients[index] }
      return Array(y)
    }
    plan.backward()
    var naive = NaiveNetwork(layers: layers, weights: before.map { $0.map(Double.init) })
    let items = (0..<7).map { input[$0 * 132..<($0 + 1) * 132].map(Double.init) }
    let expected = naive.forward(items, shape: Self.shape).flatMap { $0 }
    for (one, other) in zip(output, expected) { #expect(abs(Double(one) - other) < 2e-4 * (1 + abs(other))) }
    func loss() -> Double {
      zip(naive.forward(items, shape: Self.shape).flatMap { $0 }, coefficients).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
    for (place, array) in network.weights.enumerated() {
      #expect(
        array.isTrained
          == (array.name.hasPrefix("1.") ? false : !array.name.contains("mean") && !array.name.contains("variance")))
      guard array.isTrained else { continue }
      let (gradients, index) = (array.gradients, array.count / 2)
      let scale = gradients.map { abs(Double($0)) }.max() ?? 0
      let kept = naive.weights[place][index]
      naive.weights[place][index] = kept + 1e-5
      let up = loss()
      naive.weights[place][index] = kept - 1e-5
      let difference = (up - loss()) / 2e-5
      naive.weights[place][index] = kept
      #expect(abs(Double(gradients[index]) - difference) < 2e-3 * (0.1 + scale), "\(array.name)")
    }
    // Statistics of frozen layers are left alone, those above move.
    for (array, old) in zip(network.weights, before) where !array.isTrained {
      #expect((array.values == old) == array.name.hasPrefix("1."), "\(array.name)")
    }
  }

  /// Steps of every optimiser with decay leave the bits of frozen weights; the others move.
  @Test(arguments: [
    Optimizer(.adam(), rate: 0.05, weightDecay: 0.1, decoupled: true, clip: 1),
    Optimizer(.sgd(momentum: 0.9), rate: 0.05, weightDecay: 0.1), Optimizer(.rmsprop(), rate: 0.01, weightDecay: 0.1),
  ])
  func weightsKeepTheirBits(optimizer: Optimizer) throws {
    let network = try Self.network([.freeze(Self.below)] + Self.above)
    let before = network.weights.map { $0.values.map(\.bitPattern) }
    let state = try OptimizerState(optimizer)
    var random = RandomStream(seed: 2)
    let x = try Tensor.randn([5] + Self.shape, &random)
    for seed in 0..<3 {
      _ = try TrainingStep.run(state, seed: UInt64(seed)) { step in
        try step.apply(network, to: x).power(Tensor(scalar: 2)).sum()
      }
    }
    for (array, old) in zip(network.weights, before) {
      #expect((array.values.map(\.bitPattern) == old) == array.name.hasPrefix("1."), "\(array.name)")
    }
  }

  /// A loop by hand through two networks: the gradient passes through a frozen network to the one before it.
  @Test func gradientsPassThroughAFrozenNetwork() throws {
    let first = try Self.network([.conv(2, 3, padding: .same), .relu])
    let second = try Network([
      .freeze([.conv(4, 3), .batchNorm(), .relu, .flatten, .dense(units: 2)]), .dense(units: 2),
    ])
    let state = try OptimizerState(.sgd(1e-4))
    var random = RandomStream(seed: 2)
    let x = try Tensor.randn([3] + Self.shape, &random)
    func loss(_ step: TrainingStep) throws -> Tensor {
      try step.apply(second, to: step.apply(first, to: x)).power(Tensor(scalar: 2)).sum()
    }
    let one = try TrainingStep.run(state, seed: 1, loss: loss)
    let weights = first.weights.map(\.values)
    let two = try TrainingStep.run(state, seed: 1, loss: loss)
    #expect(two < one)
    #expect(first.weights.map(\.values) != weights)
    // Where nothing learns, the step says so.
    let frozen = try Self.network([.freeze(Self.above)])
    #expect(throws: NetworkError.nothingLearns(function: "step")) {
      try TrainingStep.run(state, seed: 1) { try $0.apply(frozen, to: x).sum() }
    }
  }

  /// The file keeps what is frozen; `unfrozen` has the same weights, and all of them learn.
  @Test func filesAndCopiesKeepIt() throws {
    let network = try Self.network([.freeze(Self.below + Self.above, layers: 5), .normalize])
    let read = try Network.decoded(try network.encoded(), path: "x")
    #expect(read.layers == network.layers && read.weights.map(\.values) == network.weights.map(\.values))
    #expect(read.weights.map(\.isTrained) == network.weights.map(\.isTrained))
    #expect(network.parameterCount == 6 * 8 * 9 + 6 + 12 + 3 * 6 * 3 * 2 + 3 && network.frozenCount == 8 * 9 + 8 + 16)
    #expect(try network.copy().frozenCount == network.frozenCount)
    let free = try network.unfrozen()
    #expect(free.layers == Self.below + Self.above + [.normalize])
    #expect(free.weights.map(\.values) == network.weights.map(\.values) && free.frozenCount == 0)
    #expect(free.parameterCount == network.parameterCount + network.frozenCount)
    let x = try Tensor((0..<264).map { Float($0 % 17) - 8 }, shape: [2] + Self.shape)
    #expect(try free.embed(x).values == network.embed(x).values)
    #expect(try Network([.freeze([.conv(4, 3)]), .flatten]).unfrozen().layers == [.conv(4, 3), .flatten])
    // Where its parts' arrays go is known once it is built.
    let waiting = try Network(try Network([.freeze([.conv(4, 3)])]), then: Self.network(Self.above), seed: 1)
    #expect(throws: NetworkError.notBuilt(function: "unfreeze")) { try waiting.unfrozen() }
  }

  @Test func summaryTellsWhatIsFrozen() throws {
    let network = try Self.network([.freeze(Self.below)] + Self.above)
    #expect(network.summaryTotal == "input 1×12×11, 561 parameters, 96 frozen")
    #expect(network.summaryRows[0][2] == "96 frozen" && network.summaryRows.last?[2] == "111")
    let part = try Self.network([.freeze(Self.below + Self.above, layers: 5)])
    #expect(part.summaryRows[0][2] == "561 + 96 frozen")
  }

  @Test func sizesThatMakeNoSenseAreRefused() throws {
    #expect(throws: NetworkError.self) { try Network([.freeze([])]) }
    #expect(throws: NetworkError.self) { try Network([.freeze([.relu], layers: 2)]) }
    #expect(throws: NetworkError.self) { try Network([.freeze([.relu], layers: 0)]) }
  }
}
