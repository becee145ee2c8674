import Diagnostics

extension SessionCommand {
  static let timeit = SessionCommand(
    "timeit",
    usage: "%timeit code", summary: "Evaluate the code many times and say how long one run takes.",
    details: "Runs for about a second in rounds, and gives the best and the median round. Leaves everything as it was.",
    argument: .code(isRecorded: false), actsOnCells: false
  ) { session, call, outcome in
    guard !call.rest.isEmpty else { throw call.missingArgument }
    try session.timeRepeatedly(call, into: &outcome)
  }
}

extension NotebookSession {
  /// Leaves everything as it was: names, networks and random numbers.
  fileprivate func timeRepeatedly(_ call: CommandCall, into outcome: inout Evaluation) throws {
    let begun = beginCell(isUndone: true)
    recorder.isMuted = true
    defer { recorder.isMuted = false }
    var rounds: [Double] = []
    var perRound = 1
    let start = ContinuousClock.now
    // Once by itself: for errors in their place, and to warm up.
    var run = engine.run(call.code)
    while run.diagnostics.isEmpty, !run.wasInterrupted, rounds.isEmpty || ContinuousClock.now - start < .seconds(1),
      rounds.count < 200
    {
      // The loop runs in the language, so that neither parsing nor a thread's start is measured.
      let loop = SourceText(
        name: call.source.name, text: "for timeit_ in 0..<\(perRound) {\n\(call.rest)\n}",
        firstLine: call.source.firstLine - 1)
      let roundStart = ContinuousClock.now
      run = engine.run(loop)
      let seconds = Double((ContinuousClock.now - roundStart) / .nanoseconds(1)) / 1e9
      if seconds < 0.01, perRound < 10_000_000 {
        perRound *= seconds < 0.001 ? 10 : 2
      } else {
        rounds.append(seconds / Double(perRound))
      }
    }
    try takeBack(changes(since: begun).step)
    outcome.take(run)
    guard outcome.status == .finished, let best = rounds.min() else { return }
    let median = rounds.sorted()[rounds.count / 2]
    output?.note(
      "best \(Self.duration(best)), median \(Self.duration(median)) "
        + "(\(rounds.count) \(rounds.count == 1 ? "round" : "rounds") of \(perRound))")
  }
}
