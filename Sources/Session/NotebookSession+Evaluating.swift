import Diagnostics
import Foundation
import Interpreter
import PlotBindings

extension NotebookSession {
  /// Evaluates one cell: code, session commands on lines of their own, or `?name`.
  public func evaluate(_ text: String) -> CellResult {
    evaluate(NotebookDocument.Cell(source: text), file: nil)
  }

  /// - Parameter file: the script that the cell stands in, for the places of errors.
  public func evaluate(_ cell: NotebookDocument.Cell, file: String?) -> CellResult {
    // What the cell shows is drawn, and written, under its policy too.
    options.access.bind { evaluateBound(cell, file: file) }
  }

  private func evaluateBound(_ cell: NotebookDocument.Cell, file: String?) -> CellResult {
    guard cell.kind == .code else {
      recorder.begin()
      let number = cellNumber
      var entry = EvaluatedCell(number: cell.kind.isNumbered ? number : 0, cell: cell, typed: "", status: .finished)
      entry.folder = WorkingFolder.path
      entries.append(entry)
      if cell.kind.isNumbered { cellNumber += 1 }
      recordLastCell()
      return result(number: number, status: .finished)
    }
    // Inside %run and %replay and in a script, Ctrl-C ends the whole.
    if replayDepth == 0, !isRunningDocument { engine.interruptFlag.lower() }
    var parts = parts(of: cell)[...]
    guard let first = parts.popFirst() else { return result(number: cellNumber, status: .finished) }
    var whole = evaluatePart(first, file: file)
    for part in parts {
      whole.effect = settledWithin(whole.effect)
      guard whole.status == .finished, whole.effect == nil else { break }
      // What the part before gave stands on its own line, as under a cell.
      if let value = whole.value { output?.write(value + "\n") }
      let next = evaluatePart(part, file: file)
      whole.status = next.status
      whole.output += next.output
      whole.diagnostics += next.diagnostics
      whole.warnings += next.warnings
      whole.figures += next.figures
      whole.duration += next.duration
      whole.lastDuration = nil
      whole.effect = next.effect
      whole.value = next.value
      whole.isShortened = next.isShortened
      whole.rich = next.rich
      whole.wasPausedAsRecorded = next.wasPausedAsRecorded
      if !next.recorded.isEmpty {
        whole.recorded += (whole.recorded.isEmpty ? "" : "\n") + next.recorded
      }
    }
    return whole
  }

  /// Evaluates a cell for a command, which says what it gave.
  /// - Returns: whether the command goes on to the next one: the cell came to its end, or failed where it may.
  func evaluate(_ cell: NotebookDocument.Cell, file: String?, into outcome: inout Evaluation) -> Bool {
    let result = evaluate(cell, file: file)
    if let value = result.value { say(value) }
    settle(result.effect)
    // An error that a cell may end in is told where it arises: what comes behind builds on what it left.
    if result.status == .failed, cell.allowsFailure, let output {
      for diagnostic in result.diagnostics { output.write(diagnostic.rendered(color: output.color) + "\n") }
    }
    if result.status != .finished, !cell.allowsFailure, !result.wasPausedAsRecorded {
      outcome.status = result.status
      outcome.diagnostics += result.diagnostics
      return false
    }
    return result.effect != .quit
  }

  private func evaluatePart(_ cell: NotebookDocument.Cell, file: String?) -> CellResult {
    let number = cellNumber
    recorder.begin()
    recorder.knownAnswers = isReplaying ? cell.answers : []
    defer { recorder.knownAnswers = [] }
    let started = ContinuousClock.now
    var outcome = Evaluation()
    let segments = self.segments(of: cell.source)
    let hasCode = segments.contains { $0.recordedCode != nil }
    var start = hasCode ? beginCell() : nil
    engine.context.beginCell(pauseAfterBatches: cell.pauseAfter)
    recovery.beginCell(entries.count, cell.source, hasCode: hasCode)
    evaluate(segments, of: cell, number, file: file, into: &outcome)
    if !engine.context.endCell() {
      // What the journal knows of the cell's training does not fit it: once more, without.
      if let begun = start {
        try? takeBack(changes(since: begun).step)
        start = beginCell()
      }
      recovery.forgetCell()
      recorder.begin()
      recorder.knownAnswers = isReplaying ? cell.answers : []
      engine.context.beginCell(pauseAfterBatches: cell.pauseAfter)
      outcome = Evaluation()
      evaluate(segments, of: cell, number, file: file, into: &outcome)
      engine.context.endCell()
    }
    let duration = Double((ContinuousClock.now - started) / .milliseconds(1)) / 1000
    var finished = result(number: number, status: outcome.status)
    finished.value = outcome.value
    finished.isShortened = outcome.isShortened
    finished.rich = outcome.rich
    finished.diagnostics = outcome.diagnostics
    finished.duration = duration
    finished.effect = outcome.effect
    finished.wasPausedAsRecorded = outcome.status == .interrupted && engine.context.hasPausedAsAsked
    finished.lastDuration = durations[cell.source]
    if outcome.status == .finished { durations[cell.source] = duration }
    (finished.recorded, finished.parts) = recorded(outcome)
    figures += finished.figures
    if let begun = start {
      start = nil
      enter(cell, segments, outcome, finished, changes(since: begun))
      cellNumber += 1
    }
    return finished
  }

