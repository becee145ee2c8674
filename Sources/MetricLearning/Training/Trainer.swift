import Diagnostics
import NeuralNetworks
import Ranks
import Tensors

/// Trains a network on pairs or labelled images. An object with identity: it goes on where it was.
///
/// Both twins of a pair run through one plan in one pass. All randomness follows from `seed`, the epoch and the step:
/// a run that was paused gives the same bits as one that was not, and so does a run that several ranks share. Not for
/// use by two threads at once.
public final class Trainer {
  /// How it goes through the data, and what it looks at.
  public struct Options: Hashable, Sendable {
    /// Pairs of a step, or images.
    public var batch = 128
    /// Images of each class in a batch, for losses that compare a batch's images with each other.
    public var perClass = 4
    /// Of everything that is drawn.
    public var seed: UInt64 = 0
    /// How much of the weights' running mean stays at each step, 0…1; nil: the weights themselves are judged and kept.
    public var average: Double?
    /// Share of the batches whose classes come from one group (what stands before the last / of a name), for losses
    /// that compare a batch's images: harder negatives, where a group's classes are alike.
    public var withinGroups = 0.0
    /// What is measured after epochs, beside the losses.
    public var metrics = TrainingMetrics()

    public init(
      batch: Int = 128, perClass: Int = 4, seed: UInt64 = 0, average: Double? = nil, withinGroups: Double = 0,
      metrics: TrainingMetrics = TrainingMetrics()
    ) {
      self.batch = batch
      self.perClass = perClass
      self.seed = seed
      self.average = average
      self.withinGroups = withinGroups
      self.metrics = metrics
    }
  }

  /// What learns.
  public let network: Network
  /// What it learns from.
  public let data: TrainingData
  /// As the caller gave them, before a part was set aside for validation.
  let given: (data: TrainingData, validation: ValidationData)
  /// What it is judged by after each epoch; nil: by nothing.
  public let validation: TrainingData?
  /// All images that were given to learn from, those set aside for validation too.
  public let whole: any ImageSource
  /// What the gradient is of.
  public let loss: EmbeddingLoss
  /// How gradients become changes.
  public let optimizer: Optimizer
  /// The same for what the loss learns of its own; nil: as for the network.
  public let lossOptimizer: Optimizer?
  /// As they were given.
  public let options: Options
  /// Those that share its batches; nil: nobody does.
  public let ranks: Ranks?
  /// What was noticed about the data; a front end shows it once.
  public let notices: [TrainingWarning]
  /// Of the epochs that are over.
  public internal(set) var history: [EpochRecord] = []
  /// Index into `history` of the least validation loss (training loss without validation), or of the best by the metric
  /// that was asked for.
  public internal(set) var bestIndex: Int?
  /// Raised when something changes.
  public internal(set) var version = 0

  /// What the loss learns beside the network, where it learns something.
  public let lossParameters: LossParameters?
  /// The running mean of the weights, where one was asked for.
  let average: WeightAverage?
  var optimizerState: OptimizerState
  var lossOptimizerState: OptimizerState?
  var batches: BatchPlan
  let plan: Plan
  /// Of the networks that the loss imitates.
  let lessonPlans: [(teacher: Teacher, plan: Plan)]
  /// Batches done of the epoch that is under way, and the sums over them.
  var step = 0
  var lossSum = 0.0
  var lossCount = 0
  /// The epoch at which the paused run was to end.
  var plannedEnd: Int?
  var plannedPatience: Int?
  /// From where `patience` counts.
  var patienceStart = 0
  var bestWeights: Network.Snapshot?
  var epochStart: Network.Snapshot?
  var parametersStart: LossParameters.Snapshot?
  /// The last epoch's weights while the network holds the best ones, and the version that marks them as untouched.
  var latest: (weights: Network.Snapshot, version: Int)?
  var hasWarnedOfCollapse = false
  /// What the best epoch is chosen by, and what miners choose: each is said once.
  var hasWarnedOfMetric = false
  var hasWarnedOfMiner = false
  /// What the network's weights were when the trainer was made.
  var start = "drawn"
  /// What it learns from and is validated on, worked out when a state is first saved.
  var fingerprints: (data: TrainingFingerprint, validation: TrainingFingerprint?)?

