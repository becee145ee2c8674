import Testing

@testable import Session

@Suite struct StalenessTests {
  /// Names with the versions of their objects, and cells that do something to them.
  private struct Cells {
    var staleness = Staleness()
    var versions: [String: Int?] = [:]
    var number = 0

    @discardableResult
    mutating func cell(
      reads: Set<String> = [], assigns: Set<String> = [], changes: Set<String> = [],
      madeFrom: [String: Set<String>] = [:]
    ) -> [Staleness.Change] {
      number += 1
      for name in assigns where versions[name] == nil { versions[name] = .some(nil) }
      for name in changes { versions[name] = .some((versions[name].flatMap { $0 } ?? 0) + 1) }
      let names = CellNames(reads: reads, assigns: assigns, madeFrom: madeFrom, changes: changes)
      return staleness.note(names, cell: number) { [versions] in versions[$0] }
    }

    func causes(_ name: String) -> [String] {
      let now = Dictionary(
        uniqueKeysWithValues: versions.map { ($0, staleness.state(of: $0, version: $1)) })
      return staleness.causes(of: name, now: now)
    }
  }

  @Test func aNameIsStaleWhereItsSourceIsBoundAgain() {
    var cells = Cells()
    cells.cell(assigns: ["a"])
    cells.cell(reads: ["a"], assigns: ["b"])
    #expect(cells.causes("b").isEmpty && cells.staleness.origin(of: "b") == 2)
    cells.cell(assigns: ["a"])
    #expect(cells.causes("b") == ["a"])
    cells.cell(reads: ["a"], assigns: ["b"])
    #expect(cells.causes("b").isEmpty && cells.staleness.origin(of: "b") == 4)
  }

  /// What is trained is newer than what was made from it; what was trained together is not.
  @Test func trainingMakesStaleWhatWasMadeBefore() {
    var cells = Cells()
    cells.cell(assigns: ["net"])
    cells.cell(reads: ["net"], assigns: ["trainer"])
    cells.cell(reads: ["net"], assigns: ["score"])
    cells.cell(reads: ["trainer"], changes: ["net", "trainer"])
    #expect(cells.causes("score") == ["net"])
    #expect(cells.causes("trainer").isEmpty && cells.staleness.origin(of: "trainer") == 4)
  }

  @Test func eachNameHasItsOwnSources() {
    var cells = Cells()
    cells.cell(assigns: ["a", "b"])
    cells.cell(reads: ["a", "b"], assigns: ["x", "y"], madeFrom: ["x": ["a"], "y": ["b"]])
    cells.cell(assigns: ["a"])
    #expect(cells.causes("x") == ["a"] && cells.causes("y").isEmpty)
  }

  /// A name that reads itself is not its own cause, and one that is gone is one.
  @Test func namesThatAreGone() {
    var cells = Cells()
    cells.cell(assigns: ["a"])
    cells.cell(reads: ["a", "b"], assigns: ["b"])
    #expect(cells.causes("b").isEmpty)
    cells.versions["a"] = nil
    #expect(cells.causes("b") == ["a"])
    #expect(cells.causes("unknown").isEmpty)
  }

  @Test func whatACellChangedIsTakenBack() {
    var cells = Cells()
    cells.cell(assigns: ["a"])
    cells.cell(reads: ["a"], assigns: ["b"])
    let change = cells.cell(assigns: ["a", "c"])
    #expect(cells.causes("b") == ["a"])
    cells.staleness.takeBack(change)
    #expect(cells.causes("b").isEmpty)
    #expect(cells.staleness.origin(of: "a") == 1 && cells.staleness.origin(of: "c") == nil)
  }

  @Test func piecesOfACellAddUp() {
    var names = CellNames(reads: ["a"], assigns: ["b"], madeFrom: ["b": ["a"]], overwrites: ["b"])
    names.add(CellNames(reads: ["b", "c"], assigns: ["a", "d"], madeFrom: ["d": ["b"]], overwrites: ["a", "d"]))
    // `a` was read before it was overwritten: what it had before counts.
    #expect(names.reads == ["a", "c"] && names.assigns == ["a", "b", "d"] && names.overwrites == ["b", "d"])
    #expect(names.madeFrom == ["b": ["a"], "d": ["b"]])
  }
}
