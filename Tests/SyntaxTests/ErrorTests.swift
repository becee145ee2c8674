import Diagnostics
import Foundation
import Syntax
import Testing

/// Whole texts of errors, in Tests/Golden/syntax/errors.txt: each case is a text between `-----` and `=>`, and what is
/// said of it. Set TWINBOOK_RECORD=1 to write the file anew, and read the difference.
struct ErrorTests {
  static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Golden/syntax/errors.txt")

  @Test func wholeTexts() throws {
    let recorded = try String(contentsOf: Self.file, encoding: .utf8)
    var cases = recorded.components(separatedBy: "-----\n")
    cases.removeFirst()
    #expect(cases.count > 80)
    var rewritten = ""
    for item in cases {
      let parts = item.components(separatedBy: "\n=>\n")
      let text = parts[0]
      let said = dump(text) + "\n"
      rewritten += "-----\n\(text)\n=>\n\(said)"
      #expect(parts.count == 2 && parts[1] == said, "\(text)\n\(said)")
    }
    if ProcessInfo.processInfo.environment["TWINBOOK_RECORD"] != nil {
      try rewritten.write(to: Self.file, atomically: true, encoding: .utf8)
    }
  }
}
