import Files
import Foundation
import Glibc
import SQLite

/// From the file into memory: all of it when it is opened, then what the journal says.
extension GalleryStore {
  /// Takes in what others have done since; costs next to nothing where nobody did.
  func follow(_ gallery: ReferenceGallery) throws {
    let now = try number("PRAGMA data_version")
    guard now != dataVersion else { return }
    try database.snapshot { try catchUp(gallery) }
    dataVersion = now
  }

  /// The same within a transaction.
  func catchUp(_ gallery: ReferenceGallery) throws {
    let last = try lastEntry()
    guard last != position else { return }
    let hash = try setting("network hash") ?? ""
    if !networkHash.isEmpty, hash != networkHash { throw GalleryError.networkReplaced(path: path) }
    networkHash = hash
    names.removeAll()
    if try settingNumber("replaced") != replaced || last < position { return try load(gallery) }
    let statement = try database.statement(
      "SELECT seq, kind, first, last, target FROM journal WHERE seq > ? ORDER BY seq"
    ).bind(position)
    var entries: [(seq: Int64, kind: String, first: Int, last: Int, target: Int64)] = []
    while try statement.step() {
      entries.append(
        (
          statement.number(0), statement.text(1) ?? "", Int(statement.number(2)), Int(statement.number(3)),
          statement.number(4)
        ))
    }
    statement.reset()
    for entry in entries {
      switch entry.kind {
      case "enrolled":
        guard try adopt(gallery, entry.first...max(entry.first, entry.last), through: entry.seq) else {
          return try load(gallery)
        }
      case "removed": try pass(gallery, removedBy: entry.seq)
      case "renewed": gallery.expiring = try rowsThatExpire()
      case "forgotten": return try load(gallery)
      case "undone":
        guard try takeBack(gallery, entry.target) else { return try load(gallery) }
      default: break
      }
      position = entry.seq
    }
    try readCalibration(gallery)
    forgetLabelCount()
    gallery.version += 1
  }

  func lastEntry() throws -> Int64 { try number("SELECT coalesce(max(seq), 0) FROM journal") }

  /// Rows that another connection has added; false where they are not in the file of rows.
  private func adopt(_ gallery: ReferenceGallery, _ range: ClosedRange<Int>, through seq: Int64) throws -> Bool {
    guard let rows = gallery.rows, range.lowerBound == gallery.owners.count else { return false }
    if let file = rows.file {
      file.reread()
      guard file.header.position >= seq, !file.isReplaced(at: rowsPath) else { return false }
      try rows.adopt(range.upperBound + 1)
    } else {
      try append(to: rows, from: range.lowerBound, through: range.upperBound)
    }
    var owners = [Int32](repeating: -1, count: range.count)
    let statement = try database.statement(
      "SELECT id, label FROM reference WHERE id BETWEEN ? AND ? AND removed IS NULL"
    ).bind(range.lowerBound).bind(range.upperBound)
    defer { statement.reset() }
    while try statement.step() {
      owners[Int(statement.number(0)) - range.lowerBound] = Int32(clamping: statement.number(1))
    }
    gallery.passed += owners.count { $0 < 0 }
    gallery.owners += owners
    gallery.expiring += try rowsThatExpire(from: range.lowerBound).filter { $0.row <= range.upperBound }
    return true
  }

  private func pass(_ gallery: ReferenceGallery, removedBy seq: Int64) throws {
    let statement = try database.statement("SELECT id FROM reference WHERE removed = ?").bind(seq)
    defer { statement.reset() }
    while try statement.step() { pass(gallery, Int(statement.number(0))) }
  }

  private func pass(_ gallery: ReferenceGallery, _ row: Int) {
    guard gallery.owners.indices.contains(row), gallery.owners[row] >= 0 else { return }
    gallery.owners[row] = -1
    gallery.passed += 1
  }

  private func takeBack(_ gallery: ReferenceGallery, _ target: Int64) throws -> Bool {
    let statement = try database.statement("SELECT kind, first, last FROM journal WHERE seq = ?").bind(target)
    guard try statement.step() else {
      statement.reset()
      return false
    }
    let (kind, first, last) = (statement.text(0), Int(statement.number(1)), Int(statement.number(2)))
    statement.reset()
    switch kind {
    case "enrolled":
      guard last < gallery.owners.count else { return false }
      for row in first...max(first, last) { pass(gallery, row) }
      return true
    case "renewed":
      gallery.expiring = try rowsThatExpire()
      return true
    case "renamed", "calibrated": return true
    default: return false
    }
  }

  // MARK: All of it

