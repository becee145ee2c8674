import NeuralNetworks
import TestSupport
import Testing

@testable import MetricLearning

/// What a loss learns of its own, by an optimiser of its own.
@Suite struct LossOptimizerTests {
  private static func trainer(_ loss: EmbeddingLoss, own: Optimizer?, rate: Double = 0.01, seed: UInt64 = 5) throws
    -> Trainer
  {
    let source = Prototypes(classes: 8, each: 8, isAugmented: true)
    let data: TrainingData = loss.takesPairs ? .pairs(try Pairs(source, count: 150, seed: 3)) : .images(source)
    return try Trainer(
      network: TrainerTests.network(dropout: true), data: data, loss: loss, optimizer: .sgd(rate, momentum: 0.9),
      lossOptimizer: own, options: .init(batch: 24, seed: seed))
  }

  private static func numbers(_ t: Trainer) -> [[Float]] { t.lossParameters?.snapshot().arrays ?? [] }

  /// One step by hand: w − rate · (g + decay · w) for what the loss learns, with the gradient of the same batch.
  @Test(arguments: [
    EmbeddingLoss.normSoftmax(temperature: 0.1), .centre(weight: 0.1), .weightedL1,
    .margin(margin: 0.2, beta: 1, mining: .all),
  ])
  func aStepIsThatOfItsOptimizer(loss: EmbeddingLoss) throws {
    let own = Optimizer(.sgd(), rate: 0.25, weightDecay: 0.125)
    let t = try Self.trainer(loss, own: own)
    let before = Self.numbers(t)
    let network = try Self.trainer(loss, own: nil, rate: 0.01)
    for each in [t, network] {
      try each.run(
        epochs: 1,
        observer: .stopping(after: 1))
    }
    // The network moves as it does without.
    #expect(t.network.weights.map(\.values) == network.network.weights.map(\.values))
    for (index, array) in (t.lossParameters?.arrays ?? []).enumerated() {
      for (k, gradient) in array.gradients.enumerated() {
        let old = before[index][k]
        let expected = old - 0.25 * (gradient + (array.isDecayed ? 0.125 * old : 0))
        #expect(abs(array.values[k] - expected) <= 1e-6 * max(1, abs(expected)), "\(array.name)[\(k)]")
      }
    }
  }

  /// Given the network's optimiser, without clipping, it does what the network's does: the same bits.
  @Test func theSameOptimizerGivesTheSameBits() throws {
    let loss = EmbeddingLoss.normSoftmax(temperature: 0.1)
    let (one, other) = (try Self.trainer(loss, own: nil), try Self.trainer(loss, own: .sgd(0.01, momentum: 0.9)))
    try one.run(epochs: 3)
    try other.run(epochs: 3)
    #expect(Self.numbers(one) == Self.numbers(other) && one.history == other.history)
    #expect(try one.identity() != other.identity())
  }

  @Test(arguments: [
    Optimizer(.adam(), rate: 0.05, schedule: .cosine(steps: 12)), Optimizer(.sgd(momentum: 0.5), rate: 0.1, clip: 0.5),
  ])
  func goesOnBitForBit(own: Optimizer) throws {
    let loss = EmbeddingLoss.centre(weight: 0.1)
    let whole = try Self.trainer(loss, own: own)
    try whole.run(epochs: 4)
    let cut = try Self.trainer(loss, own: own)
    try cut.run(
      epochs: 4,
      observer: .stopping(after: 5))
    let bytes = try cut.encoded()
    let resumed = try Self.trainer(loss, own: own, seed: 77).resumed(bytes, path: "x")
    try resumed.run()
    #expect(Self.numbers(resumed) == Self.numbers(whole) && resumed.history == whole.history)
    #expect(resumed.network.weights.map(\.values) == whole.network.weights.map(\.values))
    // Undo goes back in both.
    let state = whole.state
    try whole.run(epochs: 1)
    let after = Self.numbers(whole)
    whole.restore(state)
    try whole.run(epochs: 1)
    #expect(Self.numbers(whole) == after)
    for other in [nil, Optimizer.sgd(0.3)] {
      #expect {
        _ = try Self.trainer(loss, own: other).resumed(bytes, path: "x")
      } throws: { error in
        guard case MetricError.otherTraining(_, "the loss's optimizer", _, _) = error else { return false }
        return true
      }
    }
  }

  @Test func aLossThatLearnsNothingTakesNone() throws {
    #expect(throws: MetricError.self) {
      try Self.trainer(.supervisedContrastive(temperature: 0.1), own: .sgd(0.1))
    }
  }
}
