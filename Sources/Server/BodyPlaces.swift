import Foundation
import Synchronization

/// Places for large bodies: they come in before anybody is let in to ask, and a thousand of them must not fill the memory.
/// Small ones need none. Who waits for one reads on later; meanwhile the network keeps the client waiting.
final class BodyPlaces: Sendable {
  private struct State {
    var free: Int
    var line: [Int] = []
    var nextNumber = 0
  }
  private let state: Mutex<State>

  init(_ count: Int) { state = Mutex(State(free: max(1, count))) }

  /// Somebody waits.
  var isWanted: Bool { state.withLock { !$0.line.isEmpty } }

  /// - Returns: false: none was free in time; else `leave` has to be called in the end.
  func enter(waitingAtMost seconds: Double) -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    let number = state.withLock { state in
      state.nextNumber += 1
      state.line.append(state.nextNumber)
      return state.nextNumber
    }
    while true {
      let isLate = ContinuousClock.now > end
      let isIn = state.withLock { state -> Bool? in
        // One after the other, as they came.
        if state.free > 0, state.line.first == number {
          state.free -= 1
          state.line.removeFirst()
          return true
        }
        guard isLate else { return nil }
        state.line.removeAll { $0 == number }
        return false
      }
      if let isIn { return isIn }
      usleep(10_000)
    }
  }

  func leave() { state.withLock { $0.free += 1 } }
}

/// A body as it comes: within its limit, and beyond a small one's size with a place.
struct IncomingBody {
  private let limits: ServerLimits
  private let places: BodyPlaces
  private let announced: Int?
  private var hasPlace = false
  /// Since when it has it, and what had come by then.
  private var since = ContinuousClock.now
  private var before = 0
  private(set) var count = 0
  private(set) var bytes: [UInt8] = []
  /// Why it is not taken; it is read on all the same, and forgotten, so that the answer is heard.
  private(set) var refusal: RequestProblem?

  init(_ framing: HTTPHead.Framing, _ limits: ServerLimits, _ places: BodyPlaces) {
    (self.limits, self.places) = (limits, places)
    if case .length(let length) = framing { announced = length } else { announced = nil }
  }

  /// - Returns: how long it waited for a place: that is not the client's time.
  mutating func take(_ part: ArraySlice<UInt8>) -> Duration {
    count += part.count
    var waited = Duration.zero
    if refusal == nil, count > limits.bodyBytes { refusal = .tooLarge(limit: limits.bodyBytes) }
    if refusal == nil, !hasPlace, count > limits.smallBodyBytes {
      let began = ContinuousClock.now
      hasPlace = places.enter(waitingAtMost: limits.waitSeconds)
      since = .now
      before = count
      waited = since - began
      if !hasPlace { refusal = .busy }
      bytes.reserveCapacity(min(announced ?? 0, limits.bodyBytes))
    }
    if refusal == nil { bytes += part } else { bytes = [] }
    return waited
  }

  /// Whoever has a place that others wait for has to send: a tenth of a megabyte a second after the first two.
  var isWorthWaitingFor: Bool {
    guard hasPlace, places.isWanted else { return true }
    let (seconds, fraction) = (ContinuousClock.now - since).components
    let time = Double(seconds) + Double(fraction) * 1e-18
    return time < 2 || Double(count - before) / time > 100_000
  }

  mutating func leave() {
    if hasPlace { places.leave() }
    hasPlace = false
  }
}
