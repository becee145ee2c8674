import CPostgres
import Sandbox

/// A value of a parameter: never part of a statement's text.
public enum PostgresValue: Sendable {
  case text(String)
  case number(Int64)
  case real(Double)
  /// pgvector's.
  case vector([Float])
  case bytes([UInt8])
  case nothing
}

/// One connection to a PostgreSQL server. For use by one thread at a time.
public final class PostgresConnection {
  /// Without the password, for words.
  public let address: String
  private let handle: OpaquePointer
  private var prepared: [String: String] = [:]
  private var inTransaction = false
  /// Run whenever a connection is new: settings of the session.
  private let greeting: StaticString?
  /// Settings of the session with a number each, which a new connection gets, too.
  private var settings: [String: Int] = [:]

  public static var absence: String? { twin_postgres_open_library().map { String(cString: $0) } }

  /// - Parameter address: "postgresql://name@host:port/database?sslmode=…", as libpq has it.
  public init(_ address: String, greeting: StaticString? = nil) throws(PostgresError) {
    do { try AccessPolicy.checkNetwork(.download) } catch { throw .refused(error) }
    if let reason = Self.absence { throw .noLibrary(reason: reason) }
    self.address = Self.shown(address)
    self.greeting = greeting
    guard !address.contains("\0"), let handle = twin_postgres_connect(address) else {
      throw .noConnection(address: self.address, reason: "this is no address")
    }
    guard twin_postgres_is_connected(handle) != 0 else {
      let reason = Self.line(String(cString: twin_postgres_words(handle)))
      twin_postgres_close(handle)
      throw .noConnection(address: self.address, reason: reason)
    }
    self.handle = handle
    if let greeting { try run(greeting) }
  }

  deinit { twin_postgres_close(handle) }

  /// The address without what stands between ":" and "@", and without a password among its settings.
  public static func shown(_ address: String) -> String {
    var text = address
    if let scheme = text.firstRange(of: "://"), let at = text[scheme.upperBound...].lastIndex(of: "@") {
      let user = text[scheme.upperBound..<at]
      if let colon = user.firstIndex(of: ":") { text.removeSubrange(colon..<at) }
    }
    guard let question = text.firstIndex(of: "?") else { return text }
    let kept = text[text.index(after: question)...].split(separator: "&").filter { !$0.hasPrefix("password=") }
    return text[..<question] + (kept.isEmpty ? "" : "?" + kept.joined(separator: "&"))
  }

  /// What libpq said of the last address that it tried; lines that begin with a tab are its advice.
  static func line(_ words: String) -> String {
    let lines = words.split(separator: "\n")
    let line = lines.last { !$0.hasPrefix("\t") } ?? lines.last
    return line.map { String($0.drop { $0 == " " || $0 == "\t" }) } ?? words
  }

  /// Statements without values.
  public func run(_ sql: StaticString) throws(PostgresError) {
    let result = twin_postgres_run(handle, "\(sql)")
    defer { twin_postgres_clear(result) }
    try check(result)
  }

  /// A statement whose text is made from numbers of this program: a column's width. Nothing that a user wrote.
  func runText(_ sql: String) throws(PostgresError) {
    let result = twin_postgres_run(handle, sql)
    defer { twin_postgres_clear(result) }
    try check(result)
  }

  /// Makes the columns of vectors of a width, and what else needs a number in its text.
  public func run(_ sql: StaticString, width: Int) throws(PostgresError) {
    try runText("\(sql)".split(separator: "#", omittingEmptySubsequences: false).joined(separator: "\(width)"))
  }

  /// A setting of the session: `sql` with the number in place of its "#", now and whenever the connection is made again.
  public func set(_ sql: StaticString, to number: Int) throws(PostgresError) {
    guard settings["\(sql)"] != number else { return }
    try run(sql, width: number)
    settings["\(sql)"] = number
  }

