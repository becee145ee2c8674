import NeuralNetworks
import Tensors

extension Trainer {
  /// How far a trainer is: everything that a run changes, the arrays apart.
  struct Progress: Codable, Hashable, Sendable {
    var history: [EpochRecord]
    var bestIndex: Int?
    var step: Int
    var lossSum: Double
    var lossCount: Int
    var plannedEnd: Int?
    var plannedPatience: Int?
    var patienceStart: Int
    var hasWarnedOfCollapse: Bool
    var optimizerStep: Int
    /// Whether the network holds the best epoch's weights while the last ones are kept aside.
    var showsBest: Bool
    /// Whether the best epoch's weights are the network's own, so that a file need not hold them twice.
    var bestIsCurrent: Bool
    /// Steps of the weights' running mean.
    var averageSteps: Int

    /// Numbers of a file are not trusted: each is one that a run could have left, and far from where counting overflows.
    /// - Parameter steps: of an epoch; nil where the data is not at hand.
    func isPossible(steps: Int? = nil) -> Bool {
      let counts = 0..<(1 << 40)
      return history.enumerated().allSatisfy { $1.epoch == $0 + 1 } && bestIndex.map(history.indices.contains) ?? true
        && (0...max(1, steps ?? counts.upperBound)).contains(step) && lossSum.isFinite
        && [lossCount, optimizerStep, averageSteps].allSatisfy(counts.contains)
        // What is left of the run is counted in batches, of which an epoch may have billions.
        && plannedEnd.map { (history.count..<(1 << 31)).contains($0) } ?? true
        && plannedPatience.map { $0 >= 1 } ?? true && (0...history.count).contains(patienceStart)
    }
  }

  /// The trainer as it is between two batches: a run from here gives the same bits as one that was not interrupted.
  public struct State: Sendable {
    var progress: Progress
    var optimizer: OptimizerState.Snapshot
    var weights: Network.Snapshot
    /// Of the best epoch.
    var best: Network.Snapshot?
    /// From where the epoch that is under way began.
    var epochStart: Network.Snapshot?
    /// Of the last epoch, while `weights` are the best one's.
    var latest: Network.Snapshot?
    /// The running mean of the weights.
    var average: Network.Snapshot?
    /// What the loss has learnt, now and where the epoch began.
    var parameters: LossParameters.Snapshot?
    var parametersStart: LossParameters.Snapshot?
  }

  /// What the loss learns of its own.
  var lossLearning: [Weights] { (lossParameters?.arrays ?? []).filter(\.isTrained) }
  /// Everything that the optimisers change.
  var learning: [Weights] { optimizers.flatMap(\.arrays) }
  /// Who changes what. All have done as many steps.
  var optimizers: [(state: OptimizerState, arrays: [Weights])] {
    guard let lossOptimizerState else { return [(optimizerState, network.trained + lossLearning)] }
    return [(optimizerState, network.trained), (lossOptimizerState, lossLearning)]
  }

  private func remembered() -> OptimizerState.Snapshot {
    OptimizerState.Snapshot(
      step: optimizerState.step, moments: optimizers.flatMap { $0.state.snapshot(of: $0.arrays).moments })
  }

  private func remember(_ snapshot: OptimizerState.Snapshot) {
    var rest = snapshot.moments[...]
    for (state, arrays) in optimizers {
      state.restore(OptimizerState.Snapshot(step: snapshot.step, moments: Array(rest.prefix(arrays.count))), of: arrays)
      rest = rest.dropFirst(arrays.count)
    }
  }

  /// A copy of everything that a run changes, the network's weights included.
  public var state: State {
    let kept = latest.flatMap { $0.version == network.version ? $0.weights : nil }
    let remembered = remembered()
    let weights = network.snapshot()
    return State(
      progress: Progress(
        history: history, bestIndex: bestIndex, step: step, lossSum: lossSum, lossCount: lossCount,
        plannedEnd: plannedEnd, plannedPatience: plannedPatience, patienceStart: patienceStart,
        hasWarnedOfCollapse: hasWarnedOfCollapse, optimizerStep: remembered.step, showsBest: kept != nil,
        bestIsCurrent: bestWeights?.arrays == weights.arrays, averageSteps: average?.steps ?? 0),
      optimizer: remembered, weights: weights, best: bestWeights,
      // Between epochs the next one's beginning is yet to be kept.
      epochStart: step > 0 ? epochStart : nil, latest: kept, average: average?.snapshot,
      parameters: lossParameters?.snapshot(), parametersStart: step > 0 ? parametersStart : nil)
  }

  /// Goes back to a state of this trainer.
  public func restore(_ state: State) {
    let progress = state.progress
    network.restore(state.weights)
    remember(state.optimizer)
    if let mean = state.average { average?.restore(mean, steps: progress.averageSteps) }
    if let parameters = state.parameters { lossParameters?.restore(parameters) }
    parametersStart = state.parametersStart
    history = progress.history
    bestIndex = progress.bestIndex
    step = progress.step
    lossSum = progress.lossSum
    lossCount = progress.lossCount
    plannedEnd = progress.plannedEnd
    plannedPatience = progress.plannedPatience
    patienceStart = progress.patienceStart
    hasWarnedOfCollapse = progress.hasWarnedOfCollapse
    bestWeights = state.best
    epochStart = state.epochStart
    latest = state.latest.map { ($0, network.version) }
    version += 1
  }
}
