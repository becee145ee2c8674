import Foundation
import Testing

@testable import Session

/// Loops written by hand come back from the journal as trainers do: without being trained again.
@Suite struct StepJournalTests {
  private let folder = NSTemporaryDirectory() + "steps-\(UUID().uuidString)"

  private func begin() -> Desk { Desk(seed: 4, journalIn: folder) }
  private func crash(_ desk: Desk) throws -> LostSession { try desk.crash(in: folder) }

  private func files(_ lost: LostSession) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: lost.statesFolder)) ?? []).sorted()
  }

  private static let setting = [
    "letters = glyphs(6, 6, seed=1, size=12)\np = pairs(letters, 60, seed=2)",
    "net = conv(4, 3) >> relu >> dropout(0.2) >> flatten >> dense(8)\nrule = adam(0.01)\nloss = contrastive(1)",
  ]
  private static let loop = """
    losses = []
    seen = []
    for epoch in 1...3 {
      for a, b, same in p.batches(20, seed=epoch) { losses.append(step(rule, () -> loss(net(a), net(b), same))) }
      seen.append(distances(net, letters).auc)
    }
    seen
    """
  /// One more step, with what the optimiser remembers, and the seed that it takes.
  private static let onward = "[step(rule, () -> loss(net(a), net(b), same)), losses, seen, randn([1])[0]]"

  private func typed(_ lines: [String] = [loop]) -> Desk {
    let desk = begin()
    for line in Self.setting + lines { desk.type(line) }
    return desk
  }

  /// Other numbers in the place of the losses that were kept: whoever reports them has not computed them.
  private func forge(_ lost: LostSession) throws {
    let path = lost.statesFolder + "/cell2-steps"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let start = try #require(text.range(of: "\"losses\":["))
    let end = try #require(text[start.upperBound...].firstIndex(of: "]"))
    let count = text[start.upperBound..<end].split(separator: ",").count
    let forged = Array(repeating: String(Float(0.125).bitPattern), count: count).joined(separator: ",")
    try text.replacingCharacters(in: start.upperBound..<end, with: forged)
      .write(toFile: path, atomically: true, encoding: .utf8)
  }

  @Test func stepsAreNotDoneAgain() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let desk = typed()
    let lost = try crash(desk)
    #expect(files(lost) == ["cell2-at3", "cell2-at6", "cell2-at9", "cell2-steps"])
    let again = begin()
    #expect(again.session.restore(lost) { _, _ in }.succeeded)
    #expect(again.session.document().text == desk.session.document().text)
    #expect(again.value("losses") == desk.value("losses"))
    let expected = desk.value(Self.onward)
    #expect(again.value(Self.onward) == expected)
    // And a second crash finds them again.
    let lostAgain = try crash(again)
    try forge(lostAgain)
    let twice = begin()
    #expect(twice.session.restore(lostAgain) { _, _ in }.succeeded)
    // The first step is done, to know what it changes.
    #expect(twice.value("losses[1:]") == "[0.125, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125]")
    #expect(twice.value("seen") == desk.value("seen"))
  }

  /// What cannot be left out, or does not fit, is done again and gives the same.
  @Test(arguments: [
    "losses = []\nfor a, b, same in p.batches(20, seed=1) { losses.append(step(rule, () -> { print(\"a step\"); loss(net(a), net(b), same) })) }\nseen = 0",
    """
    fn train() {
      count = 0
      losses = []
      for a, b, same in p.batches(20, seed=1) {
        losses.append(step(rule, () -> { count += 1; loss(net(a), net(b), same) }))
      }
      [losses, count, a, b, same]
    }
    losses, seen, a, b, same = train()
    """,
    """
    losses = []
    other = flatten >> dense(8)
    for a, b, same in p.batches(20, seed=1) { losses.append(step(rule, () -> loss(net(a), net(b), same))) }
    for a, b, same in p.batches(20, seed=1) { losses.append(step(rule, () -> loss(other(a), net(b), same))) }
    seen = other(letters[0:2].tensor).sum()
    """,
    """
    losses = []
    for i in 0..<2 {
      mine = flatten >> dense(4)
      own = sgd(0.1)
      for a, b, same in p.batches(20, seed=1) { losses.append(step(own, () -> loss(mine(a), mine(b), same))) }
      losses.append(step(rule, () -> loss(net(a), net(b), same)))
    }
    seen = mine(letters[0:2].tensor).sum()
    """,
    """
    losses = []
    for a, b, same in p.batches(20, seed=1) {
      try { step(rule, () -> 3) } catch { losses.append(0) }
      losses.append(step(rule, () -> loss(net(a), net(b), same)))
    }
    seen = 1
    """,
  ]) func allKindsOfLoopsComeBack(_ loop: String) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let desk = typed([loop])
    #expect(desk.value("len(losses) > 0") == "true")
    let again = begin()
    #expect(again.session.restore(try crash(desk)) { _, _ in }.succeeded)
    #expect(again.session.document().text == desk.session.document().text)
    #expect(again.value("[losses, seen]") == desk.value("[losses, seen]"))
    #expect(again.value("net(letters[0:2].tensor)") == desk.value("net(letters[0:2].tensor)"))
    #expect(again.value(Self.onward) == desk.value(Self.onward))
  }

  @Test(arguments: ["cell2-at6", "cell2-at9"]) func aDamagedStateIsTrainedAgain(file: String) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let desk = typed()
    let lost = try crash(desk)
    let path = lost.statesFolder + "/" + file
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: path))
    let again = begin()
    #expect(again.session.restore(lost) { _, _ in }.succeeded)
    #expect(again.session.document().text == desk.session.document().text)
    #expect(again.value(Self.onward) == desk.value(Self.onward))
  }

  /// The cell in whose middle the process ended goes on from the last weights that were kept.
  @Test func anUnfinishedLoopGoesOn() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let desk = typed()
    let path = try #require(desk.session.recovery.journal?.path)
    desk.session.recovery.abandon()
    var lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    lines.removeLast()
    try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    let lost = try #require(LostSession.all(in: folder).first)
    #expect(lost.unfinished == Self.loop)
    try forge(lost)
    let again = begin()
    #expect(again.session.restore(lost) { _, _ in }.succeeded)
    again.type(Self.loop)
    #expect(again.value("losses[-1]") == "0.125")
    #expect(again.value("seen") == desk.value("seen"))
    #expect(again.value("net(letters[0:2].tensor)") == desk.value("net(letters[0:2].tensor)"))
  }

  /// Ctrl-C in a loop by hand ends it between two steps, and a replay ends it there too.
  @Test func aStoppedLoopStopsAgainInAReplay() throws {
    let desk = Desk(seed: 9)
    for line in Self.setting { desk.type(line) }
    let interrupt = desk.session.interruptFlag
    desk.type("n = 0")
    let thread = Thread {
      Thread.sleep(forTimeInterval: 0.2)
      interrupt.interrupt()
    }
    thread.start()
    let result = desk.type(
      "while true { for a, b, same in p.batches(20) { n += 1; l = step(rule, () -> loss(net(a), net(b), same)) } }")
    #expect(result.status == .interrupted)
    desk.type("n > 0", "distances(net, letters)")
    let text = desk.session.document().text
    guard text.contains("# %% [paused after ") else { return }
    let (outcome, differences) = try replay(text)
    #expect(outcome.succeeded, "\(differences)\n\(text)")
  }
}
