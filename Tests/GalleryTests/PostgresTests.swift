import Diagnostics
import Foundation
import MetricLearning
import NeuralNetworks
import TestSupport
import Testing

@testable import Gallery
@testable import Postgres

enum PostgresServer {
  static var address: String? { ProcessInfo.processInfo.environment["TWINBOOK_POSTGRES"] }
}

/// Against a real PostgreSQL with pgvector, which `Scripts/postgres.sh start` starts (`.ci/run` does); TWINBOOK_POSTGRES is
/// its address.
@Suite(.serialized, .enabled(if: PostgresServer.address != nil, "TWINBOOK_POSTGRES names no database"))
struct PostgresTests {
  private let address: String
  private let shape = GalleryTests.shape

  /// Each test has a schema of its own.
  init() throws {
    let given = try #require(PostgresServer.address)
    let schema = "test\(UInt32.random(in: .min ... .max))"
    let connection = try PostgresConnection(given)
    try connection.runText("CREATE SCHEMA \(schema)")
    address = given + (given.contains("?") ? "&" : "?") + "options=-csearch_path%3D\(schema)%2Cpublic"
  }

  private func opened(_ network: Network? = nil, metric: Metric? = nil) throws -> ReferenceGallery {
    try ReferenceGallery.open(
      address, network: try network ?? GalleryTests.identity(), comparison: nil,
      measure: metric.map { ReferenceGallery.Measure(metric: $0) })
  }

  /// The same calls give the same answers as in memory, to the last bit.
  @Test(arguments: [Metric.euclidean, .squared, .cosine]) func answersAsInMemory(metric: Metric) throws {
    let people = try opened(metric: metric)
    let memory = ReferenceGallery(network: try GalleryTests.identity(), measure: .init(metric: metric))
    var numbers = TestNumbers(5)
    let values = numbers.floats(1200).map { $0 * 4 + 0.1 }
    for gallery in [people, memory] {
      try gallery.enroll("ann", images: [0.5, 0.25, 0.25, 1], shape: shape)
      try gallery.enroll((0..<600).map { "p\($0 % 70)" }, embeddings: values, width: 2)
      try gallery.rename("ann", to: "anna")
      #expect(try gallery.remove("p5") > 0)
    }
    #expect(try people.labels == memory.labels && people.referenceCount == memory.referenceCount)
    let asked = numbers.floats(100).map { $0 * 4 }
    func answers(_ gallery: ReferenceGallery) throws -> [[String]] {
      try gallery.query(embeddings: asked, width: 2, k: 3).map { $0.map { "\($0.label) \($0.distance.bitPattern)" } }
    }
    #expect(try answers(people) == answers(memory))
    #expect(try people.page(search: "ANN", offset: 0, limit: 5, references: 2).list.map(\.label) == ["anna"])
    // Another server on the same database.
    let other = try ReferenceGallery.open(address)
    #expect(try answers(other) == answers(memory))
    #expect(try other.oddReferences().map(\.own) == memory.oddReferences().map(\.own))
    try people.calibrate(same: [0.1], different: [1, 3], far: 0, source: "numbers")
    #expect(try ReferenceGallery.open(address).calibration == people.calibration)
  }

