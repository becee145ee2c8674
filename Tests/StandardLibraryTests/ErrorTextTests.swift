import Diagnostics
import Foundation
import Interpreter
import ScriptSupport
import Testing

/// Whole texts of errors at run time, in Tests/Golden/errors/runtime.txt: each case is a program between `-----` and
/// `=>`, and what it says in the end. Set TWINBOOK_RECORD=1 to write the file anew, and read the difference.
struct ErrorTextTests {
  static let file = GoldenTests.folder.appendingPathComponent("errors/runtime.txt")

  @Test func wholeTexts() throws {
    let recorded = try String(contentsOf: Self.file, encoding: .utf8)
    var cases = recorded.components(separatedBy: "-----\n")
    cases.removeFirst()
    #expect(cases.count >= 60)
    var rewritten = ""
    for item in cases {
      let parts = item.components(separatedBy: "\n=>\n")
      let run = ScriptRun(steps: 1_000_000)
      let text = parts[0]
      var said = "no error\n"
      if case .failed(let diagnostics) = run.interpreter.evaluate(SourceText(name: "cell 1", text: text)) {
        said = diagnostics.map { $0.rendered() + "\n" }.joined()
      }
      rewritten += "-----\n\(text)\n=>\n\(said)"
      #expect(said != "no error\n", "\(text)")
      #expect(parts.count == 2 && parts[1] == said, "\(text)\n\(said)")
    }
    if ProcessInfo.processInfo.environment["TWINBOOK_RECORD"] != nil {
      try rewritten.write(to: Self.file, atomically: true, encoding: .utf8)
    }
  }
}
