import NeuralNetworks
import Ranks
import Tensors
import TestSupport
import Testing

@testable import MetricLearning

/// Trainings that ranks share against those of one process: losses and weights, bit for bit.
@Suite struct RankTrainingTests {
  struct Outcome: Equatable, Sendable {
    var weights: [[UInt32]]
    var losses: [UInt64]
    var parameters: [[UInt32]]
  }

  static func outcome(_ t: Trainer) -> Outcome {
    Outcome(
      weights: t.network.weights.map { $0.values.map(\.bitPattern) },
      losses: t.history.flatMap { [$0.loss.bitPattern, ($0.validationLoss ?? 0).bitPattern] },
      parameters: (t.lossParameters?.arrays ?? []).map { $0.values.map(\.bitPattern) })
  }

  /// Batch normalisation, dropout, augmentation, a layer that runs as it is traced, and a last batch that is smaller.
  static func trained(_ loss: EmbeddingLoss, average: Double? = nil, _ ranks: Ranks?) throws -> Outcome {
    let source = Prototypes(classes: 8, each: 8, isAugmented: true)
    let data: TrainingData = loss.takesPairs ? .pairs(try Pairs(source, count: 150, seed: 3)) : .images(source)
    let t = try Trainer(
      network: try Network([
        .conv(4, 3), .batchNorm(), .activation(.relu), .maxPool(2), .dropout(rate: 0.2), .flatten, .dense(units: 12),
        .activation(.relu), .dense(units: 8),
      ]), data: data, validation: loss.knowsClasses ? .none : .fraction(0.25), loss: loss, optimizer: .adam(0.003),
      options: .init(batch: 40, seed: 5, average: average), ranks: ranks)
    try t.run(epochs: 2)
    return outcome(t)
  }

  static let losses: [EmbeddingLoss] = [
    .contrastive(margin: 1), .weightedL1, .triplet(margin: 0.5, mining: .semihard),
    .triplet(margin: 0.3, mining: .distance), .supervisedContrastive(temperature: 0.2),
    .multiSimilarity(alpha: 2, beta: 20, base: 0.5), .nPair, .crossEntropy(smoothing: 0), .ntXent(temperature: 0.2),
    .circle(margin: 0.25, gamma: 16), .lifted(margin: 1), .margin(margin: 0.2, beta: 1, mining: .hard),
    .proxyNCA(scale: 4), .proxyAnchor(margin: 0.1, alpha: 16), .arcFace(margin: 0.3, scale: 8),
    .cosFace(margin: 0.2, scale: 8), .centre(weight: 0.1), .prototypical(shots: 2), .smoothAP(temperature: 0.05),
    .normSoftmax(temperature: 0.1), .softTriple(centres: 2, scale: 8, gamma: 0.1, margin: 0.01),
  ]
  static let wrapped = [EmbeddingLoss.nPair, .margin(margin: 0.2, beta: 1, mining: .all)].compactMap {
    try? $0.mined(by: .distance).acrossBatches(size: 50, warmup: 1)
  }

