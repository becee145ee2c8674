import TestSupport
import Testing

@testable import Session

@Suite struct EarlierResultTests {
  @Test func theLastValueAndThoseOfCellsHaveNames() {
    let desk = Desk()
    desk.type("20 + 1", "x = 5", "\"text\"")
    #expect(desk.value("_") == "\"text\"" && desk.value("_1 * 2") == "42")
    #expect(desk.value("_ + 1") == "43")
    #expect(desk.type("_99").status == .failed)
    #expect(!desk.says("%who").contains("_"))
  }

  @Test func undoneResultsAreForgotten() {
    let desk = Desk()
    desk.type("1", "2", "%undo")
    #expect(desk.value("_") == "1")
    desk.type("%reset")
    #expect(desk.type("_").status == .failed)
  }

  @Test func aSavedSessionThatUsesThemGivesTheSame() throws {
    let desk = Desk()
    desk.type("20 + 1", "undefined", "x = 0", "_ * 2", "_1 + _")
    let text = desk.session.document().text
    #expect(text.contains("#> 63"))
    #expect(try replay(text).differences == [])
    #expect(try replay(desk.session.document(minimal: true).text).differences == [])
  }

  /// Words of IPython's, and of results that are not kept any more.
  @Test(arguments: [
    ("Out[1]", "_1 is the value of cell 1"), ("In[1]", "%history lists the cells"), ("__", "_ is the value"),
    ("_i", "%history lists the cells"), ("_i1", "%history 1-1 shows the cell"), ("get_ipython()", "%help lists them"),
    ("_99", "_99 is the value of cell 99, if it showed one and is among the last \(EarlierResults.limit) that did"),
    ("join([\"a\"], \"\")", "write [\"a\", \"b\"].join(\", \")"), ("display(1)", "name alone on a line shows it"),
    ("split(\"a b\")", "has it behind a dot: x.split; help(\"string.split\")"),
    ("append([], 1)", "has it behind a dot: x.append; help(\"list.append\")"),
  ]) func wordsOfOthersLeadToWhatToWrite(code: String, help: String) {
    let said = Desk().session.evaluate(code).diagnostics.first?.explanation.help ?? ""
    #expect(said.contains(help), "\(said)")
  }

  /// A slip of a name that is there comes before a method that is called alike.
  @Test func aNearNameOfTheSessionComesFirst() {
    let desk = Desk()
    desk.type("splits = 3")
    #expect(desk.type("split").diagnostics.first?.explanation.help == "did you mean `splits`?")
  }

  /// A failed cell keeps its number where the session is run again.
  @Test func failedCellsCount() throws {
    let desk = Desk()
    desk.type("1 / \"a\"", "5", "_2 + 1")
    #expect(desk.session.document().text.contains("#> 6"))
    #expect(try replay(desk.session.document().text).differences == [])
    let other = Desk()
    let outcome = other.session.run(
      try NotebookDocument(reading: desk.session.document().text, name: "a"), file: "a", verify: true
    ) { _, _ in }
    #expect(outcome.succeeded && other.session.cellNumber == 4)
  }

  @Test func aMinimalSessionNamesThemByTheirNewNumbers() throws {
    let desk = Desk()
    desk.type("unused = 3", "20 + 1", "\"between\"", "[_2, \"_2\", 1]", "_4[0] + _2")
    let document = desk.session.document(minimal: true)
    #expect(document.cells.map(\.source) == ["20 + 1", "[_1, \"_1\", 1]", "_2[0] + _1"])
    #expect(document.cells.last?.result == "42")
    var plain = document
    plain.cells[1].result = nil
    #expect(try replay(plain.text).differences.count <= 1)
  }

  @Test func aNameThatWasMadeFromTheLastResultIsNotStale() {
    let desk = Desk()
    desk.type("3", "y = _ + 1", "5")
    #expect(!desk.says("%who").contains("stale"))
  }
}

