/// Which jobs are to be done, by whom they are being done, and what came out: the first rank's, asked by the thread that
/// does jobs there and by the one that gives them to the others. Unchecked, because all that changes is behind its lock.
final class JobBoard: @unchecked Sendable {
  private let lock = Lock()
  private var waiting: [Int]
  private var doing: [Int: Int] = [:]
  private var results: [Int: [UInt8]]
  private let count: Int
  private let keep: (Int, [UInt8]) -> Void
  private var isGivenUp = false

  /// - Parameters:
  ///   - known: results that are there already.
  ///   - keep: called with each result that comes, one at a time.
  init(count: Int, known: [Int: [UInt8]], keep: @escaping (Int, [UInt8]) -> Void) {
    self.count = count
    self.keep = keep
    results = known.filter { (0..<count).contains($0.key) }
    let there = results
    waiting = (0..<count).filter { there[$0] == nil }
  }

  /// A job for a rank; nil: there is none now, though one may come back from a rank that is lost.
  func next(for rank: Int) -> Int? {
    lock.held {
      guard !isGivenUp, !waiting.isEmpty else { return nil }
      let job = waiting.removeFirst()
      doing[rank] = job
      return job
    }
  }

  /// A job that was thought lost may come in twice, with the same result.
  func finish(_ job: Int, _ bytes: [UInt8], by rank: Int) {
    lock.held {
      doing[rank] = nil
      guard (0..<count).contains(job), results[job] == nil else { return }
      results[job] = bytes
      waiting.removeAll { $0 == job }
      keep(job, bytes)
    }
  }

  /// What a rank was doing is given to another.
  func lose(_ rank: Int) {
    lock.held {
      guard let job = doing.removeValue(forKey: rank), results[job] == nil else { return }
      waiting.insert(job, at: 0)
    }
  }

  func giveUp() { lock.held { isGivenUp = true } }

  var finished: Int { lock.held { results.count } }
  var isOver: Bool { lock.held { isGivenUp || results.count == count } }
  var all: [[UInt8]] { lock.held { (0..<count).map { results[$0] ?? [] } } }
}
