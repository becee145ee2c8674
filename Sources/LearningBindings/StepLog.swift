import Diagnostics
import Foundation
import Interpreter
import NeuralNetworks
import TensorFiles
import Tensors

/// The steps of a cell's loops written by hand, kept beside the journal: a session that comes back after a crash runs the
/// cell again, but its steps give the losses that they gave then, and the networks take the weights that they had.
///
/// Weights are kept where somebody may look at them: when a network is read between two steps, at the cell's end, and now
/// and then in between. A step whose function does more than compute a loss (it prints, or changes a variable around it)
/// cannot be left out: nothing is kept from there on, and the loop is run again from the last weights before.
final class StepLog: CellLog {
  private struct Record: Codable {
    /// Bit patterns, so that nothing is rounded.
    var losses: [UInt32] = []
    /// How many seeds each step took from the session's sequence.
    var seeds: [UInt64] = []
    /// Steps that met a network or an optimiser for the first time: these are done again, to know what they change.
    var first: Set<Int> = []
  }

  private weak var keeper: (any TrainingKeeper)?
  /// What the lost session did in this cell.
  private let known: Record?
  private var record = Record()
  /// In the order in which steps met them. A network that nobody else holds any more is nobody's to look at: it is freed
  /// while the cell goes on, and its place stays.
  private var networks: [Met<Network>] = []
  private var optimizers: [Met<OptimizerState>] = []
  /// Steps were left out since the networks had their weights.
  private var isBehind = false
  /// A step is under way, or the log itself reads: not a look from outside.
  private var isBusy = false
  /// Nothing is kept any more.
  private var isFrozen = false
  private(set) var hasFailed = false
  /// After how many steps the weights were kept last, and whether only because of the time that went by.
  private var kept = 0
  private var keptForTime = false
  private let begun = ContinuousClock.now
  private var keptAt = ContinuousClock.now
  private var spent = Duration.zero

  private var done: Int { record.losses.count }

  private struct Met<Object: AnyObject> {
    weak var object: Object?
  }

  private init(_ keeper: any TrainingKeeper) {
    self.keeper = keeper
    known = keeper.kept("steps").flatMap { try? JSONDecoder().decode(Record.self, from: Data($0)) }
      .flatMap { $0.losses.count == $0.seeds.count ? $0 : nil }
  }

  /// The log of the cell that runs; nil where no session keeps anything.
  static func current(_ context: ExecutionContext) -> StepLog? {
    if let log = context.cellLog as? StepLog { return log }
    guard context.cellLog == nil, let keeper = context.trainings else { return nil }
    let log = StepLog(keeper)
    context.cellLog = log
    return log
  }

  /// The loss that the step gave in the lost session; nil: it has to be done.
  func skip(_ context: ExecutionContext) throws -> Float? {
    if hasFailed { throw StepsDoNotFit() }
    let place = done
    guard let known, place < known.losses.count, !known.first.contains(place) else { return nil }
    context.skipSeeds(known.seeds[place])
    record.losses.append(known.losses[place])
    record.seeds.append(known.seeds[place])
    isBehind = true
    return Float(bitPattern: known.losses[place])
  }

  /// Does a step, and notes what it gave.
  func perform(
    _ optimizer: OptimizerState, _ context: ExecutionContext,
    _ step: () throws -> (loss: Float, networks: [Network])
  ) throws -> Float {
    // The first step of other networks needs nothing of what was left out before it.
    if isBehind, known.map({ done >= $0.losses.count }) ?? true { try catchUp() }
    isBusy = true
    defer { isBusy = false }
    let (seeds, effects) = (context.seedsDrawn, context.effects)
    do {
      let (loss, changed) = try step()
      note(optimizer, changed, loss, seeds: context.seedsDrawn &- seeds, isPure: context.effects == effects)
      return loss
    } catch {
      isFrozen = true
      throw error
    }
  }

  private func note(_ optimizer: OptimizerState, _ changed: [Network], _ loss: Float, seeds: UInt64, isPure: Bool) {
    let fresh = changed.filter { network in !networks.contains { $0.object === network } }
    let isNewOptimizer = !optimizers.contains { $0.object === optimizer }
    let isFirst = !fresh.isEmpty || isNewOptimizer
    let isApart = fresh.count == changed.count && isNewOptimizer
    // A first step that changes also what earlier steps changed can only be done again on the weights before it.
    if !isPure || (isFirst && !isApart && done > kept) { isFrozen = true }
    if isFrozen { return }
    for network in fresh {
      networks.append(Met(object: network))
      network.onRead = { [weak self] in self?.networkIsRead() }
    }
    if isNewOptimizer { optimizers.append(Met(object: optimizer)) }
    if isFirst { record.first.insert(done) }
    record.losses.append(loss.bitPattern)
    record.seeds.append(seeds)
    if ContinuousClock.now - keptAt > .seconds(20) { keep(forTime: true) }
  }

