import Foundation
import Gallery
import Synchronization
import Testing

@testable import Server

/// Forgetting from the page and by the JSON interface, and the log of what was changed.
@Suite struct ForgetRouteTests {
  private static let bearer = ["Authorization": "Bearer \(testToken)"]
  private static let name = "ann-who-asks-to-go"

  private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("twinbook-forget-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  /// The files of a folder in which the name stands.
  private func holders(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { file in
      try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file)).range(of: Data(Self.name.utf8)) != nil
    }
  }

  private func lines(_ reply: Reply, _ list: String, _ word: String) -> [String] {
    (reply.json[list] as? [[String: Any]] ?? []).map { "\($0["place"] ?? ""): \($0[word] ?? "")" }
  }

  @Test func itIsShownFirstAndDoneWhenAskedOnceMore() async throws {
    let characters = try Characters()
    try characters.gallery.enroll(
      Self.name, images: try characters.dataset.prepare(try characters.dataset.image(1)).values,
      shape: characters.dataset.shape)
    try await withServer(characters.gallery, { $0.allowsEnrolling = true }) { client in
      let path = "/api/forget?label=\(Self.name)"
      for _ in 0..<2 {
        let plan = try await client.post(path, [], Self.bearer)
        #expect(plan.status == 200 && plan.json["done"] as? Bool == false && plan.json["people"] as? Int == 7)
        #expect(lines(plan, "goes", "what") == ["the gallery: 1 reference, 1 picture"])
        #expect(lines(plan, "stays", "reason").contains { $0.hasPrefix("photographs, backups and copies") })
      }
      let done = try await client.post(path + "&sure=1", [], Self.bearer)
      #expect(done.status == 200 && done.json["done"] as? Bool == true && done.json["people"] as? Int == 6)
      #expect(lines(done, "goes", "what") == ["the gallery: 1 reference, 1 picture"])
      let again = try await client.post(path + "&sure=1", [], Self.bearer)
      #expect(again.status == 422 && again.error == "not-possible")
    }
    #expect(try characters.gallery.labels == characters.dataset.classNames)
    #expect(try characters.gallery.traces(of: Self.name).isEmpty)
  }

  @Test func itNeedsTheTokenAndAName() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      let closed = try await client.post("/api/forget?label=glyph1&sure=1", [], Self.bearer)
      #expect(closed.error == "read-only")
    }
    try await withServer(characters.gallery, { $0.allowsEnrolling = true }) { client in
      // What would go is told to nobody without it either.
      for path in ["/api/forget?label=glyph1", "/api/forget?label=glyph1&sure=1"] {
        let reply = try await client.post(path, [])
        #expect(reply.error == "wrong-token", "\(path)")
      }
      let got = try await client.get("/api/forget?label=glyph1&sure=1", Self.bearer)
      #expect(got.error == "wrong-method")
      for (bad, error) in [
        ("sure=1", "bad-label"), ("label=glyph1&sure=2", "bad-number"), ("label=glyph1&sure=yes", "bad-number"),
        ("label=glyph1&sure=-1", "bad-number"), ("label=nobody", "not-possible"),
        ("label=nobody&sure=1", "not-possible"),
      ] {
        let reply = try await client.post("/api/forget?" + bad, [], Self.bearer)
        #expect(reply.error == error, "\(bad)")
      }
    }
    #expect(characters.gallery.referenceCount == 6)
  }

  /// `remove` keeps them for undo, `forget` takes them out of every byte: references, what was removed, the journal.
  @Test func nothingIsLeftInTheFile() async throws {
    try await withFolder { folder in
      let characters = try Characters()
      let gallery = try ReferenceGallery.open(
        folder + "/people.gallery", network: characters.gallery.network, comparison: nil, measure: nil)
      let png = try characters.png(2)
      try await withServer(gallery, { $0.allowsEnrolling = true }) { client in
        for _ in 0..<2 {
          #expect(try await client.post("/api/enrol?label=\(Self.name)", png, Self.bearer).status == 200)
          #expect(try await client.post("/api/remove?label=\(Self.name)", [], Self.bearer).status == 200)
        }
        #expect(try await client.post("/api/enrol?label=bob", png, Self.bearer).status == 200)
        #expect(try holders(folder) != [])
        let plan = try await client.post("/api/forget?label=\(Self.name)", [], Self.bearer)
        // Removed, so that nobody sees them; and kept.
        #expect(plan.status == 200 && lines(plan, "goes", "what").first?.contains("kept for undo") == true)
        #expect(try holders(folder) != [])
        let done = try await client.post("/api/forget?label=\(Self.name)&sure=1", [], Self.bearer)
        #expect(done.json["done"] as? Bool == true, "\(done.text)")
        #expect(try holders(folder) == [])
      }
      #expect(try ReferenceGallery.open(folder + "/people.gallery").labels == ["bob"])
    }
  }

  /// A gallery in memory that is written into a file after each change: also there.
  @Test func theFileThatAServerSavesIntoForgetsToo() async throws {
    try await withFolder { folder in
      let characters = try Characters()
      try await withServer(
        characters.gallery,
        {
          $0.allowsEnrolling = true
          $0.savePath = folder + "/people.gallery"
        }
      ) { client in
        let png = try characters.png(2)
        #expect(try await client.post("/api/enrol?label=\(Self.name)", png, Self.bearer).status == 200)
        #expect(try holders(folder) != [])
        let plan = try await client.post("/api/forget?label=\(Self.name)", [], Self.bearer)
        #expect(lines(plan, "goes", "what").map { $0.prefix { $0 != ":" } } == ["the gallery", "the gallery's file"])
        #expect(try await client.post("/api/forget?label=\(Self.name)&sure=1", [], Self.bearer).status == 200)
        #expect(try holders(folder) == [])
        #expect(try ReferenceGallery.load(folder + "/people.gallery").labels == characters.dataset.classNames)
      }
    }
  }

  /// The owner of a copy hears that they are to be forgotten, and of what they were enrolled with no more.
  @Test func theOwnerOfACopyHearsOfIt() async throws {
    let characters = try Characters()
    var options = ServerOptions()
    (options.port, options.threshold, options.token) = (0, 0.01, testToken)
    (options.allowsEnrolling, options.isCopy) = (true, true)
    let server = try GalleryServer(lending: LentGallery(try characters.gallery.copy()), options)
    let client = Client(port: try await server.start())
    let png = try characters.png(2)
    for label in [Self.name, "bob"] {
      #expect(try await client.post("/api/enrol?label=\(label)", png, Self.bearer).status == 200)
    }
    // Removed from the copy, the picture is still among what the owner is to hear.
    #expect(try await client.post("/api/remove?label=\(Self.name)", [], Self.bearer).status == 200)
    let done = try await client.post("/api/forget?label=\(Self.name)&sure=1", [], Self.bearer)
    #expect(lines(done, "goes", "what") == ["what the session that serves has not heard yet: 2 changes"])
    #expect(lines(done, "stays", "reason").contains { $0.hasPrefix("the session that serves: has them until") })
    let (tally, changes) = try await onThread { server.end() }
    #expect(tally.enrolled == 2 && tally.forgotten == 1)
    #expect(changes.map(\.label) == ["bob", Self.name])
    guard case .forgotten = changes.last else {
      Issue.record("\(changes.map(\.label)) does not end with what was forgotten")
      return
    }
  }

  /// Who has another name now is shown in the plan; whoever is sure hears that nothing was done.
  @Test func aFormerNameIsNotForgottenByHalves() async throws {
    try await withFolder { folder in
      let network = try Characters().gallery.network
      let gallery = try ReferenceGallery.open(
        folder + "/people.gallery", network: network, comparison: nil, measure: nil)
      let characters = try Characters()
      try gallery.enroll(
        "annaschmidt", images: try characters.dataset.prepare(try characters.dataset.image(1)).values,
        shape: characters.dataset.shape)
      try gallery.rename("annaschmidt", to: "annameyer")
      try await withServer(gallery, { $0.allowsEnrolling = true }) { client in
        let plan = try await client.post("/api/forget?label=annaschmidt", [], Self.bearer)
        #expect(plan.status == 200 && (plan.json["goes"] as? [Any])?.isEmpty == true, "\(plan.text)")
        #expect(
          lines(plan, "stays", "reason").contains("the gallery: annameyer, who was called so: 1 reference"),
          "\(plan.text)")
        let sure = try await client.post("/api/forget?label=annaschmidt&sure=1", [], Self.bearer)
        #expect(sure.status == 422 && sure.text.contains("is called \\\"annameyer\\\" now"), "\(sure.text)")
        #expect((sure.json["remedy"] as? String)?.contains("/api/gallery?search=") == true)
      }
      #expect(try gallery.labels == ["annameyer"] && gallery.history(9).contains { $0.kind == "renamed" })
    }
  }

  // MARK: The log

  /// The same picture once more changes nothing in a file, and is no line; another agreement is one.
  @Test func whatChangesNothingIsNoLine() async throws {
    try await withFolder { folder in
      let characters = try Characters()
      let gallery = try ReferenceGallery.open(
        folder + "/people.gallery", network: characters.gallery.network, comparison: nil, measure: nil)
      try gallery.enroll(
        ["two\nlines", "bob"], images: try characters.dataset.tensor(items: [3, 6]).values,
        shape: characters.dataset.shape)
      let lines = Lines()
      try await withServer(
        gallery,
        {
          $0.allowsEnrolling = true
          $0.log = { lines.add($0) }
        }
      ) { client in
        let png = try characters.png(0)
        var pictures: [String?] = []
        for more in ["", "", "", "&consent=yes", "&consent=yes"] {
          let reply = try await client.post("/api/enrol?label=Ann\(more)", png, Self.bearer)
          #expect(reply.status == 200 && reply.json["references"] as? Int == 1)
          pictures.append(reply.json["picture"] as? String)
        }
        #expect(pictures.map { $0 != nil } == [true, false, false, false, false])
        #expect(try await client.post("/api/remove?label=two%0Alines", [], Self.bearer).status == 200)
      }
      let told = lines.all.map { $0.split(separator: " ", maxSplits: 1).last.map(String.init) ?? "" }
      #expect(
        told == [
          #"127.0.0.1 enrol "Ann", reference 1"#, #"127.0.0.1 renew "Ann", 1 reference"#,
          #"127.0.0.1 remove "two\u{a}lines", 1 reference"#,
        ])
    }
  }

  /// One line a change: when, from where, what, of whom.
  @Test func eachChangeIsALine() async throws {
    let characters = try Characters()
    let lines = Lines()
    let quoted = "Ann \"the\\boss\""
    let label = try #require(quoted.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
    try await withServer(
      characters.gallery,
      {
        $0.allowsEnrolling = true
        $0.log = { lines.add($0) }
      }
    ) { client in
      let png = try characters.png(0, number: 1)
      for (number, change) in ["enrol?label=\(label)", "enrol?label=\(label)", "remove?label=glyph1"].enumerated() {
        let picture = try characters.png(0, number: number)
        #expect(try await client.post("/api/" + change, picture, Self.bearer).status == 200)
      }
      // What changes nothing is no line: a question, a plan, somebody unknown, a wrong token, a name of two lines.
      #expect(try await client.post("/api/query", png).status == 200)
      #expect(try await client.post("/api/forget?label=\(label)", [], Self.bearer).status == 200)
      #expect(try await client.post("/api/remove?label=nobody", [], Self.bearer).status == 422)
      #expect(try await client.post("/api/remove?label=glyph2", []).status == 401)
      #expect(try await client.post("/api/enrol?label=a%0Ab", png, Self.bearer).status == 400)
      #expect(lines.all.count == 3)
      let done = try await client.post("/api/forget?label=\(label)&sure=1", [], Self.bearer)
      #expect(self.lines(done, "stays", "reason").contains { $0.hasPrefix("this server's log: ") })
    }
    let told = lines.all.map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
    #expect(
      told.map(\.last) == [
        #"127.0.0.1 enrol "Ann \"the\\boss\"", reference 1"#, #"127.0.0.1 enrol "Ann \"the\\boss\"", reference 2"#,
        #"127.0.0.1 remove "glyph1", 1 reference"#,
        #"127.0.0.1 forget "Ann \"the\\boss\"", 2 references, 2 pictures"#,
      ])
    for line in told { #expect(CalendarDate.seconds(line[0]) != nil, "\(line[0])") }
    #expect(!lines.all.contains { $0.contains(testToken) })
  }
}
