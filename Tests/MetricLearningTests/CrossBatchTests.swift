import NeuralNetworks
import TestSupport
import Testing

@testable import MetricLearning

/// A loss against the batches before: pytorch-metric-learning's figures, plain loops, and trainings that go on from a file.
@Suite struct CrossBatchTests {
  private static func labels(_ step: Int) -> [Int] {
    // As numpy's roll does it.
    (0..<10).map { MiningTests.labels[($0 - step + 10) % 10] }
  }

  /// Four batches of ten against the twelve embeddings before each.
  @Test(arguments: [false, true]) func agreesWithTheLibrary(isMined: Bool) throws {
    for (name, loss) in MiningTests.losses {
      let inner = isMined ? try loss.mined(by: .multiSimilarity(epsilon: 0.1)) : loss
      let across = try inner.acrossBatches(size: 12)
      let memory = try #require(try across.parameters(classes: 3, width: 5, seed: 0))
      for (step, factor) in [11, 13, 23, 37].enumerated() {
        var gradient = [Float](repeating: .nan, count: 50)
        let value = try across.batchLoss(
          MiningTests.rows(factor), width: 5, labels: Self.labels(step), parameters: memory, gradient: &gradient)
        let part = "crossbatch.\(isMined ? "multisimilarity" : "all").\(name).\(step)"
        try MiningTests.check("\(part).loss", [Float(value)])
        try MiningTests.check("\(part).dx", gradient)
      }
    }
  }

  /// Every loss that compares pairs, with each of its own ways to choose, over a batch and rows that are remembered.
  @Test(
    arguments: MiningTests.pairwise + [
      .smoothAP(temperature: 0.1), .triplet(margin: 0.7, mining: .hard), .margin(margin: 0.4, beta: 1, mining: .hard),
      .triplet(margin: 0.5, mining: .all, metric: .l1),
    ])
  func agreesWithItsFormula(loss: EmbeddingLoss) throws {
    let (labels, width) = (LossesTests.labels, LossesTests.width)
    var numbers = TestNumbers(31)
    let before = numbers.floats(6 * width)
    let x = numbers.floats(labels.count * width)
    let across = try loss.acrossBatches(size: 6)
    #expect(across.text == "crossbatch(\(loss.text), size=6)")
    let memory = try #require(try across.parameters(classes: 5, width: width, seed: 0))
    var gradient = [Float](repeating: .nan, count: before.count)
    let old = [0, 0, 1, 2, 3, 3]
    _ = try across.batchLoss(before, width: width, labels: old, parameters: memory, gradient: &gradient)
    gradient = [Float](repeating: .nan, count: x.count)
    let value = try across.batchLoss(x, width: width, labels: labels, parameters: memory, gradient: &gradient)
    let all = labels + old
    let lists: MiningTests.Lists = (
      all.indices.map { a in a < labels.count ? all.indices.filter { $0 != a && all[$0] == all[a] } : [] },
      all.indices.map { a in a < labels.count ? all.indices.filter { all[$0] != all[a] } : [] }
    )
    let wide = (x + before).map(Double.init)
    func formula(_ x: [Double]) -> Double { LossesTests.naive(loss, x, frozen: wide, chosen: lists) }
    let expected = formula(wide)
    #expect(abs(value - expected) < 1e-5 * max(1, abs(expected)))
    for i in x.indices {
      var (up, down) = (wide, wide)
      up[i] += 1e-6
      down[i] -= 1e-6
      let slope = (formula(up) - formula(down)) / 2e-6
      #expect(abs(Double(gradient[i]) - slope) < 3e-4 * max(1, abs(slope)), "number \(i)")
    }
  }

  /// The warm-up's batches and validation leave no trace; larger batches than the memory leave their last rows.
  @Test func whatIsRemembered() throws {
    let loss = EmbeddingLoss.supervisedContrastive(temperature: 0.2)
    let across = try loss.acrossBatches(size: 4, warmup: 2)
    let memory = try #require(try across.parameters(classes: 3, width: 5, seed: 0))
    #expect(memory.arrays.allSatisfy { !$0.isTrained } && !across.hasParameters)
    func value(_ loss: EmbeddingLoss, _ factor: Int, isTraining: Bool = true, _ own: LossParameters?) throws -> Double {
      var gradient = [Float](repeating: 0, count: 50)
      return try loss.batchLoss(
        MiningTests.rows(factor), width: 5, labels: MiningTests.labels, parameters: own, isTraining: isTraining,
        gradient: &gradient)
    }
    for factor in [11, 13, 23] { #expect(try value(across, factor, memory) == value(loss, factor, nil)) }
    let kept = memory.snapshot()
    #expect(kept.arrays[0] == Array(MiningTests.rows(23)[30...]) && kept.arrays[1] == [0, 1, 0, 2])
    #expect(try value(across, 37, isTraining: false, memory) == value(loss, 37, nil))
    #expect(memory.snapshot() == kept)
    #expect(try value(across, 37, memory) != value(loss, 37, nil))
    #expect(throws: MetricError.needsMemory(loss: across.text)) { try value(across, 11, nil) }
    // A damaged file's numbers lead nowhere.
    var damaged = kept
    damaged.arrays[1] = [.nan, .infinity, -7, 1e30]
    damaged.arrays[2] = [.nan, 1e30, -4]
    #expect(memory.restore(damaged))
    #expect(try value(across, 11, memory) == value(loss, 11, nil))
    let large = try loss.acrossBatches(size: 1 << 22)
    #expect(throws: MetricError.self) { try large.parameters(classes: 3, width: 64, seed: 0) }
  }

  private static func trainer(_ seed: UInt64 = 5) throws -> Trainer {
    try Trainer(
      network: TrainerTests.network(dropout: true), data: .images(Prototypes(classes: 10, each: 8, isAugmented: true)),
      validation: .fraction(0.25),
      loss: EmbeddingLoss.supervisedContrastive(temperature: 0.2).mined(by: .distance).acrossBatches(
        size: 40, warmup: 3
      )
      .plus(EmbeddingLoss.margin(margin: 0.2, beta: 1.2, mining: .distance).acrossBatches(size: 50).times(0.5)),
      optimizer: .adam(0.01), lossOptimizer: .sgd(0.05), options: .init(batch: 24, seed: seed))
  }

  /// Cut off within an epoch, saved and resumed: the same bits, the memories among them.
  @Test(arguments: [2, 5, 7]) func goesOnBitForBit(stop: Int) throws {
    let whole = try Self.trainer()
    try whole.run(epochs: 4)
    #expect(whole.lossParameters?.arrays[0].values.contains { $0 != 0 } == true)
    let cut = try Self.trainer()
    try cut.run(
      epochs: 4,
      observer: .stopping(after: stop))
    let resumed = try Self.trainer(77).resumed(try cut.encoded(), path: "x")
    try resumed.run()
    #expect(resumed.history == whole.history)
    #expect(resumed.network.weights.map(\.values) == whole.network.weights.map(\.values))
    #expect(resumed.lossParameters?.snapshot() == whole.lossParameters?.snapshot())
    #expect(
      whole.lossParameters?.arrays.map(\.name).prefix(4) == [
        "loss.1.memory", "loss.1.memory.labels", "loss.1.memory.state", "loss.2.beta",
      ])
  }
}