  /// A prepared statement, prepared when it is first used.
  ///
  /// A connection that was lost is made again, once, where nothing is under way.
  public func ask(_ sql: StaticString, _ values: [PostgresValue] = []) throws(PostgresError) -> PostgresRows {
    do { return try askOnce("\(sql)", values) } catch let error {
      guard case .lost = error, !inTransaction else { throw error }
      try reconnect()
      return try askOnce("\(sql)", values)
    }
  }

  private func reconnect() throws(PostgresError) {
    twin_postgres_reconnect(handle)
    prepared.removeAll()
    guard twin_postgres_is_connected(handle) != 0 else {
      throw .noConnection(address: address, reason: Self.line(String(cString: twin_postgres_words(handle))))
    }
    if let greeting { try run(greeting) }
    let known = settings
    settings = [:]
    for (sql, number) in known { try runText(sql.replacing("#", with: "\(number)")) }
    settings = known
  }

  private func askOnce(_ sql: String, _ values: [PostgresValue]) throws(PostgresError) -> PostgresRows {
    let name: String
    if let known = prepared[sql] {
      name = known
    } else {
      name = "q\(prepared.count)"
      let result = twin_postgres_prepare(handle, name, sql)
      defer { twin_postgres_clear(result) }
      try check(result)
      prepared[sql] = name
    }
    var parts: [[UInt8]?] = []
    var formats: [Int32] = []
    for value in values {
      switch value {
      case .text(let text):
        guard !text.utf8.contains(0) else { throw .zeroCharacter }
        parts.append(Array(text.utf8) + [0])
        formats.append(0)
      case .number(let number):
        parts.append(Self.bigEndian(number))
        formats.append(1)
      case .real(let number):
        parts.append(Self.bigEndian(number.bitPattern))
        formats.append(1)
      case .vector(let numbers):
        parts.append(Self.encoded(numbers[...]))
        formats.append(1)
      case .bytes(let bytes):
        parts.append(bytes)
        formats.append(1)
      case .nothing:
        parts.append(nil)
        formats.append(1)
      }
    }
    let lengths = parts.map { Int32(clamping: $0?.count ?? 0) }
    var joined: [UInt8] = []
    for part in parts { joined += part ?? [] }
    joined.append(0)
    var result: OpaquePointer?
    joined.withUnsafeBytes { bytes in
      var at = 0
      var pointers: [UnsafePointer<CChar>?] = []
      for part in parts {
        guard let part, let base = bytes.baseAddress else {
          pointers.append(nil)
          continue
        }
        pointers.append((base + at).assumingMemoryBound(to: CChar.self))
        at += part.count
      }
      result = twin_postgres_ask(handle, name, Int32(values.count), pointers, lengths, formats)
    }
    do { try check(result) } catch {
      twin_postgres_clear(result)
      throw error
    }
    guard let result else { throw .lost(address: address) }
    return PostgresRows(result)
  }

  private func check(_ result: OpaquePointer?) throws(PostgresError) {
    switch Int(twin_postgres_status(result)) {
    case TwinPostgresDone, TwinPostgresRows, TwinPostgresCopyIn: return
    default:
      if twin_postgres_is_connected(handle) == 0 { throw .lost(address: address) }
      throw PostgresError(
        address: address, state: String(cString: twin_postgres_state(result)),
        reason: String(cString: result == nil ? twin_postgres_words(handle) : twin_postgres_result_words(result)))
    }
  }

  /// What is done in `body` is done whole or not at all.
  public func transaction<Value>(_ body: () throws -> Value) throws -> Value {
    // Asked first, so that a connection that was lost is made again before anything is under way.
    _ = try ask("SELECT 1")
    try run("BEGIN")
    inTransaction = true
    defer { inTransaction = false }
    do {
      let value = try body()
      try run("COMMIT")
      return value
    } catch {
      try? run("ROLLBACK")
      throw error
    }
  }

  // MARK: COPY

