import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// How sessions end, and how they come back.
@Suite(.serialized, .needsExecutable)
struct SessionLifeTests {
  private func start(_ folder: Folder, _ environment: [String: String] = [:]) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(["start", "--seed", "1"], environment: environment, in: folder)
    #expect(terminal.sees("Twinbook"), "\(terminal.shown)")
    return terminal
  }

  /// The next start offers the lost session, and has it back.
  private func comesBack(_ folder: Folder, cells: Int, check: String, gives: String) throws {
    let terminal = try start(folder)
    #expect(terminal.sees("\(cells) finished cell\(cells == 1 ? "" : "s")."), "\(terminal.shown)")
    terminal.type("y")
    #expect(terminal.sees("  \(cells + 1)> "), "\(terminal.shown)")
    terminal.type("\(check)\r")
    #expect(terminal.shows(gives), "\(terminal.shown)")
    terminal.type("%quit\r")
    #expect(terminal.end() == 0, "\(terminal.shown)")
    #expect(terminal.errorsWithoutTimes == "")
  }

  @Test(arguments: [SIGTERM, SIGHUP]) func aSignalLeavesTheSessionForTheNextStart(signal: Int32) throws {
    let folder = try Folder()
    let terminal = try start(folder)
    terminal.type("x = 41\r")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    terminal.signal(signal)
    #expect(terminal.end() == 143, "\(terminal.shown)")
    #expect(terminal.errorsWithoutTimes == "terminated; the next start offers to bring the session back\n")
    try comesBack(folder, cells: 1, check: "x + 1", gives: "42")
  }

  @Test func aSignalInARunningCellToo() throws {
    let folder = try Folder()
    let terminal = try start(folder)
    terminal.type("x = 41\r")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    #expect(terminal.runs("while true { }"), "\(terminal.shown)")
    terminal.signal(SIGTERM)
    #expect(terminal.end() == 143, "\(terminal.shown)")
    let next = try start(folder)
    #expect(next.sees("goodbye: 1 finished cell."), "\(next.shown)")
    next.type("n")
    #expect(next.sees("  1> "))
  }

  @Test func aSignalSavesWhereTheSessionWasSavedBefore() throws {
    let folder = try Folder()
    let terminal = try start(folder)
    terminal.type("x = 41\r%save a.twin\rx + 1\r")
    #expect(terminal.sees("  3> "), "\(terminal.shown)")
    terminal.signal(SIGTERM)
    #expect(terminal.end() == 143, "\(terminal.shown)")
    #expect(terminal.errorsWithoutTimes == "terminated; the session is saved in a.twin\n")
    #expect(try folder.read("a.twin").hasSuffix("# %%\nx + 1\n#> 42\n"))
    let next = try start(folder)
    #expect(next.sees("  1> ") && !next.shown.contains("goodbye"))
  }

  @Test func aClosedWindowLosesNothing() throws {
    let folder = try Folder()
    let terminal = try start(folder)
    terminal.type("x = 41\r")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    #expect(terminal.hangUp() == 143)
    try comesBack(folder, cells: 1, check: "x + 1", gives: "42")
  }

  /// Its cells read and write files where they did, wherever the next session starts.
  @Test func itComesBackInItsFolder() throws {
    let folder = try Folder()
    for (name, text) in [("first", "right"), ("second", "wrong")] {
      try FileManager.default.createDirectory(
        atPath: folder.path + "/" + name, withIntermediateDirectories: true)
      try folder.write(name + "/in.txt", text)
    }
    let terminal = try start(folder)
    terminal.type("%cd first\ra = readtext(\"in.txt\")\rwritetext(\"out.txt\", a)\r")
    #expect(terminal.sees("  3> "), "\(terminal.shown)")
    terminal.kill9()
    let next = try start(folder)
    #expect(next.sees("It was in ") && next.sees("and would go on there."), "\(next.shown)")
    next.type("y")
    #expect(next.sees("  3> "), "\(next.shown)")
    next.type("a\r")
    #expect(next.shows("\"right\""), "\(next.shown)")
    #expect(folder.has("first/out.txt") && !folder.has("out.txt"))
    next.kill9()
    // Gone, it is named; what fails there stays, and the rest comes back.
    try FileManager.default.removeItem(atPath: folder.path + "/first")
    let last = try start(folder)
    #expect(last.sees("is gone, and its cells"), "\(last.shown)")
    last.type("y")
    #expect(last.sees("  4> "), "\(last.shown)")
    #expect(last.errors.contains("stay as comments; the others are back"), "\(last.errors)")
  }

  @Test func whatWasNotSavedIsKeptWhenItsUserLeaves() throws {
    let folder = try Folder()
    let terminal = try start(folder)
    terminal.type("x = 41\r")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    terminal.type("%quit\r")
    #expect(terminal.sees("The session was not saved; it is kept in \(folder.path)/state/twinbook/last.twin"))
    #expect(terminal.end() == 0)
    #expect(try folder.read("state/twinbook/last.twin").hasSuffix("# %%\nx = 41\n"))
  }

  /// Killed wherever it happens to be, again and again: what had finished comes back, and goes on.
  @Test func killedAtRandomPointsNothingFinishedIsLost() throws {
    let folder = try Folder()
    var random = SystemRandomNumberGenerator()
    var finished = 0
    // Killed in its first cell, a session is offered too: with no finished cell, and one that was running.
    var isOffered = false
    // TWINBOOK_KILLS=100 asks for a long run.
    let rounds = ProcessInfo.processInfo.environment["TWINBOOK_KILLS"].flatMap { Int($0) } ?? 6
    for round in 0..<rounds {
      let terminal = try start(folder)
      if isOffered {
        #expect(terminal.sees("finished cell"), "\(round): \(terminal.shown)")
        terminal.type("y")
      }
      #expect(terminal.sees(prompt(finished + 1)), "\(terminal.shown)")
      // The cell that was running when it was killed stands at the prompt again.
      terminal.type("\u{15}")
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let before = terminal.shown.utf8.count
        terminal.type("x\(finished) = \(finished == 0 ? "1" : "x\(finished - 1) + 1")\r")
        if Bool.random(using: &random) {
          usleep(UInt32.random(in: 0...20_000, using: &random))
          break
        }
        guard terminal.sees(prompt(finished + 2)) else {
          #expect(Bool(false), "\(round): \(terminal.shown.utf8.dropFirst(before).count)")
          return
        }
        finished += 1
      }
      terminal.kill9()
      // The last cell may have finished or not; never more than that one is open.
      let journal = try #require(journals(folder).max())
      let kept = try folder.read("state/twinbook/journals/\(journal)")
      let cells = kept.components(separatedBy: "\"code\"").count - 1
      isOffered = cells > 0 || kept.contains("\"begun\"")
      #expect(cells == finished || cells == finished + 1, "\(round): \(cells) of \(finished)")
      finished = cells
    }
    let terminal = try start(folder)
    if isOffered {
      // A key before the question would be no answer to it.
      #expect(terminal.sees("finished cell"), "\(terminal.shown)")
      terminal.type("y")
    }
    #expect(terminal.sees(prompt(finished + 1)), "\(terminal.shown)")
    terminal.type("\u{15}x\(finished - 1)\r")
    #expect(terminal.shows("\(finished)"), "\(terminal.shown)")
    terminal.type("%quit\r")
    #expect(terminal.end() == 0)
    #expect(journals(folder).isEmpty)
  }

  private func prompt(_ number: Int) -> String { String(repeating: " ", count: 3 - "\(number)".count) + "\(number)> " }

  private func journals(_ folder: Folder) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/state/twinbook/journals")) ?? []
  }
}
