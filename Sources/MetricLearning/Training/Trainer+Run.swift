import NeuralNetworks
import Tensors

extension Trainer {
  /// Trains until `epochs` more epochs are over.
  ///
  /// A paused run goes on: what is given now counts, and what is not given is as it was planned. With validation or
  /// patience the network has the best epoch's weights afterwards; the last ones are kept, and a further `run` goes on
  /// from them.
  ///
  /// - Parameters:
  ///   - epochs: how many more are to be over at the end, one that is under way included; 10 where neither given nor
  ///     planned.
  ///   - patience: stop after so many epochs without a better one, counted from this call; never where neither given nor
  ///     planned.
  ///   - fromStart: `epochs` and `patience` count from the very first epoch, so that a run whose beginning came from a
  ///     checkpoint ends as one that was never interrupted.
  ///   - checkpoint: called after each epoch, where the run ends or pauses, and once a minute between batches, to save
  ///     the state. What it throws pauses the run.
  @discardableResult
  public func run(
    epochs: Int? = nil, patience: Int? = nil, fromStart: Bool = false,
    observer: TrainingObserver = TrainingObserver(), checkpoint: (() throws -> Void)? = nil
  ) throws -> TrainingEnd {
    if let epochs, epochs < 1 || epochs > 1_000_000 {
      throw MetricError.outOfRange(function: "run", argument: "epochs", got: "\(epochs)", expected: "1 to 1000000")
    }
    if let patience, patience < 1 {
      throw MetricError.outOfRange(function: "run", argument: "patience", got: "\(patience)", expected: "1 or more")
    }
    if let latest, latest.version == network.version { network.restore(latest.weights) }
    latest = nil
    let end: Int
    if fromStart {
      end = epochs ?? plannedEnd ?? 10
      plannedPatience = patience
      patienceStart = 0
    } else {
      end = epochs.map { epoch + $0 } ?? plannedEnd ?? epoch + 10
      if plannedEnd == nil || patience != nil {
        plannedPatience = patience
        patienceStart = epoch
      }
    }
    plannedEnd = end
    version += 1
    try compareWithRanks()
    var clock = TrainingClock(stepsLeft: (end - epoch) * batches.steps - step)
    while epoch < end {
      if step == 0, isOutOfPatience { break }
      if step == 0 {
        epochStart = network.snapshot()
        parametersStart = lossParameters?.snapshot()
      }
      while step < batches.steps {
        let images = try runStep()
        clock.add(images)
        if step < batches.steps { report(observer, clock, end: end, isEpochEnd: false) }
        let wishes = try agree(
          stop: observer.shouldStop(), save: checkpoint != nil && step < batches.steps && clock.isTimeToSave())
        if wishes.stop {
          try checkpoint?()
          return .paused
        }
        if wishes.save { try checkpoint?() }
      }
      do { try finishEpoch(observer) } catch NetworkError.interrupted {
        // The epoch's batches are done; whoever goes on judges it first.
        try checkpoint?()
        return .paused
      }
      report(observer, clock, end: end, isEpochEnd: true)
      if epoch < end, !isOutOfPatience { try checkpoint?() }
    }
    warnOfUnmeasured(observer)
    let result: TrainingEnd = epoch < end ? .stoppedEarly : .finished
    finishRun()
    try checkpoint?()
    return result
  }

  /// Whether so many epochs as `plannedPatience` have gone by without a better one.
  private var isOutOfPatience: Bool {
    guard let plannedPatience else { return false }
    // Epochs after which nothing was measured say nothing.
    let seen = max(patienceStart - 1, bestIndex ?? 0) + 1
    return history.dropFirst(seen).count { judged($0) != nil } >= plannedPatience
  }

  private func finishRun() {
    let keepsBest = self.keepsBest
    plannedEnd = nil
    plannedPatience = nil
    epochStart = nil
    parametersStart = nil
    let kept: Network.Snapshot
    if keepsBest, let bestWeights, let bestIndex, bestIndex != history.count - 1 {
      kept = bestWeights
    } else if let average {
      kept = average.snapshot
    } else {
      return
    }
    let last = network.snapshot()
    network.restore(kept)
    latest = (last, network.version)
  }

