import Foundation
import Testing

@testable import Session

@Suite struct CellDependencyTests {
  private func stale(_ cells: (reads: Set<String>, gives: Set<String>)...) -> [Int] {
    CellDependencies(
      cells.enumerated().map { CellDependencies.Cell(reads: $1.reads, gives: $1.gives, source: "cell \($0)") }
    ).stale().again
  }

  @Test func aChangeRunsThroughAllThatReadsIt() {
    #expect(stale(([], ["a"]), (["a"], ["b"]), (["b"], []), ([], ["d"])) == [])
    #expect(stale(([], ["a"]), (["a"], ["b"]), (["b"], []), ([], ["d"]), ([], ["a"])) == [1, 2])
  }

  @Test func whatWasGivenAnewIsLeftOut() {
    #expect(stale(([], ["a"]), (["a"], ["b"]), ([], ["a"]), ([], ["b"]), ([], ["a"])) == [])
  }

  /// A training changes what it reads: the cell that made the network is no reader of the training, and runs again with it.
  @Test func trainingBeginsFromItsStart() {
    // data, net, loop(data, net), run: changes net and loop, score(net, data).
    let cells: [(reads: Set<String>, gives: Set<String>)] = [
      ([], ["data"]), ([], ["net"]), (["data", "net"], ["loop"]), (["loop", "net"], ["loop", "net"]),
      (["net", "data"], ["score"]),
    ]
    func stale(_ more: (reads: Set<String>, gives: Set<String>)...) -> [Int] {
      CellDependencies(
        (cells + more).enumerated().map {
          CellDependencies.Cell(reads: $1.reads, gives: $1.gives, source: "cell \($0)")
        }
      ).stale().again
    }
    #expect(stale() == [])
    #expect(stale(([], ["data"])) == [1, 2, 3, 4])
    // More training: only what was measured before it is out of date.
    #expect(stale((["loop", "net"], ["loop", "net"])) == [4])
    // More training, and then other data: what was measured is measured after all of it.
    #expect(stale((["loop", "net"], ["loop", "net"]), ([], ["data"])) == [1, 2, 3, 5, 4])
  }

  /// A cell that gives two names, one of which was typed anew.
  @Test func whatWouldTakeBackALaterValueStays() {
    let dependencies = CellDependencies([
      .init(reads: ["k"], gives: ["x", "y"], source: "x = k; y = k"),
      .init(reads: ["y"], gives: ["z"], source: "z = y"),
      .init(reads: [], gives: ["x"], source: "x = 5"), .init(reads: [], gives: ["k"], source: "k = 2"),
    ])
    #expect(
      dependencies.stale() == CellDependencies.Stale(again: [], left: [.init(cell: 0, name: "x", giver: 2)]))
  }

  /// A set of places for each of them would take more than a gigabyte, and a look at all later ones for each a minute.
  @Test func thousandsOfCells() {
    let count = 5000
    let counter = CellDependencies.Cell(reads: ["n", "k"], gives: ["n"], source: "n += k")
    let cells =
      [
        CellDependencies.Cell(reads: [], gives: ["k"], source: "k = 1"),
        CellDependencies.Cell(reads: [], gives: ["n"], source: "n = 0"),
      ] + Array(repeating: counter, count: count)
    #expect(CellDependencies(cells).stale() == CellDependencies.Stale())
    let changed = cells + [CellDependencies.Cell(reads: [], gives: ["k"], source: "k = 2")]
    #expect(CellDependencies(changed).stale().again == Array(1...count + 1))
  }

  @Test func countersCountFromTheirStart() {
    #expect(stale(([], ["k"]), ([], ["n"]), (["n", "k"], ["n"]), (["n", "k"], ["n"]), ([], ["k"])) == [1, 2, 3])
  }

  /// Against what a run from the start gives, on programs drawn at random.
  @Test func theResultIsThatOfARunFromTheStart() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      struct Line {
        var target: String
        var sources: [String]
        var number: Int
        var text: String { "\(target) = \(number)" + sources.map { " + \($0)" }.joined() }
      }
      var lines: [Line] = []
      for index in 0..<8 {
        let count = lines.isEmpty ? 0 : Int.random(in: 0...2, using: &random)
        lines.append(
          Line(
            target: "x\(index)",
            sources: (0..<count).compactMap { _ in lines.randomElement(using: &random)?.target }, number: 1 << index))
      }
      // One of them is typed anew with another number.
      guard let changed = lines.indices.randomElement(using: &random) else { continue }
      var typed = lines[changed]
      typed.number = 1000
      let desk = Desk()
      for line in lines { desk.type(line.text) }
      desk.type(typed.text, "%rerun stale")
      var fresh = lines
      fresh[changed] = typed
      let other = Desk()
      for line in fresh { other.type(line.text) }
      for name in Set(lines.map(\.target)) {
        #expect(desk.value(name) == other.value(name), "\(lines.map(\.text)), then \(typed.text): \(name)")
      }
      #expect(desk.says("%rerun stale") == "nothing is stale\n")
    }
  }
}

