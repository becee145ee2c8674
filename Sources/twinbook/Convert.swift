import ArgumentParser
import TerminalREPL

struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a script as a notebook of Jupyter, or one as the other.",
    discussion: """
      The names' endings choose the formats: .twin, .ipynb. A script that was converted to a notebook comes back to the \
      byte. Figures are in a script as words alone: --run runs the cells, so that the notebook has them.
      """)

  @Flag(name: .customLong("run"), help: "Run the cells, and write what they give now, figures too.")
  var runs = false

  @Argument(help: "What is read.", completion: .file(extensions: ["twin", "ipynb"]))
  var input: String

  @Argument(help: "What is written.", completion: .file(extensions: ["twin", "ipynb"]))
  var output: String

  func run() throws {
    throw ExitCode(ScriptRunner().convert(input, to: output, running: runs))
  }
}
