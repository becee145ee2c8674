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

  // MARK: Enrolling

  func enroll(
    _ gallery: ReferenceGallery, _ labels: [String], images: [Float], imageSize: Int, embeddings: [Float],
    _ origin: ReferenceGallery.Origin
  ) throws {
    let added: Added?
    var before = gallery.owners.count
    do {
      added = try change(gallery) {
        before = gallery.owners.count
        return try insert(gallery, labels, images, imageSize, embeddings, origin)
      }
    } catch {
      gallery.rows?.truncate(before)
      throw error
    }
    guard let added else { return }
    if added.isRenewed {
      gallery.expiring = try rowsThatExpire()
    } else if let time = origin.expires {
      gallery.expiring += added.owners.indices.map { (row: Int32(gallery.owners.count + $0), time: time) }
    }
    gallery.owners += added.owners
    position = added.seq
    own.formUnion(added.entries)
    forgetLabelCount()
    gallery.version += 1
  }

  private struct Added {
    var owners: [Int32] = []
    /// The last entry of the journal.
    var seq: Int64 = 0
    var entries: Set<Int64> = []
    /// Some were there already, and what was agreed to is another now.
    var isRenewed = false
  }

  /// - Returns: nil where each of them is there already, and nothing else was agreed to.
  private func insert(
    _ gallery: ReferenceGallery, _ labels: [String], _ images: [Float], _ imageSize: Int, _ embeddings: [Float],
    _ origin: ReferenceGallery.Origin
  ) throws -> Added? {
    let count = labels.count
    if networkHash.isEmpty {
      try writeNetwork(gallery)
      gallery.embeddedVersion = gallery.network.version
    }
    let width = gallery.rows?.width ?? gallery.network.outputShape?.reduce(1, *) ?? embeddings.count / max(1, count)
    let references = embeddings.count / width
    let first = gallery.owners.count
    // The entry that this will be: labels say which one brought them.
    let entry = try lastEntry() + 1
    var owners: [Int32] = []
    var kept: [Float] = []
    owners.reserveCapacity(references)
    kept.reserveCapacity(embeddings.count)
    var last: (name: String, number: Int64)?
    var from: Int64?
    var again: [Int64] = []
    let insert = try database.statement(
      "INSERT INTO reference (id, label, hash, embedding, origin) VALUES (?, ?, ?, ?, ?)")
    let keep = try database.statement("INSERT INTO picture VALUES (?, ?)")
    let isFirst = first == 0 && labels.count == 1
    try embeddings.withUnsafeBytes { bytes in
      for index in 0..<references {
        if index % 4096 == 0 { try LongWork.check() }
        let label = labels.count == 1 ? labels[0] : labels[index]
        let number: Int64
        if let last, last.name == label {
          number = last.number
        } else {
          number = try self.label(label, born: entry)
          last = (label, number)
        }
        let own = UnsafeRawBufferPointer(rebasing: bytes[index * 4 * width..<(index + 1) * 4 * width])
        let hash = Self.hash(own)
        // A session that is replayed enrols the same again: it is there.
        if !isFirst || index > 0, let known = try row(of: own, hash: hash, label: number) {
          again.append(known)
          continue
        }
        let row = first + owners.count
        let came = try from ?? self.insert(origin)
        from = came
        insert.reset()
        insert.bind(row).bind(number).bind(hash)
        try insert.binding(own) {
          insert.bind(came)
          _ = try insert.step()
        }
        if keepsPictures, imageSize > 0 {
          let packed = PackedPicture.pack(images[index * imageSize..<(index + 1) * imageSize])
          keep.reset()
          keep.bind(row)
          try packed.withUnsafeBytes { packed in try keep.binding(packed) { _ = try keep.step() } }
        }
        owners.append(Int32(clamping: number))
        kept += embeddings[index * width..<(index + 1) * width]
      }
    }
    var added = Added(owners: owners)
    let label = Set(labels).count == 1 ? labels[0] : nil
    if !owners.isEmpty {
      try set("rows", Int64(first + owners.count))
      try set("width", Int64(width))
      try appendRows(gallery, kept, width: width)
      added.seq = try enter(
        gallery, "enrolled", label: label, first: first, last: first + owners.count - 1, count: owners.count,
        source: origin.source)
      added.entries.insert(added.seq)
    }
    let renewal = ReferenceGallery.Renewal(
      consent: origin.consent, expires: origin.expires.map { ReferenceGallery.Renewal.End.at($0) })
    if !renewal.isEmpty, try renew(gallery, again, renewal, label: label) > 0 {
      added.isRenewed = true
      added.seq = try lastEntry()
    }
    return owners.isEmpty && !added.isRenewed ? nil : added
  }

  /// The number of a label, a new one for a new name.
  private func label(_ name: String, born entry: Int64) throws -> Int64 {
    if let known = try number(of: name) { return Int64(known) }
    try database.statement("INSERT INTO label (name, key, folded, born) VALUES (?, ?, ?, ?)").bind(name)
      .bind(Self.key(name)).bind(name.lowercased()).bind(entry).run()
    return database.lastRow
  }

  /// The reference that is the same bit by bit; nil: there is none.
  private func row(of embedding: UnsafeRawBufferPointer, hash: Int64, label: Int64) throws -> Int64? {
    let statement = try database.statement(
      "SELECT embedding, id FROM reference WHERE hash = ? AND label = ? AND removed IS NULL"
    ).bind(hash).bind(label)
    defer { statement.reset() }
    while try statement.step() {
      if statement.bytes(0).elementsEqual(embedding) { return statement.number(1) }
    }
    return nil
  }

  /// To find equal embeddings; whether they are is then looked at.
  static func hash(_ bytes: UnsafeRawBufferPointer) -> Int64 {
    var sum: UInt64 = 0x9e37_79b9_7f4a_7c15
    var at = 0
    while at + 4 <= bytes.count {
      sum = (sum ^ UInt64(bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))) &* 0xff51_afd7_ed55_8ccd
      sum ^= sum >> 29
      at += 4
    }
    return Int64(bitPattern: sum)
  }

  /// Rows in memory and beside the database, before the transaction ends.
  private func appendRows(_ gallery: ReferenceGallery, _ values: [Float], width: Int) throws {
    if gallery.rows == nil {
      let isNormalised = RowSearch.codes(gallery.measure.metric).ofLength1
      gallery.rows = try makeRows(gallery, count: 0, width: width, isNormalised: isNormalised)
      rowsFile = gallery.rows?.file
    }
    guard let rows = gallery.rows else { return }
    do { try rows.append(values) } catch let wider as RowsNeedRescaling {
      gallery.rows = try rescaled(rows, wider.scale, adding: values)
      rowsFile = gallery.rows?.file
    }
  }

  /// The same rows and more in a new file, whose eight bits reach farther.
  private func rescaled(_ old: EmbeddingRows, _ scale: Double, adding values: [Float]) throws -> EmbeddingRows {
    let file = try newRowsFile(width: old.width, isNormalised: old.isNormalised, scale: scale)
    let rows = EmbeddingRows(width: old.width, isNormalised: old.isNormalised, file: file)
    for start in stride(from: 0, to: old.count, by: EmbeddingRows.chunkRows) {
      let part = min(EmbeddingRows.chunkRows, old.count - start)
      try rows.append(UnsafeBufferPointer(start: old.row(start), count: part * old.width))
    }
    try rows.append(values)
    try file.mark(position)
    try file.takePlace(of: rowsPath)
    return rows
  }

  // MARK: Others

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

  private func name(_ number: Int32, _ name: String) throws {
    try database.statement("UPDATE label SET name = ?, key = ?, folded = ? WHERE id = ?").bind(name)
      .bind(Self.key(name)).bind(name.lowercased()).bind(Int64(number)).run()
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
      try writeNetwork(gallery)
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

  // MARK: Back

  /// One entry of the journal, for people.
  public struct Entry: Hashable, Sendable {
    public var number: Int64
    /// Seconds since 1970.
    public var time: Double
    /// "enrolled", "removed", "renamed", "renewed", "calibrated", "network", "undone", "forgotten".
    public var kind: String
    public var label: String?
    /// The name that a label got.
    public var other: String?
    public var count: Int
    public var source: String?
    /// Whether it was taken back.
    public var isUndone: Bool
  }

  /// The last entries, the newest first.
  func entries(_ most: Int) throws -> [Entry] {
    let statement = try database.statement(
      "SELECT seq, time, kind, label, other, count, source, undone FROM journal ORDER BY seq DESC LIMIT ?"
    ).bind(most)
    defer { statement.reset() }
    var entries: [Entry] = []
    while try statement.step() {
      entries.append(
        Entry(
          number: statement.number(0), time: statement.real(1), kind: statement.text(2) ?? "", label: statement.text(3),
          other: statement.text(4), count: Int(statement.number(5)), source: statement.text(6),
          isUndone: !statement.isNull(7)))
    }
    return entries
  }

  /// Takes back the last change that was not taken back; nil: there is none.
  func undo(_ gallery: ReferenceGallery) throws -> Entry? {
    let undone = try change(gallery) { () -> Entry? in
      let entry = try entries(1 << 20).first { $0.kind != "undone" && !$0.isUndone }
      // Behind what was written as a whole there is nothing.
      guard let entry, entry.kind != "saved" else { return nil }
      try takeBack(gallery, entry)
      return entry
    }
    try catchUp(gallery)
    return undone
  }

  /// Takes back what this gallery changed since an entry; what others did stays.
  func goBack(_ gallery: ReferenceGallery, to position: Int64) throws {
    let later = own.filter { $0 > position }.sorted(by: >)
    guard !later.isEmpty else { return }
    try change(gallery) {
      let all = try entries(1 << 20)
      for seq in later {
        guard let entry = all.first(where: { $0.number == seq }), !entry.isUndone,
          !["undone", "forgotten"].contains(entry.kind)
        else { continue }
        try takeBack(gallery, entry)
      }
    }
    own.subtract(later)
    try catchUp(gallery)
  }

  private func takeBack(_ gallery: ReferenceGallery, _ entry: Entry) throws {
    let seq = try enter(
      gallery, "undone", label: entry.label, other: entry.other, count: entry.count, target: entry.number)
    try database.statement("UPDATE journal SET undone = ? WHERE seq = ?").bind(seq).bind(entry.number).run()
    switch entry.kind {
    case "enrolled":
      try database.statement(
        "DELETE FROM picture WHERE id BETWEEN (SELECT first FROM journal WHERE seq = ?) AND (SELECT last FROM journal WHERE seq = ?)"
      ).bind(entry.number).bind(entry.number).run()
      try database.statement(
        "DELETE FROM reference WHERE id BETWEEN (SELECT first FROM journal WHERE seq = ?) AND (SELECT last FROM journal WHERE seq = ?)"
      ).bind(entry.number).bind(entry.number).run()
      try database.statement(
        """
        UPDATE label SET removed = ? WHERE born = ? AND removed IS NULL
        AND NOT EXISTS (SELECT 1 FROM reference WHERE label = label.id AND removed IS NULL)
        """
      ).bind(seq).bind(entry.number).run()
    case "removed":
      if let label = entry.label, try number(of: label) != nil { throw GalleryError.labelTaken(label) }
      try database.statement("UPDATE reference SET removed = NULL WHERE removed = ?").bind(entry.number).run()
      try database.statement("UPDATE label SET removed = NULL WHERE removed = ?").bind(entry.number).run()
    case "renamed":
      guard let now = entry.other, let before = entry.label, let number = try number(of: now) else { break }
      if try self.number(of: before) != nil { throw GalleryError.labelTaken(before) }
      try name(number, before)
    case "renewed":
      let statement = try database.statement("SELECT before FROM journal WHERE seq = ?").bind(entry.number)
      let before = try statement.step() ? statement.text(0) : nil
      statement.reset()
      try unrenew(before ?? "")
    case "calibrated":
      let statement = try database.statement("SELECT before FROM journal WHERE seq = ?").bind(entry.number)
      let before = try statement.step() ? statement.text(0) : nil
      statement.reset()
      try set("calibration", before?.isEmpty ?? true ? nil : before)
    default: throw GalleryError.cannotUndo(entry.kind)
    }
  }
}
