import CoreLibrary
import Diagnostics
import Files
import Interpreter
import MetricLearning
import NeuralNetworks
import Tensors

extension LearningBindings {
  static func registerTrainerRun(_ registry: inout BuiltinRegistry) {
    let epochs = TypedParameter.int("epochs", in: 1...1_000_000, or: "10, or what is left")
    let patience = TypedParameter.int("patience", in: 1...1_000_000, or: "none, or the paused run's")
    let checkpoint = TypedParameter.string("checkpoint", or: "none", namedOnly: true)
    registry.add(
      Builtin(
        method: "run", of: "trainer", .of(epochs, patience, checkpoint), area: .training, returns: "trainer",
        summary: "Trains for some epochs; stops early after `patience` epochs without a better one.",
        details: """
          Ctrl-C pauses at the end of a batch, and `run()` goes on from there with the same result as if it had not \
          been paused. What is given then counts in place of what was given before: run(epochs=2) ends two epochs later, \
          the one under way included; run(patience=3) stops after three epochs from there without a better one. With validation or patience the network has the best epoch's weights afterwards; another `run` \
          goes on from the last ones. `checkpoint` names a file that holds the state after each epoch (and once a \
          minute, and at a pause): where it is there when a fresh trainer starts, the run goes on from it, and ends as \
          one that was never interrupted. A trainer with another seed= is refused, as one with another loss, batch or dataset \
          is: each training has a file of its own.
          """,
        example: trainerExample + "\nloop.run(epochs=2)\nloop.history.epoch\n#> [1, 2]",
        errors: [
          "the loss is not a number: the weights go back to the epoch's beginning",
          "the checkpoint is of another training, or cannot be written",
        ], seeAlso: ["trainer", "trainer.resume"]
      ) { args, context in
        let object = try args.receiver(TrainerObject.self)
        let (epochs, patience) = (try args[epochs], try args[patience])
        guard let path = try args[checkpoint] else {
          return try run(object, epochs: epochs, patience: patience, context)
        }
        let file = context.path(path)
        if !FileSystem.exists(file) {
          try refuseOtherEnding(path, checkpoint, "run", "loop.run(checkpoint=\"loop.safetensors\")")
        }
        var fromStart = false
        if object.trainer.isFresh, FileSystem.exists(file) {
          let bytes = try FileSystem.read(file)
          let saved = try Trainer.checkpoint(bytes, path: path)
          let (epoch, seed) = (saved.history.count, object.trainer.options.seed)
          guard !object.isSeedGiven || saved.seed == seed else {
            throw MetricError.otherTraining(path: path, what: "seed", saved: "\(saved.seed)", here: "\(seed)")
          }
          if epoch > epochs ?? 10 {
            throw ArgumentError(
              checkpoint, "“\(path)” is \(epoch) epochs on, further than the \(epochs ?? 10) asked for",
              help: "ask for more, or delete the file to start anew; each run has a file of its own")
          }
          object.exchange(try object.trainer.resumed(bytes, path: path))
          fromStart = true
          if !object.trainer.isFresh {
            context.output.warn(
              Explanation(
                "going on from “\(path)”, after \(epoch) epoch\(epoch == 1 ? "" : "s")",
                help: "delete the file to start anew"))
          }
        }
        // The others have to have looked for the file before the first rank makes it.
        try context.ranks?.meet()
        // A place that cannot be written is told now, not after the first epoch.
        try object.trainer.save(file)
        return try run(object, epochs: epochs, patience: patience, fromStart: fromStart, checkpoint: file, context)
      })
  }

  private static func refuseOtherEnding<Given>(
    _ path: String, _ parameter: TypedParameter<Given>, _ function: String, _ help: String
  ) throws {
    try OtherEndings.refuse(
      path, parameter, function, whose: "a trainer's state", more: ["gallery"], help: help)
  }

