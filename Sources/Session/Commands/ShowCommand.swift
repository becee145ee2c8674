import Diagnostics

extension SessionCommand {
  static let show = SessionCommand(
    "show",
    usage: "%show [code]",
    summary: "Show all of a value, however long it is: of the code, or the one shown last.",
    details:
      "What a cell shows of a long value is shortened; print(x) is only where x is a tensor of more than 1,000 numbers.",
    argument: .code(isRecorded: false), actsOnCells: false
  ) { session, call, outcome in
    var text = try session.wholeText(call, into: &outcome)
    // Several in one cell are one page.
    if case .page(let before) = outcome.effect { text = before + "\n" + text }
    outcome.effect = .page(text)
  }
}

extension NotebookSession {
  /// All of a value's text: of the expression, or of the value that was shown last.
  fileprivate func wholeText(_ call: CommandCall, into outcome: inout Evaluation) throws -> String {
    var value = lastShown
    if !call.rest.isEmpty {
      // To look is to change nothing: what the code did is taken back, as it is not recorded.
      let begun = beginCell(isUndone: true)
      let run = engine.run(call.code)
      try takeBack(changes(since: begun).step)
      outcome.take(run)
      if outcome.status != .finished { return "" }
      value = run.value
    }
    guard let value else { throw SessionError.nothingToShow }
    return try engine.displayWhole(value).withVisibleControls
  }
}
