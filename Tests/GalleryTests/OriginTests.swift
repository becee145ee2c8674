import Files
import Foundation
import NeuralNetworks
import SQLite
import TestSupport
import Testing

@testable import Gallery

/// When references were enrolled, from where, what was agreed to, and until when: in memory and in a file alike.
@Suite struct OriginTests {
  enum Place: CaseIterable { case memory, file }

  private let folder: TemporaryFolder
  private var file: String { folder.path + "/people.gallery" }
  private let shape = GalleryTests.shape

  init() throws { folder = try TemporaryFolder() }

  private func made(_ place: Place, comparison: ReferenceGallery.Comparison = .nearest) throws -> ReferenceGallery {
    switch place {
    case .memory: return ReferenceGallery(network: try GalleryTests.identity(), comparison: comparison)
    case .file:
      return try ReferenceGallery.open(
        file, network: try GalleryTests.identity(), comparison: comparison, measure: nil)
    }
  }

  /// A moment that stands still until it is moved.
  private final class Clock {
    var now: Double = 1_000_000
  }

  private func people(
    _ place: Place, _ clock: Clock, comparison: ReferenceGallery.Comparison = .nearest
  ) throws -> ReferenceGallery {
    let people = try made(place, comparison: comparison)
    people.now = { clock.now }
    try people.enroll("ann", images: [0, 0], shape: shape, source: "a card", consent: "yes", expires: 1_000_100)
    try people.enroll("ann", images: [0, 1], shape: shape)
    try people.enroll("bob", images: [3, 0], shape: shape, expires: 1_000_200)
    try people.enroll(["cid", "dan"], embeddings: [0, 5, 9, 9], width: 2, consent: "a form")
    return people
  }

  @Test(arguments: Place.allCases) func whatIsSaidIsKept(_ place: Place) throws {
    let clock = Clock()
    let people = try people(place, clock)
    typealias Origin = ReferenceGallery.Origin
    let expected = [
      Origin(enrolled: 1_000_000, source: "a card", consent: "yes", expires: 1_000_100), Origin(enrolled: 1_000_000),
      Origin(enrolled: 1_000_000, expires: 1_000_200), Origin(enrolled: 1_000_000, consent: "a form"),
      Origin(enrolled: 1_000_000, consent: "a form"),
    ]
    func origins(_ gallery: ReferenceGallery) throws -> [Origin?] {
      try (0..<gallery.referenceCount).map { try gallery.origin(ofReference: $0) }
    }
    #expect(try origins(people) == expected)
    #expect(try people.origin(ofReference: 5) == nil)
    // A new file of it, that file again, and a copy in memory.
    try people.save(folder.path + "/copy.gallery")
    #expect(try origins(ReferenceGallery.open(folder.path + "/copy.gallery")) == expected)
    #expect(try origins(people.copy()) == expected)
    try people.remove("ann")
    #expect(try origins(people) == Array(expected[2...]))
    let summary = try people.summary(of: "cid")
    #expect(summary.count == 1 && summary.consents == ["a form"] && summary.expires == nil && summary.sources == [])
    #expect(summary.enrolled == 1_000_000)
  }

