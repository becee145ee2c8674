import NeuralNetworks
import Ranks
import Tensors
import TestSupport
import Testing

@testable import MetricLearning

/// Losses that imitate a teacher: PyTorch's figures, trainings, files, ranks.
@Suite struct DistillationTests {
  static func teacher(seed: UInt64 = 9, width: Int = 12) throws -> Network {
    let network = try Network([.conv(6, 3), .batchNorm(), .activation(.relu), .flatten, .dense(units: width)])
    try network.build(inputShape: [1, 8, 8], seed: seed)
    return network
  }

  @Test(arguments: EmbeddingLoss.Relation.allCases) func agreesWithPyTorch(relation: EmbeddingLoss.Relation) throws {
    let loss = try EmbeddingLoss.distillation(of: Self.teacher(), by: relation)
    let teacher = try #require(loss.teachers.first)
    let taught =
      relation == .embeddings ? MiningTests.rows(13) : PyTorchFigures.numbers(60, 13, 97).map { $0 + 0.125 }
    var gradient = [Float](repeating: .nan, count: 50)
    let value = try loss.batchLoss(
      MiningTests.rows(11), width: 5, labels: MiningTests.labels, parameters: nil,
      lessons: Lessons(rows: [teacher: taught]), gradient: &gradient)
    try MiningTests.check("distill.\(relation.rawValue).loss", [Float(value)])
    try MiningTests.check("distill.\(relation.rawValue).dx", gradient)
    // As tensors, the teacher's embeddings as the third argument; and weighted, in a sum.
    let x = try Tensor(MiningTests.rows(11), shape: [10, 5])
    let given = try Tensor(taught, shape: [10, taught.count / 10])
    let sum = try loss.times(2).plus(.supervisedContrastive(temperature: 0.2))
    #expect(sum.teachers == [teacher])
    let found = try valueAndGradients(
      of: { try sum.batchLoss($0[0], labels: MiningTests.labels, proxies: given) }, at: [x])
    var other = [Float](repeating: .nan, count: 50)
    let alone = try EmbeddingLoss.supervisedContrastive(temperature: 0.2).batchLoss(
      x.values, width: 5, labels: MiningTests.labels, gradient: &other)
    #expect(abs(Double(found.value.item ?? .nan) - 2 * value - alone) < 1e-5)
    for k in 0..<50 { #expect(abs(found.gradients[0].values[k] - 2 * gradient[k] - other[k]) < 1e-5) }
    #expect(throws: MetricError.needsTeacher(loss: loss.text)) { try loss.batchLoss(x, labels: MiningTests.labels) }
  }

  /// Few items have no pairs, or no triples; embeddings at one point have distances and angles all the same.
  @Test func degenerateBatches() throws {
    for relation in EmbeddingLoss.Relation.allCases {
      let loss = try EmbeddingLoss.distillation(of: Self.teacher(), by: relation)
      let teacher = try #require(loss.teachers.first)
      for count in [1, 2, 5] {
        var gradient = [Float](repeating: .nan, count: 3 * count)
        let value = try loss.batchLoss(
          [Float](repeating: 0.5, count: 3 * count), width: 3, labels: Array(0..<count), parameters: nil,
          lessons: Lessons(rows: [teacher: (0..<3 * count).map { Float($0 * $0 % 7) }]), gradient: &gradient)
        #expect(value.isFinite && gradient.allSatisfy(\.isFinite))
        if count == 1, relation != .embeddings { #expect(value == 0 && gradient == [0, 0, 0]) }
      }
    }
    var gradient: [Float] = [0, 0]
    let loss = try EmbeddingLoss.distillation(of: Self.teacher(), by: .embeddings)
    #expect(throws: MetricError.teacherWidth(teacher: 2, width: 1)) {
      try loss.batchLoss(
        [1, 2], width: 1, labels: [0, 1], parameters: nil, lessons: Lessons(rows: [loss.teachers[0]: [1, 2, 3, 4]]),
        gradient: &gradient)
    }
  }

  private static func trainer(
    _ relation: EmbeddingLoss.Relation = .distances, validation: ValidationData = .fraction(0.25), seed: UInt64 = 5,
    teacherSeed: UInt64 = 9, _ ranks: Ranks? = nil
  ) throws -> Trainer {
    let loss = try EmbeddingLoss.distillation(of: teacher(seed: teacherSeed, width: 8), by: relation)
      .plus(EmbeddingLoss.distillation(of: teacher(seed: 3), by: .angles).times(0.5))
    return try Trainer(
      network: TrainerTests.network(dropout: true), data: .images(Prototypes(classes: 10, each: 8, isAugmented: true)),
      validation: validation, loss: loss, optimizer: .adam(0.003), options: .init(batch: 24, seed: seed), ranks: ranks)
  }

  /// The network comes nearer to the teacher, on images that it does not learn from, too; the teacher stays as it is.
  @Test(arguments: EmbeddingLoss.Relation.allCases) func learns(relation: EmbeddingLoss.Relation) throws {
    let t = try Self.trainer(relation)
    let before = t.loss.teachers.map { $0.network.weights.map(\.values) }
    try t.run(epochs: 8)
    #expect(t.history[7].loss < t.history[0].loss)
    #expect((t.history[7].validationLoss ?? 9) < (t.history[0].validationLoss ?? 0))
    #expect(t.loss.teachers.map { $0.network.weights.map(\.values) } == before)
  }

  /// One batch's loss is that of embeddings of the same augmented images, by both networks.
  @Test func theTeacherSeesWhatTheNetworkSees() throws {
    let source = Prototypes(classes: 4, each: 4, isAugmented: true)
    let teacher = try Self.teacher()
    let loss = try EmbeddingLoss.distillation(of: teacher, by: .distances)
    let network = try Network([.flatten, .dense(units: 8)])
    let t = try Trainer(
      network: network, data: .images(source), loss: loss, optimizer: .sgd(1e-6), options: .init(batch: 16, seed: 5))
    let images = try ImageBatches(source, size: 16, perClass: nil, seed: 5, epoch: 0).batch(0)
    let expected = try loss.batchLoss(
      network.embed(images.images), labels: images.labels.values.map { Int($0) }, proxies: teacher.embed(images.images))
    try t.run(epochs: 1)
    #expect(abs(t.history[0].loss - Double(expected.item ?? .nan)) < 1e-5)
  }

  @Test func goesOnBitForBit() throws {
    let whole = try Self.trainer()
    try whole.run(epochs: 3)
    let cut = try Self.trainer()
    try cut.run(
      epochs: 3,
      observer: .stopping(after: 4))
    let bytes = try cut.encoded()
    let resumed = try Self.trainer(seed: 77).resumed(bytes, path: "x")
    try resumed.run()
    #expect(resumed.history == whole.history)
    #expect(resumed.network.weights.map(\.values) == whole.network.weights.map(\.values))
    // Another teacher is another training.
    let other = try Self.trainer(teacherSeed: 10)
    #expect(throws: MetricError.self) { try other.resumed(bytes, path: "x") }
  }

  @Test(arguments: [2, 3]) func bitsOfRanksAreThoseOfOneProcess(count: Int) throws {
    @Sendable func outcome(_ ranks: Ranks?) throws -> RankTrainingTests.Outcome {
      let t = try Self.trainer(.distances, validation: .none, ranks)
      try t.run(epochs: 2)
      return RankTrainingTests.outcome(t)
    }
    let alone = try outcome(nil)
    for result in onRanks(count, { try outcome($0) }) { #expect(try result.get() == alone) }
  }

  @Test func teachersThatDoNotFitAreRefused() throws {
    #expect(throws: NetworkError.notBuilt(function: "distill")) {
      try EmbeddingLoss.distillation(of: Network([.flatten]), by: .angles)
    }
    let small = try Network([.flatten])
    try small.build(inputShape: [1, 4, 4], seed: 1)
    #expect(throws: MetricError.teacherShape(teacher: [1, 4, 4], images: [1, 8, 8])) {
      try Trainer(
        network: TrainerTests.network(), data: .images(Prototypes(classes: 4, each: 4)),
        loss: .distillation(of: small, by: .distances), optimizer: .adam(0.01), options: .init(batch: 8))
    }
    let teacher = try Self.teacher()
    teacher.preprocessing = "{\"a\":1}"
    let network = try TrainerTests.network()
    network.preprocessing = "{\"a\":2}"
    let t = try Trainer(
      network: network, data: .images(Prototypes(classes: 4, each: 4)),
      loss: .distillation(of: teacher, by: .distances), optimizer: .adam(0.01), options: .init(batch: 8))
    #expect(t.notices == [.teacherPreparedOtherwise])
  }
}
