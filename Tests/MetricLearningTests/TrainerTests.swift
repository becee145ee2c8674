import NeuralNetworks
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import MetricLearning

/// Small noisy images around one prototype per class.
struct Prototypes: ImageSource {
  let classes: Int
  let each: Int
  var isAugmented = false
  var count: Int { classes * each }
  let shape = [1, 8, 8]
  var labels: [Int] { (0..<count).map { $0 / each } }
  var classNames: [String] { (0..<classes).map { "c\($0)" } }
  func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], draw: UInt64?) throws {
    for (row, item) in items.enumerated() {
      var prototype = TestNumbers(UInt64(item / each) + 100)
      var noise = TestNumbers(UInt64(item) + 1000)
      var moved = TestNumbers((draw ?? 0) &+ UInt64(row))
      for k in 0..<64 {
        out[row * 64 + k] = prototype.float() + 0.5 * noise.float() + (draw == nil ? 0 : 0.1 * moved.float())
      }
    }
  }
}

@Suite struct TrainerTests {
  static func network(dropout: Bool = false) throws -> Network {
    try Network(
      [.conv(4, 3), .activation(.relu), .maxPool(2)] + (dropout ? [.dropout(rate: 0.2)] : [])
        + [.flatten, .dense(units: 8)])
  }

  static func trainer(
    _ loss: EmbeddingLoss, validation: ValidationData = .fraction(0.25), dropout: Bool = true, augmented: Bool = false,
    rate: Double = 0.003
  ) throws -> Trainer {
    let source = Prototypes(classes: 10, each: 8, isAugmented: augmented)
    let data: TrainingData = loss.takesPairs ? .pairs(try Pairs(source, count: 200, seed: 3)) : .images(source)
    return try Trainer(
      network: network(dropout: dropout), data: data, validation: validation, loss: loss, optimizer: .adam(rate),
      options: .init(batch: 32, seed: 5))
  }

  @Test(arguments: [
    EmbeddingLoss.contrastive(margin: 1), .triplet(margin: 0.5, mining: .semihard),
    .supervisedContrastive(temperature: 0.2), .multiSimilarity(alpha: 2, beta: 20, base: 0.5), .nPair,
    .crossEntropy(smoothing: 0), .weightedL1, .triplet(margin: 0.3, mining: .distance), .ntXent(temperature: 0.2),
    .circle(margin: 0.25, gamma: 16), .lifted(margin: 1), .margin(margin: 0.2, beta: 1, mining: .hard),
    .proxyNCA(scale: 4), .proxyAnchor(margin: 0.1, alpha: 16), .arcFace(margin: 0.3, scale: 8),
    .cosFace(margin: 0.2, scale: 8), .centre(weight: 0.1), .prototypical(shots: 2),
    .contrastive(margin: 1, metric: .l1),
  ])
  func learns(loss: EmbeddingLoss) throws {
    let t: Trainer
    if loss.outputsAreClasses {
      let source = Prototypes(classes: 8, each: 8)
      t = try Trainer(
        network: Self.network(), data: .images(source), validation: .fraction(0.2), loss: loss, optimizer: .adam(0.003),
        options: .init(batch: 32, seed: 5))
    } else {
      t = try Self.trainer(loss, validation: .none)
    }
    #expect(try t.run(epochs: 30) == .finished)
    let first = try #require(t.history.first).loss
    let last = try #require(t.history.last).loss
    #expect(last < 0.85 * first, "\(loss.text): \(first) to \(last)")
  }

