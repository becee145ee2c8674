import Diagnostics
import StandardLibrary
import Testing

@testable import Session

/// A front end that collects what it is told.
final class Front: SessionOutput {
  var written = ""
  var warnings: [String] = []
  var notes: [String] = []
  var figures: [SessionFigure] = []
  var answers: [String] = []
  var whyNobodyAnswers: Explanation?
  var onProgress: (SessionProgress) -> Void = { _ in }

  func write(_ text: String) { written += text }
  func warn(_ explanation: Explanation) { warnings.append(explanation.message) }
  func note(_ text: String) { notes.append(text) }
  func progress(_ event: SessionProgress) { onProgress(event) }
  func show(_ figure: SessionFigure) { figures.append(figure) }
  func clear() { written = "" }
  func readLine(prompt: String) -> String? { answers.isEmpty ? nil : answers.removeFirst() }
  var width = 80
  var color: Bool { false }
}

/// A session and its front end.
struct Desk {
  let front = Front()
  let session: NotebookSession

  init(seed: UInt64 = 1, stateFolder: String? = nil) {
    var options = NotebookSession.Options(library: StandardLibrary.registry)
    options.seed = seed
    options.stateFolder = stateFolder
    session = NotebookSession(output: front, options: options)
  }

  /// A session that writes its journal into a folder.
  init(seed: UInt64, journalIn folder: String) {
    self.init(seed: seed, stateFolder: folder)
    session.startJournal()
  }

  /// Somebody sits in front of it.
  init(interactiveIn folder: String) {
    var options = NotebookSession.Options(library: StandardLibrary.registry)
    options.seed = 1
    options.stateFolder = folder
    options.isInteractive = true
    session = NotebookSession(output: front, options: options)
  }

  /// As a killed process leaves it: the lock is gone, the files are there.
  func crash(in folder: String) throws -> LostSession {
    session.recovery.abandon()
    return try #require(LostSession.all(in: folder).first)
  }

  /// Evaluates texts as a person would type them.
  @discardableResult
  func type(_ texts: String...) -> CellResult {
    var last: CellResult?
    for text in texts {
      for cell in session.cells(in: text) { last = session.evaluate(cell, file: nil) }
    }
    return last ?? session.evaluate("")
  }

  func value(_ code: String) -> String? { session.evaluate(code).value }

  /// What a command says.
  func says(_ command: String) -> String {
    front.written = ""
    front.notes = []
    let result = session.evaluate(command)
    for diagnostic in result.diagnostics { front.written += "error: " + diagnostic.explanation.message + "\n" }
    return front.written
  }
}

/// Runs a text as a script in a fresh session and compares its results; the outcome, and what differs.
func replay(_ text: String) throws -> (outcome: ReplayOutcome, differences: [String]) {
  let desk = Desk(seed: 99)
  var differences: [String] = []
  let document = try NotebookDocument(reading: text, name: "a.twin")
  let outcome = desk.session.run(document, file: "a.twin", verify: true) { step, number in
    if case .differs(let recorded, let got) = step.verification {
      differences.append("cell \(number)\nrecorded:\n\(recorded)\ngot:\n\(got)")
    }
    if step.result.status == .failed, !step.cell.allowsFailure {
      differences += step.result.diagnostics.map { "cell \(number): \($0.explanation.message)" }
    }
  }
  return (outcome, differences)
}
