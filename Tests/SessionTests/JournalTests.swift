import Foundation
import Testing

@testable import Session

@Suite struct JournalTests {
  private let folder = NSTemporaryDirectory() + "journal-\(UUID().uuidString)"

  private func begin() -> Desk { Desk(seed: 4, journalIn: folder) }
  private func crash(_ desk: Desk) throws -> LostSession { try desk.crash(in: folder) }

  @Test func everythingThatFinishedComesBack() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let desk = begin()
    desk.type(
      "# %% [markdown]\n# A text.\n\n# %% Title\nx = randn([2])\nx", "1 / 0", "y = 1\nnope", "%time z = y + 1",
      "fn f(n) { n + z }")
    let lost = try crash(desk)
    #expect(lost.cells.count == 6 && lost.unfinished == nil)
    let again = begin()
    #expect(again.session.restore(lost) { _, _ in }.succeeded)
    #expect(again.session.document().text == desk.session.document().text)
    #expect(again.value("f(1)") == "3")
    lost.discard()
    #expect(LostSession.all(in: folder).isEmpty)
    // What came back is in the new journal.
    let lostAgain = try crash(again)
    #expect(lostAgain.cells.count == 7)
  }

  @Test func trainedNetworksComeBackWithoutTraining() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let desk = begin()
    desk.type(RoundTripTests.training, "loop.run(epochs=2)", "distances(net, letters)")
    let interrupt = desk.session.interruptFlag
    desk.front.onProgress = { if !$0.isFinished { interrupt.interrupt() } }
    #expect(desk.type("loop.run(epochs=3)").status == .interrupted)
    desk.front.onProgress = { _ in }
    desk.type("loop", "x = net(letters[0:2].tensor)")
    let lost = try crash(desk)
    let again = begin()
    var reports = 0
    again.front.onProgress = { _ in reports += 1 }
    #expect(again.session.restore(lost) { _, _ in }.succeeded)
    #expect(reports == 0)
    #expect(again.session.document().text == desk.session.document().text)
    lost.discard()
    // The optimiser's memory and the place within the epoch are back as well.
    for session in [desk, again] { session.type("loop.run()") }
    #expect(reports > 0)
    #expect(again.value("loop.history") == desk.value("loop.history"))
    #expect(again.value("distances(net, letters)") == desk.value("distances(net, letters)"))
    // And a second crash finds them again.
    let twice = begin()
    reports = 0
    twice.front.onProgress = { _ in reports += 1 }
    #expect(twice.session.restore(try crash(again)) { _, _ in }.succeeded)
    #expect(reports == 0)
  }

  @Test func undoneTrainingsAreForgotten() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let desk = begin()
    desk.type(RoundTripTests.training, "loop.run(epochs=1)", "%undo", "loop.run(epochs=2)")
    let history = desk.value("loop.history")
    let again = begin()
    #expect(again.session.restore(try crash(desk)) { _, _ in }.succeeded)
    #expect(again.value("loop.history") == history)
  }

  @Test func theCellThatWasRunningIsKnown() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let desk = begin()
    desk.type("x = 1")
    desk.session.recovery.journal?.begin("while true { }\nx")
    let lost = try crash(desk)
    #expect(lost.unfinished == "while true { }\nx" && lost.cells.count == 1)
  }

  /// A power cut tears the last line, and whatever stands there is no cell.
  @Test func tornAndDamagedJournalsGiveWhatIsWhole() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let desk = begin()
    desk.type("x = 1", "y = 2", "z = 3")
    let path = try #require(desk.session.recovery.journal?.path)
    desk.session.recovery.abandon()
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for cut in stride(from: 0, to: whole.count, by: 7) {
      try whole.prefix(cut).write(to: URL(fileURLWithPath: path))
      let cells = LostSession.all(in: folder).first?.cells ?? []
      #expect(cells.map(\.source) == Array(["x = 1", "y = 2", "z = 3"].prefix(cells.count)), "\(cut)")
    }
    var state: UInt64 = 5
    for _ in 0..<200 {
      var damaged = whole
      for _ in 0..<4 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        damaged[Int(state >> 33) % damaged.count] = UInt8(truncatingIfNeeded: state >> 20)
      }
      try damaged.write(to: URL(fileURLWithPath: path))
      _ = LostSession.all(in: folder)
    }
  }

  @Test func whatWasTakenBackDoesNotComeBack() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let desk = begin()
    desk.type("x = 1", "y = 2", "z = 3")
    let path = try #require(desk.session.recovery.journal?.path)
    desk.type("%undo 2", "y = 5")
    #expect(desk.session.recovery.journal?.path == path)
    let again = begin()
    let lost = try crash(desk)
    #expect(lost.cells.map(\.source) == ["x = 1", "y = 5"])
    #expect(again.session.restore(lost) { _, _ in }.succeeded)
    lost.discard()
    again.type("%reset", "%seed 9", "a = randn([2])")
    let rest = try crash(again)
    #expect(rest.cells.map(\.source) == ["a = randn([2])"] && rest.seed == 9)
  }

  @Test func aLongJournalIsRead() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let desk = begin()
    desk.type("x = 1")
    // 80 MB of cells, as a long session has them.
    var entry = try #require(desk.session.entries.first)
    entry.cell.source = "s = \"" + String(repeating: "x", count: 1 << 20) + "\""
    // The session alone holds the journal, and its lock.
    desk.session.recovery.journal?.isSyncedAtOnce = false
    for _ in 0..<80 { try desk.session.recovery.journal?.append(Journal.Record(entry)) }
    #expect(try crash(desk).cells.count == 81)
  }

  /// Nothing can be written, and then there is room again.
  @Test func aJournalWithoutRoomGoesOnWhenThereIs() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // A file where the folder would be: no journal can begin.
    try "".write(toFile: folder, atomically: true, encoding: .utf8)
    let desk = begin()
    desk.type("x = 1", "y = 2")
    #expect(desk.front.warnings.count == 1 && !desk.session.isInJournal, "\(desk.front.warnings)")
    try FileManager.default.removeItem(atPath: folder)
    desk.type("z = 3")
    #expect(desk.session.isInJournal)
    #expect(try crash(desk).cells.map(\.source) == ["x = 1", "y = 2", "z = 3"])
  }
}
