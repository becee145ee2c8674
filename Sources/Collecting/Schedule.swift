import Synchronization

/// Who may be asked when: so many at a time, each host no more than its share and no faster than is polite.
final class Schedule: Sendable {
  struct Work: Sendable {
    var item: CollectItem
    /// How often it was tried before.
    var tries = 0
    var notBefore: ContinuousClock.Instant
  }

  enum Step: Sendable {
    case work(Work)
    /// Nothing just now; at least so long.
    case wait(Duration)
    case done
  }

  private struct Host {
    var active = 0
    var notBefore: ContinuousClock.Instant
  }

  private struct State {
    var pending: [Work]
    var active = 0
    var hosts: [String: Host] = [:]
  }

  private let state: Mutex<State>
  private let perHost: Int
  /// Between the beginnings of two requests to one host.
  private let pause: Duration

  init(_ items: [CollectItem], perHost: Int, pause: Double) {
    let now = ContinuousClock.now
    // Taken from the end.
    state = Mutex(State(pending: items.reversed().map { Work(item: $0, notBefore: now) }))
    self.perHost = max(1, perHost)
    self.pause = .seconds(pause)
  }

  func next() -> Step {
    state.withLock { state in
      if state.pending.isEmpty { return state.active == 0 ? .done : .wait(.milliseconds(20)) }
      let now = ContinuousClock.now
      var soonest = now + .milliseconds(50)
      for index in state.pending.indices.reversed() {
        let work = state.pending[index]
        var host = state.hosts[work.item.host] ?? Host(notBefore: now)
        guard host.active < perHost else { continue }
        let allowed = max(host.notBefore, work.notBefore)
        guard allowed <= now else {
          soonest = min(soonest, allowed)
          continue
        }
        state.pending.remove(at: index)
        host.active += 1
        host.notBefore = now + pause
        state.hosts[work.item.host] = host
        state.active += 1
        return .work(work)
      }
      return .wait(max(.milliseconds(1), soonest - now))
    }
  }

  func finished(_ work: Work) {
    state.withLock { state in
      state.active -= 1
      state.hosts[work.item.host]?.active -= 1
    }
  }

  /// Once more, later.
  /// - Parameter isForHost: the host asked for the pause: nobody asks it before.
  func again(_ work: Work, after seconds: Double, isForHost: Bool) {
    state.withLock { state in
      let when = ContinuousClock.now + .seconds(seconds)
      var work = work
      work.tries += 1
      work.notBefore = when
      if isForHost, var host = state.hosts[work.item.host] {
        host.notBefore = max(host.notBefore, when)
        state.hosts[work.item.host] = host
      }
      // After those that were not tried yet.
      state.pending.insert(work, at: 0)
    }
  }

  /// A host that wants to be left alone: what was to come from it, which comes no more.
  func close(_ host: String) -> [CollectItem] {
    state.withLock { state in
      let items = state.pending.filter { $0.item.host == host }.map(\.item)
      state.pending.removeAll { $0.item.host == host }
      return items
    }
  }

  var left: Int { state.withLock { $0.pending.count + $0.active } }
}
