import Synchronization

/// The error of the least index among those that parallel slices meet, so that the message does not depend on threads.
final class FirstFailure: Sendable {
  private let state = Mutex<(index: Int, error: any Error)?>(nil)

  func note(_ error: any Error, at index: Int) {
    state.withLock { if $0.map({ index < $0.index }) ?? true { $0 = (index, error) } }
  }

  var error: (any Error)? { state.withLock { $0?.error } }
}
