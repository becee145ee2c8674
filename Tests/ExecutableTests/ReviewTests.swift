import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// `%review` as a person has it: keys, the cell that comes out, and the terminal afterwards.
@Suite(.serialized, .needsExecutable)
struct ReviewTests {
  private let folder: Folder

  /// Twelve pictures of three classes, made once.
  init() throws {
    folder = try Folder()
    let made = try Executable.run(["eval", "glyphs(3, 4, seed=1).save(\"letters\")"], in: folder)
    #expect(made.code == 0, "\(made)")
  }

  private func start(_ environment: [String: String] = [:]) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(["start", "--seed", "1"], environment: environment, in: folder)
    #expect(terminal.sees("  1> "), "\(terminal.shown)")
    return terminal
  }

  /// Waits for a picture and gives its file.
  private func asked(_ terminal: PseudoTerminal, _ number: Int, dropped: Int) throws -> String {
    let line = "picture \(number) of 12, \(dropped) dropped\r\n"
    #expect(terminal.sees(line), "\(terminal.shown)")
    #expect(terminal.sees("Ctrl-C leaves"), "\(terminal.shown)")
    let start = try #require(terminal.shown.range(of: line, options: .backwards)).upperBound
    return String(terminal.shown[start...].prefix { !$0.isNewline })
  }

  private func quit(_ terminal: PseudoTerminal, errors: String = "") {
    terminal.type("%quit\r")
    #expect(terminal.end() == 0, "\(terminal.shown)")
    #expect(terminal.errorsWithoutTimes == errors)
  }

  @Test func keysDropGoBackAndFinishAndTheCellReplays() throws {
    let terminal = try start()
    let modes = terminal.startModes
    terminal.type("%review letters\r")
    let first = try asked(terminal, 1, dropped: 0)
    // Pictures are shown, here as characters.
    #expect(terminal.shown.contains("@@") || terminal.shown.contains("%%"), "\(terminal.shown)")
    terminal.type("d")
    _ = try asked(terminal, 2, dropped: 1)
    terminal.type("d")
    let third = try asked(terminal, 3, dropped: 2)
    terminal.type("u")
    let second = try asked(terminal, 2, dropped: 1)
    #expect(terminal.shown.contains("was dropped; that is taken back"))
    terminal.type("k")
    #expect(try asked(terminal, 3, dropped: 1) == third)
    terminal.type("d")
    _ = try asked(terminal, 4, dropped: 2)
    #expect(Set([first, second, third]).count == 3)
    terminal.type("q")
    let names = [first, third].sorted().map { "\"\($0)\"" }.joined(separator: ", ")
    let cell = "r = review(\"letters\", drop=[\(names)])"
    #expect(terminal.sees("\u{1B}[?1049l  1> \(cell)\r\n     r\r\n"), "\(terminal.shown)")
    #expect(terminal.sees("12 pictures of 3 classes in “letters”, 2 dropped"), "\(terminal.shown)")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    terminal.type("%save picked.twin\r")
    #expect(terminal.sees("saved 1 cell to picked.twin"), "\(terminal.shown)")
    quit(terminal)
    #expect(terminal.modes == modes)
    #expect(try folder.read("picked.twin").contains("\(cell)\nr\n#> 12 pictures"))
    let replay = try Executable.run(["replay", "--verify", "picked.twin"], in: folder)
    #expect(replay.code == 0 && replay.errors == "", "\(replay)")
  }

  @Test func theCellIsUndoneAndRecalledLikeAnyOther() throws {
    let terminal = try start()
    terminal.type("r = 1\r")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    terminal.type("%review letters\r")
    _ = try asked(terminal, 1, dropped: 0)
    terminal.type("d\r")
    #expect(terminal.sees("  2> r2 = review(\"letters\", drop=["), "\(terminal.shown)")
    #expect(terminal.sees("  3> "), "\(terminal.shown)")
    terminal.type("%undo\r")
    #expect(terminal.shows("cell 2 is undone"), "\(terminal.shown)")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    terminal.type("r2\u{1B}[A")
    #expect(terminal.sees("= review(\"letters\", drop=["), "\(terminal.shown)")
    terminal.type("\r")
    #expect(terminal.sees("1 dropped"), "\(terminal.shown)")
    #expect(terminal.sees("  3> "), "\(terminal.shown)")
    quit(terminal)
  }

  @Test func allKeysWorkUpToTheEnd() throws {
    let terminal = try start()
    terminal.type("%review letters as all\r")
    let first = try asked(terminal, 1, dropped: 0)
    terminal.type("u")
    #expect(terminal.sees("this is the first"), "\(terminal.shown)")
    terminal.type("?")
    #expect(terminal.sees("Any key goes back to the picture."), "\(terminal.shown)")
    // It only closes the list.
    terminal.type("d")
    #expect(try asked(terminal, 1, dropped: 0) == first)
    for key in ["x", "é", "\u{1B}[3~", "\u{1B}d", "\u{4}", "\u{1A}", "\u{1C}", "\u{1B}"] {
      terminal.type(key)
      #expect(terminal.sees("? lists the keys"), "\(key.debugDescription) \(terminal.shown)")
    }
    terminal.type(" ")
    _ = try asked(terminal, 2, dropped: 0)
    terminal.type("\u{1B}[D")
    #expect(try asked(terminal, 1, dropped: 0) == first)
    terminal.type(String(repeating: "k", count: 11) + "d")
    #expect(terminal.sees("all 12 seen, 1 dropped"), "\(terminal.shown)")
    terminal.type("d")
    #expect(terminal.sees("this was the last: Enter finishes, u goes back"), "\(terminal.shown)")
    terminal.type("u")
    _ = try asked(terminal, 12, dropped: 0)
    terminal.type("k")
    #expect(terminal.sees("all 12 seen, 0 dropped"), "\(terminal.shown)")
    terminal.type("\r")
    #expect(terminal.sees("  1> all = review(\"letters\")\r\n     all\r\n"), "\(terminal.shown)")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    quit(terminal)
  }

  @Test func controlCLeavesWithoutAnyChange() throws {
    let terminal = try start()
    let modes = terminal.startModes
    terminal.type("%review letters\r")
    _ = try asked(terminal, 1, dropped: 0)
    terminal.type("d")
    _ = try asked(terminal, 2, dropped: 1)
    terminal.type("\u{3}")
    #expect(terminal.sees("\u{1B}[?1049l"), "\(terminal.shown)")
    #expect(terminal.sees("  1> "), "\(terminal.shown)")
    terminal.type("%history\r")
    #expect(terminal.shows("no cell has run yet"), "\(terminal.shown)")
    quit(terminal, errors: "left; nothing was changed\n")
    #expect(terminal.modes == modes)
    // Nothing of it is offered, either.
    let next = try start()
    #expect(!next.shown.contains("goodbye"))
    quit(next)
  }

  @Test func aWindowOfAnotherSizeIsDrawnAgain() throws {
    let terminal = try start()
    terminal.type("%review letters\r")
    let first = try asked(terminal, 1, dropped: 0)
    for (columns, rows) in [(60, 14), (20, 5), (120, 50)] as [(UInt16, UInt16)] {
      terminal.resize(columns: columns, rows: rows)
      #expect(terminal.sees("picture 1 of 12"), "\(terminal.shown)")
    }
    #expect(terminal.sees("Ctrl-C leaves"), "\(terminal.shown)")
    terminal.type("d")
    _ = try asked(terminal, 2, dropped: 1)
    terminal.type("q")
    #expect(terminal.sees("drop=[\"\(first)\"])"), "\(terminal.shown)")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    quit(terminal)
  }

  /// The next start puts the decisions into the prompt.
  private func comeBack(_ dropped: String, cells: String) throws {
    let next = try PseudoTerminal(["start"], in: folder)
    #expect(next.sees("\(cells), and one that was"), "\(next.shown)")
    next.type("y")
    #expect(next.sees("r = review(\"letters\", drop=[\"\(dropped)\"])"), "\(next.shown)")
    next.type("\r")
    #expect(next.sees("12 pictures of 3 classes in “letters”, 1 dropped"), "\(next.shown)")
  }

  @Test func aClosedWindowKeepsWhatWasDecided() throws {
    let terminal = try start()
    terminal.type("%review letters\r")
    let first = try asked(terminal, 1, dropped: 0)
    terminal.type("d")
    _ = try asked(terminal, 2, dropped: 1)
    #expect(terminal.hangUp() == 143)
    try comeBack(first, cells: "0 finished cells")
  }

  @Test func aSignalKeepsItTooAndPutsTheTerminalBack() throws {
    let terminal = try start()
    let modes = terminal.startModes
    terminal.type("x = 1\r%save a.twin\rx + 1\r")
    #expect(terminal.sees("  3> "), "\(terminal.shown)")
    terminal.type("%review letters\r")
    let first = try asked(terminal, 1, dropped: 0)
    terminal.type("d")
    _ = try asked(terminal, 2, dropped: 1)
    terminal.signal(SIGTERM)
    #expect(terminal.end() == 143, "\(terminal.shown)")
    #expect(terminal.shown.contains("\u{1B}[?1049l"))
    #expect(terminal.modes == modes)
    #expect(try folder.read("a.twin").hasSuffix("# %%\nx + 1\n#> 2\n"))
    try comeBack(first, cells: "2 finished cells")
  }

  @Test func aKilledProcessKeepsItAsWell() throws {
    let terminal = try start()
    terminal.type("%review letters\r")
    let first = try asked(terminal, 1, dropped: 0)
    terminal.type("d")
    _ = try asked(terminal, 2, dropped: 1)
    terminal.kill9()
    try comeBack(first, cells: "0 finished cells")
  }

  @Test func aPictureThatGoesAwayMeanwhileIsSaidAndTheRestGoesOn() throws {
    try folder.write("letters/glyph1/broken.png", "no picture")
    let terminal = try start()
    terminal.type("%review letters\r")
    #expect(terminal.sees("picture 1 of 12, 0 dropped; 1 broken file is set aside\r\n"), "\(terminal.shown)")
    #expect(terminal.sees("Ctrl-C leaves"), "\(terminal.shown)")
    for name in ["glyph1", "glyph2", "glyph3"] {
      try FileManager.default.removeItem(atPath: folder.path + "/letters/" + name)
    }
    terminal.type("d")
    #expect(terminal.sees("cannot be shown: "), "\(terminal.shown)")
    terminal.type("q")
    #expect(terminal.sees("  1> r = review("), "\(terminal.shown)")
    // The cell fails in words, and can be had again with Up.
    #expect(terminal.complains("error: "), "\(terminal.errors)")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
  }

  @Test func withoutATerminalTheWayOutIsSaid() throws {
    try folder.write("a.twin", "%review letters\n")
    for arguments in [["eval", "%review letters"], ["run", "a.twin"]] {
      let outcome = try Executable.run(arguments, in: folder)
      #expect(outcome.code == 1 && outcome.output == "", "\(outcome)")
      #expect(outcome.errors.contains("error: %review asks a person at a terminal, and here is none"), "\(outcome)")
      #expect(outcome.errors.contains("review(\"letters\", drop=[\"class/picture.png\"])"), "\(outcome)")
    }
  }

  @Test func aMissingFolderIsSaidInWords() throws {
    let terminal = try start()
    terminal.type("%review lettres\r")
    #expect(terminal.complains("error: "), "\(terminal.shown)")
    #expect(terminal.sees("  1> "), "\(terminal.shown)")
    #expect(terminal.errors.contains("lettres") && !terminal.shown.contains("?1049h"), "\(terminal.errors)")
  }

  @Test func aDumbTerminalGetsNoEscapes() throws {
    let terminal = try PseudoTerminal(["start"], environment: ["TERM": "dumb"], in: folder)
    #expect(terminal.sees("  1> "), "\(terminal.shown)")
    terminal.type("%review letters\n")
    _ = try asked(terminal, 1, dropped: 0)
    terminal.type("d")
    _ = try asked(terminal, 2, dropped: 1)
    terminal.type("q")
    #expect(terminal.sees("1 dropped, compared"), "\(terminal.shown)")
    #expect(!terminal.shown.contains("\u{1B}"), "\(terminal.shown)")
  }
}
