import CSQLite

/// One connection to a database in a file. For use by one thread at a time.
public final class SQLiteDatabase {
  public enum Mode: Sendable {
    /// Reads alone; `fixed`: nobody changes the file meanwhile, so that nothing is written beside it either.
    case reading(fixed: Bool)
    case writing
    case making
  }

  /// As it was given, for words.
  public let path: String
  private let file: String
  private let handle: OpaquePointer
  private var statements: [String: SQLiteStatement] = [:]
  private let turn: Turn
  private var isInTransaction = false

  /// Why there is no SQLite here; nil: there is.
  public static var absence: String? { twin_sqlite_open_library().map { String(cString: $0) } }

  /// - Parameters:
  ///   - file: its path as the system takes it.
  ///   - path: as words call it.
  ///   - wait: seconds that another's writing is waited for.
  ///   - check: asked while it is waited for; what it throws, `transaction` throws.
  public init(
    _ file: String, path: String, _ mode: Mode, wait: Double = 30, check: @escaping () throws -> Void = {}
  ) throws(SQLiteError) {
    if let reason = Self.absence { throw .noLibrary(reason: reason) }
    (self.path, self.file) = (path, file)
    // Before SQLite sees it: it plays a journal back as soon as it reads.
    if twin_sqlite_journal_names_another(file + "-journal") != 0 { throw .journalOfAnother(path: path) }
    var flags: Int32
    var name = file
    switch mode {
    case .reading(let fixed):
      flags = Int32(TwinSQLiteReadOnly)
      if fixed {
        // Only an address can say so.
        name = "file:" + Self.escaped(file) + "?immutable=1"
        flags |= 0x40
      }
    case .writing: flags = Int32(TwinSQLiteReadWrite)
    case .making: flags = Int32(TwinSQLiteReadWrite | TwinSQLiteCreate)
    }
    var opened: OpaquePointer?
    let code = twin_sqlite_open(name, flags, &opened)
    guard let opened else { throw .cannotOpen(path: path, reason: "there is no memory for it") }
    if code != 0 {
      let error = SQLiteError(
        code: Int(twin_sqlite_error(opened)), path: path, file: file,
        reason: String(cString: twin_sqlite_words(opened)))
      twin_sqlite_close(opened)
      throw error
    }
    handle = opened
    turn = Turn(limit: .seconds(wait), check: check)
    turn.ask(for: opened)
  }

  deinit {
    statements.removeAll()
    twin_sqlite_close(handle)
  }

  private static func escaped(_ file: String) -> String {
    file.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"),
        UInt8(ascii: "_"):
        String(UnicodeScalar(byte))
      default: "%" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
      }
    }.joined()
  }

  var failure: SQLiteError {
    SQLiteError(
      code: Int(twin_sqlite_error(handle)), path: path, file: file, reason: String(cString: twin_sqlite_words(handle)))
  }

  /// Statements without values: the schema, `PRAGMA`, `BEGIN`. Never anything that a user wrote.
  public func run(_ sql: StaticString) throws(SQLiteError) {
    let code = twin_sqlite_run(handle, "\(sql)")
    if code != 0 { throw failure }
  }

  /// Changes go into a log beside the file, so that others read while one writes. Waits where others have the file open for
  /// a moment.
  public func keepLog() throws {
    try turn.wait { () throws(SQLiteError) in try run("PRAGMA journal_mode = WAL") }
  }

  /// A statement, prepared once; values go in by `bind`, never into its text.
  public func statement(_ sql: StaticString) throws(SQLiteError) -> SQLiteStatement {
    let text = "\(sql)"
    if let known = statements[text] {
      known.reset()
      return known
    }
    var prepared: OpaquePointer?
    guard twin_sqlite_prepare(handle, text, &prepared) == 0, let prepared else { throw failure }
    let made = SQLiteStatement(self, prepared)
    statements[text] = made
    return made
  }

  /// What is done in `body` is done whole or not at all; when this returns it is on the disk.
  public func transaction<Value>(_ body: () throws -> Value) throws -> Value {
    // The right to write is taken at once: two that had read first would wait for each other.
    try between("BEGIN IMMEDIATE", body)
  }

  /// All statements of `body` see the database as it is at one moment, whatever others write meanwhile. `body` only reads.
  /// Within a transaction that is so already.
  public func snapshot<Value>(_ body: () throws -> Value) throws -> Value {
    isInTransaction ? try body() : try between("BEGIN", body)
  }

  private func between<Value>(_ begin: StaticString, _ body: () throws -> Value) throws -> Value {
    try turn.wait { () throws(SQLiteError) in try run(begin) }
    isInTransaction = true
    defer { isInTransaction = false }
    do {
      let value = try body()
      try run("COMMIT")
      return value
    } catch {
      // A full disk has ended it already.
      try? run("ROLLBACK")
      throw error
    }
  }

  /// Rows that the last statement changed.
  public var changes: Int { Int(twin_sqlite_changes(handle)) }
  public var lastRow: Int64 { twin_sqlite_last_row(handle) }
}

