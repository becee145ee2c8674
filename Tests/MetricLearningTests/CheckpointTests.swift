import Datasets
import Foundation
import NeuralNetworks
import TensorFiles
import TestSupport
import Testing

@testable import MetricLearning

/// A trainer's state goes through a file and back: the run goes on as if it had not been interrupted.
@Suite struct CheckpointTests {
  struct Setting: CustomTestStringConvertible, Sendable {
    var loss: EmbeddingLoss
    var optimizer: Optimizer
    var augmented = false
    var patience: Int?
    /// Batches after which the run is cut off; it has 7 epochs of 5 batches.
    var stop: Int
    var average: Double?
    var withinGroups = 0.0
    var testDescription: String { "\(loss.text) \(optimizer.describe) \(stop)" }
  }

  static let settings: [Setting] = [
    Setting(loss: .contrastive(margin: 1), optimizer: .adam(0.003), stop: 1),
    Setting(loss: .contrastive(margin: 1), optimizer: .sgd(0.01, momentum: 0.9), augmented: true, stop: 5),
    Setting(loss: .contrastive(margin: 1), optimizer: .rmsprop(0.01), patience: 3, stop: 12),
    Setting(loss: .supervisedContrastive(temperature: 0.2), optimizer: .adamw(0.01), augmented: true, stop: 8),
    Setting(
      loss: .triplet(margin: 0.4, mining: .semihard),
      optimizer: Optimizer(.adam(), rate: 0.01, clip: 1, schedule: .cosine(steps: 20)), patience: 2, stop: 9),
    Setting(loss: .contrastive(margin: 1), optimizer: .adam(0.01), patience: 2, stop: 1000),
    Setting(loss: .weightedL1, optimizer: .adam(0.003), patience: 3, stop: 7, average: 0.9),
    Setting(
      loss: .margin(margin: 0.2, beta: 1.2, mining: .distance), optimizer: .sgd(0.01, momentum: 0.9), stop: 11,
      average: 0.5),
  ]

  static func trainer(_ setting: Setting, seed: UInt64 = 5) throws -> Trainer {
    let source = Prototypes(classes: 10, each: 8, isAugmented: setting.augmented)
    let data: TrainingData =
      setting.loss.takesPairs ? .pairs(try Pairs(source, count: 200, seed: 3)) : .images(source)
    let network = try Network([
      .conv(4, 3), .batchNorm(), .activation(.relu), .maxPool(2), .dropout(rate: 0.2), .flatten, .dense(units: 8),
    ])
    return try Trainer(
      network: network, data: data, validation: .fraction(0.25), loss: setting.loss, optimizer: setting.optimizer,
      options: .init(batch: 32, seed: seed, average: setting.average, withinGroups: setting.withinGroups))
  }

  static func bits(_ trainer: Trainer) -> [[UInt32]] { trainer.network.weights.map { $0.values.map(\.bitPattern) } }

  @Test(arguments: settings) func goesOnBitForBit(setting: Setting) throws {
    let whole = try Self.trainer(setting)
    try whole.run(epochs: 7, patience: setting.patience)
    let cut = try Self.trainer(setting)
    let end = try cut.run(
      epochs: 7, patience: setting.patience,
      observer: .stopping(after: setting.stop))
    #expect((end == .paused) == (setting.stop < 1000))
    let bytes = try cut.encoded()
    // Drawn from another seed, with other weights: all that matters comes from the file.
    let fresh = try Self.trainer(setting, seed: 77)
    let resumed = try fresh.resumed(bytes, path: "loop.st")
    #expect(resumed.network === fresh.network)
    #expect(resumed.isPaused == cut.isPaused)
    if end == .paused { try resumed.run() }
    #expect(resumed.history == whole.history)
    #expect(resumed.best == whole.best)
    #expect(Self.bits(resumed) == Self.bits(whole))
    // A further run goes on from the last epoch's weights, not from the best one's.
    try whole.run(epochs: 2)
    try resumed.run(epochs: 2)
    #expect(Self.bits(resumed) == Self.bits(whole))
    #expect(resumed.history == whole.history)
  }

