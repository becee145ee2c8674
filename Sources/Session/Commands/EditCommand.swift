extension SessionCommand {
  static let edit = SessionCommand(
    "edit",
    usage: "%edit [n | name]",
    summary: "Open a new cell, cell n, or a function in $EDITOR, and evaluate what you save.",
    argument: .name, needsTrust: true
  ) { session, call, outcome in
    outcome.effect = .edit(try session.textToEdit(call.words(atMost: 1).first))
  }
}

extension NotebookSession {
  fileprivate func textToEdit(_ word: String?) throws -> String {
    guard let word else { return "" }
    guard let number = Int(word) else { return try sourceText(of: word) }
    guard let entry = entries.last(where: { $0.number == number }) else {
      throw SessionError.noSuchCell(number, count: cellNumber - 1)
    }
    return entry.typed
  }
}
