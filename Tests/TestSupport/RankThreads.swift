import Foundation
import Ranks

/// Runs ranks as threads of this process, each with the body, and gives what each of them gives.
public func onRanks<Value: Sendable>(
  _ count: Int, _ body: @escaping @Sendable (Ranks) throws -> Value
) -> [Result<Value, any Error>] {
  let results = Results<Value>(count)
  let done = DispatchGroup()
  for link in LocalLink.all(count) {
    done.enter()
    let ranks = Ranks(link)
    let thread = Thread {
      results.set(ranks.rank, Result { try body(ranks) })
      done.leave()
    }
    thread.stackSize = 16 << 20
    thread.start()
  }
  done.wait()
  return results.values
}

/// Unchecked, because a lock is held around each access.
private final class Results<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var list: [Result<Value, any Error>?]

  init(_ count: Int) { list = Array(repeating: nil, count: count) }

  func set(_ index: Int, _ value: Result<Value, any Error>) { lock.withLock { list[index] = value } }
  var values: [Result<Value, any Error>] { lock.withLock { list.compactMap { $0 } } }
}
