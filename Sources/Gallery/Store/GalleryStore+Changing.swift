import Files
import Foundation
import Glibc
import SQLite
import Tensors

/// Changes: each a transaction with an entry of the journal.
extension GalleryStore {
  /// - Returns: what `body` does, done whole or not at all, on top of what others did.
  func change<Value>(_ gallery: ReferenceGallery, _ body: () throws -> Value) throws -> Value {
    guard !isReadOnly else { throw SQLiteError.readOnly(path: path) }
    try checkPlace()
    do {
      return try database.transaction {
        try catchUp(gallery)
        if let file = gallery.rows?.file, file.isReplaced(at: rowsPath) { try load(gallery) }
        return try body()
      }
    } catch {
      // The entry that was told to the file of rows has not come to be.
      try? gallery.rows?.file?.mark(position)
      throw error
    }
  }

  /// Whether its file is still the one that was opened: what is written into a file without a name is lost when the last
  /// program closes it.
  func checkPlace() throws(GalleryError) {
    guard opened == nil || FileSystem.identity(of: file) == opened else { throw .movedAway(path: path) }
  }

  /// Writes what stands in the log into the file itself. Nobody waits: where another program reads an older state, that one
  /// does it when it is done.
  func settle() {
    if !isReadOnly { try? database.run("PRAGMA wal_checkpoint(PASSIVE)") }
  }

  /// An entry of the journal, and the rows' file told of it: both are there when the transaction ends.
  func enter(
    _ gallery: ReferenceGallery, _ kind: String, label: String? = nil, other: String? = nil, first: Int = 0,
    last: Int = -1, count: Int = 0, source: String? = nil, before: String? = nil, target: Int64? = nil
  ) throws -> Int64 {
    let statement = try database.statement(
      """
      INSERT INTO journal (time, kind, label, other, first, last, count, source, before, target)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """
    ).bind(Date().timeIntervalSince1970).bind(kind).bind(label).bind(other).bind(first).bind(last).bind(count)
      .bind(source).bind(before)
    if let target { statement.bind(target) } else { statement.bind(nil as String?) }
    try statement.run()
    let seq = database.lastRow
    // Who keeps rows in memory alone leaves none beside the database that lack these.
    if let file = gallery.rows?.file { try file.mark(seq) } else { unlink(rowsPath) }
    return seq
  }

  func remove(_ gallery: ReferenceGallery, _ label: String) throws -> Int {
    var count = 0
    try change(gallery) {
      guard let number = try number(of: label) else { return }
      let seq = try enter(gallery, "removed", label: label)
      try database.statement("UPDATE reference SET removed = ? WHERE label = ? AND removed IS NULL").bind(seq)
        .bind(Int64(number)).run()
      count = database.changes
      try database.statement("UPDATE label SET removed = ? WHERE id = ?").bind(seq).bind(Int64(number)).run()
      try database.statement("UPDATE journal SET count = ? WHERE seq = ?").bind(count).bind(seq).run()
      own.insert(seq)
    }
    try catchUp(gallery)
    return count
  }

  func rename(_ gallery: ReferenceGallery, _ label: String, to new: String) throws {
    try change(gallery) {
      guard let number = try number(of: label) else { return }
      if let other = try self.number(of: new), other != number { throw GalleryError.labelTaken(new) }
      try name(number, new)
      own.insert(try enter(gallery, "renamed", label: label, other: new))
    }
    try catchUp(gallery)
  }

  func name(_ number: Int32, _ name: String) throws {
    try database.statement("UPDATE label SET name = ?, key = ?, folded = ? WHERE id = ?").bind(name)
      .bind(Self.key(name)).bind(Self.folded(name)).bind(Int64(number)).run()
  }

  func keepCalibration(_ gallery: ReferenceGallery) throws {
    let calibration = gallery.calibration
    try change(gallery) {
      let before = try setting("calibration")
      gallery.calibration = calibration
      gallery.calibratedVersion = gallery.network.version
      try writeCalibration(gallery)
      own.insert(try enter(gallery, "calibrated", before: before ?? ""))
    }
    try catchUp(gallery)
  }

  /// All references embedded again under a network that has changed.
  ///
  /// - Parameter values: [rows, width], zeros for those that were removed.
  func replaceEmbeddings(_ gallery: ReferenceGallery, _ values: [Float], width: Int) throws {
    let calibration = gallery.calibration
    try change(gallery) {
      guard gallery.owners.count * width == values.count else { throw GalleryError.networkReplaced(path: path) }
      try writeNetwork(gallery, function: "gallery")
      let update = try database.statement("UPDATE reference SET embedding = ?, hash = ? WHERE id = ?")
      try values.withUnsafeBytes { bytes in
        for row in gallery.owners.indices where gallery.owners[row] >= 0 {
          let own = UnsafeRawBufferPointer(rebasing: bytes[row * 4 * width..<(row + 1) * 4 * width])
          update.reset()
          try update.binding(own) {
            update.bind(Self.hash(own)).bind(row)
            _ = try update.step()
          }
        }
      }
      // Those that could be brought back are of the network of before.
      try database.run("DELETE FROM reference WHERE removed IS NOT NULL")
      try set("replaced", try settingNumber("replaced") + 1)
      try set("width", Int64(width))
      if calibration != nil { try set("stale", 1) }
      own.insert(try enter(gallery, "network"))
    }
    try database.snapshot {
      try load(gallery)
      try readCalibration(gallery)
    }
  }
}
