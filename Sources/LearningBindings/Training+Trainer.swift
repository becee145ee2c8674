import DataBindings
import Datasets
import Diagnostics
import Interpreter
import MetricLearning
import NeuralNetworks

extension LearningBindings {
  static let trainerExample = """
    letters = glyphs(8, 6, seed=1, size=16)
    net = flatten >> dense(16)
    loop = trainer(net, pairs(letters, 64, seed=2), loss=contrastive(1), optimizer=adam(0.001), batch=32, seed=3)
    """

  /// What `trainer` takes.
  private struct TrainerParameters {
    let network = TypedParameter.network()
    let data = TypedParameter.value("data", "pairs or dataset")
    let loss = TypedParameter.object(
      "loss", "loss", as: LossObject.self, or: "contrastive() for pairs, supcon() for a dataset", expected: "a loss")
    let optimizer = TypedParameter.object("optimizer", "optimizer", as: OptimizerObject.self, or: "rmsprop(0.001)")
    let batch = TypedParameter.int("batch", in: 1...65_536, default: 128)
    let validation = TypedParameter.value("validation", "number, pairs or dataset", or: "none")
    let perClass = TypedParameter.int("perclass", in: 2...1024, default: 4, namedOnly: true)
    let seed = TypedParameter.seed(namedOnly: true)
    let average = TypedParameter.number("average", or: "none", namedOnly: true)
    let within = TypedParameter.number("within", in: 0...1, default: 0, namedOnly: true)
    let test = TypedParameter.object("test", "dataset", as: DatasetObject.self, or: "none", namedOnly: true)
    let metrics = TypedParameter<[(name: String, function: FunctionValue)]>(
      .optional("metrics", "record of functions", "none", namedOnly: true), read: metricFunctions)
    let each = TypedParameter.int("each", in: 1...1_000_000, default: 1, namedOnly: true)
    let best = TypedParameter.string("best", or: "none", namedOnly: true)
    let lossOptimizer = TypedParameter.object(
      "lossoptimizer", "optimizer", as: OptimizerObject.self, or: "the same", namedOnly: true)

    var all: [BuiltinParameter] {
      .of(
        network, data, loss, optimizer, batch, validation, perClass, seed, average, within, test, metrics, each, best,
        lossOptimizer)
    }
  }

  static func registerTrainer(_ registry: inout BuiltinRegistry) {
    let given = TrainerParameters()
    registry.add(
      Builtin(
        "trainer", given.all, area: .training, returns: "trainer",
        summary: "A training loop for a network; `run` starts it.",
        details: """
          `data` is pairs for contrastive, a dataset for the losses on labels; `batch` counts pairs or images. Losses \
          that compare a batch's images draw `perclass` images of each of batch / perclass classes, each batch anew: of an epoch's \
          images some 65 % are seen, some of them more than once. \
          `validation` is a share (of pairs by pair; of a dataset by class, or by image for crossentropy), or pairs or a \
          dataset of their own. With validation, the network has the best epoch's weights after a run. average=0.99 keeps \
          the running mean of the weights: it is what validation judges and what the network has after a run. within is \
          the share of batches whose classes all come from one group (Omniglot's alphabets: what stands before the last / of a \
          class's name), for harder negatives. Classes of one image are not drawn. \
          With test= an audit of that dataset is made at once, and what it finds is said. metrics={accuracy: net -> \
          episodes(net, check, seed=1).accuracy} measures numbers of the network after each epoch (each=5: after every \
          fifth), shown beside the losses and kept in the history. lossoptimizer=sgd(0.1) gives what the loss learns of its \
          own (proxies, centres, a boundary, the weights of a distance) a rate, a decay and a schedule of its own; otherwise \
          `optimizer` changes it with the network. best="accuracy" chooses the best epoch, for patience and \
          for the weights after a run, by the greatest of one of them; best="-eer" by the least.
          """,
        example: trainerExample, errors: ["a loss on pairs needs pairs, the others a dataset"],
        seeAlso: ["trainer.run", "pairs", "contrastive"]
      ) { args, context in
        let object = try args.network(given.network, context)
        let data = try trainingData(args, given.data)
        var loss: EmbeddingLoss
        if case .pairs = data {
          loss = .contrastive(margin: 1)
        } else {
          loss = .supervisedContrastive(temperature: 0.1)
        }
        if let object = try args[given.loss] { loss = object.loss }
        let optimizer = try args[given.optimizer]?.optimizer ?? .rmsprop(0.001)
        let batch = try args[given.batch]
        var validation = ValidationData.none
        if args.isGiven(given.validation) {
          if let share = try args[given.validation].asNumber {
            validation = .fraction(share)
          } else {
            validation = .data(try trainingData(args, given.validation))
          }
        }
        let perClass = try args[given.perClass]
        let functions = try args[given.metrics]
        var metrics = TrainingMetrics(names: functions.map(\.name), each: try args[given.each])
        if let text = try args[given.best] {
          metrics.isGreatestBest = !text.hasPrefix("-")
          let name = metrics.isGreatestBest ? text : String(text.dropFirst())
          guard !["loss", "val_loss"].contains(name) else {
            throw ArgumentError(
              given.best, "trainer: best names a metric of metrics=, and \(name) is none",
              help: "leave it out: the epoch with the least val_loss is the best, without validation= that with the "
                + "least loss")
          }
          metrics.best = name
        }
        rememberPreprocessing(of: try args[given.data], in: object.network)
        let trainer = try Trainer(
          network: object.network, data: data, validation: validation, loss: loss, optimizer: optimizer,
          lossOptimizer: try args[given.lossOptimizer]?.optimizer,
          options: .init(
            batch: batch, perClass: perClass, seed: try args[given.seed].value(context),
            average: try args[given.average], withinGroups: try args[given.within], metrics: metrics),
          ranks: context.ranks)
        if let test = try args[given.test]?.dataset, let train = learntFrom(trainer) {
          let audit = DatasetAuditObject(try Audit(train: train, test: test), train: train, test: test)
          for finding in audit.findings {
            context.output.warn(Explanation(finding, help: "audit(trainer, test) says more"))
          }
        }
        warnOfNoEffect(
          trainer, perClass: args.isGiven(given.perClass), within: try args[given.within] > 0, context)
        return Value(TrainerObject(trainer, metrics: functions, isSeedGiven: args.isGiven(given.seed)))
      })
    registerTrainerRun(&registry)
    registerTrainerMembers(&registry)
  }

