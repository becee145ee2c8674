import Files
import Foundation
import Glibc
import Sandbox
import SQLite
import Tensors

/// Taking somebody out of a file so that nothing of them is in it: not in free space between what is there, not in the
/// log beside it, not in the rows.
extension GalleryStore {
  /// Labels of a name, those that were removed too.
  private func numbers(everCalled label: String) throws -> [Int64] {
    let statement = try database.statement("SELECT id FROM label WHERE key = ?").bind(Self.key(label))
    defer { statement.reset() }
    var numbers: [Int64] = []
    while try statement.step() { numbers.append(statement.number(0)) }
    return numbers
  }

  /// Of labels that were removed, too, each once.
  func everyName() throws -> [String] {
    let statement = try database.statement("SELECT name FROM label GROUP BY name ORDER BY min(id)")
    defer { statement.reset() }
    var names: [String] = []
    while try statement.step() { names.append(statement.text(0) ?? "") }
    return names
  }

  func traces(of label: String) throws -> ReferenceGallery.Traces {
    var traces = ReferenceGallery.Traces()
    let numbers = try numbers(everCalled: label)
    for number in numbers {
      let statement = try database.statement(
        """
        SELECT count(*), count(removed), (SELECT count(*) FROM picture
          WHERE id IN (SELECT id FROM reference WHERE label = ?)) FROM reference WHERE label = ?
        """
      ).bind(number).bind(number)
      defer { statement.reset() }
      guard try statement.step() else { continue }
      let (all, kept) = (Int(statement.number(0)), Int(statement.number(1)))
      traces.references += all - kept
      traces.kept += kept
      traces.pictures += Int(statement.number(2))
    }
    traces.changes = try entries(about: label, numbers).count
    traces.successors = try successors(of: label)
    traces.leaveEntriesToSuccessors()
    return traces
  }

  /// Who was called so, and is called otherwise now.
  private func successors(of label: String) throws -> [ReferenceGallery.Successor] {
    var changes = NameChanges(of: label)
    let statement = try database.statement(
      "SELECT kind, label, other FROM journal WHERE kind IN ('renamed', 'removed') AND undone IS NULL ORDER BY seq")
    while try statement.step() {
      changes.follow(kind: statement.text(0), label: statement.text(1), other: statement.text(2))
    }
    statement.reset()
    return try changes.names.compactMap { name, isRemoved in
      let held = try database.statement(
        "SELECT count(*), count(removed) FROM reference WHERE label IN (SELECT id FROM label WHERE key = ?)"
      ).bind(Self.key(name))
      defer { held.reset() }
      guard try held.step() else { return nil }
      let kept = Int(held.number(1))
      // Somebody else may have the name by now of one who was removed.
      let references = isRemoved ? 0 : Int(held.number(0)) - kept
      guard references + kept > 0 else { return nil }
      return ReferenceGallery.Successor(name: name, references: references, kept: kept)
    }
  }

  /// The journal's entries that name somebody, or are of nobody else's references.
  private func entries(about label: String, _ numbers: [Int64]) throws -> [Int64] {
    var names: Set<String> = [Self.key(label)]
    var born: Set<Int64> = []
    var rows: Set<Int> = []
    for number in numbers {
      let statement = try database.statement("SELECT born FROM label WHERE id = ?").bind(number)
      if try statement.step() { born.insert(statement.number(0)) }
      statement.reset()
      let own = try database.statement("SELECT id FROM reference WHERE label = ?").bind(number)
      while try own.step() { rows.insert(Int(own.number(0))) }
      own.reset()
    }
    struct Entry {
      var seq: Int64
      var kind: String
      var label: String?
      var other: String?
      var range: ClosedRange<Int>?
    }
    var entries: [Entry] = []
    let statement = try database.statement(
      "SELECT seq, kind, label, other, first, last FROM journal WHERE label IS NOT NULL OR other IS NOT NULL")
    while try statement.step() {
      let (first, last) = (Int(statement.number(4)), Int(statement.number(5)))
      entries.append(
        Entry(
          seq: statement.number(0), kind: statement.text(1) ?? "", label: statement.text(2).map(Self.key),
          other: statement.text(3).map(Self.key), range: first <= last ? first...last : nil))
    }
    statement.reset()
    // What they were called before; not where somebody else is called so now.
    for entry in entries.reversed() where entry.kind == "renamed" {
      guard let old = entry.label, let new = entry.other, names.contains(new), !names.contains(old) else { continue }
      if try number(of: old) == nil { names.insert(old) }
    }
    // What they were called afterwards, where nothing is held under that name: a renaming that was taken back.
    for entry in entries where entry.kind == "renamed" {
      guard let old = entry.label, let new = entry.other, names.contains(old), !names.contains(new) else { continue }
      if try self.numbers(everCalled: new).isEmpty { names.insert(new) }
    }
    return entries.filter { entry in
      if names.contains(entry.label ?? "") || names.contains(entry.other ?? "") { return true }
      guard entry.kind == "enrolled", let range = entry.range else { return false }
      return born.contains(entry.seq) || (!rows.isEmpty && range.allSatisfy(rows.contains))
    }.map(\.seq)
  }

