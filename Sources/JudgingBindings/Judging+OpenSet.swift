import CoreLibrary
import DataBindings
import Datasets
import Diagnostics
import Interpreter
import LearningBindings
import MetricLearning
import NeuralNetworks
import PlotBindings
import Plotting

/// Open-set identification: `DIR 84.0 % at FAR 10 %`.
final class IdentificationObject: HostObject {
  let identification: Identification
  let name: String
  let remarks: [String]

  init(_ identification: Identification, name: String, remarks: [String] = []) {
    self.identification = identification
    self.name = name
    self.remarks = remarks
    super.init()
  }

  override var typeName: String { "identification" }
  override var summary: String { "open-set identification: rank 1 \(percent(identification.rank1))" }
  override func describe(_ style: DisplayStyle) -> String {
    let (known, strangers) = (identification.known, identification.strangers.count)
    var lines = [
      "rank 1 \(percent(identification.rank1))\(plusMinus(identification.rank1Margin)) of \(counted(known, "query", "queries")) "
        + "of enrolled classes; \(strangers) of strangers; "
        + "\(identification.enrolled) enrolled in each of \(counted(identification.trials, "trial"))"
    ]
    let rates = identification.rates(at: [0.1, 0.01, 0.001]).map { "\($0.rate) at \($0.far)" }
    if !rates.isEmpty { lines.append("DIR " + rates.joined(separator: ", ")) }
    return lines.joined(separator: "\n") + remark(remarks)
  }
}

extension IdentificationObject: FigureConvertible {
  /// Detection and identification rate over the false-alarm rate.
  func figure(kind: String?) throws -> Figure {
    if let kind, kind != "dir" { throw PlotError.unknownKind(kind, object: typeName, known: ["dir"]) }
    let rates = (0...100).map { Double($0) / 100 }
    let dir = try rates.map { try identification.dir(far: $0) }
    return Figure(
      title: "Open-set identification: \(name)",
      .lines(
        LinePlot(
          [.init("detected and identified", x: rates.map { 100 * $0 }, y: dir.map { 100 * $0 }, markers: false)],
          xLabel: AxisLabel("false alarms, %"), yLabel: AxisLabel("known queries, %"))))
  }
}

/// The official one-shot runs: `accuracy 79.8 %, error 20.2 %, 20 runs`.
final class OneShotRunsObject: HostObject {
  let runs: OneShotRuns
  let remarks: [String]

  init(_ runs: OneShotRuns, remarks: [String] = []) {
    self.runs = runs
    self.remarks = remarks
    super.init()
  }

  override var typeName: String { "runs" }
  override var length: Int? { runs.runs.count }
  override var summary: String { "error \(percent(runs.error)) over \(counted(runs.runs.count, "run"))" }
  override func describe(_ style: DisplayStyle) -> String {
    let (low, high) = runs.interval
    return "accuracy \(percent(runs.accuracy)) (\(fixed(100 * low, 1)) to \(fixed(100 * high, 1))), error "
      + "\(percent(runs.error)): \(runs.errors) of \(counted(runs.questions, "question")) in "
      + counted(runs.runs.count, "run") + remark(remarks)
  }
}

extension JudgingBindings {
  private static let oneEnrolled =
    "one class is enrolled in each trial: its queries find it whatever the network, so rank 1 says nothing"

