import Diagnostics
import Foundation

extension SessionCommand {
  static let rerun = SessionCommand(
    "rerun",
    usage: "%rerun stale | n | n..m | n..",
    summary: "Run cells again, as new ones: the stale, one, or some in their order.",
    details: """
      stale: the cells that read a name which has changed since they ran, in order, and then those that read what these
      give. Training counts as a change, and what was learnt from data that changed is learnt again. Cells that were
      typed again since, or whose names have been given anew, are left out. Ends at the first cell that fails.
      """
  ) { session, call, outcome in
    guard let word = call.words.first, call.words.count == 1 else { throw call.missingArgument }
    if word == "stale" { return session.rerunStale(into: &outcome) }
    guard let range = range(word) else {
      throw call.badArgument(word, expected: "stale, a cell's number, or a range like 3..5 or 3..")
    }
    let cells = session.entries.filter { $0.cell.kind == .code && range.contains($0.number) }
    guard !cells.isEmpty else {
      throw SessionError.noSuchCell(range.lowerBound, count: session.cellNumber - 1)
    }
    for cell in cells where !session.rerun(cell, into: &outcome) { return }
  }

  /// "3", "3..5", "3..", also with a minus between.
  private static func range(_ word: String) -> ClosedRange<Int>? {
    let parts = word.replacingOccurrences(of: "..", with: "-").split(separator: "-", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let first = Int(parts[0]), first >= 1 else { return nil }
    if parts.count == 1 { return first...first }
    if parts[1].isEmpty { return first...Int.max }
    guard let last = Int(parts[1]), last >= first else { return nil }
    return first...last
  }
}

extension NotebookSession {
  /// False where it did not come to its end.
  fileprivate func rerun(_ entry: EvaluatedCell, into outcome: inout Evaluation) -> Bool {
    replayDepth += 1
    defer { replayDepth -= 1 }
    var cell = entry.cell
    cell.result = nil
    cell.parts = []
    cell.answers = []
    say("cell \(entry.number) again, as \(cellNumber)")
    let result = evaluate(cell, file: nil)
    if let value = result.value { say(value) }
    if result.status == .finished || cell.allowsFailure || result.wasPausedAsRecorded { return true }
    outcome.status = result.status
    outcome.diagnostics += result.diagnostics
    return false
  }

  /// Oldest first: what a later cell reads has been made anew by then. A cell that is run again is a new one, and is not
  /// run a third time.
  fileprivate func rerunStale(into outcome: inout Evaluation) {
    var count = 0
    for index in entries.indices where isStale(at: index) {
      count += 1
      if !rerun(entries[index], into: &outcome) { return }
    }
    if count == 0 { say("nothing is stale") }
  }

  /// Something that the cell reads has changed since it ran, and what it gives is still wanted.
  private func isStale(at index: Int) -> Bool {
    let entry = entries[index]
    guard entry.cell.kind == .code, entry.status == .finished else { return false }
    // It was typed again, or has been run again.
    if entries[(index + 1)...].contains(where: { $0.cell.source == entry.cell.source }) { return false }
    let given = entry.names.assigns.filter { !Self.isResultName($0) }
    if !given.isEmpty, entry.names.changes.isEmpty,
      given.allSatisfy({ staleness.origin(of: $0).map { $0 != entry.number } ?? true })
    {
      return false
    }
    return entry.inputs != inputs(of: entry.names)
  }
}
