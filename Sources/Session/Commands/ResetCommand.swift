extension SessionCommand {
  static let reset = SessionCommand(
    "reset",
    usage: "%reset", summary: "Forget all names and cells, and start again at cell 1.",
    details: "The seed stays. What was not saved is kept beside the journals, as when you leave.", needsTrust: true
  ) { session, call, _ in
    _ = try call.words(atMost: 0)
    try session.keepBeforeReset()
    session.reset()
    session.say("names and cells are forgotten; the seed is still \(session.seed)")
  }
}

extension NotebookSession {
  /// No `%undo` goes back behind it. A notebook of Jupyter's has its cells itself.
  fileprivate func keepBeforeReset() throws {
    guard options.isInteractive else { return }
    do {
      if let path = try keepUnsaved() { say("the session was not saved; it is kept in \(path)") }
    } catch {
      throw SessionError.cannotKeep(reason: error.explanation.message)
    }
  }

  fileprivate func reset() {
    let count = entries.count
    entries = []
    recordUndone(count)
    engine.replaceNames(with: [:])
    engine.setSeed(seed)
    undoHistory.removeAll()
    versions = ObjectVersions()
    unrepeatable = [:]
    nameOrigins = NameOrigins()
    figures = []
    lastShown = nil
    earlierResults = EarlierResults()
    cellNumber = 1
    hasUnsavedCells = false
    // What is saved of the new cells does not go over the old ones by itself.
    savedPath = nil
  }
}