  static func registerTrainerMembers(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        property: "history", of: "trainer", area: .training, returns: "record",
        summary:
          "A record of lists with an entry for each epoch: epoch, loss, with validation val_loss, and what metrics= measures.",
        details: "loop.history.loss[-1] is the last loss; plot(loop) shows the curves.",
        example: trainerExample + "\nloop.run(epochs=1)\nloop.history.epoch\n#> [1]", seeAlso: ["trainer.best"]
      ) { args, _ in
        let trainer = try args.receiver(TrainerObject.self).trainer
        return history(trainer.history, validated: trainer.validation != nil, metrics: trainer.options.metrics.names)
      })
    registry.add(
      Builtin(
        property: "best", of: "trainer", area: .training,
        summary:
          "The record of the epoch with the least val_loss (loss without validation), or by best=; none before the first.",
        example: trainerExample + "\nloop.best == none\n#> true", seeAlso: ["trainer.history"]
      ) { args, _ in try args.receiver(TrainerObject.self).trainer.best.map(record) ?? .none })
    registry.add(
      Builtin(
        property: "epoch", of: "trainer", area: .training, summary: "How many epochs are over.",
        example: trainerExample + "\nloop.run(epochs=2)\nloop.epoch\n#> 2", seeAlso: ["trainer.history"]
      ) { args, _ in Value(try args.receiver(TrainerObject.self).trainer.epoch) })
    registry.add(
      Builtin(
        property: "network", of: "trainer", area: .training, returns: "network", summary: "The network that it trains.",
        example: trainerExample + "\nlen(loop.network)\n#> 2", seeAlso: ["trainer"]
      ) { args, _ in Value(NetworkObject(try args.receiver(TrainerObject.self).trainer.network)) })
    let path = TypedParameter.string("path")
    registry.add(
      Builtin(
        method: "save", of: "trainer", .of(path), area: .training, files: .writes,
        summary: "Writes the state of the training to one file, whole or not at all.",
        details: """
          Weights, the best epoch's weights, the optimiser's memory, epoch, place within the epoch and history, in the \
          safetensors format; no images. A trainer made alike goes on from it with resume, bit for bit as if it had \
          not stopped; load gives a record of what is in it.
          """,
        example: trainerExample + "\nloop.run(epochs=2)\nloop.save(\"loop.safetensors\")\n"
          + "load(\"loop.safetensors\").epoch\n#> 2",
        errors: ["the name ends as other files do", "the folder cannot be written"],
        seeAlso: ["trainer.resume", "network.save", "load"]
      ) { args, context in
        try refuseOtherEnding(try args[path], path, "save", "loop.save(\"loop.safetensors\")")
        try args.receiver(TrainerObject.self).trainer.save(context.path(try args[path]))
        return .none
      })
    registry.add(
      Builtin(
        method: "resume", of: "trainer", .of(path), area: .training, returns: "trainer", files: .reads,
        summary: "Goes back to a state that `save` or `run(checkpoint=)` wrote; `run` then goes on from there.",
        details: """
          Network, data, loss, optimizer and batch have to be as they were; the seed is taken from the file. `run()` \
          finishes a run that was under way; `run(epochs=5)` adds five epochs to one that was over.
          """,
        example: trainerExample + "\nloop.run(epochs=2)\nloop.save(\"loop.safetensors\")\nloop.run(epochs=1)\n"
          + "loop.resume(\"loop.safetensors\").history.epoch\n#> [1, 2]",
        errors: ["there is no such file, or it is no trainer's state", "it is of another training"],
        seeAlso: ["trainer.save", "trainer.run"]
      ) { args, context in
        let object = try args.receiver(TrainerObject.self)
        let path = try args[path]
        let bytes = try FileSystem.read(context.path(path))
        object.exchange(try object.trainer.resumed(bytes, path: path))
        return Value(object)
      })
  }

  /// `load` of a trainer's state: what can be told and used without its data.
  static func record(_ checkpoint: Trainer.Checkpoint) -> Value {
    Value(fields: [
      ("kind", Value("training")), ("epoch", Value(checkpoint.history.count)),
      (
        "history",
        history(
          checkpoint.history, validated: checkpoint.history.contains { $0.validationLoss != nil },
          metrics: Set(checkpoint.history.flatMap { ($0.metrics ?? [:]).keys }).sorted())
      ),
      ("best", checkpoint.bestIndex.map { record(checkpoint.history[$0]) } ?? .none),
      ("loss", Value(checkpoint.loss)), ("optimizer", Value(checkpoint.optimizer)),
      ("batch", Value(checkpoint.batch)), ("data", Value(checkpoint.data)),
      ("paused", Value(checkpoint.isPaused)), ("network", Value(NetworkObject(checkpoint.best ?? checkpoint.network))),
    ])
  }

  private static func history(_ epochs: [EpochRecord], validated: Bool, metrics: [String]) -> Value {
    var fields: [(String, Value)] = [
      ("epoch", Value(numbers: epochs.map { Double($0.epoch) })), ("loss", Value(numbers: epochs.map(\.loss))),
    ]
    if validated { fields.append(("val_loss", Value(epochs.map { $0.validationLoss.map { Value($0) } ?? .none }))) }
    for name in metrics { fields.append((name, Value(epochs.map { $0.metrics?[name].map { Value($0) } ?? .none }))) }
    return Value(fields: fields)
  }

  private static func record(_ epoch: EpochRecord) -> Value {
    var fields: [(String, Value)] = [("epoch", Value(epoch.epoch)), ("loss", Value(epoch.loss))]
    if let held = epoch.validationLoss { fields.append(("val_loss", Value(held))) }
    for (name, value) in (epoch.metrics ?? [:]).sorted(by: { $0.key < $1.key }) { fields.append((name, Value(value))) }
    return Value(fields: fields)
  }

  /// Runs a trainer, with progress, notices, the session's journal and a checkpoint's file.
  static func run(
    _ object: TrainerObject, epochs: Int?, patience: Int?, fromStart: Bool = false, checkpoint: String? = nil,
    _ context: ExecutionContext
  ) throws -> Value {
    // A session that comes back after a crash knows how its trainings went.
    let keeper = context.trainings
    var (epochs, patience, fromStart) = (epochs, patience, fromStart)
    switch keeper?.nextRun() {
    case .ended(let bytes):
      if let ended = try? object.trainer.resumed(bytes, path: "the journal"), ended.epoch >= object.trainer.epoch {
        object.exchange(ended)
        object.hasShownNotices = true
        if ended.isPaused, context.pausesWithoutBatches() { throw Interruption() }
        return Value(object)
      }
    case .begun(let bytes):
      if let begun = try? object.trainer.resumed(bytes, path: "the journal"), begun.isPaused {
        object.exchange(begun)
        (epochs, patience, fromStart) = (nil, nil, false)
      }
    case nil: break
    }
    let trainer = object.trainer
    if !object.hasShownNotices {
      for notice in trainer.notices { context.output.warn(notice.explanation) }
      object.hasShownNotices = true
    }
    let observer = TrainingObserver(
      progress: { progress in
        context.output.progress(event(progress, metrics: object.metrics.map(\.name)))
      }, warn: { context.output.warn($0.explanation) }, shouldStop: { context.pausesAfterBatch() },
      measure: { try measured(object, $0, context) })
    if !object.hasRecorded {
      try trainer.network.learning.merge(LearningRecord(trainer.whole))
      // Who imitates a teacher has learnt what the teacher has.
      for teacher in trainer.loss.teachers { trainer.network.learning.merge(teacher.network.learning) }
      // Whoever chooses by a set has learnt from it.
      if let held = trainer.validation { try trainer.network.learning.merge(LearningRecord(held.source)) }
      object.hasRecorded = true
    }
    defer { context.output.progress(ProgressEvent(task: "training", fraction: 1, text: "", isFinished: true)) }
    do {
      var lastKept = ContinuousClock.now
      let end = try trainer.run(
        epochs: epochs, patience: patience, fromStart: fromStart, observer: observer,
        checkpoint: checkpoint == nil && keeper == nil
          ? nil
          : {
            if let checkpoint { try trainer.save(checkpoint) }
            // Large states take their time: now and then will do, the end is kept in any case.
            guard let keeper, ContinuousClock.now - lastKept > .seconds(20) else { return }
            lastKept = .now
            if let state = try? trainer.encoded() { keeper.keep(state, hasEnded: false) }
          })
      if let keeper, let state = try? trainer.encoded() { keeper.keep(state, hasEnded: true) }
      if end == .paused {
        context.output.warn(
          Explanation(
            "paused in epoch \(trainer.epoch + 1); the network has what it has learnt so far",
            help: "run() goes on from here"))
        throw Interruption()
      }
    } catch NetworkError.interrupted { throw Interruption() }
    return Value(object)
  }

  /// The metrics of a network after an epoch. The session's sequence of seeds is the same afterwards: what is measured
  /// is measured by the same draws each time, and changes nothing that comes later.
  private static func measured(
    _ object: TrainerObject, _ network: Network, _ context: ExecutionContext
  ) throws -> [String: Double] {
    let drawn = context.seedsDrawn
    defer { context.setSeed(context.sessionSeed, drawn: drawn) }
    var values: [String: Double] = [:]
    for (name, function) in object.metrics {
      do {
        let value = try context.call(function, [Value(NetworkObject(network))])
        guard let number = value.asNumber ?? value.asTensor?.item.map(Double.init) else {
          throw ArgumentError(
            -1, "the metric \(name) has to give a number, not \(value.inWords)",
            help: "episodes(net, check).accuracy, distances(net, check).eer")
        }
        values[name] = number
      } catch is Interruption { throw NetworkError.interrupted } catch TensorError.interrupted {
        throw NetworkError.interrupted
      }
    }
    return values
  }

  private static func event(_ progress: TrainingProgress, metrics: [String]) -> ProgressEvent {
    let left = progress.secondsLeft.isFinite ? Int(min(progress.secondsLeft, 1e9).rounded(.up)) : 0
    let seconds = left % 60
    var text = "epoch \(progress.epoch)/\(progress.epochs)  loss \(fixed(progress.loss, 4))"
    if let held = progress.validationLoss { text += "  val_loss \(fixed(held, 4))" }
    for name in metrics { if let value = progress.metrics[name] { text += "  \(name) \(fixed(value, 4))" } }
    text += "  \(fixed(progress.imagesPerSecond, 0)) images/s  \(left / 60):\(seconds < 10 ? "0" : "")\(seconds) left"
    let done = Double(progress.isEpochEnd ? progress.epoch : progress.epoch - 1)
    let part = progress.isEpochEnd ? 0 : Double(progress.step) / Double(max(1, progress.steps))
    return ProgressEvent(
      task: "training", fraction: min(1, (done + part) / Double(max(1, progress.epochs))), text: text,
      isMilestone: progress.isEpochEnd)
  }
}
