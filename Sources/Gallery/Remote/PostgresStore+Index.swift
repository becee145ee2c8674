import Postgres

/// The index in the database, and how well it finds.
extension PostgresStore {
  /// The index in the database, once there are enough references for it.
  /// - Parameter large: from how many references on it has more links; others are for tests.
  func makeIndex(large: Int = PostgresStore.large) throws {
    guard width > 0, width <= 2000, try referenceCount() >= Self.indexed, try indexState() == "none" else { return }
    // What does not fit into memory is finished on the disk, row by row, in many times the time: the vectors, and some
    // 700 bytes of links for each, 1,000 of a large index. Where the server allows more, it stays.
    let count = try referenceCount()
    let isLarge = count >= large
    let kilobytes = count * (4 * width + (isLarge ? 1100 : 800)) / 1024
    _ = try connection.ask(
      """
      SELECT set_config('maintenance_work_mem', greatest(setting::bigint, $1::bigint)::text || 'kB', false)
      FROM pg_settings WHERE name = 'maintenance_work_mem'
      """, [.number(Int64(min(4 << 20, max(64 << 10, kilobytes))))])
    try connection.run("SET max_parallel_maintenance_workers = 2")
    do { try createIndex(isLarge: isLarge) } catch {
      // Several at once share memory, of which a container may have little; one alone takes its own.
      try connection.run("SET max_parallel_maintenance_workers = 0")
      try createIndex(isLarge: isLarge)
    }
  }

  /// From so many references on, pgvector's ordinary index (16 links, 64 candidates while it is made) misses too many, however
  /// far it looks: at a million 3 of 100, with `hnsw.ef_search` at its limit of 1000.
  static let large = 300_000

  private func createIndex(isLarge: Bool) throws {
    let statement: StaticString =
      switch (metric, isLarge) {
      case (.cosine, false):
        """
        CREATE INDEX IF NOT EXISTS twinbook_reference_hnsw ON twinbook_reference USING hnsw (embedding vector_cosine_ops)
        """
      case (.cosine, true):
        """
        CREATE INDEX IF NOT EXISTS twinbook_reference_hnsw ON twinbook_reference USING hnsw (embedding vector_cosine_ops)
        WITH (m = 24, ef_construction = 128)
        """
      case (_, false):
        """
        CREATE INDEX IF NOT EXISTS twinbook_reference_hnsw ON twinbook_reference USING hnsw (embedding vector_l2_ops)
        """
      case (_, true):
        """
        CREATE INDEX IF NOT EXISTS twinbook_reference_hnsw ON twinbook_reference USING hnsw (embedding vector_l2_ops)
        WITH (m = 24, ef_construction = 128)
        """
      }
    try connection.run(statement)
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

  /// How a gallery on a server is.
  public struct Health: Hashable, Sendable {
    public var labels: Int
    public var references: Int
    /// The version of its tables.
    public var schema: Int
    /// "none", "half built" or "ready".
    public var index: String
    /// Of some of the references' nearest others the share that the index finds; nil without an index.
    public var recall: Double?
    /// References that the index keeps in view while it looks (`hnsw.ef_search`); nil without an index.
    public var breadth: Int?
    /// The version of PostgreSQL.
    public var server: String
  }

  /// - Parameter asked: questions for the recall.
  func health(asked: Int = 20) throws -> Health {
    let (references, state) = (try referenceCount(), try indexState())
    var recall: Double?
    if state == "ready", references > 1 {
      let questions = try sampledEmbeddings(asked)
      var found = 0
      for question in questions {
        if try nearestOther(question) <= looking({ try nearestOther(question) }) { found += 1 }
      }
      recall = questions.isEmpty ? nil : Double(found) / Double(questions.count)
    }
    return Health(
      labels: try labelCount(), references: references, schema: Int(try number("schema")), index: state, recall: recall,
      breadth: state == "ready" ? breadth : nil,
      server: try connection.ask("SHOW server_version").text(0, 0) ?? "")
  }
}
