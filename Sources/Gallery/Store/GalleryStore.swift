import Downloads
import Files
import Foundation
import Glibc
import NeuralNetworks
import SQLite
import Tensors

/// A gallery's file: an SQLite database, in which every change is a transaction and an entry of a journal.
///
/// Several programs may have one file open. Each holds embeddings and owners in memory, and reads from the journal what the
/// others did (`follow`). A change is made in one order: the right to write, what others did, the change, the rows beside
/// the database (`RowsFile`), the journal's entry, the end of the transaction; then it is made in memory. So what was
/// acknowledged is on the disk, and nothing is in memory that is not.
public final class GalleryStore {
  /// Of the tables; a newer one is refused.
  static let format = 4
  /// "TWNB", in the file's head.
  static let application: Int64 = 0x5457_4e42

  /// As it was given, for words.
  let path: String
  /// As the system takes it, links followed.
  let file: String
  let database: SQLiteDatabase
  let isReadOnly: Bool
  /// Which file it was when it was opened.
  let opened: FileSystem.Identity?
  /// Whether pictures of references are kept.
  public private(set) var keepsPictures = true
  /// Whether the file says where references came from; one of a version before it that can only be read does not.
  private(set) var hasOrigins = true
  /// Up to which entry of the journal memory is.
  var position: Int64 = 0
  /// Entries that this gallery made: what `%undo` may take back.
  var own: Set<Int64> = []
  private var countedLabels: Int?
  /// Counted when it is asked for: of a million that takes longer than to enrol one more.
  var labelCount: Int {
    if let countedLabels { return countedLabels }
    let count = Int((try? number("SELECT count(*) FROM label WHERE removed IS NULL")) ?? 0)
    countedLabels = count
    return count
  }
  func forgetLabelCount() { countedLabels = nil }
  /// Of this database; the file of rows names it.
  var identity = UUID()
  /// How often all embeddings were replaced.
  var replaced: Int64 = 0
  /// Changes when another connection has changed something.
  var dataVersion: Int64 = -1
  var names: [Int32: String] = [:]
  /// SHA-256 of the network that the embeddings are of; empty where there is none yet.
  var networkHash = ""

  /// - Parameters:
  ///   - making: an empty one, where there is no file.
  ///   - reading: nothing is written, also where it might be: not even what opening usually brings up to date.
  init(_ path: String, making: Bool, reading: Bool = false) throws {
    self.path = path
    let full = try FileSystem.placeForLibrary(path, making: making)
    if let real = realpath(full, nil) {
      file = String(cString: real)
      free(real)
    } else {
      file = full
      guard making else { throw SQLiteError.missing(path: path) }
    }
    if making {
      // Faces are their owner's alone; the files beside it take its mode.
      let made = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
      if made >= 0 { close(made) }
      database = try SQLiteDatabase(file, path: path, .making, check: LongWork.check)
      isReadOnly = false
    } else {
      let mayWrite = !reading && access(file, W_OK) == 0 && access(FileSystem.parent(of: file), W_OK) == 0
      isReadOnly = !mayWrite
      if mayWrite {
        database = try SQLiteDatabase(file, path: path, .writing, check: LongWork.check)
      } else {
        // Nobody who may write has it open unless its log stands beside it.
        let isFixed = !FileSystem.exists(file + "-wal")
        database = try SQLiteDatabase(file, path: path, .reading(fixed: isFixed), check: LongWork.check)
      }
    }
    opened = FileSystem.identity(of: file)
  }

  deinit { rowsFile?.sync() }

  /// The rows beside the database, where they are used.
  var rowsFile: RowsFile?

  var rowsPath: String { file + "-rows" }
  /// The graph beside it, where one was made.
  var graphPath: String { file + "-graph" }

  /// Whether bytes begin as a database's do.
  public static func recognises(_ start: some Collection<UInt8>) -> Bool {
    start.starts(with: Array("SQLite format 3\0".utf8))
  }

