import Diagnostics
import Foundation
import Interpreter
import StandardLibrary

extension NotebookSession {
  /// The cells in a text that was typed or pasted: more than one where it has `# %%` lines.
  public func cells(in text: String) -> [NotebookDocument.Cell] {
    guard text.contains("%%"), let document = try? NotebookDocument(reading: text, name: "cell") else {
      return [NotebookDocument.Cell(source: text)]
    }
    return document.cells.isEmpty ? [NotebookDocument.Cell(source: text)] : document.cells
  }

  /// Evaluates one cell: code, session commands on lines of their own, or `?name`.
  public func evaluate(_ text: String) -> CellResult {
    evaluate(NotebookDocument.Cell(source: text), file: nil)
  }

  /// - Parameter file: the script that the cell stands in, for the places of errors.
  public func evaluate(_ cell: NotebookDocument.Cell, file: String?) -> CellResult {
    let number = cellNumber
    recorder.begin()
    // Inside %run and %replay, Ctrl-C ends the whole.
    if replayDepth == 0 { engine.interruptFlag.lower() }
    if cell.kind != .code {
      entries.append(
        Entry(
          number: 0, cell: cell, typed: "", status: .finished, reads: [], assigns: [], changes: [], duration: 0))
      return result(number: number, status: .finished)
    }
    let started = ContinuousClock.now
    var outcome = Evaluation()
    let segments = self.segments(of: cell.source)
    let hasCode = segments.contains { if case .code = $0.kind { true } else { false } }
    if hasCode { beginUndoStep() }
    let before = hasCode ? stateOfNames() : [:]
    for segment in segments {
      let source = SourceText(
        name: file ?? "cell \(number)", text: segment.text,
        firstLine: (file == nil ? 1 : cell.firstLine) + segment.lineOffset)
      switch segment.kind {
      case .code: evaluateCode(source, into: &outcome)
      case .command(let name, let rest): evaluateCommand(name, rest, at: source, hasCode: hasCode, into: &outcome)
      case .question(let name, let wantsSource): evaluateQuestion(name, wantsSource, at: source, into: &outcome)
      }
      recorder.flush()
      if outcome.status != .finished { break }
    }
    let duration = Double((ContinuousClock.now - started) / .milliseconds(1)) / 1000
    var finished = result(number: number, status: outcome.status)
    finished.value = outcome.value
    finished.diagnostics = outcome.diagnostics
    finished.duration = duration
    finished.effect = outcome.effect
    finished.lastDuration = entries.last { $0.cell.source == cell.source && $0.status == .finished }?.duration
    finished.recorded = recorded(outcome, allowsFailure: cell.allowsFailure)
    figures += finished.figures
    if hasCode {
      if outcome.wasReset {
        undoSteps.removeAll()
      } else {
        finishUndoStep(before: before)
        enter(cell, segments, outcome, finished, before: before)
      }
      cellNumber += 1
    }
    return finished
  }

  struct Evaluation {
    var status: CellResult.Status = .finished
    var value: String?
    var diagnostics: [Diagnostic] = []
    var reads: Set<String> = []
    var assigns: Set<String> = []
    var effect: SessionEffect?
    var wasReset = false
  }

  private func result(number: Int, status: CellResult.Status) -> CellResult {
    CellResult(
      number: number, status: status, value: nil, output: recorder.recorded, diagnostics: [],
      warnings: recorder.warnings, figures: recorder.figures, duration: 0, lastDuration: nil, recorded: "", effect: nil)
  }

  private func evaluateCode(_ source: SourceText, into outcome: inout Evaluation) {
    let run = engine.run(source)
    outcome.reads.formUnion(run.reads.subtracting(outcome.assigns))
    outcome.assigns.formUnion(run.assigns)
    outcome.diagnostics += run.diagnostics
    if run.wasInterrupted {
      outcome.status = .interrupted
    } else if !run.diagnostics.isEmpty {
      outcome.status = .failed
    } else if let value = run.value, !run.hidesValue {
      show(value, into: &outcome)
    } else {
      outcome.value = nil
    }
  }

  func show(_ value: Value, into outcome: inout Evaluation) {
    if case .object(let object) = value, object is FigureObject {
      // `plot(x)` has shown what it gives.
      if !recorder.figures.contains(where: { $0.object === object }) { recorder.display(object) }
      return
    }
    let text = engine.display(value)
    outcome.value = text.isEmpty ? nil : text
  }

  /// What is saved under the cell, in the order in which a person saw it.
  private func recorded(_ outcome: Evaluation, allowsFailure: Bool) -> String {
    var text = recorder.recorded
    func add(_ more: String) {
      if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
      text += more
    }
    if let value = outcome.value { add(value) }
    if outcome.status != .finished {
      for diagnostic in outcome.diagnostics { add("error: \(diagnostic.explanation.message)") }
    }
    // Replay does not compare blank lines at the end, and a saved script reads better without them.
    while text.last?.isNewline == true { text.removeLast() }
    return text
  }

  private func enter(
    _ cell: NotebookDocument.Cell, _ segments: [CellSegment], _ outcome: Evaluation, _ finished: CellResult,
    before: [String: NameState]
  ) {
    var kept = cell
    // Session commands act on the session, not on its values: a script without them gives the same results.
    kept.source = segments.filter { if case .code = $0.kind { true } else { false } }.map(\.text).joined(
      separator: "\n")
    while kept.source.last?.isNewline == true { kept.source.removeLast() }
    kept.result = finished.recorded.isEmpty ? nil : finished.recorded
    let after = stateOfNames()
    var changes: Set<String> = []
    for (name, state) in after where before[name].map({ $0.version != state.version }) ?? false { changes.insert(name) }
    if outcome.status != .finished, !cell.allowsFailure {
      kept.kind = .failed
    }
    let entry = Entry(
      number: finished.number, cell: kept, typed: cell.source, status: outcome.status, reads: outcome.reads,
      assigns: outcome.assigns, changes: changes, duration: finished.duration)
    entries.append(entry)
    definitions.note(entry, before: before, after: after)
    hasUnsavedCells = true
    if let journal {
      do {
        try journal.append(Journal.Record(entry))
      } catch {
        self.journal = nil
        recorder.warn(
          Explanation(
            "the journal cannot be written: \(describe(error))",
            help: "%save the session, or it is lost if this process ends"))
      }
    }
  }
}

/// An error of any kind in words.
func describe(_ error: any Error) -> String {
  if let explained = error as? any ExplainedError { return explained.explanation.message }
  if let diagnostic = error as? Diagnostic { return diagnostic.explanation.message }
  return "\(error)"
}
