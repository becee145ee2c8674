import Foundation
import ScriptSupport
import Testing

/// Runs every script of Tests/Golden and compares what it shows with its comments (see Tests/Golden/README.md).
struct GoldenTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Golden")

  static let files: [String] = {
    let found = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return found.filter { $0.hasSuffix(".twin") }.sorted()
  }()

  @Test func thereAreScripts() { #expect(Self.files.count >= 80) }

  @Test(arguments: files) func script(_ file: String) throws {
    let text = try String(contentsOf: Self.folder.appendingPathComponent(file), encoding: .utf8)
    let (expected, expectedError) = Self.expectations(text)
    try #require(!expected.isEmpty || expectedError != nil, "\(file) expects nothing")

    // Scripts may write files.
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("twinbook-golden-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = ScriptRun(steps: 10_000_000)
    run.interpreter.context.workingDirectory = folder.path
    let (lines, error) = run.cell(text, name: file)
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
