import Diagnostics
import Files
import Foundation

extension SessionCommand {
  static let changeFolder = SessionCommand(
    "cd",
    usage: "%cd [folder]", summary: "Go to another folder, or say which this is.",
    details: """
      Names of files are meant from there on. Without a folder it says where the session is; %cd ~ goes home, %cd - back \
      to the folder before. It is no \
      code: a saved script runs where it is started. A session that was lost comes back in its folders.
      """,
    argument: .folder, needsTrust: true
  ) { session, call, _ in
    if let folder = try call.words(atMost: 1).first {
      let before = folder == "-" ? session.folderBefore : nil
      try session.goTo(before ?? FileSystem.expanded(folder))
    }
    session.say(FileManager.default.currentDirectoryPath)
  }

  static let listFolder = SessionCommand(
    "ls",
    usage: "%ls [folder]", summary: "List a folder's files, or this one's.",
    details: "A folder's name ends in a slash; sizes are in bytes.", argument: .folder, actsOnCells: false
  ) { session, call, _ in
    let entries = try FileSystem.list(call.words(atMost: 1).first.map(FileSystem.expanded) ?? ".")
      .filter { !$0.name.hasPrefix(".") }
    if entries.isEmpty { return session.say("nothing is there") }
    let names = entries.map { $0.kind == .folder ? $0.name + "/" : $0.name }
    let width = names.map(\.count).max() ?? 0
    session.say(
      zip(entries, names).map { entry, name in
        entry.kind == .folder ? name : name.padded(to: width + 2) + String(entry.size)
      }.joined(separator: "\n"))
  }
}

extension NotebookSession {
  fileprivate func goTo(_ folder: String) throws(SessionError) {
    // What was saved before is saved there again.
    if let path = savedPath, !path.hasPrefix("/") { savedPath = FileManager.default.currentDirectoryPath + "/" + path }
    let before = FileManager.default.currentDirectoryPath
    guard chdir(folder) == 0 else {
      throw .cannotChange(folder: folder, reason: String(cString: strerror(errno)))
    }
    folderBefore = before
    recovering { $0.record(seed: seed) }
  }
}
