import Diagnostics
import Dispatch
import Files
import Foundation
import MetricLearning
import NeuralNetworks
import SQLite
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Gallery

/// Galleries in files: every change is in the file when the call comes back, and in every other program that has it open.
@Suite struct GalleryStoreTests {
  private let folder: String
  private var file: String { folder + "/people.gallery" }

  init() throws {
    folder = FileManager.default.temporaryDirectory.path + "/twinbook-store-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func inFolder(_ body: () throws -> Void) rethrows {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body()
  }

  private func opened(_ network: Network? = nil, pictures: Bool? = nil) throws -> ReferenceGallery {
    try ReferenceGallery.open(
      file, network: try network ?? GalleryTests.identity(), comparison: nil, measure: nil, keepsPictures: pictures)
  }

  private let shape = GalleryTests.shape

  private func answers(_ gallery: ReferenceGallery) throws -> [[ReferenceGallery.Match]] {
    try gallery.query(all: [0, 2, 3, 1, 9, 9, 0, 0], shape: shape, k: 9)
  }

  @Test func whatIsEnrolledIsInTheFile() throws {
    try inFolder {
      let people = try opened()
      try people.enroll("ann", images: [0, 0, 0, 1], shape: shape, source: "a form")
      try people.enroll("bob", images: [3, 0], shape: shape)
      try people.enroll(["cid", "ann"], embeddings: [0, 5, 7, 7], width: 2)
      let memory = try GalleryTests.people()
      try memory.enroll(["ann"], embeddings: [7, 7], width: 2)
      #expect(try people.labels == ["ann", "bob", "cid"])
      #expect(try answers(people).map { $0.map(\.label) } == answers(memory).map { $0.map(\.label) })
      #expect(try answers(people).map { $0.map(\.distance) } == answers(memory).map { $0.map(\.distance) })
      // Another program, which knows the file alone.
      let other = try ReferenceGallery.open(file)
      #expect(other.references == people.references && other.referenceCount == 5)
      #expect(try answers(other) == answers(people))
      #expect(other.references[0].input == [0, 0] && other.references[4].input.isEmpty)
      // The rows beside it can be made again.
      let before = try answers(other)
      try FileManager.default.removeItem(atPath: file + "-rows")
      #expect(try answers(ReferenceGallery.open(file)) == before)
      #expect(FileSystem.exists(file + "-rows"))
      for length in [0, 100, 5000] {
        try Data(repeating: 7, count: length).write(to: URL(fileURLWithPath: file + "-rows"))
        #expect(try answers(ReferenceGallery.open(file)) == before)
      }
    }
  }

  @Test func eachProgramSeesWhatTheOthersDo() throws {
    try inFolder {
      let (one, two) = (try opened(), try opened())
      try one.enroll("ann", images: [0, 0, 0, 1], shape: shape)
      #expect(try two.labels == ["ann"] && two.referenceCount == 2)
      try two.enroll("bob", images: [3, 0], shape: shape)
      // Beyond what the eight bits of the first rows can say: the rows are written anew, and the other goes over to them.
      try two.enroll("far", images: [5000, -4000], shape: shape)
      #expect(try answers(one) == answers(two))
      #expect(try one.query([4999, -4000], shape: shape, k: 1)[0].distance == 1)
      try one.enroll("cid", images: [0, 5], shape: shape)
      try two.rename("ann", to: "anna")
      #expect(try one.remove("anna") == 2)
      #expect(try two.labels == ["bob", "far", "cid"] && two.referenceCount == 3)
      #expect(try answers(one) == answers(two))
      #expect(two.references.map(\.label) == ["bob", "far", "cid"])
      try one.calibrate(same: [0.1], different: [1, 3], far: 0, source: "numbers")
      #expect(try two.identify([3, 0.5], shape: shape).label == "bob")
      #expect(throws: GalleryError.labelTaken("bob")) { try two.rename("cid", to: "bob") }
      // The same again changes nothing: a session that is replayed.
      try two.enroll("bob", images: [3, 0], shape: shape)
      #expect(one.referenceCount == 3)
      try two.enroll("ann", images: [3, 0, 3, 0], shape: shape)
      try one.follow()
      #expect(one.referenceCount == 4)
    }
  }

