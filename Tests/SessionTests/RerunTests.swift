import Testing

@testable import Session

@Suite struct CellDependencyTests {
  private func stale(_ cells: (reads: Set<String>, gives: Set<String>)...) -> [Int] {
    CellDependencies(
      cells.enumerated().map { CellDependencies.Cell(reads: $1.reads, gives: $1.gives, source: "cell \($0)") }
    ).stale()
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
      ).stale()
    }
    #expect(stale() == [])
    #expect(stale(([], ["data"])) == [1, 2, 3, 4])
    // More training: only what was measured before it is out of date.
    #expect(stale((["loop", "net"], ["loop", "net"])) == [4])
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
    #expect(CellDependencies(cells).stale() == [])
    let changed = cells + [CellDependencies.Cell(reads: [], gives: ["k"], source: "k = 2")]
    #expect(CellDependencies(changed).stale() == Array(1...count + 1))
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

  @Test func whatRanAgainIsSavedAndVerifies() throws {
    let desk = Desk()
    desk.type("a = 1", "b = rand(2) * a", "b.sum()", "a = 2", "%rerun stale")
    let text = desk.session.document().text
    #expect(try replay(text).differences == [])
  }
}
