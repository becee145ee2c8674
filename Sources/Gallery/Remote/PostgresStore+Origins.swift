import Foundation
import Postgres
import Tensors

/// Where references came from, what was agreed to, and forgetting somebody.
extension PostgresStore {
  static func value(_ text: String?) -> PostgresValue { text.map { .text($0) } ?? .nothing }
  static func value(_ number: Double?) -> PostgresValue { number.map { .real($0) } ?? .nothing }

  /// - Parameter column: of four: when, from where, what was agreed to, until when.
  static func origin(_ rows: PostgresRows, _ row: Int, _ column: Int) -> ReferenceGallery.Origin {
    ReferenceGallery.Origin(
      enrolled: rows.real(row, column), source: rows.text(row, column + 1), consent: rows.text(row, column + 2),
      expires: rows.real(row, column + 3))
  }

  /// Brings tables of schema 1 up to date; where this role may not do so, they stay, and are read as they are.
  func addConsent() throws {
    do {
      try connection.transaction {
        _ = try connection.ask("SELECT pg_advisory_xact_lock(84872715)")
        guard try number("schema") == 1 else { return }
        if try readWidth() > 0 {
          try connection.run(
            """
            ALTER TABLE twinbook_reference ADD COLUMN consent text, ADD COLUMN expires double precision;
            CREATE INDEX twinbook_reference_expires ON twinbook_reference (expires) WHERE expires IS NOT NULL;
            """)
        }
        try set("schema", 2)
      }
    } catch let error as PostgresError {
      guard case .forbidden = error else { throw error }
      hasConsent = false
    }
  }

  // MARK: What has expired

  func expiredCount() throws -> Int {
    guard hasConsent, try readWidth() > 0 else { return 0 }
    let rows = try connection.ask(
      "SELECT count(*) FROM twinbook_reference WHERE expires <= $1::float8", [.real(now())])
    return Int(rows.number(0, 0) ?? 0)
  }

  /// Those that have expired, by the clock of this machine.
  func expiredReferences() throws -> Set<Int64> {
    guard hasConsent, try readWidth() > 0 else { return [] }
    let rows = try connection.ask(
      "SELECT id FROM twinbook_reference WHERE expires <= $1::float8", [.real(now())])
    return Set((0..<rows.count).compactMap { rows.number($0, 0) })
  }

  func nextExpiry(_ now: Double) throws -> Double? {
    guard hasConsent, try readWidth() > 0 else { return nil }
    return try connection.ask("SELECT min(expires) FROM twinbook_reference WHERE expires > $1::float8", [.real(now)])
      .real(0, 0)
  }

  func origin(_ id: Int) throws -> ReferenceGallery.Origin? {
    guard try readWidth() > 0 else { return nil }
    let values: [PostgresValue] = [.number(Int64(id))]
    let rows =
      hasConsent
      ? try connection.ask(
        """
        SELECT extract(epoch FROM time)::float8, source, consent, expires FROM twinbook_reference WHERE id = $1::bigint
        """, values)
      : try connection.ask(
        """
        SELECT extract(epoch FROM time)::float8, source, NULL::text, NULL::float8 FROM twinbook_reference
        WHERE id = $1::bigint
        """, values)
    return rows.count > 0 ? Self.origin(rows, 0, 0) : nil
  }

  func summary(of label: String, now: Double) throws -> ReferenceGallery.Summary {
    var summary = ReferenceGallery.Summary()
    guard try readWidth() > 0 else { return summary }
    guard hasConsent else {
      summary.count = try references(of: label)
      return summary
    }
    let rows = try connection.ask(
      """
      SELECT min(extract(epoch FROM r.time))::float8, r.source, r.consent, r.expires, count(*), min(r.id)
      FROM twinbook_reference AS r JOIN twinbook_label AS l ON l.id = r.label WHERE l.key = $1
      GROUP BY r.source, r.consent, r.expires ORDER BY 6
      """, [.text(GalleryStore.key(label))])
    for row in 0..<rows.count {
      summary.add(Self.origin(rows, row, 0), now: now, references: Int(rows.number(row, 4) ?? 0))
    }
    return summary
  }

  func renew(_ label: String, _ renewal: ReferenceGallery.Renewal) throws -> Int {
    guard try readWidth() > 0 else { return 0 }
    var count = 0
    var (end, ends): (Double?, Int64) = (nil, 0)
    switch renewal.expires {
    case .at(let time): (end, ends) = (time, 1)
    case .never: ends = 1
    case nil: break
    }
    try connection.transaction {
      count =
        try connection.ask(
          """
          UPDATE twinbook_reference AS r SET consent = coalesce($2::text, r.consent),
            expires = CASE WHEN $4::bigint = 1 THEN $3::float8 ELSE r.expires END
          FROM twinbook_label AS l WHERE l.id = r.label AND l.key = $1
          """,
          [.text(GalleryStore.key(label)), Self.value(renewal.consent), Self.value(end), .number(ends)]
        ).changed
      if count > 0 { try enter("renewed", label: label, count: count) }
    }
    try self.count()
    return count
  }

