import Glibc

extension Ranks {
  /// What a front end hears while jobs are done.
  public struct JobProgress: Sendable {
    public var finished: Int
    public var count: Int
    /// Ranks that were lost since the last time, in words.
    public var lost: [String]
  }

  /// How long a rank may be silent before its job is given to another: longer than a network's bad minute.
  static let patience = 120.0

  /// Does jobs, each of them on one rank that has nothing else to do: the first rank holds the queue, and does jobs too.
  /// A rank whose process is gone, or that is silent for two minutes, loses its job to another one, and the ranks go on
  /// without it.
  ///
  /// All ranks call this together; it gives the results to all, in the order of the jobs.
  ///
  /// - Parameters:
  ///   - identity: of the jobs, the same on all ranks where they mean the same.
  ///   - known: on the first rank, results that are there already.
  ///   - keep: on the first rank, called with each result as it comes, on any thread.
  ///   - progress: on the first rank, called on this thread.
  ///   - perform: one job. What it throws ends this rank's part in the run.
  public func jobs(
    _ count: Int, identity: UInt64 = 0, known: [Int: [UInt8]] = [:],
    keep: @escaping (Int, [UInt8]) -> Void = { _, _ in },
    progress: (JobProgress) -> Void = { _ in }, perform: (Int) throws -> [UInt8]
  ) throws -> [[UInt8]] {
    let board = JobBoard(count: count, known: known, keep: keep)
    if self.count == 1 {
      while let job = board.next(for: 0) {
        board.finish(job, try perform(job), by: 0)
        progress(JobProgress(finished: board.finished, count: count, lost: []))
      }
      return board.all
    }
    let all = try gather([UInt64(count), identity])
    if let other = all.firstIndex(where: { $0 != all[0] }) {
      throw RankError.differs(
        what: "their jobs", rank: name(other), there: "\(all[other][0]) jobs (\(String(all[other][1], radix: 16)))",
        here: "\(all[0][0]) jobs (\(String(all[0][1], radix: 16)))")
    }
    do {
      if isFirst {
        try giveJobs(board, count: count, progress: progress, perform: perform)
      } else {
        try takeJobs(perform)
      }
    } catch {
      if !(error is RankError) { leave("it has given up its job: \(error)") }
      throw error
    }
    // Small results of many jobs, or large ones of a few: all in one message.
    let packed = isFirst ? Self.packed(board.all) : []
    return Self.unpacked(try fromFirst(packed), count: count)
  }

  // MARK: The first rank

  private func giveJobs(
    _ board: JobBoard, count: Int, progress: (JobProgress) -> Void, perform: (Int) throws -> [UInt8]
  ) throws {
    let giver = JobGiver(ranks: self, board: board)
    guard let thread = Companion(giver.serve) else { throw RankError.failed(reason: "there is no thread for the jobs") }
    do {
      while !board.isOver {
        if let job = board.next(for: 0) {
          board.finish(job, try perform(job), by: 0)
        } else {
          usleep(2000)
        }
        progress(JobProgress(finished: board.finished, count: count, lost: giver.takeLost()))
        if let failure = giver.failure { throw failure }
      }
    } catch {
      board.giveUp()
      giver.stop()
      thread.join()
      throw error
    }
    thread.join()
    progress(JobProgress(finished: board.finished, count: count, lost: giver.takeLost()))
    if let failure = giver.failure { throw failure }
    keep(giver.survivors)
  }

  // MARK: The others

  private func takeJobs(_ perform: (Int) throws -> [UInt8]) throws {
    let pulse = Pulse(self)
    guard let thread = Companion(pulse.beat) else { throw RankError.failed(reason: "there is no thread for the jobs") }
    defer {
      pulse.stop()
      thread.join()
    }
    while true {
      try post([], to: 0, tag: .ready)
      try idle { () throws(RankError) -> Bool in
        if try link.hasMessage(from: 0, tag: .job) { return true }
        try hearLeaves()
        if let left = gone[0] { throw follow(left) }
        return false
      }
      let words = try bytes(from: 0, tag: .job)
      guard let job = Self.numbers(words).first else { throw RankError.failed(reason: "a job without a number") }
      if job < 0 {
        keep(Array(Self.numbers(words).dropFirst()))
        break
      }
      let result = try perform(job)
      try post(Self.bytes([job]) + result, to: 0, tag: .result)
      try finishPosts()
    }
    pulse.stop()
    thread.join()
    // The last word: nothing of this rank is under way any more.
    try post([], to: 0, tag: .result)
    try finishPosts()
  }

  // MARK: Numbers as bytes

  static func bytes(_ numbers: [Int]) -> [UInt8] {
    numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
  }

  static func numbers(_ bytes: [UInt8]) -> [Int] {
    stride(from: 0, to: bytes.count - 7, by: 8).map { start in
      (0..<8).reversed().reduce(0) { $0 << 8 | Int(bytes[start + $1]) }
    }
  }

