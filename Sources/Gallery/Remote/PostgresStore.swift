import Foundation
import MetricLearning
import NeuralNetworks
import Postgres
import Tensors

/// A gallery in a PostgreSQL database with pgvector: for more than one machine, and more than one machine's memory.
///
/// The database finds the nearest by its index; this side measures them again with the gallery's own distance, so that
/// distances and thresholds are the same bits as on one machine. Nothing is kept here but the connection and counts.
public final class PostgresStore {
  /// Of the tables: raised with each change of them, and older ones are migrated.
  static let schema: Int64 = 2

  let connection: PostgresConnection
  var networkHash = ""
  let metric: Metric
  var width = 0
  /// Counts as they were a moment ago; others may be adding.
  private(set) var known = (references: 0, labels: 0, expired: 0)
  /// Whether the tables say what was agreed to. Those of a version before do not, where this role may not change them.
  var hasConsent = true
  /// The time, seconds since 1970.
  var now: () -> Double = { Date().timeIntervalSince1970 }
  private var lookedAt: ContinuousClock.Instant?

  /// Looks how many there are, at most every few seconds.
  func follow() throws {
    if let lookedAt, ContinuousClock.now - lookedAt < .seconds(5) { return }
    try count()
  }

  func count() throws {
    known = (try referenceCount(), try labelCount(), try expiredCount())
    lookedAt = .now
  }

  /// The nearest by the index that are measured again.
  static let reranked = 50
  /// References at which an index is worth its making.
  static let indexed = 5000

  /// As it was given, with what it may say of a password.
  let given: String
  var keepsPictures = true

  init(_ address: String, metric: Metric) throws {
    given = address
    switch metric {
    case .euclidean, .squared, .cosine: break
    case .l1, .snr, .weightedL1: throw GalleryError.noDatabaseMeasure(metric.text)
    }
    self.metric = metric
    connection = try PostgresConnection(
      address, greeting: "SET client_min_messages = warning; SET hnsw.ef_search = 100")
  }

  static func isAddress(_ text: String) -> Bool {
    text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
  }

  // MARK: Tables

  /// Makes the tables where there are none, and brings older ones up to date; one of several that come at once does it.
  func prepareTables() throws {
    let known = try connection.ask("SELECT to_regclass('twinbook_setting') IS NOT NULL").number(0, 0) == 1
    let version = known ? try number("schema") : 0
    guard version <= Self.schema else {
      throw GalleryError.notAGallery(path: connection.address, reason: "it was written by a newer version of Twinbook")
    }
    guard version < Self.schema else { return }
    if version == 1 { return try addConsent() }
    let hasVector = try connection.ask("SELECT count(*) FROM pg_extension WHERE extname = 'vector'").number(0, 0) == 1
    if !hasVector { try connection.run("CREATE EXTENSION IF NOT EXISTS vector") }
    try connection.transaction {
      _ = try connection.ask("SELECT pg_advisory_xact_lock(84872715)")
      // Another may have been first.
      if try connection.ask("SELECT to_regclass('twinbook_setting') IS NOT NULL").number(0, 0) == 1,
        try number("schema") == Self.schema
      {
        return
      }
      try connection.run(
        """
        CREATE TABLE twinbook_setting (name text PRIMARY KEY, number bigint, value text, bytes bytea);
        CREATE TABLE twinbook_label (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, key text NOT NULL UNIQUE,
          folded text NOT NULL);
        CREATE TABLE twinbook_journal (
          seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, time timestamptz NOT NULL DEFAULT now(), kind text NOT NULL,
          label text, other text, count bigint NOT NULL DEFAULT 0, source text);
        INSERT INTO twinbook_setting (name, number) VALUES ('schema', 2);
        """)
    }
  }

