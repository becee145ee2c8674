import Diagnostics

/// Shows a replay cell by cell: the code, what it gives, and how that compares.
public final class ReplayPrinter {
  private let output: any SessionOutput
  private let file: String
  private let verify: Bool
  public private(set) var diagnostics: [Diagnostic] = []
  private var shown = ShownForms()

  public init(output: any SessionOutput, file: String, verify: Bool) {
    self.output = output
    self.file = file
    self.verify = verify
  }

  private func paint(_ text: String, _ code: String) -> String {
    output.color ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  public func before(_ cell: NotebookDocument.Cell, _ number: Int) {
    switch cell.kind {
    case .markdown: output.write(cell.source.withVisibleControls + "\n\n")
    case .failed: break
    case .code:
      if !cell.title.isEmpty { output.write(paint("# \(cell.title.asOneLine)", "1") + "\n") }
      // As it stands in a session, so that code and results are told apart.
      let padding = "\n" + String(repeating: " ", count: Transcript.promptWidth)
      output.write(
        paint(Transcript.prompt(number), "32")
          + cell.source.withVisibleControls.split(separator: "\n", omittingEmptySubsequences: false)
          .joined(separator: padding) + "\n")
    }
  }

  public func after(_ step: ReplayStep, _ number: Int) {
    guard step.cell.kind == .code else { return }
    shown.add(step.cell, number)
    if let value = step.result.value { output.write(value + "\n") }
    if step.result.status == .failed, step.cell.allowsFailure {
      for diagnostic in step.result.diagnostics { output.write(diagnostic.rendered(color: output.color) + "\n") }
    }
    if step.result.wasPausedAsRecorded { output.write("(paused here, as it was)\n") }
    if step.result.status == .failed, !step.cell.allowsFailure { diagnostics += step.result.diagnostics }
    if case .differs(let recorded, let got) = step.verification {
      let title = step.cell.title.isEmpty ? "" : " (\(step.cell.title))"
      diagnostics.append(
        Diagnostic(
          Explanation(
            "cell \(number)\(title) of \(file), line \(step.cell.firstLine), gives another result\n"
              + "recorded:\n\(indented(recorded, beside: got))\ngot:\n\(indented(got, beside: recorded))"), at: nil))
    }
    output.write("\n")
  }

  /// From where the two begin to differ, with two lines before for the place.
  private func indented(_ text: String, beside other: String) -> String {
    if text.isEmpty { return "  (nothing)" }
    let lines = ResultComparison.normalised(text).split(separator: "\n", omittingEmptySubsequences: false)
    let others = ResultComparison.normalised(other).split(separator: "\n", omittingEmptySubsequences: false)
    let same = zip(lines, others).prefix { $0 == $1 }.count
    let skipped = same > 4 ? same - 2 : 0
    var shown = skipped > 0 ? ["  … the first \(skipped) lines are the same"] : []
    shown += lines.dropFirst(skipped).prefix(20).map { "  \($0)" }
    let left = lines.count - skipped - 20
    if left > 0 { shown.append("  … \(left) more lines") }
    return shown.joined(separator: "\n")
  }

  public func finish(_ outcome: ReplayOutcome) {
    guard verify, outcome.succeeded else { return }
    if let note = outcome.toleranceNote { output.write(note + "\n") }
    if outcome.cellsCompared == 0 {
      output.write("nothing was recorded in \(file), so nothing was compared; %save records results\n")
      return
    }
    let close = outcome.cellsClose == 0 ? "" : ", \(outcome.cellsClose) within the tolerance"
    output.write(
      "verified: \(outcome.cellsRun == 1 ? "1 cell" : "\(outcome.cellsRun) cells") ran, "
        + "\(outcome.cellsCompared) compared\(close), none differs\n")
    // A page's pictures come from the data that is compared; what draws a notebook's pictures is not known.
    if let words = shown.words {
      output.write("what was compared is text; these were not, and may show anything: \(words)\n")
    }
  }
}
