import Foundation
import TestSupport
import Testing

/// The grammar in the reference is that of the comments above the parser's functions.
struct GrammarTests {
  /// Name and definition of each production, with blanks made even.
  static func productions(_ lines: [String]) -> [String: String] {
    var found: [String: String] = [:]
    var text = ""
    for line in lines {
      text += " " + line
      guard line.hasSuffix(" ;") else { continue }
      let words = text.split { $0 == " " }.joined(separator: " ")
      if let equals = words.range(of: " = ") {
        found[String(words[..<equals.lowerBound])] = String(words[equals.upperBound...])
      }
      text = ""
    }
    return found
  }

  @Test func documentMatchesParser() throws {
    let document = try PageText.read("Documentation/language.md")
    let fenced = document.components(separatedBy: "```ebnf\n").dropFirst().first?.components(separatedBy: "\n```").first
    let written = Self.productions((fenced ?? "").components(separatedBy: "\n"))

    let folder = Repository.root.appendingPathComponent("Sources/Syntax")
    var lines: [String] = []
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() where file.hasSuffix(".swift")
    {
      let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
      for line in text.components(separatedBy: "\n") {
        let line = line.drop { $0 == " " }
        if line.hasPrefix("//= ") { lines.append(String(line.dropFirst(4))) }
      }
    }
    let parsed = Self.productions(lines)
    #expect(parsed.count > 40)
    for (name, definition) in parsed { #expect(written[name] == definition, "\(name)") }
    for name in written.keys { #expect(parsed[name] != nil, "\(name) has no parse function") }
  }

  /// Every name used on the right of a production is one on the left of another.
  @Test func grammarIsClosed() throws {
    let document = try PageText.read("Documentation/language.md")
    let fenced = document.components(separatedBy: "```ebnf\n").dropFirst().first?.components(separatedBy: "\n```").first
    let written = Self.productions((fenced ?? "").components(separatedBy: "\n"))
    let quoted = try Regex(#""[^"]*"|'[^']*'"#)
    for (name, definition) in written where !definition.contains("any ") {
      let words = definition.replacing(quoted, with: " ").split { !$0.isLetter }.map(String.init)
      for word in words { #expect(written[word] != nil || word == "newline", "\(word) in \(name)") }
    }
  }
}
