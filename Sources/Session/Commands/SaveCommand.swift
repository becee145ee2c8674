import Diagnostics
import Files

extension SessionCommand {
  static let save = SessionCommand(
    "save",
    usage: "%save[!] [--minimal] [name.twin]", summary: "Write the session as a script with its results.",
    details: """
      The file is in percent format, with each cell's result under it as #> comments. Failed cells are kept as \
      comments, session commands are left out. name.ipynb becomes a notebook of Jupyter, name.html a page that carries \
      its session, both with figures. Without a name it goes where it was last saved. \
      --minimal keeps only the cells that the last result depends on; it wants a name, and the session is as unsaved as \
      before. Over a file that this session did not \
      write %save! writes, with an exclamation mark.
      """,
    argument: .file, needsTrust: true
  ) { session, call, _ in
    let words = call.words
    let options = words.filter { $0.hasPrefix("--") || $0 == "!" }
    if let unknown = options.first(where: { $0 != "--minimal" && $0 != "!" }) {
      throw call.badArgument(unknown, expected: "--minimal or a file's name")
    }
    let names = words.filter { !options.contains($0) }
    guard names.count <= 1 else { throw call.tooManyWords(names, limit: 1) }
    let isMinimal = options.contains("--minimal")
    guard let path = names.first.map(FileSystem.expanded) ?? (isMinimal ? nil : session.savedPath) else {
      throw SessionError.missingArgument(
        command: "save", usage: isMinimal ? "%save --minimal name.twin" : "%save name.twin")
    }
    let count = try session.save(
      to: path, minimal: isMinimal, replaces: options.contains("!"))
    session.warnOfUnrepeatableCells()
    session.say("saved \(count == 1 ? "1 cell" : "\(count) cells") to \(path)")
  }
}

extension NotebookSession {
  /// Where a later cell reads what an interrupted one left, a replay cannot give the same.
  fileprivate func warnOfUnrepeatableCells() {
    for (number, names) in unrepeatable.sorted(by: { $0.key < $1.key }) {
      var open = names
      var read: Set<String> = []
      for entry in entries where entry.number > number {
        read.formUnion(open.intersection(entry.names.reads.union(entry.names.changes)))
        open.subtract(entry.names.overwrites)
      }
      guard !read.isEmpty else { continue }
      recorder.warn(
        Explanation(
          "cell \(number) was interrupted after it had changed \(read.sorted().joined(separator: ", ")): the saved "
            + "cells that build on it will not give the same results",
          help: "evaluate them again from there, and save again"))
    }
  }
}
