import Foundation
import Testing

@testable import Session

/// What a session shows and records of figures.
@Suite struct FigureTests {
  private func recorded(_ desk: Desk) -> [String] {
    desk.session.document().cells.compactMap(\.result)
  }

  @Test func partsOfAFigureAreNotShownAlone() {
    for code in [
      "subplots(plot([1, 2]), bars({a: 1}))", "subplots([plot([1, 2]), bars({a: 1})])",
      "a = plot([1, 2])\nb = bars({a: 1})\nsubplots(a, b)", "subplots(plot([1, 2]), bars({a: 1}));",
      "fn both() { subplots([plot([1, 2]), bars({a: 1})]) }\nboth()",
    ] {
      let desk = Desk()
      desk.type(code)
      #expect(desk.front.figures.count == 1, "\(code)")
      #expect(desk.front.figures.first?.number == 1)
      let result = recorded(desk).last ?? ""
      #expect(result.hasPrefix("figures side by side\n  line plot\n    value: 2 values"), "\(code): \(result)")
      #expect(result.components(separatedBy: "line plot").count == 2, "\(code): \(result)")
    }
  }

  /// A part that was shown before, or is printed past, is shown all the same.
  @Test func whatWasShownBeforeStays() {
    let desk = Desk()
    desk.type("a = plot([1, 2])", "subplots(a, [3, 4])")
    #expect(desk.front.figures.count == 2)
    desk.type("b = plot([1, 2])\nprint(1)\nsubplots(b, b)")
    #expect(desk.front.figures.count == 4)
    #expect(recorded(desk).last?.components(separatedBy: "figures side by side").count == 2)
  }

  @Test func figuresOfALoopComeInOrderAndAsItGoes() {
    let desk = Desk()
    desk.type("for i in 0..<5 { plot([i, i + 1], title=\"figure {i}\") }")
    #expect(desk.front.figures.map(\.number) == [1, 2, 3, 4, 5])
    #expect(
      desk.front.figures.map { String($0.fingerprint().prefix(20)) } == (0..<5).map { "line plot “figure \($0)”" })
    // A loop that is interrupted has shown what it had drawn.
    desk.type("for i in 0..<5 { plot([i, i + 1]); if i == 3 { error(\"stop\") } }")
    #expect(desk.front.figures.count == 9)
  }

  @Test func aSavedFigureIsRecordedAndNotShown() throws {
    let folder = NSTemporaryDirectory() + "figures-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let desk = Desk()
    desk.type("bars({a: 1}).save(\"\(folder)/a.txt\")\nbars({b: 2})")
    #expect(desk.front.figures.map(\.number) == [2])
    #expect(recorded(desk).last?.components(separatedBy: "bar chart").count == 3)
  }

  /// Sessions that were saved before hold these.
  @Test func fingerprintsStay() {
    let desk = Desk()
    desk.type("plot([1, 2, 3])", "histogram([1, 2, 2, 3])", "bars({a: 1, b: 2})", "heatmap([[1, 2], [3, 4]])")
    desk.type("scatter([[0, 0], [1, 1], [0, 1]], labels=[\"a\", \"b\", \"a\"], title=\"Three points\")")
    desk.type("scatter([[0, 0], [1, 1], [0, 1]], [0, 1, 0])", "scatter([[0, 0], [1, 1]], [\"a\", \"b\"], \"Two\")")
    #expect(
      recorded(desk).map { String($0.suffix(16)) } == [
        "67124ce7862e6fb1", "0e4218a6c8ff0d91", "bcb3e04891845a9b", "9cf3330eb1e924f4", "d122b2b4b9bce871",
        "aa9dc701ff7978a2", "3f96be1af902bb2f",
      ])
    #expect(recorded(desk).last?.hasPrefix("scatter plot “Two”\n") == true)
  }
}
