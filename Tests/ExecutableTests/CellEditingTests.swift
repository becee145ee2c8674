import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Cells of several lines: found, pasted, taller than the window.
@Suite(.serialized, .needsExecutable)
struct CellEditingTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  private func start(_ environment: [String: String] = [:]) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(["start", "--seed", "1"], environment: environment, in: folder)
    #expect(terminal.sees("  1> "), "\(terminal.shown)")
    return terminal
  }

  private func quit(_ terminal: PseudoTerminal) {
    terminal.type("%quit\r")
    #expect(terminal.end() == 0, "\(terminal.shown)")
  }

  private func paste(_ text: String) -> String { "\u{1B}[200~\(text)\u{1B}[201~" }

  @Test func aCellThatWasFoundIsEvaluatedWhole() throws {
    let terminal = try start()
    terminal.type(paste("fn f(n) {\r  first = n + 1\r  first * 2\r}\rprint(\"f is {f(20)}\")") + "\r")
    #expect(terminal.shows("f is 42"), "\(terminal.shown)")
    #expect(terminal.sees("  2> "))
    terminal.type("\u{12}first")
    #expect(terminal.sees("search: first"), "\(terminal.shown)")
    terminal.type("\r")
    #expect(terminal.shows("f is 42"), "\(terminal.shown)")
    #expect(terminal.sees("  3> "))
    // Into the cell's middle, by keys that end the search.
    terminal.type("\u{12}first\u{1B}[A\u{1B}[D\r")
    #expect(terminal.shows("f is 42"), "\(terminal.shown)")
    #expect(terminal.sees("  4> "))
    // Given up.
    terminal.type("20 + \u{12}first\u{7}22\r")
    #expect(terminal.shows("42"), "\(terminal.shown)")
    // What is typed while a cell runs is the terminal's to edit: the search begins at the prompt.
    #expect(terminal.sees("  5> "), "\(terminal.shown)")
    // Not found, then corrected.
    terminal.type("\u{12}f is zz\u{7F}\u{7F}\r")
    #expect(terminal.shows("f is 42"), "\(terminal.shown)")
    terminal.type("\u{1B}[A\u{1B}[A\u{1B}[A")
    quitAfterClearing(terminal)
  }

  private func quitAfterClearing(_ terminal: PseudoTerminal) {
    terminal.type("\u{3}")
    terminal.watch(seconds: 0.3)
    quit(terminal)
  }

  @Test func enterInsideARecalledCellEvaluatesIt() throws {
    let terminal = try start()
    terminal.type(paste("a = 20\rb = 22\rprint(\"sum {a + b}\")") + "\r")
    #expect(terminal.shows("sum 42"), "\(terminal.shown)")
    terminal.type("\u{1B}[A\u{1B}[D\u{1B}[A\u{1B}[H\r")
    #expect(terminal.shows("sum 42"), "\(terminal.shown)")
    // Alt-Enter opens a line; what is not complete goes on.
    terminal.type("\u{1B}[A\u{1B}[D\u{1B}[A\u{1B}[F\u{1B}\rb = 23\r")
    #expect(terminal.shows("sum 43"), "\(terminal.shown)")
    quit(terminal)
  }

  @Test func anEditorLeftWithoutWritingEvaluatesNothing() throws {
    try folder.write("editor", "#!/bin/sh\ntest -n \"$(cat \"$1\")\"\n")
    chmod(folder.path + "/editor", 0o755)
    let terminal = try start(["EDITOR": folder.path + "/editor"])
    terminal.type("print(\"once\")\r")
    #expect(terminal.shows("once"), "\(terminal.shown)")
    terminal.type("%edit 1\r")
    #expect(terminal.complains("nothing was written, so nothing is evaluated"), "\(terminal.errors)")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    terminal.type("print(\"twice\")\r")
    #expect(terminal.shows("twice"), "\(terminal.shown)")
    #expect(terminal.shown.components(separatedBy: "once\r\n").count == 2, "\(terminal.shown)")
    // Written again as it was: its user wants it evaluated.
    try folder.write("editor", "#!/bin/sh\nsleep 0.05; text=$(cat \"$1\"); echo \"$text\" > \"$1\"\n")
    terminal.type("%edit 1\r")
    #expect(terminal.shows("print(\"once\")\r\nonce"), "\(terminal.shown)")
    quit(terminal)
  }

  @Test func whatLooksLikeAPromptInAStringStays() throws {
    let terminal = try start()
    terminal.type(paste("q = \"\"\"\rusage:\r>>> f(2)\r\"\"\"\rprint(len(q), q)") + "\r")
    #expect(terminal.shows("16 usage:\r\n>>> f(2)"), "\(terminal.shown)")
    quit(terminal)
  }

  @Test func newlinesOfWindowsStaySingle() throws {
    let terminal = try start()
    terminal.type(paste("q = \"\"\"a\r\nb\"\"\"\r\nprint(\"of {len(q)}\")") + "\r")
    #expect(terminal.shows("of 3"), "\(terminal.shown)")
    quit(terminal)
  }

  @Test func thePastedCellsOfATranscriptStayApart() throws {
    let terminal = try start()
    terminal.type(
      paste("  1> x = 20\r  2> x + 1\r21\r  7> fn f() {\r       \"  3> y\"\r     }\r  8> f()\r\"  3> y\"\r") + "\r")
    #expect(terminal.shows("21"), "\(terminal.shown)")
    #expect(terminal.sees("  5> "), "\(terminal.shown)")
    terminal.type("%save a.twin\r")
    #expect(terminal.sees("saved 4 cells"), "\(terminal.shown)")
    #expect(try folder.read("a.twin").contains("# %%\nfn f() {\n  \"  3> y\"\n}\n\n# %%\nf()\n#> \"  3> y\"\n"))
    quit(terminal)
  }

  @Test func aCellTallerThanTheWindowScrolls() throws {
    let terminal = try start()
    terminal.resize(columns: 60, rows: 8)
    terminal.watch(seconds: 0.2)
    let lines = (1...30).map { "v\($0) = \($0)" }
    terminal.type(paste(lines.joined(separator: "\r")))
    #expect(terminal.sees("v30 = 30"), "\(terminal.shown)")
    let before = terminal.shown.utf8.count
    terminal.watch(seconds: 0.2)
    // Up to the first line, which the window does not show any more.
    terminal.type(String(repeating: "\u{1B}[D", count: 3) + String(repeating: "\u{1B}[A", count: 29))
    #expect(terminal.sees("  1> v1 = 1"), "\(String(decoding: terminal.shown.utf8.dropFirst(before), as: UTF8.self))")
    terminal.type("\u{5}00")
    #expect(terminal.sees("v1 = 100"), "\(terminal.shown.suffix(800))")
    terminal.type("\r")
    #expect(terminal.sees("  2> "), "\(terminal.shown.suffix(800))")
    terminal.type("print(\"so: {[v1, v2, v30]}\")\r")
    #expect(terminal.shows("so: [100, 2, 30]"), "\(terminal.shown.suffix(800))")
    quit(terminal)
  }

  /// libedit, whose own picture nobody sees, must not look for its cursor below the lines that it has made.
  @Test func aLongCellOutlivesAWindowThatShrinksAndGrows() throws {
    let terminal = try start()
    terminal.watch(seconds: 0.2)
    terminal.type(paste((1...40).map { "v\($0) = \($0)" }.joined(separator: "\r")))
    #expect(terminal.sees("v40 = 40"), "\(terminal.shown)")
    for (rows, key) in [(20, "1"), (40, "2"), (5, "3"), (60, "4")] as [(UInt16, String)] {
      terminal.resize(columns: 100, rows: rows)
      terminal.watch(seconds: 0.3)
      terminal.type(key)
      #expect(terminal.sees(key), "\(rows) rows: \(terminal.shown.suffix(800))")
      terminal.watch(seconds: 0.3)
    }
    terminal.type("\r")
    #expect(terminal.sees("  2> "), "\(terminal.shown.suffix(800))")
    terminal.type("print(\"so: {[v1, v40]}\")\r")
    #expect(terminal.shows("so: [1, 401234]"), "\(terminal.shown.suffix(800))")
    quit(terminal)
  }

  /// After Ctrl-Z and fg the shell has set the terminal in its own way.
  @Test func afterAStopThePromptEditsAgain() throws {
    let terminal = try start()
    terminal.type("first = 41\r")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    terminal.watch(seconds: 0.2)
    let editing = terminal.modes
    terminal.signal(SIGSTOP)
    terminal.cook()
    #expect(terminal.modes != editing)
    terminal.signal(SIGCONT)
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    terminal.watch(seconds: 0.2)
    #expect(terminal.modes == editing)
    terminal.type("\u{1B}[A")
    #expect(terminal.sees("first = 41"), "\(terminal.shown)")
    terminal.type(" + 1\r")
    #expect(terminal.sees("  3> "), "\(terminal.shown)")
    terminal.type("fir\t\r")
    #expect(terminal.shows("42"), "\(terminal.shown)")
    quit(terminal)
  }
}
