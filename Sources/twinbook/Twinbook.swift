import ArgumentParser
import CSystem
import Diagnostics
import Files
import Interpreter
import Session
import StandardLibrary
import TerminalREPL

import Glibc

@main
struct Twinbook: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "twinbook",
    abstract: "A notebook in the terminal for learning to tell same from different.",
    discussion: """
      Without a command it begins a session, or runs a script from standard input if that is no terminal.
      `twinbook FILE` runs a script, `twinbook -` one from standard input.
      Results go to standard output, progress and errors to standard error.
      Exit codes: 0; 1 for a script that failed; 2 for wrong usage; 130 if interrupted, 143 if terminated.
      """,
    version: "twinbook \(NotebookSession.version)",
    subcommands: [
      Start.self, Run.self, Eval.self, Replay.self, Convert.self, KernelCommand.self, Fetch.self, Serve.self,
      Forget.self, Doctor.self, Reference.self,
    ],
    defaultSubcommand: Start.self)

  /// Wrong usage is 2 here; ArgumentParser would say 64.
  static func main() {
    // Before OpenBLAS is opened: the workers split the work themselves.
    setenv("OPENBLAS_NUM_THREADS", "1", 0)
    twin_keep_memory()
    // Whoever reads the output may go (`| head`): the write says so, and each command ends in the same way. Children begin
    // with the signal as the system has it.
    signal(SIGPIPE, SIG_IGN)
    let arguments = Array(CommandLine.arguments.dropFirst())
    let topic = libraryTopic(arguments)
    // What says what is wrong here, and what computes nothing, needs neither.
    let computes = !["doctor", "--version", "--help", "-h"].contains(arguments.first ?? "")
    let setting = computes ? TerminalREPL.Doctor.kernelsProblem ?? TerminalREPL.Doctor.threadsProblem : nil
    if let problem = setting ?? misspelt(arguments)
      ?? (topic == nil ? unknownHelp(arguments) : nil) ?? dashed(arguments)
    {
      _ = Array((problem + "\n").utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
      Glibc.exit(2)
    }
    if let topic { Glibc.exit(ScriptRunner().evaluate("help(\(quoted(topic)))", isTyped: false)) }
    do {
      var command = try parseAsRoot(scriptFirst(arguments))
      try command.run()
    } catch let code as ExitCode {
      Glibc.exit(code.rawValue)
    } catch {
      let code = exitCode(for: error)
      if code.isSuccess {
        Glibc.exit(ScriptRunner.write(fullMessage(for: error) + "\n"))
      }
      _ = Array((fullMessage(for: error) + "\n").utf8).withUnsafeBytes {
        write(STDERR_FILENO, $0.baseAddress, $0.count)
      }
      Glibc.exit(2)
    }
  }

  /// `twinbook FILE args…` is `twinbook run FILE args…`: what stands after a script is the script's own. The code of
  /// `eval` may begin with a minus.
  static func scriptFirst(_ arguments: [String]) -> [String] {
    guard let first = arguments.first else { return arguments }
    if first == "--" { return ["run"] + arguments }
    guard first == "-" || !first.hasPrefix("-") else { return arguments }
    if first == "eval", !arguments.contains("--"),
      let code = arguments.indices.first(where: { place in
        arguments[place].hasPrefix("-") && !isOption(arguments[place]) && arguments[place - 1] != "--seed"
      })
    {
      return arguments[..<code] + arguments[(code + 1)...] + ["--", arguments[code]]
    }
    let commands = configuration.subcommands.map { $0._commandName } + ["help"]
    return commands.contains(first) ? arguments : ["run"] + arguments
  }

  /// `twinbook rnu x`: neither a command nor a file, and near to a command.
  static func misspelt(_ arguments: [String]) -> String? {
    guard let first = arguments.first, !first.hasPrefix("-"), !first.contains("/"), !first.contains(".") else {
      return nil
    }
    let commands = configuration.subcommands.map { $0._commandName } + ["help"]
    guard !commands.contains(first), !FileSystem.exists(first) else { return nil }
    let near = first == "version" ? "--version" : nearName(first, among: commands.filter { $0 != "start" })
    return near.map { "error: there is no command and no file “\(first)”\n  help: did you mean `twinbook \($0)`?" }
  }

  /// `twinbook help gallery`: what is no command may be a name of the language.
  static func libraryTopic(_ arguments: [String]) -> String? {
    guard arguments.count == 2, arguments[0] == "help", !arguments[1].hasPrefix("-"), arguments[1] != "help",
      !configuration.subcommands.contains(where: { $0._commandName == arguments[1] }),
      !StandardLibrary.registry().entries(named: arguments[1]).isEmpty
    else { return nil }
    return arguments[1]
  }

  /// `twinbook help rnu`: ArgumentParser would show the general help.
  static func unknownHelp(_ arguments: [String]) -> String? {
    guard arguments.first == "help" else { return nil }
    var command = configuration
    var path = "twinbook help"
    for word in arguments.dropFirst() where !word.hasPrefix("-") {
      let names = command.subcommands.map { $0._commandName }
      guard let next = command.subcommands.first(where: { $0._commandName == word }) else {
        if path == "twinbook help", word == "help" { return nil }
        let near = nearName(word, among: names).map { "did you mean `\(path) \($0)`?" }
        return "error: there is no command “\(word)”\n  help: " + (near ?? "`\(path)` shows what there is")
      }
      command = next.configuration
      path += " " + word
    }
    return nil
  }

  /// `twinbook run -faces.twin`: ArgumentParser reads the name's letters as options, an h among them as the call for help.
  static func dashed(_ arguments: [String]) -> String? {
    guard let first = arguments.first, first != "eval" else { return nil }
    let commands = configuration.subcommands.map { $0._commandName } + ["help"]
    let isScript = first == "run" || first == "-" || !first.hasPrefix("-") && !commands.contains(first)
    for (place, word) in arguments.enumerated() {
      if word == "--" { return nil }
      // What stands behind a script is the script's own.
      if isScript, word == "-" || !word.hasPrefix("-"), place > 0 || word != "run" { return nil }
      guard word.hasPrefix("-"), !word.hasPrefix("--"), word.count > 1, word != "-h", Double(word) == nil else {
        continue
      }
      let corrected = (["twinbook"] + arguments[..<place] + ["--"] + arguments[place...]).joined(separator: " ")
      let option =
        word.dropFirst().allSatisfy { $0.isLetter || $0 == "-" } ? "an option has two dashes: -\(word); " : ""
      return "error: there is no option “\(word)”\n  help: \(option)a name that begins with - goes behind --: "
        + corrected
    }
    return nil
  }

  /// `--seed`, `-h`; not `-7 % 3` nor `-x`, which have a value.
  private static func isOption(_ text: String) -> Bool { text.hasPrefix("--") || text == "-h" }
}