@Suite struct VaryingCellTests {
  @Test func answersAreRecordedAndGivenAgain() throws {
    let desk = Desk()
    desk.front.answers = ["Ada", "", "36"]
    desk.type("name = input(\"who? \"); empty = input(); \"{name}{empty}\"", "input()")
    let text = desk.session.document().text
    #expect(text.contains("#< Ada\n#<\n#> \"Ada\"") && text.contains("#< 36\n#> \"36\""))
    #expect(try NotebookDocument(reading: text, name: "a").text == text)
    // In a replay nobody is asked.
    let other = Desk()
    other.session.isReplaying = true
    var verified = 0
    let document = try NotebookDocument(reading: text, name: "a")
    let outcome = other.session.run(document, file: "a", verify: true) { step, _ in
      if step.verification == .same { verified += 1 }
    }
    #expect(outcome.succeeded && verified == 2)
    #expect(other.session.document().cells.map(\.answers) == [["Ada", ""], ["36"]])
  }

  @Test func aRemarkIsNoAnswer() throws {
    let desk = Desk()
    desk.type("1\n#< a remark")
    let text = desk.session.document().text
    #expect(text.contains("\n #< a remark\n"))
    #expect(try NotebookDocument(reading: text, name: "a").cells[0].answers == [])
  }

  @Test func cellsThatVaryAreRunAndNotCompared() throws {
    let desk = Desk()
    desk.type("# %% [varies] A time\n3", "now()", "4")
    let text = desk.session.document().text
    #expect(text.contains("# %% [varies] A time\n3") && text.contains("# %% [varies]\nnow()"))
    #expect(try replay(text.replacingOccurrences(of: "#> 3", with: "#> 8")).differences == [])
    #expect(try replay(text.replacingOccurrences(of: "#> 4", with: "#> 8")).differences.count == 1)
  }

  /// What was made from the time is another one with every run, too.
  @Test func theMarkFollowsTheTime() throws {
    let desk = Desk()
    desk.type(
      "x = now(); n = 3", "y = x", "y", "n", "# %% [markdown]\n# Words", "_ + 1", "fn since() { now() - x }",
      "d = since()", "d > 0", "x = 1\ny = 2", "x + y", "n + 1")
    let cells = desk.session.document().cells.filter { $0.kind == .code }
    let marked = cells.filter(\.varies).map(\.source)
    #expect(marked == ["x = now(); n = 3", "y", "d = since()", "d > 0"], "\(marked)")
    let (outcome, differences) = try replay(desk.session.document().text)
    #expect(outcome.succeeded, "\(differences)")
  }

  /// A function that looks at the clock in a file of its own, and what that gives; a taken-back cell leaves no mark.
  @Test func theMarkFollowsWhatIsIncluded() throws {
    let folder = try TemporaryFolder()
    try folder.put("lib.twin", Array("fn ask() { now() }".utf8))
    let desk = Desk()
    desk.type("include(\"\(folder.path)/lib.twin\");", "t = ask()", "t", "net = dense(3)", "net")
    #expect(desk.session.document().cells.map(\.varies) == [false, true, true, false, false])
    let other = Desk()
    other.type("t = now()", "%undo", "t = 5", "t")
    #expect(other.session.document().cells.map(\.varies) == [false, false])
    // A network is made from its data, whoever looks at the clock meanwhile.
    let third = Desk()
    third.type("fn timed() {\n  start = now()\n  dense(3)\n}", "net = timed()", "net")
    #expect(third.session.document().cells.map(\.varies) == [false, true, false])
  }

  @Test func theJournalKnowsThem() throws {
    var cell = NotebookDocument.Cell(source: "input()", result: "\"x\"")
    cell.varies = true
    cell.answers = ["x"]
    let record = Journal.Record(EvaluatedCell(number: 1, cell: cell, typed: "input()", status: .finished))
    #expect(record.cell.varies && record.cell.answers == ["x"])
  }
}
