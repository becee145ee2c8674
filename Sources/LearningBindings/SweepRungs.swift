import Diagnostics
import Files
import Interpreter
import MetricLearning
import NeuralNetworks
import Ranks
import Sandbox

/// Trains and scores the settings of a sweep, rung by rung: one after the other, or on several ranks, each setting on one.
final class SweepRungs {
  var trainers: [Int: TrainerObject]
  /// Settings that were trained, and whose score is no number.
  private(set) var unscored = Set<Int>()
  private let settings: [Value]
  private let score: FunctionValue
  private let epochs: [Int]
  private let record: SweepRecord?
  private let ranks: Ranks?
  private let context: ExecutionContext

  init(
    trainers: [Int: TrainerObject], settings: [Value], score: FunctionValue, epochs: [Int], record: SweepRecord?,
    ranks: Ranks?, _ context: ExecutionContext
  ) {
    self.trainers = trainers
    self.settings = settings
    self.score = score
    self.epochs = epochs
    self.record = record
    self.ranks = ranks
    self.context = context
  }

  func scores(_ alive: [Int], rung: Int) throws -> [Double] {
    if let ranks { return try scores(alive, rung: rung, ranks) }
    return try alive.map { index in
      if let known = record?.score(index, epochs: epochs[rung]) { return known }
      context.output.progress(
        ProgressEvent(
          task: "sweep", text: "setting \(index + 1) of \(settings.count), to epoch \(epochs[rung])",
          isMilestone: true))
      let result = try trainedScore(index, rung: rung)
      try record?.add(index, epochs: epochs[rung], score: result)
      return result
    }
  }

  /// Not a number where the training failed, or where that is its score.
  private func trainedScore(_ index: Int, rung: Int) throws -> Double {
    guard let trainer = trainers[index],
      try LearningBindings.trained(trainer, to: epochs[rung], state: record?.state(index), context)
    else { return .nan }
    let result = try LearningBindings.score(context.call(score, [Value(NetworkObject(trainer.trainer.network))]))
    if result.isNaN { unscored.insert(index) }
    return result
  }

  // MARK: Ranks

  /// A score, the training's state and what was said; or why there is none.
  private enum Outcome {
    case scored(Double, state: [UInt8], [JobOutput.Saying])
    case failed(message: String, help: String)

    var bytes: [UInt8] {
      var bytes: [UInt8] = []
      switch self {
      case .scored(let score, let state, let sayings):
        bytes.append(1)
        bytes.add(score.bitPattern)
        JobOutput.write(sayings, to: &bytes)
        bytes += state
      case .failed(let message, let help):
        bytes.append(0)
        bytes.add(text: message)
        bytes.add(text: help)
      }
      return bytes
    }

    init(_ bytes: [UInt8]) throws {
      var reader = ByteReader(bytes)
      if try reader.byte() == 1 {
        let score = Double(bitPattern: try reader.word())
        let sayings = try JobOutput.read(&reader)
        self = .scored(score, state: reader.rest(), sayings)
      } else {
        self = .failed(message: try reader.text(), help: try reader.text())
      }
    }

    init(scored score: Double, state: [UInt8], _ sayings: [JobOutput.Saying] = []) {
      self = .scored(score, state: state, sayings)
    }

    init(failed explanation: Explanation) { self = .failed(message: explanation.message, help: explanation.help ?? "") }
  }

  private func scores(_ alive: [Int], rung: Int, _ ranks: Ranks) throws -> [Double] {
    var known: [Int: [UInt8]] = [:]
    if ranks.isFirst, let record {
      for (job, index) in alive.enumerated() {
        guard let score = record.score(index, epochs: epochs[rung]) else { continue }
        let path = record.state(index)
        let state = FileSystem.exists(path) ? try FileSystem.read(path, limit: .max) : []
        known[job] = Outcome(scored: score, state: state).bytes
      }
    }
    let policy = AccessPolicy.current
    var failure: (any Error)?
    let reporter = Reporter(context.output, count: alive.count)
    let results = try ranks.jobs(
      alive.count, known: known,
      keep: { job, bytes in
        policy.bind { do { try self.keep(alive[job], rung: rung, bytes) } catch { failure = error } }
      }, progress: { reporter.report($0) }
    ) { try self.perform(alive[$0], rung: rung) }
    reporter.finish()
    if let failure { throw failure }
    var scores: [Double] = []
    for (index, bytes) in zip(alive, results) {
      switch try Outcome(bytes) {
      case .scored(let score, let state, let sayings):
        JobOutput.say(sayings, context.output)
        if score.isNaN, !state.isEmpty { unscored.insert(index) }
        try take(state, of: index, rung: rung)
        scores.append(score)
      case .failed(let message, let help):
        throw ArgumentError(
          LearningBindings.scoring, "sweep: setting \(index + 1), \(settings[index].summarized()), failed: \(message)",
          help: help.isEmpty ? "the other settings' scores are there: with save= a second start goes on" : help)
      }
    }
    try record?.sort(epochs: epochs[rung])
    return scores
  }

  /// Every rank has every training where its last job left it, whichever rank did that.
  private func take(_ state: [UInt8], of index: Int, rung: Int) throws {
    guard let trainer = trainers[index], !state.isEmpty, trainer.trainer.epoch < epochs[rung] else { return }
    trainer.exchange(try trainer.trainer.resumed(state, path: "setting \(index + 1)"))
  }

  private func hasFailed(_ index: Int, _ score: Double) -> Bool { score.isNaN && !unscored.contains(index) }

  private func perform(_ index: Int, rung: Int) throws -> [UInt8] {
    let (drawn, output) = (context.seedsDrawn, context.output)
    let words = JobOutput(output)
    context.output = words
    defer {
      context.setSeed(context.sessionSeed, drawn: drawn)
      context.output = output
    }
    do {
      let score = try AccessPolicy.ofJobs.bind {
        if let record { try FileSystem.makeFolder(record.folder) }
        return try Ranks.alone { try trainedScore(index, rung: rung) }
      }
      guard context.seedsDrawn == drawn else {
        return Outcome(
          failed: Explanation(
            "its score draws one of the session's seeds, which another rank would draw otherwise",
            help: "give the seed: episodes(net, check, seed=1)")
        ).bytes
      }
      return Outcome(
        scored: score, state: hasFailed(index, score) ? [] : try trainers[index]?.trainer.encoded() ?? [],
        words.sayings
      ).bytes
    } catch {
      return Outcome(failed: try context.caught(error)).bytes
    }
  }

  /// On the first rank, as results come: what a second start goes on from.
  private func keep(_ index: Int, rung: Int, _ bytes: [UInt8]) throws {
    guard let record, case .scored(let score, let state, _) = try Outcome(bytes) else { return }
    if !state.isEmpty { try FileSystem.write(state, to: record.state(index)) }
    try record.add(index, epochs: epochs[rung], score: score)
  }
}
