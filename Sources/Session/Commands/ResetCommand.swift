extension SessionCommand {
  static let reset = SessionCommand(
    "reset",
    usage: "%reset", summary: "Forget all names and cells, and start again at cell 1.", details: "The seed stays.",
    needsTrust: true
  ) { session, _, _ in
    session.reset()
    session.say("names and cells are forgotten; the seed is still \(session.seed)")
  }
}

extension NotebookSession {
  fileprivate func reset() {
    let count = entries.count
    entries = []
    recordUndone(count)
    engine.replaceNames(with: [:])
    engine.setSeed(seed)
    undoHistory.removeAll()
    versions = ObjectVersions()
    unrepeatable = [:]
    staleness = Staleness()
    figures = []
    lastShown = nil
    earlierResults = EarlierResults()
    cellNumber = 1
    hasUnsavedCells = false
  }
}
