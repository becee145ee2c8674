import Diagnostics
import Interpreter

/// A cell that has run.
public struct PastCell: Sendable {
  public var number: Int
  public var source: String
  public var result: String?

  public init(number: Int, source: String, result: String?) {
    self.number = number
    self.source = source
    self.result = result
  }
}

/// What front ends ask without running a cell.
extension NotebookSession {
  /// The cells with code so far, oldest first.
  public var history: [PastCell] {
    entries.filter { !$0.typed.isEmpty }.map {
      PastCell(number: $0.number, source: $0.typed, result: $0.cell.result)
    }
  }

  /// What a text asks for that is one question, `?conv` or `f??`.
  public func question(_ text: String) -> (name: String, wantsSource: Bool)? {
    let segments = segments(of: text)
    guard segments.count == 1, case .question(let name, let wantsSource) = segments[0].kind else { return nil }
    return (name, wantsSource)
  }

  /// An expression's value in words, as if nothing had been evaluated: it is no cell, and what it changes is taken back.
  public func peek(_ code: String) -> Result<String, Diagnostic> {
    let begun = beginCell(isUndone: true)
    recorder.isMuted = true
    defer { recorder.isMuted = false }
    let run = engine.run(SourceText(name: "expression", text: code))
    do { try takeBack(changes(since: begun).step) } catch {
      return .failure(Diagnostic(Explanation(describe(error)), at: nil))
    }
    if let diagnostic = run.diagnostics.first { return .failure(diagnostic) }
    if run.wasInterrupted { return .failure(Diagnostic(Explanation("interrupted"), at: nil)) }
    return .success(run.value.map { engine.display($0).withVisibleControls } ?? "")
  }
}
