import Testing

@testable import Session

/// A tab in a string is data: pasted, it stays one.
@Suite struct PastedTabsTests {
  @Test(arguments: [
    ("x = \"a\tb\"", "x = \"a\\tb\""), ("\tx = 1", "  x = 1"), ("# a\tb", "# a  b"),
    ("\"\"\"\na\tb\n\"\"\"\n\ty", "\"\"\"\na\\tb\n\"\"\"\n  y"), ("'a\t{x\t+ 1}\tb'", "'a\\t{x  + 1}\\tb'"),
    ("'\\{\t\\}'\t", "'\\{\\t\\}'  "), ("'half\ttyped", "'half  typed"), ("no tabs", "no tabs"), ("\t", "  "),
  ]) func areKeptInStrings(pasted: String, code: String) { #expect(PastedTabs.replaced(in: pasted) == code) }

  @Test func theStringIsTheSame() {
    let desk = Desk(seed: 1)
    #expect(desk.value(PastedTabs.replaced(in: "\"a\tb\"")) == "\"a\\tb\"")
  }
}
