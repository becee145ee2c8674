import Testing

@testable import Session

@Suite struct StalenessTests {
  /// Names, and cells that do something to them.
  private struct Cells {
    var cells: [CellDependencies.Cell] = []

    mutating func cell(
      reads: Set<String> = [], assigns: Set<String> = [], changes: Set<String> = [],
      madeFrom: [String: Set<String>] = [:]
    ) {
      cells.append(
        CellDependencies.Cell(
          reads: reads, gives: assigns.union(changes), source: "\(cells.count)", madeFrom: madeFrom))
    }

    func causes(_ name: String) -> [String] { CellDependencies(cells).staleNames()[name] ?? [] }
  }

  @Test func aNameIsStaleWhereItsSourceIsBoundAgain() {
    var cells = Cells()
    cells.cell(assigns: ["a"])
    cells.cell(reads: ["a"], assigns: ["b"])
    cells.cell(reads: ["b"], assigns: ["c"])
    #expect(cells.causes("b").isEmpty)
    cells.cell(assigns: ["a"])
    #expect(cells.causes("b") == ["a"] && cells.causes("c") == ["b"])
    cells.cell(reads: ["a"], assigns: ["b"])
    #expect(cells.causes("b").isEmpty && cells.causes("c") == ["b"])
  }

  /// What is trained is newer than what was made from it; what was trained together is not.
  @Test func trainingMakesStaleWhatWasMadeBefore() {
    var cells = Cells()
    cells.cell(assigns: ["net"])
    cells.cell(reads: ["net"], assigns: ["trainer"])
    cells.cell(reads: ["net"], assigns: ["score"])
    cells.cell(reads: ["trainer", "net"], changes: ["net", "trainer"])
    #expect(cells.causes("score") == ["net"])
    #expect(cells.causes("trainer").isEmpty && cells.causes("net").isEmpty)
  }

  @Test func eachNameHasItsOwnSources() {
    var cells = Cells()
    cells.cell(assigns: ["a", "b"])
    cells.cell(reads: ["a", "b"], assigns: ["x", "y"], madeFrom: ["x": ["a"], "y": ["b"]])
    cells.cell(assigns: ["a"])
    #expect(cells.causes("x") == ["a"] && cells.causes("y").isEmpty)
  }

  /// A name that reads itself is not its own cause, and what was made of a name is not what changes it.
  @Test func namesThatFollowFromThemselves() {
    var cells = Cells()
    cells.cell(assigns: ["a"])
    cells.cell(reads: ["a", "b"], assigns: ["b"])
    #expect(cells.causes("b").isEmpty)
    cells.cell(reads: ["b"], assigns: ["a"])
    #expect(cells.causes("b").isEmpty && cells.causes("unknown").isEmpty)
  }

  @Test func whatACellChangedIsTakenBack() {
    var origins = NameOrigins()
    _ = origins.note(CellNames(assigns: ["a"]), cell: 1) { _ in true }
    let change = origins.note(CellNames(assigns: ["a", "c"], changes: ["unknown"]), cell: 2) { _ in true }
    #expect(origins.cell(of: "a") == 2 && origins.cell(of: "c") == 2 && origins.cell(of: "unknown") == nil)
    origins.takeBack(change)
    #expect(origins.cell(of: "a") == 1 && origins.cell(of: "c") == nil)
  }

  @Test func piecesOfACellAddUp() {
    var names = CellNames(reads: ["a"], assigns: ["b"], madeFrom: ["b": ["a"]], overwrites: ["b"])
    names.add(CellNames(reads: ["b", "c"], assigns: ["a", "d"], madeFrom: ["d": ["b"]], overwrites: ["a", "d"]))
    // `a` was read before it was overwritten: what it had before counts.
    #expect(names.reads == ["a", "c"] && names.assigns == ["a", "b", "d"] && names.overwrites == ["b", "d"])
    #expect(names.madeFrom == ["b": ["a"], "d": ["b"]])
  }
}