  /// The pieces of a cell, up to the first that does not come to its end.
  private func evaluate(
    _ segments: [CellSegment], of cell: NotebookDocument.Cell, _ number: Int, file: String?,
    into outcome: inout Evaluation
  ) {
    for segment in segments {
      let source = self.source(of: segment, in: cell, number, file: file)
      switch segment.kind {
      case .code: evaluateCode(source, into: &outcome)
      case .command(let name, let rest):
        let before = entries.count
        evaluateCommand(name, rest, at: source, into: &outcome)
        // The cells that it ran keep their own trainings; what follows here is nobody's.
        if entries.count != before { recovery.endCellsOfCommand() }
      case .question(let name, let wantsSource): evaluateQuestion(name, wantsSource, at: source, into: &outcome)
      }
      recorder.flush()
      if outcome.status != .finished { break }
    }
  }

  struct Evaluation {
    var status: CellResult.Status = .finished
    var value: String?
    var diagnostics: [Diagnostic] = []
    var names = CellNames()
    var effect: SessionEffect?
    /// The value's text leaves some of it out.
    var isShortened = false
    /// A hash of all of it, where its text leaves some out.
    var digest: String?
    /// The value that is shown.
    var shown: Value?
    /// A dataset that was the value: a terminal shows some of its pictures.
    var rich: RichValue?

    /// How a piece of code ended that is not recorded.
    mutating func take(_ run: SessionEngine.Run) {
      diagnostics += run.diagnostics
      if run.wasInterrupted {
        status = .interrupted
      } else if !run.diagnostics.isEmpty {
        status = .failed
      }
    }
  }

  func result(number: Int, status: CellResult.Status) -> CellResult {
    CellResult(
      number: number, status: status, value: nil, output: recorder.recorded, diagnostics: [],
      warnings: recorder.warnings, figures: recorder.figures, duration: 0, lastDuration: nil, recorded: "", effect: nil)
  }

  func evaluateCode(_ source: SourceText, into outcome: inout Evaluation) {
    bindEarlierResults(in: source.text)
    var run = engine.run(source)
    if !run.diagnostics.isEmpty, !run.wasInterrupted,
      let meant = CommandWithoutSign(source.text, isBound: { engine.value(of: $0) != nil })
    {
      run.diagnostics = meant.leading(run.diagnostics)
    }
    outcome.names.add(run.names)
    outcome.take(run)
    guard !run.wasInterrupted, run.diagnostics.isEmpty else { return }
    if let value = run.value, !run.hidesValue {
      show(value, into: &outcome)
    } else {
      outcome.value = nil
      outcome.isShortened = false
      outcome.digest = nil
      outcome.rich = nil
    }
  }

  func show(_ value: Value, into outcome: inout Evaluation) {
    if case .object(let object) = value, object is FigureObject {
      // `plot(x)` has shown what it gives.
      if !recorder.hasDisplayed(object) { recorder.display(object) }
      return
    }
    // Names out of folders and files stand in it.
    let text = engine.display(value).withVisibleControls
    outcome.value = text.isEmpty ? nil : text
    lastShown = value
    outcome.shown = value
    outcome.isShortened = engine.isShortened(value, text)
    outcome.digest = engine.digestOfHidden(value)
    if case .object(let object) = value { outcome.rich = RichValue(object) }
  }

  /// What is saved under the cell, in the order in which a person saw it.
  private func recorded(_ outcome: Evaluation) -> (text: String, parts: [ResultPart]) {
    var text = recorder.kept
    var parts = recorder.figureLines.map { ResultPart(.figure, lines: $0) }
    func add(_ more: String, _ kind: ResultPart.Kind) {
      let start = text.nextLine
      text.startLine()
      text.add(more)
      parts.append(ResultPart(kind, lines: start..<max(start, text.nextLine)))
    }
    if let value = outcome.value {
      let whole = value + (outcome.digest.map { "\n" + ResultText.lineOfHidden($0) } ?? "")
      var trial = text
      trial.startLine()
      trial.add(whole)
      // A text that is shortened has a hash of its lines, which files of before have without this one.
      add(trial.isShortened ? value : whole, .value)
    }
    if outcome.status != .finished {
      for diagnostic in outcome.diagnostics { add("error: \(diagnostic.explanation.message)", .failure) }
    }
    // Of a shortened text the lines stand elsewhere.
    if text.isShortened { return (text.text, []) }
    let shown = parts.filter { !$0.lines.isEmpty }
    // That all was printed is known, too: a part without lines says so.
    let nothing = ResultPart(.value, lines: text.nextLine..<text.nextLine)
    return (text.text, shown.isEmpty && !text.text.isEmpty ? [nothing] : shown)
  }

