import NeuralNetworks
import TestSupport
import Testing

@testable import MetricLearning

/// Trainings of networks that are frozen in part.
@Suite struct FrozenTrainingTests {
  private static func trainer(
    _ loss: EmbeddingLoss = .supervisedContrastive(temperature: 0.2), frozen: Int? = 4
  ) throws -> Trainer {
    let source = Prototypes(classes: 10, each: 8, isAugmented: true)
    let base: [Layer] = [.conv(4, 3), .batchNorm(), .activation(.relu), .maxPool(2)]
    let head: [Layer] = [.conv(6, 2, bias: false), .batchNorm(), .flatten, .dense(units: 8)]
    let network = try Network(
      (frozen == nil ? base : [.freeze(base, layers: frozen)]) + head)
    return try Trainer(
      network: network, data: .images(source), validation: .fraction(0.25), loss: loss,
      optimizer: Optimizer(.adam(), rate: 0.01, weightDecay: 0.1, decoupled: true, clip: 1),
      options: .init(batch: 24, seed: 5, average: 0.9))
  }

  private static func bits(_ network: Network) -> [[UInt32]] { network.weights.map { $0.values.map(\.bitPattern) } }

  /// Decay, clipping, the running mean and the best epoch's weights leave frozen arrays bit for bit, statistics among them.
  @Test func frozenArraysKeepTheirBits() throws {
    let t = try Self.trainer()
    let before = Self.bits(t.network)
    try t.run(epochs: 3)
    #expect(t.history[2].loss < t.history[0].loss)
    for (array, (old, new)) in zip(t.network.weights, zip(before, Self.bits(t.network))) {
      #expect((old == new) == array.name.hasPrefix("1."), "\(array.name)")
    }
  }

  /// A state goes on bit for bit; one of a network that is frozen elsewhere is another training's.
  @Test func checkpointsKnowWhatIsFrozen() throws {
    let whole = try Self.trainer()
    try whole.run(epochs: 3)
    let cut = try Self.trainer()
    try cut.run(
      epochs: 3,
      observer: .stopping(after: 5))
    let bytes = try cut.encoded()
    let resumed = try Self.trainer().resumed(bytes, path: "x")
    try resumed.run()
    #expect(Self.bits(resumed.network) == Self.bits(whole.network) && resumed.history == whole.history)
    for other in [nil, 3] {
      let trainer = try Self.trainer(frozen: other)
      #expect(throws: MetricError.self) { try trainer.resumed(bytes, path: "x") }
      #expect(try trainer.identity() != whole.identity())
    }
  }

  @Test func whereNothingLearnsATrainerSaysSo() throws {
    let source = Prototypes(classes: 4, each: 4)
    func trainer(_ loss: EmbeddingLoss) throws -> Trainer {
      try Trainer(
        network: Network([.freeze([.flatten, .dense(units: 8)])]), data: .images(source), loss: loss,
        optimizer: .adam(0.01), options: .init(batch: 8, seed: 5))
    }
    #expect(throws: NetworkError.nothingLearns(function: "trainer")) {
      try trainer(.supervisedContrastive(temperature: 1))
    }
    // The proxies learn alone.
    let t = try trainer(.normSoftmax(temperature: 0.1))
    let proxies = t.lossParameters?.snapshot()
    try t.run(epochs: 3)
    #expect(t.lossParameters?.snapshot() != proxies && t.history[2].loss < t.history[0].loss)
  }
}