  /// What is opened while another enrols is of one moment: as many references as its labels have, whole and in order.
  @Test func openingWhileAnotherEnrolsSeesOneMoment() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = file
    try opened().enroll("p0", images: [0, 0], shape: shape)
    let writer = Task.detached {
      let people = try ReferenceGallery.open(path)
      for index in 1..<200 { try people.enroll(["p\(index)"], embeddings: [Float(index % 7), 1], width: 2) }
    }
    var seen: [Int] = []
    while (seen.last ?? 0) < 200, seen.count < 20_000 {
      let people = try ReferenceGallery.open(path)
      seen.append(people.owners.count)
      #expect(people.owners.count == people.rows?.count && people.passed == 0)
      #expect(people.owners.map(Int.init) == Array(1...people.owners.count))
    }
    try await writer.value
    #expect(seen.last == 200 && seen == seen.sorted() && Set(seen).count > 2)
  }

  @Test func changesAreTakenBack() throws {
    try inFolder {
      let people = try opened()
      let other = try opened()
      try people.enroll("ann", images: [0, 0, 0, 1], shape: shape)
      try people.enroll("bob", images: [3, 0], shape: shape)
      let start = try answers(people)
      try people.rename("ann", to: "anna")
      #expect(try people.undo()?.kind == "renamed")
      #expect(try answers(people) == start)
      try people.remove("ann")
      #expect(try other.labels == ["bob"])
      #expect(try other.undo()?.label == "ann")
      #expect(try answers(people) == start && answers(other) == start)
      try people.calibrate(same: [0.1], different: [1, 3], far: 0, source: "numbers")
      #expect(try people.undo()?.kind == "calibrated")
      #expect(people.calibration == nil)
      let state = people.state
      try people.enroll(["cid", "ann"], images: [5, 5, 6, 6], shape: shape)
      try people.remove("bob")
      try other.enroll("dan", images: [8, 8], shape: shape)
      // The session goes back; what another program did stays.
      try people.restore(state)
      #expect(try people.labels == ["ann", "bob", "dan"])
      #expect(try people.undo()?.label == "dan")
      #expect(try people.undo()?.label == "bob")
      #expect(try answers(other).map { $0.map(\.label) } == [["ann"], ["ann"], ["ann"], ["ann"]])
      #expect(try people.undo()?.label == "ann")
      #expect(try people.undo() == nil)
      #expect(people.referenceCount == 0)
      #expect(try ReferenceGallery.open(file).referenceCount == 0)
      try people.enroll("new", images: [1, 1], shape: shape)
      #expect(try other.labels == ["new"])
    }
  }

  @Test func labelsMayHaveAnyCharacters() throws {
    try inFolder {
      let people = try opened()
      let labels = [
        "'; DROP TABLE label; --", "\"quoted\"", "zero\u{0}byte", "née", "名前", "👩‍👩‍👧", "%_", "a\nb",
        String(repeating: "x", count: 5000),
      ]
      for (index, label) in labels.enumerated() {
        try people.enroll(label, images: [Float(index), 0], shape: shape)
      }
      // However an accent is written.
      try people.enroll("ne\u{301}e", images: [3, 1], shape: shape)
      #expect(try people.labels == labels)
      #expect(try ReferenceGallery.open(file).labels == labels)
      #expect(try people.referenceCount(of: "née") == 2)
      #expect(try people.page(search: "DROP", offset: 0, limit: 9, references: 1).list.map(\.label) == [labels[0]])
      #expect(try people.page(search: "%_", offset: 0, limit: 9, references: 1).found == 1)
      for label in labels { #expect(try people.remove(label) > 0) }
      #expect(people.referenceCount == 0 && people.labelCount == 0)
    }
  }

  @Test func aNetworkThatChangedIsNoticed() throws {
    try inFolder {
      let people = try opened()
      try people.enroll("ann", images: [0, 1], shape: shape)
      try people.enroll("bob", images: [3, 0], shape: shape)
      try people.calibrate(same: [1], different: [2], far: 0, source: "numbers")
      let doubled = try GalleryTests.identity()
      #expect(doubled.weights[0].set([2, 0, 0, 2]))
      let again = try opened(doubled)
      #expect(again.isCalibrationStale)
      #expect(try again.query([3, 1], shape: shape, k: 1)[0].distance == 2)
      #expect(again.references[1].embedding == [6, 0])
      #expect(throws: GalleryError.networkReplaced(path: file)) { try people.query([0, 0], shape: shape) }
      #expect(try ReferenceGallery.open(file).query([3, 1], shape: shape, k: 1)[0].distance == 2)
      // Without pictures there is nothing to embed again, and it is said how many.
      try again.enroll(["cid"], embeddings: [1, 1], width: 2)
      #expect(throws: GalleryError.picturesMissing(missing: 1, of: 3)) {
        try opened().query([0, 0], shape: shape)
      }
    }
  }

  @Test func picturesCanBeLeftOut() throws {
    try inFolder {
      let people = try opened(pictures: false)
      try people.enroll("ann", images: [0, 1], shape: shape)
      #expect(people.references[0].input.isEmpty && people.references[0].embedding == [0, 1])
      #expect(try !ReferenceGallery.open(file).keepsPictures)
    }
  }

  /// What is packed comes back bit by bit, in fewer bytes where it can be.
  @Test func picturesArePackedWithoutLoss() throws {
    var numbers = TestNumbers(4)
    let gray = (0..<6400).map { _ in Float(UInt8.random(in: 0...255)) / 255 }
    for (values, most) in [
      (gray, 7500), (numbers.floats(6400), 25_601), ([], 1), ([1.5], 5), ([.nan, -0.0, 0, .infinity], 17),
      (gray.map { ($0 - 0.5) / 0.25 }, 7500),
    ] {
      let packed = PackedPicture.pack(values)
      #expect(packed.count <= most)
      let back = packed.withUnsafeBytes { PackedPicture.unpack($0) }
      #expect(back?.map(\.bitPattern) == values.map(\.bitPattern))
    }
    for bytes: [UInt8] in [[], [2], [0, 1], [1, 3, 0], [1, 0, 0, 0, 0, 0, 1]] {
      #expect(bytes.withUnsafeBytes { PackedPicture.unpack($0) } == nil)
    }
  }

  @Test func oldFilesAreTurnedOver() throws {
    try inFolder {
      let old = try GalleryTests.people()
      try old.calibrate(same: [0.5], different: [1, 3], far: 0, source: "two numbers")
      try FileSystem.write(try old.encoded(), to: file, access: .owner)
      // Only read, it stays as it is.
      #expect(try ReferenceGallery.load(file).references == old.references)
      #expect(try !GalleryStore.recognises(FileSystem.readStart(file, count: 16)))
      let people = try opened(old.network)
      #expect(people.references == old.references && people.calibration == old.calibration)
      #expect(try GalleryStore.recognises(FileSystem.readStart(file, count: 16)))
      try people.enroll("dan", images: [9, 9], shape: shape)
      for ending in ["", "-rows", "-wal"] where FileSystem.exists(file + ending) {
        let mode = try FileManager.default.attributesOfItem(atPath: file + ending)[.posixPermissions] as? Int
        #expect(mode == 0o600, "\(ending)")
      }
    }
  }

  @Test func savingWritesOverAnotherGallery() throws {
    try inFolder {
      let first = try GalleryTests.people()
      try first.save(file)
      let watcher = try ReferenceGallery.open(file)
      #expect(watcher.references == first.references)
      try first.remove("ann")
      try first.enroll("new", images: [4, 4, 4, 5], shape: shape)
      try first.save(file)
      #expect(try watcher.labels == ["bob", "cid", "new"])
      #expect(try answers(watcher) == answers(first))
      // In the file it is in, everything is there already.
      try watcher.save(file)
      let copy = folder + "/copy.gallery"
      try watcher.save(copy)
      #expect(try ReferenceGallery.load(copy).references == first.references)
      try GalleryTests.identity().save(folder + "/net.safetensors")
      #expect(throws: FileError.self) { try first.save(folder + "/nowhere/x.gallery") }
    }
  }

  /// A name that was mistyped destroys nothing, whatever the file holds.
  @Test func savingWritesOverNoOtherFile() throws {
    try inFolder {
      let people = try GalleryTests.people()
      for (name, bytes) in [
        ("me.twin", Array("x = 1\n".utf8)), ("notes", Array("a".utf8)),
        ("x.gallery", [UInt8](repeating: 0, count: 100)),
        ("net.gallery", try GalleryTests.identity().encoded()),
      ] {
        let path = folder + "/" + name
        try FileSystem.write(bytes, to: path)
        #expect(throws: GalleryError.notReplaced(path: path)) { try people.save(path) }
        #expect(try FileSystem.read(path) == bytes, "\(name)")
        #expect(throws: GalleryError.notReplaced(path: path)) { try ReferenceGallery.checkPlaceToSave(path) }
      }
      func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      }
      // An empty file becomes its owner's alone; a gallery of a version before keeps its mode.
      try FileSystem.write([], to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
      try people.save(file)
      #expect(try mode(file) == 0o600 && ReferenceGallery.load(file).references == people.references)
      let old = folder + "/old.safetensors"
      try FileSystem.write(try people.encoded(), to: old)
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: old)
      try people.save(old)
      #expect(try mode(old) == 0o640 && ReferenceGallery.load(old).references == people.references)
    }
  }

  @Test func otherFilesAreRefusedInWords() throws {
    try inFolder {
      for text in ["no database at all", "a", "name,label\nann,1\n"] {
        try FileSystem.write(text, to: file)
        #expect(throws: GalleryError.noGallery(path: file)) { try opened() }
        #expect(throws: GalleryError.noGallery(path: file)) { try ReferenceGallery.load(file) }
      }
      let database = try SQLiteDatabase(folder + "/x", path: "x", .making)
      try database.run("CREATE TABLE a (b)")
      #expect(throws: GalleryError.notAGallery(path: folder + "/x", reason: "it is a database of another program")) {
        try ReferenceGallery.open(folder + "/x")
      }
      try FileManager.default.removeItem(atPath: file)
      do {
        let people = try opened()
        try people.enroll("ann", images: [0, 1], shape: shape)
      }
      let bytes = try FileSystem.read(file)
      do {
        let newer = try SQLiteDatabase(file, path: file, .writing)
        try newer.run("PRAGMA user_version = 9")
      }
      #expect(
        throws: GalleryError.notAGallery(path: file, reason: "it was written by a newer version of Twinbook")
      ) { try opened() }
      // Cut off anywhere: an error in words, or a gallery; never a trap.
      for length in stride(from: 16, to: bytes.count, by: 509) {
        for ending in ["-wal", "-shm", "-rows"] { try? FileManager.default.removeItem(atPath: file + ending) }
        try FileSystem.write(Array(bytes[..<length]), to: file)
        do { _ = try answers(ReferenceGallery.open(file)) } catch {
          #expect((error as? any ExplainedError) != nil, "\(error)")
        }
      }
      var numbers = TestNumbers(2)
      for _ in 0..<60 {
        var damaged = bytes
        for _ in 0..<20 { damaged[Int(abs(numbers.float()) * 1e6) % damaged.count] ^= 0x55 }
        for ending in ["-wal", "-shm", "-rows"] { try? FileManager.default.removeItem(atPath: file + ending) }
        try FileSystem.write(damaged, to: file)
        do { _ = try answers(ReferenceGallery.open(file)) } catch {
          #expect((error as? any ExplainedError) != nil, "\(error)")
        }
      }
    }
  }

  @Test func whoIsLockedOutIsTold() throws {
    try inFolder {
      let one = try SQLiteDatabase(file, path: "people.gallery", .making)
      try one.run("PRAGMA journal_mode = WAL; CREATE TABLE a (b)")
      let two = try SQLiteDatabase(file, path: "people.gallery", .writing, wait: 0.05)
      try one.run("BEGIN IMMEDIATE")
      #expect(throws: SQLiteError.locked(path: "people.gallery")) { try two.transaction {} }
      #expect(throws: SQLiteError.missing(path: folder + "/none")) { try ReferenceGallery.open(folder + "/none") }
    }
  }

  /// A program that writes all the time leaves short gaps; whoever waits finds them. (SQLite's own waiting does not.)
  @Test func whoWaitsGetsItsTurn() throws {
    try inFolder {
      let greedy = try SQLiteDatabase(file, path: "people.gallery", .making)
      try greedy.run("PRAGMA journal_mode = WAL; CREATE TABLE a (b)")
      let patient = try SQLiteDatabase(file, path: "people.gallery", .writing, wait: 20)
      let isOver = Mutex(false)
      let failure = Mutex<String?>(nil)
      let group = DispatchGroup()
      // The connection is the other thread's alone until the group has ended.
      nonisolated(unsafe) let its = greedy
      DispatchQueue(label: "greedy").async(group: group) {
        while !isOver.withLock(\.self) {
          do {
            try its.transaction { _ = usleep(60_000) }
          } catch {
            failure.withLock { $0 = "\(error)" }
            return
          }
          usleep(300)
        }
      }
      defer {
        isOver.withLock { $0 = true }
        group.wait()
        #expect(failure.withLock(\.self) == nil)
      }
      for _ in 0..<20 { try patient.transaction { try patient.run("INSERT INTO a VALUES (1)") } }
    }
  }

  /// Control-C ends the waiting, as it ends any long work.
  @Test func waitingForOthersIsInterrupted() throws {
    try inFolder {
      let one = try SQLiteDatabase(file, path: "people.gallery", .making)
      try one.run("PRAGMA journal_mode = WAL; CREATE TABLE a (b)")
      let two = try SQLiteDatabase(file, path: "people.gallery", .writing, wait: 600, check: LongWork.check)
      try one.run("BEGIN IMMEDIATE")
      #expect(throws: TensorError.interrupted) { try LongWork.run(until: { true }) { try two.transaction {} } }
      try one.run("COMMIT")
      try LongWork.run(until: { false }) { try two.transaction {} }
    }
  }

  /// Thousands of references, many labels, odd ones, means and medoids: the same in a file as in memory.
  @Test(arguments: ReferenceGallery.Comparison.allCases)
  func largeGalleriesAnswerAsSmallOnes(comparison: ReferenceGallery.Comparison) throws {
    try inFolder {
      let memory = ReferenceGallery(network: try GalleryTests.identity(), comparison: comparison)
      let people = try ReferenceGallery.open(
        file, network: memory.network, comparison: comparison, measure: nil)
      var numbers = TestNumbers(8)
      let labels = (0..<9000).map { "p\($0 * 7919 % 3001)" }
      let embeddings = numbers.floats(18_000).map { $0 * 10 }
      for gallery in [memory, people] {
        try gallery.enroll(labels, embeddings: embeddings, width: 2)
        try gallery.remove("p5")
        try gallery.remove("p2999")
        try gallery.enroll("late", images: [0.5, 0.5], shape: shape)
      }
      let asked = numbers.floats(120).map { $0 * 10 }
      #expect(try memory.query(embeddings: asked, width: 2, k: 5) == people.query(embeddings: asked, width: 2, k: 5))
      #expect(try memory.oddReferences() == people.oddReferences())
      #expect(people.referenceCount == memory.referenceCount && people.labelCount == 3000)
      #expect(try memory.query(embeddings: asked, width: 2, k: 4000)[3].count == 3000)
    }
  }
}
