import CoreLibrary
import Diagnostics
import Files
import Forgetting
import Gallery
import Interpreter
import LearningBindings

/// What `forget` would do or has done: what goes, and what stays for a person to look at.
final class ForgettingObject: HostObject {
  struct Line: Hashable {
    var place: String
    var words: String
  }

  let label: String
  let goes: [Line]
  let stays: [Line]
  let isDone: Bool
  /// What does it, where it is not done yet.
  private let command: String

  init(_ label: String, goes: [Line], stays: [Line], isDone: Bool, command: String) {
    (self.label, self.goes, self.stays, self.isDone, self.command) = (label, goes, stays, isDone, command)
    super.init()
  }

  override var typeName: String { "forgetting" }
  override var summary: String {
    isDone
      ? "\(shortLabel(label)) is forgotten"
      : "what would be forgotten of \(shortLabel(label)): \(goes.count) place\(goes.count == 1 ? "" : "s")"
  }

  /// A list of a thousand places helps nobody; `.goes` and `.stays` have all.
  private static let shown = 40

  override func describe(_ style: DisplayStyle) -> String {
    func list(_ lines: [Line]) -> [String] {
      let most = style.full ? lines.count : Self.shown
      let width = lines.prefix(most).map(\.place.count).max() ?? 0
      return lines.prefix(most).map { "  " + $0.place.padded(to: width) + "  " + $0.words }
        + (lines.count > most ? ["  … and \(lines.count - most) more"] : [])
    }
    let name = shortLabel(label)
    let head =
      isDone
      ? "\(name) is forgotten:"
      : goes.isEmpty ? "nothing is \(name)'s for certain" : "would be forgotten of \(name):"
    var lines = [head] + list(goes)
    if !stays.isEmpty { lines += ["stays, for you to look at:"] + list(stays) }
    if !isDone, !goes.isEmpty { lines.append("nothing is gone yet: \(command) does it, for good") }
    return lines.joined(separator: "\n")
  }

  private static func records(_ lines: [Line], _ name: String) -> Value {
    Value(lines.map { Value(fields: [("place", Value($0.place)), (name, Value($0.words))]) })
  }

  override var memberNames: [String] { ["goes", "stays", "done"] }
  override func member(_ name: String, _ context: ExecutionContext) -> Value? {
    switch name {
    case "goes": Self.records(goes, "what")
    case "stays": Self.records(stays, "reason")
    case "done": Value(isDone)
    default: nil
    }
  }
}

extension GalleryBindings {
  private static let plan = """
    Without sure=true it lists what would go and what would stay, and touches nothing. What goes: references, pictures and the \
    journal's entries; of a gallery in a file all of it, so that its bytes are nowhere in the file or beside it; what %undo \
    could go back to. In a folder: the folders of that name with their pictures, files that sources.csv, faces.csv, review.csv and saved.csv \
    say are theirs (in rejected, too), the lines of these, and references in every gallery there. No link is followed. What \
    stays is listed: folders and labels that are called alike ("team/ann", "Ann"), weights that learnt from them, scripts, notebooks and pages that name them or have pictures, archives, \
    and what a server's log and backups keep.
    """

