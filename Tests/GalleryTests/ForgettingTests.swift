import Files
import Foundation
import NeuralNetworks
import SQLite
import TestSupport
import Testing

@testable import Gallery

/// Whoever is forgotten is nowhere any more: not in the answers, not in what can be gone back to, not in a file's bytes.
@Suite struct ForgettingTests {
  private let folder: TemporaryFolder
  private var file: String { folder.path + "/people.gallery" }
  private let shape = GalleryTests.shape
  /// A picture and so an embedding of bytes that stand nowhere else.
  private let secret: [Float] = [12345.678, -98765.43]
  private let name = "ann-who-asks-to-go"

  init() throws { folder = try TemporaryFolder() }

  private func opened(pictures: Bool? = nil) throws -> ReferenceGallery {
    try ReferenceGallery.open(
      file, network: try GalleryTests.identity(), comparison: nil, measure: nil, keepsPictures: pictures)
  }

  /// In which of the files in the folder some bytes stand.
  private func holds(_ bytes: [UInt8]) throws -> [String] {
    try folder.names.filter { name in
      guard FileSystem.kind(of: folder.path + "/" + name) == .file else { return false }
      return Data(try folder.bytes(name)).range(of: Data(bytes)) != nil
    }
  }

  private var secretBytes: [UInt8] { secret.withUnsafeBytes { Array($0) } }
  private var pictureBytes: [UInt8] { Array(PackedPicture.pack(secret).dropFirst()) }
  private var oneNumber: [UInt8] { Array(secretBytes[4...]) }

  private func expectNoTraces(_ label: String = "ann-who-asks-to-go") throws {
    #expect(try holds(Array(label.utf8)) == [])
    #expect(try holds(secretBytes) == [])
    #expect(try holds(pictureBytes) == [])
    #expect(try holds(oneNumber) == [])
  }

  @Test func nothingIsLeftInTheFile() throws {
    let people = try opened()
    var numbers = TestNumbers(3)
    try people.enroll((0..<3000).map { "p\($0)" }, embeddings: numbers.floats(6000), width: 2)
    try people.enroll(
      name, images: secret + [1, 2], shape: shape, source: name + "'s card", consent: name + " said yes")
    try people.enroll("bob", images: [3, 0], shape: shape, source: "a card")
    // They are there before, or this would show nothing.
    #expect(try holds(Array(name.utf8)) != [] && holds(secretBytes).count >= 2 && holds(pictureBytes) != [])
    let traces = try people.traces(of: name)
    #expect(traces.references == 2 && traces.pictures == 2 && traces.kept == 0 && traces.changes == 1)
    #expect(people.referenceCount == 3003)
    #expect(try people.forget(name).left == [])
    try expectNoTraces()
    #expect(people.referenceCount == 3001)
    #expect(try people.query(secret, shape: shape, k: 1)[0].label != name)
    #expect(try people.query([3, 0], shape: shape, k: 1)[0].distance == 0)
    #expect(try people.summary(of: "bob").sources == ["a card"])
    #expect(throws: GalleryError.unknownLabel(name, near: nil, count: 3001)) { try people.forget(name) }
    // Nothing takes it back, and what was done before it cannot be reached any more.
    #expect(throws: GalleryError.cannotUndo("forgotten")) { try people.undo() }
    #expect(try people.history(9).allSatisfy { $0.label != name && $0.source != name + "'s card" })
    try people.enroll("cid", images: [4, 4], shape: shape)
    #expect(try people.undo()?.label == "cid")
    // Another program, later.
    let again = try ReferenceGallery.open(file)
    #expect(again.referenceCount == 3001 && again.references.suffix(1).map(\.label) == ["bob"])
    try expectNoTraces()
  }

