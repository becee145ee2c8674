import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Keys in, screen out.
@Suite(.serialized, .needsExecutable)
struct KeyTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  private func start(_ environment: [String: String] = [:]) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(["start", "--seed", "1"], environment: environment, in: folder)
    #expect(terminal.sees("  1> "), "\(terminal.shown)")
    return terminal
  }

  private func quit(_ terminal: PseudoTerminal, errors: String = "") {
    terminal.type("%quit\r")
    #expect(terminal.end() == 0, "\(terminal.shown)")
    #expect(terminal.errorsWithoutTimes == errors)
  }

  @Test func aPastedTranscriptLosesPromptsAndOutputs() throws {
    let terminal = try start()
    terminal.type("\u{1B}[200~  1> x = [1,\r       2]\r  2> x\r[1, 2]\r  3> len(x) + 40\r42\r\u{1B}[201~")
    #expect(terminal.sees("len(x) + 40"), "\(terminal.shown)")
    terminal.type("\r")
    #expect(terminal.shows("[1, 2]\r\n42"), "\(terminal.shown)")
    terminal.type("%history\r")
    #expect(terminal.sees("  1  x = [1,"), "\(terminal.shown)")
    quit(terminal)
  }

  @Test func wideAndCombinedCharactersAreOneKeyEach() throws {
    let terminal = try start()
    // Typed, then removed by one Backspace each; the family is one character of five scalars.
    terminal.type("len(\"漢字👩‍👩‍👧e\u{301}x")
    terminal.type("\u{7F}\u{7F}\u{7F}")
    terminal.type("\")\r")
    #expect(terminal.shows("2"), "\(terminal.shown)")
    quit(terminal)
  }

  @Test func cellsAreFoundByTheirBeginningAndBySearch() throws {
    let terminal = try start()
    terminal.type("first = 40\rsecond = 2\r")
    #expect(terminal.sees("  3> "), "\(terminal.shown)")
    terminal.type("fi\u{1B}[A")
    #expect(terminal.sees("rst = 40"), "\(terminal.shown)")
    terminal.type(" + second\r")
    #expect(terminal.sees("  4> "), "\(terminal.shown)")
    terminal.type("first\r")
    #expect(terminal.shows("42"), "\(terminal.shown)")
    // Until the prompt shows, ^R may still be the terminal's own.
    #expect(terminal.sees("  5> "), "\(terminal.shown)")
    terminal.type("\u{12}second =")
    #expect(terminal.sees("second = 2"), "\(terminal.shown)")
    terminal.type("\r")
    #expect(terminal.sees("  6> "), "\(terminal.shown)")
    quit(terminal)
  }

  @Test func editOpensTheEditorAndRunsWhatItLeaves() throws {
    try folder.write("editor", "#!/bin/sh\nsed -i s/20/40/ \"$1\"\n")
    chmod(folder.path + "/editor", 0o755)
    let terminal = try start(["EDITOR": folder.path + "/editor"])
    terminal.type("20 + 2\r")
    #expect(terminal.shows("22"), "\(terminal.shown)")
    terminal.type("%edit 1\r")
    #expect(terminal.sees("40 + 2\r\n42\r\n"), "\(terminal.shown)")
    terminal.type("\u{1B}[A")
    #expect(terminal.sees("40 + 2"), "\(terminal.shown)")
    terminal.type("\r")
    #expect(terminal.shows("42"), "\(terminal.shown)")
    quit(terminal)
  }

  /// Found by random keys: libedit's own command line ended the session where it was left empty.
  @Test func theEditorsOwnCommandsAreOutOfReach() throws {
    let terminal = try start()
    terminal.type("\u{1B}x\r")
    terminal.watch(seconds: 0.2)
    terminal.type("\u{1B}X\r")
    terminal.watch(seconds: 0.2)
    terminal.type("\u{3}")
    terminal.watch(seconds: 0.2)
    terminal.type("20 + 22\r")
    #expect(terminal.shows("42"), "\(terminal.shown)")
    quit(terminal)
  }

  @Test func anEditorThatFailsLeavesAllAsItWas() throws {
    let terminal = try start(["EDITOR": "false"])
    terminal.type("%edit\r")
    terminal.type("20 + 22\r")
    #expect(terminal.shows("42"), "\(terminal.shown)")
    quit(terminal, errors: "error: false ended with code 1; the cell is left as it was\n")
  }

  @Test func whatIsTypedAheadWaitsForThePrompt() throws {
    let terminal = try start()
    terminal.type("i = 0; while i < 2000000 { i += 1 }; print(\"done\")\r")
    usleep(30_000)
    terminal.type("20 + 22\r")
    #expect(terminal.shows("42"), "\(terminal.shown)")
    let shown = terminal.shown
    let done = try #require(shown.range(of: "ldone"))
    let typed = try #require(shown.range(of: "20 + 22", options: .backwards))
    #expect(done.lowerBound < typed.lowerBound, "\(shown)")
    quit(terminal)
  }

  @Test func inputAsksAndShowsWhatIsTyped() throws {
    let terminal = try start()
    terminal.type("name = input(\"wh\" + \"o? \")\r")
    #expect(terminal.sees("who? "), "\(terminal.shown)")
    terminal.type("iu\r")
    #expect(terminal.sees("iu"), "\(terminal.shown)")
    terminal.type("name\r")
    #expect(terminal.shows("\"iu\""), "\(terminal.shown)")
    quit(terminal)
  }

  @Test func aMatrixProductStops() throws {
    let terminal = try start()
    terminal.type("a = ones([6000, 6000])\r")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    #expect(terminal.runs("b = [(a @ a)[0, 0] for i in 0..<500]"), "\(terminal.shown)")
    terminal.type("\u{3}")
    #expect(terminal.sees("  3> "), "\(terminal.shown)")
    quit(terminal, errors: "interrupted\n")
  }

  @Test func aTrainingRunPausesAndGoesOn() throws {
    let terminal = try start()
    terminal.type("letters = glyphs(6, 6, seed=1)\rnet = conv(8, 3) >> relu >> flatten >> dense(16)\r")
    terminal.type("loop = trainer(net, pairs(letters, 2000, seed=2), loss=contrastive(1), batch=32, seed=3);\r")
    terminal.type("loop.run(epochs=50000)\r")
    #expect(terminal.sees("  4> "), "\(terminal.shown)")
    #expect(terminal.complains("epoch 1/"), "\(terminal.errors)")
    terminal.type("\u{3}")
    #expect(terminal.sees("  5> "), "\(terminal.shown)")
    #expect(terminal.errors.contains("paused in epoch"), "\(terminal.errors)")
    terminal.type("%save a.twin\r")
    #expect(terminal.sees("saved 4 cells"), "\(terminal.shown)")
    let saved = try folder.read("a.twin")
    #expect(saved.contains("# %% [paused after "), "\(saved)")
    terminal.type("%quit\r")
    #expect(terminal.end() == 0)
  }

  @Test func aWindowThatChangesItsSizeGoesOn() throws {
    let terminal = try start()
    terminal.type("x = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14")
    terminal.resize(columns: 30, rows: 10)
    usleep(100_000)
    terminal.type(", 15]\r")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    terminal.resize(columns: 120, rows: 40)
    terminal.type("sum(x)\r")
    #expect(terminal.sees("120"), "\(terminal.shown)")
    quit(terminal)
  }

  @Test func aTerminalThatCannotEditStillWorks() throws {
    let terminal = try start(["TERM": "dumb"])
    terminal.type("if true {\n20 + 22\n}\n")
    #expect(terminal.sees("42"), "\(terminal.shown)")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    // What would stand at the prompt, to be changed, is shown.
    try folder.write("two.twin", "# %%\nloaded = 3\n")
    terminal.type("%load two.twin\n")
    #expect(terminal.sees("loaded = 3"), "\(terminal.shown)")
    #expect(!terminal.shown.contains("\u{1B}"), "\(terminal.shown)")
    quit(terminal, errors: "this terminal edits no lines: the cells stand above, and %run name.twin runs them\n")
  }

  @Test func coloursOnlyWhereTheyAreWanted() throws {
    let coloured = try PseudoTerminal(["start"], environment: ["NO_COLOR": ""], in: folder)
    #expect(coloured.sees("\u{1B}[1;32m"), "\(coloured.shown)")
    coloured.type("glyphs(4, 3, seed=1)\r")
    #expect(coloured.sees("12 images"), "\(coloured.shown)")
    #expect(coloured.sees("▀"), "\(coloured.shown)")
    coloured.type("%quit\r")
    #expect(coloured.end() == 0)
    let plain = try start()
    plain.type("glyphs(4, 3, seed=1)\r")
    #expect(plain.sees("  2> "))
    #expect(!plain.shown.contains("▀") && !plain.shown.contains("\u{1B}[1;32m"), "\(plain.shown)")
    quit(plain)
  }

  @Test(arguments: [
    (["KITTY_WINDOW_ID": "1"], "", "\u{1B}_Ga=T,f=100"),
    (["TERM_PROGRAM": "iTerm.app"], "", "\u{1B}]1337;File=inline=1"),
    ([:], "\u{1B}[?62;4;22c", "\u{1B}P"), ([:], "\u{1B}[?62;22c", "4.0 ┤"),
  ]) func figuresAreShownAsTheTerminalCan(environment: [String: String], answer: String, shows: String) throws {
    try #require(access("/usr/bin/gnuplot", X_OK) == 0)
    let terminal = try start(environment)
    terminal.type("plot([1, 4, 2])\r")
    if !answer.isEmpty {
      #expect(terminal.sees("\u{1B}[c"), "\(terminal.shown)")
      terminal.type(answer)
    }
    #expect(terminal.sees(shows), "\(terminal.shown.prefix(2000))")
    #expect(terminal.sees("  2> "), "\(terminal.shown.suffix(500))")
    terminal.type("20 + 22\r")
    #expect(terminal.sees("42"), "\(terminal.shown.suffix(500))")
    quit(terminal)
  }

  @Test func aLongValueIsShownWholeOnRequest() throws {
    let terminal = try start(["PAGER": "cat"])
    terminal.type("[i for i in 0..<300]\r")
    #expect(terminal.sees("more"), "\(terminal.shown)")
    #expect(terminal.sees("  2> "))
    terminal.type("%show\r")
    #expect(terminal.sees("150, 151, 152"), "\(terminal.shown)")
    quit(terminal, errors: "%show gives all of it\n")
  }

  /// Keys at random: whatever they are, the session answers afterwards.
  /// TWINBOOK_FUZZ=SECONDS goes on with fresh seeds for as long as that.
  @Test func randomKeysDoNoHarmForLong() throws {
    guard let seconds = ProcessInfo.processInfo.environment["TWINBOOK_FUZZ"].flatMap(Double.init) else { return }
    let end = Date(timeIntervalSinceNow: seconds)
    var seed = Int(Date().timeIntervalSince1970 * 1000)
    var count = 0
    while Date() < end {
      seed += 1
      count += 1
      // In a home of its own: with the last session's history, Up and Return would give its %quit again.
      try KeyTests().randomKeysDoNoHarm(seed: seed)
    }
    print("\(count) sessions of random keys")
  }

  @Test(arguments: 0..<12) func randomKeysDoNoHarm(seed: Int) throws {
    var state = UInt64(seed) &* 2_654_435_761 &+ 12345
    func next(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    let keys = [
      "\r", "\t", "\u{1B}[A", "\u{1B}[B", "\u{1B}[C", "\u{1B}[D", "\u{1B}[H", "\u{1B}[F", "\u{7F}", "\u{1}", "\u{5}",
      "\u{b}",
      "\u{15}", "\u{17}", "\u{19}", "\u{c}", "\u{1B}b", "\u{1B}f", "\u{1B}[3~", "\u{1B}[5~", "\u{1B}[6~", "\u{1B}\r",
      "\u{14}",
      "\u{1B}[200~a = 1\rb = [\u{1B}[201~", "\u{1B}[200~\u{1B}[201~", "\u{1B}", "\u{1B}[", "\u{1F}", "\u{12}x\r",
      "x = ",
      "1", "(", ")", "[", "]", "{", "}", "\"", "漢", "👩‍👩‍👧", "e\u{301}", "+", "fn ", "%who\r", "?len\r", "\n", " ", "\\",
      "#", "\u{3}",
      "\u{FF}", "\u{0}", "\u{1B}[1;5D", "\u{1B}OA", "\u{18}\u{18}", "\u{1B}d", "\u{1E}",
    ]
    let terminal = try start()
    for _ in 0..<25 {
      terminal.type((0..<20).map { _ in keys[next(keys.count)] }.joined())
      terminal.watch(seconds: 0.02)
    }
    // Out of whatever is open: a search, a paste, an unfinished cell.
    terminal.type("\u{1B}[201~\u{3}")
    terminal.watch(seconds: 0.3)
    terminal.type("\u{3}")
    terminal.watch(seconds: 0.3)
    terminal.type("\u{15}print(\"sound {20 + 22}\")\r")
    #expect(terminal.shows("sound 42"), "\(terminal.shown.suffix(600))")
    terminal.type("%quit\r")
    #expect(terminal.end() == 0, "\(terminal.shown.suffix(600))")
  }
}
