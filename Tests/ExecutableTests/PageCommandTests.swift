import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// The commands of the README and of `Documentation/`: those in blocks run, those in sentences exist.
@Suite(.needsExecutable)
struct PageCommandTests {
  /// Pages with a block of commands that runs.
  static let pagesWithCommands = PageText.pages.filter { page in
    (try? PageText.blocks(page))?.contains { ["sh", "console"].contains($0.language) && $0.isRun } ?? false
  }

  @Test func thereAreCommands() { #expect(Self.pagesWithCommands.count >= 4) }

  // MARK: Blocks

  /// A block says what it is, so that it is run or compared; code that is set in by spaces would escape.
  @Test(arguments: PageText.pages) func blocksSayWhatTheyAre(page: String) throws {
    let known = ["twin", "sh", "console", "text", "ebnf", "json", "ini", "nginx", "python"]
    let (blocks, outside) = PageText.parts(try PageText.read(page))
    for block in blocks {
      // The picture of the modules, which has a test of its own.
      let isPicture = page == "Documentation/architecture.md" && block.language.isEmpty
      #expect(known.contains(block.language) || isPicture, "\(page), \(block)")
      if let line = block.lines.first, line.hasPrefix("# not run:") {
        #expect(line.count > "# not run: ".count + 3, "\(page), \(block): why is it not run?")
      }
    }
    for (index, line) in outside.enumerated() where line.line.hasPrefix("    ") {
      let before = index > 0 ? outside[index - 1].line : ""
      #expect(!before.isEmpty, "\(page), line \(line.place): code stands between lines of three backticks")
    }
  }

  /// A copy of the repository with an empty home, in which `twinbook` is on the path.
  private static func copy() throws -> Folder {
    let folder = try Folder()
    let files = FileManager.default
    for name in ["bin", "home", "copy"] {
      try files.createDirectory(atPath: folder.path + "/" + name, withIntermediateDirectories: false)
    }
    try files.createSymbolicLink(atPath: folder.path + "/bin/twinbook", withDestinationPath: Executable.path)
    // Neither what was built nor the history.
    for name in try files.contentsOfDirectory(atPath: Repository.root.path) where name != ".build" && name != ".git" {
      try files.copyItem(
        atPath: Repository.root.appendingPathComponent(name).path, toPath: folder.path + "/copy/" + name)
    }
    return folder
  }

  private static func run(_ command: String, in folder: Folder) throws -> Executable.Outcome {
    let clear =
      "unset TWINBOOK TWINBOOK_DATA TWINBOOK_KERNELS TWINBOOK_THREADS XDG_CACHE_HOME XDG_STATE_HOME XDG_DATA_HOME"
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return try Executable.run(
      ["-euo", "pipefail", "-c", "\(clear)\ncd copy\nexec 2>&1\n\(command)"], program: "/bin/bash",
      environment: ["HOME": folder.path + "/home", "PATH": folder.path + "/bin:" + path], in: folder, limit: 120)
  }

  /// The blocks of a page run one after the other, in one folder. Commands of a console block show what stands under them.
  @Test(arguments: pagesWithCommands) func commandsRun(page: String) throws {
    let folder = try Self.copy()
    for block in try PageText.blocks(page) where block.isRun {
      switch block.language {
      case "sh":
        let outcome = try Self.run(block.lines.joined(separator: "\n"), in: folder)
        #expect(outcome.code == 0, "\(page), \(block):\n\(outcome.output)")
      case "console":
        let commands = PageText.commands(block)
        #expect(!commands.isEmpty, "\(page), \(block) has no line that begins with $")
        for (command, shown) in commands {
          let outcome = try Self.run(command, in: folder)
          var lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
          while lines.last == "" { lines.removeLast() }
          #expect(
            PageText.matches(lines, shown),
            "\(page), \(block): \(command)\n\(outcome.output)\nScripts/maintainers/pages.py \(page) writes it anew")
        }
      default: break
      }
    }
  }

  @Test func dotsStandForAnyLines() {
    #expect(PageText.matches(["a", "b"], ["a", "b"]))
    #expect(!PageText.matches(["a", "b"], ["a"]))
    #expect(PageText.matches(["a", "b", "c"], ["a", "…"]))
    #expect(PageText.matches(["a", "b", "c", "d"], ["…", "b", "…", "d"]))
    #expect(!PageText.matches(["a", "b", "c", "d"], ["…", "x", "…", "d"]))
    #expect(!PageText.matches(["a"], ["a", "…", "a"]))
    #expect(PageText.matches([], ["…"]))
  }

