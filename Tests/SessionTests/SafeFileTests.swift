import Foundation
import KernelInterface
import Testing

@testable import Session

/// Whatever a cell prints or is called: saved, it stays what it was.
@Suite struct SafeFileTests {
  private let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "safe-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func remove() { try? FileManager.default.removeItem(atPath: folder) }

  private func read(_ text: String) throws -> NotebookDocument { try NotebookDocument(reading: text, name: "a.twin") }

  /// Lines of a file that any editor would see: those that end in a carriage return or in a separator of Unicode, too.
  private func visibleLines(_ text: String) -> [String] {
    text.unicodeScalars.split(omittingEmptySubsequences: false) {
      [10, 11, 12, 13, 0x1C, 0x1D, 0x1E, 0x85, 0x2028, 0x2029].contains($0.value)
    }.map { String($0) }
  }

  static let wild = [
    "a\\r\\nprint(666)", "a\\rprint(666)", "a\\n\\rprint(666)\\r\\r\\n# %%\\r\\nprint(666)", "\\u{2028}print(666)",
    "\\u{2029}print(666)", "\\u{85}print(666)", "\\u{b}print(666)", "\\u{c}print(666)", "\\u{1c}print(666)",
    "\\0print(666)", "\\n# %%\\nprint(666)", "\\n#> x", "\\u{338}x", "a\\n\\u{301}\\r\\nprint(666)", "\\u{feff}x",
    "\\u{1b}[2Jx", "\\u{202e}x", "tab\\there", "# ---", "\\u{9b}31mx", "{{x}}", " x", "  x  ", "\\n\\n\\nx\\n\\n",
  ]

  @Test(arguments: wild) func whatACellPrintsOrFailsWithStaysAResult(text: String) throws {
    defer { remove() }
    for code in [
      "print(\"\(text)\")", "x = 1\nerror(\"\(text)\")", "error(\"\(text)\")", "\"\(text)\"", "[\"\(text)\"]",
      "{\"\(text)\": 1}",
    ] {
      let desk = Desk(seed: 5)
      desk.type(code)
      let saved = desk.session.document().text
      let inCode = visibleLines(saved).filter { !$0.hasPrefix("#") && !$0.isEmpty }
      let kept = desk.session.document().cells.first { $0.kind == .code }
      #expect(inCode == (kept.map { visibleLines($0.source) } ?? []), "\(saved.debugDescription)")
      let document = try read(saved)
      #expect(document.text == saved)
      #expect(document.cells.count == 1, "\(saved.debugDescription)")
      let (outcome, differences) = try replay(saved)
      #expect(outcome.succeeded, "\(code): \(differences)")
      if kept != nil, kept?.result != nil { #expect(outcome.cellsCompared == 1) }
    }
  }

  @Test func whatAFolderIsCalledStaysAResult() throws {
    defer { remove() }
    let desk = Desk(seed: 5)
    desk.type("letters = glyphs(2, 3, seed=1)")
    for name in ["a\r\nprint(666)", "b\u{1B}[2Jc", "d\nprint(666)"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/faces/\(name)", withIntermediateDirectories: true)
      desk.type("letters[0].save(\"\(folder)/faces/x.png\")")
      try FileManager.default.moveItem(atPath: folder + "/faces/x.png", toPath: "\(folder)/faces/\(name)/x.png")
    }
    let result = desk.type("images(\"\(folder)/faces\")")
    let value = try #require(result.value)
    #expect(value.contains("a\\r") && value.contains("b\\u{1b}[2Jc"), "\(value)")
    #expect(value.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 32 }, "\(value.debugDescription)")
    let saved = desk.session.document().text
    let last = try #require(try read(saved).cells.last)
    #expect(last.source == "images(\"\(folder)/faces\")")
    #expect(visibleLines(saved).allSatisfy { !$0.hasPrefix("print") }, "\(saved)")
  }

  @Test func remarksStayRemarks() throws {
    let code = "#> no result\nx = 1\n#> nor this\n# %% nor a cell\ns = \"\"\"\n#> text\n# %% text\n\"\"\"\ns\n#> last"
    let document = NotebookDocument(cells: [.init(source: code, result: "\"#> text\\n# %% text\\n\"")])
    let again = try read(document.text)
    #expect(again.cells.count == 1, "\(document.text)")
    #expect(
      again.cells.first?.source
        == " #> no result\nx = 1\n #> nor this\n # %% nor a cell\ns = \"\"\"\n#> text\n# %% text\n\"\"\"\ns\n #> last")
    #expect(again.cells.first?.result == document.cells.first?.result)
    #expect(again.text == document.text)
    // In a file somebody wrote, a remark with code behind it is none of the results.
    let written = try read("# %%\nx = 1\n#> a remark\nx + 1\n\n#> 2\n\n")
    #expect(written.cells.first?.source == "x = 1\n#> a remark\nx + 1")
    #expect(written.cells.first?.result == "2")
    let desk = Desk(seed: 1)
    desk.type("#> why\nx = 1\nx")
    #expect(try replay(desk.session.document().text).outcome.succeeded)
    #expect(desk.session.document().text.contains("\n #> why\nx = 1\nx\n#> 1\n"))
  }