/// A prepared statement of a database, which it must not outlive.
public final class SQLiteStatement {
  private unowned let database: SQLiteDatabase
  private let handle: OpaquePointer
  private var bound: Int32 = 0

  init(_ database: SQLiteDatabase, _ handle: OpaquePointer) {
    self.database = database
    self.handle = handle
  }

  deinit { twin_sqlite_finish(handle) }

  public func reset() {
    twin_sqlite_reset(handle)
    bound = 0
  }

  // Values of the parameters, one after the other.

  @discardableResult
  public func bind(_ number: Int64) -> Self {
    bound += 1
    twin_sqlite_bind_number(handle, bound, number)
    return self
  }

  @discardableResult
  public func bind(_ number: Int) -> Self { bind(Int64(number)) }

  @discardableResult
  public func bind(_ number: Double) -> Self {
    bound += 1
    twin_sqlite_bind_real(handle, bound, number)
    return self
  }

  @discardableResult
  public func bind(_ text: String?) -> Self {
    bound += 1
    guard var text else {
      twin_sqlite_bind_null(handle, bound)
      return self
    }
    text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { bytes in
        if let base = bytes.baseAddress {
          twin_sqlite_bind_text(handle, bound, base, Int32(clamping: bytes.count))
        } else {
          twin_sqlite_bind_text(handle, bound, "", 0)
        }
      }
    }
    return self
  }

  /// Bytes that are used by `body` alone.
  public func binding<Value>(_ bytes: UnsafeRawBufferPointer, _ body: () throws -> Value) rethrows -> Value {
    bound += 1
    twin_sqlite_bind_bytes(handle, bound, bytes.baseAddress, Int64(bytes.count))
    let place = bound
    defer {
      twin_sqlite_reset(handle)
      twin_sqlite_bind_null(handle, place)
    }
    return try body()
  }

  /// Whether there is a (next) row.
  public func step() throws(SQLiteError) -> Bool {
    switch Int(twin_sqlite_step(handle)) {
    case TwinSQLiteRow: return true
    case TwinSQLiteDone: return false
    default:
      let failure = database.failure
      reset()
      throw failure
    }
  }

  /// To its end, without looking at rows.
  public func run() throws(SQLiteError) {
    while try step() {}
    reset()
  }

  // The columns of a row.

  public func number(_ column: Int32) -> Int64 { twin_sqlite_number(handle, column) }
  public func real(_ column: Int32) -> Double { twin_sqlite_real(handle, column) }
  public func isNull(_ column: Int32) -> Bool { twin_sqlite_is_null(handle, column) != 0 }

  public func text(_ column: Int32) -> String? {
    var count: Int32 = 0
    guard let text = twin_sqlite_text(handle, column, &count) else { return nil }
    return String(decoding: UnsafeBufferPointer(start: text, count: Int(count)), as: UTF8.self)
  }

  /// Valid until the next step.
  public func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
    var count: Int32 = 0
    let bytes = twin_sqlite_bytes(handle, column, &count)
    return UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : Int(count))
  }
}