  @Test(arguments: Place.allCases, ReferenceGallery.Comparison.allCases)
  func whoHasExpiredDoesNotAnswer(_ place: Place, _ comparison: ReferenceGallery.Comparison) throws {
    let clock = Clock()
    let people = try people(place, clock, comparison: comparison)
    func nearest(_ x: Float, _ y: Float) throws -> [String] {
      try people.query([x, y], shape: shape, k: 9).map(\.label)
    }
    #expect(try nearest(0, 0) == ["ann", "bob", "cid", "dan"] && people.expiredCount == 0)
    #expect(try people.nextExpiry() == 1_000_100)
    clock.now = 1_000_100
    // The other of ann's references answers still, from its own place.
    #expect(try people.query([0, 0], shape: shape, k: 1)[0].distance == 1)
    #expect(people.expiredCount == 1 && people.answeringCount == 4 && people.referenceCount == 5)
    clock.now = 1_000_200
    #expect(try nearest(3, 0) == ["ann", "cid", "dan"])
    try people.calibrate(same: [0.1], different: [1, 3], far: 0, source: "numbers")
    #expect(try people.identify([3, 0], shape: shape).label == nil)
    #expect(try people.identify(embeddings: [3, 0], width: 2)[0].nearest.label == "ann")
    #expect(try people.near(threshold: 100).allSatisfy { $0.label != "bob" && $0.other != "bob" })
    #expect(try people.near(threshold: 100).map(\.label) == ["ann", "cid"])
    #expect(try people.oddReferences().allSatisfy { $0.other != "bob" })
    #expect(try people.referenceDistances().references == 3)
    #expect(try people.labels == ["ann", "bob", "cid", "dan"])
    #expect(try people.summary(of: "bob").expired == 1 && people.nextExpiry() == nil)
    #expect(try people.page(offset: 0, limit: 9, references: 9).list.map(\.count) == [2, 1, 1, 1])
    let health = try people.health()
    #expect(health.expired == 2 && health.references == 5 && health.place == (place == .memory ? .memory : .file))
    // The clock may be set back.
    clock.now = 1_000_000
    #expect(try nearest(3, 0).first == "bob" && people.expiredCount == 0)
  }

