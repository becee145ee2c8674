import Diagnostics
import Files

extension SessionCommand {
  static let run = SessionCommand(
    "run",
    usage: "%run name.twin", summary: "Run a script's or notebook's cells in this session.",
    details: "Its names stay. Ends at the first cell that fails. name.ipynb and name.html are read, too.",
    argument: .file, needsTrust: true
  ) { session, call, outcome in
    guard let path = try call.words(atMost: 1).first.map(FileSystem.expanded) else { throw call.missingArgument }
    try session.runFile(path, into: &outcome)
  }
}

extension NotebookSession {
  fileprivate func runFile(_ path: String, into outcome: inout Evaluation) throws {
    guard replayDepth < 8 else { throw SessionError.commandInsideReplay("run") }
    var bytes: [UInt8] = []
    let document = try options.formats.read(path) { bytes = $0 }
    let unreadable = syntaxErrors(in: document, file: path, from: cellNumber)
    guard unreadable.isEmpty else {
      outcome.status = .failed
      outcome.diagnostics += unreadable.flatMap(\.diagnostics)
      return
    }
    takeSeed(of: document, path, again: "%run")
    keepHeader(of: document)
    replayDepth += 1
    defer { replayDepth -= 1 }
    // Its text goes in, too: what is saved again reads as it did.
    for cell in document.cells where !evaluate(cell, file: path, into: &outcome) { return }
    // All of it is in this session now, so `%save` may write it again.
    ownFiles.note(path, bytes)
  }
}
