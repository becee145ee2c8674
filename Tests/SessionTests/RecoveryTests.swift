import Foundation
import Interpreter
import Testing

@testable import Session

@Suite struct RecoveryTests {
  private let folder = FileManager.default.temporaryDirectory.path + "/twinbook-recovery-\(UUID().uuidString)"

  private func cell(_ source: String, _ number: Int = 1) -> EvaluatedCell {
    EvaluatedCell(number: number, cell: NotebookDocument.Cell(source: source), typed: source, status: .finished)
  }

  private func lost() throws -> LostSession { try #require(LostSession.all(in: folder).first) }

  @Test func cellsComeBackAndWhatWasTakenBackDoesNot() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var recovery = Recovery(folder: folder)
    var cells = [cell("a = 1")]
    #expect(recovery.start(seed: 7, cells) == .none)
    for source in ["b = 2", "c = 3"] {
      cells.append(cell(source, cells.count + 1))
      #expect(recovery.record(cells, seed: 7) == .none)
    }
    cells.removeLast()
    #expect(recovery.recordUndone(1, left: 2) == .none)
    #expect(recovery.record(seed: 9) == .none)
    #expect(recovery.isWhole && LostSession.all(in: folder).isEmpty)
    recovery.abandon()
    let lost = try lost()
    #expect(lost.cells.map(\.source) == ["a = 1", "b = 2"] && lost.seed == 9 && lost.unfinished == nil)
  }

  @Test func theCellThatWasRunningOrBeingMadeIsKnown() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var recovery = Recovery(folder: folder)
    _ = recovery.start(seed: 1, [])
    recovery.keepUnfinished("x = ")
    #expect(recovery.hasUnfinishedCell)
    recovery.keepUnfinished(nil)
    #expect(!recovery.hasUnfinishedCell)
    recovery.beginCell(0, "while true { }", hasCode: true)
    recovery.abandon()
    #expect(try lost().unfinished == "while true { }")
  }

  @Test func aSessionThatWasClosedLeavesNothing() {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var recovery = Recovery(folder: folder)
    _ = recovery.start(seed: 1, [cell("a = 1")])
    recovery.states?.keep([1, 2, 3], hasEnded: true)
    recovery.close()
    #expect(LostSession.all(in: folder).isEmpty)
    let left = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/journals")) ?? []
    #expect(left.isEmpty, "\(left)")
    // It stays closed.
    #expect(recovery.record([cell("b = 2")], seed: 1) == .none && recovery.journal == nil)
  }

  /// A full disk is told once; all that came meanwhile is there in the end.
  @Test func aJournalWithoutRoomBeginsLater() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "".write(toFile: folder, atomically: true, encoding: .utf8)
    var recovery = Recovery(folder: folder)
    guard case .cannotBegin = recovery.start(seed: 1, []) else {
      Issue.record("a file is no folder")
      return
    }
    #expect(recovery.record([cell("a = 1")], seed: 1) == .none && !recovery.isWhole)
    try FileManager.default.removeItem(atPath: folder)
    #expect(recovery.record([cell("a = 1"), cell("b = 2", 2)], seed: 1) == .begun)
    recovery.abandon()
    #expect(try lost().cells.count == 2)
  }

  @Test func withoutAFolderThereIsNoJournal() {
    var recovery = Recovery(folder: nil)
    #expect(recovery.start(seed: 1, [cell("a = 1")]) == .none)
    #expect(recovery.record([cell("a = 1")], seed: 1) == .none && recovery.journal == nil && !recovery.isWhole)
  }

  /// The training of a cell that had ended is known while the session is brought back; so is that of the cell in whose
  /// middle it was lost, and of no other.
  @Test func trainingsAreKnownWhereTheyRanBefore() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var recovery = Recovery(folder: folder)
    _ = recovery.start(seed: 1, [])
    recovery.beginCell(0, "train()", hasCode: true)
    #expect(recovery.states?.nextRun() == nil)
    recovery.states?.keep([1], hasEnded: true)
    _ = recovery.record([cell("train()")], seed: 1)
    recovery.beginCell(1, "go_on()", hasCode: true)
    _ = recovery.states?.nextRun()
    recovery.states?.keep([2], hasEnded: false)
    recovery.abandon()
    let lost = try lost()

    var again = Recovery(folder: folder)
    _ = again.start(seed: 1, [])
    again.beginRestoring(lost)
    again.beginCell(0, "train()", hasCode: true)
    guard case .ended(let state)? = again.states?.nextRun() else {
      Issue.record("the training that had ended is not known")
      return
    }
    #expect(state == [1])
    again.endRestoring(lost, at: 1)
    again.beginCell(1, "go_on()", hasCode: true)
    guard case .begun(let begun)? = again.states?.nextRun() else {
      Issue.record("the training that had begun is not known")
      return
    }
    #expect(begun == [2])
    again.forgetCell()
    #expect(again.states?.nextRun() == nil)
  }
}
