import KernelInterface
import Diagnostics
import Foundation

/// What a replay found in one cell.
public enum Verification: Sendable, Equatable {
  /// The same bytes.
  case same
  /// Numbers within the tolerance; the fingerprints differ.
  case close
  case differs(recorded: String, got: String)
  /// Nothing was recorded, so nothing was compared.
  case unrecorded
  /// The cell says that its result differs from run to run.
  case varies
}

/// What a front end is told while a document runs.
public struct ReplayStep {
  public var cell: NotebookDocument.Cell
  public var result: CellResult
  public var verification: Verification?
}

/// What became of a document.
public struct ReplayOutcome: Sendable {
  public var cellsRun = 0
  public var cellsCompared = 0
  public var cellsClose = 0
  /// The cells that did what they were not to do: fail, or differ where the document does not go on behind them.
  public var failedCells: [Int] = []
  public var differingCells: [Int] = []
  public var wasInterrupted = false
  public var quit = false
  /// Why numbers were compared with a tolerance; nil: results were compared exactly.
  public var toleranceNote: String?

  public init() {}

  public var failedCell: Int? { failedCells.first }
  public var succeeded: Bool { failedCells.isEmpty && !wasInterrupted }
}

extension NotebookSession {
  /// Runs a document from its first cell; ends at the first cell that fails, or differs where `verify` is set.
  /// - Parameters:
  ///   - goesOn: also behind cells that fail or differ; those that differ count as done.
  ///   - before: called with each code cell before it runs, its number in the document from 1.
  ///   - step: called after each.
  public func run(
    _ document: NotebookDocument, file: String, verify: Bool = false, goesOn: Bool = false,
    before: (NotebookDocument.Cell, Int) -> Void = { _, _ in },
    step: (ReplayStep, Int) -> Void
  ) -> ReplayOutcome {
    var outcome = ReplayOutcome()
    if let seed = document.header.seed { setSeed(seed) }
    keepHeader(of: document)
    var isExact = document.header.numerics.map { $0 == String(NumericsContract.version) } ?? true
    let (allowed, difference) = allowance(document)
    if verify, !isExact {
      outcome.toleranceNote =
        "recorded with numerics \(document.header.numerics ?? "unknown"), this is version \(NumericsContract.version): "
        + "numbers may differ by \(difference)"
    }
    for cell in document.cells { earlierResults.wanted.formUnion(EarlierResults.numbers(in: cell.source)) }
    let wasRunning = isRunningDocument
    isRunningDocument = true
    defer { isRunningDocument = wasRunning }
    // A script that cannot be read as a whole does nothing; a session that comes back goes on as far as it can.
    let unreadable = goesOn ? [] : syntaxErrors(in: document, file: file, from: 1)
    for (place, number, diagnostics) in unreadable {
      recorder.begin()
      var failed = result(number: number, status: .failed)
      failed.diagnostics = diagnostics
      before(document.cells[place], number)
      step(ReplayStep(cell: document.cells[place], result: failed, verification: nil), number)
      outcome.failedCells.append(number)
    }
    if !unreadable.isEmpty { return outcome }
    let hasResults = document.cells.contains { $0.kind == .code && $0.result != nil }
    var number = 0
    for cell in document.cells {
      if cell.kind.isNumbered { number += 1 }
      before(cell, number)
      let result = evaluate(cell, file: file)
      settle(result.effect)
      // What was called decides, wherever it stands; what the text says does not, for anybody may have written that.
      if verify, isExact, engine.context.dependsOnProcessor {
        // Its last digits are the processor's, and so may be those of all that follows.
        isExact = false
        outcome.toleranceNote =
          "linear algebra from cell \(number) on: its numbers, and what follows from them, may differ by \(difference)"
      }
      guard cell.kind == .code else {
        step(ReplayStep(cell: cell, result: result, verification: nil), number)
        continue
      }
      outcome.cellsRun += 1
      var verification: Verification?
      let failed = result.status == .failed && !cell.allowsFailure
      // What ran may have come to its end without a look at Ctrl-C.
      let wasInterrupted =
        (result.status == .interrupted && !result.wasPausedAsRecorded) || (!failed && engine.interruptFlag.isRaised)
      if verify, !failed, !wasInterrupted {
        verification = compare(cell, result, isExact: isExact, tolerance: allowed, hasResults: hasResults)
        switch verification {
        case .same: outcome.cellsCompared += 1
        case .close:
          outcome.cellsCompared += 1
          outcome.cellsClose += 1
        default: break
        }
      }
      step(ReplayStep(cell: cell, result: result, verification: verification), number)
      if wasInterrupted {
        outcome.wasInterrupted = true
        return outcome
      }
      if failed { outcome.failedCells.append(number) }
      if case .differs = verification {
        outcome.differingCells.append(number)
        if !goesOn { outcome.failedCells.append(number) }
      }
      if !goesOn, !outcome.failedCells.isEmpty { return outcome }
      if result.effect == .quit {
        outcome.quit = true
        return outcome
      }
    }
    return outcome
  }

  private func compare(
    _ cell: NotebookDocument.Cell, _ result: CellResult, isExact: Bool, tolerance: Double, hasResults: Bool
  ) -> Verification {
    // What was left out while a lost session comes back gave nothing that could be compared.
    if cell.varies || !engine.context.passedOver.isEmpty { return .varies }
    // Programs show such a form in place of the text, and no cell of ours has given it.
    if let form = cell.foreignForm {
      return .differs(recorded: "(\(form), which Twinbook never writes)\n" + (cell.result ?? ""), got: result.recorded)
    }
    if let batches = cell.pauseAfter, !result.wasPausedAsRecorded {
      return .differs(
        recorded: "(paused after \(batches) batches)\n" + (cell.result ?? ""),
        got: "(never paused: the cell came to its end before)\n" + result.recorded)
    }
    // A cell without a result in a file with none at all was never recorded; but one that was silent and now speaks
    // differs, which shows where its neighbours have results.
    guard let recorded = cell.result else {
      if result.recorded.isEmpty { return .same }
      return hasResults ? .differs(recorded: "", got: result.recorded) : .unrecorded
    }
    if ResultComparison.isSame(recorded, result.recorded) { return .same }
    if !isExact, ResultComparison.isClose(recorded, result.recorded, tolerance: tolerance) { return .close }
    return .differs(recorded: recorded, got: result.recorded)
  }

  /// By how much numbers may differ where they may, and that in words. Whoever wrote the file does not choose how little
  /// of it is compared.
  private func allowance(_ document: NotebookDocument) -> (tolerance: Double, words: String) {
    let asked = document.header.tolerance ?? ResultComparison.defaultTolerance
    let allowed = min(asked, ResultComparison.largestTolerance)
    let words = NumberText.percent(allowed, 6, trimmed: true)
    if asked == allowed { return (allowed, words) }
    let wanted = NumberText.percent(asked, 6, trimmed: true)
    return (allowed, words + ", the most that is allowed (the file's header asks for \(wanted))")
  }

  /// What stands in a script's header stays when the session is saved.
  func keepHeader(of document: NotebookDocument) {
    interpreterLine = interpreterLine ?? document.interpreterLine
    tolerance = document.header.tolerance ?? tolerance
    if headerLines.isEmpty { headerLines = document.header.others }
  }
}
