import Diagnostics
import ElementaryFunctions
import Files
import Gallery
import Interpreter
import NeuralNetworks
import Ranks
import Server

extension GalleryBindings {
  /// How errors of the server find what is to blame.
  static let port = TypedParameter.int("port", in: 0...65535, default: 8080)
  static let host = TypedParameter.string("host", default: "127.0.0.1")
  static let tokenFile = TypedParameter.string("tokenfile", or: "drawn", namedOnly: true)
  static let publicName = TypedParameter.string("publicname", or: "none", namedOnly: true)
  private static let scriptToken = TypedParameter.value("token", "string", or: "never here", namedOnly: true)

  static func registerServing(_ registry: inout BuiltinRegistry) {
    let enrol = TypedParameter.bool("enrol", default: false)
    let limit = TypedParameter.number("threshold", in: 0...1e30, or: "the calibrated one", namedOnly: true)
    let seconds = TypedParameter.number("seconds", in: 0...1e9, or: "until Ctrl-C", namedOnly: true)
    let save = TypedParameter.string("save", or: "nowhere", namedOnly: true)
    let faces = TypedParameter.word("faces", default: FaceChoice.auto, namedOnly: true)
    let size = TypedParameter.int("size", in: 8...2048, or: "as the network's images", namedOnly: true)
    let margin = TypedParameter.number("margin", in: 0...4, default: 0, namedOnly: true)
    let align = TypedParameter.bool("align", default: false, namedOnly: true)
    let background = TypedParameter.bool("background", default: false, namedOnly: true)
    registry.add(
      Builtin(
        "serve",
        .of(
          people, port, host, enrol, tokenFile, limit, seconds, save, faces, size, margin, align, background,
          publicName, scriptToken),
        area: .gallery, summary: "Shows a gallery in the browser, until Ctrl-C or beside the prompt.",
        details: """
          Somebody drops, chooses or photographs a picture on the page. The page shows the faces in it, and for each \
          the nearest people, or "unknown" if nobody is nearer than the threshold. It also compares two pictures, \
          and shows the gallery with its distances. /openapi.json describes a JSON interface for programs. \
          host="127.0.0.1" lets this machine alone ask, "0.0.0.0" everybody who can reach it; \
          publicname="faces.example.org" is the name of a server with TLS before it. In both of these cases the \
          gallery's pictures are shown only to those who have the token. port=0 takes any free port. enrol=true lets \
          whoever knows the token enrol, remove and forget people. The token comes from tokenfile or TWINBOOK_TOKEN, or is \
          drawn and printed at the start; a script and its history hold none. The people are in the gallery \
          afterwards, and with save="people.gallery" in that file at once. faces="detect" looks for faces in each \
          picture (MTCNN, fetch("mtcnn")) and cuts them out with size, margin and align as extract does; "whole" takes \
          each picture as one face; "auto" takes small pictures so, and all if the detector's weights are not there. \
          A replay skips serve. background=true returns at once: the page shows the gallery as it is then, until \
          page.stop() (page = serve(people, background=true)), people.stop() or the end of the session; whatever was \
          enrolled on the page is in the gallery then.
          """,
        example: galleryExample + "fn show() { serve(people, port=8080, seconds=3600) }",
        errors: [
          "the gallery is empty and enrol is false", "another program listens at the port",
          "the network takes no pictures", "background=true with seconds=", "the gallery is served already",
        ], seeAlso: ["gallery", "gallery.calibrate"], alsoMethodOf: ["gallery"]
      ) { args, context in
        let object = try args[people]
        var options = ServerOptions()
        options.port = try args[port]
        options.host = try args[host]
        options.allowsEnrolling = try args[enrol]
        options.token = try token(args, context)
        options.publicName = try args[publicName]
        options.threshold = try args[limit]
        let wait = try args[seconds]
        if let path = try args[save] {
          let target = context.path(path)
          try refuseOtherEnding(path, at: target, save, "serve")
          try ReferenceGallery.checkPlaceToSave(target)
          options.savePath = target
        }
        options.finder = try faceFinder(
          try args[faces], side: try args[size] ?? GalleryServer.expectedSide(of: object.gallery.network) ?? 160,
          margin: try args[margin], align: try args[align])
        if try args[background] {
          guard wait == nil else {
            throw ArgumentError(
              seconds, "serve: seconds= is for a page that is waited for", help: "people.stop() ends the other")
          }
          return try serveInBackground(object, options, context)
        }
        if context.isReplaying {
          context.output.note("serve is passed over in a replay")
          return .none
        }
        if !context.speaks { return .none }
        try Ranks.alone { try serve(object, options, seconds: wait, context) }
        return .none
      })
  }