  private func enter(
    _ cell: NotebookDocument.Cell, _ segments: [CellSegment], _ outcome: Evaluation, _ finished: CellResult,
    _ changes: UndoHistory.Changes
  ) {
    var kept = cell
    // Session commands act on the session, not on its values: a script without them gives the same results.
    kept.source = segments.compactMap(\.recordedCode).joined(separator: "\n")
    while kept.source.utf8.last == 10 || kept.source.utf8.last == 13 { kept.source.unicodeScalars.removeLast() }
    kept.result = finished.recorded.isEmpty ? nil : finished.recorded
    kept.parts = finished.parts
    // What is left out while a lost session comes back gives nothing: the cell keeps what it gave then.
    if !engine.context.passedOver.isEmpty, outcome.status == .finished {
      kept.result = cell.result
      kept.parts = cell.parts
    }
    kept.warnings = finished.warnings.map {
      Diagnostic($0, at: nil, severity: .warning).rendered(color: false) + "\n"
    }
    kept.answers = recorder.answers
    let assigned = changes.boundAnew
    // A seed that was set in the cell begins its sequence for the code behind it.
    let before = hasSetSeed ? RandomPlace(seed: seed, drawn: 0) : changes.step.random
    if outcome.status != .finished, !cell.allowsFailure, !finished.wasPausedAsRecorded {
      markUnfinished(&kept, outcome, changed: assigned.union(changes.changed), before, finished.number)
    }
    var names = outcome.names
    names.changes = changes.changed
    if outcome.status == .finished {
      names.assigns.formUnion(assigned)
    } else {
      names.assigns = assigned
      names.overwrites = []
    }
    var entry = EvaluatedCell(
      number: finished.number, cell: kept, typed: cell.source, status: outcome.status,
      names: names.givingResult(outcome.shown != nil, of: finished.number),
      figures: finished.figures, rich: finished.rich?.held,
      seedsDrawn: engine.seedsDrawn &- before.drawn, duration: finished.duration)
    entry.randomPlace = before
    entry.folder = WorkingFolder.path
    noteClock(&entry, shown: outcome.shown)
    entries.append(entry)
    var step = changes.step
    step.origins = nameOrigins.note(names, cell: finished.number) { engine.value(of: $0) != nil }
    keep(step)
    noteResult(outcome, of: finished.number)
    hasUnsavedCells = true
    recordLastCell()
  }

  /// A cell that did not come to its end is kept as a comment, where it left nothing behind. Where it did, the cells
  /// that follow build on that, so a replay has to do it too: a failed cell runs and fails again, a training run that
  /// was paused pauses after as many batches. What was interrupted elsewhere cannot be had again, and `%save` says so
  /// where another cell builds on it.
  private func markUnfinished(
    _ kept: inout NotebookDocument.Cell, _ outcome: Evaluation, changed: Set<String>, _ before: RandomPlace,
    _ number: Int
  ) {
    if changed.isEmpty {
      kept.kind = .failed
      engine.setSeed(before.seed, drawn: before.drawn)
    } else if outcome.status == .failed {
      kept.allowsFailure = true
    } else if let batches = engine.context.pausedAfterBatches {
      kept.pauseAfter = batches
    } else {
      kept.kind = .failed
      unrepeatable[number] = changed
    }
  }
}

extension CellNames {
  /// With `_` and `_3` among what the cell gives, where it shows a value.
  fileprivate func givingResult(_ shows: Bool, of cell: Int) -> CellNames {
    guard shows else { return self }
    var names = self
    names.assigns.formUnion(["_", "_\(cell)"])
    names.overwrites.formUnion(["_", "_\(cell)"])
    return names
  }
}

extension CellSegment {
  /// What of it goes into a saved script: code, also that behind `%time`.
  var recordedCode: String? {
    switch kind {
    case .code: text
    case .command(let name, let rest):
      SessionCommand.named(name)?.recordsCode == true && !rest.isEmpty ? rest : nil
    case .question: nil
    }
  }
}

/// An error of any kind in words.
func describe(_ error: any Error) -> String {
  if let explained = error as? any ExplainedError { return explained.explanation.message }
  if let diagnostic = error as? Diagnostic { return diagnostic.explanation.message }
  return "\(error)"
}