  /// What was given of how batches are drawn, and does nothing here.
  private static func warnOfNoEffect(_ trainer: Trainer, perClass: Bool, within: Bool, _ context: ExecutionContext) {
    let given = [perClass ? "perclass=" : nil, within ? "within=" : nil].compactMap { $0 }
    guard !given.isEmpty else { return }
    guard trainer.loss.comparesBatch else {
      context.output.warn(
        Explanation(
          "\(given.joined(separator: " and ")) \(given.count == 1 ? "has" : "have") no effect: "
            + "\(trainer.loss.text) compares no images of a batch",
          help: "leave \(given.count == 1 ? "it" : "them") out, or take a loss on labels such as supcon()"))
      return
    }
    // Only classes of two images or more are drawn, and a group has two of these.
    let source = trainer.data.source
    var images: [Int: Int] = [:]
    for label in source.labels { images[label, default: 0] += 1 }
    var groups: [String: Int] = [:]
    for (label, count) in images where count >= 2 { groups[groupName(of: source.classNames[label]), default: 0] += 1 }
    guard within, groups.count == 1 || groups.values.allSatisfy({ $0 < 2 }) else { return }
    context.output.warn(
      Explanation(
        groups.count == 1
          ? "within= makes no batch harder: all classes are of one group, and other batches are drawn than without it"
          : "within= has no effect: each group has one class",
        help: "a group is what stands before the last / of a class's name: Greek/character01"))
  }

  /// A record of functions of a network; none where none is given.
  @Sendable private static func metricFunctions(
    _ args: Arguments, _ place: Int
  ) throws -> [(name: String, function: FunctionValue)] {
    guard args.isGiven(place) else { return [] }
    return try args.record(place).fields.map { name, value in
      guard let function = value.asFunction else {
        throw ArgumentError(
          place, "trainer: the metric \(name) is \(value.inWords), not a function of the network",
          help: "metrics={\(name): net -> episodes(net, check, seed=1).accuracy}")
      }
      guard !["epoch", "loss", "val_loss"].contains(name), !name.hasPrefix("-") else {
        throw ArgumentError(
          place, "trainer: \(name) stands in the history already", help: "give the metric another name")
      }
      return (name, function)
    }
  }

  private static func trainingData(_ args: Arguments, _ parameter: TypedParameter<Value>) throws -> TrainingData {
    let given = try args[parameter]
    if let pairs = given.asObject(PairsObject.self) { return .pairs(pairs.pairs) }
    guard case .object(let object) = given, let provider = object as? any ImageSourceProviding else {
      throw args.mismatch(parameter, expected: "pairs or a dataset", help: "pairs(dataset, 4000) draws pairs")
    }
    return .images(try provider.imageSource)
  }

  /// A query's image has to be prepared as the training images were, so the network carries how.
  private static func rememberPreprocessing(of data: Value, in network: Network) {
    var source = data.asObject(PairsObject.self)?.pairs.source
    if case .object(let object) = data, let provider = object as? any ImageSourceProviding {
      source = try? provider.imageSource
    }
    // Of two sets, those that ask are what a query is like.
    if let joined = source as? JoinedSource { source = joined.queries }
    if let dataset = (source as? DatasetImageSource)?.dataset { network.imagePreprocessing = dataset.preprocessing }
  }
}