  static func registerOpenSet(_ registry: inout BuiltinRegistry) {
    let known = TypedParameter.number("known", default: 0.5)
    let trials = TypedParameter.int("trials", in: 1...100_000, default: 20)
    registry.add(
      Builtin(
        "identification", .of(network, dataset, known, shots, trials, seed, distance, views, gallery), area: .judging,
        returns: "identification",
        summary: "Open-set identification: who is it, if anybody known?",
        details: """
          Each trial enrols `known`, a share of the classes, with `shots` references each. All other images are \
          queries; those of the other classes are queries of strangers. At a threshold t, the false-alarm rate is \
          the share of strangers' queries that have some class nearer than t. The detection and identification rate \
          (DIR) is the share of known people's queries whose nearest class is the right one and nearer than t. A tie \
          names nobody. With shots=3 a class's distance is that to the mean embedding of its three references; a \
          gallery compares so with gallery(net, compare="mean"), and with the nearest reference otherwise. Phillips, \
          Grother and Micheals 2011. ± is half of the 95 % interval, found by leaving out the queries of one class at \
          a time; where all or none are right, it is 1 − 0.05^(1/C) for C classes.
          """ + searchingNote
            + " With gallery=, known=1 enrols every class of the gallery; the queries may be of other classes, too.",
        example: judgingExample + "identification(net, faces, trials=4, seed=2).trials\n#> 4",
        errors: ["fewer than the enrolled classes have shots + 1 images", "there is one class only"],
        seeAlso: ["gallery.calibrate", "distances"]
      ) { args, context in
        if try args[known] == 1, !args.isGiven(gallery) {
          throw ArgumentError(
            known,
            "identification expects known to be more than 0 and less than 1, so that some classes are strangers, got 1",
            help: "with gallery=, a dataset of those who are enrolled, known=1 enrols all of them, and others can ask")
        }
        let (embeddings, origin, _) = try embeddings(args, context)
        let identification = try Identification(
          embeddings, known: try args[known], shots: try args[shots], trials: try args[trials],
          seed: try args[seed].value(context))
        return Value(
          IdentificationObject(
            identification, name: origin.name,
            remarks: (identification.enrolled > 1 ? [] : [oneEnrolled]) + origin.remarks))
      })
    let far = TypedParameter.number("far", in: 0...1)
    registry.add(
      Builtin(
        method: "dir", of: "identification", .of(far), area: .judging,
        summary: "Detection and identification rate when at most a share `far` of strangers is taken for somebody.",
        details: """
          A warning says where fewer than ten of the strangers' different images would pass. The result's own rows count \
          queries, in which the same image asks again in each trial.
          """,
        example: judgingExample + "identification(net, faces, trials=4, seed=2).dir(1) <= 1\n#> true",
        seeAlso: ["identification"]
      ) { args, context in
        let identification = try args.receiver(IdentificationObject.self).identification
        let far = try args[far]
        if !identification.hasImages(far: far) {
          context.output.warn(
            Explanation(
              "\(counted(identification.strangerImages, "image")) of strangers are too few to measure a FAR of "
                + "\(formatNumber(far)): fewer than ten would pass",
              help: "judge on more images, or ask for a larger far=; more trials= ask with the same images again"))
        } else if !identification.supports(far: far) {
          context.output.warn(
            Explanation(
              "\(identification.strangers.count) queries of strangers are too few to measure a FAR of "
                + "\(formatNumber(far)): fewer than ten would pass", help: "ask for more trials="))
        }
        return Value(try identification.dir(far: far))
      })
    func property(_ name: String, _ summary: String, _ value: @escaping (Identification) -> Value) {
      registry.add(
        Builtin(
          property: name, of: "identification", area: .judging, summary: summary,
          example: judgingExample + "identification(net, faces, trials=4, seed=2).\(name)", seeAlso: ["identification"]
        ) { args, _ in value(try args.receiver(IdentificationObject.self).identification) })
    }
    property("rank1", "Share of known queries whose nearest class is theirs, without a threshold.") { Value($0.rank1) }
    property("margin", "Half of the 95 % interval of rank1, by leaving out the queries of one class at a time.") {
      $0.rank1Margin.map { Value($0) } ?? .none
    }
    property("trials", "How many trials there were.") { Value($0.trials) }
    registerRuns(&registry)
  }

  private static func registerRuns(_ registry: inout BuiltinRegistry) {
    let folder = TypedParameter.string("folder")
    let like = TypedParameter.object("like", "dataset", as: DatasetObject.self, or: "none")
    registry.add(
      Builtin(
        "oneshotruns", .of(network, folder, like, distance, views), area: .judging, returns: "runs", files: .reads,
        summary: "Omniglot's official one-shot task: the error over its runs.",
        details: """
          The folder holds run01, run02, …, each with training, test and class_labels.txt, as all_runs.zip of Omniglot \
          unpacks. Images are prepared as the network's training images were; `like` is a dataset whose augmentation is \
          used for views=. The answer is the reference with the least distance; ties are errors. Lake, Salakhutdinov and \
          Tenenbaum 2015. In parentheses Wilson's 95 % interval.
          """ + measuringNote, example: "help(oneshotruns)",
        errors: ["no folder holds a class_labels.txt", "a line of it does not name two images"], seeAlso: ["episodes"]
      ) { args, context in
        let object = try args.network(network, context)
        let like = try args[like]?.dataset
        let task = try Datasets.oneShotTask(
          context.path(try args[folder]), preprocessing: like?.preprocessing ?? object.network.imagePreprocessing)
        var images = task.images
        images.augmentation = like?.augmentation
        let (embeddings, origin, _) = try embeddings(
          of: DatasetImageSource(images), name: "oneshotruns", under: object.network, args, context)
        let runs = try OneShotRuns(
          embeddings,
          runs: task.runs.map { ($0.name, $0.references, $0.questions.map { (row: $0.image, answer: $0.answer) }) })
        return Value(OneShotRunsObject(runs, remarks: origin.remarks))
      })
    registry.add(
      Builtin(
        property: "interval", of: "runs", area: .judging, returns: "list",
        summary: "Wilson's 95 % interval of the accuracy, a list of two.",
        example: "help(oneshotruns)", seeAlso: ["oneshotruns"]
      ) { args, _ in
        let (low, high) = try args.receiver(OneShotRunsObject.self).runs.interval
        return Value(numbers: [low, high])
      })
    for (name, summary) in [
      ("accuracy", "Mean over the runs of the share of right answers."), ("error", "1 − accuracy."),
    ] {
      registry.add(
        Builtin(
          property: name, of: "runs", area: .judging, summary: summary, example: "help(oneshotruns)",
          seeAlso: ["oneshotruns"]
        ) { args, _ in
          let runs = try args.receiver(OneShotRunsObject.self).runs
          return Value(name == "error" ? runs.error : runs.accuracy)
        })
    }
  }
}
