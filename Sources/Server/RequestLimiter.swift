/// How many requests with pictures are worked on at once: so many run, so many wait, the others are refused.
actor RequestLimiter {
  private let places: Int
  private let waitingPlaces: Int
  private var inside = 0
  private var line: [(number: Int, continuation: CheckedContinuation<Bool, Never>)] = []
  private var nextNumber = 0

  init(places: Int, waiting: Int) {
    self.places = max(1, places)
    waitingPlaces = max(0, waiting)
  }

  /// - Returns: false: turned away; else `leave` has to be called in the end.
  func enter(waitingAtMost seconds: Double) async -> Bool {
    if inside < places {
      inside += 1
      return true
    }
    guard line.count < waitingPlaces else { return false }
    let number = nextNumber
    nextNumber += 1
    let alarm = Task {
      try await Task.sleep(for: .seconds(seconds))
      self.giveUp(number)
    }
    defer { alarm.cancel() }
    return await withCheckedContinuation { line.append((number, $0)) }
  }

  func leave() {
    // The place goes from one to the next: `inside` stays as it is.
    if line.isEmpty { inside -= 1 } else { line.removeFirst().continuation.resume(returning: true) }
  }

  private func giveUp(_ number: Int) {
    guard let place = line.firstIndex(where: { $0.number == number }) else { return }
    line.remove(at: place).continuation.resume(returning: false)
  }

  var waiting: Int { line.count }
}
