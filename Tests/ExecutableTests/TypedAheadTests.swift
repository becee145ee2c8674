import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// What is typed is never lost, and never an answer to what was not asked.
@Suite(.serialized, .needsExecutable)
struct TypedAheadTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  private func start(_ environment: [String: String] = [:]) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(["start", "--seed", "1"], environment: environment, in: folder)
    #expect(terminal.sees("  1> "), "\(terminal.shown)")
    return terminal
  }

  private func quit(_ terminal: PseudoTerminal) {
    terminal.type("%quit\r")
    #expect(terminal.end() == 0, "\(terminal.shown)")
  }

  /// Looks once whether the session has got it all.
  private func check(_ terminal: PseudoTerminal, _ code: String, gives: String) {
    terminal.type("print(\"so: {\(code)}\")\r")
    #expect(terminal.shows("so: \(gives)"), "\(terminal.shown.suffix(1500))")
  }

  @Test func theFirstFigureTakesNothingOfWhatIsTyped() throws {
    let terminal = try start()
    #expect(terminal.runs("for i in 0..<300000 { i }; plot([1, 2, 3])"), "\(terminal.shown)")
    terminal.type("first = 1\rsecond = 2\r")
    #expect(terminal.sees("\u{1B}[c"), "\(terminal.shown)")
    terminal.type("third = 3\r\u{1B}[?1;2cfourth = 4\r")
    #expect(terminal.sees("  6> "), "\(terminal.shown.suffix(1500))")
    check(terminal, "[first, second, third, fourth]", gives: "[1, 2, 3, 4]")
    quit(terminal)
  }

  /// Over a slow line the answer comes when nobody waits for it any more.
  @Test func aLateAnswerOfTheTerminalIsNoInput() throws {
    let terminal = try start()
    terminal.type("plot([1, 2, 3])\r")
    #expect(terminal.sees("\u{1B}[c"), "\(terminal.shown)")
    #expect(terminal.sees("  2> "), "\(terminal.shown.suffix(500))")
    terminal.type("x = 4\u{1B}[?62;1;2;6;9;15;22c0\r")
    #expect(terminal.sees("  3> "), "\(terminal.shown.suffix(500))")
    check(terminal, "x", gives: "40")
    quit(terminal)
  }

  @Test func inputTakesWhatWasTypedAhead() throws {
    let terminal = try start()
    #expect(terminal.runs("for i in 0..<300000 { i }; plot([1, 2]); name = input(\"who? \")"), "\(terminal.shown)")
    terminal.type("iu\rnext = 2\r")
    #expect(terminal.sees("\u{1B}[c"), "\(terminal.shown)")
    terminal.type("\u{1B}[?1;2c")
    #expect(terminal.sees("who? "), "\(terminal.shown)")
    #expect(terminal.sees("  3> "), "\(terminal.shown.suffix(500))")
    check(terminal, "[name, next]", gives: "[\"iu\", 2]")
    quit(terminal)
  }

  @Test func whatIsTypedBeforeAQuestionIsNoAnswer() throws {
    let first = try start()
    first.type("x = 41\r")
    #expect(first.sees("  2> "), "\(first.shown)")
    first.kill9()
    let second = try PseudoTerminal(["start", "--seed", "1"], in: folder)
    #expect(second.sees("[l]ater "), "\(second.shown)")
    // No answer, and not lost.
    second.type("z = 5\r")
    #expect(second.sees("later"), "\(second.shown)")
    #expect(second.sees("  2> "), "\(second.shown)")
    check(second, "z", gives: "5")
    quit(second)
  }

  @Test func controlCEndsInput() throws {
    let terminal = try start()
    terminal.type("name = input(\"who? \")\r")
    #expect(terminal.sees("who? "), "\(terminal.shown)")
    terminal.type("half")
    terminal.watch(seconds: 0.2)
    terminal.type("\u{3}")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    #expect(terminal.complains("interrupted"))
    check(terminal, "1 + 1", gives: "2")
    quit(terminal)
  }

  @Test func controlCTwiceAsksWhetherToQuit() throws {
    let terminal = try start()
    terminal.type("x = 1\r")
    #expect(terminal.sees("  2> "), "\(terminal.shown)")
    #expect(terminal.runs("while true { }"), "\(terminal.shown)")
    terminal.type("\u{3}")
    #expect(terminal.sees("  3> "), "\(terminal.shown)")
    terminal.type("\u{3}")
    #expect(terminal.sees("quit? [y/N] "), "\(terminal.shown)")
    // What is no answer is typed.
    terminal.type("x + 40\r")
    #expect(terminal.shows("41"), "\(terminal.shown)")
    #expect(terminal.runs("while true { }"), "\(terminal.shown)")
    terminal.type("\u{3}")
    #expect(terminal.sees("  5> "), "\(terminal.shown)")
    terminal.type("\u{3}")
    #expect(terminal.sees("quit? [y/N] "), "\(terminal.shown)")
    terminal.type("y")
    #expect(terminal.end() == 0, "\(terminal.shown)")
    #expect(terminal.shown.contains("it is kept in"), "\(terminal.shown)")
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func scriptsEndWithTheSignalsCode(signal: Int32, code: Int32) throws {
    // What a cell prints comes out of a pipe when the cell ends.
    let text = "# %%\nprint(\"on\")\n# %%\nwhile true { }\n# %%\nprint(\"next\")\n"
    let outcome = try Executable.run(["run", try folder.write("a.twin", text)], in: folder, onOutput: ("on\n", signal))
    #expect(outcome.code == code && outcome.output == "on\n", "\(outcome)")
    let terminal = try PseudoTerminal(["eval", "x = input(\"who? \")\nprint(\"went on\")"], in: folder)
    #expect(terminal.sees("who? "), "\(terminal.shown)")
    terminal.signal(signal)
    #expect(terminal.end() == code, "\(terminal.shown)")
    #expect(!terminal.shown.contains("went on"), "\(terminal.shown)")
  }

  @Test func controlBackslashEndsAtOnce() throws {
    let terminal = try start()
    #expect(terminal.runs("while true { }"), "\(terminal.shown)")
    terminal.type("\u{1C}")
    #expect(terminal.end() == 128 + SIGQUIT, "\(terminal.shown)")
    #expect(terminal.errorsWithoutTimes == "", "\(terminal.errors)")
    #expect(terminal.modes == terminal.startModes)
  }
}
