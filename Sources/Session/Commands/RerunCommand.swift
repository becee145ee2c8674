import Diagnostics
import Foundation

extension SessionCommand {
  static let rerun = SessionCommand(
    "rerun",
    usage: "%rerun stale | n | n..m | n..",
    summary: "Run cells again, as new ones: the stale, one, or some in their order.",
    details: """
      stale: the cells that read a name which has changed since they ran, in order, then those that read what these \
      give. What was trained on data that has changed is trained again from its start: the cell that made the \
      network runs, too. Cells that were typed again since, or whose names have been given anew, are left out, and so \
      are those that would take back what a later cell has given: the command names them. n runs a cell that failed, \
      too; n..m leaves those out that failed and changed nothing. Ends at the first cell that fails, unless it has \
      failed before and changed something. `%undo` takes the new cells back one by one.
      """,
    argument: .special { _, _, word in
      Completion(
        replacedBytes: word.utf8.count,
        candidates: "stale".hasPrefix(word) ? [Completion.Candidate("stale", "word")] : [])
    }
  ) { session, call, outcome in
    guard let word = try call.words(atMost: 1).first else { throw call.missingArgument }
    let cells: [EvaluatedCell]
    if word == "stale" {
      let (dependencies, code) = session.cellDependencies()
      let stale = dependencies.stale()
      cells = stale.again.map { code[$0] }
      for left in stale.left {
        session.say(
          "cell \(code[left.cell].number) is stale and stays as it is: run again, it would take back \(left.name), "
            + "which cell \(code[left.giver].number) has changed; type again what of it is wanted")
      }
      if cells.isEmpty, stale.left.isEmpty { return session.say("nothing is stale") }
    } else {
      let expected = "stale, a cell's number, or a range like 3..5 or 3.."
      guard let range = try call.range(word, expected: expected) else {
        throw call.badArgument(word, expected: expected)
      }
      let named = session.entries.filter { $0.number > 0 && !$0.cell.isRaw && range.contains($0.number) }
      let whole = named.filter { $0.cell.kind == .code }
      // One that failed is run again where it is asked for: what it lacked may be there now.
      cells = whole.isEmpty ? named : whole
      guard !cells.isEmpty else {
        throw SessionError.noSuchCell(range.lowerBound, count: session.cellNumber - 1)
      }
    }
    for cell in cells where !session.rerun(cell, into: &outcome) { return }
  }
}

extension NotebookSession {
  /// - Returns: whether the next one runs, too.
  fileprivate func rerun(_ entry: EvaluatedCell, into outcome: inout Evaluation) -> Bool {
    replayDepth += 1
    defer { replayDepth -= 1 }
    var cell = entry.cell
    cell.kind = .code
    cell.result = nil
    cell.parts = []
    cell.answers = []
    let lines = cell.source.split(separator: "\n", maxSplits: 1)
    let code = (lines.first.map(String.init) ?? "").withVisibleControls
    let shown = code.count > 50 || lines.count > 1 ? code.prefix(50) + " …" : code
    say("cell \(entry.number) again, as \(cellNumber): \(shown)")
    return evaluate(cell, file: nil, into: &outcome)
  }
}
