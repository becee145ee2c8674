import CoreLibrary
import DataBindings
import Datasets
import Diagnostics
import Interpreter
import MetricLearning
import NeuralNetworks

/// What stands in the way of believing a figure.
class AuditObject: HostObject {
  override var typeName: String { "audit" }
  override var summary: String {
    findings.isEmpty ? "audit: nothing is shared" : "audit: \(findings.count) finding\(findings.count == 1 ? "" : "s")"
  }

  /// One line each; none where nothing was found.
  var findings: [String] { [] }
  /// Whether nothing is shared.
  var isClean: Bool { true }
  var identical: [Value] { [] }
  var alike: [Value] { [] }
}

/// What a network remembers of a dataset.
final class NetworkAuditObject: AuditObject {
  let test: Dataset
  private let overlap: LearningRecord.Overlap
  private let hasUnknown: Bool
  private let hasLearnt: Bool
  /// Positions in test of the images that were learnt from.
  private let known: [Int]

  init(_ record: LearningRecord, _ test: Dataset) throws {
    self.test = test
    let source = DatasetImageSource(test)
    overlap = try record.overlap(with: source)
    known = try test.fingerprints().enumerated().filter { record.images.contains($0.element) }.map(\.offset)
    hasUnknown = record.hasUnknown
    hasLearnt = !record.isEmpty
    super.init()
  }

  override var isClean: Bool { overlap.isEmpty && !hasUnknown }
  override var identical: [Value] { known.map { Value(fields: [("test", Value($0))]) } }

  override var findings: [String] {
    var lines: [String] = []
    if overlap.images > 0 {
      lines.append(
        "\(overlap.images) of the \(overlap.allImages) images of test are among those that the network has learnt from")
    }
    if overlap.classes > 0 {
      lines.append("\(overlap.classes) of the \(overlap.allClasses) classes of test, by name, too")
    }
    if hasUnknown {
      lines.append("the network has learnt elsewhere or in a loop written by hand, too: from what, is not known")
    }
    return lines
  }

  override func describe(_ style: DisplayStyle) -> String {
    var lines = ["test \(test.name): \(counted(test.count, "image"))"] + findings.map { "! " + $0 }
    if isClean {
      lines.append(
        hasLearnt
          ? overlap.wordsOfNothing
          : "the network has learnt nothing yet")
    }
    return lines.joined(separator: "\n")
  }
}

/// What two datasets share.
final class DatasetAuditObject: AuditObject {
  let audit: Audit
  let train: Dataset
  let test: Dataset

  init(_ audit: Audit, train: Dataset, test: Dataset) {
    self.audit = audit
    self.train = train
    self.test = test
    super.init()
  }

  override var isClean: Bool { audit.isClean }
  override var identical: [Value] { audit.identical.map(Self.record) }
  override var alike: [Value] { audit.alike.map(Self.record) }

  private static func record(_ twin: Audit.Twin) -> Value {
    Value(fields: [
      ("train", Value(twin.train)), ("test", Value(twin.test)), ("likeness", Value(twin.likeness)),
    ])
  }

  override var findings: [String] {
    var lines: [String] = []
    if !audit.sharedClasses.isEmpty {
      let names =
        audit.sharedClasses.prefix(3).map(\.asOneLine).joined(separator: ", ")
        + (audit.sharedClasses.count > 3 ? ", …" : "")
      lines.append(
        "\(counted(audit.sharedClasses.count, "class", "classes")) of test "
          + "\(audit.sharedClasses.count == 1 ? "stands" : "stand") in train by name: \(names)")
    }
    if let first = audit.identical.first {
      lines.append(
        "\(counted(audit.identical.count, "image")) of test \(audit.identical.count == 1 ? "stands" : "stand") in train, pixel by pixel: "
          + "test[\(first.test)] is train[\(first.train)]")
    }
    if let most = audit.alike.max(by: { $0.likeness < $1.likeness }) {
      lines.append(
        "\(counted(audit.alike.count, "image")) of test \(audit.alike.count == 1 ? "looks" : "look") like one of train (correlation from "
          + "\(formatNumber(audit.limit))): test[\(most.test)] and train[\(most.train)] the most, \(fixed(most.likeness, 3))"
      )
    }
    if audit.samePairs == 0 {
      lines.append("test has no class of two images: nothing can be judged on it")
    } else if audit.samePairs < 100 {
      lines.append(
        "test has \(counted(audit.samePairs, "same pair")): a rate over them is ± "
          + "\(fixed(100 * audit.sameMargin, 0)) % at best")
    }
    if audit.leastFAR > 0.01 {
      lines.append(
        "test has \(counted(audit.differentPairs, "different pair")): too few to speak of a FAR "
          + "below \(percent(audit.leastFAR))")
    }
    return lines
  }

