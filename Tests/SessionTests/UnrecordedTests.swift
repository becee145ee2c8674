import Diagnostics
import Testing

@testable import Session

/// What a front end runs for itself is no cell (Jupyter's silent requests), and what nobody can be asked is an error.
@Suite struct UnrecordedTests {
  @Test func nothingIsRecordedAndNamesStay() {
    let desk = Desk()
    desk.type("a = 1")
    let before = desk.session.seed
    let result = desk.session.evaluateUnrecorded(NotebookDocument.Cell(source: "b = 2; print(3); a + b"))
    #expect(result.value == "3" && desk.front.written == "3\n")
    #expect(desk.session.cellNumber == 2 && desk.session.history.map(\.source) == ["a = 1"])
    #expect(desk.session.seed == before && desk.value("a + b") == "3")
    #expect(desk.session.document().cells.map(\.source) == ["a = 1", "a + b"])
    #expect(desk.says("%history") == "  1  a = 1\n  2  a + b\n")
  }

  @Test func theNextCellDrawsAsIfItHadNotRun() {
    let numbers = Desk().value("rand(2)")
    let desk = Desk()
    _ = desk.session.evaluateUnrecorded(NotebookDocument.Cell(source: "rand(5)"))
    #expect(desk.value("rand(2)") == numbers)
  }

  /// `_` and `%undo` know nothing of it; a cell that failed and several in one text leave nothing either.
  @Test func earlierResultsAndUndoAreThoseOfTheCells() {
    let desk = Desk()
    desk.type("5", "x = 1")
    for source in ["x = 9; 7", "nobody", "x = 10\n%who\nx", "%time 8"] {
      _ = desk.session.evaluateUnrecorded(NotebookDocument.Cell(source: source))
      #expect(desk.session.cellNumber == 3 && desk.session.history.count == 2, "\(source)")
    }
    #expect(desk.value("_") == "5")
    #expect(desk.says("%undo").contains("cell 3 is undone"))
    #expect(desk.says("%undo").contains("cell 2 is undone"))
    #expect(desk.session.history.map(\.source) == ["5"])
  }

  @Test func whatIsSavedStaysSaved() {
    let desk = Desk()
    #expect(!desk.session.hasUnsavedCells)
    _ = desk.session.evaluateUnrecorded(NotebookDocument.Cell(source: "x = 1"))
    #expect(!desk.session.hasUnsavedCells && desk.session.document().cells.isEmpty)
  }

  /// A recorded answer is taken where there is one; else the cell fails rather than go on with nothing.
  @Test func aQuestionToNobodyIsAnError() {
    let desk = Desk()
    #expect(desk.type("input(\"? \") == none").value == "true")
    desk.front.whyNobodyAnswers = Explanation("nobody can be asked here", help: "ask elsewhere")
    let failed = desk.type("x = 1\ny = input(\"? \")")
    #expect(failed.status == .failed)
    #expect(failed.diagnostics.first?.explanation.message == "nobody can be asked here")
    #expect(desk.value("try { input() } catch e { \"caught\" }") == "\"caught\"")
    desk.session.isReplaying = true
    var recorded = NotebookDocument.Cell(source: "input(\"? \")")
    recorded.answers = ["Ada"]
    #expect(desk.session.evaluate(recorded, file: nil).value == "\"Ada\"")
  }
}