  /// One batch, forward and backward; returns how many images it held.
  private func runStep() throws -> Int {
    let batch = batches.batch(epoch: epoch, step: step)
    let draw = Trainer.mix(options.seed, UInt64(epoch), UInt64(step))
    let source = data.source
    try plan.withInput { input in
      guard let base = input.baseAddress else { return }
      let own = plan.ownItems(of: batch.items.count)
      try givingUpTogether {
        try source.fill(base, items: batch.items, range: own, draw: source.isAugmented ? draw : nil)
      }
    }
    plan.forward(items: batch.items.count, dropoutSeed: draw)
    try plan.checkRanks()
    let lessons = try lessons(items: batch.items.count)
    let width = plan.outputShape.reduce(1, *)
    let value = try plan.withOutput { output, gradient throws(MetricError) -> Double in
      try Self.lossAndGradient(loss, batch, output, width, lossParameters, draw: draw, lessons, gradient)
    }
    guard value.isFinite else { throw damaged() }
    plan.backward()
    try plan.checkRanks()
    optimizerState.update([network], with: lossOptimizerState == nil ? lossLearning : [])
    lossOptimizerState?.update([], with: lossLearning)
    average?.add(network)
    // A balanced batch may be smaller than the last; each counts by what it held.
    let weight = max(batch.pairs, batch.labels.count)
    lossSum += value * Double(weight)
    lossCount += weight
    step += 1
    version += 1
    return batch.pairs > 0 ? 2 * batch.pairs : batch.items.count
  }

  static func lossAndGradient(
    _ loss: EmbeddingLoss, _ batch: TrainingBatch, _ e: UnsafeBufferPointer<Float>, _ width: Int,
    _ parameters: LossParameters?, draw: UInt64, _ lessons: Lessons, _ g: UnsafeMutableBufferPointer<Float>
  ) throws(MetricError) -> Double {
    guard loss.takesPairs else {
      return try loss.batchLoss(
        e, width: width, labels: batch.labels, parameters: parameters, draw: draw, isTraining: true, lessons: lessons,
        gradient: g)
    }
    let n = batch.pairs
    var (left, right) = ([Float](repeating: 0, count: n * width), [Float](repeating: 0, count: n * width))
    for i in 0..<n {
      for k in 0..<width {
        left[i * width + k] = e[batch.left[i] * width + k]
        right[i * width + k] = e[batch.right[i] * width + k]
      }
    }
    var gradientA = [Float](repeating: 0, count: n * width)
    var gradientB = gradientA
    let value = try loss.pairLoss(
      left, right, width: width, same: batch.same, parameters: parameters, gradientA: &gradientA,
      gradientB: &gradientB)
    for k in 0..<batch.items.count * width { g[k] = 0 }
    for i in 0..<n {
      for k in 0..<width {
        g[batch.left[i] * width + k] += gradientA[i * width + k]
        g[batch.right[i] * width + k] += gradientB[i * width + k]
      }
    }
    return value
  }

  private func finishEpoch(_ observer: TrainingObserver) throws {
    let mean = lossSum / Double(max(1, lossCount))
    let moving = average == nil ? nil : network.snapshot()
    if let average { network.restore(average.snapshot) }
    let held: Double?
    var metrics: [String: Double]?
    do {
      held = try validationLoss()
      if !options.metrics.names.isEmpty, (history.count + 1) % options.metrics.each == 0 {
        metrics = try observer.measure(network)
      }
    } catch {
      if let moving { network.restore(moving) }
      throw error
    }
    // The step after which no loss was asked for any more may have been the one too many.
    if let held, !held.isFinite { throw damaged() }
    guard network.isFinite, lossParameters?.isFinite ?? true else { throw damaged() }
    warnOfCollapse(observer)
    history.append(EpochRecord(epoch: history.count + 1, loss: mean, validationLoss: held, metrics: metrics))
    step = 0
    lossSum = 0
    lossCount = 0
    version += 1
    if let judged = judged(history[history.count - 1]),
      bestIndex.flatMap({ self.judged(history[$0]) }).map({ judged < $0 }) ?? true
    {
      bestIndex = history.count - 1
      if keepsBest { bestWeights = network.snapshot() }
    }
    if let moving { network.restore(moving) }
    warnOfPlateau(observer)
    if let name = options.metrics.best, metrics?[name]?.isNaN == true, !hasWarnedOfMetric {
      hasWarnedOfMetric = true
      observer.warn(.metricNotANumber(name: name, epoch: epoch))
    }
    if loss.kind.isMined, mean == 0, !hasWarnedOfMiner {
      hasWarnedOfMiner = true
      observer.warn(.nothingMined(loss: loss.text, epoch: epoch))
    }
  }