  @Test(arguments: ["%% x", "  %% x", "\\%% x", "%%", "# %% x", "\"\"\" it says", "#> x", "", "  indented", "a\r\nb"])
  func linesOfMarkdownAndFailedCellsDoNotEndThem(line: String) throws {
    for kind in [NotebookDocument.CellKind.markdown, .failed] {
      let source = "first\n\(line)\nlast"
      let document = NotebookDocument(cells: [.init(kind: kind, source: source), .init(source: "1", result: "1")])
      let again = try read(document.text)
      #expect(again.cells.map(\.kind) == [kind, .code], "\(document.text)")
      #expect(again.cells.first?.source == source.replacing("\r\n", with: "\n"), "\(document.text)")
      #expect(again.text == document.text)
    }
  }

  @Test func markdownInThreeQuotesSurvives() throws {
    let text = """
      # %% [markdown] About
      \"\"\"
      # Heading

      # %% not a cell
      #> not a result
      \"\"\"

      # %% Next
      1
      #> 1

      """
    let document = try read(text)
    #expect(document.cells.map(\.title) == ["About", "Next"])
    #expect(document.cells.first?.source == "# Heading\n\n# %% not a cell\n#> not a result")
    #expect(document.text == text)
    let desk = Desk()
    desk.type(text)
    #expect(desk.session.document().text.hasSuffix(text), "\(desk.session.document().text)")
  }

  @Test(arguments: [
    "# %% Title tags=[\"slow\", \"allow-fail\"]", "# %% Title {\"id\": 1}", "# %% tags=[\"a\"]", "# %%% deeper",
    "# %% [markdown] Words key=\"value\" tags=[\"a\", \"b\"]", "# %% {braces} stay", "# %% x = {1}", "# %% a=b",
  ]) func tagsAndBracesSurvive(marker: String) throws {
    let text = "\(marker)\n# a remark\n"
    let document = try read(text)
    #expect(document.text == text)
    #expect(document.cells.count == 1)
    let desk = Desk()
    desk.type(text)
    #expect(desk.session.document().text.hasSuffix("\n" + text), "\(desk.session.document().text)")
  }

  @Test func stringsAreFollowedThroughTheirBraces() {
    for (lines, isOpen) in [
      (["x = \"\"\"a"], true), (["x = '\"\"\"'"], false), (["\"\"\"{f(\"a\")}", "b"], true),
      (["\"\"\"{f(\"}\")}\"\"\""], false), (["# \"\"\""], false), (["\"{x:#>10}\" # \"\"\""], false),
      (["x = \"unclosed", "\"\"\"a"], true), (["\"{r[\"a\"]}\" + \"\"\"b"], true), (["\"\"\"\\\"\"\""], true),
      (["\"\"\"{{\"\"\""], false),
    ] {
      var quotes = TripleQuotes()
      for line in lines { quotes.read(line[...]) }
      #expect(quotes.isOpen == isOpen, "\(lines)")
    }
  }

