import Diagnostics
import Foundation
import Interpreter
import StandardLibrary
import Testing

/// Runs every script of Tests/Golden and compares what it shows with its comments (see Tests/Golden/README.md).
struct GoldenTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Golden")

  static let files: [String] = {
    let found = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return found.filter { $0.hasSuffix(".twin") }.sorted()
  }()

  /// Collects what a script shows.
  final class Collector: OutputSink {
    var text = ""
    func print(_ text: String) { self.text += text }
    func warn(_ explanation: Explanation) { text += "warning: \(explanation.message)\n" }
    func progress(_ event: ProgressEvent) {}
    func display(_ object: HostObject) { text += ((try? object.describe(DisplayStyle())) ?? "<object>") + "\n" }
    func readLine(prompt: String) -> String? { nil }
  }

  @Test func thereAreScripts() { #expect(Self.files.count >= 40) }

  @Test(arguments: files) func script(_ file: String) throws {
    let text = try String(contentsOf: Self.folder.appendingPathComponent(file), encoding: .utf8)
    let (expected, expectedError) = Self.expectations(text)
    try #require(!expected.isEmpty || expectedError != nil, "\(file) expects nothing")

    let output = Collector()
    let interpreter = Interpreter(output: output, registry: StandardLibrary.registry())
    interpreter.context.limits.steps = 10_000_000
    var error: String?
    switch interpreter.evaluate(SourceText(name: file, text: text)) {
    case .value(let value, let isHidden):
      if let value, !isHidden, !value.isNone { output.text += interpreter.describe(value, DisplayStyle()) + "\n" }
    case .failed(let diagnostics):
      error = diagnostics.first.map { first in
        let place = first.place.map { $0.source.location(of: $0.span.start) }
        return "\(place?.line ?? 0):\(place?.column ?? 0): \(first.explanation.message)"
      }
    case .interrupted: error = "interrupted"
    }
    var lines = output.text.components(separatedBy: "\n")
    if lines.last == "" { lines.removeLast() }
    #expect(lines == expected)
    if let wanted = expectedError, wanted.hasSuffix("…") {
      #expect(error?.hasPrefix(wanted.dropLast()) == true, "\(error ?? "no error") instead of \(wanted)")
    } else {
      #expect(error == expectedError)
    }
  }

  static func expectations(_ text: String) -> (lines: [String], error: String?) {
    var lines: [String] = []
    var error: String?
    for line in text.components(separatedBy: "\n") {
      if line.hasPrefix("# expect error ") {
        error = String(line.dropFirst("# expect error ".count))
      } else if line.hasPrefix("# expect: ") {
        lines.append(String(line.dropFirst("# expect: ".count)))
      } else if line == "# expect:" {
        lines.append("")
      }
    }
    return (lines, error)
  }
}