  /// A run has ended, and nothing was measured to choose the best epoch by.
  private func warnOfUnmeasured(_ observer: TrainingObserver) {
    guard let name = options.metrics.best, epoch > 0, !hasWarnedOfMetric else { return }
    guard history.allSatisfy({ $0.metrics?[name] == nil }) else { return }
    hasWarnedOfMetric = true
    observer.warn(.metricNeverMeasured(name: name, each: options.metrics.each, epochs: epoch))
  }

  /// Whether the images themselves hold what is no number: arrays may, and then the rate is not to blame.
  private var hasBrokenImages: Bool {
    let source = data.source
    let size = source.shape.reduce(1, *)
    let portion = max(1, (1 << 20) / max(1, size))
    for start in stride(from: 0, to: source.count, by: portion) {
      let items = Array(start..<min(source.count, start + portion))
      var pixels = [Float](repeating: 0, count: items.count * size)
      let isRead: Void? = pixels.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return nil }
        return try? source.fill(base, items: items, draw: nil)
      }
      guard isRead != nil else { return false }
      if !pixels.allSatisfy(\.isFinite) { return true }
    }
    return false
  }

  /// The loss is not a number: weights go back to where the epoch began, and the run is over.
  private func damaged() -> MetricError {
    // Before the first step, what the optimiser would do is no reason.
    let smaller = epoch == 0 && step == 0 ? nil : optimizer.withTenthOfRate.describe
    let error: MetricError =
      hasBrokenImages
      ? .imagesNotFinite(function: "trainer")
      : .turnedToNaN(epoch: epoch + 1, batch: min(step + 1, batches.steps), loss: loss.text, smaller: smaller)
    if let epochStart { network.restore(epochStart) }
    if let parametersStart { lossParameters?.restore(parametersStart) }
    average?.restart(from: network)
    if let fresh = try? OptimizerState(optimizer) { optimizerState = fresh }
    if let lossOptimizer, let fresh = try? OptimizerState(lossOptimizer) { lossOptimizerState = fresh }
    plannedEnd = nil
    plannedPatience = nil
    step = 0
    lossSum = 0
    lossCount = 0
    return error
  }

  /// Mean loss over the validation data, without dropout and augmentation; the same batches after every epoch.
  func validationLoss() throws -> Double? {
    guard let validation else { return nil }
    let asker = LongWork.isGivenUp
    let isGivenUp = { asker?() ?? false }
    switch validation {
    case .pairs(let pairs):
      let (values, width, place) = try pairs.embedded(network, interrupted: isGivenUp)
      var sum = 0.0
      for start in stride(from: 0, to: pairs.count, by: 1024) {
        if isGivenUp() { throw NetworkError.interrupted }
        let range = start..<min(pairs.count, start + 1024)
        var a: [Float] = []
        var b: [Float] = []
        for i in range {
          a += values[place[Int(pairs.first[i])] * width..<(place[Int(pairs.first[i])] + 1) * width]
          b += values[place[Int(pairs.second[i])] * width..<(place[Int(pairs.second[i])] + 1) * width]
        }
        sum +=
          Double(range.count)
          * (try loss.pairLoss(
            a, b, width: width, same: Array(pairs.same[range]), parameters: lossParameters))
      }
      return sum / Double(pairs.count)
    case .images(let source):
      let values = try Embeddings.values(network, source, items: Array(0..<source.count), interrupted: isGivenUp)
      let width = values.count / source.count
      let lessons = try lessons(of: source, interrupted: isGivenUp)
      var held = try BatchPlan(
        data: validation, batch: options.batch, perClass: options.perClass, balanced: loss.comparesBatch,
        shares: true, seed: options.seed)
      var sum = 0.0
      var count = 0
      // Balanced batches are draws: a few more of them than would cover the items make the measure steadier.
      for step in 0..<(loss.comparesBatch ? max(8, held.steps) : held.steps) {
        if isGivenUp() { throw NetworkError.interrupted }
        let batch = held.batch(epoch: 0, step: step)
        let rows = batch.items.flatMap { values[$0 * width..<($0 + 1) * width] }
        var gradient = [Float](repeating: 0, count: rows.count)
        sum +=
          Double(batch.items.count)
          * (try loss.batchLoss(
            rows, width: width, labels: batch.labels, parameters: lossParameters, isTraining: false,
            lessons: lessons.taking(batch.items, of: source.count), gradient: &gradient))
        count += batch.items.count
      }
      return sum / Double(max(1, count))
    }
  }

  private func warnOfCollapse(_ observer: TrainingObserver) {
    guard !hasWarnedOfCollapse, !loss.outputsAreClasses else { return }
    let width = plan.outputShape.reduce(1, *)
    let rows = min(64, batches.mostItems, data.count)
    guard rows > 1 else { return }
    let collapsed = plan.withOutput { output, _ in
      var farthest: Float = 0
      var greatest: Float = 0
      for k in 0..<rows * width {
        farthest = max(farthest, abs(output[k] - output[k % width]))
        greatest = max(greatest, abs(output[k]))
      }
      return farthest <= 1e-5 * max(greatest, 1e-3)
    }
    guard collapsed else { return }
    hasWarnedOfCollapse = true
    observer.warn(.collapsed(epoch: epoch + 1))
  }

  private func warnOfPlateau(_ observer: TrainingObserver) {
    guard !hasWarnedOfCollapse, history.count >= 3, let level = undecidedLoss else { return }
    guard history.suffix(3).allSatisfy({ abs($0.loss - level) <= 0.005 * level }) else { return }
    hasWarnedOfCollapse = true
    observer.warn(.plateau(epochs: 3, loss: history[history.count - 1].loss))
  }

  /// The loss of a network that maps everything to one point, where the formula says it.
  private var undecidedLoss: Double? {
    guard case .pairs(let pairs) = data else { return loss.kind.undecided(differentShare: 1) }
    return loss.kind.undecided(differentShare: Double(pairs.count - pairs.sameCount) / Double(pairs.count))
  }

  private func report(_ observer: TrainingObserver, _ clock: TrainingClock, end: Int, isEpochEnd: Bool) {
    let last = history.last
    observer.progress(
      TrainingProgress(
        epoch: isEpochEnd ? epoch : epoch + 1, epochs: end, step: isEpochEnd ? batches.steps : step,
        steps: batches.steps,
        loss: isEpochEnd ? last?.loss ?? 0 : lossSum / Double(max(1, lossCount)),
        validationLoss: last?.validationLoss,
        // An epoch's end shows what was measured after this epoch alone; in between, the last there was.
        metrics: (isEpochEnd ? last : history.last { $0.metrics != nil })?.metrics ?? [:],
        imagesPerSecond: clock.imagesPerSecond,
        secondsLeft: clock.secondsLeft, isEpochEnd: isEpochEnd))
  }

  /// A number for one step's draws.
  static func mix(_ seed: UInt64, _ epoch: UInt64, _ step: UInt64) -> UInt64 {
    var z = seed &+ 0x9E37_79B9_7F4A_7C15 &* (epoch &+ 1) &+ 0xD1B5_4A32_D192_ED03 &* (step &+ 1)
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Rates for the progress display; never part of a result.
struct TrainingClock {
  private let start = ContinuousClock.now
  private var images = 0
  private var steps = 0
  private let stepsLeft: Int
  private var saved = ContinuousClock.now

  /// Whether a minute has gone by since it last said so.
  mutating func isTimeToSave() -> Bool {
    guard ContinuousClock.now - saved >= .seconds(60) else { return false }
    saved = .now
    return true
  }

  init(stepsLeft: Int) { self.stepsLeft = stepsLeft }

  mutating func add(_ images: Int) {
    self.images += images
    steps += 1
  }

  private var seconds: Double {
    let (whole, part) = (ContinuousClock.now - start).components
    return max(1e-9, Double(whole) + Double(part) * 1e-18)
  }
  var imagesPerSecond: Double { Double(images) / seconds }
  var secondsLeft: Double { seconds / Double(max(1, steps)) * Double(max(0, stepsLeft - steps)) }
}
