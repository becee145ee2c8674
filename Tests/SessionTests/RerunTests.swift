import Testing

@testable import Session

@Suite struct RerunTests {
  @Test func whatReadSomethingThatChangedRunsAgain() {
    let desk = Desk()
    desk.type("a = 1", "b = a + 1", "c = b * 10", "print(c)", "d = 7", "a = 5")
    #expect(desk.says("%rerun stale") == "cell 2 again, as 7\ncell 3 again, as 8\ncell 4 again, as 9\n60\n")
    #expect(desk.value("[b, c, d]") == "[6, 60, 7]")
    #expect(desk.says("%rerun stale") == "nothing is stale\n")
  }

  @Test func whatWasGivenAnewIsLeftOut() {
    let desk = Desk()
    desk.type("a = 1", "b = a + 1", "a = 2", "b = 100", "a = 3")
    #expect(desk.says("%rerun stale") == "nothing is stale\n")
  }

  /// Training counts: what was learnt from data that changed is learnt again, once.
  @Test func trainingsRunAgain() {
    let desk = Desk()
    desk.type(
      "data = glyphs(4, 6, seed=1)", "net = flatten >> dense(4)",
      "loop = trainer(net, pairs(data, 40, seed=1), loss=contrastive(), optimizer=sgd(0.01))", "loop.run(epochs=1);",
      "net(data[0])")
    #expect(desk.says("%rerun stale") == "nothing is stale\n")
    desk.type("data = glyphs(4, 6, seed=2)")
    let said = desk.says("%rerun stale")
    #expect(said.contains("cell 3 again, as 7\n") && said.contains("cell 4 again, as 8\n"))
    #expect(said.contains("cell 5 again, as 9\n"))
    #expect(desk.says("%rerun stale") == "nothing is stale\n")
  }

  @Test func cellsRunAgainByNumber() {
    let desk = Desk()
    desk.type("x = 0", "x = x + 1", "x = x * 2")
    #expect(desk.says("%rerun 2") == "cell 2 again, as 4\n" && desk.value("x") == "3")
    desk.type("%rerun 2..3")
    #expect(desk.value("x") == "8")
    #expect(desk.says("%rerun 70..").contains("there is no cell 70") && desk.says("%rerun x").contains("expects stale"))
    desk.type("y = undefined_name", "z = 1")
    #expect(desk.type("%rerun 1-").status == .failed)
  }
}
