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

  /// Waits for its turn.
  /// - Returns: false: too many wait.
  func mayJudge() async -> Bool {
    let now = ContinuousClock.now
    guard turn > now else { return true }
    guard waiting < places else { return false }
    let own = turn
    turn += pause
    waiting += 1
    defer { waiting -= 1 }
    try? await Task.sleep(until: own, clock: .continuous)
    return true
  }

  func wasWrong() { turn = max(turn, .now) + pause }
}
