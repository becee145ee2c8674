import Files

extension SessionCommand {
  static let load = SessionCommand(
    "load",
    usage: "%load name.twin", summary: "Put a script's cells into the prompt, to look at or change first.",
    details: "Without its header and results. Enter runs them.", argument: .file
  ) { _, call, outcome in
    guard let path = call.words.first else { throw call.missingArgument }
    outcome.effect = .prefill(try cellsAsTyped(in: FileSystem.expanded(path)))
  }

  /// A script's cells as they would be typed: without header and results.
  private static func cellsAsTyped(in path: String) throws -> String {
    var document = try NotebookDocument(reading: try ScriptFile.read(path), name: path)
    document.header = .init()
    document.interpreterLine = nil
    for index in document.cells.indices { document.cells[index].result = nil }
    if document.cells.count == 1, document.cells[0].kind == .code { return document.cells[0].source }
    return String(document.text.dropLast())
  }
}
