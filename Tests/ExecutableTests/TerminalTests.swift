import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// The interactive session through a terminal, key by key.
@Suite(.serialized, .needsExecutable)
struct TerminalTests {
  private func start(in folder: Folder) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(["start", "--seed", "1"], in: folder)
    #expect(terminal.sees("Twinbook"), "\(terminal.shown)")
    #expect(terminal.sees("  1> "), "\(terminal.shown)")
    return terminal
  }

  private func quit(_ terminal: PseudoTerminal, errors: String = "") {
    terminal.type("%quit\r")
    #expect(terminal.end() == 0, "\(terminal.shown)")
    #expect(terminal.errors.hasPrefix(errors) && terminal.errors.isEmpty == errors.isEmpty, "\(terminal.errors)")
  }

  @Test func evaluatesAndQuits() throws {
    let terminal = try start(in: Folder())
    terminal.type("20 + 22\r")
    #expect(terminal.sees("42"), "\(terminal.shown)")
    #expect(terminal.sees("  2> "))
    quit(terminal)
  }

  @Test func controlDLeaves() throws {
    let terminal = try start(in: Folder())
    // The prompt shows a moment before the terminal hands keys over one by one; until then this key means something else.
    usleep(300_000)
    terminal.type("\u{4}")
    #expect(terminal.end() == 0)
    #expect(terminal.errorsWithoutTimes == "")
  }

  @Test func aCellOfSeveralLinesIsRecalledWhole() throws {
    let terminal = try start(in: Folder())
    terminal.type("if true {\r")
    terminal.type("print(6 * 7)\r")
    terminal.type("}\r")
    #expect(terminal.sees("42"), "\(terminal.shown)")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    terminal.type("\u{1B}[A")
    #expect(terminal.sees("print(6 * 7)"), "\(terminal.shown)")
    terminal.type("\r")
    #expect(terminal.sees("42"), "\(terminal.shown)")
    #expect(terminal.sees("  3> "), "\(terminal.shown)")
    quit(terminal)
  }

  /// A server that takes the request and then says nothing: Ctrl-C does not wait for it.
  @Test func controlCStopsADownload() throws {
    let listener = try LoopbackListener()
    defer { listener.stop() }
    let asked = DispatchSemaphore(value: 0)
    listener.serve { client in
      var byte: UInt8 = 0
      if recv(client, &byte, 1, 0) == 1 { asked.signal() }
      // Left open: what waits for an answer goes on waiting.
    }
    let folder = try Folder()
    try folder.write("urls.txt", "\(listener.base)/face.png\n")
    let terminal = try start(in: folder)
    terminal.type("collect(\"urls.txt\", into=\"raw\")\r")
    #expect(asked.wait(timeout: .now() + 20) == .success, "\(terminal.shown)")
    let start = Date()
    terminal.type("\u{3}")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    #expect(Date().timeIntervalSince(start) < 10)
    terminal.type("6 * 7\r")
    #expect(terminal.sees("42"), "\(terminal.shown)")
    quit(terminal, errors: "interrupted\n")
  }

  @Test func controlCAtThePromptForgetsTheLine() throws {
    let terminal = try start(in: Folder())
    terminal.type("nonsense ( and")
    #expect(terminal.sees("and"))
    terminal.type("\u{3}")
    #expect(terminal.sees("^C"), "\(terminal.shown)")
    #expect(terminal.sees("  1> "), "\(terminal.shown)")
    terminal.type("20 + 22\r")
    #expect(terminal.sees("42"), "\(terminal.shown)")
    #expect(terminal.sees("  2> "))
    quit(terminal)
  }

  @Test func controlCEndsALoopAndNotTheSession() throws {
    let terminal = try start(in: Folder())
    terminal.type("x = 41\r")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    #expect(terminal.runs("while true { }"), "\(terminal.shown)")
    terminal.type("\u{3}")
    #expect(terminal.sees("  3> "), "\(terminal.shown)")
    terminal.type("x + 1\r")
    #expect(terminal.sees("42"), "\(terminal.shown)")
    #expect(terminal.sees("  4> "))
    quit(terminal, errors: "interrupted\n")
  }

  @Test func tabCompletesANameOfTheSession() throws {
    let terminal = try start(in: Folder())
    terminal.type("extraordinary = 41\r")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    terminal.type("extraor\t + 1\r")
    #expect(terminal.sees("42"), "\(terminal.shown)")
    #expect(terminal.sees("  3> "))
    quit(terminal)
  }

  @Test func severalLinesArePastedAsOneCell() throws {
    let terminal = try start(in: Folder())
    terminal.type("\u{1B}[200~x = 20\ny = 22\nx + y\u{1B}[201~")
    #expect(terminal.sees("x + y"), "\(terminal.shown)")
    terminal.type("\r")
    #expect(terminal.sees("42"), "\(terminal.shown)")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    quit(terminal)
  }

  @Test func anErrorIsShownAndTheSessionGoesOn() throws {
    let terminal = try start(in: Folder())
    terminal.type("1 / 0\r")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    terminal.type("20 + 22\r")
    #expect(terminal.sees("42"), "\(terminal.shown)")
    #expect(terminal.sees("  3> "))
    quit(terminal, errors: "error: division by zero\n")
  }

  @Test func aKilledSessionIsOfferedAgain() throws {
    let folder = try Folder()
    let first = try start(in: folder)
    first.type("x = 41\r")
    #expect(first.sees("  2> "), "\(first.shown)")
    first.kill9()
    let second = try PseudoTerminal(in: folder)
    #expect(second.sees("ended without a goodbye: 1 finished cell."), "\(second.shown)")
    second.type("y")
    #expect(second.sees("  2> "), "\(second.shown)")
    second.type("x + 1\r")
    #expect(second.sees("42"), "\(second.shown)")
    #expect(second.sees("  3> "))
    quit(second)
    // Nothing is left to bring back.
    let third = try start(in: folder)
    #expect(!third.shown.contains("goodbye"))
    quit(third)
  }

  @Test func aSessionIsSavedAndReplaysVerified() throws {
    let folder = try Folder()
    let terminal = try start(in: folder)
    terminal.type("x = 6 * 7; x\r")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    terminal.type("%save saved.twin\r")
    #expect(terminal.sees("saved.twin"), "\(terminal.shown)")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    quit(terminal)
    let replay = try Executable.run(["replay", "--verify", "saved.twin"], in: folder)
    #expect(replay.code == 0, "\(replay)")
    #expect(replay.errors == "")
  }
}