  /// Builds the network where it has no weights yet, from the options' seed.
  ///
  /// - Parameters:
  ///   - lossOptimizer: of what the loss learns of its own; nil: `optimizer` changes it with the network.
  ///   - ranks: those that share its batches with this one; all of them make the trainer and run it alike.
  /// - Throws: `MetricError` where loss, data and options do not fit each other; `NetworkError` where the network does not
  ///   fit the data; `RankError.tooMany` where there are more ranks than slices of a batch.
  public init(
    network: Network, data: TrainingData, validation: ValidationData = .none, loss: EmbeddingLoss,
    optimizer: Optimizer, lossOptimizer: Optimizer? = nil, options: Options = Options(), ranks: Ranks? = nil
  ) throws {
    try Self.check(options, loss, data)
    if let lossOptimizer, !loss.hasParameters {
      throw MetricError.outOfRange(
        function: "trainer", argument: "lossoptimizer", got: lossOptimizer.describe,
        expected: "none, for \(loss.text) learns nothing of its own")
    }
    let (training, held) = try Self.split(data, validation, loss, options)
    if let held { try Self.check(options, loss, held, function: "trainer(validation=)") }
    start = network.trainingStart()
    try network.build(inputShape: training.source.shape, seed: options.seed)
    guard network.hasWeights || loss.hasParameters else { throw MetricError.nothingToLearn }
    if let held, held.source.shape != training.source.shape {
      throw MetricError.outOfRange(
        function: "trainer", argument: "validation", got: "images of shape \(held.source.shape)",
        expected: "images of the shape that it learns from, \(training.source.shape)")
    }
    let width = (network.outputShape ?? []).reduce(1, *)
    if loss.knowsClasses, let held, loss.comparesBatch || loss.hasParameters {
      let known = Set(training.source.classNames)
      if let other = held.source.classNames.first(where: { !known.contains($0) }) {
        throw MetricError.validationOfOthers(loss: loss.text, name: other)
      }
    }
    if loss.outputsAreClasses, let greatest = training.source.labels.max(), greatest >= width {
      throw MetricError.labelBeyondOutputs(label: greatest, outputs: width)
    }
    self.network = network
    given = (data, validation)
    whole = data.source
    self.data = training
    self.validation = held
    self.loss = loss
    self.optimizer = optimizer
    self.lossOptimizer = lossOptimizer
    self.options = options
    // One alone has nobody to wait for.
    self.ranks = ranks.flatMap { $0.count > 1 ? $0 : nil }
    lossParameters = try loss.parameters(
      classes: training.source.classNames.count, width: width, seed: options.seed)
    guard !network.isFrozen || loss.hasParameters else { throw NetworkError.nothingLearns(function: "trainer") }
    average = try options.average.map { try WeightAverage(keep: $0, of: network) }
    optimizerState = try OptimizerState(optimizer)
    lossOptimizerState = try lossOptimizer.map { try OptimizerState($0) }
    let shares = !network.dependsOnBatch && !training.source.isAugmented
    batches = try BatchPlan(
      data: training, batch: options.batch, perClass: options.perClass, balanced: loss.comparesBatch, shares: shares,
      withinGroups: options.withinGroups, seed: options.seed)
    plan = try Plan(network, batch: batches.mostItems, training: true, ranks: self.ranks)
    lessonPlans = try Self.lessonPlans(
      loss, shape: training.source.shape, batch: batches.mostItems, ranks: self.ranks)
    if let held {
      // What the first epoch's end would find out.
      _ = try BatchPlan(
        data: held, batch: options.batch, perClass: options.perClass, balanced: loss.comparesBatch, shares: true,
        seed: options.seed, function: "trainer(validation=)")
    }
    var notices: [TrainingWarning] = []
    if loss.comparesBatch, case .images(let source) = training {
      let single = Pairs.classesOfOneImage(source)
      if !single.isEmpty { notices.append(.classesNeverDrawn(single)) }
    }
    if loss.knowsClasses, Set(training.source.labels).count == 1 { notices.append(.oneClass(loss: loss.text)) }
    if let own = network.preprocessing,
      loss.teachers.contains(where: { teacher in teacher.network.preprocessing.map { $0 != own } ?? false })
    {
      notices.append(.teacherPreparedOtherwise)
    }
    if case .pairs(let pairs) = training {
      let single = Pairs.classesOfOneImage(pairs.source)
      if !single.isEmpty { notices.append(.classesOfOneImage(single)) }
      if case .pairs(let other)? = held {
        let shared = pairs.sharedClasses(with: other)
        if shared > 0 { notices.append(.sharedClasses(shared)) }
      }
    }
    if case .images(let source) = training, case .data(.images(let held)) = validation,
      let notice = try Self.notice(of: held, learning: source, loss)
    {
      notices.append(notice)
    }
    self.notices = notices
  }

  /// Epochs that are over.
  public var epoch: Int { history.count }
  /// The record at `bestIndex`.
  public var best: EpochRecord? { bestIndex.map { history[$0] } }
  /// Whether the best epoch's weights are kept, to be the network's after a run.
  var keepsBest: Bool { validation != nil || plannedPatience != nil || options.metrics.best != nil }
  /// What an epoch is judged by, the less the better; nil where that was not measured after it.
  func judged(_ record: EpochRecord) -> Double? {
    guard let name = options.metrics.best else { return record.validationLoss ?? record.loss }
    guard let value = record.metrics?[name], !value.isNaN else { return nil }
    return options.metrics.isGreatestBest ? -value : value
  }
  /// A run was stopped before its end.
  public var isPaused: Bool { plannedEnd != nil }
  /// Nothing has been done yet.
  public var isFresh: Bool { history.isEmpty && step == 0 && plannedEnd == nil }