  /// Whether a database is a gallery's, of whatever version.
  public static func isGallery(_ path: String) -> Bool {
    guard let start = try? FileSystem.readStart(path, count: 72), start.count == 72, recognises(start) else {
      return false
    }
    // The application's number stands in the file's head.
    return start[68..<72].reduce(Int64(0)) { $0 << 8 | Int64($1) } == application
  }

  // MARK: Tables

  /// Whether it is a database in which nobody has made anything: a program has just begun to, or was killed there.
  func isEmpty() throws -> Bool {
    try number("PRAGMA application_id") == 0 && number("SELECT count(*) FROM sqlite_master") == 0
  }

  /// Makes the tables, and fills them in the same transaction, so that nobody sees a gallery that is half made.
  ///
  /// - Parameters:
  ///   - isLogged: false while the file is filled under a name of its own.
  ///   - fill: writes what belongs to a new gallery.
  /// - Returns: false where another program has made them a moment ago; then nothing is written.
  @discardableResult
  func makeTables(isLogged: Bool, fill: () throws -> Void = {}) throws -> Bool {
    if isLogged { try database.keepLog() }
    let isMade = try database.transaction {
      guard try number("SELECT count(*) FROM sqlite_master WHERE name = 'setting'") == 0 else { return false }
      try database.run(
        """
        CREATE TABLE setting (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
        CREATE TABLE label (
          id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, key TEXT NOT NULL, folded TEXT NOT NULL,
          born INTEGER NOT NULL, removed INTEGER);
        CREATE UNIQUE INDEX label_key ON label (key) WHERE removed IS NULL;
        CREATE TABLE reference (
          id INTEGER PRIMARY KEY, label INTEGER NOT NULL, removed INTEGER, hash INTEGER NOT NULL, embedding BLOB NOT NULL,
          origin INTEGER);
        CREATE TABLE origin (id INTEGER PRIMARY KEY, time REAL, source TEXT, consent TEXT, expires REAL);
        CREATE INDEX reference_label ON reference (label) WHERE removed IS NULL;
        CREATE INDEX reference_removed ON reference (removed) WHERE removed IS NOT NULL;
        CREATE INDEX reference_hash ON reference (hash);
        CREATE TABLE picture (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
        CREATE TABLE journal (
          seq INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, kind TEXT NOT NULL, label TEXT, other TEXT,
          first INTEGER, last INTEGER, count INTEGER NOT NULL DEFAULT 0, source TEXT, before TEXT, target INTEGER,
          undone INTEGER);
        PRAGMA application_id = 0x54574e42;
        PRAGMA user_version = 4;
        """)
      try set("identity", identity.uuidString)
      try set("rows", 0)
      try set("replaced", 0)
      try set("pictures", keepsPictures ? 1 : 0)
      try fill()
      return true
    }
    // Into the file itself, whose head says what it is: who looks for galleries in a folder (`isGallery`) reads that, also
    // where this program is killed and its log stays beside the file. Nobody waits; where others read, the next one does it.
    if isMade, isLogged { try database.run("PRAGMA wal_checkpoint(PASSIVE)") }
    return isMade
  }

  /// Whether nothing in it runs when it is asked or changed: tables and their indices are all that a gallery is made of.
  private func holdsTablesAlone() throws -> Bool {
    try number(
      """
      SELECT count(*) FROM sqlite_master WHERE type NOT IN ('table', 'index') OR ifnull(rootpage, 0) = 0
      OR (sql IS NOT NULL AND sql NOT LIKE 'CREATE TABLE %' AND sql NOT LIKE 'CREATE INDEX %'
      AND sql NOT LIKE 'CREATE UNIQUE INDEX %')
      """) == 0
  }