  /// Sixteen letters or more from a file or the environment; nil: one is drawn.
  private static func token(_ args: Arguments, _ context: ExecutionContext) throws -> String? {
    if args.isGiven(scriptToken), !context.isReplaying {
      throw ArgumentError(
        scriptToken, "serve: a token in a script stands in its history and in every copy of it",
        help: "put it into a file, tokenfile=\"token\", or into TWINBOOK_TOKEN")
    }
    guard let file = try args[tokenFile] else { return FileSystem.environment("TWINBOOK_TOKEN") }
    if context.isReplaying { return nil }
    let text = try FileSystem.readText(context.path(file), limit: 4096)
    return text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
  }

  private static func serve(
    _ object: GalleryObject, _ options: ServerOptions, seconds: Double?, _ context: ExecutionContext
  ) throws {
    let log = ChangeLog()
    var options = options
    options.log = { log.add($0) }
    func tellChanges() { for line in log.take() { context.output.note(line) } }
    let server: GalleryServer
    do { server = try GalleryServer(lending: LentGallery(object.gallery), options) } catch { throw placed(error) }
    warnBeforeServing(object, options, server, context)
    let end = seconds.map { ContinuousClock.now + .seconds($0) }
    let tally: GalleryServer.Tally
    do {
      tally = try server.serve(
        onStart: { context.output.note(greeting(object, options, port: $0, token: server.token)) },
        shouldStop: {
          tellChanges()
          return context.isInterrupted || end.map { ContinuousClock.now >= $0 } ?? false
        })
    } catch let error as ServerError { throw placed(error) }
    object.gallery.settle()
    tellChanges()
    // Ctrl-C was meant for the server; the script goes on.
    context.interrupt.lower()
    report(tally, isKept: options.savePath != nil || object.gallery.path != nil, context)
    // Who tells the process to go means the script as well.
    try context.checkInterruption()
  }

  static func warnBeforeServing(
    _ object: GalleryObject, _ options: ServerOptions, _ server: GalleryServer, _ context: ExecutionContext
  ) {
    if server.isOpenToOthers {
      context.output.warn(
        Explanation(
          "everybody who can reach this machine can ask this gallery who somebody is, and see the names in it",
          help: "its pictures are shown to who has the token; host=\"127.0.0.1\" is for this machine alone"))
    }
    if options.threshold == nil, object.gallery.calibration == nil {
      context.output.warn(
        Explanation(
          "the gallery has no threshold: nobody is ever unknown",
          help: "people.calibrate(dataset of other people) before, or threshold="))
    }
    if options.threshold == nil { warnOfStale(object, context) }
    if options.threshold == nil, let warning = thresholdOfPairs(object.gallery) { context.output.warn(warning) }
  }

