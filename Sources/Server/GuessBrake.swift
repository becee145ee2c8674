/// Slows guesses at the token down, those of all clients together: after a wrong one the next is judged later, right or
/// wrong, so that many connections guess no faster than one. Who sends the right one while nobody guesses waits for
/// nothing.
actor GuessBrake {
  private let pause: Duration
  private let places: Int
  /// Before then nobody is judged.
  private var turn = ContinuousClock.now
  private var waiting = 0

  /// - Parameters:
  ///   - pause: between two guesses.
  ///   - places: so many wait for their turn; the others are turned away unjudged.
  init(pause: Duration = .milliseconds(300), places: Int = 16) {
    self.pause = pause
    self.places = places
  }

  /// Waits for its turn, and judges: one after the other, so that none slips in beside a wrong one.
  /// - Returns: nil: too many wait.
  func judge(_ isRight: @Sendable () -> Bool) async -> Bool? {
    if turn > .now {
      guard waiting < places else { return nil }
      let own = turn
      turn += pause
      waiting += 1
      try? await Task.sleep(until: own, clock: .continuous)
      waiting -= 1
    }
    if isRight() { return true }
    turn = max(turn, .now + pause)
    return false
  }
}