  /// What the file has to say of itself, checked.
  func readSettings() throws {
    func bad(_ reason: String) -> GalleryError { .notAGallery(path: path, reason: reason) }
    // Waits for the log of a program that was killed to be taken in.
    guard try number("PRAGMA application_id") == Self.application else {
      throw bad("it is a database of another program")
    }
    // Before anything is asked of a table, which may be a view that never ends.
    guard try holdsTablesAlone() else {
      throw bad("it holds a view, a trigger or a virtual table, which no gallery has")
    }
    let version = try number("PRAGMA user_version")
    guard version <= Int64(Self.format) else { throw bad("it was written by a newer version of Twinbook") }
    if isReadOnly {
      hasOrigins = version >= 4
    } else {
      try database.run("PRAGMA synchronous = FULL")
      if version < 4 { try addOrigins() }
    }
    guard let text = try setting("identity"), let identity = UUID(uuidString: text) else {
      throw bad("it does not say which it is")
    }
    self.identity = identity
    keepsPictures = try settingNumber("pictures") != 0
    networkHash = try setting("network hash") ?? ""
    wipeIfWanted()
  }

  func keepPictures(_ keeps: Bool) throws {
    keepsPictures = keeps
    try set("pictures", keeps ? 1 : 0)
  }

  // MARK: Settings

  func number(_ sql: StaticString) throws -> Int64 {
    let statement = try database.statement(sql)
    defer { statement.reset() }
    return try statement.step() ? statement.number(0) : 0
  }

  func setting(_ name: String) throws -> String? {
    let statement = try database.statement("SELECT value FROM setting WHERE name = ?").bind(name)
    defer { statement.reset() }
    return try statement.step() ? statement.text(0) : nil
  }

  func settingNumber(_ name: String) throws -> Int64 {
    let statement = try database.statement("SELECT value FROM setting WHERE name = ?").bind(name)
    defer { statement.reset() }
    return try statement.step() ? statement.number(0) : 0
  }

  func set(_ name: String, _ value: String?) throws {
    try database.statement("INSERT OR REPLACE INTO setting VALUES (?, ?)").bind(name).bind(value).run()
  }

  func set(_ name: String, _ value: Int64) throws {
    try database.statement("INSERT OR REPLACE INTO setting VALUES (?, ?)").bind(name).bind(value).run()
  }

  func set(_ name: String, bytes: [UInt8]) throws {
    let statement = try database.statement("INSERT OR REPLACE INTO setting VALUES (?, ?)").bind(name)
    try bytes.withUnsafeBytes { bytes in try statement.binding(bytes) { _ = try statement.step() } }
  }

  func settingBytes(_ name: String) throws -> [UInt8]? {
    let statement = try database.statement("SELECT value FROM setting WHERE name = ?").bind(name)
    defer { statement.reset() }
    return try statement.step() ? Array(statement.bytes(0)) : nil
  }

  // MARK: Network and threshold

  static func hash(_ network: [UInt8]) -> String { SHA256.hex(network) }

  func writeNetwork(_ gallery: ReferenceGallery, function: String) throws {
    guard gallery.network.isBuilt else { throw GalleryError.networkNotBuilt(function: function) }
    let bytes = try gallery.network.encoded()
    networkHash = Self.hash(bytes)
    try set("network", bytes: bytes)
    try set("network hash", networkHash)
  }

  func writeMeasure(_ gallery: ReferenceGallery) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try set("comparison", gallery.comparison.rawValue)
    try set("measure", String(decoding: try encoder.encode(gallery.measure), as: UTF8.self))
  }

  func writeCalibration(_ gallery: ReferenceGallery) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try set(
      "calibration", try gallery.calibration.map { String(decoding: try encoder.encode($0), as: UTF8.self) })
    try set("stale", gallery.isCalibrationStale ? 1 : 0)
  }

  func readCalibration(_ gallery: ReferenceGallery) throws {
    let text = try setting("calibration")
    let calibration = text.flatMap {
      try? JSONDecoder().decode(ReferenceGallery.Calibration.self, from: Data($0.utf8))
    }
    if text != nil {
      guard let calibration, calibration.threshold.isFinite, calibration.threshold >= 0 else {
        throw GalleryError.notAGallery(path: path, reason: "its threshold is no distance")
      }
    }
    gallery.calibration = calibration
    gallery.calibratedVersion =
      try settingNumber("stale") != 0 ? gallery.network.version - 1 : gallery.network.version
  }
}
