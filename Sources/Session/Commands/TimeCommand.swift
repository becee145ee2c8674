extension SessionCommand {
  static let time = SessionCommand(
    "time",
    usage: "%time code", summary: "Evaluate the code and say how long it took.",
    details: "The code is recorded as if it stood alone. %%time in a first line times the whole cell.",
    argument: .code(isRecorded: true), actsOnCells: false
  ) { session, call, outcome in
    guard !call.rest.isEmpty else { throw call.missingArgument }
    let start = ContinuousClock.now
    session.evaluateCode(call.code, into: &outcome)
    let seconds = Double((ContinuousClock.now - start) / .nanoseconds(1)) / 1e9
    // To standard error in a script, as all that differs from run to run.
    session.output?.note(NotebookSession.duration(seconds))
  }
}
