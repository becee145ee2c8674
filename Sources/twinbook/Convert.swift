import ArgumentParser
import Files
import TerminalREPL

struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Write a script as a notebook of Jupyter or as a page, or either as a script.",
    discussion: """
      The names' endings choose the formats: .twin, .ipynb of Jupyter, .html for a page. A script that was converted to either \
      comes back to the byte. Figures are in a script as words alone: --run runs the cells, so that the notebook or the \
      page has them, in a box as replay does.
      """)

  @Flag(name: .customLong("run"), help: "Run the cells, and write what they give now, figures too.")
  var runs = false

  @Flag(help: "With --run: lift the box, for a script whose author you trust.")
  var trust = false

  @Argument(help: "What is read; - is standard input.", completion: .file(extensions: ["twin", "ipynb", "html"]))
  var input: String

  @Argument(
    help: "What is written; - is standard output, as a script.",
    completion: .file(extensions: ["twin", "ipynb", "html"]))
  var output: String

  func validate() throws {
    if trust, !runs { throw ValidationError("--trust lifts the box of --run; without it no cell runs") }
  }

  func run() throws {
    if RankedRun.refuses("convert") { throw ExitCode(2) }
    let script = try source(input)
    guard runs else { throw ExitCode(ScriptRunner().convert(script, to: output, running: false)) }
    let folder = ScriptRunner.isStandardOutput(output) ? nil : FileSystem.parent(of: FileSystem.expanded(output))
    guard let runner = ScriptRunner.boxed(script: script, trust: trust, writable: [folder].compactMap(\.self)) else {
      throw ExitCode(1)
    }
    throw ExitCode(runner.convert(script, to: output, running: true))
  }
}
