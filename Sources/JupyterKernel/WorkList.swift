import Foundation

/// Requests that wait for the thread that runs cells, in their order. Unchecked, because the condition's lock is held wherever
/// they change.
final class WorkList: @unchecked Sendable {
  enum Work {
    case request(KernelMessage)
    /// Brings back what a killed kernel left.
    case restore
    case end
  }

  private let condition = NSCondition()
  private var waiting: [Work] = []

  func add(_ work: Work) {
    condition.lock()
    defer { condition.unlock() }
    waiting.append(work)
    condition.signal()
  }

  /// The next one; waits for it.
  func next() -> Work {
    condition.lock()
    defer { condition.unlock() }
    while waiting.isEmpty { condition.wait() }
    return waiting.removeFirst()
  }

  /// Takes away what matches and waits: after an error, the cells that were to run next.
  func remove(where matches: (KernelMessage) -> Bool) -> [KernelMessage] {
    condition.lock()
    defer { condition.unlock() }
    var removed: [KernelMessage] = []
    waiting.removeAll { work in
      guard case .request(let message) = work, matches(message) else { return false }
      removed.append(message)
      return true
    }
    return removed
  }
}
