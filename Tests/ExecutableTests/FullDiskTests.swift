import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// A disk without room, played by a limit on the length of files: nothing is lost without a word.
@Suite(.serialized, .needsExecutable)
struct FullDiskTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  private func start() throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(["start", "--seed", "1"], in: folder)
    #expect(terminal.sees("  1> "), "\(terminal.shown)")
    return terminal
  }

  /// From here on no file of the session grows beyond this.
  private func limit(_ terminal: PseudoTerminal, _ bytes: String) throws {
    let set = try Executable.run(
      ["--pid", "\(terminal.child.id)", "--fsize=\(bytes):unlimited"], program: "/usr/bin/prlimit", in: folder)
    #expect(set.code == 0, "\(set)")
  }

  private let long = "s = \"" + String(repeating: "x", count: 3000) + "\""

  @Test func theJournalGoesOnWhenThereIsRoom() throws {
    let terminal = try start()
    terminal.type("x = 1\r")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    try limit(terminal, "2000")
    terminal.type("\u{1B}[200~\(long)\u{1B}[201~\ry = 2\r")
    #expect(terminal.sees("  4> "), "\(terminal.shown)")
    #expect(terminal.complains("the journal cannot be written: "), "\(terminal.errors)")
    try limit(terminal, "unlimited")
    terminal.type("z = 3\r")
    #expect(terminal.sees("  5> "), "\(terminal.shown)")
    #expect(terminal.complains("the journal goes on; nothing is missing in it"), "\(terminal.errors)")
    #expect(terminal.errors.components(separatedBy: "cannot be written").count == 2, "\(terminal.errors)")
    terminal.kill9()
    let next = try PseudoTerminal(["start", "--seed", "1"], in: folder)
    #expect(next.sees("4 finished cells."), "\(next.shown)")
    next.type("y")
    #expect(next.sees("  5> "), "\(next.shown)")
    next.type("print(\"so: {[x, len(s), y, z]}\")\r")
    #expect(next.shows("so: [1, 3000, 2, 3]"), "\(next.shown)")
  }

  @Test func quitDoesNotLeaveWhereNothingCouldBeKept() throws {
    let terminal = try start()
    try limit(terminal, "2000")
    terminal.type("\u{1B}[200~\(long)\u{1B}[201~\r")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    terminal.type("%quit\r")
    #expect(terminal.complains("the session cannot be kept: "), "\(terminal.errors)")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    terminal.type("%quit\r")
    #expect(terminal.end() == 1, "\(terminal.shown)")
  }

  @Test func quitWithAJournalLeavesItForTheNextStart() throws {
    let terminal = try start()
    terminal.type("\u{1B}[200~\(long)\u{1B}[201~\r")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    try limit(terminal, "2000")
    terminal.type("%quit\r")
    #expect(terminal.end() == 1, "\(terminal.shown)")
    #expect(terminal.errors.contains("the next start offers to bring it back"), "\(terminal.errors)")
    let next = try PseudoTerminal(["start", "--seed", "1"], in: folder)
    #expect(next.sees("1 finished cell."), "\(next.shown)")
    next.type("n")
    #expect(next.sees("  1> "), "\(next.shown)")
  }

  @Test func aFolderInTheWayOfLastTwin() throws {
    try FileManager.default.createDirectory(
      atPath: folder.path + "/state/twinbook/last.twin", withIntermediateDirectories: true)
    let terminal = try start()
    terminal.type("x = 41\r%quit\r")
    #expect(terminal.end() == 0, "\(terminal.shown)")
    #expect(terminal.shown.contains("it is kept in \(folder.path)/state/twinbook/last-"), "\(terminal.shown)")
  }

  @Test func aFigureOfAnotherSessionStays() throws {
    try #require(access("/usr/bin/gnuplot", X_OK) == 0)
    let first = try Executable.run(["eval", "plot([1, 4, 9])"], in: folder)
    #expect(first.errors == "figure 1: figures/figure-1.svg\n", "\(first)")
    let picture = try folder.read("figures/figure-1.svg")
    // The same picture has its file already.
    #expect(try Executable.run(["eval", "plot([1, 4, 9])"], in: folder).errors == first.errors)
    let other = try Executable.run(["eval", "plot([9, 4, 1])"], in: folder)
    #expect(other.errors == "figure 1: figures/figure-1-2.svg\n", "\(other)")
    #expect(try folder.read("figures/figure-1.svg") == picture)
    #expect(try folder.read("figures/figure-1-2.svg") != picture)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/figures").count == 2)
  }
}
