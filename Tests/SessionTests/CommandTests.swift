import Foundation
import Testing

@testable import Session

@Suite struct CommandTests {
  @Test func codeShowsInstructions() {
    let desk = Desk()
    desk.type("fn double(x) { 2 * x }", "both = double >> double", "n = 3")
    #expect(desk.says("%code double").contains("fn double(x) { 2 * x }\n"))
    #expect(desk.says("%code double").contains("finish"))
    #expect(desk.says("%code").hasPrefix("error: %code "))
    #expect(desk.says("%code n").hasPrefix("error: n is a number: only a function"))
    #expect(desk.says("%code both").hasPrefix("error: both is put together from others: only"))
    #expect(desk.says("%code conv").hasPrefix("error: conv is built in: only"))
    #expect(desk.says("%code doubel") == "error: nothing is called doubel\n")
  }

  @Test func timeRecordsItsCode() {
    let desk = Desk()
    let result = desk.type("%time x = 5")
    #expect(result.status == .finished && desk.front.notes.count == 1 && desk.front.written == "")
    #expect(desk.value("%time x + 1") == "6")
    #expect(desk.type("%%time\ny = x\ny * 2").value == "10")
    #expect(desk.type("%time [1,\n2,\n3]").value == "[1, 2, 3]")
    #expect(
      desk.session.document().cells.map(\.source) == ["x = 5", "x + 1", "y = x\ny * 2", "[1,\n2,\n3]"])
  }

  @Test func timeitLeavesEverythingAsItWas() {
    let desk = Desk()
    desk.type(RoundTripTests.training, "x = 1", "before = net(letters[0:2].tensor)")
    #expect(desk.type("%timeit x += 1").status == .finished)
    #expect(desk.value("x") == "1")
    desk.type("%timeit step(sgd(0.1), () -> sum(net(letters[0:3].tensor) ^ 2))")
    #expect(desk.value("(before - net(letters[0:2].tensor)).abs().max()") == "0")
    #expect(desk.front.notes.allSatisfy { $0.hasPrefix("best ") }, "\(desk.front.notes)")
    #expect(desk.says("%who").contains("timeit_") == false)
    let failed = desk.type("%timeit 1 / 0")
    #expect(failed.diagnostics.map(\.explanation.message) == ["division by zero"])
  }

  @Test(arguments: [
    ("%timeit -n 3 -r 2 count += 1", "(2 rounds of 3)"), ("%timeit -r1 -n5 count += 1", "(1 round of 5)"),
    ("%timeit -r 2 n", "(2 rounds of "), ("%timeit -r 1 -n", "(1 round of "), ("%timeit -n3 - n", "rounds of "),
    ("%%timeit -n 1 -r 1\ncount += 1\ncount", "(1 round of 1)"),
  ]) func timeitTakesRunsAndRounds(_ line: String, _ note: String) {
    let desk = Desk()
    desk.type("count = 0; n = 1; n3 = 2")
    #expect(desk.type(line).status == .finished)
    #expect(desk.front.notes.count == 1 && desk.front.notes[0].contains(note), "\(desk.front.notes)")
  }

  @Test func timeitKeepsTheLinesOfItsCode() throws {
    let failed = Desk().type("%%timeit -n1 -r 1\n\n1 / 0")
    let place = try #require(failed.diagnostics.first?.place)
    #expect(place.source.location(of: place.span.start).line == 3, "\(failed)")
  }

  @Test(arguments: ["%timeit -n 0 1", "%timeit -r 1.5 1", "%timeit -r 1000 1", "%timeit -n -3 1"])
  func timeitRefusesOtherNumbers(_ line: String) {
    let failed = Desk().type(line)
    #expect(failed.diagnostics.first?.explanation.message.contains("a whole number from 1 to") == true, "\(failed)")
  }

  @Test func aCommandComesAfterTheCodeAboveIt() throws {
    let path = NSTemporaryDirectory() + "command-\(UUID().uuidString).twin"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let desk = Desk()
    desk.type("x = 1\nx + 1\n%save \(path)\ny = 2\ny")
    #expect(desk.front.written == "2\nsaved 1 cell to \(path)\n", "\(desk.front.written)")
    #expect(desk.session.document().cells.map(\.source) == ["x = 1\nx + 1", "y = 2\ny"])
    #expect(try String(contentsOfFile: path, encoding: .utf8).hasSuffix("# %%\nx = 1\nx + 1\n#> 2\n"))
  }

  @Test func undoTakesNamesNetworksAndGalleriesBack() throws {
    let desk = Desk()
    desk.type("letters = glyphs(6, 5, seed=1, size=12)", "net = conv(4, 3) >> relu >> flatten >> dense(8)")
    desk.type(
      "before = net(letters[0:3].tensor)", "people = gallery(net)", "people.enroll(\"a\", letters[0])", "x = [1]")
    let query = try #require(desk.value("people.query(letters[1], k=1)"))
    desk.type("%undo")
    desk.type("step(sgd(0.1), () -> sum(net(letters[0:3].tensor) ^ 2))")
    desk.type("x.append(2)\npeople.enroll(\"b\", letters[1])\npeople.rename(\"a\", \"c\")\nnew = 3")
    #expect(desk.value("(before - net(letters[0:3].tensor)).abs().max()") != "0")
    #expect(desk.says("%undo 3") == "cells 7, 8, 9 are undone\n")
    #expect(desk.value("x") == "[1]")
    #expect(desk.value("(before - net(letters[0:3].tensor)).abs().max()") == "0")
    #expect(desk.value("people.query(letters[1], k=1)") == query)
    #expect(desk.value("people.labels") == "[\"a\"]")
    #expect(desk.value("new") == nil)
    #expect(!desk.says("%who").contains("stale"))
  }

  /// Whoever was forgotten does not come back by going back.
  @Test func whoIsForgottenDoesNotComeBack() {
    let desk = Desk()
    desk.type("letters = glyphs(3, 2, seed=1)\npeople = gallery(flatten >> dense(4))")
    desk.type("people.enroll(\"bob\", letters[0])")
    desk.type("people.enroll(\"ann\", letters[2])")
    desk.type("people.forget(\"ann\", sure=true);")
    for _ in 0..<3 {
      desk.type("%undo")
      #expect(!desk.says("people.labels").contains("ann"))
      desk.type("%undo")
    }
  }

  @Test func undoForgetsTheShapeThatANetworkWasBuiltFor() {
    let desk = Desk()
    desk.type("net = flatten >> dense(3)", "net(zeros([1, 1, 4, 4])).shape")
    desk.type("%undo")
    #expect(desk.value("net(zeros([1, 1, 5, 5])).shape") == "[1, 3]")
  }

  @Test func whoMarksWhatChangedSince() {
    let desk = Desk()
    desk.type("a = 1", "b = a + 1", "c = b * 2", RoundTripTests.training, "d = distances(net, letters)", "f = () -> a")
    #expect(!desk.says("%who").contains("stale"), "\(desk.says("%who"))")
    desk.type("a = 5", "loop.run(epochs=1)")
    let lines = desk.says("%who").split(separator: "\n")
    let stale = lines.filter { $0.contains("stale") }.map { $0.split(separator: " ").first ?? "" }
    #expect(stale == ["b", "c", "d"], "\(lines)")
    #expect(lines.contains { $0.hasPrefix("d ") && $0.hasSuffix("stale: net changed since") }, "\(lines)")
    desk.type("b = a + 1")
    #expect(
      desk.says("%who").split(separator: "\n").filter { $0.contains("stale") }.map { $0.prefix(1) } == ["c", "d"])
  }

  @Test func loopVariablesAreMadeFromWhatTheyGoOver() {
    let desk = Desk()
    desk.type(RoundTripTests.training, "people = gallery(net)", "scale = 2")
    desk.type(
      "for name in letters.classes { people.enroll(name, letters[name][0]); twice = scale * len(name) }",
      "for i in 0..<3 { y = i * scale }")
    #expect(!desk.says("%who").contains("stale"), "\(desk.says("%who"))")
    desk.type("people.enroll(\"x\", letters[0])", "for i in 0..<5 { }")
    #expect(!desk.says("%who").contains("stale"), "\(desk.says("%who"))")
    desk.type("scale = 3")
    let stale = desk.says("%who").split(separator: "\n").filter { $0.contains("stale") }
    #expect(stale.map { $0.split(separator: " ").first ?? "" } == ["twice", "y"], "\(stale)")
  }

  /// Twenty copies of a long list would be more than the limit.
  @Test func undoKeepsNoMoreThanItsLimit() {
    let desk = Desk()
    desk.type("xs = list(0..<3000000)", "name = \"a\"")
    for _ in 0..<25 { desk.type("xs.append(1)") }
    let held = desk.session.undoHistory.steps.reduce(0) { $0 + $1.bytes }
    #expect(held > 0 && held <= desk.session.undoBytes, "\(held)")
    // Each holds one copy of the list and nothing else.
    #expect(
      desk.session.undoHistory.steps.allSatisfy {
        $0.bytes > 40_000_000 && $0.bytes < 60_000_000 && $0.values.count == 1
      })
    desk.type("%undo 3")
    #expect(desk.value("len(xs)") == "3000022")
  }

  @Test func withoutUndoNothingIsKept() {
    let desk = Desk()
    desk.session.keepsUndo = false
    desk.type("xs = [1]", "xs.append(2)", "nope(xs)", "ys = 1\nnope")
    #expect(desk.session.undoHistory.steps.isEmpty)
    #expect(desk.session.document().cells.map(\.kind) == [.code, .code, .failed, .code])
    #expect(desk.type("%timeit xs.append(3)").status == .finished)
    #expect(desk.value("xs") == "[1, 2]")
    #expect(desk.says("%who").contains("ys"))
  }

  @Test func aFileRunsInTheSession() throws {
    let path = NSTemporaryDirectory() + "run-\(UUID().uuidString).twin"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try "# %% One\nx = 41\n# %% Two\nprint(x)\nx + 1\n".write(toFile: path, atomically: true, encoding: .utf8)
    let desk = Desk()
    desk.type("y = 1")
    #expect(desk.says("%run \(path)") == "41\n42\n")
    #expect(desk.value("x + y") == "42")
    #expect(desk.session.document().cells.map(\.source) == ["y = 1", "x = 41", "print(x)\nx + 1", "x + y"])
    try "# %%\nz = 1\n# %%\nnope\n# %%\nz = 2\n".write(toFile: path, atomically: true, encoding: .utf8)
    let failed = desk.type("%run \(path)")
    #expect(failed.diagnostics.map(\.explanation.message) == ["unknown name `nope`"])
    #expect(desk.value("z") == "1")
  }

  @Test func loadShowsTheCellsAndEditTheSource() throws {
    let path = NSTemporaryDirectory() + "load-\(UUID().uuidString).twin"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let desk = Desk()
    desk.type("x = 41\nx", "fn twice(a) { 2 * a }")
    _ = try desk.session.save(to: path)
    #expect(desk.type("%load \(path)").effect == .prefill("# %%\nx = 41\nx\n\n# %%\nfn twice(a) { 2 * a }"))
    #expect(desk.type("%edit 1").effect == .edit("x = 41\nx"))
    #expect(desk.type("%edit twice").effect == .edit("fn twice(a) { 2 * a }"))
    #expect(desk.type("%edit").effect == .edit(""))
  }

  @Test func showGivesAllOfAValue() {
    let desk = Desk()
    let long = desk.type("[i for i in 0..<500]")
    #expect(long.isShortened && long.value?.contains("… ") == true)
    guard case .page(let all)? = desk.type("%show").effect else { return #expect(Bool(false)) }
    #expect(all.hasSuffix("498, 499]"))
    #expect(desk.type("%show 1 + 1").effect == .page("2"))
    #expect(!desk.type("[1, 2]").isShortened)
    #expect(desk.type("zeros([30, 30])").isShortened && !desk.type("zeros([2, 2])").isShortened)
    #expect(desk.says("%show zeros([2000, 2000])") == "error: 4000000 numbers are too many to show\n")
    #expect(Desk().says("%show") == "error: no value has been shown yet\n")
  }

  /// As in the saved script, which keeps what it kept of it before: a hash stands for what is left out.
  @Test func aLongStringIsShortenedWhereItIsShown() throws {
    let desk = Desk()
    let long = desk.type("\"abcdefgh\" * 100000")
    let text = try #require(long.value)
    #expect(long.isShortened && text.utf8.count < 2200 && text == long.recorded)
    #expect(text.hasPrefix("\"abcdefgh") && text.contains(" … 798002 bytes are left out, hash "))
    #expect(text == ResultText.canonical("\"" + String(repeating: "abcdefgh", count: 100_000) + "\""))
    guard case .page(let all)? = desk.type("%show").effect else { return #expect(Bool(false)) }
    #expect(all.utf8.count == 800_002)
    let short = desk.type("\"a\" * 3000")
    #expect(!short.isShortened && short.value?.utf8.count == 3002)
    desk.type("print(\"a\" * 5000)")
    #expect(desk.front.written.hasSuffix(String(repeating: "a", count: 5000) + "\n"))
    desk.type("s = \"x\" * 100000;")
    #expect(desk.says("%who").utf8.count < 1000)
    #expect(try replay(desk.session.document().text).outcome.succeeded)
  }

  @Test func resetAndSeedBeginAnew() {
    let desk = Desk(seed: 3)
    let first = desk.value("randn([2])")
    desk.type("x = 1", "%reset")
    #expect(desk.value("randn([2])") == first)
    #expect(desk.type("x").status == .failed)
    #expect(desk.says("%seed") == "seed 3\n")
    desk.type("%reset", "%seed 4")
    #expect(desk.value("randn([2])") != first)
    #expect(desk.says("%seed -1") == "error: %seed expects a whole number from 0, got \"-1\"\n")
  }

  /// No `%undo` goes back behind a reset, so what nobody has saved is kept as when a session ends.
  @Test func resetKeepsWhatWasNotSaved() throws {
    let folder = NSTemporaryDirectory() + "reset-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let desk = Desk(interactiveIn: folder)
    desk.type("secret = [1, 2, 3]")
    #expect(desk.says("%reset foo") == "error: %reset has no use for \"foo\"\n")
    #expect(desk.value("secret") == "[1, 2, 3]")
    #expect(
      desk.says("%reset").hasPrefix("the session was not saved; it is kept in \(folder)/last.twin\nnames and cells"))
    #expect(try String(contentsOfFile: folder + "/last.twin", encoding: .utf8).contains("\nsecret = [1, 2, 3]\n"))
    // What was saved, and nothing, needs no keeping.
    #expect(desk.says("%reset").hasPrefix("names and cells"))
    desk.type("x = 1")
    _ = try desk.session.save(to: folder + "/x.twin")
    #expect(desk.says("%reset").hasPrefix("names and cells"))
    // Where nothing can be kept, nothing is thrown away.
    desk.type("y = 2")
    try FileManager.default.removeItem(atPath: folder)
    #expect(desk.says("%reset").hasPrefix("error: the session is not saved, and cannot be kept: "))
    #expect(desk.value("y") == "2")
  }

  @Test(arguments: [
    ("%save my dir/x.twin", "put a name with blanks into quotes: %save \"my dir/x.twin\""),
    ("%save! a b.twin", "put a name with blanks into quotes: %save \"a b.twin\""),
    ("%run a b.twin", "put a name with blanks into quotes: %run \"a b.twin\""),
    ("%cd my dir", "put a name with blanks into quotes: %cd \"my dir\""),
    ("%ls my dir", "put a name with blanks into quotes: %ls \"my dir\""),
    ("%load a \"b.twin", "put a name with blanks into quotes: %load \"a b.twin\""),
    ("%replay --verify a b.twin", "put a name with blanks into quotes: %replay \"a b.twin\""),
    ("%figure 1 a b.svg", "put a name with blanks into quotes: %figure 1 \"a b.svg\""),
    ("%run \(#filePath) b", "write %run name.twin"),
    ("%run a --seed 3", "write %run name.twin"), ("%replay a.twin --sure", "%help replay explains it"),
    ("%undo 1 2", "write %undo [n]"), ("%seed 5 6", "write %seed [number]"), ("%who v x", "write %who [kind]"),
    ("%history -n 3", "%help history explains it"), ("%edit 1 2", "write %edit [n | name]"),
    ("%rerun 1 2", "write %rerun stale | n | n..m | n.."), ("%code f g", "write %code f"),
    ("%help save run", "write %help [command]"), ("%clear all", "write %clear"), ("%quit now", "write %quit"),
  ]) func wordsThatACommandHasNoUseForAreRefused(command: String, help: String) {
    let desk = Desk()
    desk.type("x = 1", "y = 2")
    let result = desk.session.evaluate(command)
    #expect(result.status == .failed && result.effect == nil)
    #expect(result.diagnostics.map { $0.explanation.help } == [help])
    #expect(desk.value("x + y") == "3")
  }

  /// A script has no prompt: what a command would do there is done in its way, or named.
  @Test func commandsOfThePromptInAScript() throws {
    let desk = Desk()
    let script = try NotebookDocument(
      reading: "# %%\n%show [1]\n# %%\n%edit\n# %%\nx = 1\n# %%\n%load \(#filePath)\nx = 2\n", name: "a.twin")
    #expect(desk.session.run(script, file: "a.twin") { _, _ in }.succeeded)
    #expect(desk.front.written == "[1]\n" && desk.value("x") == "2")
    #expect(
      desk.front.warnings == [
        "%edit opens an editor; in a script it does nothing",
        "%load puts cells into the prompt; in a script it does nothing",
      ])
  }

  @Test func aPageInTheMiddleOfACellEndsNothing() {
    let desk = Desk()
    desk.type("x = 1")
    #expect(desk.type("%show [1]\n%show [2]").effect == .page("[1]\n[2]"))
    desk.front.written = ""
    #expect(desk.type("%show [1]\n%who").effect == nil)
    #expect(desk.front.written.hasPrefix("[1]\nx  number"))
  }

  @Test func quotesKeepTheBlanksOfAName() throws {
    let folder = NSTemporaryDirectory() + "my folder \(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let desk = Desk()
    desk.type("x = 1")
    #expect(desk.says("%save \"\(folder)/a b.twin\"") == "saved 1 cell to \(folder)/a b.twin\n")
    desk.type("%run '\(folder)/a b.twin'")
    #expect(desk.session.document().cells.map(\.source) == ["x = 1", "x = 1"])
  }

  @Test(arguments: [
    ("%svae a.twin", "error: there is no command %svae\n"), ("%save", "error: %save expects more\n"),
    ("%save a.pdf", "error: a session is saved as .twin, .ipynb or .html, not as a.pdf\n"),
    ("%save! n.safetensors", "error: a session is saved as .twin, .ipynb or .html, not as n.safetensors\n"),
    ("%run nowhere.twin", "error: there is no file “nowhere.twin”\n"),
    ("%run", "error: %run expects more\n"), ("%undo", "error: there is no cell left to undo\n"),
    ("%undo x", "error: %undo expects a number of cells, 1…20, got \"x\"\n"),
    ("%time", "error: %time expects more\n"),
    ("%edit 7", "error: there is no cell 7\n"), ("%edit nope", "error: nothing is called nope\n"),
    ("%figure 3", "error: there is no figure 3\n"), ("%figure", "no figure has been shown yet\n"),
    ("%help svae", "error: there is no command %svae\n"), ("%history", "no cell has run yet\n"),
    ("%who", "no names yet\n"), ("!", "error: ! expects more\n"),
    ("% time 1", "error: a command's name stands right behind its percent sign\n"),
    ("%", "error: a command has a name behind its percent sign\n"),
    ("%%bash", "error: there is no command %bash\n"), ("%%save", "error: %save expects more\n"),
    (" %% ", "error: a command has a name behind its percent sign\n"),
    ("%save a.html.gz", "error: a session is saved as .twin, .ipynb or .html, not as a.html.gz\n"),
    ("%figure a.svg", "error: no figure has been shown yet\n"),
    ("%cd \"\"", "error: cannot go to the folder “”: No such file or directory\n"),
    ("??", "??name shows a function's source, or the cell that gave a name its value: ??f\n"),
  ]) func slipsAreSaidInWords(command: String, words: String) { #expect(Desk().says(command) == words) }

  /// As IPython takes them.
  @Test(arguments: [
    ("cd ..", "%cd .."), ("ls", "%ls"), ("run first.twin", "%run first.twin"), ("save x.twin", "%save x.twin"),
    ("who", "%who"), ("time 1 + 1", "%time 1 + 1"), ("undo", "%undo"), ("ls -l", "%ls -l"), ("cd ~/x", "%cd ~/x"),
  ]) func commandsWithoutTheirSign(line: String, command: String) {
    let result = Desk().type(line)
    #expect(result.status == .failed)
    #expect(result.diagnostics.first?.explanation.help == "a command of the session begins with %: \(command)")
  }

  /// A line that is about a value keeps its own help.
  @Test(arguments: ["seed", "code(1", "time = ", "save - 1 x", "show = 3 4", "run and walk", "nothing here"])
  func linesThatAreNoCommands(line: String) {
    let help = Desk().type(line).diagnostics.first?.explanation.help
    #expect(help?.contains("a command of the session") != true, "\(line): \(help ?? "")")
    let desk = Desk()
    desk.type("who = [1]")
    #expect(desk.type("who x").diagnostics.first?.explanation.help?.hasPrefix("a function is called") == true)
  }

  @Test func helpAloneIsTheTour() {
    let desk = Desk()
    #expect(desk.says("help").hasPrefix("Twinbook teaches a network") && desk.says("help conv").hasPrefix("error: "))
    #expect(desk.type("help conv").diagnostics.first?.explanation.help == "write ?conv, or help(\"conv\")")
    #expect(desk.session.cellNumber == 3)
    desk.type("help = 7")
    #expect(desk.value("help") == "7")
  }

  @Test func questionsAboutOtherLanguagesNames() {
    func help(_ question: String) -> String? { Desk().type(question).diagnostics.first?.explanation.help }
    #expect(
      help("?array") == "write tensor([[1, 2], [3, 4]])" && help("?np.concatenate") == "write concat([a, b], axis=0)")
    #expect(Desk().says("?>>").hasPrefix("f >> g") && Desk().says("?%").hasPrefix("a % b"))
    #expect(Desk().says("?dataset").hasPrefix("dataset has\n") && Desk().says("?layer").hasPrefix("layer has\n"))
    #expect(Desk().says("?np.zeros").hasPrefix("zeros(") && Desk().says("?\"len\"").hasPrefix("len("))
  }

  @Test func slipsAreWholeCells() {
    let desk = Desk()
    for text in ["!ls", "quit", "??", "% time 1", "!ls | wc {", "%"] {
      #expect(desk.session.completeness(text) == .complete, "\(text)")
    }
    #expect(desk.type("x = 7\nx % 4").value == "3")
    #expect(desk.type("(x\n% 4)").value == "3")
  }

  @Test func helpIsNoResult() {
    let desk = Desk()
    #expect(desk.type("help(\"conv\")").status == .finished)
    desk.type("help()", "print(1)\nhelp(\"len\")\n2")
    #expect(desk.front.written.contains("conv(") && desk.front.written.contains("%save first.twin"))
    #expect(desk.session.document().cells.map(\.result) == [nil, nil, "1\n2"])
  }

  @Test func namesAndSignaturesAreBrokenBetweenWords() throws {
    let desk = Desk()
    let page = desk.says("?trainer")
    let lines = page.split(separator: "\n")
    #expect(lines.prefix { !$0.hasSuffix(")") }.count >= 1 && lines.prefix(6).allSatisfy { $0.count <= 80 }, "\(page)")
    let text = try #require(desk.value("print(zeros([1000, 1000]))\nglyphs(40, 3, seed=1)"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(text)")
    let kept = try #require(desk.session.entries.last?.cell.result)
    #expect(kept.utf8.count < 2000, "\(kept)")
  }

  @Test func historyListsAndFinds() {
    let desk = Desk()
    desk.type("x = 1", "y = 2\nz = 3", "1 / 0")
    #expect(desk.says("%history") == "  1  x = 1\n  2  y = 2\n     z = 3\n  3! 1 / 0\n")
    #expect(desk.says("%history 1") == "  3! 1 / 0\n")
    #expect(desk.says("%history 1-2") == "  1  x = 1\n  2  y = 2\n     z = 3\n")
    #expect(desk.says("%history 2-") == "  2  y = 2\n     z = 3\n  3! 1 / 0\n")
    #expect(desk.says("%history 3..3") == "  3! 1 / 0\n")
    #expect(desk.says("%history z =") == "  2  y = 2\n     z = 3\n")
    #expect(desk.says("%history zzz") == "no cell contains \"zzz\"; %history alone lists all\n")
    #expect(desk.says("%history 1 - 2") == "  1  x = 1\n  2  y = 2\n     z = 3\n")
    #expect(desk.says("%history 7-9") == "there is no such cell: the last is 3; %history alone lists all\n")
    // One reading of ranges: what ends before it begins, or begins before the first cell, is refused by all commands.
    for range in ["3-2", "0-2", "0.."] {
      #expect(desk.type("%history \(range)").status == .failed && desk.type("%rerun \(range)").status == .failed)
    }
  }
}