  // MARK: Names

  /// The options of a command, as its help has them; nil where there is no such command.
  private static func help(_ words: [String], in folder: Folder) throws -> (text: String, options: Set<String>)? {
    let outcome = try Executable.run(words + ["--help"], in: folder)
    guard outcome.code == 0 else { return nil }
    return (outcome.output, Set(outcome.output.matches(of: #/--[a-z][a-z-]*/#).map { String($0.0) }))
  }

  private static func subcommands(_ help: String) -> [String] {
    guard let list = help.range(of: "SUBCOMMANDS:\n") else { return [] }
    return help[list.upperBound...].matches(of: #/(?m)^  ([a-z]+) /#).map { String($0.1) }
  }

  @Test func commandsAndOptionsThatPagesNameExist() throws {
    let folder = try Folder()
    var options: [String: Set<String>] = [:]
    let main = try #require(try Self.help([], in: folder))
    for name in Self.subcommands(main.text) {
      let found = try #require(try Self.help([name], in: folder))
      var all = found.options
      for inner in Self.subcommands(found.text) {
        all.formUnion(try #require(try Self.help([name, inner], in: folder)).options)
      }
      options[name] = all
    }
    #expect(options.count >= 9)
    // Programs of others, and scripts: options that stand alone in a sentence may be theirs.
    let scripts = FileManager.default.enumerator(
      at: Repository.root.appendingPathComponent("Scripts"), includingPropertiesForKeys: nil)
    var elsewhere = main.options
    for case let file as URL in scripts ?? .init() {
      let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
      elsewhere.formUnion(text.matches(of: #/--[a-z][a-z-]*/#).map { String($0.0) })
    }
    for set in options.values { elsewhere.formUnion(set) }
    for page in PageText.pages {
      for code in try PageText.code(page) {
        for match in code.matches(of: #/(?:^| |bin\/|release\/)twinbook ([a-z]+)(?![a-z.\/-])([^|;&#]*)/#) {
          let (name, rest) = (String(match.1), match.2)
          guard let allowed = options[name] else {
            Issue.record("\(page) names the command twinbook \(name)")
            continue
          }
          // What stands in quotes is a program of its own.
          for option in rest.replacing(#/'[^']*'/#, with: "").matches(of: #/ (--[a-z][a-z-]*)/#) {
            #expect(allowed.contains(String(option.1)), "\(page): twinbook \(name) has no \(option.1)")
          }
        }
        if let option = code.wholeMatch(of: #/(--[a-z][a-z-]*)( .*)?/#) {
          #expect(elsewhere.contains(String(option.1)), "\(page) names the option \(option.1)")
        }
      }
    }
    // The table of the page has every option of serve, and none besides.
    let table = Set(
      try PageText.read("Documentation/serving.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
        .flatMap { $0.matches(of: #/`(--[a-z-]+)`/#).map { String($0.1) } })
    #expect(table == options["serve"]?.subtracting(["--help", "--version"]))
  }

  @Test func exitCodesAreThoseOfTheTable() throws {
    let text = try PageText.read("Documentation/files.md")
    let start = try #require(text.range(of: "## Exit codes"))
    let table = Set(text[start.upperBound...].matches(of: #/(?m)^\| ([0-9]+) \|/#).map { String($0.1) })
    let folder = try Folder()
    try folder.write("loop.twin", "# %%\nprint(\"begun\")\n# %%\nwhile true { }\n")
    try folder.write("differs.twin", "# %%\n1 + 1\n#> 3\n")
    var seen: Set<String> = []
    func run(_ arguments: [String], _ wanted: Int32, signal: Int32? = nil) throws {
      let outcome = try Executable.run(arguments, in: folder, onOutput: signal.map { ("begun", $0) })
      #expect(outcome.code == wanted, "\(arguments)")
      seen.insert("\(outcome.code)")
    }
    try run(["eval", "1"], 0)
    try run(["eval", "error(\"no\")"], 1)
    try run(["replay", "--verify", "differs.twin"], 1)
    try run(["eval", "1", "--nonsense"], 2)
    try run(["loop.twin"], 130, signal: SIGINT)
    for signal in [SIGTERM, SIGHUP] { try run(["loop.twin"], 143, signal: signal) }
    #expect(seen == table)
    for page in PageText.pages + ["Documentation/twinbook.1"] {
      for match in try PageText.read(page).matches(of: #/(?:exit code|exits with|ends with|exit) ([0-9]+)\b/#) {
        #expect(table.contains(String(match.1)), "\(page): \(match.0)")
      }
    }
  }
}
