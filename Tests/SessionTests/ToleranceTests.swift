import KernelInterface
import TestSupport
import Testing

@testable import Session

/// How closely a replay compares: to the letter until something has run whose last digits are the processor's.
@Suite struct ToleranceTests {
  private func verifies(_ text: String) throws -> Bool { try replay(text).outcome.succeeded }

  /// Words in the text of a cell loosen nothing.
  @Test(arguments: [
    "# the inverse of a matrix\nx = 1", "x = \"svd, qr and solve\"", "det = 5", "fn f(a) { inverse(a) }", "solve",
    "try { error(\"det\") } catch e { }", "# %% [markdown]\n# eigh",
  ]) func wordsLoosenNothing(_ before: String) throws {
    let desk = Desk()
    desk.type(before, "0.5", "plot([1, 2, 3])")
    let text = desk.session.document().text
    #expect(try verifies(text))
    #expect(try replay(text).outcome.toleranceNote == nil)
    // Half a percent, which a tolerance would let pass.
    #expect(try !verifies(text.replacing("#> 0.5\n", with: "#> 0.501\n")))
    // The hash of a figure's data.
    let place = try #require(text.firstRange(of: "  data ")?.upperBound)
    var other = text
    other.replaceSubrange(place...place, with: text[place] == "0" ? "1" : "0")
    #expect(try !verifies(other))
  }

  @Test(arguments: [
    "inverse([[2, 0], [0, 4]])", "a = tensor([[2, 0], [0, 4]]).det()", "map(det, [[[1, 2], [3, 4]]])",
    "try { inverse([[1, 1], [1, 1]]) } catch e { }",
  ]) func whatRanLoosensWhatFollows(_ call: String) throws {
    let desk = Desk()
    desk.type("0.25", call, "0.5")
    let text = desk.session.document().text
    let exact = try replay(text).outcome
    #expect(exact.succeeded && exact.cellsClose == 0)
    #expect(exact.toleranceNote?.hasPrefix("linear algebra from cell 2 on: ") == true)
    let close = try replay(text.replacing("#> 0.5\n", with: "#> 0.501\n")).outcome
    #expect(close.succeeded && close.cellsClose == 1)
    #expect(try !verifies(text.replacing("#> 0.5\n", with: "#> 0.51\n")))
    // What came before was not made from it.
    #expect(try !verifies(text.replacing("#> 0.25\n", with: "#> 0.251\n")))
  }

  @Test func theLastDigitsOfAMatrixMayDiffer() throws {
    let desk = Desk()
    desk.type("solve([[3, 1], [1, 2]], [1, 1])")
    let text = desk.session.document().text
    #expect(text.contains("#> tensor([0.2, 0.4])"))
    let close = try replay(text.replacing("0.4])", with: "0.4000001])")).outcome
    #expect(close.succeeded && close.cellsClose == 1)
  }

  /// A call in an included file counts as one in the cell; its definition does not.
  @Test func whatIsIncludedCounts() throws {
    let folder = try TemporaryFolder()
    try folder.put("lib.twin", Array("fn turned(a) { inverse(a) }".utf8))
    let desk = Desk()
    desk.type("include(\"\(folder.path)/lib.twin\");", "0.25", "turned([[2, 0], [0, 4]])[0][0]", "0.75")
    let text = desk.session.document().text
    #expect(try replay(text).outcome.toleranceNote?.hasPrefix("linear algebra from cell 3 on: ") == true)
    #expect(try !verifies(text.replacing("#> 0.25\n", with: "#> 0.251\n")))
    #expect(try verifies(text.replacing("#> 0.75\n", with: "#> 0.751\n")))
  }

  /// Whoever wrote the file does not choose how little of it is compared.
  @Test func aHeaderAsksForNoMoreThanAPercent() throws {
    func text(_ result: String, tolerance: String, numerics: String = "\(NumericsContract.version)") -> String {
      "# ---\n# twinbook: 0.1.0\n# format: 1\n# seed: 1\n# numerics: \(numerics)\n# tolerance: \(tolerance)\n# ---\n\n"
        + "# %%\ndet([[2, 0], [0, 50]])\n#> \(result)\n"
    }
    #expect(try !verifies(text("102", tolerance: "0.99")))
    #expect(try verifies(text("100.5", tolerance: "0.99")))
    #expect(try !verifies(text("100.5", tolerance: "0.001")))
    let note = try #require(try replay(text("100", tolerance: "0.99")).outcome.toleranceNote)
    #expect(note.contains("1 %") && note.contains("asks for 99 %"), "\(note)")
    #expect(try !verifies(text("102", tolerance: "0.99", numerics: "0")))
    #expect(try replay(text("100", tolerance: "0.01")).outcome.toleranceNote?.contains("asks for") == false)
  }