  /// The references' table: its width is known with the first embeddings.
  private func prepareReferences(width: Int) throws {
    guard self.width == 0 else {
      if self.width != width { throw GalleryError.wrongWidth(function: "enroll", expected: self.width, got: width) }
      return
    }
    guard width <= 16_000 else { throw GalleryError.wrongWidth(function: "enroll", expected: 16_000, got: width) }
    _ = try connection.ask("SELECT pg_advisory_xact_lock(84872715)")
    if try readWidth() == 0 {
      try connection.run(
        """
        CREATE TABLE twinbook_reference (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          label bigint NOT NULL REFERENCES twinbook_label ON DELETE CASCADE, hash bigint NOT NULL,
          embedding vector(#) NOT NULL, picture bytea, source text, time timestamptz NOT NULL DEFAULT now(),
          consent text, expires double precision, UNIQUE (label, hash));
        CREATE INDEX twinbook_reference_expires ON twinbook_reference (expires) WHERE expires IS NOT NULL;
        """, width: width)
      try set("width", Int64(width))
      self.width = width
    }
    if self.width != width { throw GalleryError.wrongWidth(function: "enroll", expected: self.width, got: width) }
  }

  @discardableResult
  func readWidth() throws -> Int {
    width = Int(try number("width"))
    return width
  }

  // MARK: Settings

  func number(_ name: String) throws -> Int64 {
    try connection.ask("SELECT number FROM twinbook_setting WHERE name = $1", [.text(name)]).number(0, 0) ?? 0
  }

  func text(_ name: String) throws -> String? {
    try connection.ask("SELECT value FROM twinbook_setting WHERE name = $1", [.text(name)]).text(0, 0)
  }

  func bytes(_ name: String) throws -> [UInt8]? {
    try connection.ask("SELECT bytes FROM twinbook_setting WHERE name = $1", [.text(name)]).bytes(0, 0)
  }

  func set(_ name: String, _ number: Int64) throws {
    _ = try connection.ask(
      """
      INSERT INTO twinbook_setting (name, number) VALUES ($1, $2::bigint)
      ON CONFLICT (name) DO UPDATE SET number = excluded.number
      """, [.text(name), .number(number)])
  }

  func set(_ name: String, text: String?) throws {
    _ = try connection.ask(
      """
      INSERT INTO twinbook_setting (name, value) VALUES ($1, $2::text)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value
      """, [.text(name), text.map { .text($0) } ?? .nothing])
  }

  func set(_ name: String, bytes: [UInt8]) throws {
    _ = try connection.ask(
      """
      INSERT INTO twinbook_setting (name, bytes) VALUES ($1, $2::bytea)
      ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes
      """, [.text(name), .bytes(bytes)])
  }

  func enter(
    _ kind: String, label: String? = nil, other: String? = nil, count: Int = 0, source: String? = nil
  ) throws {
    _ = try connection.ask(
      "INSERT INTO twinbook_journal (kind, label, other, count, source) VALUES ($1, $2::text, $3::text, $4::bigint, $5::text)",
      [
        .text(kind), label.map { .text($0) } ?? .nothing, other.map { .text($0) } ?? .nothing, .number(Int64(count)),
        source.map { .text($0) } ?? .nothing,
      ])
  }

  // MARK: Changing

