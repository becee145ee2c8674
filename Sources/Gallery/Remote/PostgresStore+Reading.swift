import Foundation
import Postgres
import Tensors

/// Counts, labels, pictures, and all references one after the other.
extension PostgresStore {
  func referenceCount() throws -> Int {
    guard width > 0 else { return try readWidth() > 0 ? referenceCount() : 0 }
    return Int(try connection.ask("SELECT count(*) FROM twinbook_reference").number(0, 0) ?? 0)
  }

  func labelCount() throws -> Int {
    Int(try connection.ask("SELECT count(*) FROM twinbook_label").number(0, 0) ?? 0)
  }

  func contains(_ label: String) throws -> Bool {
    try connection.ask("SELECT 1 FROM twinbook_label WHERE key = $1", [.text(GalleryStore.key(label))]).count > 0
  }

  func references(of label: String) throws -> Int {
    guard try readWidth() > 0 else { return 0 }
    return Int(
      try connection.ask(
        "SELECT count(*) FROM twinbook_reference AS r JOIN twinbook_label AS l ON l.id = r.label WHERE l.key = $1",
        [.text(GalleryStore.key(label))]
      ).number(0, 0) ?? 0)
  }

  func labels() throws -> [String] {
    let rows = try connection.ask("SELECT name FROM twinbook_label ORDER BY id")
    return (0..<rows.count).map { rows.text($0, 0) ?? "" }
  }

  func page(
    search: String, offset: Int, limit: Int, references: Int
  ) throws -> (found: Int, list: [(label: String, count: Int, references: [Int])]) {
    let wanted = GalleryStore.folded(search)
    let apart = wanted.decomposedStringWithCanonicalMapping
    let found = Int(
      try connection.ask(
        "SELECT count(*) FROM twinbook_label WHERE strpos(folded, $1) > 0 OR strpos(folded, $2) > 0 OR $1 = ''",
        [.text(wanted), .text(apart)]
      ).number(0, 0) ?? 0)
    let rows = try connection.ask(
      """
      SELECT id, name FROM twinbook_label WHERE strpos(folded, $1) > 0 OR strpos(folded, $2) > 0 OR $1 = ''
      ORDER BY id LIMIT $3::bigint OFFSET $4::bigint
      """,
      [.text(wanted), .text(apart), .number(Int64(limit)), .number(Int64(offset))])
    return (
      found,
      try (0..<rows.count).map { row in
        let label = rows.number(row, 0) ?? 0
        let count = Int(
          try connection.ask("SELECT count(*) FROM twinbook_reference WHERE label = $1::bigint", [.number(label)])
            .number(0, 0) ?? 0)
        let own = try connection.ask(
          "SELECT id FROM twinbook_reference WHERE label = $1::bigint AND picture IS NOT NULL ORDER BY id LIMIT $2::bigint",
          [.number(label), .number(Int64(references))])
        return (rows.text(row, 1) ?? "", count, (0..<own.count).map { Int(own.number($0, 0) ?? 0) })
      }
    )
  }

  func keepsPicture(_ id: Int) throws -> Bool {
    let rows = try connection.ask(
      "SELECT count(*) FROM twinbook_reference WHERE id = $1::bigint AND picture IS NOT NULL", [.number(Int64(id))])
    return rows.number(0, 0) == 1
  }

  func picture(_ id: Int) throws -> [Float]? {
    guard try readWidth() > 0 else { return nil }
    let rows = try connection.ask(
      "SELECT picture FROM twinbook_reference WHERE id = $1::bigint", [.number(Int64(id))])
    guard rows.count > 0 else { return nil }
    return rows.bytes(0, 0).flatMap { bytes in bytes.withUnsafeBytes { PackedPicture.unpack($0) } } ?? []
  }