  @Test func whatHoldsNoCodeIsNotVerified() throws {
    let folder = try TemporaryFolder()
    for (name, text) in [
      ("empty.twin", ""), ("words.twin", "# %% [markdown]\n# Words\n"),
      ("remark.twin", "# just a remark\n"), ("cells.twin", "# %%\n# one\n\n# %%\n  # two\n"),
    ] {
      try folder.put(name, Array(text.utf8))
      let path = folder.path + "/" + name
      #expect(Desk().says("%replay --verify \(path)").hasPrefix("error: there is no code in \(path)"))
      #expect(Desk().type("%replay \(path)").status == .finished)
    }
    // Code without results is run, and nothing is compared.
    try folder.put("bare.twin", Array("1 + 1\n".utf8))
    #expect(Desk().says("%replay --verify \(folder.path)/bare.twin").contains("nothing was recorded"))
  }

  /// A pause that never came would leave other weights than those that were recorded.
  @Test func aRecordedPauseHasToHappen() throws {
    let (outcome, differences) = try replay("# %% [paused after 300 batches]\n1 + 1\n#> 2\n")
    #expect(!outcome.succeeded)
    #expect(differences.first?.contains("recorded:\n(paused after 300 batches)\n2\ngot:\n(never paused: ") == true)
    for pause in ["0", "-1", "99999999999999999999"] {
      #expect(throws: SessionError.badHeaderValue(file: "a", line: 4, "paused after", pause)) {
        try NotebookDocument(reading: "# %%\n1\n\n# %% [paused after \(pause) batches]\n2\n", name: "a")
      }
    }
    #expect(try NotebookDocument(reading: "# %% [paused after some batches]\n", name: "a").cells[0].pauseAfter == nil)
  }

  /// What loosens the comparison, or chooses the seed, is no slip of the pen.
  @Test func aHeaderSaysEachThingOnceAndAsItIs() throws {
    func read(_ lines: String...) throws -> NotebookDocument.Header {
      try NotebookDocument(
        reading: "# ---\n\(lines.map { "# \($0)\n" }.joined())# ---\n\n# %%\n1\n", name: "a"
      ).header
    }
    for numerics in ["1", "0", "17", "0123abcd-avx2"] {
      #expect(try read("numerics: \(numerics)").numerics == numerics)
    }
    for numerics in ["abc", "", "-1", "1.5", "one-two"] {
      #expect(throws: SessionError.badHeaderValue(file: "a", line: 2, "numerics", numerics)) {
        try read("numerics: \(numerics)")
      }
    }
    for (key, value) in [("numerics", "1"), ("seed", "1"), ("tolerance", "0.1"), ("format", "1")] {
      let error = SessionError.repeatedHeaderValue(file: "a", line: 4, key)
      #expect(throws: error) { try read("\(key): \(value)", "twinbook: 0.1.0", "\(key): \(value)") }
      #expect(error.explanation.message == "line 4 of a: the header says \(key) a second time")
    }
  }

  /// Programs that show notebooks prefer other forms to the text that is compared.
  @Test func whatANotebookShowsBesideTextIsNamed() throws {
    func verify(_ forms: Set<ShownForm>...) -> (said: String, diagnostics: [String]) {
      let document = NotebookDocument(
        cells: forms.map { shown in
          var cell = NotebookDocument.Cell(source: "1 + 1", result: "2")
          cell.shown = shown
          return cell
        })
      let desk = Desk()
      let printer = ReplayPrinter(output: desk.front, file: "a.ipynb", verify: true)
      let outcome = desk.session.run(document, file: "a.ipynb", verify: true) { printer.after($0, $1) }
      printer.finish(outcome)
      return (desk.front.written, printer.diagnostics.map(\.explanation.message))
    }
    let none = verify([], [])
    #expect(none.said.contains("2 compared, none differs\n") && !none.said.contains("may show anything"))
    let own = verify([.html], [.pictures, .warnings], [.pictures])
    #expect(own.diagnostics.isEmpty)
    #expect(
      own.said.hasSuffix(
        "what was compared is text; these were not, and may show anything: HTML in cell 1, pictures in cells 2 and 3, "
          + "warnings in cell 2\n"))
    let foreign = verify([], [.foreign("text/markdown")])
    #expect(foreign.diagnostics.count == 1 && !foreign.said.contains("verified"))
    #expect(foreign.diagnostics.first?.contains("(text/markdown, which Twinbook never writes)") == true)
  }

  /// A text of an old Mac would be one comment.
  @Test func linesThatEndInReturnsAloneAreRefused() throws {
    func read(_ text: String) throws -> NotebookDocument {
      try NotebookDocument(reading: Array(text.utf8), name: "a.twin")
    }
    #expect(throws: SessionError.oldLineEnds(file: "a.twin")) { try read("# %%\r1 + 1\r#> 3\r") }
    #expect(throws: SessionError.oldLineEnds(file: "a.twin")) { try read("# a\r1 + 1") }
    #expect(try read("1 + 1\r\n#> 2\r\n").cells.first?.result == "2")
    #expect(try read("1 + 1\r").cells.first?.source == "1 + 1")
    // Among other lines it is a character of a string, and ends a remark.
    let desk = Desk()
    #expect(desk.value("s = \"\"\"a\rb\"\"\"\nlen(s)") == "3")
    #expect(desk.value("# a remark\r6 * 7") == "42")
    #expect(try replay(desk.session.document().text).outcome.succeeded)
  }
}
