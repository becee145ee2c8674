import CoreLibrary
import Datasets
import Diagnostics
import Files
import Foundation
import Gallery
import Images
import Interpreter
import LearningBindings
import Tensors

/// Everything that is held of somebody, for whoever asks what there is of them.
extension GalleryBindings {
  static func registerExporting(_ registry: inout BuiltinRegistry) {
    let label = TypedParameter.string("label")
    add(
      &registry, "export", returns: "record", files: .writes, .of(label, into),
      "Everything that is held of somebody: pictures, embeddings, when, from where, what was agreed to.",
      details: """
        A record of label, references and changes. A reference is a record of number, enrolled, source, consent, expires, \
        expired, removed (it is kept for undo alone), picture (as the network sees it, [channels, height, width], or none) and \
        embedding; a change is an entry of the journal that names them. into="ann" writes a folder as well: about.json with all \
        of it, and each picture as a PNG; the files are their owner's alone.
        """,
      example: """
        people.enroll("ann", letters[0], source="a card", consent="signed 3 May")
        held = people.export("ann", into="ann")
        held.references[0].consent
        #> "signed 3 May"
        """,
      errors: ["nothing is held of them", "the folder has something in it already"]
    ) { object, args, context in
      let label = try args[label]
      let gallery = object.gallery
      let held = try gallery.everything(of: label)
      let changes =
        gallery.keepsJournal ? try gallery.history(1_000_000).filter { $0.label == label || $0.other == label } : []
      if let folder = try args[into] {
        try write(label, held, changes, gallery, into: context.path(folder), given: folder)
      }
      let shape = gallery.network.inputShape ?? []
      return Value(fields: [
        ("label", Value(label)),
        (
          "references",
          Value(
            try held.enumerated().map { number, one in
              let isWhole = !one.picture.isEmpty && one.picture.count == shape.reduce(1, *)
              return Value(fields: [
                ("number", Value(number)), ("enrolled", text(one.origin.enrolled)),
                ("source", one.origin.source.map { Value($0) } ?? .none),
                ("consent", one.origin.consent.map { Value($0) } ?? .none), ("expires", text(one.origin.expires)),
                ("expired", Value(one.origin.expires.map(gallery.hasPassed) ?? false)),
                ("removed", Value(one.isRemoved)),
                ("picture", isWhole ? Value(try Tensor(one.picture, shape: shape)) : .none),
                ("embedding", Value(try Tensor(one.embedding, shape: [one.embedding.count]))),
              ])
            })
        ),
        (
          "changes",
          Value(
            changes.map { entry in
              Value(fields: [
                ("time", Value(CalendarDate.text(entry.time))), ("kind", Value(entry.kind)),
                ("count", Value(entry.count)),
                ("source", entry.source.map { Value($0) } ?? .none),
              ])
            })
        ),
      ])
    }
  }

  private static let into = TypedParameter.string("into", or: "none", namedOnly: true)

  private static func text(_ time: Double?) -> Value { time.map { Value(CalendarDate.text($0)) } ?? .none }

  private struct About: Encodable {
    struct Reference: Encodable {
      var number: Int
      var enrolled: String?
      var source: String?
      var consent: String?
      var expires: String?
      var expired: Bool
      var removed: Bool
      /// The file beside this one.
      var picture: String?
      /// Where no picture can be made of them: what the network sees.
      var pixels: [Float]?
      var embedding: [Float]
    }

    struct Change: Encodable {
      var time: String
      var kind: String
      var label: String?
      var other: String?
      var count: Int
      var source: String?
    }

    var label: String
    var exported: String
    var gallery: String?
    var compared: String
    var references: [Reference]
    var changes: [Change]
  }

  private static func write(
    _ label: String, _ held: [ReferenceGallery.Held], _ changes: [GalleryStore.Entry], _ gallery: ReferenceGallery,
    into folder: String, given: String
  ) throws {
    try FileSystem.makeFolder(folder)
    guard try FileSystem.list(folder).isEmpty else {
      throw ArgumentError(
        Self.into, "export: “\(given)” has something in it already",
        help: "give a folder that is new, or has nothing in it")
    }
    let shape = gallery.network.inputShape ?? []
    let isPicture = shape.count == 3 && (shape[0] == 1 || shape[0] == 3)
    let preparation = isPicture ? QueryPreparation(kept: gallery.network.preprocessing, shape: shape) : nil
    var references: [About.Reference] = []
    for (number, one) in held.enumerated() {
      try LongWork.check()
      var reference = About.Reference(
        number: number, enrolled: one.origin.enrolled.map(CalendarDate.text), source: one.origin.source,
        consent: one.origin.consent, expires: one.origin.expires.map(CalendarDate.text),
        expired: one.origin.expires.map(gallery.hasPassed) ?? false, removed: one.isRemoved, embedding: one.embedding)
      if let picture = one.picture.isEmpty ? nil : preparation?.picture(of: one.picture) {
        let name = "\(number).png"
        try FileSystem.write(try picture.encodePNG(), to: name, beneath: folder, access: .owner)
        reference.picture = name
      } else if !one.picture.isEmpty {
        reference.pixels = one.picture
      }
      references.append(reference)
    }
    let about = About(
      label: label, exported: CalendarDate.text(gallery.time), gallery: gallery.path, compared: gallery.measure.words,
      references: references,
      changes: changes.map {
        About.Change(
          time: CalendarDate.text($0.time), kind: $0.kind, label: $0.label, other: $0.other, count: $0.count,
          source: $0.source)
      })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try FileSystem.write(Array(try encoder.encode(about)), to: "about.json", beneath: folder, access: .owner)
  }
}