// Every command says its name: one that ArgumentParser has to make from a type's costs a start a tenth of its time.
struct Start: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Begin a session (the default).", usage: "twinbook [--seed <seed>]")

  @Option(parsing: .unconditional, help: "The session's seed, for functions that draw random numbers.")
  var seed: UInt64?

  func run() throws {
    if isatty(STDIN_FILENO) == 1 {
      if RankedRun.refuses("a session") { throw ExitCode(2) }
      throw ExitCode(Shell(seed: seed).run())
    }
    throw ExitCode(ScriptRunner(seed: seed).run(try source("-")))
  }
}

/// A script that a command names. One process alone has the standard input.
func source(_ argument: String) throws -> ScriptSource {
  let source = ScriptSource(argument)
  if source.isStandardInput, RankedRun.refuses("a script from standard input") { throw ExitCode(2) }
  return source
}

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "run", abstract: "Run a script.")

  @Argument(
    help: "The script; - reads it from standard input.", completion: .file(extensions: ["twin", "ipynb", "html"]))
  var file: String

  @Argument(parsing: .captureForPassthrough, help: "What the script finds in `args`.")
  var arguments: [String] = []

  func run() throws {
    let script = try source(file)
    let passed = arguments.first == "--" ? Array(arguments.dropFirst()) : arguments
    let ranked: RankedRun?
    do { ranked = try RankedRun.join() } catch { throw ExitCode(1) }
    throw ExitCode(ScriptRunner(arguments: passed, ranked: ranked).run(script))
  }
}

struct Eval: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "eval", abstract: "Evaluate code and show its value.")

  @Argument(help: "The code, one cell.")
  var code: String

  @Option(parsing: .unconditional, help: "The seed, for functions that draw random numbers.")
  var seed: UInt64?

  func run() throws {
    let ranked: RankedRun?
    do { ranked = try RankedRun.join() } catch { throw ExitCode(1) }
    throw ExitCode(ScriptRunner(seed: seed, ranked: ranked).evaluate(code))
  }
}

struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Show a saved session cell by cell.",
    discussion: """
      The script runs in a box, because somebody else may have written it: it reads its own folder, TWINBOOK_DATA and \
      the cache, writes into a folder of its own, and has neither network nor commands such as %save. `twinbook run \
      FILE` runs a script as your own.
      """)

  @Flag(help: "Compare each result with the recorded one; exit 1 at the first that differs.")
  var verify = false

  @Flag(help: "Lift the box, for a script whose author you trust.")
  var trust = false

  @Option(
    help: "A new folder for what the script writes. Without it, the replay removes that at the end.",
    completion: .directory)
  var keep: String?

  @Argument(
    help: "The saved session; - reads it from standard input.",
    completion: .file(extensions: ["twin", "ipynb", "html"]))
  var file: String

  func validate() throws {
    if trust, keep != nil {
      throw ValidationError("--keep is for what a script in a box writes; --trust lifts the box")
    }
  }

  func run() throws {
    let script = try source(file)
    let ranked: RankedRun?
    do { ranked = try RankedRun.join() } catch { throw ExitCode(1) }
    guard let runner = ScriptRunner.boxed(script: script, trust: trust, keep: keep, ranked: ranked) else {
      ranked?.abort()
      throw ExitCode(1)
    }
    throw ExitCode(runner.replay(script, verify: verify))
  }
}

struct Fetch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch", abstract: "Download a dataset, or a network's weights (mtcnn, face-resnet), by name.")

  @Argument(help: "The dataset's name, mtcnn or face-resnet.", completion: .list(NotebookSession.downloads))
  var name: String

  @Option(
    help: "A copy of the Python package, downloaded before (mtcnn, face-resnet).",
    completion: .file(extensions: ["whl", "gz"]))
  var from: String?

  func run() throws {
    if RankedRun.refuses("fetch") { throw ExitCode(2) }
    let arguments = quoted(name) + (from.map { ", from=" + quoted($0) } ?? "")
    throw ExitCode(ScriptRunner().evaluate("fetch(\(arguments))", isTyped: false))
  }
}

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

struct Reference: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference", abstract: "Write the reference of all builtins and commands, in Markdown.")

  func run() throws { throw ExitCode(ScriptRunner.write(ReferencePage.text(of: StandardLibrary.registry()))) }
}

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Say what is installed, what is missing, and what to do.")

  func run() throws { throw ExitCode(TerminalREPL.Doctor.run()) }
}