  /// - Returns: how many were not there before.
  @discardableResult
  func enroll(
    _ labels: [String], images: [Float], imageSize: Int, embeddings: [Float], width: Int,
    _ origin: ReferenceGallery.Origin
  ) throws -> Int {
    let count = embeddings.count / width
    var added = 0
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
          .number(Int64(index)), .text(label), .text(GalleryStore.key(label)), .text(label.lowercased()), .number(hash),
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
        let renewed = try connection.ask(
          """
          UPDATE twinbook_reference AS r SET consent = coalesce($1::text, r.consent), expires = coalesce($2::float8, r.expires)
          FROM twinbook_incoming AS new JOIN twinbook_label AS label USING (key)
          WHERE r.label = label.id AND r.hash = new.hash
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
    if added > 0 { try makeIndex() }
    return added
  }

  /// The index in the database, once there are enough references for it.
  func makeIndex() throws {
    guard width > 0, width <= 2000, try referenceCount() >= Self.indexed, try indexState() == "none" else { return }
    // What does not fit into memory is finished on the disk, row by row, in many times the time: the vectors, and some
    // 700 bytes of links for each. Where the server allows more, it stays.
    let kilobytes = try referenceCount() * (4 * width + 800) / 1024
    _ = try connection.ask(
      """
      SELECT set_config('maintenance_work_mem', greatest(setting::bigint, $1::bigint)::text || 'kB', false)
      FROM pg_settings WHERE name = 'maintenance_work_mem'
      """, [.number(Int64(min(4 << 20, max(64 << 10, kilobytes))))])
    try connection.run("SET max_parallel_maintenance_workers = 2")
    do { try createIndex() } catch {
      // Several at once share memory, of which a container may have little; one alone takes its own.
      try connection.run("SET max_parallel_maintenance_workers = 0")
      try createIndex()
    }
  }

  private func createIndex() throws {
    switch metric {
    case .cosine:
      try connection.run(
        "CREATE INDEX IF NOT EXISTS twinbook_reference_hnsw ON twinbook_reference USING hnsw (embedding vector_cosine_ops)"
      )
    default:
      try connection.run(
        "CREATE INDEX IF NOT EXISTS twinbook_reference_hnsw ON twinbook_reference USING hnsw (embedding vector_l2_ops)")
    }
  }

  /// "none", "half built" or "ready".
  func indexState() throws -> String {
    let rows = try connection.ask(
      """
      SELECT i.indisvalid AND i.indisready FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
      WHERE c.relname = 'twinbook_reference_hnsw' AND i.indrelid = to_regclass('twinbook_reference')
      """)
    guard rows.count > 0 else { return "none" }
    return rows.number(0, 0) == 1 ? "ready" : "half built"
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
        [.text(GalleryStore.key(label)), .text(new), .text(GalleryStore.key(new)), .text(new.lowercased())])
      if changed.changed > 0 { try enter("renamed", label: label, other: new) }
    }
  }

  // MARK: Asking

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
    let wanted = search.lowercased()
    let found = Int(
      try connection.ask("SELECT count(*) FROM twinbook_label WHERE strpos(folded, $1) > 0 OR $1 = ''", [.text(wanted)])
        .number(0, 0) ?? 0)
    let rows = try connection.ask(
      "SELECT id, name FROM twinbook_label WHERE strpos(folded, $1) > 0 OR $1 = '' ORDER BY id LIMIT $2::bigint OFFSET $3::bigint",
      [.text(wanted), .number(Int64(limit)), .number(Int64(offset))])
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

  /// The `k` nearest labels to an embedding, nearest first.
  ///
  /// - Parameter now: seconds since 1970; what has expired then does not answer.
  func nearest(_ query: [Float], k: Int, now: Double) throws -> [ReferenceGallery.Match] {
    var limit = max(Self.reranked, k * 4)
    var isExact = false
    while true {
      let rows = try isExact ? looking { try ordered(query, limit) } : ordered(query, limit)
      var best: [Int64: (distance: Double, id: Int64, name: String)] = [:]
      for row in 0..<rows.count {
        guard let id = rows.number(row, 0), let label = rows.number(row, 1), let embedding = rows.vector(row, 2),
          embedding.count == query.count, rows.real(row, 4).map({ $0 > now }) ?? true
        else { continue }
        let distance = measured(query, embedding)
        if let known = best[label], (known.distance, known.id) <= (distance, id) { continue }
        best[label] = (distance, id, rows.text(row, 3) ?? "")
      }
      // Labels with very many references, or what has expired, may fill the list alone: a longer one then. The index gives
      // no more than it looks through: where that is too little, all are looked at.
      let isShort = rows.count < min(limit, known.references)
      if best.count >= min(k, max(1, known.labels)) || limit > 1 << 20 || (isExact || !isShort) && rows.count < limit {
        return best.sorted { ($0.value.distance, $0.key) < ($1.value.distance, $1.key) }.prefix(k).map {
          ReferenceGallery.Match(label: $0.value.name, distance: $0.value.distance, reference: Int($0.value.id))
        }
      }
      if isShort { isExact = true }
      limit *= 4
    }
  }

  /// Without the index.
  private func looking<Value>(_ body: () throws -> Value) throws -> Value {
    try connection.transaction {
      try connection.run("SET LOCAL enable_indexscan = off")
      return try body()
    }
  }

  /// id, label, embedding, name, and when it expires.
  private func ordered(_ query: [Float], _ limit: Int) throws -> PostgresRows {
    let values: [PostgresValue] = [.vector(query), .number(Int64(limit))]
    switch (metric, hasConsent) {
    case (.cosine, true):
      return try connection.ask(
        """
        SELECT near.id, near.label, near.embedding, l.name, near.expires FROM (
          SELECT id, label, embedding, expires FROM twinbook_reference ORDER BY embedding <=> $1::vector
          LIMIT $2::bigint) AS near
        JOIN twinbook_label AS l ON l.id = near.label
        """, values)
    case (_, true):
      return try connection.ask(
        """
        SELECT near.id, near.label, near.embedding, l.name, near.expires FROM (
          SELECT id, label, embedding, expires FROM twinbook_reference ORDER BY embedding <-> $1::vector
          LIMIT $2::bigint) AS near
        JOIN twinbook_label AS l ON l.id = near.label
        """, values)
    case (.cosine, false):
      return try connection.ask(
        """
        SELECT near.id, near.label, near.embedding, l.name, NULL::float8 FROM (
          SELECT id, label, embedding FROM twinbook_reference ORDER BY embedding <=> $1::vector LIMIT $2::bigint) AS near
        JOIN twinbook_label AS l ON l.id = near.label
        """, values)
    case (_, false):
      return try connection.ask(
        """
        SELECT near.id, near.label, near.embedding, l.name, NULL::float8 FROM (
          SELECT id, label, embedding FROM twinbook_reference ORDER BY embedding <-> $1::vector LIMIT $2::bigint) AS near
        JOIN twinbook_label AS l ON l.id = near.label
        """, values)
    }
  }

  private func measured(_ a: [Float], _ b: [Float]) -> Double {
    guard metric == .euclidean else { return metric.distance(a, b).map(Double.init) ?? .infinity }
    var sum = 0.0
    for (x, y) in zip(a, b) {
      let difference = Double(x) - Double(y)
      sum += difference * difference
    }
    return sum.squareRoot()
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

  func keep(_ calibration: ReferenceGallery.Calibration?) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try connection.transaction {
      try set("calibration", text: try calibration.map { String(decoding: try encoder.encode($0), as: UTF8.self) })
      try enter("calibrated")
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

  // MARK: How it is

  public struct Health: Hashable, Sendable {
    public var labels: Int
    public var references: Int
    public var schema: Int
    /// "none", "half built" or "ready".
    public var index: String
    /// Of some of the references' nearest others the share that the index finds; nil without an index.
    public var recall: Double?
    public var server: String
  }

  /// - Parameter asked: questions for the recall.
  func health(asked: Int = 20) throws -> Health {
    let (references, state) = (try referenceCount(), try indexState())
    var recall: Double?
    if state == "ready", references > 1 {
      let rows = try connection.ask(
        """
        SELECT id, embedding FROM twinbook_reference
        WHERE id IN (SELECT low + (high - low) * i / $1::bigint FROM generate_series(0, $1::bigint - 1) AS i,
          (SELECT min(id) AS low, max(id) AS high FROM twinbook_reference) AS ends)
        """, [.number(Int64(asked))])
      var found = 0
      for row in 0..<rows.count {
        guard let query = rows.vector(row, 1) else { continue }
        func second() throws -> Double {
          let near = try ordered(query, Self.reranked)
          return (0..<near.count).compactMap { near.vector($0, 2) }.map { measured(query, $0) }.sorted().dropFirst()
            .first
            ?? .infinity
        }
        let quick = try second()
        var exact = 0.0
        exact = try looking { try second() }
        if quick <= exact { found += 1 }
      }
      recall = rows.count > 0 ? Double(found) / Double(rows.count) : nil
    }
    return Health(
      labels: try labelCount(), references: references, schema: Int(try number("schema")), index: state, recall: recall,
      server: try connection.ask("SHOW server_version").text(0, 0) ?? "")
  }
}
