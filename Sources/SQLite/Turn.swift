import CSQLite

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How a connection waits for its turn to write while another has the lock.
///
/// SQLite's own waiting (`sqlite3_busy_timeout`) sleeps up to a tenth of a second between two looks. A program that enrols
/// one reference after the other gives the lock back for less than a millisecond at a time, and keeps it while the disk
/// writes: on a slow disk such looks miss each gap, and the other program is turned away though it could have written a
/// hundred times. So this looks about once a millisecond, at irregular moments, which costs a hundredth of a processor.
final class Turn {
  private let limit: Duration
  private let check: () throws -> Void
  private var begin = ContinuousClock.now
  private var reason: (any Error)?

  init(limit: Duration, check: @escaping () throws -> Void) {
    self.limit = limit
    self.check = check
  }

  /// The connection must not outlive this.
  func ask(for database: OpaquePointer) {
    twin_sqlite_ask_when_busy(
      database,
      { context, count in
        guard let context else { return 0 }
        return Unmanaged<Turn>.fromOpaque(context).takeUnretainedValue().goesOn(after: count) ? 1 : 0
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// - Parameter count: how often it was asked for the same lock before.
  private func goesOn(after count: Int32) -> Bool {
    if count == 0 {
      begin = .now
      reason = nil
    }
    do { try check() } catch {
      reason = error
      return false
    }
    guard begin.duration(to: .now) < limit else { return false }
    pause()
    return true
  }

  /// Does `body` again while it finds another's lock. SQLite asks nobody where it already holds a lock for reading.
  func wait(_ body: () throws(SQLiteError) -> Void) throws {
    reason = nil
    let first = ContinuousClock.now
    while true {
      do { return try body() } catch {
        if let reason { throw reason }
        guard case .locked = error, first.duration(to: .now) < limit else { throw error }
        try check()
        pause()
      }
    }
  }

  private func pause() { usleep(.random(in: 200...1_200)) }
}