  @Test func longResultsKeepHeadTailCountAndHash() throws {
    let desk = Desk(seed: 5)
    desk.type("for i in 0..<1000 { print(\"line {i}\") }")
    let saved = desk.session.document().text
    #expect(saved.contains("#> line 119\n#> … 850 of 1000 lines are left out, hash "), "\(saved)")
    #expect(saved.contains("#> line 970\n") && saved.hasSuffix("#> line 999\n") && !saved.contains("line 500"))
    #expect(try read(saved).text == saved)
    #expect(try replay(saved).outcome.succeeded)
    // One line of those that are left out is another.
    let other = saved.replacing("print(\"line {i}\")", with: "print(if i == 500 { \"x\" } else { \"line {i}\" })")
    #expect(try replay(other).outcome.failedCell == 1)
    // Short enough to stay whole, and a file that holds all of a long one.
    let short = Desk(seed: 5)
    short.type("for i in 0..<200 { print(i) }")
    #expect(!short.session.document().text.contains("left out"))
    let whole = (0..<1000).map { "#> line \($0)\n" }.joined()
    #expect(try replay("# %%\nfor i in 0..<1000 { print(\"line {i}\") }\n" + whole).outcome.succeeded)
  }

  @Test func longLinesAreShortenedToo() throws {
    let desk = Desk(seed: 5)
    desk.type("print(\"ab\" * 1000000)")
    let saved = desk.session.document().text
    #expect(saved.utf8.count < 4000, "\(saved.utf8.count)")
    #expect(try replay(saved).outcome.succeeded)
    #expect(
      try replay(saved.replacing("\"ab\" * 1000000", with: "\"ab\" * 500000 + \"ba\" * 500000")).outcome.failedCell == 1
    )
  }

  @Test func hashesAreNoReasonToDifferWhereNumbersMay() {
    let first = (0..<300).map { "\($0) \(Double($0) / 7)" }.joined(separator: "\n")
    let second = (0..<300).map { "\($0) \(Double($0) / 7.000001)" }.joined(separator: "\n")
    #expect(!ResultComparison.isSame(first, second))
    #expect(ResultComparison.isClose(first, second, tolerance: 0.01))
    #expect(!ResultComparison.isClose(first, second + "\n1", tolerance: 0.01))
  }

  /// A fixed point, whatever it is made of.
  @Test func keptResultsAreFixedPoints() {
    var state: UInt64 = 7
    func next(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    let pieces = ["a", "\n", "\r", "\r\n", "\t", " ", "\u{1B}", "\u{301}", "漢", "\u{2028}", "\0", "…", "é", "\u{85}"]
    for _ in 0..<300 {
      let count = next(20) == 0 ? 9000 : next(40)
      let text = (0..<count).map { _ in pieces[next(pieces.count)] }.joined()
      let once = ResultText.canonical(text)
      #expect(ResultText.canonical(once) == once)
      // In pieces, as a cell prints.
      var kept = ResultText()
      for character in text.unicodeScalars { kept.add(String(character)) }
      #expect(kept.text == once)
    }
  }

  // MARK: Header and files

  @Test func theHeaderStays() throws {
    defer { remove() }
    let header = """
      #!/usr/bin/env twinbook
      # ---
      # twinbook: 0.1.0
      # format: 1
      # seed: 42
      # numerics: \(NumericsContract.version)
      # tolerance: 0.05
      # jupyter:
      #   kernelspec:
      #     display_name: Twinbook
      #     seed: none of ours
      # ---

      """
    let path = folder + "/a.twin"
    try (header + "\n# %%\nx = randn([2])\nx\n").write(toFile: path, atomically: true, encoding: .utf8)
    let desk = Desk(seed: 1)
    desk.type("%run \(path)", "x.sum()")
    let text = desk.session.document().text
    #expect(text.hasPrefix(header), "\(text)")
    #expect(try replay(text).outcome.succeeded)
    // Where random numbers were drawn already, the session's seed stays, and is said to.
    let other = Desk(seed: 1)
    other.type("randn([2])", "%run \(path)")
    #expect(other.session.seed == 1)
    #expect(other.front.warnings.contains { $0.contains("made with seed 42") })
    #expect(try replay(other.session.document().text).outcome.succeeded)
  }

  /// What it leaves out is nowhere else.
  @Test func aMinimalScriptIsNotTheSession() throws {
    defer { remove() }
    let desk = Desk(interactiveIn: folder)
    desk.type("precious = 12345", "k = 3", "k + 1")
    #expect(desk.says("%save --minimal \(folder)/m.twin") == "saved 2 cells to \(folder)/m.twin\n")
    #expect(desk.session.hasUnsavedCells && desk.session.savedPath == nil)
    #expect(desk.says("%save --minimal") == "error: %save expects more\n")
    let path = folder + "/a.twin"
    desk.type("%save \(path)")
    #expect(!desk.session.hasUnsavedCells && desk.session.savedPath == path)
    desk.type("%save --minimal \(folder)/m.twin")
    #expect(!desk.session.hasUnsavedCells && desk.session.savedPath == path)
    // Over the whole session.
    desk.type("%save --minimal \(path)")
    #expect(desk.session.hasUnsavedCells && desk.session.saveBeforeTermination() == nil)
    let kept = try #require(try desk.session.keepUnsaved())
    #expect(try String(contentsOfFile: kept, encoding: .utf8).contains("precious = 12345"))
  }

  /// The cells before `%reset` stand there.
  @Test func whatComesAfterAResetGoesOverNothingByItself() throws {
    defer { remove() }
    let path = folder + "/a.twin"
    let desk = Desk(interactiveIn: folder)
    desk.type("x = 1", "%save \(path)", "%reset", "y = 2")
    #expect(desk.session.saveBeforeTermination() == nil)
    #expect(try String(contentsOfFile: path, encoding: .utf8).contains("x = 1"))
  }

  @Test func saveWritesOverNothingOfOthers() throws {
    defer { remove() }
    let path = folder + "/a.twin"
    let desk = Desk()
    desk.type("x = 1")
    #expect(desk.says("%save \(path)") == "saved 1 cell to \(path)\n")
    desk.type("y = 2")
    #expect(desk.says("%save") == "saved 2 cells to \(path)\n")
    // Of another session.
    let other = Desk()
    other.type("z = 3")
    let before = try String(contentsOfFile: path, encoding: .utf8)
    #expect(other.says("%save \(path)") == "error: \(path) is the file of another session; it was left as it is\n")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == before)
    #expect(other.says("%save! \(path)") == "saved 1 cell to \(path)\n")
    // Which this one notices.
    #expect(desk.says("%save") == "error: \(path) has changed since this session saved it; it was left as it is\n")
    // No session at all.
    let notes = folder + "/notes.txt"
    try "my notes\n".write(toFile: notes, atomically: true, encoding: .utf8)
    #expect(desk.says("%save \(notes)") == "error: \(notes) is no saved session of Twinbook; it was left as it is\n")
    #expect(try String(contentsOfFile: notes, encoding: .utf8) == "my notes\n")
    #expect(desk.says("%save \(notes) !") == "saved 2 cells to \(notes)\n")
    // A script that ran from beginning to end is part of the session.
    let again = Desk()
    again.type("%run \(path)", "z + 1")
    #expect(again.says("%save \(path)") == "saved 2 cells to \(path)\n")
    #expect(desk.says("%save \(folder)").contains("is a folder, not a file"))
  }

  @Test func sessionsThatEndTogetherAreBothKept() throws {
    defer { remove() }
    let first = try LastSession.keep("first\n", in: folder)
    #expect(first == folder + "/last.twin")
    #expect(try LastSession.keep("second\n", in: folder) == first)
    #expect(try LastSession.keep("third\n", in: folder) == first)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".twin") }
    let texts = try names.map { try String(contentsOfFile: folder + "/" + $0, encoding: .utf8) }
    #expect(texts.sorted() == ["first\n", "second\n", "third\n"])
    #expect(try String(contentsOfFile: first, encoding: .utf8) == "third\n")
    // Its owner's alone, as the history and the journals are; so is one that an older version left open, once it is moved.
    func mode(_ path: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
    #expect(try mode(first) == 0o600)
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: first)
    _ = try LastSession.keep("open no longer\n", in: folder)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasSuffix(".twin") {
      #expect(try mode(folder + "/" + name) == 0o600, "\(name)")
    }
    // Something else may have the name.
    try FileManager.default.removeItem(atPath: first)
    try FileManager.default.createDirectory(atPath: first, withIntermediateDirectories: true)
    let beside = try LastSession.keep("fourth\n", in: folder)
    #expect(beside != first)
    #expect(try String(contentsOfFile: beside, encoding: .utf8) == "fourth\n")
  }
}
