import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Scripts through the real program: exit codes, and what goes to which stream.
@Suite(.serialized, .needsExecutable)
struct ScriptTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func run(_ arguments: String..., input: String = "", environment: [String: String] = [:]) throws
    -> Executable.Outcome
  {
    try Executable.run(arguments, input: input, environment: environment, in: folder)
  }

  @Test(arguments: [
    ["eval", "-7 % 3"], ["eval", "--seed", "1", "-7 % 3"], ["eval", "-7 % 3", "--seed", "1"], ["eval", "--", "-7 % 3"],
    ["eval", "--seed", "1", "--", "-7 % 3"],
  ])
  func codeMayBeginWithAMinus(arguments: [String]) throws {
    let outcome = try Executable.run(arguments, in: folder)
    #expect(outcome.output == "2\n" && outcome.code == 0, "\(outcome)")
  }

  @Test func evalShowsItsValue() throws {
    let outcome = try run("eval", "1 + 1")
    #expect((outcome.code, outcome.output, outcome.errors) == (0, "2\n", ""))
  }

  /// It says what is wrong here, and does not die of it.
  @Test func theDoctorSeesSettingsThatAreRefused() throws {
    let settings = ["TWINBOOK_THREADS": "0", "TWINBOOK_KERNELS": "abacus"]
    let found = try run("doctor", environment: settings)
    #expect(found.output.contains("TWINBOOK_THREADS is \"0\""), "\(found)")
    #expect(found.output.contains("TWINBOOK_KERNELS is \"abacus\""), "\(found)")
    #expect(try run("--version", environment: settings).code == 0)
    #expect(try run("eval", "1", environment: settings).code == 2)
  }

  /// A slip in a command's name is no missing file.
  @Test(arguments: [("rnu", "run"), ("hlep", "help"), ("evla", "eval"), ("replya", "replay"), ("version", "--version")])
  func aMisspeltCommand(typed: String, meant: String) throws {
    let outcome = try run(typed, "x")
    #expect(outcome.code == 2 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("no command and no file “\(typed)”"), "\(outcome)")
    #expect(outcome.errors.contains("did you mean `twinbook \(meant)`?"), "\(outcome)")
    try folder.write(typed, "print(7)\n")
    #expect(try run(typed).output == "7\n")
  }

  @Test func helpOfAMisspeltCommand() throws {
    let slip = try run("help", "replya")
    #expect(
      (slip.code, slip.output) == (2, "") && slip.errors.contains("did you mean `twinbook help replay`?"), "\(slip)")
    let other = try run("help", "kernel", "instal")
    #expect(other.code == 2 && other.errors.contains("did you mean `twinbook help kernel install`?"), "\(other)")
    let unknown = try run("help", "zzzzzz")
    #expect(unknown.code == 2 && unknown.errors.contains("`twinbook help` shows what there is"), "\(unknown)")
    #expect(try run("help", "replay").output.contains("twinbook replay"))
    // A name of the language, where no command is called so.
    for (topic, words) in [("conv", "A convolution"), ("gallery.enroll", "gallery.enroll(label")] {
      let named = try run("help", topic)
      #expect(named.code == 0 && named.errors.isEmpty && named.output.contains(words), "\(named)")
    }
    #expect(try run("help", "serve").output.contains("--allow-enrol"))
    #expect(try run("help", "kernel", "install").code == 0 && run("help").code == 0)
  }

  /// Its letters are no options; an h among them asked for the help.
  @Test(arguments: [
    (["run", "-dash.twin"], "twinbook run -- -dash.twin"), (["-dash.twin", "1"], "twinbook -- -dash.twin 1"),
    (["replay", "--verify", "-dash.twin"], "twinbook replay --verify -- -dash.twin"),
    (["convert", "a.twin", "-h.html"], "twinbook convert a.twin -- -h.html"),
    (["replay", "-verify", "a.twin"], "an option has two dashes: --verify"),
  ]) func aNameThatBeginsWithAMinus(arguments: [String], way: String) throws {
    try folder.write("-dash.twin", "print(len(args))\n")
    let outcome = try Executable.run(arguments, in: folder)
    #expect((outcome.code, outcome.output) == (2, ""), "\(outcome)")
    #expect(outcome.errors.contains("a name that begins with - goes behind --") && outcome.errors.contains(way))
    #expect(try run("run", "--", "-dash.twin", "-x").output == "1\n")
    #expect(try run("--", "-dash.twin", "-x", "-h").output == "2\n")
    #expect(try run("./-dash.twin", "-xh").output == "1\n")
  }

  @Test(arguments: [["-"], ["run", "-"]]) func aDashIsStandardInput(arguments: [String]) throws {
    let outcome = try Executable.run(arguments, input: "print(6 * 7)\n", in: folder)
    #expect((outcome.code, outcome.output) == (0, "42\n"), "\(outcome)")
  }

  @Test func aScriptOnStandardInputRuns() throws {
    let outcome = try run(input: "x = 20\nprint(\"x is {x}\")\nx + 22\n")
    #expect((outcome.code, outcome.output, outcome.errors) == (0, "x is 20\n42\n", ""))
  }

  /// `-` is standard input, as in other interpreters; so are the system's own names for it.
  @Test(arguments: ["-", "/dev/stdin", "/dev/fd/0"])
  func aCommandReadsItsScriptFromStandardInput(name: String) throws {
    let script = "print(args)\nprint(input() == none)\n"
    let runs = try run("run", name, "one", "-2", input: script)
    #expect((runs.code, runs.output, runs.errors) == (0, "[\"one\", \"-2\"]\ntrue\n", ""))
    let failed = try run("run", name, input: "x = 1\nerror(\"no face\")\n")
    #expect(failed.code == 1 && failed.errors.contains("standard input, line 2"), "\(failed)")
    let replayed = try run("replay", "--verify", name, input: "# %%\n1 + 1\n#> 2\n")
    #expect(replayed.code == 0 && replayed.output.contains("verified: 1 cell ran, 1 compared"), "\(replayed)")
    let wrong = try run("replay", "--verify", name, input: "# %%\n1 + 1\n#> 3\n")
    #expect(wrong.code == 1, "\(wrong)")
  }

  @Test func aDashAloneRunsStandardInput() throws {
    let outcome = try run("-", "one", input: "args")
    #expect((outcome.code, outcome.output) == (0, "[\"one\"]\n"), "\(outcome)")
  }

  /// What comes through a pipe has no name that could tell its format; what it holds does.
  @Test func aNotebookAndAPageComeThroughStandardInput() throws {
    try folder.write("a.twin", "# %% Sum\n1 + 1\n#> 2\n")
    for format in ["ipynb", "html"] {
      #expect(try run("convert", "a.twin", "b.\(format)").code == 0)
      let bytes = try folder.read("b.\(format)")
      #expect(try run("run", "-", input: bytes).output == "2\n")
      let replayed = try run("replay", "--verify", "-", input: bytes)
      #expect(replayed.code == 0, "\(replayed)")
      let back = try run("convert", "-", "-", input: bytes)
      #expect((back.code, back.output, back.errors) == (0, try folder.read("a.twin"), ""))
      // Nor has a file with a name of its own.
      try folder.write("named", bytes)
      #expect(try run("named").output == "2\n")
    }
    let changed = try folder.read("b.html").replacingOccurrences(of: ">2<", with: ">3<")
    let told = try run("replay", "--verify", "-", input: changed)
    #expect(told.code == 1 && told.errors.contains("standard input"), "\(told)")
  }

  /// Every script, however it is laid out, and on from format to format.
  @Test func aPageOfARunVerifies() throws {
    for text in ["1\n", "# %%\n1\n\n", "# %%\r\n1\r\n", "#%% a\n1\n#> 2\n"] {
      try folder.write("k.twin", text)
      for (from, to) in [("k.twin", "k.html"), ("k.html", "l.html"), ("k.twin", "k.ipynb"), ("k.ipynb", "m.html")] {
        let made = try run("convert", "--run", from, to)
        #expect(made.code == 0, "\(from) \(made)")
        let told = try run("replay", "--verify", to)
        #expect(told.code == 0, "\(text.debugDescription), \(from) to \(to): \(told)")
      }
      #expect(try run("convert", "k.ipynb", "n.html").code == 0)
      #expect(try run("replay", "--verify", "n.html").code == 0, "\(text.debugDescription)")
    }
  }

  /// What was typed when the session asked is kept, and given again.
  @Test func aRunForAPageKnowsTheAnswers() throws {
    try folder.write("ask.twin", "# %%\nlen(input(\"name? \"))\n#< Robert\n#> 6\n")
    for to in ["ask.html", "ask.ipynb", "ask2.twin"] {
      let made = try run("convert", "--run", "ask.twin", to)
      #expect(made.code == 0, "\(to) \(made)")
      #expect(try folder.read(to).contains("Robert"), "\(to)")
      #expect(try run("replay", "--verify", to).code == 0, "\(to)")
    }
  }

  /// The box of a script without a folder is that of the current one, not that of the pipe's name.
  @Test func aScriptFromAPipeHasTheCurrentFolder() throws {
    try folder.write("a.txt", "here")
    let script = """
      print(readtext("a.txt"))
      try { readtext("/proc/self/environ"); print("read") } catch e { print("refused") }
      """
    #expect(try run("replay", "-", input: script).output.contains("here"))
    #expect(try run("replay", "-", input: script).output.contains("refused"))
    try folder.write("script", script)
    let shell = try Executable.run(
      ["-c", "\(Executable.path) replay <(cat script)"], program: "/bin/bash", in: folder)
    #expect(shell.output.contains("here") && shell.output.contains("refused"), "\(shell)")
  }

  /// Who follows a long script through a pipe or a file sees each line when it is printed.
  @Test func linesComeAtOnce() throws {
    try folder.write("a.twin", "print(\"begun\")\nfor i in 0..<100000000000 { i }\n")
    try folder.write("in", "")
    let child = try Child.spawn(
      Executable.path, ["a.twin"], environment: [:], folder: folder, input: folder.path + "/in",
      output: folder.path + "/out", errors: folder.path + "/errors")
    let end = Date().addingTimeInterval(60)
    while try folder.read("out") != "begun\n", Date() < end { usleep(20_000) }
    let seen = try folder.read("out")
    kill(child.id, SIGINT)
    _ = child.wait(limit: 60)
    #expect(seen == "begun\n")
  }

  /// `nohup twinbook run train.twin &`, and what a script puts into the background.
  @Test func aSignalThatIsIgnoredAtTheStartStaysIgnored() throws {
    try folder.write("a.twin", "print(\"begun\")\nprint(input())\n")
    try folder.write("in", "")
    #expect(mkfifo(folder.path + "/line", 0o600) == 0)
    let line = open(folder.path + "/line", O_RDWR | O_CLOEXEC)
    defer { close(line) }
    let child = try Child.spawn(
      "/bin/sh", ["-c", "trap '' HUP INT TERM; exec \"$0\" run a.twin <line", Executable.path], environment: [:],
      folder: folder, input: folder.path + "/in", output: folder.path + "/out", errors: folder.path + "/errors")
    let end = Date().addingTimeInterval(60)
    while try folder.read("out") != "begun\n", Date() < end { usleep(20_000) }
    for signal in [SIGHUP, SIGINT, SIGTERM] { kill(child.id, signal) }
    usleep(100_000)
    #expect(write(line, "done\n", 5) == 5)
    #expect(child.wait(limit: 60) == 0)
    #expect(try folder.read("out") == "begun\ndone\n")
  }

  @Test func aFileGetsItsArguments() throws {
    try folder.write("a.twin", "print(args)\n")
    for arguments in [["a.twin", "one", "--two"], ["run", "a.twin", "one", "--two"]] {
      let outcome = try Executable.run(arguments, in: folder)
      #expect((outcome.code, outcome.output) == (0, "[\"one\", \"--two\"]\n"), "\(outcome)")
    }
  }

  /// A script as a program of its own: its first line, its arguments, its input, its exit code.
  @Test func aScriptIsAProgram() throws {
    try folder.write(
      "count",
      """
      #!/usr/bin/env twinbook
      # Adds up the numbers of its input.
      scale = if len(args) > 0 { number(args[0]) } else { 1 }
      total = 0
      while true {
        line = input()
        if line == none { break }
        total += number(line) * scale
      }
      assert(total > 0, "nothing to count")
      print("{total:.1f}")
      """)
    chmod(folder.path + "/count", 0o755)
    symlink(Executable.path, folder.path + "/twinbook")
    let places = ["PATH": folder.path + ":/usr/bin:/bin"]
    func count(_ arguments: [String], _ input: String) throws -> Executable.Outcome {
      try Executable.run(
        arguments, program: folder.path + "/count", input: input, environment: places, in: folder)
    }
    let summed = try count([], "1\n2.5\n")
    #expect((summed.code, summed.output, summed.errors) == (0, "3.5\n", ""), "\(summed)")
    let scaled = try count(["2", "--ignored"], "1\n2")
    #expect((scaled.code, scaled.output) == (0, "6.0\n"), "\(scaled)")
    let failed = try count([], "")
    #expect((failed.code, failed.output) == (1, ""), "\(failed)")
    #expect(failed.errors.hasPrefix("error: nothing to count\n") && failed.errors.contains("count, line 10"))
    let wrong = try count(["many"], "1\n")
    #expect(wrong.code == 1 && wrong.errors.contains("number: x must be the text of a number"), "\(wrong)")
  }

  /// Errors through included files name the file and the line of each, and a script's own exit code is 1.
  @Test func includedFilesAreNamedInErrors() throws {
    try folder.write("main.twin", "include(\"parts/one.twin\")\nprint(half(3))\nprint(half(\"x\"))\n")
    mkdir(folder.path + "/parts", 0o755)
    try folder.write("parts/one.twin", "include(\"two.twin\")\nfn half(x) { divided(x, 2) }\n")
    try folder.write("parts/two.twin", "# by\nfn divided(x, y) {\n  x / y\n}\n")
    let outcome = try run("main.twin")
    #expect((outcome.code, outcome.output) == (1, "1.5\n"), "\(outcome)")
    for part in ["parts/two.twin, line 3", "called by parts/one.twin, line 2", "called by main.twin, line 3"] {
      #expect(outcome.errors.contains(part), "\(outcome.errors)")
    }
  }

  @Test func aScriptThatFailsGivesOne() throws {
    let outcome = try run("eval", "print(1)\nerror(\"no face\")")
    #expect((outcome.code, outcome.output) == (1, "1\n"))
    #expect(outcome.errors.hasPrefix("error: no face\n"))
  }

  @Test func wrongUsageGivesTwo() throws {
    for arguments in [
      ["--nonsense"], ["eval"], ["replay"], ["eval", "1", "--seed", "x"],
      ["convert", "--trust", "a.twin", "b.twin"], ["kernel", "install", "--prefix", ""],
      ["kernel", "remove", "--prefix="],
    ] {
      let outcome = try Executable.run(arguments, in: folder)
      #expect((outcome.code, outcome.output) == (2, ""), "\(arguments): \(outcome)")
      #expect(outcome.errors.contains("Usage:"))
    }
  }

  @Test func helpAndVersionGoToStandardOutput() throws {
    for argument in ["--help", "--version"] {
      let outcome = try run(argument)
      #expect((outcome.code, outcome.errors) == (0, ""))
      #expect(outcome.output.contains("twinbook"))
    }
  }

  @Test func theSameScriptDrawsTheSameNumbers() throws {
    let text = "print(randn([3]), glyphs(classes=2, each=2)[0].tensor.sum())"
    let first = try run("eval", text)
    #expect(first.code == 0)
    #expect(try run("eval", text).output == first.output)
    #expect(try run("eval", "--seed", "5", text).output != first.output)
  }

  @Test func kernelsAreChosenByName() throws {
    for name in ["portable", "avx2", "avx512"] {
      let outcome = try run("eval", "1 + 1", environment: ["TWINBOOK_KERNELS": name])
      let available = try run("doctor").output.contains("\(name) ")
      if outcome.code == 0 {
        #expect(try run("doctor", environment: ["TWINBOOK_KERNELS": name]).output.contains("the \(name) kernels run"))
      } else {
        #expect(outcome.code == 2 && !available && outcome.errors.contains("cannot run these"), "\(outcome)")
      }
    }
    let unknown = try run("eval", "1 + 1", environment: ["TWINBOOK_KERNELS": "fast"])
    #expect(unknown.code == 2 && unknown.errors.contains("there are no kernels of that name"), "\(unknown)")
  }

  @Test func threadsAreANumber() throws {
    for wrong in ["abc", "0", "-2", "1.5"] {
      let outcome = try run("eval", "1 + 1", environment: ["TWINBOOK_THREADS": wrong])
      #expect(outcome.code == 2 && outcome.errors.contains("TWINBOOK_THREADS is \"\(wrong)\""), "\(outcome)")
    }
    for right in ["1", "", "3"] {
      #expect(try run("eval", "1 + 1", environment: ["TWINBOOK_THREADS": right]).output == "2\n")
    }
  }

  /// Without a home there is no cache, and no folder called ~ where the program stands.
  @Test func thereMayBeNoHome() throws {
    let outcome = try run("eval", "fetch(\"att_faces\")", environment: ["HOME": "", "XDG_CACHE_HOME": ""])
    #expect(outcome.code == 1 && outcome.errors.contains("HOME is not set"), "\(outcome)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/~"))
  }

  /// Whoever read it has gone, which is not worth a word; a full disk is.
  @Test func outputsThatAreClosedOrFull() throws {
    try folder.write("big.twin", "# %%\nfor i in 0..<200000 { print(i) }\n# %%\n1\n")
    func shell(_ line: String) throws -> Executable.Outcome {
      try Executable.run(["-c", line, Executable.path], program: "/bin/bash", in: folder)
    }
    for command in ["run big.twin", "replay big.twin"] {
      let outcome = try shell("set -o pipefail; \"$0\" \(command) | head -1 > first")
      #expect((outcome.code, outcome.errors) == (1, ""), "\(command): \(outcome)")
    }
    // Every command ends as those do, whoever writes its text.
    for command in ["doctor", "reference", "--help", "--version", "help run", "kernel --help", "kernel remove --user"] {
      let outcome = try shell("(sleep 0.2; \"$0\" \(command); echo $? >&2) | true")
      #expect(outcome.errors == "1\n", "\(command): \(outcome)")
    }
    for command in [
      "run big.twin", "replay big.twin", "convert big.twin -", "reference", "doctor", "--help", "kernel remove --user",
    ] {
      let outcome = try shell("\"$0\" \(command) > /dev/full")
      #expect(
        outcome.code == 1 && outcome.errors.contains("cannot write to standard output: "), "\(command): \(outcome)")
    }
  }

  @Test func aFigureThatTheScriptSavesIsNotDrawnASecondTime() throws {
    // As characters, so that it runs without gnuplot's pictures.
    let saved = try run("eval", "bars({a: 1}).save(\"a.txt\")\nprint(2)")
    #expect((saved.code, saved.output, saved.errors) == (0, "2\n", ""))
    #expect(folder.has("a.txt") && !folder.has("figures"))
    let shown = try run("eval", "bars({a: 1})\nprint(2)")
    #expect(shown.code == 0 && folder.has("figures/figure-1.svg"), "\(shown)")
  }

  /// A figure is written over by the session that made it, and by no other.
  @Test func figuresOfAnotherSessionStay() throws {
    try #require(access("/usr/bin/gnuplot", X_OK) == 0)
    func named(_ code: String) throws -> [String] {
      let outcome = try run("eval", code)
      #expect((outcome.code, outcome.output) == (0, ""), "\(outcome)")
      return outcome.errors.split(separator: "\n").map(String.init)
    }
    #expect(try named("plot([1, 2])") == ["figure 1: figures/figure-1.svg"])
    let first = try folder.read("figures/figure-1.svg")
    // The same picture is the same file.
    #expect(try named("plot([1, 2])") == ["figure 1: figures/figure-1.svg"])
    #expect(try named("plot([3, 4])") == ["figure 1: figures/figure-1-2.svg"])
    #expect(
      try named("plot([5, 4]); plot([1, 2])") == [
        "figure 1: figures/figure-1-3.svg", "figure 2: figures/figure-2.svg",
      ])
    #expect(try folder.read("figures/figure-1.svg") == first)
    try folder.write("figures/figure-1.svg", "a drawing of my own")
    #expect(try named("plot([1, 2])") == ["figure 1: figures/figure-1-4.svg"])
    #expect(try folder.read("figures/figure-1.svg") == "a drawing of my own")
  }

  @Test func aFigureThatCannotBeWrittenHasNoName() throws {
    try #require(access("/usr/bin/gnuplot", X_OK) == 0)
    for place in ["/proc/nowhere", "taken", "/dev/full"] {
      try folder.write("taken", "a file")
      let outcome = try run("eval", "plot([1, 2])\n5", environment: ["TWINBOOK_FIGURES": place])
      #expect((outcome.code, outcome.output) == (0, "5\n"), "\(outcome)")
      #expect(outcome.errors.hasPrefix("warning: ") && !outcome.errors.contains("figure 1:"), "\(outcome)")
    }
  }

  @Test func aDeviceIsNotReplacedByAFile() throws {
    let outcome = try run("eval", "bars({a: 1}).save(\"link.txt\")")
    #expect(outcome.code == 0)
    try FileManager.default.removeItem(atPath: folder.path + "/link.txt")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/link.txt", withDestinationPath: "/dev/null")
    let refused = try run("eval", "bars({a: 1}).save(\"link.txt\")")
    #expect(refused.code == 1 && refused.errors.contains("it is a device or a pipe, not a file"), "\(refused)")
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  /// A new file in the place of the output's would take what was printed with it.
  @Test func whatIsPrintedStaysWhereAScriptWritesToStandardOutput() throws {
    func shell(_ line: String) throws -> Executable.Outcome {
      try Executable.run(["-c", line, Executable.path], program: "/bin/bash", in: folder)
    }
    let outcome = try shell(
      "\"$0\" eval 'try { writetext(\"/dev/stdout\", \"x\") } catch e { print(e.message) }\n5' > log")
    #expect(outcome.code == 0, "\(outcome)")
    #expect(
      try folder.read("log") == "cannot write “/dev/stdout”: it is an output that is open already, not a file\n5\n")
    try folder.write("a.twin", "# %%\n1\n")
    #expect(try shell("(echo before; \"$0\" convert a.twin /dev/stdout) > log").code == 0)
    #expect(try folder.read("log") == "before\n# %%\n1\n")
  }

  @Test func aMissingScriptIsSaid() throws {
    let outcome = try run("run", "nowhere.twin")
    #expect((outcome.code, outcome.output) == (1, ""))
    #expect(outcome.errors.contains("nowhere.twin"))
  }

  @Test func verifyPasses() throws {
    try folder.write("a.twin", "# %% One\nx = 1\nx + 1\n#> 2\n\n# %% Two\nprint(\"a\")\nx\n#> a\n#> 1\n")
    let outcome = try run("replay", "--verify", "a.twin")
    #expect((outcome.code, outcome.errors) == (0, ""), "\(outcome)")
  }

  @Test func verifyNamesTheFirstCellThatDiffers() throws {
    try folder.write("a.twin", "# %% One\nx = 1\nx + 1\n#> 2\n\n# %% Two\nx\n#> 3\n\n# %% Three\nx\n#> 4\n")
    let outcome = try run("replay", "--verify", "a.twin")
    #expect(outcome.code == 1)
    #expect(
      outcome.errors.hasPrefix(
        "error: cell 2 (Two) of a.twin, line 7, gives another result\nrecorded:\n  3\ngot:\n  1\n"),
      "\(outcome.errors)")
    #expect(!outcome.errors.contains("Three"))
  }

  @Test func aSyntaxErrorOnLine300IsNamedWithItsPlace() throws {
    let lines = (1..<300).map { "x\($0) = \($0)" } + ["y = = 2", "z = 3"]
    try folder.write("long.twin", lines.joined(separator: "\n") + "\n")
    let outcome = try run("run", "long.twin")
    #expect((outcome.code, outcome.output) == (1, ""))
    #expect(outcome.errors.contains("long.twin, line 300\n"), "\(outcome.errors)")
    #expect(outcome.errors.contains("y = = 2"))
  }

  @Test(arguments: [
    ("1/0", "error: division by zero\n"), ("[1][3]", "error: index 3 is out of range: the list has 1 item\n"),
    (
      "zeros([1000000, 1000000])",
      "error: a tensor of shape [1000000, 1000000] would hold 1000000000000 numbers (4 TB)\n"
    ),
    ("fn f(n) { f(n + 1) }\nf(1)", "error: runaway recursion: "),
  ]) func badInputIsOneErrorWithItsPlace(code: String, message: String) throws {
    let outcome = try run("eval", code)
    #expect((outcome.code, outcome.output) == (1, ""))
    #expect(outcome.errors.hasPrefix(message), "\(outcome.errors)")
    #expect(outcome.errors.contains("╭─ eval, line 1\n"), "\(outcome.errors)")
    #expect(outcome.errors.components(separatedBy: "error: ").count == 2)
    // And it can be caught: nothing is lost.
    let lines = code.split(separator: "\n")
    let body = lines.dropLast().joined(separator: "\n")
    let caught = try run("eval", "\(body)\ntry { \(lines.last ?? "") } catch e { print(\"caught\") }\n20 + 22")
    #expect((caught.code, caught.output, caught.errors) == (0, "caught\n42\n", ""), "\(caught)")
  }

  @Test func anEndlessLoopIsEndedByTheInterruptSignal() throws {
    try folder.write("loop.twin", "# %%\nprint(\"begun\")\n# %%\nwhile true { }\n# %%\nprint(\"after\")\n")
    let outcome = try Executable.run(["loop.twin"], in: folder, onOutput: ("begun", SIGINT))
    #expect((outcome.code, outcome.output, outcome.errors) == (130, "begun\n", "interrupted\n"))
  }

  @Test func withoutGnuplotAllElseWorks() throws {
    let outcome = try run(
      "eval", "try { plot([1, 2]).save(\"a.svg\") } catch e { print(e.message) }\n20 + 22",
      environment: ["PATH": "/nowhere"])
    #expect(outcome.code == 0, "\(outcome)")
    #expect(outcome.output.contains("gnuplot"), "\(outcome)")
    #expect(outcome.output.hasSuffix("42\n"), "\(outcome)")
  }

  @Test func anUnwritablePlaceIsSaid() throws {
    let outcome = try run("eval", "save(tensor([1, 2]), \"nowhere/at/all.npy\")")
    #expect((outcome.code, outcome.output) == (1, ""))
    #expect(outcome.errors.contains("nowhere/at/all.npy"), "\(outcome.errors)")
  }

  @Test func helpIsAFunction() throws {
    let tour = try run("eval", "help()")
    #expect(tour.code == 0 && tour.output.contains("%save") && tour.output.contains("contrastive"), "\(tour)")
    let page = try run("eval", "help(\"conv\")")
    #expect(page.code == 0 && page.output.hasPrefix("conv(filters"), "\(page)")
    let slip = try run("eval", "help(\"cnov\")")
    #expect(slip.code == 1 && slip.errors.contains("did you mean “conv”?"), "\(slip)")
  }
}
