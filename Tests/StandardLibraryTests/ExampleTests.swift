import Foundation
import Interpreter
import StandardLibrary
import ScriptSupport
import Testing

/// Runs the example of every entry of the library: what help and the reference page show is true.
///
/// Lines that begin with `#> ` are what the code above them shows, whole; code with none below it must only run.
struct ExampleTests {
  static let names = StandardLibrary.registry().all.enumerated().map { "\($0.offset) \($0.element.qualifiedName)" }

  @Test func everyEntryHasAnExample() {
    let without = StandardLibrary.registry().all.filter { $0.example.isEmpty }.map(\.qualifiedName)
    #expect(without.isEmpty)
  }

  @Test(arguments: names) func example(_ name: String) throws {
    let index = try #require(name.split(separator: " ").first.flatMap { Int($0) })
    let entry = StandardLibrary.registry().all[index]
    // Examples may write files.
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("twinbook-example-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = ScriptRun(steps: 10_000_000)
    run.interpreter.context.workingDirectory = folder.path
    check(entry, run)
  }

  private func check(_ entry: Builtin, _ run: ScriptRun) {
    for cell in Self.cells(entry.example) {
      let (lines, error) = run.cell(cell.text)
      #expect(error == nil, "\(entry.signature)")
      if let expected = cell.expected { #expect(lines == expected, "\(entry.signature)") }
    }
  }

  static func cells(_ example: String) -> [(text: String, expected: [String]?)] {
    var cells: [(text: String, expected: [String]?)] = []
    var code: [String] = []
    var expected: [String] = []
    func finish() {
      if !code.isEmpty { cells.append((code.joined(separator: "\n"), expected.isEmpty ? nil : expected)) }
      code = []
      expected = []
    }
    for line in example.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("#>") {
        expected.append(String(line.dropFirst(line.hasPrefix("#> ") ? 3 : 2)))
      } else {
        if !expected.isEmpty { finish() }
        code.append(line)
      }
    }
    finish()
    return cells
  }
}
