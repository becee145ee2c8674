import ArgumentParser
import Interpreter
import TerminalREPL

struct Forget: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget", abstract: "Take somebody out of a folder and its galleries, for good.",
    discussion: """
      Without --yes it lists what would go (folders of that name, files and lines of sources.csv, faces.csv, review.csv and saved.csv, \
      references in galleries) and what would stay for you to look at (weights, scripts, notebooks), and touches nothing. No \
      link is followed out of the folder. It ends with 1 where nothing is theirs or may be, with --yes \
      also where nothing is theirs for certain, or something could not be taken away.
      """)

  @Flag(help: "Do it. Nothing brings it back.")
  var yes = false

  @Argument(help: "The name, as the gallery and the folders have it.")
  var name: String

  @Argument(
    help: "The folder; or a gallery's file, or a database's address: postgresql://name@host/faces.",
    completion: .directory)
  var folder: String

  func run() throws {
    let command = (["twinbook", "forget", "--yes"] + (name.hasPrefix("-") ? ["--"] : []) + [name, folder])
      .map(Self.shellWord).joined(separator: " ")
    throw ExitCode(
      ScriptRunner(shellCommand: command).evaluate(
        "forget(\(quoted(name)), \(quoted(folder))\(yes ? ", sure=true" : ""))", isTyped: false))
  }

  /// As a shell reads it again.
  private static func shellWord(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      byte > 127 || "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+=,".utf8.contains(byte)
    }
    return isPlain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
  }
}
