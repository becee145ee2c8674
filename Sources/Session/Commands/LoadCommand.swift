import Files

extension SessionCommand {
  static let load = SessionCommand(
    "load",
    usage: "%load name.twin", summary: "Put a script's cells into the prompt, to look at or change first.",
    details: """
      Without its header and results. Enter runs them, with the script's seed where none was used or set before.
      """,
    argument: .file, needsTrust: true
  ) { session, call, outcome in
    guard let path = try call.words(atMost: 1).first else { throw call.missingArgument }
    outcome.effect = .prefill(try session.cellsAsTyped(in: FileSystem.expanded(path)))
  }
}

extension NotebookSession {
  /// A script's cells as they would be typed: without header and results.
  fileprivate func cellsAsTyped(in path: String) throws -> String {
    var document = try options.formats.read(path)
    takeSeed(of: document, path, again: "%load")
    document.header = .init()
    document.interpreterLine = nil
    for index in document.cells.indices { document.cells[index].result = nil }
    if document.cells.count == 1, document.cells[0].kind == .code { return document.cells[0].source }
    return String(document.text.dropLast())
  }
}