  /// Removed, renamed, put back, taken back: the journal and what is kept for undo have them in many ways.
  @Test func whatWasKeptForUndoGoesToo() throws {
    let people = try opened()
    try people.enroll("bob", images: [3, 0], shape: shape)
    try people.enroll("first-name", images: secret, shape: shape)
    try people.rename("first-name", to: "second-name")
    try people.remove("second-name")
    _ = try people.undo()
    try people.rename("second-name", to: name)
    try people.enroll(name, images: [7, 7], shape: shape)
    _ = try people.undo()
    try people.remove(name)
    try people.rename("bob", to: "bo")
    #expect(try !people.contains(name))
    let traces = try people.traces(of: name)
    #expect(traces.references == 0 && traces.kept == 1 && traces.changes >= 6, "\(traces)")
    #expect(try people.forget(name).left == [])
    try expectNoTraces()
    for old in ["first-name", "second-name"] { #expect(try holds(Array(old.utf8)) == [], "\(old)") }
    #expect(try people.labels == ["bo"])
  }

  /// Somebody else has the name that the forgotten one had before.
  @Test func whoHasTheOldNameNowStays() throws {
    let people = try opened()
    try people.enroll("ann", images: secret, shape: shape)
    try people.rename("ann", to: name)
    try people.enroll("ann", images: [3, 0], shape: shape)
    try people.forget(name)
    try expectNoTraces()
    #expect(try people.labels == ["ann"] && people.query([3, 0], shape: shape, k: 1)[0].label == "ann")
    #expect(try people.history(1000).contains { $0.kind == "enrolled" && $0.label == "ann" })
  }

  /// Whoever asks by the name that they had is not told that it is done, while all of them is there under another.
  @Test(arguments: [true, false]) func aFormerNameLeadsToTheNewOne(inFile: Bool) throws {
    let people = try inFile ? opened() : ReferenceGallery(network: GalleryTests.identity())
    try people.enroll("bob", images: [3, 0], shape: shape)
    try people.enroll("annaschmidt", images: secret, shape: shape)
    // A gallery in memory knows of former names what can be gone back to.
    let before = people.state
    try people.rename("annaschmidt", to: "anna")
    let between = people.state
    try people.rename("anna", to: name)
    for former in ["annaschmidt", "anna"] {
      let traces = try people.traces(of: former)
      #expect(traces.isEmpty && traces.successors == [.init(name: name, references: 1)], "\(traces)")
      #expect(traces.successors.map(\.words) == ["\(name), who was called so: 1 reference"])
      #expect(throws: GalleryError.calledOtherwise(label: former, now: [name])) { try people.forget(former) }
    }
    #expect(try people.labels == ["bob", name] && people.query(secret, shape: shape, k: 1)[0].distance == 0)
    // Somebody else has the old name by now, and is forgotten alone.
    try people.enroll("annaschmidt", images: [7, 7], shape: shape)
    #expect(try people.traces(of: "annaschmidt").references == 1)
    #expect(try people.traces(of: "annaschmidt").successors.map(\.name) == [name])
    try people.forget("annaschmidt")
    #expect(try people.labels == ["bob", name])
    try people.forget(name)
    #expect(try people.labels == ["bob"])
    #expect(throws: GalleryError.unknownLabel("anna", near: nil, count: 1)) { try people.forget("anna") }
    withExtendedLifetime((before, between)) {}
  }

  /// Removed under the new name: what is kept for undo is not forgotten either; once that is taken back, nor they.
  @Test func whoWasRemovedUnderAnotherNameIsNamed() throws {
    let people = try opened()
    try people.enroll("annaschmidt", images: secret, shape: shape)
    try people.rename("annaschmidt", to: name)
    try people.remove(name)
    #expect(try people.traces(of: "annaschmidt").successors == [.init(name: name, references: 0, kept: 1)])
    _ = try people.undo()
    #expect(try people.traces(of: "annaschmidt").successors == [.init(name: name, references: 1)])
    // A renaming that was taken back leads nowhere.
    _ = try people.undo()
    #expect(try people.traces(of: name).references == 0 && people.traces(of: name).successors == [])
    #expect(try people.traces(of: "annaschmidt").references == 1)
    #expect(try people.traces(of: "annaschmidt").successors == [])
    #expect(try people.forget("annaschmidt").left == [])
    try expectNoTraces()
  }

  @Test func namesAreFollowedForward() {
    var changes = NameChanges(of: "a")
    changes.follow(kind: "renamed", label: "x", other: "y")
    changes.follow(kind: "renamed", label: "a", other: "b")
    changes.follow(kind: "enrolled", label: "a", other: nil)
    changes.follow(kind: "renamed", label: "b", other: "a")
    #expect(changes.names.isEmpty)
    changes.follow(kind: "renamed", label: "a", other: "c")
    changes.follow(kind: "renamed", label: "a", other: "d")
    changes.follow(kind: "removed", label: "d", other: nil)
    #expect(changes.names.map(\.name) == ["c", "d"] && changes.names.map(\.isRemoved) == [false, true])
  }

  @Test func programsThatHaveTheFileOpenFollow() throws {
    let people = try opened()
    try people.enroll("bob", images: [3, 0], shape: shape)
    try people.enroll(name, images: secret, shape: shape)
    let other = try ReferenceGallery.open(file)
    #expect(try other.query(secret, shape: shape, k: 1)[0].label == name)
    try people.forget(name)
    #expect(try other.labels == ["bob"] && other.query(secret, shape: shape, k: 1)[0].label == "bob")
    try other.enroll("cid", images: [9, 9], shape: shape)
    #expect(try people.labels == ["bob", "cid"] && people.query([9, 9], shape: shape, k: 1)[0].label == "cid")
    try expectNoTraces()
  }

  /// Killed between the end of the transaction and the writing anew: whoever opens the file next finishes it.
  @Test func whatWasBegunIsFinished() throws {
    do {
      let people = try opened()
      try people.enroll("bob", images: [3, 0], shape: shape)
      try people.enroll(name, images: secret, shape: shape)
      try people.forget(name)
      try people.enroll(name, images: secret, shape: shape)
      let store = try #require(people.store)
      // What a program that was killed leaves: rows deleted without being overwritten, and the note that it is to be done.
      try store.database.run("PRAGMA secure_delete = OFF")
      try store.database.run(
        "DELETE FROM picture; DELETE FROM reference; DELETE FROM label; UPDATE journal SET label = NULL")
      try store.database.run("DELETE FROM origin")
      try store.set("replaced", try store.settingNumber("replaced") + 1)
      try store.set("wipe", 1)
    }
    #expect(try holds(secretBytes) != [])
    let people = try ReferenceGallery.open(file)
    #expect(people.referenceCount == 0)
    try people.enroll("new", images: [1, 1], shape: shape)
    try expectNoTraces()
    #expect(try people.store?.settingNumber("wipe") == 0)
  }

  /// Another program is in the middle of reading: that is said, and made up for the next time.
  @Test func whereTheLogCannotBeEmptiedThatIsSaid() throws {
    let people = try opened()
    try people.enroll("bob", images: [3, 0], shape: shape)
    try people.enroll(name, images: secret, shape: shape)
    let reader = try SQLiteDatabase(file, path: file, .reading(fixed: false))
    try reader.run("BEGIN")
    let reading = try reader.statement("SELECT id FROM reference")
    #expect(try reading.step())
    let quick = try #require(people.store)
    try quick.database.run("PRAGMA busy_timeout = 50")
    let left = try people.forget(name).left
    #expect(left.count == 1 && left[0].contains("next"), "\(left)")
    #expect(try people.labels == ["bob"])
    reading.reset()
    try reader.run("ROLLBACK")
    _ = try ReferenceGallery.open(file)
    try expectNoTraces()
  }

  @Test func galleriesWithoutPicturesForgetToo() throws {
    let people = try opened(pictures: false)
    try people.enroll("bob", images: [3, 0], shape: shape)
    try people.enroll([name, "cid"], embeddings: secret + [1, 1], width: 2)
    try people.forget(name)
    try expectNoTraces()
    #expect(try people.labels == ["bob", "cid"])
    // The last one, too.
    try people.forget("bob")
    try people.forget("cid")
    #expect(people.referenceCount == 0 && people.labelCount == 0)
    try people.enroll("new", images: [1, 1], shape: shape)
    #expect(try people.query([1, 1], shape: shape, k: 1)[0].label == "new")
  }

  @Test func labelsMayHaveAnyCharacters() throws {
    let people = try opened()
    let labels = ["'; DROP TABLE label; --", "zero\u{0}byte", "née", "👩‍👩‍👧", "%_", "a\nb", "..", "a/b"]
    for (index, label) in labels.enumerated() {
      try people.enroll(label, images: [Float(index), 9], shape: shape)
    }
    try people.forget("ne\u{301}e")
    #expect(try people.labels == labels.filter { $0 != "née" })
    for label in labels where label != "née" { try people.forget(label) }
    #expect(try people.labels == [])
    for label in labels where label.utf8.count > 4 { #expect(try holds(Array(label.utf8)) == [], "\(label)") }
    #expect(throws: GalleryError.self) { try people.forget("") }
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may write anything"))
  func whatMayOnlyBeReadIsSaid() throws {
    do {
      let people = try opened()
      try people.enroll(name, images: secret, shape: shape)
    }
    #expect(chmod(file, 0o400) == 0 && chmod(folder.path, 0o500) == 0)
    defer { chmod(folder.path, 0o700) }
    let people = try ReferenceGallery.open(file)
    #expect(throws: SQLiteError.readOnly(path: file)) { try people.forget(name) }
  }

  // MARK: In memory

  @Test func inMemoryNothingBringsThemBack() throws {
    let people = try GalleryTests.people()
    let before = people.state
    try people.enroll(name, images: secret, shape: shape, consent: "yes")
    let with = people.state
    try people.rename(name, to: "other-name")
    let renamed = people.state
    try people.remove("other-name")
    let removed = people.state
    #expect(try people.traces(of: "other-name").kept == 1)
    try people.forget("other-name")
    for state in [with, renamed, removed, before] {
      try people.restore(state)
      #expect(try people.labels == ["ann", "bob", "cid"])
      #expect(people.references.allSatisfy { $0.input != secret && $0.embedding != secret })
      #expect(try people.query([0, 1], shape: shape, k: 1)[0].label == "ann")
    }
    #expect(throws: GalleryError.self) { try people.forget("other-name") }
    // The row itself is overwritten.
    let rows = try #require(people.rows)
    try people.restore(with)
    #expect((0..<5).allSatisfy { rows.values($0) != secret })
  }

  /// After going back, somebody else stands where the forgotten one's row was.
  @Test func whoCameInTheirPlaceStays() throws {
    let people = try GalleryTests.people()
    let before = people.state
    try people.enroll(name, images: secret, shape: shape)
    let with = people.state
    try people.restore(before)
    try people.enroll("dan", images: [9, 9], shape: shape)
    try people.forget(name)
    #expect(try people.query([9, 9], shape: shape, k: 1)[0].distance == 0)
    try people.restore(with)
    #expect(try people.labels == ["ann", "bob", "cid"])
  }

  @Test(arguments: [true, false]) func everythingThatIsHeldIsGiven(inFile: Bool) throws {
    let people = try inFile ? opened() : ReferenceGallery(network: GalleryTests.identity())
    people.now = { 77 }
    try people.enroll("bob", images: [3, 0], shape: shape)
    try people.enroll(name, images: secret, shape: shape, source: "a card", consent: "yes", expires: 99)
    try people.enroll([name], embeddings: [1, 2], width: 2)
    let held = try people.everything(of: name)
    #expect(held.map(\.embedding) == [secret, [1, 2]] && held.map(\.picture) == [secret, []])
    #expect(held[0].origin == .init(enrolled: 77, source: "a card", consent: "yes", expires: 99))
    #expect(throws: GalleryError.unknownLabel("nobody", near: nil, count: 2)) { try people.everything(of: "nobody") }
    if inFile {
      try people.remove(name)
      #expect(try people.everything(of: name).map(\.isRemoved) == [true, true])
    }
  }
}
