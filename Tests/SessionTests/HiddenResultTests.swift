import Testing

@testable import Session

/// A long list, a large tensor and a tensor within a record show only a part of themselves; a replay compares the rest,
/// too.
@Suite struct HiddenResultTests {
  @Test(arguments: [
    ("x = list(0..<5000); x", "x[2500] = 77"), ("x = zeros([100, 100]); x", "x = setitem(x, 50, 50, 1)"),
    ("x = {scores: list(0..<1000)}; x", "x.scores[500] = -1"),
    ("x = [1, zeros([40])]; x", "x[1] = setitem(x[1], 20, 3)"),
    ("x = [1, \"{\"a\" * 500}\"]; x", "x[1] = \"a\" * 300 + \"b\" + \"a\" * 199"),
    ("x = arange(300) * 1e9; x", "x = setitem(x, 150, 7)"),
  ]) func whatIsNotShownIsCompared(cell: String, change: String) throws {
    let desk = Desk()
    let parts = cell.split(separator: ";")
    desk.type("\(parts[0])\n\(parts[1])")
    let saved = desk.session.document().text
    #expect(saved.contains("#> … the rest is left out, hash "), "\(saved)")
    #expect(try replay(saved).outcome.cellsCompared == 1)
    let other = saved.replacing("\n\(parts[1])", with: "\n\(change)\n\(parts[1])")
    let changed = try replay(other)
    #expect(changed.outcome.failedCell == 1, "\(other)")
    #expect(changed.differences.first?.contains("hash ") == true)
  }

  /// Files of before have no such line, and notebooks that Jupyter wrote have none.
  @Test func aFileWithoutItIsComparedByWhatItShows() throws {
    let desk = Desk()
    desk.type("list(0..<5000)", "print(1)\nzeros([30, 30])")
    let saved = desk.session.document().text
    let lines = saved.split(separator: "\n", omittingEmptySubsequences: false)
    let before = lines.filter { !$0.contains("the rest is left out") }
    #expect(before.count == lines.count - 2)
    #expect(try replay(before.joined(separator: "\n")).outcome.cellsCompared == 2)
  }

  @Test func whatIsShownWholeHasNoLine() {
    let desk = Desk()
    desk.type(
      "[1, [2, 3], {a: tensor([1, 2])}]", "arange(50)", "\"…\"", "zeros([0, 3])", "[\"…\", zeros([0])]", "0..<9000")
    #expect(!desk.session.document().text.contains("left out"))
  }

  /// Every NaN is one, and a list within seventy others has an end.
  @Test func theHashIsOfValuesAlone() throws {
    let desk = Desk()
    desk.type(
      "a = tensor([0 / tensor(0)]) + zeros([300])\na", "b = zeros([300]) * nan\nb",
      "c = [1]\nfor i in 0..<70 { c = [c] }\nc")
    let hashes = desk.session.document().text.split(separator: "\n").filter { $0.contains("hash") }
    try #require(hashes.count == 3)
    #expect(hashes[0] == hashes[1] && hashes[1] != hashes[2])
  }

  @Test func aToleranceComparesWhatIsShown() {
    let (one, other) = (
      "1.5\n… the rest is left out, hash 0123456789abcdef", "1.5\n… the rest is left out, hash 1123456789abcdef"
    )
    #expect(!ResultComparison.isSame(one, other) && ResultComparison.isClose(one, other, tolerance: 0.01))
    #expect(ResultComparison.isSame("1.5", one) && !ResultComparison.isSame(one, "1.5"))
    #expect(ResultComparison.isClose("1.5", one, tolerance: 0.01))
  }
}