  @Test func severalWriteAtOnce() throws {
    let people = try opened()
    try people.enroll("ann", images: [0, 1], shape: shape)
    // The same again is there already; so is what another writes.
    let other = try opened()
    try other.enroll("ann", images: [0, 1, 0, 2], shape: shape)
    try people.enroll("ann", images: [0, 2], shape: shape)
    #expect(try people.referenceCount(of: "ann") == 2)
    let threads = (0..<4).map { writer in
      let (address, shape) = (address, shape)
      let done = DispatchSemaphore(value: 0)
      Thread {
        let own = try? ReferenceGallery.open(address)
        for index in 0..<20 {
          _ = try? own?.enroll(
            ["both", "w\(writer)"], embeddings: [Float(index), 1, Float(writer), Float(index)], width: 2)
        }
        _ = shape
        done.signal()
      }.start()
      return done
    }
    for done in threads { done.wait() }
    #expect(try people.referenceCount(of: "both") == 20)
    for writer in 0..<4 { #expect(try people.referenceCount(of: "w\(writer)") == 20) }
  }

  @Test func labelsMayHaveAnyCharacters() throws {
    let people = try opened()
    let labels = ["'; DROP TABLE twinbook_label; --", "$1", "\\", "née", "👩‍👩‍👧", "%_", "a\nb\tc"]
    try people.enroll(labels, embeddings: (0..<14).map { Float($0) }, width: 2)
    #expect(try people.labels == labels)
    for label in labels { #expect(try people.remove(label) == 1) }
    #expect(throws: PostgresError.zeroCharacter) { try people.enroll("a\u{0}b", images: [0, 1], shape: shape) }
    #expect(people.referenceCount == 0)
  }

  @Test func theIndexIsMadeAndSaysWhatItFinds() throws {
    let people = try opened(try GraphTests.network(16))
    var numbers = TestNumbers(3)
    let values = numbers.floats(6000 * 16)
    try people.enroll((0..<6000).map { "p\($0)" }, embeddings: values, width: 16)
    let health = try people.health()
    let database = try #require(health.database)
    #expect(database.index == "ready" && health.references == 6000 && health.labels == 6000 && database.schema == 2)
    #expect((database.recall ?? 0) >= 0.9, "\(health)")
    // How far it looks is chosen by what it finds, and whoever comes later looks as far, also after a lost connection.
    #expect(PostgresStore.breadths.contains(database.breadth ?? 0))
    let later = try ReferenceGallery.open(address)
    let remote = try #require(later.remote)
    try remote.set("breadth", 400)
    try remote.count()
    func setting() throws -> String? {
      try remote.connection.ask("SELECT current_setting('hnsw.ef_search')").text(0, 0)
    }
    #expect(try setting() == "400")
    let other = try PostgresConnection(address)
    _ = try other.ask(
      "SELECT pg_terminate_backend($1::bigint::int)",
      [.number(try #require(try remote.connection.ask("SELECT pg_backend_pid()::bigint").number(0, 0)))])
    #expect(try setting() == "400")
    #expect(try later.health().database?.breadth == 400)
    // That of a large gallery has more links.
    func links() throws -> String? {
      try remote.connection.ask(
        "SELECT reloptions::text FROM pg_class WHERE oid = to_regclass('twinbook_reference_hnsw')"
      ).text(0, 0)
    }
    #expect(try links() == nil)
    try remote.connection.run("DROP INDEX twinbook_reference_hnsw")
    try remote.makeIndex(large: 6000)
    #expect(try links() == "{m=24,ef_construction=128}")
    #expect(try later.health().database?.index == "ready")
    let found = try people.query(embeddings: Array(values[160..<176]), width: 16, k: 2)[0]
    #expect(found[0].label == "p10" && found[0].distance == 0 && found[1].distance > 0)
  }

  /// PostgreSQL keeps one plan for a statement that was asked five times: the index answered where all were to be looked at.
  @Test func theSameQuestionHasTheSameAnswer() throws {
    let people = try opened(try GraphTests.network(4))
    var numbers = TestNumbers(7)
    try people.enroll(["a"], embeddings: numbers.floats(6000 * 4).map { $0 * 0.01 }, width: 4)
    try people.enroll(["b", "c", "d"], embeddings: [2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0], width: 4)
    for _ in 0..<10 {
      let found = try people.query(embeddings: [0, 0, 0, 0], width: 4, k: 4)[0]
      #expect(found.map(\.label) == ["a", "b", "c", "d"])
    }
  }

  @Test func whoHasExpiredDoesNotAnswer() throws {
    let people = try opened(try GraphTests.network(16))
    var numbers = TestNumbers(3)
    let values = numbers.floats(6000 * 16)
    let near = Array(values[160..<176])
    // More of them than the index looks through stand before the first that answers.
    var others: [Float] = []
    for index in 0..<300 { others += near.map { $0 + Float(index) * 1e-5 } }
    try people.enroll((0..<6000).map { "p\($0)" }, embeddings: values, width: 16, source: "numbers")
    try people.enroll((0..<300).map { "q\($0)" }, embeddings: others, width: 16, consent: "for a day", expires: 5)
    #expect(try people.health().expired == 300 && people.expiredCount == 300)
    let found = try people.query(embeddings: near, width: 16, k: 2)[0]
    #expect(found.map { String($0.label.prefix(1)) } == ["p", "p"] && found[0].label == "p10")
    #expect(try people.near(threshold: 1e-3).isEmpty)
    #expect(try people.renew("q0", .init(consent: "again", expires: .at(people.time + 1000))) == 1)
    #expect(try people.query(embeddings: near, width: 16, k: 1)[0][0].label == "q0" || people.expiredCount == 299)
    #expect(try people.nextExpiry() != nil && people.summary(of: "q0").consents == ["again"])
    // The same again, with another agreement.
    try people.enroll(["q1"], embeddings: Array(others[16..<32]), width: 16, consent: "yes")
    #expect(try people.referenceCount(of: "q1") == 1 && people.summary(of: "q1").consents == ["yes"])
    let other = try ReferenceGallery.open(address)
    #expect(try other.origin(ofReference: 1)?.source == "numbers" && other.expiredCount == 299)
  }

  /// Tables as schema 1 had them.
  @Test func olderTablesAreBroughtUpToDate() throws {
    do {
      let people = try opened()
      try people.enroll("ann", images: [0, 1], shape: shape, source: "a card")
    }
    let connection = try PostgresConnection(address)
    try connection.run(
      "ALTER TABLE twinbook_reference DROP COLUMN consent, DROP COLUMN expires; UPDATE twinbook_setting SET number = 1 WHERE name = 'schema'"
    )
    // A role that may not change them reads them as they are.
    let role = "reader\(UInt32.random(in: .min ... .max))"
    let schema = try connection.ask("SELECT current_schema()").text(0, 0) ?? ""
    try connection.runText(
      "CREATE ROLE \(role) LOGIN; GRANT USAGE ON SCHEMA \(schema) TO \(role); GRANT SELECT ON ALL TABLES IN SCHEMA \(schema) TO \(role)"
    )
    defer { try? connection.runText("DROP OWNED BY \(role); DROP ROLE \(role)") }
    let reader = try ReferenceGallery.open(address.replacing("//twin@", with: "//\(role)@"))
    #expect(try reader.query([0, 1], shape: shape, k: 1)[0].label == "ann" && reader.expiredCount == 0)
    #expect(try reader.origin(ofReference: 1)?.source == "a card")
    let people = try ReferenceGallery.open(address)
    #expect(try people.query([0, 1], shape: shape, k: 1)[0].label == "ann")
    try people.enroll("bob", images: [3, 0], shape: shape, expires: 5)
    #expect(people.expiredCount == 1)
    #expect(try people.health().database?.schema == 2)
  }

  /// Where the server's files can be read they are looked through.
  @Test func whoIsForgottenIsInNoTable() throws {
    let people = try opened()
    let (name, secret): (String, [Float]) = ("ann-who-asks-to-go", [12345.678, -98765.43])
    try people.enroll("bob", images: [3, 0], shape: shape)
    try people.enroll("first-name", images: secret, shape: shape, source: "a card", consent: "yes")
    try people.rename("first-name", to: name)
    let connection = try PostgresConnection(address)
    func files() throws -> [String] {
      let folder = try connection.ask("SHOW data_directory").text(0, 0) ?? ""
      return try ["twinbook_label", "twinbook_journal", "twinbook_reference"].compactMap { table in
        try connection.ask("SELECT pg_relation_filepath(to_regclass($1))", [.text(table)]).text(0, 0)
      }.map { folder + "/" + $0 }
    }
    func holds(_ bytes: [UInt8]) throws -> Int {
      try connection.run("CHECKPOINT")
      return try files().count { FileManager.default.contents(atPath: $0)?.range(of: Data(bytes)) != nil }
    }
    let isReadable = try files().allSatisfy { FileManager.default.isReadableFile(atPath: $0) }
    let bytes = secret.withUnsafeBytes { Array($0) }
    if isReadable { #expect(try holds(Array(name.utf8)) == 2 && holds(bytes) == 1) }
    let traces = try people.traces(of: name)
    #expect(traces.references == 1 && traces.pictures == 1 && traces.changes == 2)
    let held = try people.everything(of: name)
    #expect(held.map(\.embedding) == [secret] && held[0].origin.consent == "yes" && held[0].picture == secret)
    let left = try people.forget(name).left
    #expect(left.count == 1 && left[0].contains("backups"), "\(left)")
    #expect(try people.labels == ["bob"] && people.query(secret, shape: shape, k: 1)[0].label == "bob")
    for old in ["first-name", name] {
      let rows = try connection.ask("SELECT 1 FROM twinbook_journal WHERE label = $1 OR other = $1", [.text(old)])
      #expect(rows.count == 0)
      if isReadable { #expect(try holds(Array(old.utf8)) == 0) }
    }
    if isReadable { #expect(try holds(bytes) == 0) }
    #expect(throws: GalleryError.self) { try people.forget(name) }
  }

  @Test func aFormerNameLeadsToTheNewOne() throws {
    let people = try opened()
    try people.enroll("annaschmidt", images: [0, 1], shape: shape)
    try people.rename("annaschmidt", to: "annameyer")
    let traces = try people.traces(of: "annaschmidt")
    #expect(traces.isEmpty && traces.successors == [.init(name: "annameyer", references: 1)])
    #expect(throws: GalleryError.calledOtherwise(label: "annaschmidt", now: ["annameyer"])) {
      try people.forget("annaschmidt")
    }
    #expect(try people.labels == ["annameyer"])
    #expect(try people.enroll("annameyer", images: [0, 1], shape: shape, consent: "yes") == .init(renewed: 1))
    #expect(try people.enroll("annameyer", images: [0, 1], shape: shape, consent: "yes") == .init())
    try people.remove("annameyer")
    #expect(try people.traces(of: "annaschmidt").successors == [])
  }

  @Test func whatGoesWrongIsSaidInWords() throws {
    #expect(throws: (any Error).self) { try ReferenceGallery.open("postgresql://twin@127.0.0.1:1/none") }
    do { _ = try ReferenceGallery.open("postgresql://twin:secret@127.0.0.1:1/none?password=secret") } catch {
      let words = (error as? any ExplainedError)?.explanation.message ?? ""
      #expect(words.contains("127.0.0.1:1") && !words.contains("secret"), "\(words)")
      #expect(words.hasSuffix("Connection refused"), "\(words)")
    }
    let people = try opened()
    try people.enroll("ann", images: [0, 1], shape: shape)
    #expect(throws: GalleryError.wrongWidth(function: "query", expected: 2, got: 3)) {
      try people.query(embeddings: [1, 2, 3], width: 3)
    }
    #expect(throws: GalleryError.embeddingNotFinite(function: "enroll")) {
      try people.enroll(["x"], embeddings: [.nan, 1], width: 2)
    }
    #expect(throws: GalleryError.noDatabaseMeasure("l1")) { try opened(metric: .l1) }
    let doubled = try GalleryTests.identity()
    #expect(doubled.weights[0].set([2, 0, 0, 2]))
    #expect(throws: GalleryError.otherNetwork(path: PostgresConnection.shown(address))) { try opened(doubled) }
    // A connection that is cut off in between is made again with the next question.
    let remote = try #require(people.remote)
    let own = try remote.connection.ask("SELECT pg_backend_pid()").number(0, 0) ?? 0
    let killer = try PostgresConnection(address)
    _ = try killer.ask("SELECT pg_terminate_backend($1::int)", [.text("\(own)")])
    #expect(try people.query([0, 1], shape: shape, k: 1)[0].label == "ann")
    // A newer schema is refused.
    try remote.set("schema", 9)
    #expect(throws: GalleryError.self) { try ReferenceGallery.open(address) }
  }

  /// Opening alone makes no tables in a database that may have another purpose, and says how a gallery is made there.
  @Test func openingMakesNothing() throws {
    let place = PostgresConnection.shown(address)
    #expect(throws: GalleryError.noGallery(path: place)) { try ReferenceGallery.open(address) }
    let connection = try PostgresConnection(address)
    #expect(try connection.ask("SELECT to_regclass('twinbook_setting') IS NULL").number(0, 0) == 1)
    #expect(GalleryError.noGallery(path: place).explanation.help?.contains("gallery(net, at=\"\(place)\")") == true)
    // Made, and nobody enrolled yet.
    let people = try opened()
    #expect(throws: GalleryError.noNetworkYet(path: place)) { try ReferenceGallery.open(address) }
    try people.checkPlace()
    try people.enroll("E\u{301}va", images: [0, 1], shape: shape)
    for search in ["\u{E9}VA", "e\u{301}v"] {
      #expect(try people.page(search: search, offset: 0, limit: 5, references: 0).found == 1, "\(search)")
    }
  }

  /// A role that may read and no more.
  @Test func aRoleWithoutRightsIsTold() throws {
    let people = try opened()
    try people.enroll("ann", images: [0, 1], shape: shape)
    let connection = try PostgresConnection(address)
    let role = "reader\(UInt32.random(in: .min ... .max))"
    let schema = try connection.ask("SELECT current_schema()").text(0, 0) ?? ""
    try connection.runText(
      "CREATE ROLE \(role) LOGIN; GRANT USAGE ON SCHEMA \(schema) TO \(role); GRANT SELECT ON ALL TABLES IN SCHEMA \(schema) TO \(role)"
    )
    defer { try? connection.runText("DROP OWNED BY \(role); DROP ROLE \(role)") }
    let reader = try ReferenceGallery.open(address.replacing("//twin@", with: "//\(role)@"))
    #expect(try reader.query([0, 1], shape: shape, k: 1)[0].label == "ann")
    do {
      try reader.remove("ann")
      Issue.record("a reader removed somebody")
    } catch let error as PostgresError {
      guard case .forbidden = error else {
        Issue.record("\(error)")
        return
      }
    }
  }
}