  /// A threshold by pairs promises less than it seems to: a stranger is compared with everybody, and one pair that passes is
  /// enough. Told where more than a twentieth of the strangers may pass.
  static func thresholdOfPairs(_ gallery: ReferenceGallery) -> Explanation? {
    guard let calibration = gallery.calibration, calibration.counts != .query else { return nil }
    let people = gallery.labelCount
    // Each pair lets a stranger pass by that share: all but (1 − far)ᵖᵉᵒᵖˡᵉ, were the pairs independent.
    let refused = Elementary.pow(1 - min(1, max(0, calibration.far)), Double(people))
    guard people > 1, 1 - refused > 0.05 else { return nil }
    let far = calibration.far
    return Explanation(
      "the threshold lets a share of \(far) of different pairs pass, and a stranger is compared with \(people) people: up to "
        + "\(Int((100 * (1 - refused)).rounded())) % of strangers may be taken for one of them",
      help: "people.calibrate(others, far=\(far), per=\"query\") counts strangers, not pairs")
  }

  /// What happened from the page.
  static func report(_ tally: GalleryServer.Tally, isKept: Bool, _ context: ExecutionContext) {
    context.output.note("served \(tally.queries) \(tally.queries == 1 ? "query" : "queries")")
    guard tally.enrolled + tally.removed + tally.forgotten > 0 else { return }
    let gone = tally.forgotten == 1 ? "1 person" : "\(tally.forgotten) people"
    let forgotten = tally.forgotten == 0 ? "" : ", \(gone) forgotten"
    let enrolled = "\(tally.enrolled) reference\(tally.enrolled == 1 ? " was" : "s were") enrolled"
    let words = "from the page \(enrolled) and \(tally.removed) removed\(forgotten)"
    // A command of the shell has no session that somebody could replay.
    guard context.shellCommand == nil else {
      if isKept {
        context.output.note(words)
      } else {
        context.output.warn(
          Explanation(words + ", and the file does not have that", help: "twinbook serve --save writes it"))
      }
      return
    }
    context.output.warn(
      Explanation(
        words + ": a replay of this session will not have that",
        help: isKept ? nil : "people.save(\"people.gallery\") keeps them"))
  }
}

extension GalleryBindings {
  private static func greeting(_ object: GalleryObject, _ options: ServerOptions, port: Int, token: String) -> String {
    let address = address(options, port: port)
    let first = "serving \(object.summary) at \(address) until Ctrl-C"
    return first + tokenWords(options, address: address, token: token)
  }

  /// How to open the page with the token, where it is good for anything. A token that was given is not shown: logs of
  /// services are read by more people than its file.
  static func tokenWords(_ options: ServerOptions, address: String, token: String) -> String {
    guard options.allowsEnrolling || options.guardsPictures else { return "" }
    let what =
      options.allowsEnrolling ? (options.guardsPictures ? "to enrol and see pictures" : "to enrol") : "to see pictures"
    let place = options.publicName.map { "https://\($0)/" } ?? address
    guard options.token == nil else { return "\n\(what): \(place)#token= and the token that you gave" }
    return "\n\(what): \(place)#token=\(token)"
  }

  static func address(_ options: ServerOptions, port: Int) -> String {
    let shown = options.host.contains(":") ? "[\(options.host)]" : options.host
    return "http://\(["0.0.0.0", "::"].contains(options.host) ? "127.0.0.1" : shown):\(port)/"
  }

  /// Under the argument that is to blame.
  static func placed(_ error: ServerError) -> any Error {
    switch error {
    case .portTaken, .portForbidden: ArgumentError(port, error.explanation)
    case .badHost, .foreignAddress: ArgumentError(host, error.explanation)
    case .badName: ArgumentError(publicName, error.explanation)
    case .weakToken: ArgumentError(tokenFile, error.explanation)
    default: error
    }
  }
}

extension GalleryBindings {
  /// What functions of a gallery begin with.
  static let people = TypedParameter<GalleryObject>(.required("people", "gallery")) { args, place in
    guard let object = args[place].asObject(GalleryObject.self) else {
      throw args.mismatch(
        place, expected: "a gallery", help: "gallery(network) makes one, load(\"people.gallery\") reads one")
    }
    return object
  }
}