  /// All references, in order, a portion at a time.
  func all(
    pictures: Bool,
    _ take: (_ label: String, _ embedding: [Float], _ picture: [Float], ReferenceGallery.Origin) throws -> Void
  ) throws {
    guard try readWidth() > 0 else { return }
    var last: Int64 = 0
    while true {
      let values: [PostgresValue] = [.number(last), .number(pictures ? 1 : 0)]
      let rows =
        hasConsent
        ? try connection.ask(
          """
          SELECT r.id, l.name, r.embedding, CASE WHEN $2::bigint = 1 THEN r.picture END,
            extract(epoch FROM r.time)::float8, r.source, r.consent, r.expires
          FROM twinbook_reference AS r JOIN twinbook_label AS l ON l.id = r.label
          WHERE r.id > $1::bigint ORDER BY r.id LIMIT 8192
          """, values)
        : try connection.ask(
          """
          SELECT r.id, l.name, r.embedding, CASE WHEN $2::bigint = 1 THEN r.picture END,
            extract(epoch FROM r.time)::float8, r.source, NULL::text, NULL::float8
          FROM twinbook_reference AS r JOIN twinbook_label AS l ON l.id = r.label
          WHERE r.id > $1::bigint ORDER BY r.id LIMIT 8192
          """, values)
      guard rows.count > 0 else { return }
      for row in 0..<rows.count {
        last = rows.number(row, 0) ?? last
        guard let embedding = rows.vector(row, 2) else { continue }
        let picture = rows.bytes(row, 3).flatMap { bytes in bytes.withUnsafeBytes { PackedPicture.unpack($0) } } ?? []
        try take(rows.text(row, 1) ?? "", embedding, picture, Self.origin(rows, row, 4))
      }
      try LongWork.check()
    }
  }

  /// Distances between some references, the same ones as long as nothing changes.
  func sample(
    _ most: Int, function distance: ([Float], [Float]) -> Double
  ) throws -> (same: [Float], different: [Float], references: Int) {
    guard try readWidth() > 0 else { return ([], [], 0) }
    let step = max(1, (try referenceCount() + most - 1) / max(1, most))
    let rows = try connection.ask(
      """
      SELECT label, embedding, id FROM twinbook_reference WHERE id % $1::bigint = 0 ORDER BY id LIMIT $2::bigint
      """, [.number(Int64(step)), .number(Int64(most))])
    var (same, different): ([Float], [Float]) = ([], [])
    let expired = try expiredReferences()
    let all = (0..<rows.count).filter { !expired.contains(rows.number($0, 2) ?? 0) }
      .map { (rows.number($0, 0), rows.vector($0, 1) ?? []) }
    for (index, one) in all.enumerated() {
      for other in all[(index + 1)...] {
        if one.0 != other.0 {
          different.append(Float(distance(one.1, other.1)))
        } else if step == 1 {
          same.append(Float(distance(one.1, other.1)))
        }
      }
    }
    guard step > 1 else { return (same, different, all.count) }
    // Hardly two of a sample are of one label: the first few of each label that was met.
    let own = try connection.ask(
      """
      SELECT label, embedding, id FROM (
        SELECT label, embedding, id, row_number() OVER (PARTITION BY label ORDER BY id) AS place FROM twinbook_reference
        WHERE label IN (SELECT label FROM twinbook_reference WHERE id % $1::bigint = 0 ORDER BY id LIMIT $2::bigint)
      ) AS own WHERE place <= $3::bigint ORDER BY label, id
      """, [.number(Int64(step)), .number(Int64(most)), .number(Int64(ReferenceGallery.ofOneLabel))])
    let members = (0..<own.count).filter { !expired.contains(own.number($0, 2) ?? 0) }
      .map { (own.number($0, 0), own.vector($0, 1) ?? []) }
    for (index, one) in members.enumerated() {
      for other in members[(index + 1)...].prefix(while: { $0.0 == one.0 }) {
        same.append(Float(distance(one.1, other.1)))
      }
    }
    return (same, different, all.count)
  }
}
