import Foundation
import ScriptSupport
import Testing

/// Expressions of the language give what CPython and NumPy give: the answers stand in Tests/References/language.txt, made
/// by the script beside it.
struct PythonTests {
  static let lines: [(expression: String, answer: String)] = {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("References/language.txt")
    guard let text = try? String(contentsOf: path, encoding: .utf8) else { return [] }
    return text.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
      return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }
  }()

  @Test func thereAreAnswers() { #expect(Self.lines.count > 4000) }

  @Test func expressionsGiveWhatPythonGives() {
    let run = ScriptRun(steps: 10_000_000)
    var mistakes: [String] = []
    for (expression, answer) in Self.lines {
      let (lines, error) = run.cell("print(str([\(expression)]))")
      if lines != ["[\(answer)]"] {
        mistakes.append("\(expression): \(answer) in Python, \(error ?? lines.joined(separator: "⏎"))")
      }
    }
    let shown = mistakes.prefix(20).joined(separator: "\n")
    #expect(mistakes.isEmpty, "\(mistakes.count) of \(Self.lines.count): \(shown)")
  }
}
