import Foundation
import TestSupport
import Testing

/// Each promise of `Documentation/security.md` has a test, and each test that it names is there.
struct SecurityPageTests {
  /// Types of tests with the functions in them: "BoxTests" → ["noProgramIsStarted", …].
  private static func tests() throws -> [String: Set<String>] {
    var found: [String: Set<String>] = [:]
    let folder = Repository.root.appendingPathComponent("Tests").path
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) where name.hasSuffix("Tests.swift") {
      let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
      // Functions on their own count for their file.
      let file = String(name.split(separator: "/").last?.dropLast(6) ?? "")
      var type = file
      for line in text.split(separator: "\n") {
        // Those within another count for the one around them.
        if line == "}" { type = file }
        if !line.hasPrefix(" "), let match = line.firstMatch(of: #/(?:struct|class|enum) (\w+)/#) {
          type = String(match.1)
        }
        if let match = line.firstMatch(of: #/func (\w+)/#) { found[type, default: []].insert(String(match.1)) }
      }
    }
    return found
  }

  @Test func itsTestsAreThere() throws {
    let page = try PageText.read("Documentation/security.md")
    let tests = try Self.tests()
    let named = page.matches(of: #/`(\w+Tests)\.(\w+)`/#)
    #expect(named.count > 30)
    for match in named {
      #expect(tests[String(match.1)]?.contains(String(match.2)) == true, "there is no test \(match.1).\(match.2)")
    }
  }

  /// What it says outside of its tables, too: each paragraph names a test, but for those that promise nothing.
  @Test func everyParagraphHasATest() throws {
    let page = try PageText.read("Documentation/security.md")
    let promiseNothing: Set<String> = ["Security", "What is not promised", "An operator's duties"]
    var section = ""
    var isCode = false
    var looked = 0
    for paragraph in page.split(separator: "\n\n") {
      if paragraph.hasPrefix("#") {
        section = String(paragraph.drop { $0 == "#" || $0 == " " })
        continue
      }
      isCode = paragraph.hasPrefix("```")
      if isCode || paragraph.hasPrefix("|") || promiseNothing.contains(section) { continue }
      looked += 1
      #expect(paragraph.contains("Tests."), "\(section): \(paragraph)")
      // A sentence, or two that belong together, have one: a paragraph of ten with a single test would promise nine more.
      let sentences = paragraph.split(separator: ". ").count
      let tests = paragraph.matches(of: #/Tests\.\w+/#).count
      #expect(sentences <= 3 * tests + 1, "\(section): \(sentences) sentences, \(tests) tests: \(paragraph)")
    }
    #expect(looked >= 8)
  }

  /// A row of its tables without a test would be a promise on its own.
  @Test func everyRowHasATest() throws {
    let page = try PageText.read("Documentation/security.md")
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| ---") }
    #expect(rows.count > 20)
    for row in rows where !row.contains("shown by") { #expect(row.contains("Tests."), "\(row)") }
  }
}
