import Testing

@testable import TerminalREPL

/// Code in colours while it is typed; no terminal is needed.
@Suite struct CodeColorTests {
  private func view(_ before: String, _ after: String = "", columns: Int = 40, colored: Bool = true) -> CellView {
    CellView(
      prompt: "> ", promptColumns: 2, before: before, after: after, columns: columns, isColored: colored)
  }

  private func plain(_ text: String) -> String {
    var shown = ""
    var isEscape = false
    for character in text {
      if character == "\u{1B}" { isEscape = true }
      if !isEscape { shown.append(character) }
      if isEscape, character == "m" { isEscape = false }
    }
    return shown
  }

  @Test func eachKindHasItsColour() {
    let row = view("for x in f(\"a\", 12) {  # why").rows[0].text
    #expect(
      row == "> \u{1B}[35mfor\u{1B}[39m x \u{1B}[35min\u{1B}[39m \u{1B}[34mf\u{1B}[39m(\u{1B}[32m\"a\"\u{1B}[39m, "
        + "\u{1B}[36m12\u{1B}[39m) {  \u{1B}[90m# why\u{1B}[39m")
  }

  /// A row is drawn without its neighbours: it begins and ends in the terminal's own colour.
  @Test func rowsStandForThemselves() {
    let text = "s = \"\"\"one\ntwo three four\n\"\"\""
    for columns in [5, 9, 40] {
      for row in view(text, columns: columns).rows where row.text.contains("\u{1B}") {
        #expect(row.text.hasSuffix("\u{1B}[39m"))
      }
    }
  }

  /// Colours change nothing else, wherever the cursor is and however little has been typed.
  @Test func theTextIsTheSame() {
    let text = "fn f(n) {\n  \"ä{n + 1}\" # ü 日本\n  'half"
    for cut in text.indices {
      let (before, after) = (String(text[..<cut]), String(text[cut...]))
      let (colored, uncolored) = (view(before, after, columns: 9), view(before, after, columns: 9, colored: false))
      #expect(colored.rows.map { plain($0.text) } == uncolored.rows.map(\.text))
      #expect(colored.rows.map(\.columns) == uncolored.rows.map(\.columns))
      #expect(colored.cursorRow == uncolored.cursorRow && colored.cursorColumn == uncolored.cursorColumn)
    }
  }
}
