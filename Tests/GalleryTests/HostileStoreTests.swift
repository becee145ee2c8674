import Files
import Foundation
import SQLite
import Testing

@testable import Gallery

/// Galleries in files that somebody made to do harm: what SQLite would do for them is not done.
@Suite struct HostileStoreTests {
  /// A gallery's file in a folder of its own.
  private func withFile(_ body: (_ folder: String, _ file: String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/twinbook-hostile-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = folder + "/people.gallery"
    do {
      let people = try ReferenceGallery.open(
        file, network: try GalleryTests.identity(), comparison: nil, measure: nil, keepsPictures: nil)
      try people.enroll("ann", images: [0, 1], shape: GalleryTests.shape)
    }
    try body(folder, file)
  }

  /// Shown before: a journal of nothing but the name of another file, which SQLite deletes when it has played it back.
  @Test(arguments: [false, true]) func journalsThatNameOtherFilesAreNotPlayed(_ isPlayed: Bool) throws {
    try withFile { folder, file in
      let target = folder + "/thesis.txt"
      try FileSystem.write("a year's work", to: target)
      let mark: [UInt8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]
      func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
      var journal = mark + number(0) + number(1) + number(try #require(FileSystem.size(of: file)) / 4096)
      journal += number(512) + number(4096)
      journal += [UInt8](repeating: 0, count: 512 - journal.count)
      let name = Array(target.utf8)
      journal += number((1 << 30) / 4096 + 1) + name + number(name.count) + number(name.reduce(0) { $0 + Int($1) })
      try FileSystem.write(journal + mark, to: file + "-journal")
      if isPlayed {
        // That this is such a journal: SQLite itself does delete, where nobody looks first.
        try FileManager.default.moveItem(atPath: file + "-journal", toPath: folder + "/held")
        let database = try SQLiteDatabase(file, path: file, .writing)
        try FileManager.default.moveItem(atPath: folder + "/held", toPath: file + "-journal")
        try database.run("SELECT count(*) FROM sqlite_master")
        #expect(!FileSystem.exists(target))
      } else {
        #expect(throws: SQLiteError.journalOfAnother(path: file)) { try ReferenceGallery.open(file) }
        #expect(FileSystem.exists(target))
        try FileManager.default.removeItem(atPath: file + "-journal")
        #expect(try ReferenceGallery.open(file).labels == ["ann"])
      }
    }
  }

  /// Shown before: a view in place of the settings that never ends, and that no Ctrl-C stopped.
  @Test(arguments: 0..<3) func whatWouldRunIsRefused(_ kind: Int) throws {
    try withFile { _, file in
      let database = try SQLiteDatabase(file, path: file, .writing)
      switch kind {
      case 0:
        try database.run(
          """
          DROP TABLE setting;
          CREATE VIEW setting AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)
          SELECT x AS name, count(*) AS value FROM c;
          """)
      case 1: try database.run("CREATE TRIGGER t AFTER INSERT ON reference BEGIN DELETE FROM label; END")
      default:
        try database.run(
          """
          PRAGMA writable_schema = ON;
          UPDATE sqlite_master SET sql = 'CREATE VIEW picture AS SELECT 1 AS id, zeroblob(9) AS bytes'
          WHERE name = 'picture';
          """)
      }
      #expect(throws: (any Error).self) { try ReferenceGallery.open(file) }
      if kind < 2 {
        let reason = "it holds a view, a trigger or a virtual table, which no gallery has"
        #expect(throws: GalleryError.notAGallery(path: file, reason: reason)) { try ReferenceGallery.open(file) }
      }
    }
  }
}