  /// Somebody looks at a network between two steps.
  private func networkIsRead() {
    guard !isBusy else { return }
    if isBehind { try? catchUp() } else if done > kept { keep(forTime: false) }
  }

  func finish() throws {
    defer {
      for network in networks { network.object?.onRead = nil }
      networks = []
      isFrozen = true
      isBehind = false
    }
    if isBehind { try catchUp() } else if done > kept { keep(forTime: false) }
    if hasFailed { throw StepsDoNotFit() }
  }

  // MARK: Weights

  private func keep(forTime: Bool) {
    guard !isFrozen, let keeper else { return }
    isBusy = true
    defer { isBusy = false }
    let start = ContinuousClock.now
    guard let bytes = try? weights().encode(), let steps = try? JSONEncoder().encode(record),
      keeper.keep(bytes, as: "at\(done)"), keeper.keep(Array(steps), as: "steps")
    else {
      isFrozen = true
      return
    }
    if keptForTime { keeper.drop("at\(kept)") }
    (kept, keptForTime, keptAt) = (done, forTime, .now)
    spent += .now - start
    // A loop that looks at its network after every step would spend its time on writing.
    if spent > .seconds(1), spent > (.now - begun) / 10 { isFrozen = true }
  }

  private func weights() throws -> Safetensors {
    var file = Safetensors(tensors: [])
    for (name, array) in arrays {
      file.tensors.append((name, try Tensor(array.values, shape: array.shape)))
    }
    let trained = self.trained
    for (index, state) in optimizers.enumerated() {
      guard let snapshot = state.object?.snapshot(of: trained.map(\.array)) else { continue }
      file.metadata["optimizer\(index)"] = "\(snapshot.step)"
      for (place, moments) in zip(trained, snapshot.moments) {
        for (name, values) in [("first", moments.first), ("second", moments.second)] where !values.isEmpty {
          file.tensors.append(("o\(index).\(name).\(place.name)", try Tensor(values, shape: [values.count])))
        }
      }
    }
    return file
  }

  /// Of the networks that somebody holds, each by a name that says which network's it is.
  private var arrays: [(name: String, array: Weights)] {
    networks.enumerated().flatMap { index, network in
      (network.object?.weights ?? []).map { ("n\(index).\($0.name)", $0) }
    }
  }

  private var trained: [(name: String, array: Weights)] { arrays.filter(\.array.isTrained) }

  /// Gives the networks the weights that they had after so many steps.
  private func catchUp() throws {
    isBusy = true
    defer { isBusy = false }
    guard let bytes = keeper?.kept("at\(done)"), let file = try? Safetensors.decode(bytes, name: "the journal"),
      restore(file)
    else {
      hasFailed = true
      throw StepsDoNotFit()
    }
    isBehind = false
    kept = done
  }

  private func restore(_ file: Safetensors) -> Bool {
    var values: [Int: [[Float]]] = [:]
    for (index, network) in networks.enumerated() {
      guard let arrays = network.object?.weights else { continue }
      let found = arrays.compactMap { array -> [Float]? in
        guard let tensor = file["n\(index).\(array.name)"], tensor.shape == array.shape else { return nil }
        return tensor.values
      }
      guard found.count == arrays.count else { return false }
      values[index] = found
    }
    let trained = self.trained
    for (index, state) in optimizers.enumerated() {
      guard let state = state.object else { continue }
      guard let step = file.metadata["optimizer\(index)"].flatMap({ Int($0) }) else { return false }
      let moments = trained.map { place in
        (
          first: file["o\(index).first.\(place.name)"]?.values ?? [],
          second: file["o\(index).second.\(place.name)"]?.values ?? []
        )
      }
      state.restore(OptimizerState.Snapshot(step: step, moments: moments), of: trained.map(\.array))
    }
    for (index, arrays) in values { networks[index].object?.restore(Network.Snapshot(arrays: arrays)) }
    return true
  }
}

/// What was kept of a cell's steps is not what the cell does now: the session runs it without.
struct StepsDoNotFit: ExplainedError, UncatchableError {
  var isUncatchable: Bool { true }
  var explanation: Explanation { Explanation("the journal's training steps do not fit the cell") }
}