  @Test(arguments: Place.allCases) func whereAllHaveExpiredThatIsSaid(_ place: Place) throws {
    let clock = Clock()
    let people = try made(place)
    people.now = { clock.now }
    try people.enroll("ann", images: [0, 0], shape: shape, expires: 5)
    #expect(throws: GalleryError.allExpired(function: "query", count: 1)) { try people.query([0, 0], shape: shape) }
    #expect(throws: GalleryError.allExpired(function: "identify", count: 1)) {
      try people.identify([0, 0], shape: shape, threshold: 1)
    }
    // Two pictures are compared without the gallery's references.
    #expect(try people.verify([0, 0], [0, 0], shape: shape, threshold: 1).same)
    try people.renew("ann", .init(consent: "again", expires: .never))
    #expect(try people.query([0, 0], shape: shape)[0].label == "ann")
    #expect(throws: GalleryError.self) { try people.renew("nobody", .init(consent: "x")) }
    #expect(try people.renew("ann", .init()) == 0)
    #expect(try people.renew("ann", .init(consent: "again")) == 0)
  }

  /// Thousands with a graph: those that have expired are passed over there, too.
  @Test func theGraphPassesOverThem() throws {
    let clock = Clock()
    let people = try made(.memory)
    people.now = { clock.now }
    people.indexKind = .hnsw
    var numbers = TestNumbers(4)
    try people.enroll((0..<2500).map { "p\($0)" }, embeddings: numbers.floats(5000), width: 2)
    try people.enroll("late", images: [0.25, 0.25], shape: shape, expires: 1_000_001)
    #expect(try people.query([0.25, 0.25], shape: shape, k: 1)[0].label == "late")
    clock.now += 1
    #expect(try people.query([0.25, 0.25], shape: shape, k: 3).allSatisfy { $0.label != "late" })
  }

  @Test func anotherProgramSeesIt() throws {
    let clock = Clock()
    let people = try people(.file, clock)
    let other = try ReferenceGallery.open(file)
    other.now = { clock.now }
    clock.now = 1_000_100
    #expect(other.expiredCount == 1)
    try people.enroll("eve", images: [7, 7], shape: shape, expires: 1_000_050)
    #expect(try other.query([7, 7], shape: shape, k: 1)[0].label != "eve")
    #expect(try other.renew("eve", .init(expires: .at(1_000_300))) == 1)
    #expect(try people.query([7, 7], shape: shape, k: 1)[0].label == "eve")
    #expect(try people.undo()?.kind == "renewed")
    #expect(try other.query([7, 7], shape: shape, k: 1)[0].label != "eve")
    // The same picture again, with another agreement: it is no second reference, and the agreement is the new one.
    try people.enroll("eve", images: [7, 7], shape: shape, consent: "yes", expires: 1_000_400)
    #expect(try other.referenceCount(of: "eve") == 1 && other.summary(of: "eve").consents == ["yes"])
    #expect(try other.query([7, 7], shape: shape, k: 1)[0].label == "eve")
    #expect(try people.undo()?.kind == "renewed" && people.summary(of: "eve").consents == [])
    // Some of one call are there, some are not.
    try people.enroll(["eve", "fay"], embeddings: [7, 7, 8, 8], width: 2, consent: "both")
    #expect(try other.labels.last == "fay" && other.summary(of: "eve").consents == ["both"])
    #expect(try people.undo()?.kind == "renewed" && people.undo()?.kind == "enrolled")
    #expect(try people.labels == ["ann", "bob", "cid", "dan", "eve"])
  }

  /// A file as version 3 wrote it: without where references came from.
  @Test func filesOfTheVersionBeforeAreBroughtUpToDate() throws {
    do {
      let people = try made(.file)
      try people.enroll("ann", images: [0, 1], shape: shape, source: "a card")
      try people.enroll(["bob", "cid"], embeddings: [3, 0, 4, 0], width: 2, source: "a list")
    }
    func age() throws {
      let database = try SQLiteDatabase(file, path: file, .writing)
      try database.run(
        "ALTER TABLE reference DROP COLUMN origin; DROP TABLE origin; PRAGMA user_version = 3; PRAGMA wal_checkpoint(TRUNCATE)"
      )
    }
    try age()
    // One that may only be read answers as it is.
    #expect(chmod(file, 0o400) == 0 && chmod(folder.path, 0o500) == 0)
    if geteuid() != 0 {
      let read = try ReferenceGallery.open(file)
      #expect(try read.query([0, 1], shape: shape, k: 1)[0].label == "ann")
      #expect(try read.origin(ofReference: 0)?.source == "a card" && read.summary(of: "ann").count == 1)
    }
    #expect(chmod(file, 0o600) == 0 && chmod(folder.path, 0o700) == 0)
    let people = try ReferenceGallery.open(file)
    #expect(try people.labels == ["ann", "bob", "cid"])
    // The journal knew.
    #expect(try people.origin(ofReference: 0)?.source == "a card")
    #expect(try people.origin(ofReference: 2)?.source == "a list" && people.origin(ofReference: 2)?.enrolled != nil)
    try people.enroll("dan", images: [9, 9], shape: shape, consent: "yes", expires: 5)
    #expect(people.expiredCount == 1)
    #expect(try people.renew("ann", .init(consent: "asked")) == 1)
    #expect(try people.origin(ofReference: 0)?.source == "a card" && people.origin(ofReference: 0)?.consent == "asked")
    #expect(try people.undo()?.kind == "renewed" && people.origin(ofReference: 0)?.consent == nil)
  }

  @Test func datesAreReadAndWritten() {
    for (text, seconds) in [
      ("1970-01-01", 0.0), ("2027-01-31", 1_801_353_600), ("2024-02-29", 1_709_164_800),
      ("2027-01-31T12:30:00Z", 1_801_398_600), ("2000-03-01", 951_868_800), ("9999-12-31", 253_402_214_400),
      ("2100-03-01", 4_107_542_400),
    ] {
      #expect(CalendarDate.seconds(text) == seconds, "\(text)")
      #expect(CalendarDate.text(seconds) == text, "\(text)")
    }
    #expect(CalendarDate.seconds("2027-01-31T12:30Z") == 1_801_398_600)
    for text in [
      "", "2027", "2027-1-31", "2027-13-01", "2027-02-29", "2100-02-29", "1969-12-31", "2027-01-32", "2027-01-31 12:30",
      "31.01.2027", "2027-01-31T24:00Z", "2027-01-31T12:60Z", "2027-01-31T12:30:61Z", "2027-01-31T12:30:00+01:00",
      "２０２７-01-31", "20270131ab", "2027-00-10", "2027-01-00", "never",
    ] {
      #expect(CalendarDate.seconds(text) == nil, "\(text)")
    }
    for odd in [Double.nan, .infinity, -5, 1e300] { #expect(!CalendarDate.text(odd).isEmpty) }
    // Each day of four hundred years, there and back.
    for day in stride(from: 0, to: 146_097, by: 1) {
      let time = Double(day) * 86_400
      if CalendarDate.seconds(CalendarDate.text(time)) != time {
        Issue.record("\(CalendarDate.text(time))")
        return
      }
    }
  }
}