  @Test(arguments: losses + wrapped)
  func bitsAreThoseOfOneProcess(loss: EmbeddingLoss) throws {
    let alone = try Self.trained(loss, nil)
    for count in [1, 2, 3, 4, 8] {
      for result in onRanks(count, { try Self.trained(loss, $0) }) { #expect(try result.get() == alone, "\(count)") }
    }
  }

  /// Frozen layers below what learns, and above.
  @Test(arguments: [2, 3, 5]) func frozenLayersToo(count: Int) throws {
    @Sendable func trained(_ ranks: Ranks?) throws -> Outcome {
      let t = try Trainer(
        network: try Network([
          .freeze([.conv(4, 3), .batchNorm(), .activation(.relu), .dropout(rate: 0.2)]), .maxPool(2), .conv(5, 2),
          .freeze([.batchNorm()]), .flatten, .dense(units: 8),
        ]), data: .images(Prototypes(classes: 8, each: 8, isAugmented: true)),
        loss: .supervisedContrastive(temperature: 0.2), optimizer: .adam(0.003), options: .init(batch: 40, seed: 5),
        ranks: ranks)
      try t.run(epochs: 2)
      return Self.outcome(t)
    }
    let alone = try trained(nil)
    for result in onRanks(count, { try trained($0) }) { #expect(try result.get() == alone) }
  }

  @Test func theRunningMeanToo() throws {
    let loss = EmbeddingLoss.contrastive(margin: 1)
    let alone = try Self.trained(loss, average: 0.9, nil)
    for result in onRanks(3, { try Self.trained(loss, average: 0.9, $0) }) { #expect(try result.get() == alone) }
  }

  /// One rank is asked to stop: all stop after the same batch, and go on to the same end.
  @Test func aPauseOfOneIsAPauseOfAll() throws {
    @Sendable func trainer(_ ranks: Ranks?) throws -> Trainer {
      try Trainer(
        network: TrainerTests.network(dropout: true), data: .images(Prototypes(classes: 8, each: 8)),
        loss: .supervisedContrastive(temperature: 0.2), optimizer: .adam(0.003), options: .init(batch: 24, seed: 5),
        ranks: ranks)
    }
    let alone = try trainer(nil)
    try alone.run(epochs: 3)
    let results = onRanks(3) { ranks in
      let t = try trainer(ranks)
      var batches = 0
      let observer = TrainingObserver(shouldStop: {
        batches += 1
        return ranks.rank == 2 && batches == 4
      })
      let end = try t.run(epochs: 3, observer: observer)
      let paused = (end == .paused, t.epoch, t.step)
      try t.run()
      return (paused, Self.outcome(t))
    }
    for result in results {
      let (paused, outcome) = try result.get()
      #expect(paused == (true, 1, 1))
      #expect(outcome == Self.outcome(alone))
    }
  }

  @Test func ranksWithOtherDataAreToldBeforeTheFirstBatch() throws {
    for result in onRanks(
      2,
      { ranks in
        let t = try Trainer(
          network: TrainerTests.network(), data: .images(Prototypes(classes: 8, each: ranks.rank == 1 ? 7 : 8)),
          loss: .supervisedContrastive(temperature: 0.2), optimizer: .adam(0.003), options: .init(batch: 24, seed: 5),
          ranks: ranks)
        try t.run(epochs: 1)
      })
    {
      guard case .failure(RankError.differs(what: "the data", rank: "rank 1", _, _)) = result else {
        Issue.record("\(result)")
        continue
      }
    }
  }

  /// Ranks whose losses differ are found out after the batch; those that train something else, before the first.
  @Test func ranksThatComeApartAreTold() throws {
    let results = onRanks(2) { ranks in
      let t = try Trainer(
        network: TrainerTests.network(), data: .images(Prototypes(classes: 8, each: 8)),
        loss: .supervisedContrastive(temperature: 0.2), optimizer: .adam(0.003), options: .init(batch: 24, seed: 5),
        ranks: ranks)
      _ = try t.agree(stop: false, save: false)
      t.lossSum = Double(ranks.rank)
      _ = try t.agree(stop: false, save: false)
    }
    for result in results {
      #expect(throws: RankError.apart(rank: "rank 1", epoch: 1, batch: 0)) { try result.get() }
    }
    let compared = onRanks(2) { ranks in
      let t = try Trainer(
        network: TrainerTests.network(), data: .images(Prototypes(classes: 8, each: 8)),
        loss: .supervisedContrastive(temperature: ranks.rank == 1 ? 0.25 : 0.2), optimizer: .adam(0.003),
        options: .init(batch: 24, seed: 5), ranks: ranks)
      try t.run(epochs: 1)
    }
    for result in compared {
      guard case .failure(RankError.differs(let what, rank: "rank 1", _, _)) = result else {
        Issue.record("\(result)")
        continue
      }
      #expect(what.hasPrefix("what they train"))
    }
  }

  /// Images that one rank alone cannot read end the training of all, with the reason.
  @Test func dataThatOneRankCannotReadIsTold() throws {
    struct Gone: Error {}
    struct Source: ImageSource {
      let base = Prototypes(classes: 8, each: 8)
      let fails: Bool
      var count: Int { base.count }
      var shape: [Int] { base.shape }
      var labels: [Int] { base.labels }
      var classNames: [String] { base.classNames }
      var isAugmented: Bool { true }
      func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], draw: UInt64?) throws {
        if fails, draw != nil { throw Gone() }
        try base.fill(out, items: items, draw: draw)
      }
    }
    let results = onRanks(3) { ranks in
      let t = try Trainer(
        network: TrainerTests.network(), data: .images(Source(fails: ranks.rank == 1)),
        loss: .supervisedContrastive(temperature: 0.2), optimizer: .adam(0.003), options: .init(batch: 24, seed: 5),
        ranks: ranks)
      try t.run(epochs: 1)
    }
    #expect(throws: Gone.self) { try results[1].get() }
    for rank in [0, 2] {
      guard case .failure(RankError.left(rank: "rank 1", _)) = results[rank] else {
        Issue.record("\(results[rank])")
        continue
      }
    }
  }
}
