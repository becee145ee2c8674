import Foundation
import ScriptSupport
import TestSupport
import Testing

@testable import Interpreter

struct DisassemblyTests {
  /// The disassembly of a name of the session.
  private func code(_ name: String, _ text: String) throws -> String {
    let run = ScriptRun(steps: 1_000_000)
    let error = run.cell(text).error
    #expect(error == nil, "\(error ?? "")")
    let function = try #require(run.interpreter.value(of: name)?.asFunction)
    return try #require(run.interpreter.disassembly(of: function))
  }

  /// Whole listings, in Tests/Golden/disassembly.txt: each case is a text that defines `f`, between `-----` and `=>`, and its
  /// listing. Set TWINBOOK_RECORD=1 to write the file anew, and read the difference.
  @Test func wholeTexts() throws {
    let file = Repository.root.appendingPathComponent("Tests/Golden/disassembly.txt")
    let recorded = try String(contentsOf: file, encoding: .utf8)
    let sources = recorded.components(separatedBy: "-----\n").dropFirst().map { $0.components(separatedBy: "=>\n")[0] }
    #expect(sources.count >= 4)
    let current = try sources.map { "-----\n\($0)=>\n\(try code("f", $0))\n" }.joined()
    if ProcessInfo.processInfo.environment["TWINBOOK_RECORD"] != nil {
      try current.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(current == recorded)
  }

  /// Texts of functions of which each uses other instructions.
  private static let sources = [
    "fn f(a, b) { [a + b, a - b, a * b, a / b, a % b, a ^ b, a @ b, a >> b, -a, +a, not a] }",
    "fn f(a) { [a + 1, a - 1, a * 2, a / 2, a % 2, none, true, \"text\", [1, 2]] }",
    "fn f(a, b) { [a == b, a != b, a < b, a <= b, a > b, a >= b, a in b, a not in b] }",
    "fn f(a, b) { if a == b { 1 }; if a != b { 2 }; if a < b { 3 }; if a <= b { 4 }; if a > b { 5 }; if a >= b { 6 } }",
    "fn f(a) { if a == 1 { 1 }; if a != 1 { 2 }; if a < 1 { 3 }; if a <= 1 { 4 }; if a > 1 { 5 }; if a >= 1 { 6 } }",
    "fn f(a) { if a == \"x\" { 1 }; if a != \"x\" { 2 }; while a { a = not a }; x = a or 1; x and 2 }",
    "fn f(a, n=3) { if n == 1 { x = 2 }; print(x, sep=\"\"); a.step = 4; a.step += n; a[n] = 5; a[n] += n; a.b[n].c = 6 }",
    "fn f(a, n) { a[0].b += n; a[0:n, ..., 1]; a[::2]; g = {x: n, y: a}; p, q = a; g.x(p, k=q); len(a) }",
    "fn f(a) { xs = []; for i in 0..<3 { xs.append(i) }; for i in 0...3 { xs[0].append(i) }; [x for x in xs] }",
    "fn f(a) { s = \"{a} {a:.2f}\"; s += \"{a}\"; s.upper(); a(1); a(x=1); try { a.b } catch e { e } }",
    "fn f(a) { n = 0; g = () -> { n += 1; n }; n = 2; fn h(x) { if x == 0 { a } else { h(x - 1) } }; g() + n + h(3) }",
    "base = 1\nfn f(a) { g = map; f(a) + base }",
    "fn f(a) { g = () -> a; a = 2; while true { if a { break }; return }; g }",
  ]

  @Test func eachInstructionIsShown() throws {
    var seen: Set<String> = []
    for source in Self.sources {
      let shown = try code("f", source)
      for line in shown.split(separator: "\n") {
        let words = line.drop { $0 == " " || $0 == ">" }.split(separator: " ")
        guard let number = words.first, Int(number) != nil, words.count > 1, words[1] != "|" else { continue }
        seen.insert(String(words[1]))
      }
      for vague in ["a constant", "a record", "a place", "a function", "session name", "capture ", "builtin "] {
        #expect(!shown.contains(vague), "\(shown)")
      }
    }
    let missing = Set(Opcode.allCases.map { "\($0)" }).subtracting(seen).sorted()
    // The second words of others are shown with these.
    #expect(missing == ["extra"])
  }

  @Test func otherFunctionsHaveNone() {
    let run = ScriptRun(steps: 1000)
    _ = run.cell("g = len")
    let builtin = run.interpreter.value(of: "g")?.asFunction
    #expect(builtin != nil && builtin.flatMap(run.interpreter.disassembly) == nil)
  }
}