  /// Reads whose each row is, and finds or makes the rows beside the database. Within a snapshot or a transaction: the number
  /// of rows and the rows would otherwise be of two moments where others enrol meanwhile.
  func load(_ gallery: ReferenceGallery) throws {
    func bad(_ reason: String) -> GalleryError { .notAGallery(path: path, reason: reason) }
    let count = Int(try settingNumber("rows"))
    let width = Int(try settingNumber("width"))
    guard count >= 0, count < 1 << 31, (0...1 << 20).contains(width), count == 0 || width > 0 else {
      throw bad("what it says of its references makes no sense")
    }
    if let built = gallery.network.outputShape?.reduce(1, *), count > 0, built != width, !networkHash.isEmpty,
      gallery.embeddedVersion == gallery.network.version
    {
      throw GalleryError.wrongWidth(function: "gallery", expected: width, got: built)
    }
    var owners = [Int32](repeating: -1, count: count)
    var living = 0
    let statement = try database.statement("SELECT id, label FROM reference WHERE removed IS NULL")
    while try statement.step() {
      let row = Int(statement.number(0))
      guard owners.indices.contains(row), let label = Int32(exactly: statement.number(1)), label >= 0 else {
        throw bad("a reference stands beyond the end")
      }
      owners[row] = label
      living += 1
    }
    statement.reset()
    replaced = try settingNumber("replaced")
    position = try lastEntry()
    names.removeAll()
    forgetLabelCount()
    let rows = width > 0 ? try self.rows(gallery, count: count, width: width) : nil
    gallery.rows = rows
    rowsFile = rows?.file
    gallery.owners = owners
    gallery.passed = count - living
    gallery.expiring = try rowsThatExpire()
    gallery.version += 1
  }

  private func rows(_ gallery: ReferenceGallery, count: Int, width: Int) throws -> EmbeddingRows {
    let isNormalised = RowSearch.codes(gallery.measure.metric).ofLength1
    if let file = RowsFile(opening: rowsPath, writing: !isReadOnly), file.header.gallery == identity,
      file.header.embeddings == replaced, file.header.width == width, file.header.isNormalised == isNormalised,
      file.holds(position), isReadOnly || file.isWritable
    {
      let rows = EmbeddingRows(width: width, isNormalised: isNormalised, file: file)
      do {
        try rows.adopt(count)
        return rows
      } catch is FileError {
        // It is shorter than it says: made anew.
      }
    }
    return try makeRows(count: count, width: width, isNormalised: isNormalised)
  }

  /// The rows from the database: beside it where that can be written, else in memory.
  func makeRows(count: Int, width: Int, isNormalised: Bool, scale: Double = 0) throws -> EmbeddingRows {
    var scale = scale
    while !isReadOnly {
      do {
        let file = try newRowsFile(width: width, isNormalised: isNormalised, scale: scale)
        let rows = EmbeddingRows(width: width, isNormalised: isNormalised, file: file)
        try append(to: rows, from: 0, through: count - 1)
        try file.mark(position)
        try file.takePlace(of: rowsPath)
        return rows
      } catch let wider as RowsNeedRescaling {
        scale = wider.scale
      } catch is FileError {
        break
      }
    }
    let rows = EmbeddingRows(width: width, isNormalised: isNormalised)
    try append(to: rows, from: 0, through: count - 1)
    return rows
  }

  func newRowsFile(width: Int, isNormalised: Bool, scale: Double) throws(FileError) -> RowsFile {
    var status = stat()
    let mode = stat(file, &status) == 0 ? status.st_mode & 0o666 : 0o600
    return try RowsFile(
      making: rowsPath + "." + String(UInt64.random(in: .min ... .max), radix: 36), mode: mode,
      RowsFile.Header(
        gallery: identity, embeddings: replaced, width: width, padded: (width + 31) / 32 * 32,
        isNormalised: isNormalised, scale: scale, position: -1, boot: RowsFile.boot, synced: -1))
  }

  /// Adds rows from the database; zeros for those that are gone.
  private func append(to rows: EmbeddingRows, from first: Int, through last: Int) throws {
    guard last >= first else { return }
    let statement = try database.statement(
      "SELECT id, embedding FROM reference WHERE id BETWEEN ? AND ? ORDER BY id"
    ).bind(first).bind(last)
    defer { statement.reset() }
    var values: [Float] = []
    var next = first
    func fill(upTo row: Int) throws {
      while next < row {
        values += repeatElement(0, count: rows.width)
        next += 1
        try flush(1 << 21)
      }
    }
    func flush(_ least: Int) throws {
      guard values.count >= least, !values.isEmpty else { return }
      try rows.append(values)
      values.removeAll(keepingCapacity: true)
    }
    while try statement.step() {
      let row = Int(statement.number(0))
      try fill(upTo: row)
      let bytes = statement.bytes(1)
      guard bytes.count == 4 * rows.width else {
        throw GalleryError.notAGallery(path: path, reason: "an embedding has another width than the others")
      }
      let start = values.count
      values += repeatElement(0, count: rows.width)
      // SQLite's bytes stand anywhere.
      values.withUnsafeMutableBytes { values in
        UnsafeMutableRawBufferPointer(rebasing: values[(4 * start)...]).copyMemory(from: bytes)
      }
      next = row + 1
      try flush(1 << 21)
    }
    try fill(upTo: last + 1)
    try flush(0)
  }
}
