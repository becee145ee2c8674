import Diagnostics
import Foundation
import MetricLearning
import NeuralNetworks
import TestSupport
import Testing

@testable import Gallery
@testable import Postgres
@testable import SQLite

/// A file that is opened otherwise than it was made, put into another's place, or taken away.
@Suite struct OpeningTests {
  private let folder: TemporaryFolder
  private var file: String { folder.path + "/people.gallery" }
  private let shape = GalleryTests.shape

  init() throws { folder = try TemporaryFolder() }

  private func opened(
    _ network: Network? = nil, comparison: ReferenceGallery.Comparison? = nil
  ) throws -> ReferenceGallery {
    try ReferenceGallery.open(
      file, network: try network ?? GalleryTests.identity(), comparison: comparison, measure: nil)
  }

  /// Its threshold is of the distances to means.
  @Test func aFileComparesAsItWasMade() throws {
    do {
      let people = try opened(comparison: .mean)
      try people.enroll("a", images: [0, 0, 2, 0], shape: shape)
    }
    let error = GalleryError.otherComparison(path: file, file: .mean, given: .nearest)
    #expect(throws: error) { try opened(comparison: .nearest) }
    #expect(error.explanation.message.hasSuffix("compares by the mean of a label, and \"nearest\" was asked for"))
    #expect(try opened(comparison: .mean).comparison == .mean)
    #expect(try opened().comparison == .mean)
  }

  // MARK: Under another network