  /// - Returns: what could not be done, in words.
  func forget(_ gallery: ReferenceGallery, _ label: String) throws -> [String] {
    guard !isReadOnly else { throw SQLiteError.readOnly(path: path) }
    // What is deleted is overwritten where it stands.
    try database.run("PRAGMA secure_delete = ON")
    var rows: [Int] = []
    try change(gallery) {
      let numbers = try numbers(everCalled: label)
      for seq in try entries(about: label, numbers) {
        // `first` and `last` stay behind each other the wrong way round: no row is meant.
        try database.statement(
          """
          UPDATE journal SET kind = 'forgotten', label = NULL, other = NULL, source = NULL, before = NULL, first = 0,
          last = -1 WHERE seq = ?
          """
        ).bind(seq).run()
      }
      for number in numbers {
        let statement = try database.statement("SELECT id FROM reference WHERE label = ?").bind(number)
        while try statement.step() { rows.append(Int(statement.number(0))) }
        statement.reset()
        try database.statement("DELETE FROM picture WHERE id IN (SELECT id FROM reference WHERE label = ?)").bind(
          number
        )
        .run()
        try database.statement("DELETE FROM reference WHERE label = ?").bind(number).run()
        try database.statement("DELETE FROM label WHERE id = ?").bind(number).run()
      }
      try database.run(
        "DELETE FROM origin WHERE id NOT IN (SELECT origin FROM reference WHERE origin IS NOT NULL)")
      // The rows beside the database are of another state from now on: whoever has them makes them anew.
      try set("replaced", try settingNumber("replaced") + 1)
      try set("wipe", 1)
      _ = try enter(gallery, "forgotten", count: rows.count)
    }
    var left: [String] = []
    if let file = gallery.rows?.file {
      do {
        for row in rows { try file.clear(row) }
        file.sync()
      } catch { left.append("the rows beside it could not be overwritten: \(error.explanation.message)") }
    }
    names.removeAll()
    (gallery.cachedIndex, gallery.cachedGraph, gallery.cachedAnswering) = (nil, nil, nil)
    // Who was near whom is of somebody who is forgotten, too.
    unlink(graphPath)
    try catchUp(gallery)
    removeLeftovers()
    do { try wipe() } catch let error as SQLiteError {
      left.append(
        "free space in the file could not be overwritten (\(error.explanation.message)): it is when the file is next "
          + "opened and nobody else has it open")
    }
    return left
  }

  /// Writes the file anew without what was deleted, and empties the log. Until it is done, the file remembers that it is to
  /// be.
  func wipe() throws {
    // Where it may not make files elsewhere, it needs memory for as much as the file has.
    if AccessPolicy.current.files != nil { try database.run("PRAGMA temp_store = MEMORY") }
    try emptyLog()
    try database.run("VACUUM")
    try emptyLog()
    try set("wipe", 0)
    // The log now holds that nothing is left to do, and may stay.
    try? emptyLog()
    dataVersion = -1
  }

  private func emptyLog() throws {
    let statement = try database.statement("PRAGMA wal_checkpoint(TRUNCATE)")
    defer { statement.reset() }
    if try statement.step(), statement.number(0) != 0 { throw SQLiteError.locked(path: path) }
  }

  /// What was begun by somebody who was killed before its end.
  func wipeIfWanted() {
    guard !isReadOnly, (try? settingNumber("wipe")) ?? 0 != 0 else { return }
    removeLeftovers()
    // Where another has it open, it is wanted the next time still.
    try? wipe()
  }

  /// Files that a program left beside this one when it was killed while it wrote: rows and copies of the database.
  private func removeLeftovers() {
    let (folder, name) = (FileSystem.parent(of: file), FileSystem.name(of: file))
    guard let entries = try? FileSystem.list(folder) else { return }
    for entry in entries where entry.kind == .file {
      let isRows = entry.name.hasPrefix(name + "-rows.")
      let isCopy =
        entry.name.hasPrefix("." + name.prefix(100) + ".")
        && [".part", ".new", ".new-journal"].contains { entry.name.hasSuffix($0) }
      guard isRows || isCopy else { continue }
      let path = folder + "/" + entry.name
      var status = stat()
      // What was written to a moment ago may be in somebody's hands.
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, time(nil) - status.st_mtim.tv_sec > 60
      else { continue }
      unlink(path)
    }
  }

  func everything(of label: String) throws -> [ReferenceGallery.Held] {
    var held: [ReferenceGallery.Held] = []
    for number in try numbers(everCalled: label) {
      let statement = try database.statement("SELECT id, embedding, removed FROM reference WHERE label = ? ORDER BY id")
        .bind(number)
      var rows: [(row: Int, embedding: [Float], isRemoved: Bool)] = []
      while try statement.step() {
        let bytes = statement.bytes(1)
        let embedding = stride(from: 0, to: bytes.count / 4 * 4, by: 4).map {
          Float(bitPattern: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self))
        }
        rows.append((Int(statement.number(0)), embedding, !statement.isNull(2)))
      }
      statement.reset()
      for one in rows {
        held.append(
          ReferenceGallery.Held(
            origin: try origin(one.row), picture: try picture(one.row) ?? [], embedding: one.embedding,
            isRemoved: one.isRemoved))
        try LongWork.check()
      }
    }
    return held
  }
}
