import NeuralNetworks
import Postgres
import Tensors

/// Enrolling, removing, renaming.
extension PostgresStore {
  func enroll(
    _ labels: [String], images: [Float], imageSize: Int, embeddings: [Float], width: Int,
    _ origin: ReferenceGallery.Origin
  ) throws -> ReferenceGallery.Enrolled {
    let count = embeddings.count / width
    var (added, renewed) = (0, 0)
    try connection.transaction {
      try prepareReferences(width: width)
      try connection.run(
        """
        CREATE TEMP TABLE IF NOT EXISTS twinbook_incoming (
          place bigint, name text, key text, folded text, hash bigint, embedding vector, picture bytea) ON COMMIT DELETE ROWS
        """)
      var index = 0
      try connection.copy("COPY twinbook_incoming FROM STDIN (FORMAT binary)") {
        guard index < count else { return nil }
        if index % 4096 == 0 { try LongWork.check() }
        defer { index += 1 }
        let label = labels.count == 1 ? labels[0] : labels[index]
        let values = Array(embeddings[index * width..<(index + 1) * width])
        let hash = values.withUnsafeBytes { GalleryStore.hash($0) }
        let picture: PostgresValue =
          imageSize > 0
          ? .bytes(PackedPicture.pack(images[index * imageSize..<(index + 1) * imageSize])) : .nothing
        return [
          .number(Int64(index)), .text(label), .text(GalleryStore.key(label)), .text(GalleryStore.folded(label)),
          .number(hash),
          .vector(values), picture,
        ]
      }
      _ = try connection.ask(
        """
        INSERT INTO twinbook_label (name, key, folded)
        SELECT name, key, folded FROM (SELECT DISTINCT ON (key) * FROM twinbook_incoming ORDER BY key, place) AS new
        ORDER BY place ON CONFLICT (key) DO NOTHING
        """)
      let (consent, expires) = (Self.value(origin.consent), Self.value(origin.expires))
      if origin.consent != nil || origin.expires != nil {
        // Those that are there already are not added again; what was agreed to is another now.
        renewed = try connection.ask(
          """
          UPDATE twinbook_reference AS r SET consent = coalesce($1::text, r.consent), expires = coalesce($2::float8, r.expires)
          FROM twinbook_incoming AS new JOIN twinbook_label AS label USING (key)
          WHERE r.label = label.id AND r.hash = new.hash AND (r.consent IS DISTINCT FROM coalesce($1::text, r.consent)
            OR r.expires IS DISTINCT FROM coalesce($2::float8, r.expires))
          """, [consent, expires]
        ).changed
        if renewed > 0 { try enter("renewed", label: labels.count == 1 ? labels[0] : nil, count: renewed) }
      }
      added = try connection.ask(
        """
        INSERT INTO twinbook_reference (label, hash, embedding, picture, source, consent, expires)
        SELECT label.id, new.hash, new.embedding, new.picture, $1::text, $2::text, $3::float8
        FROM twinbook_incoming AS new JOIN twinbook_label AS label USING (key) ORDER BY new.place
        ON CONFLICT (label, hash) DO NOTHING
        """, [Self.value(origin.source), consent, expires]
      ).changed
      if added > 0 {
        try enter("enrolled", label: labels.count == 1 ? labels[0] : nil, count: added, source: origin.source)
      }
    }
    try self.count()
    if added > 0 {
      try makeIndex()
      try chooseBreadth()
    }
    return .init(added: added, renewed: renewed)
  }

  func remove(_ label: String) throws -> Int {
    var count = 0
    try connection.transaction {
      count = try references(of: label)
      let gone = try connection.ask("DELETE FROM twinbook_label WHERE key = $1", [.text(GalleryStore.key(label))])
      if gone.changed > 0 { try enter("removed", label: label, count: count) }
    }
    try self.count()
    return count
  }

  func rename(_ label: String, to new: String) throws {
    try connection.transaction {
      let changed = try connection.ask(
        "UPDATE twinbook_label SET name = $2, key = $3, folded = $4 WHERE key = $1",
        [.text(GalleryStore.key(label)), .text(new), .text(GalleryStore.key(new)), .text(GalleryStore.folded(new))])
      if changed.changed > 0 { try enter("renamed", label: label, other: new) }
    }
  }
}