@Suite struct RerunTests {
  @Test func whatReadSomethingThatChangedRunsAgain() {
    let desk = Desk()
    desk.type("a = 1", "b = a + 1", "c = b * 10", "print(c)", "d = 7", "a = 5")
    #expect(
      desk.says("%rerun stale")
        == "cell 2 again, as 7: b = a + 1\ncell 3 again, as 8: c = b * 10\ncell 4 again, as 9: print(c)\n60\n")
    #expect(desk.value("[b, c, d]") == "[6, 60, 7]")
    #expect(desk.says("%rerun stale") == "nothing is stale\n")
  }

  @Test func functionsReadWhatTheyCall() {
    let desk = Desk()
    desk.type("k = 2", "f = x -> x * k", "y = f(10)", "k = 3", "%rerun stale")
    #expect(desk.value("y") == "30")
  }

  /// Training counts: what was learnt from data that changed is learnt again, from its start.
  @Test func trainingsRunAgain() {
    let desk = Desk()
    desk.type(
      "data = glyphs(4, 6, seed=1)", "net = flatten >> dense(4)",
      "loop = trainer(net, pairs(data, 40, seed=1), loss=contrastive(), optimizer=sgd(0.01))", "loop.run(epochs=1);",
      "net(data[0])")
    #expect(desk.says("%rerun stale") == "nothing is stale\n")
    desk.type("data = glyphs(4, 6, seed=2)")
    let said = desk.says("%rerun stale")
    for (old, new) in [(2, 7), (3, 8), (4, 9), (5, 10)] { #expect(said.contains("cell \(old) again, as \(new): ")) }
    #expect(desk.says("%rerun stale") == "nothing is stale\n")
    // Trained further, only what was shown of it before is out of date.
    desk.type("loop.run(epochs=1);")
    #expect(desk.says("%rerun stale").contains("cell 10 again, as 12: net(data[0])"))
  }

  @Test func whatSomebodyHasJustChangedIsNotTakenBack() {
    let desk = Desk()
    desk.type("x = 1\ny = x + 1", "x = 5")
    let said =
      "cell 1 is stale and stays as it is: run again, it would take back x, which cell 2 has changed; "
      + "type again what of it is wanted\n"
    #expect(desk.says("%rerun stale") == said)
    #expect(desk.value("[x, y]") == "[5, 2]")
    #expect(desk.says("%who").contains("stale: x changed since"))
    desk.type("y = x + 1")
    #expect(!desk.says("%who").contains("stale"))
    // What was shown of it before.
    #expect(desk.says("%rerun stale").contains("[x, y]"))
    #expect(desk.says("%rerun stale") == "nothing is stale\n")
  }

  /// What a later cell makes of its own older value comes before what reads it.
  @Test func itIsDoneAfterOneTime() {
    let desk = Desk()
    desk.type("held = glyphs(2, 3, seed=1)\nnn = flatten >> dense(2)", "emb = nn(held)", "held = held.invert()")
    #expect(desk.says("%rerun stale").contains("emb = nn(held)"))
    #expect(desk.value("(emb - nn(held)).abs().max()") == "0")
    #expect(desk.says("%rerun stale") == "nothing is stale\n" && !desk.says("%who").contains("stale"))
  }

  /// The variable of a loop is no name that the loop reads.
  @Test func aNameThatTheCellGivesFirstIsNotRead() {
    let desk = Desk()
    desk.type("for i in 0..<3 { y = i }", "for i in 0..<5 { }")
    #expect(desk.says("%rerun stale") == "nothing is stale\n" && desk.value("i") == "4")
  }

  /// `%who` and `%rerun stale` mean the same: through other names, and through functions.
  @Test(arguments: [
    (["xs = [1, 2]", "ys = sorted(xs)", "total = sum(ys)", "xs = [5]"], ["total", "ys"]),
    (["n = 2", "fn g(x) { x * n }", "h = g(3)", "n = 5"], ["h"]),
    (["n = 2\nfn g(x) { x * n }\nfn f(x) { g(x) }", "h = f(3)", "n = 5"], ["h"]),
    (["a = [1]; b = a", "a.append(2)"], []), (["a = 1", "b = a + 1", "a = b + 1"], []),
    (["a = 1; b = 2", "x = a; y = b", "a = 3"], ["x"]),
  ]) func theTwoAgree(_ cells: [String], _ stale: [String]) {
    let desk = Desk()
    for cell in cells { desk.type(cell) }
    let marked = desk.says("%who").split(separator: "\n").filter { $0.contains("stale") }
    #expect(marked.map { $0.prefix { $0 != " " } } == stale.map { $0[...] }, "\(marked)")
    let said = desk.says("%rerun stale")
    #expect((said == "nothing is stale\n") == stale.isEmpty, "\(said)")
    #expect(!desk.says("%who").contains("stale") && desk.says("%rerun stale") == "nothing is stale\n")
  }

  @Test func cellsRunAgainByNumber() {
    let desk = Desk()
    desk.type("x = 0", "x = x + 1", "x = x * 2")
    #expect(desk.says("%rerun 2") == "cell 2 again, as 4: x = x + 1\n" && desk.value("x") == "3")
    desk.type("%rerun 2..3")
    #expect(desk.value("x") == "8")
    #expect(desk.says("%rerun 70..").contains("there is no cell 70") && desk.says("%rerun x").contains("expects stale"))
    // It ends at the first that fails; cells that failed before are not run again.
    desk.type("y = undefined_name", "w = [1]", "w.pop()", "z = 7")
    #expect(desk.type("%rerun 11-12").status == .failed && desk.session.cellNumber == 14)
    #expect(desk.type("%rerun 9-10").status == .finished && desk.session.cellNumber == 15)
  }

  /// What it lacked may be there now; and an error is told, also that of a cell that may end in one.
  @Test func cellsThatFailedRunAgain() throws {
    let desk = Desk()
    desk.type("xs.append(2)", "xs = [1]", "xs.append(3); error(\"stop\")")
    #expect(desk.says("%rerun 1") == "cell 1 again, as 4: xs.append(2)\n")
    let said = desk.says("%rerun 3")
    #expect(said.hasPrefix("cell 3 again, as 5:") && said.contains("error: stop\n"), "\(said)")
    let behind = desk.says("%rerun 3..4")
    #expect(behind.contains("error: stop\n") && behind.contains("cell 4 again, as 7"), "\(behind)")
    #expect(desk.value("xs") == "[1, 3, 2, 3, 3, 2]")
    let verified = try replay(desk.session.document().text)
    #expect(verified.outcome.succeeded && verified.differences == [], "\(verified)")
  }

  @Test func errorsOfAScriptsCellsAreToldByRun() throws {
    let path = NSTemporaryDirectory() + "allowed-\(UUID().uuidString).twin"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try "# %% [allow-fail]\ny = [3]\n1 / 0\n\n# %%\ny\n".write(toFile: path, atomically: true, encoding: .utf8)
    let said = Desk().says("%run \(path)")
    #expect(said.hasPrefix("error: division by zero\n") && said.hasSuffix("[3]\n"), "\(said)")
  }

  @Test func whatRanAgainIsSavedAndVerifies() throws {
    let desk = Desk()
    desk.type("a = 1", "b = rand(2) * a", "b.sum()", "a = 2", "%rerun stale")
    let text = desk.session.document().text
    #expect(try replay(text).differences == [])
  }
}
