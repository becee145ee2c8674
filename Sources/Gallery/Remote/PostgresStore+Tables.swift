/// The tables, and the settings in them.
extension PostgresStore {
  /// Makes the tables where there are none, and brings older ones up to date; one of several that come at once does it.
  func prepareTables() throws {
    let version = try hasTables() ? try number("schema") : 0
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
      if try hasTables(), try number("schema") == Self.schema { return }
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

  /// Whether a gallery was made in this database.
  func hasTables() throws -> Bool {
    try connection.ask("SELECT to_regclass('twinbook_setting') IS NOT NULL").number(0, 0) == 1
  }

  /// The references' table: its width is known with the first embeddings.
  func prepareReferences(width: Int) throws {
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
}
