import CSystem
import Sandbox
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A fixed pool of threads. Work is cut into slices by its size, never by the number of threads, so that results do not
/// depend on how many there are.
public final class Workers: Sendable {
  /// As many threads as TWINBOOK_THREADS says, else as the machine has cores.
  public static let shared = Workers(threads: defaultThreads())

  /// How many work at a time, the calling one among them.
  public let threads: Int
  private let pool: Pool

  /// - Parameter threads: brought between 1 and 256.
  public init(threads: Int) {
    self.threads = max(1, min(256, threads))
    // With a core for each thread a short wait is spent awake: to sleep and wake takes longer than many a phase of a step.
    let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    pool = Pool(turns: threads <= cores ? 2000 : 0)
    for _ in 1..<max(1, self.threads) { pool.startThread() }
  }

  deinit { pool.stop() }

  /// Calls `body` once for each slice, on several threads at a time; returns when all are done.
  ///
  /// Slices write to memory of their own. A call from within a slice, or while the pool is busy for another thread, runs
  /// in place. What the caller may do, its slices may do, whichever thread they run on.
  public func parallel(slices: Int, _ body: (Int) -> Void) {
    guard slices > 1, threads > 1 else {
      for slice in 0..<max(0, slices) { body(slice) }
      return
    }
    let policy = AccessPolicy.current
    withoutActuallyEscaping(body) { body in
      let bound = policy.isFree ? body : { slice in policy.bind { body(slice) } }
      if !pool.run(Job(body: bound, slices: slices)) { for slice in 0..<slices { body(slice) } }
    }
  }

  /// What `TWINBOOK_THREADS` asks for in vain, as it is written there; nil where it asks for nothing or can have it.
  public static var refusedThreads: String? { wantedThreads.flatMap { count(of: $0) == nil ? $0 : nil } }

  private static var wantedThreads: String? {
    getenv("TWINBOOK_THREADS").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func count(of text: String) -> Int? { Int(text).flatMap { $0 > 0 ? $0 : nil } }

  private static func defaultThreads() -> Int {
    if let count = wantedThreads.flatMap(count) { return count }
    return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }
}

/// One call of `parallel`: the closure lives until the call returns, which waits for the last slice.
private struct Job {
  let body: (Int) -> Void
  let slices: Int
}

/// The threads' shared state, all of it behind one lock.
private final class Pool: @unchecked Sendable {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let done = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var job: Job?
  private var next = 0
  private var running = 0
  private var sleeping = 0
  private var stopped = false
  /// How often a thread that waits looks again before it sleeps: some tens of microseconds.
  private let turns: Int
  /// Jobs so far, and slices at work: for those who look without the lock.
  private let posted = Atomic<Int>(0)
  private let busy = Atomic<Int>(0)

  init(turns: Int) {
    self.turns = turns
    pthread_mutex_init(lock, nil)
    pthread_cond_init(wake, nil)
    pthread_cond_init(done, nil)
  }

  deinit {
    pthread_cond_destroy(done)
    pthread_cond_destroy(wake)
    pthread_mutex_destroy(lock)
    lock.deallocate()
    wake.deallocate()
    done.deallocate()
  }

  func startThread() {
    var thread = pthread_t()
    let handle = Unmanaged.passRetained(self)
    let failed = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Pool>.fromOpaque(argument).takeRetainedValue().serve() }
        return nil
      }, handle.toOpaque())
    // With fewer threads than wished for, the caller's own thread does the rest.
    if failed != 0 { handle.release() } else { pthread_detach(thread) }
  }

  func stop() {
    pthread_mutex_lock(lock)
    stopped = true
    pthread_cond_broadcast(wake)
    pthread_mutex_unlock(lock)
  }

  /// False if another job is running.
  func run(_ new: Job) -> Bool {
    pthread_mutex_lock(lock)
    if job != nil {
      pthread_mutex_unlock(lock)
      return false
    }
    job = new
    next = 0
    running = 0
    posted.wrappingAdd(1, ordering: .releasing)
    if sleeping > 0 { pthread_cond_broadcast(wake) }
    work(new)
    if running > 0, turns > 0 {
      pthread_mutex_unlock(lock)
      look { busy.load(ordering: .acquiring) > 0 }
      pthread_mutex_lock(lock)
    }
    while running > 0 { pthread_cond_wait(done, lock) }
    job = nil
    pthread_mutex_unlock(lock)
    return true
  }

  private func serve() {
    pthread_mutex_lock(lock)
    while !stopped {
      if let job, next < job.slices {
        work(job)
        continue
      }
      let seen = posted.load(ordering: .relaxed)
      pthread_mutex_unlock(lock)
      look { posted.load(ordering: .acquiring) == seen }
      pthread_mutex_lock(lock)
      // A job is posted with the lock held: none can slip in between this question and the sleep.
      if posted.load(ordering: .relaxed) == seen, !stopped {
        sleeping += 1
        pthread_cond_wait(wake, lock)
        sleeping -= 1
      }
    }
    pthread_mutex_unlock(lock)
  }

  /// Looks again and again while `waits` holds, for some tens of microseconds.
  private func look(while waits: () -> Bool) {
    for _ in 0..<turns {
      guard waits() else { return }
      twin_pause()
    }
  }

  /// Takes slices until none is left; called, and returns, with the lock held.
  private func work(_ job: Job) {
    while next < job.slices {
      let slice = next
      next += 1
      running += 1
      busy.wrappingAdd(1, ordering: .relaxed)
      pthread_mutex_unlock(lock)
      job.body(slice)
      busy.wrappingSubtract(1, ordering: .releasing)
      pthread_mutex_lock(lock)
      running -= 1
    }
    if running == 0 { pthread_cond_signal(done) }
  }
}
