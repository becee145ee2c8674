import Files
import Foundation
import Glibc
import SQLite
import Tensors

/// New references.
extension GalleryStore {
  func enroll(
    _ gallery: ReferenceGallery, _ labels: [String], images: [Float], imageSize: Int, embeddings: [Float], width: Int,
    _ origin: ReferenceGallery.Origin
  ) throws -> ReferenceGallery.Enrolled {
    let added: Added?
    var before = gallery.owners.count
    do {
      added = try change(gallery) {
        before = gallery.owners.count
        return try insert(gallery, labels, images, imageSize, embeddings, width, origin)
      }
    } catch {
      gallery.rows?.truncate(before)
      throw error
    }
    guard let added else { return .init() }
    if added.renewed > 0 {
      gallery.expiring = try rowsThatExpire()
    } else if let time = origin.expires {
      gallery.expiring += added.owners.indices.map { (row: Int32(gallery.owners.count + $0), time: time) }
    }
    gallery.owners += added.owners
    position = added.seq
    own.formUnion(added.entries)
    forgetLabelCount()
    gallery.version += 1
    return .init(added: added.owners.count, renewed: added.renewed)
  }

  struct Added {
    var owners: [Int32] = []
    /// The last entry of the journal.
    var seq: Int64 = 0
    var entries: Set<Int64> = []
    /// Those that were there already, and for which something else is agreed to now.
    var renewed = 0
  }

  /// - Returns: nil where each of them is there already, and nothing else was agreed to.
  private func insert(
    _ gallery: ReferenceGallery, _ labels: [String], _ images: [Float], _ imageSize: Int, _ embeddings: [Float],
    _ width: Int, _ origin: ReferenceGallery.Origin
  ) throws -> Added? {
    if networkHash.isEmpty {
      try writeNetwork(gallery, function: "enroll")
      gallery.embeddedVersion = gallery.network.version
    }
    // Another program may have enrolled the first ones meanwhile.
    if let kept = gallery.rows?.width, kept != width {
      throw GalleryError.wrongWidth(function: "enroll", expected: kept, got: width)
    }
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
    if !renewal.isEmpty { added.renewed = try renew(gallery, again, renewal, label: label) }
    if added.renewed > 0 { added.seq = try lastEntry() }
    return owners.isEmpty && added.renewed == 0 ? nil : added
  }

  /// The number of a label, a new one for a new name.
  func label(_ name: String, born entry: Int64) throws -> Int64 {
    if let known = try number(of: name) { return Int64(known) }
    try database.statement("INSERT INTO label (name, key, folded, born) VALUES (?, ?, ?, ?)").bind(name)
      .bind(Self.key(name)).bind(Self.folded(name)).bind(entry).run()
    return database.lastRow
  }

  /// The reference that is the same bit by bit; nil: there is none.
  func row(of embedding: UnsafeRawBufferPointer, hash: Int64, label: Int64) throws -> Int64? {
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
  func appendRows(_ gallery: ReferenceGallery, _ values: [Float], width: Int) throws {
    if gallery.rows == nil {
      let isNormalised = RowSearch.codes(gallery.measure.metric).ofLength1
      gallery.rows = try makeRows(count: 0, width: width, isNormalised: isNormalised)
      rowsFile = gallery.rows?.file
    }
    guard let rows = gallery.rows else { return }
    do { try rows.append(values) } catch let wider as RowsNeedRescaling {
      gallery.rows = try rescaled(rows, wider.scale, adding: values)
      rowsFile = gallery.rows?.file
    }
  }

  /// The same rows and more in a new file, whose eight bits reach farther.
  func rescaled(_ old: EmbeddingRows, _ scale: Double, adding values: [Float]) throws -> EmbeddingRows {
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
}
