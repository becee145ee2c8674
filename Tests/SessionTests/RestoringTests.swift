import Foundation
import Testing

@testable import Session

/// What is otherwise than it was when a lost session comes back.
@Suite struct RestoringTests {
  private let folder = NSTemporaryDirectory() + "restoring-\(UUID().uuidString)"

  private func begin() -> Desk { Desk(seed: 4, journalIn: folder) }
  private func remove() { try? FileManager.default.removeItem(atPath: folder) }

  @Test func itsFolderIsKnown() throws {
    defer { remove() }
    let desk = begin()
    desk.type("# %% [markdown]\n# A text.\n\n# %%\nx = 1", "y = 2", "%undo")
    let path = try #require(desk.session.recovery.journal?.path)
    let lost = try desk.crash(in: folder)
    let here = FileManager.default.currentDirectoryPath
    #expect(lost.folder == here && lost.folders == [here, here] && lost.missingFolders == [])
    // A folder that has gone is named; a journal of the version before says nothing of any.
    let journal = try String(contentsOfFile: path, encoding: .utf8)
    let escaped = here.replacingOccurrences(of: "/", with: "\\/")
    #expect(journal.contains(escaped))
    try journal.replacingOccurrences(of: escaped, with: "\\/nowhere\\/at all").write(
      toFile: path, atomically: true, encoding: .utf8)
    let gone = try #require(LostSession.all(in: folder).first)
    #expect(gone.missingFolders == ["/nowhere/at all"])
    let again = begin()
    #expect(again.session.restore(gone) { _, _ in }.succeeded && again.value("x") == "1")
    #expect(FileManager.default.currentDirectoryPath == here)
  }

  /// A seed that was set between cells is set there again, and none of what was drawn before or behind it changes.
  @Test func seedsAreSetWhereTheyWere() throws {
    defer { remove() }
    let desk = begin()
    desk.type(
      "a = rand(2)", "a", "%seed 7", "b = rand(2)", "zz", "c = rand(2)", "%undo", "%seed 7\nd = rand(2)", "[b, d]",
      "%seed 9")
    let names = "[a, b, d]"
    let before = try #require(desk.value(names))
    let last = try #require(desk.value("rand(2)"))
    desk.type("%undo")
    let again = begin()
    let outcome = again.session.restore(try desk.crash(in: folder)) { _, _ in }
    #expect(outcome.succeeded && outcome.differingCells == [], "\(outcome)")
    #expect(again.value(names) == before && again.session.seed == 9 && again.value("rand(2)") == last)
    // What has come back comes back once more.
    let third = begin()
    #expect(third.session.restore(try again.crash(in: folder)) { _, _ in }.differingCells == [])
    #expect(third.value(names) == before && third.session.seed == 9)
  }

  @Test func undoLeavesASeedThatWasSetSinceAtItsBeginning() {
    let desk = Desk(seed: 3)
    desk.type("a = rand(1)", "b = rand(1)", "%seed 7", "%undo")
    let fresh = Desk(seed: 7)
    #expect(desk.value("rand(2)") == fresh.value("rand(2)"))
  }

  /// What everybody sees is not changed once more.
  @Test func aGallerysFileIsLeftAsItIs() throws {
    defer { remove() }
    let desk = begin()
    let file = folder + "/people.gallery"
    desk.type(
      "letters = glyphs(3, 2, seed=1, size=16)\nnet = flatten >> dense(8)\npeople = gallery(net, at=\"\(file)\")",
      "people.enroll(letters)", "gone = people.remove(\"glyph1\")", "people.undo()",
      "people.rename(\"glyph2\", \"ann\")", "people.renew(\"ann\", consent=\"yes\")",
      "people.forget(\"glyph3\", sure=true);", "people.enroll(\"bob\", letters[0])")
    let state = "[people.labels, len(people.history())]"
    let before = try #require(desk.value(state))
    desk.type("%undo")
    let text = desk.session.document().text
    let again = begin()
    let outcome = again.session.restore(try desk.crash(in: folder)) { _, _ in }
    #expect(outcome.succeeded && outcome.differingCells == [], "\(outcome)")
    #expect(
      again.front.notes.contains("cell 4: undo is not done again, for the gallery has it already"),
      "\(again.front.notes)")
    #expect(again.session.document().text == text)
    #expect(again.value(state) == before)
  }

  /// A gallery whose file is not there any more is made again, with all that is in it.
  @Test func aGalleryThatIsGoneIsMadeAgain() throws {
    defer { remove() }
    let desk = begin()
    desk.type(
      "letters = glyphs(3, 2, seed=1, size=16)\nnet = flatten >> dense(8)",
      "people = gallery(net, at=\"\(folder)/people.gallery\")", "people.enroll(letters)", "people.remove(\"glyph1\")")
    let lost = try desk.crash(in: folder)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasPrefix("people.gallery") {
      try FileManager.default.removeItem(atPath: folder + "/" + name)
    }
    let again = begin()
    #expect(again.session.restore(lost) { _, _ in }.succeeded)
    #expect(again.value("people.labels") == "[\"glyph2\", \"glyph3\"]")
  }

  @Test func itGoesOnBehindACellThatFails() throws {
    defer { remove() }
    let desk = begin()
    let (gone, changed) = (folder + "/gone.txt", folder + "/changed.txt")
    for path in [gone, changed] { try "right".write(toFile: path, atomically: true, encoding: .utf8) }
    desk.type("a = readtext(\"\(gone)\")", "readtext(\"\(changed)\")", "c = 3")
    let lost = try desk.crash(in: folder)
    try FileManager.default.removeItem(atPath: gone)
    try "wrong".write(toFile: changed, atomically: true, encoding: .utf8)
    let again = begin()
    let outcome = again.session.restore(lost) { _, _ in }
    #expect(outcome.failedCells == [1] && outcome.differingCells == [2] && outcome.cellsRun == 3, "\(outcome)")
    #expect(again.value("c") == "3")
    #expect(again.session.document().text.contains("# %% [failed]\n# a = readtext("))
    let kept = try #require(try again.session.keep(lost))
    #expect(try String(contentsOfFile: kept, encoding: .utf8).contains("#> \"right\""))
  }
}
