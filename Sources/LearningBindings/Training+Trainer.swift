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

  static func registerTrainer(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "trainer",
        [
          .required("network", "network"), .required("data", "pairs or dataset"),
          .optional("loss", "loss", "contrastive() for pairs, supcon() for a dataset"),
          .optional("optimizer", "optimizer", "rmsprop(0.001)"), .optional("batch", "number", default: 128),
          .optional("validation", "number, pairs or dataset", "none"),
          .optional("perclass", "number", default: 4, namedOnly: true),
          .optional("seed", "number", "the session's next", namedOnly: true),
          .optional("average", "number", "none", namedOnly: true),
          .optional("within", "number", default: 0, namedOnly: true),
          .optional("test", "dataset", "none", namedOnly: true),
          .optional("metrics", "record of functions", "none", namedOnly: true),
          .optional("each", "number", default: 1, namedOnly: true),
          .optional("best", "string", "none", namedOnly: true),
          .optional("lossoptimizer", "optimizer", "the same", namedOnly: true),
        ],
        area: .training, returns: "trainer", summary: "A training loop for a network; `run` starts it.",
        details: """
          `data` is pairs for contrastive, a dataset for the losses on labels; `batch` counts pairs or images. Losses \
          that compare a batch's images draw `perclass` images of each of batch / perclass classes, each batch anew: of an epoch's \
          images some 65 % are seen, some of them more than once. \
          `validation` is a share (of pairs by pair; of a dataset by class, or by image for crossentropy), or pairs or a \
          dataset of their own. With validation, the network has the best epoch's weights after a run. average=0.99 keeps \
          the running mean of the weights: it is what validation judges and what the network has after a run. within is \
          the share of batches whose classes all come from one group (Omniglot's alphabets), for harder negatives. \
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
        let batch = try args.int(4, in: 1...65_536)
        var validation = ValidationData.none
        if args.isGiven(5) {
          if let share = args[5].asNumber {
            validation = .fraction(share)
          } else {
            validation = .data(try trainingData(args, 5))
          }
        }
        let perClass = try args.int(6, in: 2...1024)
        let functions = try args.isGiven(11) ? metricFunctions(args, 11) : []
        var metrics = TrainingMetrics(
          names: functions.map(\.name), each: try args.int(12, in: 1...1_000_000))
        if args.isGiven(13) {
          let text = try args.string(13)
          metrics.isGreatestBest = !text.hasPrefix("-")
          metrics.best = metrics.isGreatestBest ? text : String(text.dropFirst())
        }
        rememberPreprocessing(of: args[1], in: object.network)
        let trainer = try Trainer(
          network: object.network, data: data, validation: validation, loss: loss, optimizer: optimizer,
          lossOptimizer: try args.optionalObject(14, as: OptimizerObject.self)?.optimizer,
          options: .init(
            batch: batch, perClass: perClass, seed: try args.seed(7, context),
            average: args.isGiven(8) ? try args.number(8) : nil,
            withinGroups: try args.number(9, in: 0...1), metrics: metrics),
          ranks: context.ranks)
        if args.isGiven(10) {
          guard let test = args[10].asObject(DatasetObject.self)?.dataset else {
            throw args.mismatch(10, expected: "a dataset")
          }
          if let train = learntFrom(trainer) {
            let audit = DatasetAuditObject(try Audit(train: train, test: test), train: train, test: test)
            for finding in audit.findings {
              context.output.warn(Explanation(finding, help: "audit(trainer, test) says more"))
            }
          }
        }
        return Value(TrainerObject(trainer, metrics: functions))
      })
    registerTrainerRun(&registry)
    registerTrainerMembers(&registry)
  }

  /// A record of functions of a network.
  private static func metricFunctions(
    _ args: Arguments, _ index: Int
  ) throws -> [(name: String, function: FunctionValue)] {
    try args.record(index).fields.map { name, value in
      guard let function = value.asFunction else {
        throw ArgumentError(
          index, "trainer: the metric \(name) is \(value.inWords), not a function of the network",
          help: "metrics={\(name): net -> episodes(net, check, seed=1).accuracy}")
      }
      guard !["epoch", "loss", "val_loss"].contains(name), !name.hasPrefix("-") else {
        throw ArgumentError(
          index, "trainer: \(name) stands in the history already", help: "give the metric another name")
      }
      return (name, function)
    }
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
    // Of two sets, those that ask are what a query is like.
    if let joined = source as? JoinedSource { source = joined.queries }
    if let dataset = (source as? DatasetImageSource)?.dataset { network.imagePreprocessing = dataset.preprocessing }
  }
}