  /// The network has the running mean of its weights after a run, and goes on from the weights themselves.
  @Test func averagedWeightsAreTheRunningMean() throws {
    let source = Prototypes(classes: 10, each: 8)
    func trainer(_ average: Double?) throws -> Trainer {
      try Trainer(
        network: Self.network(), data: .images(source), loss: .supervisedContrastive(temperature: 0.2),
        optimizer: .adam(0.003), options: .init(batch: 32, seed: 5, average: average))
    }
    let t = try trainer(0.8)
    var mean = t.network.weights.map { $0.values.map(Double.init) }
    var steps = 0
    let observer = TrainingObserver(shouldStop: { true })
    var last: [[Float]] = []
    var end = try t.run(epochs: 3, observer: observer)
    while end == .paused {
      steps += 1
      last = t.network.weights.map(\.values)
      let keep = min(0.8, Double(1 + steps) / Double(10 + steps))
      for (index, values) in last.enumerated() {
        for k in values.indices { mean[index][k] = keep * mean[index][k] + (1 - keep) * Double(values[k]) }
      }
      end = try t.run(observer: observer)
    }
    #expect(steps >= 9)
    for (index, weights) in t.network.weights.enumerated() {
      for (found, wanted) in zip(weights.values, mean[index]) { #expect(abs(Double(found) - wanted) < 1e-5) }
    }
    // Without averaging the weights move alike; and a second run begins with them, not with the mean.
    let plain = try trainer(nil)
    try plain.run(epochs: 3)
    #expect(plain.network.weights.map(\.values) == last)
    #expect(plain.history == t.history)
    try plain.run(epochs: 1)
    try t.run(epochs: 1)
    #expect(plain.history == t.history)
    #expect(throws: MetricError.self) { try trainer(1) }
  }

  /// Batches within a group hold that group's classes alone, where it has enough of them.
  @Test func batchesWithinGroups() throws {
    struct Grouped: ImageSource {
      var count: Int { 72 }
      let shape = [1, 8, 8]
      let isAugmented = false
      var labels: [Int] { (0..<72).map { $0 / 4 } }
      var classNames: [String] { (0..<18).map { "group\($0 / 6)/c\($0)" } }
      func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], draw: UInt64?) throws {}
    }
    func groups(_ share: Double, batch: Int) throws -> [Set<Int>] {
      var plan = try BatchPlan(
        data: .images(Grouped()), batch: batch, perClass: 4, balanced: true, shares: true, withinGroups: share, seed: 1)
      return (0..<40).map { step in
        let batch = plan.batch(epoch: 0, step: step)
        #expect(Set(batch.labels).count == plan.batch / 4)
        #expect(Set(batch.items).count == batch.items.count)
        return Set(batch.labels.map { $0 / 6 })
      }
    }
    #expect(try groups(1, batch: 16).allSatisfy { $0.count == 1 })
    #expect(Set(try groups(1, batch: 16).flatMap { $0 }) == [0, 1, 2])
    // Ten classes do not fit into a group of six: others fill the batch.
    #expect(try groups(1, batch: 40).allSatisfy { $0.count > 1 })
    let half = try groups(0.5, batch: 16).count { $0.count == 1 }
    #expect(half > 8 && half < 36)
  }

  @Test func lossesThatKnowClassesAreNotMeasuredOnOthers() throws {
    let source = Prototypes(classes: 6, each: 6)
    struct Others: ImageSource {
      let base: Prototypes
      var count: Int { base.count }
      var shape: [Int] { base.shape }
      var labels: [Int] { base.labels }
      var classNames: [String] { base.classNames.map { "other " + $0 } }
      let isAugmented = false
      func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], draw: UInt64?) throws {
        try base.fill(out, items: items, draw: draw)
      }
    }
    #expect(throws: MetricError.validationOfOthers(loss: "cosface(margin=0.2, scale=8)", name: "other c0")) {
      try Trainer(
        network: Self.network(), data: .images(source), validation: .data(.images(Others(base: source))),
        loss: .cosFace(margin: 0.2, scale: 8), optimizer: .adam())
    }
  }

  /// Stopped after every few batches and gone on: the same bits, history included, as a run that was not.
  @Test(arguments: [
    (EmbeddingLoss.contrastive(margin: 1), false), (.contrastive(margin: 1), true),
    (.supervisedContrastive(temperature: 0.2), true), (.cosFace(margin: 0.2, scale: 8), true), (.weightedL1, false),
    (.triplet(margin: 0.3, mining: .distance), false),
  ])
  func pausesChangeNothing(loss: EmbeddingLoss, augmented: Bool) throws {
    let whole = try Self.trainer(loss, augmented: augmented)
    #expect(try whole.run(epochs: 6, patience: 4) != .paused)
    let parts = try Self.trainer(loss, augmented: augmented)
    var calls = 0
    var pauses = 0
    let observer = TrainingObserver(shouldStop: {
      calls += 1
      return calls % 4 == 0
    })
    var end = try parts.run(epochs: 6, patience: 4, observer: observer)
    while end == .paused {
      pauses += 1
      end = try parts.run(observer: observer)
    }
    #expect(pauses > 2)
    #expect(whole.history == parts.history)
    #expect(whole.network.weights.map(\.values) == parts.network.weights.map(\.values))
  }

  /// After a pause, epochs and patience are those of the call that goes on; what it does not give is as it was planned.
  @Test func whatIsGivenAfterAPauseCounts() throws {
    func paused(patience: Int? = nil) throws -> Trainer {
      // A rate that changes no weight: no epoch is better than the first.
      let t = try Self.trainer(.supervisedContrastive(temperature: 0.2), dropout: false, rate: 1e-30)
      let observer = TrainingObserver(shouldStop: { t.epoch == 2 })
      #expect(try t.run(epochs: 40, patience: patience, observer: observer) == .paused)
      #expect(t.epoch == 2 && t.step > 0)
      return t
    }
    let shorter = try paused()
    #expect(try shorter.run(epochs: 3) == .finished)
    #expect(shorter.epoch == 5)
    let longer = try paused()
    #expect(try longer.run(epochs: 50) == .finished)
    #expect(longer.epoch == 52)
    let patient = try paused()
    #expect(try patient.run(patience: 2) == .stoppedEarly)
    #expect(patient.epoch == 4)
    let both = try paused(patience: 30)
    #expect(try both.run(epochs: 9, patience: 7) == .stoppedEarly)
    #expect(both.epoch == 9)
    let unsaid = try paused(patience: 6)
    #expect(try unsaid.run() == .stoppedEarly)
    #expect(unsaid.epoch == 7)
    let kept = try paused(patience: 6)
    #expect(try kept.run(epochs: 30) == .stoppedEarly)
    #expect(kept.epoch == 7)
    // A run that is over leaves nothing to the next.
    #expect(try kept.run(epochs: 9) == .finished)
    #expect(kept.epoch == 16)
  }

  /// Metrics are kept by epoch, and may choose the best one: the greatest, or the least.
  @Test(arguments: [true, false]) func metricsAreKeptAndChoose(greatest: Bool) throws {
    func trainer(_ best: String?, each: Int = 1) throws -> Trainer {
      try Trainer(
        network: Self.network(), data: .images(Prototypes(classes: 10, each: 8)),
        loss: .supervisedContrastive(temperature: 0.2), optimizer: .adam(0.003),
        options: .init(
          batch: 32, seed: 5,
          metrics: .init(names: ["hump", "other"], each: each, best: best, isGreatestBest: greatest)))
    }
    // Best in the fourth epoch that is measured.
    func observer(_ kept: @escaping ([[Float]]) -> Void = { _ in }) -> TrainingObserver {
      var calls = 0.0
      return TrainingObserver(measure: { network in
        calls += 1
        if calls == 4 { kept(network.weights.map(\.values)) }
        return ["hump": (greatest ? -1 : 1) * (calls - 4) * (calls - 4), "other": calls]
      })
    }
    let t = try trainer("hump")
    var weights: [[Float]] = []
    #expect(try t.run(epochs: 9, patience: 3, observer: observer { weights = $0 }) == .stoppedEarly)
    #expect(t.epoch == 7 && t.best?.epoch == 4)
    #expect(t.history.map { $0.metrics?["other"] } == [1, 2, 3, 4, 5, 6, 7])
    #expect(t.network.weights.map(\.values) == weights)
    let rare = try trainer("hump", each: 2)
    #expect(try rare.run(epochs: 20, patience: 2, observer: observer()) == .stoppedEarly)
    #expect(rare.epoch == 12 && rare.best?.epoch == 8)
    #expect(rare.history.map { $0.metrics != nil } == (1...12).map { $0 % 2 == 0 })
    // Without best= the losses choose, and a saved state keeps what was measured.
    let plain = try trainer(nil)
    try plain.run(epochs: 5, observer: observer())
    let unmeasured = try Trainer(
      network: Self.network(), data: .images(Prototypes(classes: 10, each: 8)),
      loss: .supervisedContrastive(temperature: 0.2), optimizer: .adam(0.003), options: .init(batch: 32, seed: 5))
    try unmeasured.run(epochs: 5)
    #expect(plain.history.map(\.loss) == unmeasured.history.map(\.loss) && plain.best?.epoch == unmeasured.best?.epoch)
    let resumed = try trainer(nil).resumed(plain.encoded(), path: "file")
    #expect(resumed.history == plain.history)
    #expect(throws: MetricError.self) { try trainer("hump").resumed(plain.encoded(), path: "file") }
    #expect(throws: MetricError.self) { try trainer("hill") }
  }

  /// An epoch after which nothing was measured does not show what an earlier one had.
  @Test func progressShowsWhatWasMeasured() throws {
    let t = try Trainer(
      network: Self.network(), data: .images(Prototypes(classes: 10, each: 8)),
      loss: .supervisedContrastive(temperature: 0.2), optimizer: .adam(0.003),
      options: .init(batch: 32, seed: 5, metrics: .init(names: ["other"], each: 3)))
    var ends: [Double?] = []
    var within: [Double?] = []
    try t.run(
      epochs: 5,
      observer: TrainingObserver(
        progress: { progress in
          let shown = progress.metrics["other"]
          if progress.isEpochEnd { ends.append(shown) } else { within.append(shown) }
        }, measure: { _ in ["other": 7] }))
    #expect(ends == [nil, nil, 7, nil, nil])
    #expect(within.first == .some(nil) && within.last == 7)
  }

  /// Images of one class are never drawn, and validation that cannot be is told of at once, by its name.
  @Test func whatIsLeftOutIsNoticed() throws {
    struct Uneven: ImageSource {
      let labels = [0, 0, 0, 1, 1, 1, 2, 3]
      var count: Int { labels.count }
      let shape = [1, 8, 8]
      let classNames = ["a", "b", "c", "d"]
      let isAugmented = false
      func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], draw: UInt64?) throws {
        for (row, item) in items.enumerated() {
          for k in 0..<64 { out[row * 64 + k] = Float((item * 7 + k) % 11) / 11 }
        }
      }
    }
    func make(_ loss: EmbeddingLoss, _ validation: ValidationData = .none) throws -> Trainer {
      try Trainer(
        network: Self.network(), data: .images(Uneven()), validation: validation, loss: loss, optimizer: .adam(0.003),
        options: .init(batch: 8, perClass: 2, seed: 5))
    }
    #expect(try make(.supervisedContrastive(temperature: 0.2)).notices == [.classesNeverDrawn(["c", "d"])])
    #expect(try make(.normSoftmax(temperature: 0.1)).notices == [])
    #expect(throws: MetricError.noDifferentPairs(function: "trainer(validation=)", classes: 1, items: 8)) {
      try make(.supervisedContrastive(temperature: 0.2), .data(.images(Prototypes(classes: 1, each: 8))))
    }
  }

  /// Ctrl-C while an epoch is judged: the run goes on with judging it, and ends as one that was not stopped.
  @Test func interruptedWhileJudging() throws {
    let whole = try Self.trainer(.supervisedContrastive(temperature: 0.2))
    try whole.run(epochs: 4)
    let parts = try Self.trainer(.supervisedContrastive(temperature: 0.2))
    let observer = TrainingObserver(progress: { _ in })
    let asked = Mutex(0)
    // Training itself does not ask; the validation after the second epoch is given up.
    let end = try LongWork.run(until: {
      asked.withLock {
        $0 += 1
        return $0 == 3
      }
    }) { try parts.run(epochs: 4, observer: observer) }
    #expect(end == .paused && parts.epoch < 4)
    try parts.run()
    #expect(parts.history == whole.history)
    #expect(parts.network.weights.map(\.values) == whole.network.weights.map(\.values))
  }

  @Test func twoRunsAreOneLongRun() throws {
    let once = try Self.trainer(.contrastive(margin: 1))
    try once.run(epochs: 6)
    let twice = try Self.trainer(.contrastive(margin: 1))
    try twice.run(epochs: 3)
    try twice.run(epochs: 3)
    #expect(once.history == twice.history)
    #expect(once.network.weights.map(\.values) == twice.network.weights.map(\.values))
  }

  @Test func holdsTheBestEpochsWeights() throws {
    let t = try Self.trainer(.contrastive(margin: 1), rate: 0.02)
    try t.run(epochs: 12, patience: 3)
    let best = try #require(t.best)
    #expect(t.judged(best) == t.history.compactMap { t.judged($0) }.min())
    guard case .pairs(let held)? = t.validation else { return }
    // The network gives the best epoch's validation loss again.
    let d = try held.distances(t.network)
    let loss = zip(d, held.same).reduce(0.0) {
      let short = max(0, 1 - Double($1.0))
      return $0 + ($1.1 ? Double($1.0) * Double($1.0) : short * short) / Double(d.count)
    }
    #expect(abs(loss - (best.validationLoss ?? 0)) < 1e-5)
  }

  /// An image that occurs in several pairs is embedded once; that changes rounding only.
  @Test func sharedImagesGiveTheSameLoss() throws {
    let source = Prototypes(classes: 3, each: 3)
    func first(augmented: Bool) throws -> Double {
      let pairs = try Pairs(Prototypes(classes: 3, each: 3, isAugmented: augmented), count: 64, seed: 1)
      #expect(source.count < pairs.count)
      let t = try Trainer(
        network: Self.network(), data: .pairs(pairs), loss: .contrastive(margin: 1), optimizer: .sgd(0.01),
        options: .init(batch: 64, seed: 1))
      try t.run(epochs: 1)
      return t.history[0].loss
    }
    // Augmentation embeds every image by itself; its noise is a tenth here, so the losses are near but not equal.
    #expect(abs(try first(augmented: false) - first(augmented: true)) < 0.2)
  }

  @Test func damageIsToldAndUndone() throws {
    let t = try Self.trainer(.contrastive(margin: 1), validation: .none, rate: 1e30)
    #expect(throws: MetricError.self) { try t.run(epochs: 5) }
    #expect(t.network.weights.allSatisfy { $0.values.allSatisfy(\.isFinite) })
  }

  @Test func collapseIsTold() throws {
    let source = Prototypes(classes: 4, each: 6)
    let network = try Network([.flatten, .dense(units: 4), .activation(.relu)])
    let t = try Trainer(
      network: network, data: .pairs(Pairs(source, count: 60, seed: 1)), loss: .contrastive(margin: 1),
      optimizer: .sgd(0.0001), options: .init(batch: 30))
    for weights in network.weights { #expect(weights.set([Float](repeating: -0.0, count: weights.count))) }
    var warnings: [TrainingWarning] = []
    try t.run(epochs: 4, observer: TrainingObserver(warn: { warnings.append($0) }))
    #expect(warnings == [.collapsed(epoch: 1)])
  }

  @Test func pairsAreHalfAndHalfAndRepeatable() throws {
    let source = Prototypes(classes: 7, each: 5)
    let pairs = try Pairs(source, count: 1001, seed: 9)
    #expect(pairs.sameCount == 500)
    let again = try Pairs(source, count: 1001, seed: 9)
    #expect(pairs.first == again.first && pairs.second == again.second)
    #expect(try pairs.first != Pairs(source, count: 1001, seed: 10).first)
    let labels = source.labels
    for i in 0..<1001 {
      let (a, b) = (Int(pairs.first[i]), Int(pairs.second[i]))
      #expect((labels[a] == labels[b]) == pairs.same[i])
      #expect(a != b)
    }
    let (learn, held) = try pairs.split(fraction: 0.25, seed: 2)
    #expect(learn.count == 751 && held.count == 250)
    #expect(learn.sharedClasses(with: held) == 7)
  }

  @Test func wrongSettingsInWords() throws {
    let source = Prototypes(classes: 4, each: 6)
    #expect(throws: MetricError.needsPairs(loss: "contrastive(margin=1)")) {
      try Trainer(
        network: Self.network(), data: .images(source), loss: .contrastive(margin: 1), optimizer: .adam())
    }
    #expect(throws: MetricError.outOfRange(function: "trainer", argument: "batch", got: "0", expected: "1 to 65536")) {
      try Trainer(
        network: Self.network(), data: .pairs(Pairs(source, count: 10, seed: 1)), loss: .contrastive(margin: 1),
        optimizer: .adam(), options: .init(batch: 0))
    }
    #expect(throws: MetricError.noSamePairs(function: "pairs", classes: 5, items: 5)) {
      try Pairs(Prototypes(classes: 5, each: 1), count: 10, seed: 1)
    }
  }
}

