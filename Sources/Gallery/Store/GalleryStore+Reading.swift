import Foundation
import SQLite

/// Labels and pictures, which stay in the file until somebody asks.
extension GalleryStore {
  /// Equal for names that are equal to a reader, however their accents are written.
  static func key(_ name: String) -> String { name.precomposedStringWithCanonicalMapping }

  /// What a search compares, whatever the case and however accents are written. Files and databases of before may have
  /// accents apart from their letters, so that they are asked for both ways.
  static func folded(_ text: String) -> String { key(text.lowercased()) }

  func number(of label: String) throws -> Int32? {
    let statement = try database.statement("SELECT id FROM label WHERE key = ? AND removed IS NULL")
      .bind(Self.key(label))
    defer { statement.reset() }
    return try statement.step() ? Int32(clamping: statement.number(0)) : nil
  }

  func name(of number: Int32) throws -> String {
    if let known = names[number] { return known }
    let statement = try database.statement("SELECT name FROM label WHERE id = ?").bind(Int64(number))
    defer { statement.reset() }
    guard try statement.step(), let name = statement.text(0) else {
      throw GalleryError.notAGallery(path: path, reason: "a reference has no label")
    }
    if names.count > 100_000 { names.removeAll() }
    names[number] = name
    return name
  }

  func labels() throws -> [String] {
    let statement = try database.statement("SELECT name FROM label WHERE removed IS NULL ORDER BY id")
    defer { statement.reset() }
    var labels: [String] = []
    labels.reserveCapacity(labelCount)
    while try statement.step() { labels.append(statement.text(0) ?? "") }
    return labels
  }

  func references(of label: String) throws -> Int {
    guard let number = try number(of: label) else { return 0 }
    let statement = try database.statement("SELECT count(*) FROM reference WHERE label = ? AND removed IS NULL")
      .bind(Int64(number))
    defer { statement.reset() }
    return try statement.step() ? Int(statement.number(0)) : 0
  }

  func page(
    search: String, offset: Int, limit: Int, references: Int
  ) throws -> (found: Int, list: [(label: String, count: Int, rows: [Int])]) {
    let wanted = Self.folded(search)
    let apart = wanted.decomposedStringWithCanonicalMapping
    var found = labelCount
    var numbers: [(id: Int64, name: String)] = []
    if wanted.isEmpty {
      let statement = try database.statement(
        "SELECT id, name FROM label WHERE removed IS NULL ORDER BY id LIMIT ? OFFSET ?"
      ).bind(limit).bind(offset)
      defer { statement.reset() }
      while try statement.step() { numbers.append((statement.number(0), statement.text(1) ?? "")) }
    } else {
      let counting = try database.statement(
        "SELECT count(*) FROM label WHERE removed IS NULL AND (instr(folded, ?) > 0 OR instr(folded, ?) > 0)"
      ).bind(wanted).bind(apart)
      defer { counting.reset() }
      found = try counting.step() ? Int(counting.number(0)) : 0
      let statement = try database.statement(
        """
        SELECT id, name FROM label WHERE removed IS NULL AND (instr(folded, ?) > 0 OR instr(folded, ?) > 0)
        ORDER BY id LIMIT ? OFFSET ?
        """
      ).bind(wanted).bind(apart).bind(limit).bind(offset)
      defer { statement.reset() }
      while try statement.step() { numbers.append((statement.number(0), statement.text(1) ?? "")) }
    }
    let list = try numbers.map { id, name in
      let counting = try database.statement("SELECT count(*) FROM reference WHERE label = ? AND removed IS NULL")
        .bind(id)
      defer { counting.reset() }
      let count = try counting.step() ? Int(counting.number(0)) : 0
      let statement = try database.statement(
        """
        SELECT id FROM reference WHERE label = ? AND removed IS NULL AND EXISTS (SELECT 1 FROM picture WHERE id = reference.id)
        ORDER BY id LIMIT ?
        """
      ).bind(id).bind(references)
      defer { statement.reset() }
      var rows: [Int] = []
      while try statement.step() { rows.append(Int(statement.number(0))) }
      return (label: name, count: count, rows: rows)
    }
    return (found, list)
  }

  /// Nil: none is kept.
  func picture(_ row: Int) throws -> [Float]? {
    let statement = try database.statement("SELECT bytes FROM picture WHERE id = ?").bind(row)
    defer { statement.reset() }
    guard try statement.step() else { return nil }
    guard let values = PackedPicture.unpack(statement.bytes(0)) else {
      throw GalleryError.notAGallery(path: path, reason: "a picture is damaged")
    }
    return values
  }

  func keepsPicture(_ row: Int) throws -> Bool {
    let statement = try database.statement("SELECT 1 FROM picture WHERE id = ?").bind(row)
    defer { statement.reset() }
    return try statement.step()
  }

  /// How many references cannot be embedded again.
  func picturesMissing() throws -> Int {
    Int(
      try number(
        "SELECT count(*) FROM reference WHERE removed IS NULL AND NOT EXISTS (SELECT 1 FROM picture WHERE id = reference.id)"
      ))
  }
}