  override func describe(_ style: DisplayStyle) -> String {
    var lines = [
      "train \(train.name): \(counted(train.count, "image")); test \(test.name): "
        + "\(counted(test.count, "image")), \(audit.samePairs) same and \(audit.differentPairs) different pairs"
    ]
    lines += findings.map { "! " + $0 }
    if audit.isClean { lines.append("nothing shared: no class by name, no image, none alike") }
    if audit.leastFAR <= 0.01 {
      lines.append("enough pairs to speak of a FAR from \(rate(audit.leastFAR)) on")
    }
    if audit.lonely > 0 { lines.append("\(counted(audit.lonely, "class has", "classes have")) one image in test") }
    // Where all are the same pixel by pixel, none is left to be alike.
    if audit.compared.test > 0,
      audit.compared.train < train.count || audit.compared.test < test.count - audit.identical.count
    {
      lines.append(
        "likeness was looked for among \(audit.compared.train) and \(audit.compared.test) images of each side")
    }
    if audit.grid.height < Audit.side || audit.grid.width < Audit.side {
      lines.append(
        "likeness was looked for at \(audit.grid.height)×\(audit.grid.width) pixels, which is all that the smaller images "
          + "have: so small, different pictures can look alike")
    }
    return lines.joined(separator: "\n")
  }

  private func rate(_ share: Double) -> String { formatNumber((share * 1e6).rounded() / 1e4) + " %" }

}

extension LearningBindings {
  static func registerAudit(_ registry: inout BuiltinRegistry) {
    let learnt = TypedParameter.value("train", "dataset, trainer or network")
    let judged = TypedParameter.object("test", "dataset", as: DatasetObject.self)
    let limit = TypedParameter.number("limit", in: -1...1, default: 0.98, namedOnly: true)
    registry.add(
      Builtin(
        "audit", .of(learnt, judged, limit), area: .judging, returns: "audit",
        summary: "Looks for faults of a test set that make results look better than they are.",
        details: """
          It reports classes whose name stands in both sets; images of test that are in train, with equal pixels or \
          nearly (a correlation of at least `limit` at 16×16 pixels, or at as many as the smaller images have); and too \
          few pairs for the precision that is claimed. Images of two sizes are compared as resize would make them small; \
          of thin lines, halve keeps too little to be found. If train is a trainer, both its training and its validation images count: whoever chooses a \
          network by a set has learnt from that set. A network remembers the images and the class names that it has \
          learnt from, in training and by whiten, also as a part of another network and in files: audit(net, test) \
          compares with these.
          """,
        example: """
          all = glyphs(12, 6, seed=1)
          learn, strangers = all.split(classes=8, seed=2)
          audit(learn, strangers).clean
          #> true
          """, errors: ["a dataset is empty"], seeAlso: ["dataset.split", "report", "trainer"]
      ) { args, _ in
        let test = try args[judged].dataset
        let limit = try args[limit]
        let given = try args[learnt]
        if let network = given.asObject(NetworkObject.self)?.network {
          return Value(try NetworkAuditObject(network.learning, test))
        }
        let train: Dataset
        if let trainer = given.asObject(TrainerObject.self)?.trainer {
          guard let whole = learntFrom(trainer) else { throw args.mismatch(learnt, expected: "a trainer on a dataset") }
          train = whole
        } else if let dataset = given.asObject(DatasetObject.self)?.dataset {
          train = dataset
        } else {
          throw args.mismatch(learnt, expected: "a dataset, a trainer or a network")
        }
        return Value(DatasetAuditObject(try Audit(train: train, test: test, limit: limit), train: train, test: test))
      })
    registry.add(
      Builtin(
        property: "clean", of: "audit", area: .judging, summary: "Whether train and test share nothing.",
        example: "audit(glyphs(3, 4, seed=1), glyphs(3, 4, seed=1)).clean\n#> false", seeAlso: ["audit"]
      ) { args, _ in Value(try args.receiver(AuditObject.self).isClean) })
    registry.add(
      Builtin(
        property: "findings", of: "audit", area: .judging, returns: "list",
        summary: "What was found, a list of sentences.",
        example: "len(audit(glyphs(3, 4, seed=1), glyphs(3, 4, seed=1)).findings) > 1\n#> true", seeAlso: ["audit"]
      ) { args, _ in Value(texts: try args.receiver(AuditObject.self).findings) })
    for (name, summary) in [
      ("identical", "Images of test that are in train: records of train, test and likeness."),
      ("alike", "Images of test whose like is in train: records of train, test and likeness."),
    ] {
      registry.add(
        Builtin(
          property: name, of: "audit", area: .judging, returns: "list", summary: summary,
          example: "len(audit(glyphs(3, 4, seed=1), glyphs(3, 4, seed=1)).\(name)) >= 0\n#> true", seeAlso: ["audit"]
        ) { args, _ in
          let audit = try args.receiver(AuditObject.self)
          return Value(name == "alike" ? audit.alike : audit.identical)
        })
    }
  }

  /// The dataset that a trainer learns from, with what it validates on where that is another.
  static func learntFrom(_ trainer: Trainer) -> Dataset? {
    func dataset(_ source: any ImageSource) -> Dataset? {
      if let source = source as? DatasetImageSource { return source.dataset }
      return nil
    }
    guard let learnt = dataset(trainer.whole) else { return nil }
    guard let other = trainer.validation.flatMap({ dataset($0.source) }), other.shape == learnt.shape else {
      return learnt
    }
    return (try? learnt.pooled(with: other)) ?? learnt
  }
}