/// Training that really goes wrong is told in words, once.
@Suite struct TrainingTroubleTests {
  static func warnings(_ optimizer: Optimizer, endsWithRelu: Bool, loss: EmbeddingLoss) throws -> [TrainingWarning] {
    let source = Prototypes(classes: 10, each: 8)
    let data: TrainingData = loss.takesPairs ? .pairs(try Pairs(source, count: 200, seed: 3)) : .images(source)
    let network = try Network(
      [.conv(4, 3), .activation(.relu), .maxPool(2), .flatten, .dense(units: 8)]
        + (endsWithRelu ? [.activation(.relu)] : []))
    let trainer = try Trainer(
      network: network, data: data, loss: loss, optimizer: optimizer, options: .init(batch: 32, seed: 5))
    var found: [TrainingWarning] = []
    try trainer.run(epochs: 8, observer: TrainingObserver(warn: { found.append($0) }))
    return found
  }

  @Test(arguments: [
    (Optimizer.sgd(10), true), (.adam(10), true), (.rmsprop(10), true), (.adam(1), true),
  ])
  func ratesThatAreFarTooHigh(optimizer: Optimizer, endsWithRelu: Bool) throws {
    let found = try Self.warnings(optimizer, endsWithRelu: endsWithRelu, loss: .contrastive(margin: 1))
    try #require(found.count == 1, "\(optimizer.describe)")
    switch found[0] {
    case .collapsed(let epoch):
      #expect(
        found[0].explanation.message == "training collapsed in epoch \(epoch): every image has the same embedding")
      #expect(
        found[0].explanation.help == "use a smaller rate, no relu at the end of the network, or another seed")
    case .plateau(let epochs, let loss):
      #expect(epochs == 3 && abs(loss - 0.5) < 0.005)
      #expect(
        found[0].explanation.message.hasSuffix(" for 3 epochs, where it stands when nothing is told apart"))
      #expect(
        found[0].explanation.help == "use a smaller rate or another seed; check that the labels are right")
    default: Issue.record("\(found[0])")
    }
  }

  @Test func whatLearnsIsNotWarnedOf() throws {
    #expect(try Self.warnings(.adam(0.003), endsWithRelu: false, loss: .contrastive(margin: 1)).isEmpty)
    #expect(
      try Self.warnings(.adam(0.003), endsWithRelu: false, loss: .supervisedContrastive(temperature: 0.2)).isEmpty)
    #expect(
      try Self.warnings(.sgd(0.01), endsWithRelu: false, loss: .triplet(margin: 0.3, mining: .semihard)).isEmpty)
  }

  @Test func damageInWords() throws {
    let trainer = try TrainerTests.trainer(.contrastive(margin: 1), validation: .none, rate: 1e30)
    do {
      try trainer.run(epochs: 5)
      Issue.record("it ran")
    } catch let error as MetricError {
      let words = error.explanation.message
      #expect(words.hasPrefix("the loss is not a number in epoch 1, batch "))
      #expect(words.hasSuffix("; the weights are those from before this epoch"))
      #expect(
        error.explanation.help
          == "use a smaller rate, for example adam(1e+29), or milder settings of contrastive(margin=1)")
    }
    // It goes on from the weights of before.
    #expect(trainer.history.isEmpty && !trainer.isPaused)
  }

  /// Before the first step no rate has done anything, and an epoch of one batch has no second.
  @Test func damageBeforeTheFirstStepInWords() throws {
    /// Finite, and too great for squares.
    struct Loud: ImageSource {
      let base = Prototypes(classes: 10, each: 8)
      var count: Int { base.count }
      var shape: [Int] { base.shape }
      var labels: [Int] { base.labels }
      var classNames: [String] { base.classNames }
      let isAugmented = false
      func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], draw: UInt64?) throws {
        try base.fill(out, items: items, draw: draw)
        for k in 0..<items.count * 64 { out[k] *= 1e30 }
      }
    }
    let trainer = try Trainer(
      network: try Network([.flatten, .dense(units: 4)]), data: .pairs(try Pairs(Loud(), count: 64, seed: 3)),
      loss: .contrastive(margin: 1), optimizer: .adam(0.003), options: .init(batch: 32, seed: 5))
    do {
      try trainer.run(epochs: 1)
      Issue.record("it ran")
    } catch let error as MetricError {
      #expect(error.explanation.message.hasPrefix("the loss is not a number in epoch 1, batch 1; "))
      #expect(error.explanation.help?.hasPrefix("no step has been taken yet") == true)
    }
    let source = Prototypes(classes: 10, each: 8)
    let whole = try Trainer(
      network: try Network([.flatten, .dense(units: 4)]), data: .pairs(try Pairs(source, count: 20, seed: 3)),
      loss: .contrastive(margin: 1), optimizer: Optimizer(.sgd(), rate: 1e30, weightDecay: 1e30),
      options: .init(batch: 32, seed: 5))
    #expect(
      throws: MetricError.turnedToNaN(
        epoch: 1, batch: 1, loss: "contrastive(margin=1)", smaller: "sgd(1e+29, decay=1e+30)")
    ) {
      try whole.run(epochs: 1)
    }
  }

  /// A validation that shows what was learnt from says nothing about strangers, and less where it shows the same images.
  @Test func validationOnWhatIsLearntIsNoticed() throws {
    let base = Prototypes(classes: 6, each: 16)
    let source = SourceSubset(base, items: (0..<48).map { 2 * $0 })
    let other = SourceSubset(base, items: (0..<48).map { 2 * $0 + 1 })
    func notices(_ held: ValidationData, _ loss: EmbeddingLoss) throws -> [TrainingWarning] {
      try Trainer(
        network: try Network([.flatten, .dense(units: 6)]), data: .images(source), validation: held, loss: loss,
        optimizer: .adam(0.003), options: .init(batch: 24, seed: 5)
      ).notices
    }
    let supcon = EmbeddingLoss.supervisedContrastive(temperature: 0.2)
    #expect(try notices(.data(.images(source)), supcon) == [.validationShowsImages(48, of: 48)])
    #expect(try notices(.data(.images(other)), supcon) == [.validationShowsClasses(6)])
    #expect(try notices(.fraction(0.5), supcon) == [])
    // Who tells classes apart is measured on the same ones.
    #expect(try notices(.data(.images(other)), .crossEntropy(smoothing: 0)) == [])
    #expect(try notices(.data(.images(source)), .crossEntropy(smoothing: 0)) == [.validationShowsImages(48, of: 48)])
  }
}
