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

  private func warnOfPrompt(_ command: String, _ does: String, help: String) {
    output?.warn(Explanation("%\(command) \(does); in a script it does nothing", help: help))
  }
}
