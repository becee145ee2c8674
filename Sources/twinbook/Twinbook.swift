import ArgumentParser
import CSystem
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
