import Diagnostics
import Files
import Interpreter
import MetricLearning
import NeuralNetworks
import Tensors

extension LearningBindings {
  static let sweepExample = """
    letters = glyphs(12, 6, seed=1, size=16)
    learn, held = letters.split(fraction=0.5, seed=2)
    start = s -> trainer(flatten >> dense(s.size), learn, optimizer=adam(s.rate), batch=24, seed=3)
    judge = net -> episodes(net, held, ways=5, trials=50, seed=4).accuracy
    table = sweep(start, {rate: [0.01, 0.001], size: [8, 16]}, judge, epochs=[1, 2])
    """

  static func registerSweep(_ registry: inout BuiltinRegistry) {
    let start = TypedParameter.function("start")
    let tried = TypedParameter<[Value]>(.required("settings", "record or list"), read: settings)
    let epochs = TypedParameter.ints("epochs", "list", in: 1...1_000_000, or: "[1, 2, 4]")
    let keep = TypedParameter.number("keep", in: 0...1, default: 0.5)
    let take = TypedParameter.int("take", in: 1...100_000, or: "none", namedOnly: true)
    let seed = TypedParameter.seed(namedOnly: true)
    registry.add(
      Builtin(
        "sweep", .of(start, tried, scoring, epochs, keep, take, seed, sweepFolder), area: .training, returns: "sweep",
        summary: "Tries settings; the hopeless are given up early (successive halving).",
        details: """
          `settings` is a record of lists, of which every combination is tried, or a list of records. `start` makes a \
          trainer from one record; `score` judges a network by a number, the greater the better: by classes that are \
          neither learnt from nor tested on. All are trained to epochs[0] in all, the best share `keep` of them goes on \
          to epochs[1], and so on. take=20 draws so many of the combinations. `save` names a folder for the scores \
          (sweep.csv) and the trainings' states: a sweep that was stopped goes on from there with the same result, and one over other data is refused. Give \
          seeds within start and score; what score does is not looked at. Karnin et al. 2013, Jamieson and Talwalkar 2016.
          """,
        example: sweepExample + "\nlen(table)\n#> 4",
        errors: [
          "start gives no trainer, score no number", "epochs do not rise", "the folder holds another sweep",
        ], seeAlso: ["trainer", "episodes", "sweep.best", "plot"]
      ) { args, context in
        let begin = try args[start]
        var settings = try args[tried]
        let score = try args[scoring]
        let rising = try args[epochs] ?? [1, 2, 4]
        guard !rising.isEmpty, zip(rising, rising.dropFirst()).allSatisfy({ $0 < $1 }) else {
          throw ArgumentError(epochs, "sweep: epochs have to rise, as [1, 2, 4] do")
        }
        let keep = try args[keep]
        if let count = try args[take] {
          var random = RandomStream(seed: try args[seed].value(context))
          settings = random.permutation(settings.count).prefix(count).sorted().map { settings[$0] }
        }
        let record = try args[sweepFolder].map { try SweepRecord(folder: context.path($0), settings) }
        try context.ranks?.meet()
        // What the folder holds takes the place of the session's journal, which knows trainings by their order alone.
        let keeper = context.trainings
        // With ranks each training is one rank's alone.
        let ranks = context.ranks
        context.ranks = nil
        defer { context.ranks = ranks }
        if record != nil { context.trainings = nil }
        defer { context.trainings = keeper }

        var trainers: [Int: TrainerObject] = [:]
        for (index, setting) in settings.enumerated() {
          guard let trainer = try context.call(begin, [setting]).asObject(TrainerObject.self) else {
            throw ArgumentError(start, "sweep: start has to give a trainer")
          }
          guard trainers.values.allSatisfy({ $0.trainer.network !== trainer.trainer.network }) else {
            throw ArgumentError(
              start, "sweep: start gave two trainers of one network", help: "make the network inside of start")
          }
          trainers[index] = trainer
          try record?.begin(index, trainer.trainer)
        }
        let rungs = SweepRungs(
          trainers: trainers, settings: settings, score: score, epochs: rising, record: record, ranks: ranks, context)
        let halving = try Halving(
          count: settings.count, rungs: rising.count, keep: keep, scores: { try rungs.scores($0, rung: $1) },
          dropped: { rungs.trainers[$0] = nil })
        trainers = rungs.trainers
        let best = halving.best.flatMap { trainers[$0.index] }
        // Its last score may come from the folder.
        if let best, let place = halving.best?.index {
          _ = try trained(
            best, to: rising[halving.trials[place].scores.count - 1], state: record?.state(place), context)
        }
        if !rungs.unscored.isEmpty {
          context.output.warn(
            Explanation(
              "the score of \(rungs.unscored.count) setting\(rungs.unscored.count == 1 ? " was" : "s was") no number, "
                + "though training went well: such a setting cannot win",
              help: "look at what score gives for the network of one setting"))
        }
        return Value(
          SweepObject(halving, settings: settings, epochs: rising, best: best, unscored: rungs.unscored))
      })
    registerSweepMembers(&registry)
  }

  /// False where the loss turned to something that is no number.
  static func trained(
    _ object: TrainerObject, to epoch: Int, state: String?, _ context: ExecutionContext
  ) throws -> Bool {
    if let state, object.trainer.isFresh, FileSystem.exists(state) {
      object.exchange(try object.trainer.resumed(try FileSystem.read(state), path: state))
    }
    do {
      if object.trainer.isPaused { _ = try run(object, epochs: nil, patience: nil, checkpoint: state, context) }
      let left = epoch - object.trainer.epoch
      if left > 0 { _ = try run(object, epochs: left, patience: nil, checkpoint: state, context) }
      return true
    } catch MetricError.turnedToNaN {
      return false
    }
  }

  static let scoring = TypedParameter.function("score")
  static let sweepFolder = TypedParameter.string("save", or: "none", namedOnly: true)

  static func score(_ value: Value) throws -> Double {
    guard let number = value.asNumber else {
      throw ArgumentError(
        scoring, "sweep: score has to give a number, not \(value.inWords)",
        help: "episodes(…).accuracy, 1 - distances(…).eer"
      )
    }
    // A division by 0 would win over every setting that learns.
    return number == .infinity ? .nan : number
  }

  /// Every combination of a record of lists, the last field changing fastest; or the records of a list.
  @Sendable private static func settings(_ args: Arguments, _ place: Int) throws -> [Value] {
    if let list = args[place].asItems {
      guard !list.isEmpty, list.allSatisfy({ $0.asRecord != nil }) else {
        throw args.mismatch(place, expected: "a list of records, such as [{rate: 0.1}, {rate: 0.01}]")
      }
      return list
    }
    var combinations: [[(String, Value)]] = [[]]
    for (name, value) in try args.record(place).fields {
      guard let choices = value.asItems ?? value.asNumbers?.map(Value.number), !choices.isEmpty else {
        throw ArgumentError(
          place, "sweep: \(name) is \(value.inWords), not a list of values to try", help: "\(name): [0.1, 0.01]")
      }
      guard combinations.count * choices.count <= 100_000 else {
        throw ArgumentError(place, "sweep: more than 100,000 combinations", help: "shorter lists")
      }
      combinations = combinations.flatMap { fields in choices.map { fields + [(name, $0)] } }
    }
    return combinations.map { Value(fields: $0) }
  }
}
