import CLibEdit
import Diagnostics
import Foundation
import Session

/// After a crash.
extension Shell {
  func offerLostSession() {
    guard let stateFolder, let lost = LostSession.all(in: stateFolder).first else { return }
    // What was typed before the question shows is no answer to it.
    twin_input_drain()
    output.write(WrappedText.folded(question(about: lost), columns: terminal.size.columns - "later".count - 1) + " ")
    output.flush()
    switch Key.read(signals: foreground.signals, seconds: 60, answers: "yYnNlL\r\n") {
    case "y", "Y", "\r", "\n":
      output.write("yes\n")
      restore(lost)
    case "n", "N":
      output.write("no\n")
      lost.discard()
    default: output.write("later\n")
    }
  }

  private func question(about lost: LostSession) -> String {
    let count = lost.cells.filter { $0.kind == .code }.count
    let format = DateFormatter()
    format.dateFormat = "yyyy-MM-dd HH:mm"
    var text =
      "A session of \(format.string(from: lost.date)) ended without a goodbye: \(count) finished \(count == 1 ? "cell" : "cells")"
      + (lost.unfinished == nil ? ".\n" : ", and one that was running.\n")
    let missing = lost.missingFolders
    if let first = missing.first {
      let others = missing.count == 1 ? "" : " and \(missing.count - 1) more"
      text +=
        "The folder \(first.withVisibleControls)\(others) is gone, and its cells would read and write files here instead.\n"
    } else if let folder = lost.folder, folder != WorkingFolder.path {
      text += "It was in \(folder.withVisibleControls), and would go on there.\n"
    }
    return text + "Bring it back by running its cells again? [y]es, [n]o and forget it, [l]ater"
  }

  private func restore(_ lost: LostSession) {
    session.startJournal()
    let start = WorkingFolder.path
    var outcome = ReplayOutcome()
    let printer = ReplayPrinter(output: output, file: "the lost session", verify: false)
    let flag = session.interruptFlag
    foreground.run {
      outcome = self.session.restore(lost) { step, number in
        if step.cell.kind == .code {
          self.output.write(Transcript.prompt(number) + CellLayout.padded(step.cell.source.withVisibleControls) + "\n")
        }
        // What differs is told at the end, all of it.
        var shown = step
        shown.verification = nil
        printer.after(shown, number)
      }
    } onSignal: { signal in
      if signal == .interrupt || signal == .terminate { flag.interrupt() }
    }
    for cell in lost.cells where cell.kind == .code { editor?.remember(cell.source) }
    for diagnostic in printer.diagnostics { output.error(terminal.rendered(diagnostic)) }
    if outcome.wasInterrupted { return output.error("not all of it came back; the rest is kept for another try") }
    if let folder = WorkingFolder.path, folder != start { output.dim("in \(folder.withVisibleControls)") }
    tellChanges(outcome, lost)
    if let unfinished = lost.unfinished {
      if editor?.prefill(unfinished) == true {
        output.error("the cell that was running stands at the prompt")
      } else {
        output.error("this cell was running:")
        output.write(unfinished.withVisibleControls + "\n")
      }
    }
    // Until it stands in this session's journal, its own is all there is of it.
    if session.isInJournal { lost.discard() }
  }

  /// Cells that failed now, or gave another result than then. Where there are any, the session stays as it was, too.
  private func tellChanges(_ outcome: ReplayOutcome, _ lost: LostSession) {
    let (failed, differing) = (outcome.failedCells, outcome.differingCells)
    if failed.isEmpty, differing.isEmpty { return }
    if !failed.isEmpty {
      let verb = failed.count == 1 ? "failed and stays as a comment" : "failed and stay as comments"
      output.error("\(Self.cells(failed)) \(verb); the others are back")
    }
    if !differing.isEmpty {
      let what = differing.count == 1 ? "gives another result" : "give other results"
      output.error("\(Self.cells(differing)) \(what) than before: what is read there has changed since")
    }
    if let path = try? session.keep(lost) { output.error("the session as it was, with its results, is in \(path)") }
  }

  /// "cell 3", "cells 3, 5 and 8".
  private static func cells(_ numbers: [Int]) -> String {
    guard let last = numbers.last, numbers.count > 1 else { return "cell \(numbers.first ?? 0)" }
    return "cells " + numbers.dropLast().map(String.init).joined(separator: ", ") + " and \(last)"
  }
}
