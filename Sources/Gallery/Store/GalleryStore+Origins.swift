import Foundation
import SQLite

/// Where references came from, and what was agreed to: a row of `origin` for all that came in together.
extension GalleryStore {
  /// Adds the table to a file of a version before it. References that are there keep none: the journal knows of them.
  func addOrigins() throws {
    try database.transaction {
      // Another program may have done it a moment ago.
      guard try number("PRAGMA user_version") < 4 else { return }
      try database.run(
        """
        CREATE TABLE IF NOT EXISTS origin (id INTEGER PRIMARY KEY, time REAL, source TEXT, consent TEXT, expires REAL);
        ALTER TABLE reference ADD COLUMN origin INTEGER;
        PRAGMA user_version = 4;
        """)
    }
  }

  func insert(_ origin: ReferenceGallery.Origin) throws -> Int64 {
    let statement = try database.statement("INSERT INTO origin (time, source, consent, expires) VALUES (?, ?, ?, ?)")
      .bind(optional: origin.enrolled).bind(origin.source).bind(origin.consent).bind(optional: origin.expires)
    try statement.run()
    return database.lastRow
  }

  func origin(_ row: Int) throws -> ReferenceGallery.Origin {
    if hasOrigins {
      let statement = try database.statement(
        """
        SELECT origin.time, origin.source, consent, expires FROM reference JOIN origin ON origin.id = reference.origin
        WHERE reference.id = ?
        """
      ).bind(row)
      defer { statement.reset() }
      if try statement.step() { return Self.origin(statement, 0) }
    }
    // Enrolled by a version of before: the journal's entry tells when, and from where.
    let statement = try database.statement(
      "SELECT time, source FROM journal WHERE kind = 'enrolled' AND first <= ? AND last >= ? ORDER BY seq DESC LIMIT 1"
    ).bind(row).bind(row)
    defer { statement.reset() }
    guard try statement.step() else { return ReferenceGallery.Origin() }
    return ReferenceGallery.Origin(enrolled: statement.real(0), source: statement.text(1))
  }

  private static func origin(_ statement: SQLiteStatement, _ column: Int32) -> ReferenceGallery.Origin {
    ReferenceGallery.Origin(
      enrolled: statement.isNull(column) ? nil : statement.real(column), source: statement.text(column + 1),
      consent: statement.text(column + 2), expires: statement.isNull(column + 3) ? nil : statement.real(column + 3))
  }

  /// The rows from `first` on that expire.
  func rowsThatExpire(from first: Int = 0) throws -> [(row: Int32, time: Double)] {
    guard hasOrigins else { return [] }
    let some = try database.statement("SELECT 1 FROM origin WHERE expires IS NOT NULL LIMIT 1")
    defer { some.reset() }
    // Of most galleries none does: then a million rows are not looked at.
    guard try some.step() else { return [] }
    let statement = try database.statement(
      """
      SELECT reference.id, origin.expires FROM reference JOIN origin ON origin.id = reference.origin
      WHERE origin.expires IS NOT NULL AND reference.removed IS NULL AND reference.id >= ?
      """
    ).bind(first)
    defer { statement.reset() }
    var rows: [(row: Int32, time: Double)] = []
    while try statement.step() { rows.append((Int32(clamping: statement.number(0)), statement.real(1))) }
    return rows
  }

  func summary(of label: String, now: Double) throws -> ReferenceGallery.Summary {
    var summary = ReferenceGallery.Summary()
    guard let number = try number(of: label) else { return summary }
    guard hasOrigins else {
      summary.count = try references(of: label)
      return summary
    }
    let statement = try database.statement(
      """
      SELECT origin.time, origin.source, consent, expires, count(*), min(reference.id)
      FROM reference LEFT JOIN origin ON origin.id = reference.origin
      WHERE label = ? AND removed IS NULL GROUP BY reference.origin ORDER BY 6
      """
    ).bind(Int64(number))
    var found: [(origin: ReferenceGallery.Origin, count: Int, row: Int)] = []
    while try statement.step() {
      found.append((Self.origin(statement, 0), Int(statement.number(4)), Int(statement.number(5))))
    }
    statement.reset()
    for one in found {
      let isOld = one.origin == ReferenceGallery.Origin()
      summary.add(isOld ? try origin(one.row) : one.origin, now: now, references: one.count)
    }
    return summary
  }

  // MARK: Agreeing again

  func renew(_ gallery: ReferenceGallery, _ label: String, _ renewal: ReferenceGallery.Renewal) throws -> Int {
    var count = 0
    try change(gallery) {
      guard let number = try number(of: label) else { return }
      let statement = try database.statement("SELECT id FROM reference WHERE label = ? AND removed IS NULL")
        .bind(Int64(number))
      var rows: [Int64] = []
      while try statement.step() { rows.append(statement.number(0)) }
      statement.reset()
      count = try renew(gallery, rows, renewal, label: label)
    }
    try catchUp(gallery)
    return count
  }

  /// Within a transaction. - Returns: how many references are others now.
  func renew(
    _ gallery: ReferenceGallery, _ rows: [Int64], _ renewal: ReferenceGallery.Renewal, label: String?
  ) throws -> Int {
    var made: [ReferenceGallery.Origin: Int64] = [:]
    var before: [String] = []
    for row in rows {
      let old = try origin(Int(row))
      let new = renewal.applied(to: old)
      guard new != old else { continue }
      let number = try made[new] ?? insert(new)
      made[new] = number
      let known = try database.statement("SELECT origin FROM reference WHERE id = ?").bind(row)
      before.append("\(row):" + (try known.step() && !known.isNull(0) ? String(known.number(0)) : ""))
      known.reset()
      try database.statement("UPDATE reference SET origin = ? WHERE id = ?").bind(number).bind(row).run()
    }
    guard !before.isEmpty else { return 0 }
    own.insert(
      try enter(gallery, "renewed", label: label, count: before.count, before: before.joined(separator: ",")))
    return before.count
  }

  /// Takes an entry "renewed" back.
  func unrenew(_ before: String) throws {
    for part in before.split(separator: ",") {
      let numbers = part.split(separator: ":", omittingEmptySubsequences: false)
      guard numbers.count == 2, let row = Int64(numbers[0]) else { continue }
      let statement = try database.statement("UPDATE reference SET origin = ? WHERE id = ?")
      if let number = Int64(numbers[1]) { statement.bind(number) } else { statement.bind(nil as String?) }
      try statement.bind(row).run()
    }
  }
}

extension SQLiteStatement {
  @discardableResult
  func bind(optional number: Double?) -> Self { number.map { bind($0) } ?? bind(nil as String?) }
}
