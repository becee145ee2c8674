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
    registry.add(
      Builtin(
        "sweep",
        [
          .required("start", "function"), .required("settings", "record or list"), .required("score", "function"),
          .optional("epochs", "list", "[1, 2, 4]"), .optional("keep", "number", default: 0.5),
          .optional("take", "number", "none", namedOnly: true),
          .optional("seed", "number", "the session's next", namedOnly: true),
          .optional("save", "string", "none", namedOnly: true),
        ],
        area: .training, returns: "sweep",
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
        let start = try args.function(0)
        var settings = try settings(args, 1)
        let score = try args.function(2)
        let epochs = args.isGiven(3) ? try args.ints(3, in: 1...1_000_000) : [1, 2, 4]
        guard !epochs.isEmpty, zip(epochs, epochs.dropFirst()).allSatisfy({ $0 < $1 }) else {
          throw ArgumentError(3, "sweep: epochs have to rise, as [1, 2, 4] do")
        }
        let keep = try args.number(4, in: 0...1)
        if args.isGiven(5) {
          let count = try args.int(5, in: 1...100_000)
          var random = RandomStream(seed: try args.seed(6, context))
          settings = random.permutation(settings.count).prefix(count).sorted().map { settings[$0] }
        }
        let record = try args.isGiven(7) ? SweepRecord(folder: context.path(args.string(7)), settings) : nil
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
          guard let trainer = try context.call(start, [setting]).asObject(TrainerObject.self) else {
            throw ArgumentError(0, "sweep: start has to give a trainer")
          }
          guard trainers.values.allSatisfy({ $0.trainer.network !== trainer.trainer.network }) else {
            throw ArgumentError(
              0, "sweep: start gave two trainers of one network", help: "make the network inside of start")
          }
          trainers[index] = trainer
          try record?.begin(index, trainer.trainer)
        }
        let rungs = SweepRungs(
          trainers: trainers, settings: settings, score: score, epochs: epochs, record: record, ranks: ranks, context)
        let halving = try Halving(
          count: settings.count, rungs: epochs.count, keep: keep, scores: { try rungs.scores($0, rung: $1) },
          dropped: { rungs.trainers[$0] = nil })
        trainers = rungs.trainers
        let best = halving.best.flatMap { trainers[$0.index] }
        // Its last score may come from the folder.
        if let best, let place = halving.best?.index {
          _ = try trained(
            best, to: epochs[halving.trials[place].scores.count - 1], state: record?.state(place), context)
        }
        return Value(SweepObject(halving, settings: settings, epochs: epochs, best: best))
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

  static func score(_ value: Value) throws -> Double {
    guard let number = value.asNumber else {
      throw ArgumentError(
        2, "sweep: score has to give a number, not \(value.inWords)", help: "episodes(…).accuracy, 1 - distances(…).eer"
      )
    }
    return number
  }

  /// Every combination of a record of lists, the last field changing fastest; or the records of a list.
  private static func settings(_ args: Arguments, _ index: Int) throws -> [Value] {
    if let list = args[index].asItems {
      guard !list.isEmpty, list.allSatisfy({ $0.asRecord != nil }) else {
        throw args.mismatch(index, expected: "a list of records, such as [{rate: 0.1}, {rate: 0.01}]")
      }
      return list
    }
    var combinations: [[(String, Value)]] = [[]]
    for (name, value) in try args.record(index).fields {
      guard let choices = value.asItems ?? value.asNumbers?.map(Value.number), !choices.isEmpty else {
        throw ArgumentError(
          index, "sweep: \(name) is \(value.inWords), not a list of values to try", help: "\(name): [0.1, 0.01]")
      }
      guard combinations.count * choices.count <= 100_000 else {
        throw ArgumentError(index, "sweep: more than 100,000 combinations", help: "shorter lists")
      }
      combinations = combinations.flatMap { fields in choices.map { fields + [(name, $0)] } }
    }
    return combinations.map { Value(fields: $0) }
  }
}
