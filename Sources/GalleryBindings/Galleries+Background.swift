import Diagnostics
import Gallery
import Interpreter
import Server

/// A page that stays open beside the prompt.
///
/// It shows the gallery as it was when it was opened: the prompt may train the network and change the gallery meanwhile.
/// What is enrolled and removed from the page comes to the gallery when it is closed.
final class ServerObject: HostObject {
  let people: GalleryObject
  let address: String
  private let of: String
  /// Nil in a replay, and when it is stopped.
  private var server: GalleryServer?
  private var isStopped = false
  /// What was changed from the page, a line each; told when it closes, so that nothing comes between a line that is typed.
  private let log: ChangeLog?
  private static let shown = 40

  /// - Parameter server: nil in a replay: nothing is opened, and the script goes on as if it were.
  init(_ people: GalleryObject, _ server: GalleryServer?, log: ChangeLog? = nil, address: String) {
    (self.people, self.server, self.log, self.address) = (people, server, log, address)
    of = people.summary
    super.init()
  }

  override var typeName: String { "server" }
  // Recorded as a result: without the port, which another run may not get.
  override var summary: String { "page of a \(of)" + (isStopped ? ", closed" : "") }
  override func describe(_ style: DisplayStyle) -> String { summary }

  var isRunning: Bool { server != nil }

  /// Answers who is asking, and listens no more. A second time nothing happens.
  func stop(_ context: ExecutionContext) throws {
    isStopped = true
    if people.page === self { people.page = nil }
    guard let server else { return }
    self.server = nil
    let (tally, changes) = server.end()
    // A gallery in a file has them from there.
    for change in changes where people.gallery.path == nil {
      switch change {
      case .enrolled(let label, let input, let shape, let agreement):
        try people.gallery.enroll(
          label, images: input, shape: shape, source: "page", consent: agreement.consent, expires: agreement.expires)
      case .removed(let label):
        if try people.gallery.contains(label) { _ = try people.gallery.remove(label) }
      case .forgotten(let label):
        if try !people.gallery.traces(of: label).isEmpty { try people.gallery.forget(label) }
      }
    }
    let lines = log?.take() ?? []
    for line in lines.prefix(Self.shown) { context.output.note(line) }
    if lines.count > Self.shown { context.output.note("… and \(lines.count - Self.shown) more changes") }
    GalleryBindings.report(tally, isKept: people.gallery.path != nil, context)
  }
}

extension GalleryBindings {
  static func registerServers(_ registry: inout BuiltinRegistry) {
    let example = galleryExample + "page = serve(people, port=0, background=true)\n"
    for type in ["server", "gallery"] {
      registry.add(
        Builtin(
          method: "stop", of: type, [], area: .gallery,
          summary:
            "Closes the page that serve(background=true) opened; what was enrolled from it is in the gallery then.",
          example: example + (type == "server" ? "page.stop()" : "people.stop()"), seeAlso: ["serve"]
        ) { args, context in
          if type == "server" {
            try args.receiver(ServerObject.self).stop(context)
          } else {
            try args.receiver(GalleryObject.self).page?.stop(context)
          }
          return .none
        })
    }
    registry.add(
      Builtin(
        property: "address", of: "server", area: .gallery, summary: "Where a browser finds the page.",
        example: example + "page.address.startswith(\"http://127.0.0.1:\")\n#> true\npage.stop()", seeAlso: ["serve"]
      ) { args, _ in Value(try args.receiver(ServerObject.self).address) })
    registry.add(
      Builtin(
        property: "running", of: "server", area: .gallery, summary: "Whether the page is open.",
        example: example + "page.stop()\npage.running\n#> false", seeAlso: ["serve"]
      ) { args, _ in Value(try args.receiver(ServerObject.self).isRunning) })
  }

  /// Opens the page on a copy, and comes back.
  static func serveInBackground(_ object: GalleryObject, _ options: ServerOptions, _ context: ExecutionContext) throws
    -> Value
  {
    if let page = object.page {
      throw ArgumentError(
        people, "serve: this gallery is served already, at \(page.address)",
        help: "people.stop() closes that page first")
    }
    if context.isReplaying {
      context.output.note("serve is passed over in a replay")
      return Value(ServerObject(object, nil, address: "http://\(options.host):\(options.port)/"))
    }
    if !context.speaks {
      return Value(ServerObject(object, nil, address: "http://\(options.host):\(options.port)/"))
    }
    let copy = try object.gallery.copy()
    let log = ChangeLog()
    var options = options
    options.isCopy = true
    options.log = { log.add($0) }
    let server: GalleryServer
    let port: Int
    do {
      server = try GalleryServer(lending: LentGallery(copy), options)
      port = try server.begin()
    } catch { throw placed(error) }
    warnBeforeServing(object, options, server, context)
    let address = address(options, port: port)
    let page = ServerObject(object, server, log: log, address: address)
    object.page = page
    context.output.note(
      "serving \(object.summary) at \(address) until people.stop()"
        + tokenWords(options, address: address, token: server.token))
    return Value(page)
  }
}
