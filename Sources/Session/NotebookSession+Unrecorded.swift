/// What a front end runs for itself, as Jupyter's silent requests.
extension NotebookSession {
  /// Evaluates what is to be no cell of the session: it gets no number, and stands in no history and in no saved script.
  ///
  /// What it binds and changes stays, as its sender expects. The random numbers that it drew are drawn again by the next
  /// cell: else a saved session, which does not have it, would give other results than those that were recorded.
  public func evaluateUnrecorded(_ cell: NotebookDocument.Cell) -> CellResult {
    let (count, number, hadUnsavedCells, shown) = (entries.count, cellNumber, hasUnsavedCells, lastShown)
    let (seed, drawn) = (seed, engine.seedsDrawn)
    let result = evaluate(cell, file: nil)
    lastShown = shown
    let added = entries.count - count
    // A command alone leaves no cell behind.
    guard added > 0 else { return result }
    while let step = undoHistory.last, step.entryCount >= count {
      undoHistory.removeLast()
      nameOrigins.takeBack(step.origins)
    }
    entries.removeLast(added)
    cellNumber = min(cellNumber, number)
    unrepeatable = unrepeatable.filter { $0.key < number }
    forgetResults(from: number)
    recordUndone(added)
    if seed == self.seed { engine.setSeed(seed, drawn: drawn) }
    hasUnsavedCells = hadUnsavedCells
    return result
  }
}