  @Test(arguments: [false, true]) func anotherWidthIsEmbeddedAgain(isBuilt: Bool) throws {
    do {
      let people = try opened()
      try people.enroll("ann", images: [0, 1], shape: shape)
      try people.enroll("bob", images: [3, 0], shape: shape)
      try people.enroll("cid", images: [5, 5], shape: shape)
      try people.remove("cid")
    }
    let wider = try Network([.flatten, .dense(units: 3)])
    if isBuilt { try wider.build(inputShape: shape, seed: 2) }
    let people = try opened(wider)
    #expect(try people.query([3, 0], shape: shape, k: 2).map(\.label) == ["bob", "ann"])
    #expect(people.references.map(\.embedding.count) == [3, 3])
    try people.enroll(["dan"], embeddings: [1, 2, 3], width: 3)
    #expect(throws: GalleryError.wrongWidth(function: "enroll", expected: 3, got: 2)) {
      try people.enroll(["eve"], embeddings: [1, 2], width: 2)
    }
    // Whoever opens the file later has the same.
    let later = try ReferenceGallery.load(file)
    #expect(later.references == people.references)
    #expect(try later.query([3, 0], shape: shape, k: 1)[0].distance == 0)
    // Without pictures there is nothing to embed again.
    #expect(throws: GalleryError.picturesMissing(missing: 1, of: 3)) { try opened().query([0, 0], shape: shape) }
  }

  /// Embeddings from elsewhere do not come between references that are still as wide as before.
  @Test func embeddingsOfAnotherWidthWait() throws {
    do {
      let people = try opened()
      try people.enroll("ann", images: [0, 1], shape: shape)
    }
    let people = try opened(try Network([.flatten]))
    #expect(throws: GalleryError.wrongWidth(function: "query", expected: 2, got: 3)) {
      try people.query(embeddings: [1, 2, 3], width: 3)
    }
  }

  /// A trap before: the network read beyond the pictures' ends.
  @Test(arguments: [[1, 2, 2], [1, 1, 1]]) func picturesOfAnotherSizeAreRefused(size: [Int]) throws {
    do {
      let people = try opened()
      try people.enroll("ann", images: [0, 1], shape: shape)
    }
    let other = try Network([.flatten, .dense(units: 2)])
    try other.build(inputShape: size, seed: 2)
    let people = try opened(other)
    #expect(throws: GalleryError.otherPictures(expected: size, got: 2)) {
      try people.query([Float](repeating: 1, count: size.reduce(1, *)), shape: size)
    }
    #expect(try opened().query([0, 1], shape: shape, k: 1)[0].distance == 0)
  }

  // MARK: Moved, put back

  @Test(arguments: [false, true]) func nothingIsWrittenIntoAFileThatIsGone(isReplaced: Bool) throws {
    let people = try opened()
    try people.enroll("ann", images: [0, 1], shape: shape)
    try people.save(folder.path + "/backup.gallery")
    try FileManager.default.moveItem(atPath: file, toPath: folder.path + "/old.gallery")
    if isReplaced { try FileManager.default.moveItem(atPath: folder.path + "/backup.gallery", toPath: file) }
    let gone = GalleryError.movedAway(path: file)
    #expect(throws: gone) { try people.checkPlace() }
    #expect(throws: gone) { try people.enroll("bob", images: [3, 0], shape: shape) }
    #expect(throws: gone) { try people.remove("ann") }
    #expect(throws: gone) { try people.calibrate(strangers: [1], far: 0, source: "one") }
    #expect(people.referenceCount == 1 && gone.explanation.help?.contains("load(\"\(file)\")") == true)
    // Put back it goes on.
    if isReplaced { try FileManager.default.removeItem(atPath: file) }
    try FileManager.default.moveItem(atPath: folder.path + "/old.gallery", toPath: file)
    try people.enroll("bob", images: [3, 0], shape: shape)
    #expect(people.referenceCount == 2)
  }

  /// Once it is settled, the file alone has what was enrolled, also while the program still has it open.
  @Test func aSettledFileHasAll() throws {
    let people = try opened()
    try people.enroll("ann", images: [0, 1], shape: shape)
    people.settle()
    let copy = folder.path + "/copy.gallery"
    try FileManager.default.copyItem(atPath: file, toPath: copy)
    #expect(try ReferenceGallery.open(copy).labels == ["ann"])
    withExtendedLifetime(people) {}
  }

  /// Whoever asks over a network hears what is wrong with the place, and not where it is.
  @Test func troubleNamesNoPlace() {
    let all: [(any Error, StoreTrouble?)] = [
      (PostgresError.noConnection(address: "postgresql://twin@db", reason: "refused"), .unreachable),
      (PostgresError.taken(reason: "x"), .busy), (PostgresError.zeroCharacter, nil),
      (SQLiteError.readOnly(path: "/secret"), .unwritable(reason: "its file can only be read")),
      (SQLiteError.locked(path: "/secret"), .busy),
      (SQLiteError.damaged(path: "/secret", reason: "x", logs: []), .unreadable(reason: "its file cannot be read")),
      (GalleryError.movedAway(path: "/secret"), .unwritable(reason: "its file was moved, deleted or replaced")),
      (GalleryError.unknownLabel("ann", near: nil, count: 3), nil),
    ]
    for (error, trouble) in all { #expect(StoreTrouble(error) == trouble, "\(error)") }
  }

  /// A gallery in which nobody was enrolled has no network to be loaded with, and says how one comes to be there.
  @Test func aGalleryWithoutANetworkSaysSo() throws {
    _ = try opened()
    let error = GalleryError.noNetworkYet(path: file)
    #expect(throws: error) { try ReferenceGallery.open(file) }
    #expect(error.explanation.help?.hasPrefix("gallery(net, at=\"\(file)\")") == true)
  }

  /// A log that a killed program left is of the file before the backup.
  @Test func aLogBesideADamagedFileIsNamed() throws {
    func error() -> SQLiteError {
      SQLiteError(code: 11, path: "people.gallery", file: file, reason: "database disk image is malformed")
    }
    #expect(error().explanation.help?.contains("-wal") == false)
    // That of a database that is open, with nothing in it.
    try folder.put("people.gallery-wal", [])
    #expect(error().explanation.help?.contains("-wal") == false)
    try folder.put("people.gallery-wal", [1])
    let help = error().called("g.gallery").explanation.help ?? ""
    #expect(help.contains("remove “g.gallery-wal” and “g.gallery-shm”"), "\(help)")
  }

  // MARK: Words

  @Test func aDatabaseIsNoMemory() {
    let address = "postgresql://twin@db/faces"
    let undo = GalleryError.notInAFile(function: "undo", path: address).explanation
    #expect(undo.message == "undo is for a gallery in a file, and this one is in the database \(address)")
    #expect(GalleryError.notInAFile(function: "undo", path: nil).explanation.message.hasSuffix("is in memory"))
    let other = GalleryError.otherMeasure(path: address, file: "cosine distances", given: "l1 distances").explanation
    #expect(other.help?.contains("file") == false && other.help?.hasSuffix("name another database") == true)
    #expect(
      GalleryError.labelTaken("bob").explanation.help?.contains("enrol the pictures of one under the other") == true)
    // libpq says what happened, then what to ask; of several addresses, of each.
    let tried = """
      connection to server at "localhost" (::1), port 1 failed: Cannot assign requested address
      \tIs the server running on that host and accepting TCP/IP connections?
      connection to server at "localhost" (127.0.0.1), port 1 failed: Connection refused
      \tIs the server running on that host and accepting TCP/IP connections?

      """
    #expect(
      PostgresConnection.line(tried)
        == "connection to server at \"localhost\" (127.0.0.1), port 1 failed: Connection refused")
    #expect(PostgresConnection.line("\tpassword") == "password" && PostgresConnection.line("") == "")
  }
}
