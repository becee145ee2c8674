import ArgumentParser
import Interpreter
import TerminalREPL

struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Show a gallery in the browser, until Ctrl-C.",
    discussion: """
      Put the token into a file (--token-file) or into TWINBOOK_TOKEN, never on the command line, which other users of this \
      machine see.
      """)

  @Argument(
    help: "The gallery, as people.save wrote it, or a database's address: postgresql://name@host/faces.",
    completion: .file(extensions: ["gallery"]))
  var file: String

  // A number that begins with a minus is looked at, too: "missing value" would be no word for it.
  @Option(parsing: .unconditional, help: "The port; 0 takes any that is free.")
  var port = 8080

  @Option(help: "The address to listen at: 127.0.0.1 for this machine alone, 0.0.0.0 for everybody.")
  var host = "127.0.0.1"

  @Flag(help: "Whoever knows the token may enrol, remove and forget people.")
  var allowEnrol = false

  @Option(help: "A file whose first line is the token. Without it, a token is drawn and printed.", completion: .file())
  var tokenFile: String?

  @Option(help: "The name of the server with TLS before this one: faces.example.org.")
  var publicName: String?

  @Option(parsing: .unconditional, help: "The distance from which a face is unknown. Without it, the gallery's own.")
  var threshold: Double?

  enum Faces: String, ExpressibleByArgument, CaseIterable { case auto, detect, whole }

  @Option(help: "auto, detect (look for faces in each picture) or whole (each picture is a face).")
  var faces = Faces.auto

  @Option(
    parsing: .unconditional,
    help: "Pixels of each side to which a face is cut out, as in extract. Without it, as the network's images.")
  var size: Int?

  @Option(parsing: .unconditional, help: "How much is cut out around a face that is found, as in extract.")
  var margin = 0.0

  @Flag(help: "Turn and scale a face until the eyes stand level, as in extract.")
  var align = false

  @Flag(help: "Write the file anew whenever somebody is enrolled or removed.")
  var save = false

  /// What `serve` takes, so that wrong usage of the command ends as such.
  func validate() throws {
    guard (0...65535).contains(port) else {
      throw ValidationError("--port is a whole number from 0 to 65535, got \(port)")
    }
    if let size, !(8...2048).contains(size) {
      throw ValidationError("--size is a whole number from 8 to 2048, got \(size)")
    }
    guard (0...4).contains(margin) else { throw ValidationError("--margin is a number from 0 to 4, got \(margin)") }
    if let threshold, !(0...1e30).contains(threshold) {
      throw ValidationError("--threshold is a distance, from 0 on, got \(threshold)")
    }
  }

  func run() throws {
    if RankedRun.refuses("serve") { throw ExitCode(2) }
    var code = "people = load(\(quoted(file)))\n"
    code += "serve(people, port=\(port), host=\(quoted(host)), enrol=\(allowEnrol)"
    if let tokenFile { code += ", tokenfile=\(quoted(tokenFile))" }
    if let publicName { code += ", publicname=\(quoted(publicName))" }
    if let threshold { code += ", threshold=\(threshold)" }
    if faces != .auto { code += ", faces=\(quoted(faces.rawValue))" }
    if let size { code += ", size=\(size)" }
    if margin != 0 { code += ", margin=\(margin)" }
    if align { code += ", align=true" }
    if save { code += ", save=\(quoted(file))" }
    code += ")"
    throw ExitCode(ScriptRunner(shellCommand: "twinbook serve \(file)").evaluate(code, isTyped: false))
  }
}