  /// Every state that a run saves leads to the same end, also where patience had already ended it.
  @Test func everyCheckpointLeadsToTheSameEnd() throws {
    var setting = Self.settings[5]
    setting.optimizer = .adam(0.03)
    let whole = try Self.trainer(setting)
    var saved: [[UInt8]] = []
    let end = try whole.run(epochs: 40, patience: 2, checkpoint: { saved.append(try whole.encoded()) })
    #expect(end == .stoppedEarly)
    #expect(saved.count == whole.epoch)
    for bytes in saved {
      let resumed = try Self.trainer(setting).resumed(bytes, path: "loop.st")
      #expect(try resumed.run(epochs: 40, patience: 2, fromStart: true) == .stoppedEarly)
      #expect(resumed.history == whole.history)
      #expect(Self.bits(resumed) == Self.bits(whole))
    }
  }

  @Test func undoBringsBackEverything() throws {
    let trainer = try Self.trainer(Self.settings[0])
    try trainer.run(epochs: 2)
    let (state, bits, history) = (trainer.state, Self.bits(trainer), trainer.history)
    try trainer.run(epochs: 2)
    let later = Self.bits(trainer)
    trainer.restore(state)
    #expect(Self.bits(trainer) == bits)
    #expect(trainer.history == history)
    try trainer.run(epochs: 2)
    #expect(Self.bits(trainer) == later)
  }

  @Test func tellsWhatIsInTheFile() throws {
    let trainer = try Self.trainer(Self.settings[0])
    try trainer.run(epochs: 3)
    let bytes = try trainer.encoded()
    #expect(Trainer.recognises(bytes) && Network.recognises(bytes))
    let told = try Trainer.checkpoint(bytes, path: "loop.st")
    #expect(told.history == trainer.history)
    #expect(told.loss == "contrastive(margin=1)")
    #expect(told.optimizer == "adam(0.003)")
    #expect(told.data == "150 pairs of 80 images of shape [1, 8, 8]")
    #expect(told.network.weights.map(\.values) == trainer.network.weights.map(\.values))
    #expect(told.best?.weights.map(\.values) == trainer.network.weights.map(\.values))
    #expect(!Trainer.recognises(try trainer.network.encoded()))
  }

