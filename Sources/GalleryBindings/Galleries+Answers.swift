import CoreLibrary
import Gallery
import Interpreter

/// What `identify` and `verify` answer: fields to read, and a sentence to show.
final class AnswerObject: HostObject {
  let fields: [(name: String, value: Value)]
  let sentence: String
  /// What was found. The sentence rounds distances, and shortens names.
  private let answer: Answer

  private enum Answer: Equatable {
    case identification(ReferenceGallery.Identification, probability: Double?)
    case verdict(ReferenceGallery.Verdict, probability: Double?)
  }

  private init(_ answer: Answer, _ fields: [(String, Value)], _ sentence: String) {
    self.answer = answer
    self.fields = fields.map { (name: $0.0, value: $0.1) }
    self.sentence = sentence
    super.init()
  }

  /// - Parameter probability: that two pictures at this distance show the same; nil without calibration. It is of one
  ///   pair, while the nearest is the best of many: the sentence leaves it out.
  convenience init(_ found: ReferenceGallery.Identification, probability: Double?) {
    let nearest = found.nearest
    let (name, distance) = (shortLabel(nearest.label), fixed(nearest.distance, 4))
    let at =
      found.tied.map { "\(name) and \(shortLabel($0)) are equally near, at \(distance)" } ?? "\(name) at \(distance)"
    let isNear = found.label != nil || found.tied != nil
    let before = found.tied != nil ? "unknown: " : isNear ? "" : "unknown: the nearest is "
    self.init(
      .identification(found, probability: probability),
      [
        ("label", found.label.map { Value($0) } ?? .none), ("known", Value(found.label != nil)),
        ("nearest", Value(nearest.label)), ("distance", Value(Float(nearest.distance))),
        ("threshold", Value(Float(found.threshold))),
        ("probability", probability.map { Value(Float($0)) } ?? .none),
        ("tied", found.tied.map { Value($0) } ?? .none),
      ], before + at + ", \(isNear ? "nearer than" : "not nearer than") the threshold \(fixed(found.threshold, 4))")
  }

  convenience init(_ verdict: ReferenceGallery.Verdict, probability: Double?) {
    self.init(
      .verdict(verdict, probability: probability),
      [
        ("same", Value(verdict.same)), ("distance", Value(Float(verdict.distance))),
        ("threshold", Value(Float(verdict.threshold))),
        ("probability", probability.map { Value(Float($0)) } ?? .none),
      ],
      (verdict.same ? "the same" : "different") + ": \(fixed(verdict.distance, 4)) apart, "
        + (verdict.same ? "nearer" : "not nearer") + " than the threshold \(fixed(verdict.threshold, 4))"
        + (probability.map { ", the same with a probability of \(percent($0, 0))" } ?? ""))
  }

  override var typeName: String { "answer" }
  override var summary: String { sentence }
  override func describe(_ style: DisplayStyle) -> String { sentence }
  override var memberNames: [String] { fields.map(\.name) }
  override func member(_ name: String, _ context: ExecutionContext) -> Value? {
    fields.first { $0.name == name }?.value
  }
  override func isEqual(to other: HostObject) -> Bool { (other as? AnswerObject)?.answer == answer }
}
