import Diagnostics
import Syntax
import TestSupport
import Testing

/// Help that says what to write.
struct WaysOutTests {
  private func explanation(_ text: String) -> Explanation? {
    guard case .failure(let errors) = Parser.parse(SourceText(name: "test", text: text)) else { return nil }
    return errors.diagnostics.first?.explanation
  }

  @Test(arguments: ["for (i in [1, 2]) { i }", "for (x : xs) { x }", "for ((a, b) in xs) { a }"])
  func parenthesesOfFor(_ text: String) {
    #expect(explanation(text)?.help == "leave the parentheses out: for x in xs { … }")
  }

  @Test(arguments: ["for (a, b) in xs { a }", "for (a) in xs { a }", "for x in (xs) { x }", "for r.a in xs { r }"])
  func whatStandsInParenthesesRightly(_ text: String) {
    #expect(explanation(text) == nil)
  }

  /// There is no `=` to speak of.
  @Test(arguments: ["for 3 in xs { 1 }", "[x for f() in xs]", "for a, 3 in xs { a }"])
  func targetsOfLoops(_ text: String) {
    #expect(explanation(text)?.help?.hasPrefix("behind `for` stands a name") == true)
  }

  @Test(arguments: [
    ("1 +", "the value that is missing"), ("if", "the value that is missing"), ("x = )", "a value is missing here"),
    ("x = 1)", "leave it out"), ("else { 1 }", "if condition"), ("{a: 1, a: 2}.a", "leave one of them out"),
    ("print('it's')", "write \\' within it"), ("x = \"say \"hi\"\"", "write \\\" within it"),
    ("[\"a\" \"b\"]", "a comma parts them"), ("x = %time f()", "alone on its line"), ("√2", "write sqrt(x)"),
    ("files = !ls", "!ls, stands alone"), ("\"a\" b", "begin a new line"),
    ("f = lambda: 3", "() -> 3"), ("[i for i in xs if i else 1]", "[if c { a } else { b } for x in xs]"),
    ("d = {**a, b: 2}", "records by a.merge(b)"), ("{**a, b: 2}", "records by a.merge(b)"),
    ("d = {*a}", "xs[1:]"), ("x² = 3", "a power is written x ^ 2"), ("del r[\"a\"]", "r.pop(\"a\")"),
    ("f(a=1, a=2)", "leave one of them out"), ("fn f(a, a) { a }", "something else"), ("x.3", "x.shape"),
  ])
  func everyErrorHasAWayOut(_ text: String, _ hint: String) {
    let found = explanation(text)
    #expect(found?.help?.contains(hint) == true, "\(text): \(String(describing: found))")
  }

  /// A row with another number of cells is torn.
  @Test func rowsOfTheGlossary() throws {
    let rows = try PageText.read("Documentation/glossary.md").split(separator: "\n").filter { $0.hasPrefix("|") }
    #expect(rows.count > 40)
    for row in rows { #expect(row.filter { $0 == "|" }.count == 3, "\(row)") }
  }
}