  // MARK: Forgetting

  /// The journal's entries that name somebody, or whom they were before.
  private func entries(about label: String) throws -> [Int64] {
    let rows = try connection.ask(
      "SELECT seq, kind, label, other FROM twinbook_journal WHERE label IS NOT NULL OR other IS NOT NULL ORDER BY seq DESC"
    )
    var names: Set<String> = [GalleryStore.key(label)]
    for row in 0..<rows.count where rows.text(row, 1) == "renamed" {
      guard let old = rows.text(row, 2).map(GalleryStore.key), let new = rows.text(row, 3).map(GalleryStore.key),
        names.contains(new), !names.contains(old)
      else { continue }
      if try !contains(old) { names.insert(old) }
    }
    // What they were called afterwards, where nobody is any more.
    for row in (0..<rows.count).reversed() where rows.text(row, 1) == "renamed" {
      guard let old = rows.text(row, 2).map(GalleryStore.key), let new = rows.text(row, 3).map(GalleryStore.key),
        names.contains(old), !names.contains(new)
      else { continue }
      if try !contains(new) { names.insert(new) }
    }
    return (0..<rows.count).filter { row in
      [2, 3].contains { rows.text(row, $0).map { names.contains(GalleryStore.key($0)) } ?? false }
    }.compactMap { rows.number($0, 0) }
  }

  func traces(of label: String) throws -> ReferenceGallery.Traces {
    var traces = ReferenceGallery.Traces()
    traces.references = try references(of: label)
    if traces.references > 0 {
      traces.pictures = Int(
        try connection.ask(
          """
          SELECT count(picture) FROM twinbook_reference AS r JOIN twinbook_label AS l ON l.id = r.label WHERE l.key = $1
          """, [.text(GalleryStore.key(label))]
        ).number(0, 0) ?? 0)
    }
    traces.changes = try entries(about: label).count
    traces.successors = try successors(of: label)
    traces.leaveEntriesToSuccessors()
    return traces
  }

  /// Who was called so, and is called otherwise now. What is removed from a database is not kept.
  private func successors(of label: String) throws -> [ReferenceGallery.Successor] {
    let rows = try connection.ask(
      "SELECT kind, label, other FROM twinbook_journal WHERE kind IN ('renamed', 'removed') ORDER BY seq")
    var changes = NameChanges(of: label)
    for row in 0..<rows.count {
      changes.follow(kind: rows.text(row, 0), label: rows.text(row, 1), other: rows.text(row, 2))
    }
    return try changes.names.compactMap { name, isRemoved in
      let count = isRemoved ? 0 : try references(of: name)
      return count > 0 ? ReferenceGallery.Successor(name: name, references: count) : nil
    }
  }

  /// - Returns: what may still be on the server, in words.
  func forget(_ label: String) throws -> [String] {
    let count = try references(of: label)
    try connection.transaction {
      for seq in try entries(about: label) {
        _ = try connection.ask(
          """
          UPDATE twinbook_journal SET kind = 'forgotten', label = NULL, other = NULL, source = NULL
          WHERE seq = $1::bigint
          """, [.number(seq)])
      }
      _ = try connection.ask("DELETE FROM twinbook_label WHERE key = $1", [.text(GalleryStore.key(label))])
      try enter("forgotten", count: count)
    }
    try self.count()
    var left: [String] = []
    // Deleted rows stay in the tables' files until these are written anew, which is the owner's to do.
    let isOwner =
      try connection.ask(
        "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('twinbook_label')"
      ).number(0, 0) == 1
    if isOwner {
      let hasReferences = try readWidth() > 0
      do {
        try connection.run("VACUUM FULL twinbook_label")
        try connection.run("VACUUM FULL twinbook_journal")
        if hasReferences { try connection.run("VACUUM FULL twinbook_reference") }
      } catch {
        left.append(
          "the tables' files could not be written anew (\(error.explanation.message)): VACUUM FULL does that")
      }
    } else {
      left.append("this role does not own the tables: their owner has to run VACUUM FULL, until then deleted rows stay")
    }
    left.append("the server's own log (WAL), its backups and replicas keep what was, for as long as they are kept")
    return left
  }

  func everything(of label: String) throws -> [ReferenceGallery.Held] {
    guard try readWidth() > 0 else { return [] }
    let ids = try connection.ask(
      """
      SELECT r.id, r.embedding, r.picture FROM twinbook_reference AS r JOIN twinbook_label AS l ON l.id = r.label
      WHERE l.key = $1 ORDER BY r.id
      """, [.text(GalleryStore.key(label))])
    return try (0..<ids.count).map { row in
      try LongWork.check()
      let picture = ids.bytes(row, 2).flatMap { bytes in bytes.withUnsafeBytes { PackedPicture.unpack($0) } } ?? []
      return ReferenceGallery.Held(
        origin: try origin(Int(ids.number(row, 0) ?? 0)) ?? ReferenceGallery.Origin(), picture: picture,
        embedding: ids.vector(row, 1) ?? [], isRemoved: false)
    }
  }
}