  /// Rows in PostgreSQL's binary format, as many as `next` gives.
  public func copy(_ sql: StaticString, _ next: () throws -> [PostgresValue]?) throws {
    let result = twin_postgres_run(handle, "\(sql)")
    defer { twin_postgres_clear(result) }
    try check(result)
    var buffer: [UInt8] = Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0] + [UInt8](repeating: 0, count: 8)
    do {
      while let row = try next() {
        buffer += Self.bigEndian(Int16(row.count))
        for value in row {
          let bytes: [UInt8]?
          switch value {
          case .text(let text):
            guard !text.utf8.contains(0) else { throw PostgresError.zeroCharacter }
            bytes = Array(text.utf8)
          case .number(let number): bytes = Self.bigEndian(number)
          case .real(let number): bytes = Self.bigEndian(number.bitPattern)
          case .vector(let numbers): bytes = Self.encoded(numbers[...])
          case .bytes(let given): bytes = given
          case .nothing: bytes = nil
          }
          buffer += Self.bigEndian(Int32(clamping: bytes?.count ?? -1))
          if let bytes { buffer += bytes }
        }
        if buffer.count >= 1 << 18 { try put(&buffer) }
      }
      buffer += Self.bigEndian(Int16(-1))
      try put(&buffer)
    } catch {
      twin_postgres_clear(twin_postgres_end(handle, "given up"))
      throw error
    }
    let end = twin_postgres_end(handle, nil)
    defer { twin_postgres_clear(end) }
    try check(end)
  }

  private func put(_ buffer: inout [UInt8]) throws(PostgresError) {
    let isPut = buffer.withUnsafeBytes { bytes in
      bytes.baseAddress.map { twin_postgres_put(handle, $0, Int32(clamping: bytes.count)) != 0 } ?? true
    }
    buffer.removeAll(keepingCapacity: true)
    if !isPut { throw .lost(address: address) }
  }

  static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  /// pgvector's binary form: the width and a zero in sixteen bits each, then the floats.
  static func encoded(_ numbers: ArraySlice<Float>) -> [UInt8] {
    var bytes = bigEndian(UInt16(truncatingIfNeeded: numbers.count)) + [0, 0]
    bytes.reserveCapacity(4 + 4 * numbers.count)
    for number in numbers {
      let bits = number.bitPattern
      bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
      bytes.append(UInt8(truncatingIfNeeded: bits))
    }
    return bytes
  }
}

/// What a statement gave, in binary.
public final class PostgresRows {
  private let handle: OpaquePointer
  public let count: Int

  init(_ handle: OpaquePointer) {
    self.handle = handle
    count = Int(twin_postgres_rows(handle))
  }

  deinit { twin_postgres_clear(handle) }

  /// Rows that a statement changed.
  public var changed: Int { Int(twin_postgres_changed(handle)) }

  private func raw(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer? {
    guard row >= 0, row < count else { return nil }
    var length: Int32 = 0
    guard let value = twin_postgres_value(handle, Int32(row), Int32(column), &length) else { return nil }
    return UnsafeRawBufferPointer(start: value, count: Int(length))
  }

  public func isNothing(_ row: Int, _ column: Int) -> Bool { raw(row, column) == nil }

  /// int2, int4, int8 or bool.
  public func number(_ row: Int, _ column: Int) -> Int64? {
    guard let bytes = raw(row, column), (1...8).contains(bytes.count) else { return nil }
    var value: Int64 = bytes.first.map { $0 >= 0x80 } ?? false ? -1 : 0
    for byte in bytes { value = value << 8 | Int64(byte) }
    return value
  }

  /// float8.
  public func real(_ row: Int, _ column: Int) -> Double? {
    number(row, column).map { Double(bitPattern: UInt64(bitPattern: $0)) }
  }

  public func text(_ row: Int, _ column: Int) -> String? {
    raw(row, column).map { String(decoding: $0, as: UTF8.self) }
  }
  public func bytes(_ row: Int, _ column: Int) -> [UInt8]? { raw(row, column).map { Array($0) } }

  public func vector(_ row: Int, _ column: Int) -> [Float]? {
    guard let bytes = raw(row, column), bytes.count >= 4 else { return nil }
    let width = Int(bytes[0]) << 8 | Int(bytes[1])
    guard bytes.count == 4 + 4 * width else { return nil }
    return (0..<width).map { place in
      Float(bitPattern: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4 + 4 * place, as: UInt32.self)))
    }
  }
}
