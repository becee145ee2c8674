extension SessionCommand {
  static let undo = SessionCommand(
    "undo",
    usage: "%undo [n]", summary: "Take the last cell back, or the last n.",
    details: "Names, the state of networks, trainers and galleries that it changed, and the random numbers it drew."
  ) { session, call, _ in
    var count = 1
    if let word = try call.words(atMost: 1).first {
      guard let number = Int(word), number >= 1, number <= UndoHistory.limit else {
        throw call.badArgument(word, expected: "a number of cells, 1…\(UndoHistory.limit)")
      }
      count = number
    }
    let undone = try session.undoCells(count)
    session.say(
      undone.count == 1
        ? "cell \(undone[0]) is undone"
        : "cells \(undone.reversed().map(String.init).joined(separator: ", ")) are undone")
  }
}

extension NotebookSession {
  /// - Returns: the numbers of the cells that were taken back, the last one first.
  fileprivate func undoCells(_ count: Int) throws -> [Int] {
    var undone: [Int] = []
    let before = entries.count
    while undone.count < count, let step = undoHistory.last {
      try takeBack(step)
      undoHistory.removeLast()
      undone.append(step.cellNumber)
      entries.removeLast(max(0, entries.count - step.entryCount))
      nameOrigins.takeBack(step.origins)
      cellNumber = step.cellNumber
      unrepeatable[step.cellNumber] = nil
    }
    guard !undone.isEmpty else {
      throw entries.isEmpty ? SessionError.nothingToUndo : .undoTooFar(cells: UndoHistory.limit)
    }
    forgetResults(from: cellNumber)
    recordUndone(before - entries.count)
    return undone
  }
}
