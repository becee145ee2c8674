import Synchronization
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Work on each matrix of a stack, which a person who waits can end: between two matrices, and, where one takes long, by
/// leaving LAPACK, which cannot be stopped, to end on a thread of its own.
enum StackWork {
  /// A matrix of so many operations takes some tenth of a second.
  private static let long = 3e8
  /// Fewer are not worth a thread's waking.
  private static let short = 2e5

  /// - Parameters:
  ///   - cost: operations of one matrix, about.
  ///   - body: of item k; writes to what it holds itself, for it may outlive the call.
  /// - Throws: the error of the first matrix that has one; `TensorError.interrupted`.
  static func run(count: Int, cost: Double, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    let outcome = Outcome()
    let isGivenUp = LongWork.isGivenUp
    let items = max(1, min(count, Int(short / max(1, cost))))
    @Sendable func all() {
      Workers.shared.parallel(slices: (count + items - 1) / items) { slice in
        if let isGivenUp, isGivenUp() { outcome.stop() }
        for item in slice * items..<min(count, (slice + 1) * items) where !outcome.isStopped {
          do { try body(item) } catch { return outcome.fail(item, error) }
        }
      }
    }
    if let isGivenUp, cost > long, let thread = BackgroundThread(all) {
      while !thread.waited(milliseconds: 10) {
        if isGivenUp() {
          outcome.stop()
          break
        }
      }
    } else {
      all()
    }
    if outcome.isStopped { throw TensorError.interrupted }
    if let error = outcome.error { throw error }
  }

  private final class Outcome: Sendable {
    private struct State {
      var first: (item: Int, error: any Error)?
      var isStopped = false
    }
    private let state = Mutex(State())

    var isStopped: Bool { state.withLock { $0.isStopped } }
    var error: (any Error)? { state.withLock { $0.first?.error } }
    func stop() { state.withLock { $0.isStopped = true } }
    func fail(_ item: Int, _ error: any Error) {
      state.withLock { if item < $0.first?.item ?? .max { $0.first = (item, error) } }
    }
  }
}

/// A thread that does one thing; nobody has to wait for it.
private final class BackgroundThread: Sendable {
  private let work: @Sendable () -> Void
  private let isDone = Atomic(false)

  /// nil where the system gives no thread.
  init?(_ work: @escaping @Sendable () -> Void) {
    self.work = work
    var thread = pthread_t()
    let handle = Unmanaged.passRetained(self)
    let failed = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<BackgroundThread>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, handle.toOpaque())
    if failed != 0 {
      handle.release()
      return nil
    }
    pthread_detach(thread)
  }

  private func run() {
    work()
    isDone.store(true, ordering: .releasing)
  }

  /// Whether it has ended, after at most so long.
  func waited(milliseconds: Int) -> Bool {
    if isDone.load(ordering: .acquiring) { return true }
    var pause = timespec(tv_sec: 0, tv_nsec: milliseconds * 1_000_000)
    nanosleep(&pause, nil)
    return isDone.load(ordering: .acquiring)
  }
}
