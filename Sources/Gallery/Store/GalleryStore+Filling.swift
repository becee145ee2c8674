import Files
import Foundation
import Glibc
import NeuralNetworks
import SQLite
import TensorFiles
import Tensors

extension GalleryStore {
  /// All that a gallery holds into empty tables, within a transaction.
  func fill(from gallery: ReferenceGallery) throws {
    try writeNetwork(gallery, function: "save")
    try writeMeasure(gallery)
    try writeCalibration(gallery)
    let insertLabel = try database.statement("INSERT INTO label (name, key, folded, born) VALUES (?, ?, ?, ?)")
    let insert = try database.statement(
      "INSERT INTO reference (id, label, hash, embedding, origin) VALUES (?, ?, ?, ?, ?)")
    let keep = try database.statement("INSERT INTO picture VALUES (?, ?)")
    let entry = try lastEntry() + 1
    var numbers: [Int32: Int64] = [:]
    var origins: [ReferenceGallery.Origin: Int64] = [:]
    let width = gallery.rows?.width ?? 0
    let count = gallery.referenceCount
    for position in 0..<count {
      if position % 4096 == 0 { try LongWork.check() }
      let row = gallery.row(position)
      let owner = gallery.owners[row]
      let number: Int64
      if let known = numbers[owner] {
        number = known
      } else {
        let name = try gallery.name(of: owner)
        insertLabel.reset()
        try insertLabel.bind(name).bind(Self.key(name)).bind(Self.folded(name)).bind(entry).run()
        number = database.lastRow
        numbers[owner] = number
      }
      guard let rows = gallery.rows else { break }
      let bytes = UnsafeRawBufferPointer(start: rows.row(row), count: 4 * width)
      let origin = try gallery.origin(row)
      let from = try origins[origin] ?? self.insert(origin)
      origins[origin] = from
      insert.reset()
      insert.bind(position).bind(number).bind(Self.hash(bytes))
      try insert.binding(bytes) {
        insert.bind(from)
        _ = try insert.step()
      }
      let picture = keepsPictures ? try gallery.input(row) : []
      guard !picture.isEmpty else { continue }
      keep.reset()
      keep.bind(position)
      try PackedPicture.pack(picture).withUnsafeBytes { packed in try keep.binding(packed) { _ = try keep.step() } }
    }
    try set("rows", Int64(count))
    try set("width", Int64(width))
    try database.statement("INSERT INTO journal (time, kind, count, source) VALUES (?, 'saved', ?, ?)")
      .bind(Date().timeIntervalSince1970).bind(count).bind("people.save").run()
  }

  /// Everything out, for another gallery to be written in its place.
  func empty() throws {
    try database.run(
      "DELETE FROM picture; DELETE FROM reference; DELETE FROM label; DELETE FROM origin; UPDATE journal SET undone = 0 WHERE undone IS NULL;"
    )
    try set("replaced", try settingNumber("replaced") + 1)
  }
}

extension ReferenceGallery {
  /// Writes the gallery into a file, whole or not at all. Of a gallery that is in this file already, everything is there.
  ///
  /// - Throws: `GalleryError.notReplaced` where a file stands there that is no gallery: a name that was mistyped destroys
  ///   nothing.
  public func save(_ path: String) throws {
    try follow()
    if let store, FileSystem.identity(of: path) == FileSystem.identity(of: store.file) { return }
    try refresh()
    if remote != nil { return try whole(pictures: true).save(path) }
    let before = try Self.standing(at: path)
    if before == .database { return try replace(path) }
    guard network.inputShape != nil else { throw GalleryError.networkNotBuilt(function: "save") }
    // The writer has the words for folders that are not there, links, modes and a disk that is full.
    let writer = try FileWriter(path, access: .owner, keepsMode: before == .older)
    let full = try FileSystem.placeForLibrary(path, making: true)
    let temporary =
      FileSystem.parent(of: full) + "/." + FileSystem.name(of: full).prefix(100) + "."
      + String(UInt64.random(in: .min ... .max), radix: 36) + ".new"
    defer { for ending in ["", "-journal"] { unlink(temporary + ending) } }
    do {
      let new = try GalleryStore(temporary, making: true)
      try new.makeTables(isLogged: false)
      // What is not finished is thrown away with its file.
      try new.database.run("PRAGMA synchronous = OFF")
      try new.database.transaction { try new.fill(from: self) }
      try new.database.keepLog()
    } catch let error as SQLiteError { throw error.called(path) }
    for ending in ["-wal", "-shm"] { unlink(temporary + ending) }
    try writer.commit(taking: temporary)
    // Those of an older file of this name would be taken for this one's.
    for ending in ["-wal", "-shm", "-rows", "-graph"] { unlink(full + ending) }
  }

  /// What a gallery would be written over.
  private enum Standing { case nothing, database, older }

  private static func standing(at path: String) throws -> Standing {
    guard FileSystem.kind(of: path) == .file else { return .nothing }
    let start = try FileSystem.readStart(path, count: 16)
    // An empty file, as `mktemp` makes it, holds nothing that could be lost.
    if start.isEmpty { return .nothing }
    if GalleryStore.recognises(start) { return .database }
    // As versions of before wrote it.
    if Safetensors.recognises(start), recognises(try FileSystem.read(path)) { return .older }
    throw GalleryError.notReplaced(path: path)
  }

  /// For whoever will save later: what `save` would say of what stands there.
  ///
  /// - Throws: `GalleryError.notReplaced` where it is no gallery.
  public static func checkPlaceToSave(_ path: String) throws { _ = try standing(at: path) }

  /// In place of another gallery in a database, in one transaction: who has it open goes on with this one.
  private func replace(_ path: String) throws {
    let other = try GalleryStore(path, making: false)
    try other.readSettings()
    guard !other.isReadOnly else { throw SQLiteError.readOnly(path: path) }
    try other.database.transaction {
      try other.empty()
      try other.fill(from: self)
    }
  }
}