  @Test func anotherTrainingIsRefusedInWords() throws {
    let trainer = try Self.trainer(Self.settings[0])
    try trainer.run(epochs: 1)
    let bytes = try trainer.encoded()
    func words(_ make: () throws -> Trainer) throws -> String {
      let other = try make()
      let before = Self.bits(other)
      do {
        _ = try other.resumed(bytes, path: "loop.st")
        return "resumed"
      } catch let error as MetricError {
        #expect(Self.bits(other) == before, "a refused file must change nothing")
        return error.explanation.message + "; " + (error.explanation.help ?? "")
      }
    }
    let source = Prototypes(classes: 10, each: 8)
    func make(
      _ layers: [Layer]? = nil, count: Int = 200, pairSeed: UInt64 = 3, batch: Int = 32,
      loss: EmbeddingLoss = .contrastive(margin: 1), optimizer: Optimizer = .adam(0.003),
      validation: ValidationData = .fraction(0.25)
    ) throws -> Trainer {
      try Trainer(
        network: Network(layers ?? trainer.network.layers),
        data: .pairs(Pairs(source, count: count, seed: pairSeed)), validation: validation, loss: loss,
        optimizer: optimizer, options: .init(batch: batch, seed: 5))
    }
    #expect(try words { try make() } == "resumed")
    let way = "make the trainer as it was then, or take the network alone: load(\"loop.st\").network"
    #expect(
      try words { try make(batch: 16) }
        == "resume cannot use “loop.st”: it was saved by a trainer with batch 32, this one has 16; \(way)")
    #expect(
      try words { try make(loss: .contrastive(margin: 2)) }
        == "resume cannot use “loop.st”: it was saved by a trainer with the loss contrastive(margin=1), "
        + "this one has contrastive(margin=2); \(way)")
    #expect(
      try words { try make(optimizer: .sgd(0.1)) }
        == "resume cannot use “loop.st”: it was saved by a trainer with the optimizer adam(0.003), "
        + "this one has sgd(0.1); \(way)")
    #expect(
      try words { try make(count: 300) }
        == "resume cannot use “loop.st”: it was saved by a trainer with data of 150 pairs of 80 images of shape "
        + "[1, 8, 8], this one has 225 pairs of 80 images of shape [1, 8, 8]; \(way)")
    #expect(
      try words { try make(validation: .none) }.hasPrefix(
        "resume cannot use “loop.st”: it was saved by a trainer with data of 150 pairs"))
    #expect(
      try words { try make(pairSeed: 4) }
        == "resume cannot use “loop.st”: it was saved by a trainer with as many, but other images, pairs or "
        + "another augmentation; draw them with the same seeds and augment them alike, or take the network alone: load(\"loop.st\").network"
    )
    #expect(
      try words { try make([.flatten, .dense(units: 4)]) }
        == "resume cannot use “loop.st”: it was saved by a trainer with a network of conv(4, 3) >> batchnorm >> relu "
        + ">> maxpool(2) >> dropout(0.2) >> flatten >> dense(8), this one has flatten >> dense(4); \(way)")
  }

  /// Nothing that a training's result depends on may be another: each pixel, how images are augmented, the first weights,
  /// the optimiser's every number.
  @Test func whatChangesTheResultIsAnotherTraining() throws {
    struct Pixels: ImageSource {
      var values: [Float]
      var text = ""
      let shape = [1, 2, 3]
      var count: Int { values.count / 6 }
      var labels: [Int] { (0..<count).map { $0 / 4 } }
      var classNames: [String] { (0..<count / 4).map { "c\($0)" } }
      var isAugmented: Bool { !text.isEmpty }
      var augmentationText: String { text }
      func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], draw: UInt64?) throws {
        for (row, item) in items.enumerated() { for k in 0..<6 { out[row * 6 + k] = values[item * 6 + k] } }
      }
    }
    var numbers = TestNumbers(1)
    let pixels = Pixels(values: numbers.floats(6 * 40))
    func make(
      _ source: Pixels, _ network: Network? = nil, optimizer: Optimizer = .adam(0.003),
      loss: EmbeddingLoss = .supervisedContrastive(temperature: 0.1)
    ) throws -> Trainer {
      try Trainer(
        network: try network ?? Network([.flatten, .dense(units: 4)]), data: .images(source), loss: loss,
        optimizer: optimizer, options: .init(batch: 16, seed: 5))
    }
    let trainer = try make(pixels)
    try trainer.run(epochs: 1)
    let bytes = try trainer.encoded()
    let identity = try trainer.identity()
    #expect(try make(pixels).resumed(bytes, path: "x").history == trainer.history)
    #expect(try make(pixels).identity() == identity)
    var other = pixels
    // Of the 33rd image, which no sample of sixteen sees.
    other.values[6 * 33 + 4] += 1
    var augmented = pixels
    augmented.text = "turned"
    let begun = try Network([.flatten, .dense(units: 4)])
    try begun.build(inputShape: [1, 2, 3], seed: 5)
    for (made, error) in [
      (try make(other), MetricError.otherImages(path: "x")), (try make(augmented), .otherImages(path: "x")),
      (try make(pixels, begun), .otherStart(path: "x")),
    ] {
      #expect(throws: error) { try made.resumed(bytes, path: "x") }
      #expect(try made.identity() != identity)
    }
    for made in [
      try make(pixels, optimizer: Optimizer(.adam(beta1: 0.8), rate: 0.003)),
      try make(pixels, optimizer: Optimizer(.adam(epsilon: 1e-6), rate: 0.003)),
      try make(pixels, loss: .supervisedContrastive(temperature: 0.2)),
    ] {
      #expect(throws: MetricError.self) { try made.resumed(bytes, path: "x") }
      #expect(try made.identity() != identity)
    }
    // Parts that had learnt before the first batch are a beginning of their own.
    let late = try Network(Network([.activation(.relu)]), then: begun, seed: 1)
    #expect(try make(pixels, late).start != "drawn")
  }

  @Test func otherFilesAreRefusedInWords() throws {
    let trainer = try Self.trainer(Self.settings[0])
    func words(_ bytes: [UInt8]) -> String {
      do {
        _ = try trainer.resumed(bytes, path: "x")
        return "resumed"
      } catch let error as MetricError { return error.explanation.message } catch { return "\(error)" }
    }
    #expect(words(try trainer.network.encoded()) == "resume cannot use “x”: it is a network, not a trainer's state")
    #expect(words(Array("nonsense".utf8)) == "resume cannot use “x”: it is no file that loop.save(…) wrote")
    #expect(words([]) == "resume cannot use “x”: it is no file that loop.save(…) wrote")
    #expect(throws: (any Error).self) { try trainer.resumed("/nowhere/loop.st") }
  }

  /// A header may say anything, also numbers beside which the next one overflows.
  @Test func countsThatNoRunReachesAreRefused() throws {
    let trainer = try Self.trainer(
      Setting(loss: .contrastive(margin: 1), optimizer: .adam(0.003), stop: 1, average: 0.9))
    try trainer.run(epochs: 2, observer: .stopping(after: 7))
    let file = try Safetensors.decode(try trainer.encoded())
    let card = try #require(file.metadata["trainer"])
    let progress = trainer.state.progress
    for (name, number) in [
      ("optimizerStep", progress.optimizerStep), ("averageSteps", progress.averageSteps),
      ("lossCount", progress.lossCount), ("plannedEnd", 2), ("step", progress.step), ("bestIndex", 0),
      ("patienceStart", 0),
    ] {
      for lie in [Int.max, Int.max - 1, -1] {
        var forged = file
        // Of before there was a sum, as who writes such a header leaves it out.
        forged.metadata["check"] = nil
        let text = card.replacing("\"\(name)\":\(number)", with: "\"\(name)\":\(lie)")
        #expect(text != card, "\(name)")
        forged.metadata["trainer"] = text
        let bytes = try forged.encode()
        let error = MetricError.badCheckpoint(path: "x", reason: "what it says of its epochs makes no sense")
        #expect(throws: error, "\(name) \(lie)") { try trainer.resumed(bytes, path: "x") }
        #expect(throws: error, "\(name) \(lie)") { try Trainer.checkpoint(bytes, path: "x") }
      }
    }
  }

  /// One bit of a weight would be another result.
  @Test func turnedBitsAreNoticed() throws {
    let trainer = try Self.trainer(Self.settings[0])
    try trainer.run(epochs: 2, observer: .stopping(after: 7))
    let bytes = try trainer.encoded()
    let error = MetricError.badCheckpoint(
      path: "x", reason: "the file is damaged, for it does not hold what was written; take an earlier one or a copy")
    let start = 8 + (Int(bytes[0]) | Int(bytes[1]) << 8 | Int(bytes[2]) << 16)
    for place in stride(from: start, to: bytes.count, by: 997) {
      var damaged = bytes
      damaged[place] ^= 1
      #expect(throws: error) { try trainer.resumed(damaged, path: "x") }
      #expect(throws: error) { try Trainer.checkpoint(damaged, path: "x") }
    }
    #expect(throws: error) { try trainer.resumed(bytes + [0], path: "x") }
    // Files of before have no sum.
    var older = try Safetensors.decode(bytes)
    older.metadata["check"] = nil
    #expect(try trainer.resumed(try older.encode(), path: "x").history == trainer.history)
  }

  /// Damaged files are refused, or harmless; they never trap, and never leave a trainer half changed.
  @Test func damagedFilesAreRefused() throws {
    let trainer = try Self.trainer(Self.settings[0])
    try trainer.run(
      epochs: 2,
      observer: TrainingObserver(shouldStop: { trainer.epoch == 1 }))
    let bytes = try trainer.encoded()
    var random = TestNumbers(11)
    let before = Self.bits(trainer)
    let headerLength = Int(bytes[0]) | Int(bytes[1]) << 8 | Int(bytes[2]) << 16
    for round in 0..<300 {
      var damaged = bytes
      if round % 3 == 0 {
        damaged = Array(bytes.prefix(Int(random.next()) % bytes.count))
      } else {
        for _ in 0..<3 {
          damaged[8 + Int(random.next()) % headerLength] = [48, 57, 45, 34, 125, 101][Int(random.next()) % 6]
        }
      }
      let state = trainer.state
      do {
        let resumed = try trainer.resumed(damaged, path: "x")
        // What was let through has to be usable.
        _ = resumed.history
        trainer.restore(state)
      } catch {
        #expect(Self.bits(trainer) == before)
      }
    }
  }
}

/// A state that was written before a loss was a type of its own (Tests/References/files/trainer-state.twin).
@Suite struct OldStateTests {
  @Test func goesOnAsItWouldHave() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "References/files/trainer-state.safetensors")
    let network = try Network([
      .conv(4, 5, stride: 2), .batchNorm(), .relu, .flatten, .dense(units: 6),
    ])
    let trainer = try Trainer(
      network: network, data: .images(try Datasets.glyphs(classes: 6, each: 5, seed: 1)),
      loss: .arcFace(margin: 0.4, scale: 16), optimizer: .adam(0.01), options: .init(batch: 10, seed: 3)
    ).resumed([UInt8](try Data(contentsOf: file)), path: "trainer-state.safetensors")
    try trainer.run(epochs: 1)
    // What the version that wrote it gave for the next epoch.
    #expect(trainer.history.map(\.loss) == [13.484696350495021, 7.064556626478831, 6.018672188123067])
  }
}
