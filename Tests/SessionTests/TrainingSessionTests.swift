import Testing

@testable import Session

/// Sessions that train: undone, timed, paused, and replayed.
@Suite struct TrainingSessionTests {
  @Test func undoTakesATrainingBack() throws {
    let desk = Desk()
    desk.type("letters = glyphs(6, 5, seed=1, size=12)", "net = conv(4, 3) >> relu >> flatten >> dense(8)")
    desk.type(
      "loop = trainer(net, pairs(letters, 64, seed=2), loss=contrastive(1), optimizer=adam(0.001), batch=16, seed=3)")
    desk.type("loop.run(epochs=1)", "before = net(letters[0:3].tensor)", "people = gallery(net)")
    desk.type("people.enroll(\"a\", letters[0])", "x = [1]")
    let history = try #require(desk.value("loop.history"))
    let query = try #require(desk.value("people.query(letters[1], k=1)"))
    desk.type("%undo")
    desk.type("x.append(2)\nloop.run(epochs=2)\npeople.enroll(\"b\", letters[1])\npeople.rename(\"a\", \"c\")\nnew = 3")
    #expect(desk.value("loop.history.epoch") == "[1, 2, 3]")
    #expect(desk.says("%undo 2") == "cells 10, 11 are undone\n")
    #expect(desk.value("x") == "[1]")
    #expect(desk.value("loop.history") == history)
    #expect(desk.value("(before - net(letters[0:3].tensor)).abs().max()") == "0")
    #expect(desk.value("people.query(letters[1], k=1)") == query)
    #expect(desk.value("people.labels") == "[\"a\"]")
    #expect(desk.value("new") == nil)
    #expect(!desk.says("%who").contains("stale"))
    // The trainer goes on as it would have.
    desk.type("loop.run(epochs=2)")
    let again = Desk()
    again.type(
      "letters = glyphs(6, 5, seed=1, size=12)", "net = conv(4, 3) >> relu >> flatten >> dense(8)",
      "loop = trainer(net, pairs(letters, 64, seed=2), loss=contrastive(1), optimizer=adam(0.001), batch=16, seed=3)",
      "loop.run(epochs=1)", "loop.run(epochs=2)")
    #expect(desk.value("loop.history") == again.value("loop.history"))
  }

  @Test func aPausedTrainingPausesAgainInAReplay() throws {
    let desk = Desk(seed: 9)
    desk.type(RoundTripTests.training)
    let interrupt = desk.session.interruptFlag
    var reports = 0
    desk.front.onProgress = { _ in
      reports += 1
      if reports == 6 { interrupt.interrupt() }
    }
    #expect(desk.type("loop.run(epochs=5)").status == .interrupted)
    desk.front.onProgress = { _ in }
    desk.type("loop", "distances(net, letters)", "loop.run()", "distances(net, letters)")
    let text = desk.session.document().text
    #expect(text.contains("# %% [paused after 6 batches]\nloop.run(epochs=5)\n"), "\(text)")
    let (outcome, differences) = try replay(text)
    #expect(outcome.succeeded, "\(differences)")
    #expect(try NotebookDocument(reading: text, name: "a").text == text)
  }

  @Test func timeitLeavesATrainingAsItWas() {
    let desk = Desk()
    desk.type(RoundTripTests.training, "before = net(letters[0:2].tensor)", "%timeit loop.run(epochs=1)")
    #expect(desk.value("(before - net(letters[0:2].tensor)).abs().max()") == "0")
    #expect(desk.value("loop.history.epoch") == "[]")
  }
}
