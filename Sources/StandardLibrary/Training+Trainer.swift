import Datasets
import Diagnostics
import Interpreter
import MetricLearning
import NeuralNetworks

extension StandardLibrary {
  static let trainerExample = """
    letters = glyphs(8, 6, seed=1, size=16)
    net = flatten >> dense(16)
    loop = trainer(net, pairs(letters, 64, seed=2), loss=contrastive(1), optimizer=adam(0.001), batch=32, seed=3)
    """

  static func registerTrainer(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "trainer",
        [
          .required("network", "network"), .required("data", "pairs or dataset"),
          .optional("loss", "loss", "contrastive() for pairs, supcon() for a dataset"),
          .optional("optimizer", "optimizer", "rmsprop(0.001)"), .optional("batch", "number", "128"),
          .optional("validation", "number, pairs or dataset", "none"),
          .optional("perclass", "number", "4", namedOnly: true),
          .optional("seed", "number", "the session's next", namedOnly: true),
          .optional("average", "number", "none", namedOnly: true),
          .optional("within", "number", "0", namedOnly: true), .optional("test", "dataset", "none", namedOnly: true),
        ],
        area: .training, summary: "A training loop for a network; `run` starts it.",
        details: """
          `data` is pairs for contrastive, a dataset for the losses on labels; `batch` counts pairs or images. Losses \
          that compare a batch's images draw `perclass` images of each of batch / perclass classes. \
          `validation` is a share (of pairs by pair; of a dataset by class, or by image for crossentropy), or pairs or a \
          dataset of their own. With validation, the network has the best epoch's weights after a run. average=0.99 keeps \
          the running mean of the weights: it is what validation judges and what the network has after a run. within is \
          the share of batches whose classes all come from one group (Omniglot's alphabets), for harder negatives. \
          With test= an audit of that dataset is made at once, and what it finds is said.
          """,
        example: trainerExample, errors: ["a loss on pairs needs pairs, the others a dataset"],
        seeAlso: ["trainer.run", "pairs", "contrastive"]
      ) { args, context in
        let object = try NetworkObject.argument(args, 0, context)
        let data = try trainingData(args, 1)
        var loss: EmbeddingLoss
        if case .pairs = data {
          loss = .contrastive(margin: 1)
        } else {
          loss = .supervisedContrastive(temperature: 0.1)
        }
        if let given = try args.optionalObject(2, as: LossObject.self, "a loss") { loss = given.loss }
        let optimizer = try args.optionalObject(3, as: OptimizerObject.self)?.optimizer ?? .rmsprop(0.001)
        let batch = try args.int(4, in: 1...65_536, default: 128)
        var validation = ValidationData.none
        if args.isGiven(5) {
          if let share = args[5].asNumber {
            validation = .fraction(share)
          } else {
            validation = .data(try trainingData(args, 5))
          }
        }
        let perClass = try args.int(6, in: 2...1024, default: 4)
        rememberPreprocessing(of: args[1], in: object.network)
        let trainer = try Trainer(
          network: object.network, data: data, validation: validation, loss: loss, optimizer: optimizer,
          options: .init(
            batch: batch, perClass: perClass, seed: try args.seed(7, context),
            average: args.isGiven(8) ? try args.number(8) : nil,
            withinGroups: try args.number(9, in: 0...1, default: 0)))
        if args.isGiven(10) {
          guard let test = args[10].asObject(DatasetObject.self)?.dataset else {
            throw args.mismatch(10, expected: "a dataset")
          }
          if let train = learntFrom(trainer) {
            let audit = AuditObject(try Audit(train: train, test: test), train: train, test: test)
            for finding in audit.findings {
              context.output.warn(Explanation(finding, help: "audit(trainer, test) says more"))
            }
          }
        }
        return Value(TrainerObject(trainer))
      })
    registry.add(
      Builtin(
        method: "run", of: "trainer",
        [.optional("epochs", "number", "10, or what is left"), .optional("patience", "number", "none")],
        area: .training, summary: "Trains for some epochs; stops early after `patience` epochs without a better one.",
        details: """
          Ctrl-C pauses at the end of a batch, and `run()` goes on from there with the same result as if it had not \
          been paused. With validation or patience the network has the best epoch's weights afterwards; another `run` \
          goes on from the last ones.
          """,
        example: trainerExample + "\nloop.run(epochs=2)\nlen(loop.history)\n#> 2",
        errors: ["the loss is not a number: the weights go back to the epoch's beginning"], seeAlso: ["trainer"]
      ) { args, context in
        let object = try args.receiver(TrainerObject.self)
        let epochs = args.isGiven(0) ? try args.int(0, in: 1...1_000_000) : nil
        let patience = args.isGiven(1) ? try args.int(1, in: 1...1_000_000) : nil
        return try run(object, epochs: epochs, patience: patience, context)
      })
    registry.add(
      Builtin(
        property: "history", of: "trainer", area: .training,
        summary: "A record for each epoch: epoch, loss and, with validation, val_loss.",
        example: trainerExample + "\nloop.run(epochs=1)\nloop.history[0].epoch\n#> 1", seeAlso: ["trainer.best"]
      ) { args, _ in Value(try args.receiver(TrainerObject.self).trainer.history.map(record)) })
    registry.add(
      Builtin(
        property: "best", of: "trainer", area: .training,
        summary: "The record of the epoch with the least val_loss (loss without validation); none before the first.",
        example: trainerExample + "\nloop.best == none\n#> true", seeAlso: ["trainer.history"]
      ) { args, _ in try args.receiver(TrainerObject.self).trainer.best.map(record) ?? .none })
  }

  private static func record(_ epoch: EpochRecord) -> Value {
    var fields: [(String, Value)] = [("epoch", Value(epoch.epoch)), ("loss", Value(epoch.loss))]
    if let held = epoch.validationLoss { fields.append(("val_loss", Value(held))) }
    return Value(fields: fields)
  }

  private static func trainingData(_ args: Arguments, _ index: Int) throws -> TrainingData {
    if let pairs = args[index].asObject(PairsObject.self) { return .pairs(pairs.pairs) }
    guard case .object(let object) = args[index], let provider = object as? any ImageSourceProviding else {
      throw args.mismatch(index, expected: "pairs or a dataset", help: "pairs(dataset, 4000) draws pairs")
    }
    return .images(try provider.imageSource)
  }

  /// A query's image has to be prepared as the training images were, so the network carries how.
  private static func rememberPreprocessing(of data: Value, in network: Network) {
    var source = data.asObject(PairsObject.self)?.pairs.source
    if case .object(let object) = data, let provider = object as? any ImageSourceProviding {
      source = try? provider.imageSource
    }
    if let dataset = (source as? DatasetImageSource)?.dataset { network.imagePreprocessing = dataset.preprocessing }
  }

  private static func run(
    _ object: TrainerObject, epochs: Int?, patience: Int?, _ context: ExecutionContext
  ) throws -> Value {
    let trainer = object.trainer
    if !object.hasShownNotices {
      for notice in trainer.notices { context.output.warn(notice.explanation) }
      object.hasShownNotices = true
    }
    let observer = TrainingObserver(
      progress: { progress in
        context.output.progress(event(progress))
      }, warn: { context.output.warn($0.explanation) }, shouldStop: { context.isInterrupted })
    defer { context.output.progress(ProgressEvent(task: "training", fraction: 1, text: "", isFinished: true)) }
    do {
      if try trainer.run(epochs: epochs, patience: patience, observer: observer) == .paused {
        context.output.warn(
          Explanation("paused in epoch \(trainer.epoch + 1); the network is as it was", help: "run() goes on from here")
        )
        throw Interruption()
      }
    } catch NetworkError.interrupted { throw Interruption() }
    return Value(object)
  }

  private static func event(_ progress: TrainingProgress) -> ProgressEvent {
    let left = progress.secondsLeft.isFinite ? Int(min(progress.secondsLeft, 1e9).rounded(.up)) : 0
    let seconds = left % 60
    var text = "epoch \(progress.epoch)/\(progress.epochs)  loss \(fixed(progress.loss, 4))"
    if let held = progress.validationLoss { text += "  val_loss \(fixed(held, 4))" }
    text += "  \(fixed(progress.imagesPerSecond, 0)) images/s  \(left / 60):\(seconds < 10 ? "0" : "")\(seconds) left"
    let done = Double(progress.isEpochEnd ? progress.epoch : progress.epoch - 1)
    let part = progress.isEpochEnd ? 0 : Double(progress.step) / Double(max(1, progress.steps))
    return ProgressEvent(
      task: "training", fraction: min(1, (done + part) / Double(max(1, progress.epochs))), text: text,
      isMilestone: progress.isEpochEnd)
  }
}