  static func registerForgetting(_ registry: inout BuiltinRegistry) {
    let label = TypedParameter.string("label")
    let folderToo = TypedParameter.string("folder", or: "none", namedOnly: true)
    let sure = TypedParameter.bool("sure", default: false, namedOnly: true)
    add(
      &registry, "forget", files: [.reads, .writes], .of(label, folderToo, sure),
      "Takes somebody out for good: lists what would go, and with sure=true does it.", details: plan,
      example: """
        people.forget(people.labels[0])
        people.forget(people.labels[0], sure=true).done
        #> true
        """,
      errors: ["nothing is held of them", "something could not be taken away; the rest is"]
    ) { object, args, context in
      let label = try args[label]
      let folder = try args[folderToo]
      if try args[sure], passesOver("forget", object, context) {
        guard folder != nil else { return .none }
        // Cells before this one may have put their pictures into the folder again.
        do {
          return try forget(label, nil, folder: folder, sure: true, command: "", context)
        } catch ForgettingError.nobody {
          return .none
        }
      }
      let given = folder.map { ", folder=" + quoted($0) } ?? ""
      return try forget(
        label, object, folder: folder, sure: try args[sure],
        command: "people.forget(\(quoted(label))\(given), sure=true)", context)
    }
    let folder = TypedParameter.string("folder")
    registry.add(
      Builtin(
        "forget", .of(label, folder, sure), area: .gallery, files: [.reads, .writes],
        summary:
          "Takes somebody out of a folder and its galleries for good: lists what would go, and with sure=true does it.",
        details: plan
          + " The folder may also be a gallery's file, or a database's address. In a terminal: `twinbook forget ann FOLDER`.",
        example: """
          glyphs(3, 2, seed=1).save("letters")
          forget("glyph2", "letters").goes[0]
          #> {place: "letters/glyph2", what: "2 files"}
          forget("glyph2", "letters", sure=true)
          images("letters").classes
          #> ["glyph1", "glyph3"]
          """,
        errors: ["nothing there is theirs", "something could not be taken away; the rest is"],
        seeAlso: ["gallery.forget", "gallery.export"]
      ) { args, context in
        let (label, folder, sure) = (try args[label], try args[folder], try args[sure])
        let command = context.shellCommand ?? "forget(\(quoted(label)), \(quoted(folder)), sure=true)"
        let path = ReferenceGallery.isAddress(folder) ? folder : context.path(folder)
        guard ReferenceGallery.isAddress(folder) || FileSystem.kind(of: path) == .file else {
          return try forget(label, nil, folder: folder, sure: sure, command: command, context)
        }
        if sure, context.passesOver("forget") { return .none }
        if !sure, GalleryStore.isGallery(path) { return try look(at: path, label, command: command) }
        let gallery = try ReferenceGallery.load(path)
        let isRead = gallery.path == nil
        let made = try forget(
          label, GalleryObject(gallery, NetworkObject(gallery.network)), folder: nil, sure: sure, command: command,
          context)
        // One of a version before was read whole, and is written whole without them.
        if sure, isRead { try gallery.save(path) }
        return made
      })
    let consent = TypedParameter.string("consent", or: "as it is", namedOnly: true)
    let expires = TypedParameter.string("expires", or: "as it is", namedOnly: true)
    add(
      &registry, "renew", files: .writes, .of(label, consent, expires),
      "Changes what somebody agreed to, and until when, in all their references; gives how many changed.",
      details: """
        expires="2030-01-31" is the day from which (midnight, UTC) they do not answer, expires="never" takes an end away. \
        Of a gallery in a file undo() takes it back.
        """,
      example: """
        people.enroll("ann", letters[0], expires="1999-01-01")
        people.health().expired
        #> 1
        people.renew("ann", consent="asked again", expires="2199-01-01")
        #> 1
        """,
      errors: ["nobody has the label", "expires is no date", "neither is given"]
    ) { object, args, context in
      if passesOver("renew", object, context) { return .none }
      let renewal = ReferenceGallery.Renewal(
        consent: try args[consent], expires: try end(args, expires, "renew", object.gallery, context))
      guard args.isGiven(consent) || args.isGiven(expires) else {
        throw ArgumentError(-1, "renew: neither consent= nor expires= is given")
      }
      return Value(try object.gallery.renew(try args[label], renewal))
    }
  }

  /// What would go of a gallery's file, without opening it to be written.
  private static func look(at path: String, _ label: String, command: String) throws -> Value {
    let seen = try ReferenceGallery.look(at: path, for: label)
    var stays: [ForgettingObject.Line] = []
    stays += seen.traces.successors.map { .init(place: path, words: $0.words) }
    if let reason = NamesakeLabels.reason(label, among: seen.names) { stays.append(.init(place: path, words: reason)) }
    guard !seen.traces.isEmpty || !stays.isEmpty else {
      throw GalleryError.unknownLabel(label, near: nil, count: seen.labels)
    }
    if let reason = seen.network?.learning.reason(toRemember: label) {
      stays.append(.init(place: path, words: "its network " + reason))
    }
    return Value(
      ForgettingObject(
        label, goes: seen.traces.isEmpty ? [] : [.init(place: path, words: seen.traces.words())], stays: stays,
        isDone: false,
        command: command))
  }

