import Foundation
import Sandbox
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// A stranger's script, as its reader starts it.
@Suite(.needsExecutable)
struct BoxTests {
  private static let hostile = """
    # %%
    %save! outside/.bashrc

    """

  private func outside(_ folder: Folder) throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/outside", withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: folder.path + "/script", withIntermediateDirectories: true)
    try folder.write("outside/secret.txt", "hunter2\n")
  }

  @Test(arguments: [["replay"], ["replay", "--verify"]])
  func writesNothingElsewhere(_ command: [String]) throws {
    let (folder, other) = (try Folder(), try Folder())
    try outside(folder)
    for (number, cell) in [
      "x = 1\n%save! outside/.bashrc", "writetext(\"../../outside/.bashrc\", \"x\")",
      "writetext(\"\(other.path)/.bashrc\", \"x\")", "save(ones([2]), \"\(other.path)/x.npy\")",
      "%run outside/other.twin", "%cd outside", "!touch outside/mark", "plot([1, 2]).save(\"../outside/x.png\")",
      "glyphs(2, 2).save(\"\(other.path)/glyphs\")", "readtext(\"../outside/secret.txt\")",
    ].enumerated() {
      try folder.write("script/\(number).twin", "# %%\n\(cell)\n")
      let outcome = try Executable.run(command + ["script/\(number).twin"], in: folder)
      #expect(outcome.code == 1 && outcome.errors.contains("this script may not") || cell.hasPrefix("!"), "\(outcome)")
      #expect(!(outcome.output + outcome.errors).contains("hunter2"), "\(outcome)")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/outside")
      #expect(names == ["secret.txt"], "\(cell): \(names)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: other.path).isEmpty, "\(cell)")
    }
  }

  /// What a stranger's script prints does not steer the terminal; elsewhere it stays as it is, to be compared.
  @Test func terminalsAreNotSteered() throws {
    let folder = try Folder()
    let cell = "# %%\nprint(\"a\\u{1b}]0;owned\\u{7}\\rb\\tc\")\nprint(\"the\" + \" end\")\n"
    try folder.write("a.twin", cell)
    let boxed = try PseudoTerminal(["replay", "a.twin"], in: folder)
    #expect(boxed.sees("a\\u{1b}]0;owned\\u{7}\\rb\tc\r\nthe end"), "\(boxed.shown)")
    #expect(!boxed.shown.contains("\u{1B}]0;owned"))
    let free = try PseudoTerminal(["run", "a.twin"], in: folder)
    #expect(free.sees("a\u{1B}]0;owned\u{7}\rb\tc"), "\(free.shown)")
    let piped = try Executable.run(["replay", "a.twin"], in: folder)
    #expect(piped.output.contains("a\u{1B}]0;owned\u{7}\rb\tc\n"), "\(piped)")
  }

  /// Where somebody has taken the name of this user's temporary folder, the replay takes another, and leaves nothing there.
  @Test(arguments: ["folder", "link"]) func anothersTemporaryFolderIsLeftAlone(_ kind: String) throws {
    let folder = try Folder()
    try folder.write("a.twin", "# %%\nwritetext(\"x.txt\", \"x\")\n")
    let (temporary, name) = (folder.path + "/tmp", "twinbook-\(geteuid())")
    for place in [temporary, folder.path + "/trap/replay-left"] {
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    }
    let taken = temporary + "/" + name
    if kind == "link" {
      try FileManager.default.createSymbolicLink(atPath: taken, withDestinationPath: folder.path + "/trap")
    } else {
      #expect(mkdir(taken, 0o777) == 0 && chmod(taken, 0o777) == 0)
    }
    let outcome = try Executable.run(["replay", "a.twin"], environment: ["TMPDIR": temporary], in: folder)
    #expect(outcome.code == 0 && outcome.errors.contains("\(temporary)/\(name)-1/replay-"), "\(outcome)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: temporary + "/\(name)-1").isEmpty)
    #expect(Set(try FileManager.default.contentsOfDirectory(atPath: temporary)) == [name, name + "-1"])
    #expect(folder.has("trap/replay-left"))
  }

  @Test func trustLiftsItAndSaysSo() throws {
    let folder = try Folder()
    try outside(folder)
    try folder.write("script/a.twin", "# %%\nwritetext(\"outside/new.txt\", \"x\")\n")
    let outcome = try Executable.run(["replay", "--trust", "script/a.twin"], in: folder)
    #expect(outcome.code == 0 && outcome.errors.contains("trusted: script/a.twin may read and write"), "\(outcome)")
    #expect(folder.has("outside/new.txt"))
  }

  @Test func runIsFree() throws {
    let folder = try Folder()
    try outside(folder)
    try folder.write("script/a.twin", "# %%\nwritetext(\"outside/new.txt\", \"x\")\n")
    let outcome = try Executable.run(["run", "script/a.twin"], in: folder)
    #expect(outcome.code == 0 && outcome.errors == "" && folder.has("outside/new.txt"), "\(outcome)")
  }

  @Test func whatIsWrittenIsShownAndKept() throws {
    let folder = try Folder()
    try folder.write(
      "a.twin", "# %%\nglyphs(2, 3, seed=1).save(\"letters\")\nimages(\"letters\").count\n#> 6\n")
    let gone = try Executable.run(["replay", "--verify", "a.twin"], in: folder)
    #expect(gone.code == 0 && gone.errors.contains("the script wrote 7 files"), "\(gone)")
    #expect(!folder.has("letters"))
    let kept = try Executable.run(["replay", "--verify", "--keep", "out", "a.twin"], in: folder)
    #expect(kept.code == 0 && folder.has("out/letters") && !folder.has("letters"), "\(kept)")
    let again = try Executable.run(["replay", "--keep", "out", "a.twin"], in: folder)
    #expect(again.code == 1 && again.errors.contains("not empty"), "\(again)")
  }

  /// gnuplot works inside both walls, and its pictures stand with what the script wrote.
  @Test func figuresAreDrawn() throws {
    let folder = try Folder()
    try folder.write(
      "a.twin", "# %%\nplot([1, 4, 9])\nplot([1, 2]).save(\"two.png\")\nimage(\"two.png\").shape[1] > 10\n")
    let outcome = try Executable.run(["replay", "--keep", "out", "a.twin"], in: folder)
    guard !outcome.errors.contains("gnuplot is not installed") else { return }
    #expect(outcome.code == 0 && outcome.output.contains("true"), "\(outcome)")
    #expect(folder.has("out/figures/figure-1.svg") && folder.has("out/two.png") && !folder.has("figures"))
    let svg = try folder.read("out/figures/figure-1.svg")
    #expect(svg.contains("<svg") && svg.contains("</svg>"))
  }

  /// A notebook and a page are scripts in other clothes.
  @Test func notebooksAreBoxedToo() throws {
    let folder = try Folder()
    try outside(folder)
    try folder.write("script/a.twin", "# %%\nwritetext(\"../outside/new.txt\", \"x\")\n")
    let converted = try Executable.run(["convert", "script/a.twin", "script/a.ipynb"], in: folder)
    #expect(converted.code == 0, "\(converted)")
    let replayed = try Executable.run(["replay", "script/a.ipynb"], in: folder)
    #expect(replayed.code == 1 && replayed.errors.contains("may not write"), "\(replayed)")
    let run = try Executable.run(["convert", "--run", "script/a.twin", "script/b.ipynb"], in: folder)
    #expect(run.code == 1 && !folder.has("outside/new.txt") && !folder.has("script/b.ipynb"), "\(run)")
    try folder.write("script/c.twin", "# %%\n1 + 1\n")
    let good = try Executable.run(["convert", "--run", "script/c.twin", "c.ipynb"], in: folder)
    #expect(good.code == 0 && folder.has("c.ipynb"), "\(good)")
    // The folder of the output is written by the program alone: the script finds no door there.
    try FileManager.default.createDirectory(atPath: folder.path + "/pages", withIntermediateDirectories: true)
    try folder.write("script/d.twin", "# %%\nwritetext(\"../pages/other.txt\", \"x\")\n")
    let beside = try Executable.run(["convert", "--run", "script/d.twin", "pages/d.html"], in: folder)
    #expect(beside.code == 1 && beside.errors.contains("may not write") && !folder.has("pages/other.txt"), "\(beside)")
    let page = try Executable.run(["convert", "script/a.twin", "script/a.html"], in: folder)
    #expect(page.code == 0, "\(page)")
    let shown = try Executable.run(["replay", "script/a.html"], in: folder)
    #expect(shown.code == 1 && shown.errors.contains("may not write") && !folder.has("outside/new.txt"), "\(shown)")
    let trusted = try Executable.run(["convert", "--run", "--trust", "script/a.twin", "script/b.html"], in: folder)
    #expect(trusted.code == 1 || folder.has("script/b.html"), "\(trusted)")
  }

  /// A script whose folder is reached by a link reads what stands beside it under either name.
  @Test func linkedFoldersOfScriptsAreRead() throws {
    let folder = try Folder()
    try outside(folder)
    try folder.write("script/b.twin", "x = 41\n")
    try folder.write("script/a.txt", "beside")
    try folder.write(
      "script/a.twin", "# %%\ninclude(\"b.twin\")\nreadtext(\"named/a.txt\") + readtext(\"script/a.txt\")\n")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/named", withDestinationPath: folder.path + "/script")
    for script in ["named/a.twin", folder.path + "/named/../named/a.twin"] {
      let outcome = try Executable.run(["replay", script], in: folder)
      #expect(outcome.code == 0 && outcome.output.contains("besidebeside"), "\(outcome)")
    }
  }

  @Test func theDoctorSaysWhichWallsStand() throws {
    let outcome = try Executable.run(["doctor"], in: try Folder())
    let expected =
      KernelWall.landlockVersion > 0
      ? "by the kernel (Landlock \(KernelWall.landlockVersion), seccomp)" : "this kernel has no Landlock"
    #expect(outcome.output.contains(expected), "\(outcome)")
  }

  /// Names are looked for in the current folder, so to lift the box would not help.
  @Test func aScriptPlayedFromTheFolderAboveHearsWhereItsFileIs() throws {
    let folder = try Folder()
    try FileManager.default.createDirectory(atPath: folder.path + "/rel/faces/ann", withIntermediateDirectories: true)
    try folder.write("rel/data.txt", "text\n")
    for code in ["readtext(\"data.txt\")", "images(\"faces\")"] {
      try folder.write("rel/r.twin", "# %%\n\(code)\n")
      let outcome = try Executable.run(["replay", "rel/r.twin"], in: folder)
      #expect(outcome.code == 1 && outcome.errors.contains("names are looked for in the current folder"), "\(outcome)")
      #expect(outcome.errors.contains("go to “rel”") && !outcome.errors.contains("--trust"), "\(outcome)")
    }
  }

  /// Hidden files beside a script in a home are not the script's.
  @Test func keysAreLeftAlone() throws {
    let folder = try Folder()
    try FileManager.default.createDirectory(atPath: folder.path + "/.ssh", withIntermediateDirectories: true)
    try folder.write(".ssh/id", "hunter2\n")
    try folder.write("a.twin", "# %%\nreadtext(\".ssh/id\")\n")
    let outcome = try Executable.run(["replay", "a.twin"], in: folder)
    #expect(outcome.code == 1 && outcome.errors.contains("may not read") && !outcome.output.contains("hunter2"))
  }
}