  private static func packed(_ results: [[UInt8]]) -> [UInt8] {
    bytes(results.map(\.count)) + results.joined()
  }

  private static func unpacked(_ packed: [UInt8], count: Int) -> [[UInt8]] {
    let lengths = numbers(Array(packed.prefix(8 * count)))
    var start = 8 * count
    return lengths.map { length in
      defer { start += length }
      return Array(packed[start..<start + length])
    }
  }
}

/// Gives jobs to the other ranks, on a thread beside the one that does the first rank's own. Unchecked, because what both
/// threads look at is behind its lock, and `survivors` is read when the thread has ended.
private final class JobGiver: @unchecked Sendable {
  private let ranks: Ranks
  private let board: JobBoard
  private let lock = Lock()
  private var isStopped = false
  private var lost: [String] = []
  private var problem: RankError?
  private(set) var survivors: [Int]

  init(ranks: Ranks, board: JobBoard) {
    (self.ranks, self.board) = (ranks, board)
    survivors = ranks.members
  }

  func stop() { lock.held { isStopped = true } }
  var failure: RankError? { lock.held { problem } }
  func takeLost() -> [String] {
    lock.held {
      defer { lost = [] }
      return lost
    }
  }

  func serve() {
    do throws(RankError) { try serveAll() } catch {
      lock.held { problem = error }
      board.giveUp()
    }
  }

  private func serveAll() throws(RankError) {
    let link = ranks.link
    var heard: [Int: ContinuousClock.Instant] = [:]
    for other in survivors { heard[other] = .now }
    // Ranks that wait for a job.
    var asking: Set<Int> = []
    while !lock.held({ isStopped }) {
      try ranks.hearLeaves()
      for other in survivors where other != 0 {
        while try link.hasMessage(from: other, tag: .alive) {
          _ = try ranks.bytes(from: other, tag: .alive)
          heard[other] = .now
        }
        while try link.hasMessage(from: other, tag: .result) {
          heard[other] = .now
          let bytes = try ranks.bytes(from: other, tag: .result)
          guard let job = Ranks.numbers(bytes).first else { continue }
          board.finish(job, Array(bytes.dropFirst(8)), by: other)
        }
        if try link.hasMessage(from: other, tag: .ready) {
          heard[other] = .now
          _ = try ranks.bytes(from: other, tag: .ready)
          asking.insert(other)
        }
        let left = ranks.gone[other]
        let isSilent = heard[other].map { ContinuousClock.now - $0 > .seconds(Ranks.patience) } ?? false
        if left != nil || isSilent {
          survivors.removeAll { $0 == other }
          asking.remove(other)
          board.lose(other)
          let reason = left?.reason ?? "it was silent for two minutes"
          lock.held { lost.append("\(ranks.linkName(other)) is lost: \(reason)") }
          if left == nil {
            ranks.vanished.insert(other)
            try ranks.post(Array("0\n0\n\(reason)".utf8), to: other, tag: .leave)
          }
        }
      }
      for other in asking.sorted() {
        guard let job = board.next(for: other) else { break }
        asking.remove(other)
        try ranks.post(Ranks.bytes([job]), to: other, tag: .job)
      }
      // All are told at once who goes on: nobody may be lost between the first and the last that hears it.
      if board.isOver, asking.count == survivors.count - 1 { break }
      usleep(1000)
    }
    if lock.held({ isStopped }) { return }
    for other in survivors where other != 0 { try ranks.post(Ranks.bytes([-1] + survivors), to: other, tag: .job) }
    for other in survivors where other != 0 {
      try ranks.idle { () throws(RankError) -> Bool in
        if ranks.isDead(other) { return true }
        return try link.hasMessage(from: other, tag: .result)
      }
      if try link.hasMessage(from: other, tag: .result) { _ = try ranks.bytes(from: other, tag: .result) }
      while try link.hasMessage(from: other, tag: .alive) { _ = try ranks.bytes(from: other, tag: .alive) }
    }
  }
}

/// Says twice a second that this rank is there, while it does a job. Unchecked, because what changes is behind its lock.
private final class Pulse: @unchecked Sendable {
  private let ranks: Ranks
  private let lock = Lock()
  private var isStopped = false

  init(_ ranks: Ranks) { self.ranks = ranks }

  func stop() { lock.held { isStopped = true } }

  func beat() {
    var turns = 0
    while !lock.held({ isStopped }) {
      if turns % 25 == 0 { try? ranks.pulse() }
      turns += 1
      usleep(20_000)
    }
  }
}

/// A thread that is waited for.
private final class Companion {
  private var thread = pthread_t()
  private var isJoined = false

  private final class Work {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  init?(_ body: @escaping @Sendable () -> Void) {
    let work = Unmanaged.passRetained(Work(body))
    let failed = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    if failed != 0 {
      work.release()
      return nil
    }
  }

  func join() {
    if !isJoined { pthread_join(thread, nil) }
    isJoined = true
  }
}