  /// - Parameters:
  ///   - object: nil: the folder alone.
  ///   - folder: as it was given; nil: the gallery alone.
  private static func forget(
    _ label: String, _ object: GalleryObject?, folder: String?, sure: Bool, command: String,
    _ context: ExecutionContext
  ) throws -> Value {
    var goes: [ForgettingObject.Line] = []
    var stays: [ForgettingObject.Line] = []
    var plan: FolderForgetting?
    var traces = ReferenceGallery.Traces()
    if let object {
      traces = try object.gallery.traces(of: label)
      let place = object.gallery.path ?? "this gallery"
      if !traces.isEmpty {
        goes.append(.init(place: place, words: traces.words(isInMemory: object.gallery.path == nil)))
      }
      stays += traces.successors.map { .init(place: place, words: $0.words) }
      if let reason = NamesakeLabels.reason(label, among: try object.gallery.everyName()) {
        stays.append(.init(place: place, words: reason))
      }
      if let reason = object.gallery.network.learning.reason(toRemember: label) {
        stays.append(.init(place: place, words: "its network " + reason))
      }
      if sure, object.gallery.path == nil, let page = object.page, page.isRunning {
        throw ArgumentError(
          -1, "forget: the page at \(page.address) shows a copy of this gallery", help: "people.stop() closes it first")
      }
    }
    if let folder {
      do {
        let made = try FolderForgetting(
          label, in: context.path(folder), passing: object?.gallery.path, isGivenUp: { context.isInterrupted })
        goes += made.goes.map { .init(place: folder + "/" + $0.place, words: $0.what) }
        plan = made
      } catch is CancellationError { throw Interruption() }
    }
    if goes.isEmpty {
      let lines = plan?.stays ?? []
      // Who has another name now is shown; whoever is sure hears from the gallery that nothing was done.
      if lines.isEmpty, sure || traces.successors.isEmpty {
        if let object { _ = try object.gallery.forget(label) }
        throw ForgettingError.nobody(label: label, folder: folder ?? "")
      }
      // Whoever is sure has to hear that it is not done.
      if sure {
        throw ForgettingError.nothingGoes(
          label: label, folder: folder ?? "",
          stays: traces.successors.map { "this gallery has " + $0.words }
            + lines.map { "\(folder ?? "")/\($0.place) \($0.reason)" })
      }
    }
    if sure {
      if let object, !traces.isEmpty {
        for reason in try object.gallery.forget(label).left {
          stays.append(.init(place: object.gallery.path ?? "this gallery", words: reason))
        }
      }
      try plan?.carryOut()
    }
    if let plan, let folder { stays += plan.stays.map { .init(place: folder + "/" + $0.place, words: $0.reason) } }
    // What a command of the shell prints is kept by nobody here.
    if context.shellCommand == nil {
      stays.append(
        .init(place: "this session", words: "its cells, results, history and journal have what was typed and shown"))
    }
    return Value(ForgettingObject(label, goes: goes, stays: stays, isDone: sure, command: command))
  }

  // MARK: Dates

  /// Until when references answer, as a call says it.
  static func end(
    _ args: Arguments, _ expires: TypedParameter<String?>, _ function: String, _ gallery: ReferenceGallery,
    _ context: ExecutionContext
  ) throws -> ReferenceGallery.Renewal.End? {
    guard let text = try args[expires] else { return nil }
    if text == "never" { return .never }
    guard let time = CalendarDate.seconds(text) else {
      throw ArgumentError(expires, GalleryError.badDate(function: function, got: text).explanation)
    }
    if gallery.hasPassed(time) {
      context.output.warn(
        Explanation("expires=\"\(text)\" is past: these references do not answer", help: "people.renew changes it"))
    }
    return .at(time)
  }
}
