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
  /// When SQLite began to ask for the lock that it asks for.
  private var asked = ContinuousClock.now
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
        let turn = Unmanaged<Turn>.fromOpaque(context).takeUnretainedValue()
        if count == 0 { turn.asked = .now }
        return turn.goesOn(since: turn.asked) ? 1 : 0
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Waits for a moment; false where the limit has passed, or where `check` threw.
  private func goesOn(since begin: ContinuousClock.Instant) -> Bool {
    do { try check() } catch {
      reason = error
      return false
    }
    guard begin.duration(to: .now) < limit else { return false }
    usleep(.random(in: 200...1_200))
    return true
  }

  /// Does `body` again while it finds another's lock. SQLite itself asks nobody where it already holds a lock for reading.
  /// - Throws: what `check` threw meanwhile, before the lock's own error.
  func wait(_ body: () throws(SQLiteError) -> Void) throws {
    reason = nil
    let begin = ContinuousClock.now
    while true {
      do { return try body() } catch {
        guard case .locked = error, reason == nil, goesOn(since: begin) else { throw reason ?? error }
      }
    }
  }
}
