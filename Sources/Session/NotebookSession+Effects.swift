import Diagnostics

extension NotebookSession {
  /// What a command wishes from a front end where it stands in a script, which has no prompt: a page is written, and what
  /// only a person could do is named.
  func settle(_ effect: SessionEffect?) {
    switch effect {
    case .page(let text): say(text)
    case .edit: warnOfPrompt("edit", "opens an editor", help: "leave it out")
    case .prefill:
      warnOfPrompt("load", "puts cells into the prompt", help: "include(\"name.twin\") and %run name.twin run them")
    case .review: warnOfPrompt("review", "asks a person", help: "type it in a session")
    case .quit, nil: break
    }
  }

  /// The same in the middle of a cell, where a page ends nothing, and in a script nothing but `%quit` does.
  /// - Returns: what is left to the front end.
  func settledWithin(_ effect: SessionEffect?) -> SessionEffect? {
    guard let effect, effect != .quit else { return effect }
    if case .page = effect {} else if !isRunningDocument, replayDepth == 0 { return effect }
    settle(effect)
    return nil
  }

  private func warnOfPrompt(_ command: String, _ does: String, help: String) {
    output?.warn(Explanation("%\(command) \(does); in a script it does nothing", help: help))
  }
}