  private static func check(
    _ options: Options, _ loss: EmbeddingLoss, _ data: TrainingData, function: String = "trainer"
  ) throws(MetricError) {
    guard options.batch >= 1, options.batch <= 65_536 else {
      throw .outOfRange(function: "trainer", argument: "batch", got: "\(options.batch)", expected: "1 to 65536")
    }
    guard options.perClass >= 2, options.perClass <= 1024 else {
      throw .outOfRange(function: "trainer", argument: "perclass", got: "\(options.perClass)", expected: "2 to 1024")
    }
    let metrics = options.metrics
    guard metrics.each >= 1, metrics.each <= 1_000_000 else {
      throw .outOfRange(function: "trainer", argument: "each", got: "\(metrics.each)", expected: "1 to 1000000")
    }
    if let best = metrics.best, !metrics.names.contains(best) {
      throw .outOfRange(
        function: "trainer", argument: "best", got: "\"\(metrics.bestText ?? best)\"",
        expected: metrics.names.isEmpty
          ? "the name of a metric, and metrics= gives none"
          : "the name of a metric: " + metrics.names.joined(separator: ", ") + " (with - before it, the least is best)")
    }
    guard data.count > 0 else { throw .emptyData(function: function) }
    switch data {
    case .pairs: if !loss.takesPairs { throw .needsLabels(loss: loss.text) }
    case .images: if loss.takesPairs { throw .needsPairs(loss: loss.text) }
    }
    if loss.comparesBatch, options.batch < 2 * options.perClass {
      throw .outOfRange(
        function: "trainer", argument: "batch", got: "\(options.batch)",
        expected: "at least two classes of \(options.perClass) images")
    }
  }

  /// What a dataset to validate on has in common with the one to learn from. Classes count as the same by their names, and
  /// images are looked at where classes are the same.
  private static func notice(
    of held: any ImageSource, learning source: any ImageSource, _ loss: EmbeddingLoss
  ) throws -> TrainingWarning? {
    func classes(_ source: any ImageSource) -> Set<String> {
      let names = source.classNames
      return Set(Set(source.labels).filter(names.indices.contains).map { names[$0] })
    }
    let shared = classes(source).intersection(classes(held)).count
    guard shared > 0 else { return nil }
    let learnt = Set(try LearningRecord.fingerprints(of: source))
    let repeated = try LearningRecord.fingerprints(of: held).count { learnt.contains($0) }
    if repeated > 0 { return .validationShowsImages(repeated, of: held.count) }
    return loss.comparesBatch && !loss.knowsClasses ? .validationShowsClasses(shared) : nil
  }

  private static func split(
    _ data: TrainingData, _ validation: ValidationData, _ loss: EmbeddingLoss, _ options: Options
  ) throws -> (TrainingData, TrainingData?) {
    switch validation {
    case .none: return (data, nil)
    case .data(let held): return (data, held)
    case .fraction(let fraction):
      guard fraction > 0, fraction < 1 else {
        throw MetricError.outOfRange(
          function: "trainer", argument: "validation", got: NumberText.written(fraction),
          expected: "a share between 0 and 1")
      }
      switch data {
      case .pairs(let pairs):
        let (learn, held) = try pairs.split(fraction: fraction, seed: options.seed)
        return (.pairs(learn), .pairs(held))
      case .images(let source):
        var random = RandomStream(seed: options.seed, stream: 0x76616C)
        var units = loss.comparesBatch ? Pairs.itemsByClass(source) : (0..<source.count).map { [$0] }
        let need = loss.comparesBatch ? 2 : 1
        guard units.count >= 2 * need else {
          throw MetricError.outOfRange(
            function: "trainer", argument: "validation", got: "\(NumberText.written(fraction)) of \(units.count)",
            expected: "a share that leaves \(need) on each side")
        }
        random.shuffle(&units)
        let count = min(units.count - need, max(need, Int((Double(units.count) * fraction).rounded())))
        let held = units.suffix(count).joined().sorted()
        let learn = units.dropLast(count).joined().sorted()
        return (
          .images(SourceSubset(source, items: learn)), .images(SourceSubset(source, items: held))
        )
      }
    }
  }
}

extension Network {
  /// Whether an item's embedding in training depends on chance or on the rest of the batch.
  var dependsOnBatch: Bool { layers.contains(where: \.dependsOnBatch) }
}
