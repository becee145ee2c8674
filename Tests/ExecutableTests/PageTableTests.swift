import Foundation
import TestSupport
import Testing

/// Keys, limits, files and tests that the pages name, held against the sources.
@Suite struct PageTableTests {
  // MARK: Keys

  /// What a terminal sends for a key that a page names, as the C source writes it.
  private static func sequence(_ key: String) -> String? {
    let named = [
      "Enter": "\\r", "Tab": "\\t", "Alt-Enter": "\\x1b\\r", "Up": "\\x1b[A", "Down": "\\x1b[B", "Right": "\\x1b[C",
      "Left": "\\x1b[D", "Home": "\\x1b[H", "End": "\\x1b[F", "Delete": "\\x1b[3~", "PageUp": "\\x1b[5~",
      "PageDown": "\\x1b[6~", "Ctrl-Left": "\\x1b[1;5D", "Ctrl-Right": "\\x1b[1;5C",
    ]
    if let known = named[key] { return known }
    guard let letter = key.split(separator: "-").last?.unicodeScalars.first, key.count <= 6 else { return nil }
    if key.hasPrefix("Ctrl-") { return "\\x" + (letter.value < 80 ? "0" : "") + String(letter.value - 64, radix: 16) }
    if key.hasPrefix("Alt-") { return "\\x1b" + String(letter).lowercased() }
    return nil
  }

  /// The keys in the first column of a page's table of keys, one by one.
  private static func keys(_ page: String) throws -> [String] {
    let lines = try PageText.read(page).split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex(of: "| key | does |"), "\(page) has no table of keys")
    return lines[(start + 2)...].prefix { $0.hasPrefix("| ") }
      .flatMap { $0.dropFirst(2).split(separator: "|")[0].split(separator: ",") }
      .map { $0.trimmingCharacters(in: .whitespaces) }
  }

  @Test func keysOfThePromptAreThoseThatAreBound() throws {
    let source = try PageText.read("Sources/CLibEdit/CLibEdit.c").replacingOccurrences(of: "\" L\"", with: "")
    let lines = source.split(separator: "\n").filter {
      $0.contains("addKey(edit, L\"") || $0.contains("bind(edit, L\"")
    }
    let bound = Set(
      lines.flatMap { line -> [String] in
        // The first text of addKey is a name, the second of bind what the key does.
        let texts = line.matches(of: #/L"((?:[^"\\]|\\.)*)"/#).map { String($0.1) }
        return line.contains("addKey") ? Array(texts.dropFirst()) : Array(texts.prefix(1))
      })
    #expect(bound.count > 40)
    // The terminal itself makes signals of these.
    let signals: Set = ["Ctrl-C", "Ctrl-Z", "Ctrl-\\"]
    var told: Set<String> = []
    for key in try Self.keys("Documentation/session.md") where !signals.contains(key) {
      let sequence = try #require(Self.sequence(key), "what does a terminal send for \(key)?")
      #expect(bound.contains(sequence), "session.md names \(key), which nothing is bound to")
      told.insert(sequence)
    }
    #expect(told.count > 20)
    // Other names of keys that are told of, and what is no key of a person's.
    let others: Set = [
      "\\n", "\\x1bOA", "\\x1bOB", "\\x1bOC", "\\x1bOD", "\\x1bOH", "\\x1bOF", "\\x1b[1~", "\\x1b[4~", "\\x1b\\n",
      "\\x7f", "\\x08", "}", "]", ")", "\\x1b[200~", "\\x1b[?", "\\x1b[9998~", "\\x1b[9999~", "\\x1bx", "\\x1bX",
      // Alt-P and Alt-N, in the words behind other keys.
      "\\x1bp", "\\x1bn",
    ]
    #expect(bound.subtracting(told).subtracting(others).sorted() == [], "keys that session.md does not name")
  }

  @Test func keysOfAReviewAreThoseOfTheLoop() throws {
    let source = try PageText.read("Sources/TerminalREPL/ReviewLoop.swift")
    let cases = source.split(separator: "\n").filter { $0.contains("case .letter(\"") }.joined(separator: "\n")
    var bound = Set(cases.matches(of: #/\.letter\("(.)"\)/#).map { String($0.1).lowercased() })
    for word in ["left", "backspace", "enter"] where cases.contains(".\(word)") { bound.insert(word) }
    let told = Set(try Self.keys("Documentation/faces.md").map { $0 == "Space" ? " " : $0.lowercased() })
    #expect(bound.count > 6)
    #expect(bound.subtracting(told) == [])
    #expect(told.subtracting(bound) == ["ctrl-c"])
  }

  // MARK: Limits

  /// A row of a page, the figure in it, and the line of the source that sets it.
  static let limits: [(page: String, row: String, says: String, file: String, line: String)] = [
    ("language", "bytes of a program", "8 million", "Syntax/Parser", "sizeLimit = 8_000_000"),
    ("language", "levels of nesting", "200", "Syntax/Parser", "nestingLimit = 200"),
    ("language", "levels of an expression", "600", "Syntax/Parser", "heightLimit = 600"),
    ("language", "nested texts", "8", "Syntax/Parser", "stringNestingLimit = 8"),
    ("language", "syntax errors", "20", "Syntax/Parser", "errorLimit = 20"),
    ("language", "calls open at once |", "20,000", "Interpreter/ExecutionContext", "frames = 20_000"),
    ("language", "from within builtins", "150", "Interpreter/ExecutionContext", "nativeDepth = 150"),
    ("language", "items of a list", "100 million", "Interpreter/ExecutionContext", "items = 100_000_000"),
    ("language", "functions joined", "10,000", "Interpreter/Machine+Operators", "a.count + b.count <= 10_000"),
    ("language", "values are compared", "500", "Interpreter/Machine+Comparison", "levels = 500"),
    ("language", "levels that are shown", "60", "Interpreter/Value+Describe", "deepest = 60"),
    ("serving", "a request's body", "8 MB", "Server/ServerOptions", "bodyBytes = 8 << 20"),
    ("serving", "a request's body", "30 seconds", "Server/ServerOptions", "bodySeconds = 30.0"),
    ("serving", "a request's head", "8 KB", "Server/ServerOptions", "headBytes = 8 << 10"),
    ("serving", "a request's head", "2 KB", "Server/ServerOptions", "lineBytes = 2 << 10"),
    ("serving", "a picture |", "50 million", "Server/ServerOptions", "pixels = 50_000_000"),
    ("serving", "looked at together", "2", "Server/ServerOptions", "atOnce = 2"),
    ("serving", "wait for such a place", "512", "Server/ServerOptions", "waiting = 512"),
    ("serving", "wait for such a place", "30 seconds", "Server/ServerOptions", "waitSeconds = 30.0"),
    ("serving", "bodies beyond 64 KB", "12", "Server/ServerOptions", "largeBodies = 12"),
    ("serving", "bodies beyond 64 KB", "64 KB", "Server/ServerOptions", "smallBodyBytes = 64 << 10"),
    ("serving", "a silent connection", "30 seconds", "Server/ServerOptions", "idleSeconds = 30.0"),
    ("serving", "does not read", "120 seconds", "Server/ServerOptions", "answerSeconds = 120.0"),
    ("serving", "connections |", "1024", "Server/ServerOptions", "connections = 1024"),
    ("serving", "connections from one", "64", "Server/ServerOptions", "connectionsOfOne = 64"),
    ("collecting", "retries |", "4", "Collecting/CollectOptions", "retries = 4"),
    ("collecting", "| a file |", "20 MB", "Collecting/CollectOptions", "bytes = 20 << 20"),
    ("collecting", "time for one file", "one minute", "Collecting/CollectOptions", "seconds = 60"),
    ("collecting", "`workers=`", "0.2 seconds", "Collecting/CollectOptions", "pause = 0.2"),
    ("collecting", "`workers=`", "two from one host", "Collecting/CollectOptions", "perHost = 2"),
    ("collecting", "`smallest=`", "32", "Collecting/CollectOptions", "smallestSide = 32"),
    ("collecting", "`provider=`", "1280 pixels", "Collecting/Provider", "scaledWidth = 1280"),
    ("data", "| a picture |", "100 million", "Images/PixelImage", "pixelLimit = 100_000_000"),
    ("notebooks", "what a cell prints |", "4 MiB", "Session/SessionOutput", "limit = 4 << 20"),
  ]

  @Test func limitsAreThoseOfTheSources() throws {
    for (page, row, says, file, line) in Self.limits {
      let rows = try PageText.read("Documentation/\(page).md").split(separator: "\n").filter {
        $0.hasPrefix("|") && $0.contains(row)
      }
      #expect(!rows.isEmpty, "\(page).md has no row with “\(row)”")
      #expect(rows.contains { $0.contains(says) }, "\(page).md, “\(row)” does not say \(says)")
      #expect(
        try PageText.read("Sources/\(file).swift").contains(line), "\(file).swift: change the page, too")
    }
  }

  // MARK: Names

  /// Files of the repository, and suites and functions of tests, that a page names.
  @Test func filesAndTestsThatPagesNameAreThere() throws {
    let files = FileManager.default
    var names: Set<String> = []
    var suites: Set<String> = []
    for folder in ["Sources", "Tests"] {
      let all = files.enumerator(at: Repository.root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
      for case let file as URL in all ?? .init() {
        names.insert(file.lastPathComponent)
        guard folder == "Tests", file.pathExtension == "swift",
          let text = try? String(contentsOf: file, encoding: .utf8)
        else { continue }
        suites.formUnion(
          text.matches(of: #/(?:struct|class|extension) ([A-Z][A-Za-z0-9]*Tests)\b/#).map { String($0.1) })
      }
    }
    #expect(suites.count > 100)
    // At the top, and a pattern.
    names.formUnion(["Package.swift", "Type+Topic.swift"])
    let path = #/(?:^|[ '"(])((?:Scripts|Tests|Sources|Notebooks|Benchmarks|Editors)\/[A-Za-z0-9._+\/-]+)/#
    for page in PageText.pages {
      for code in try PageText.code(page) {
        for match in code.matches(of: path) where !match.1.hasSuffix("-") {
          let place = Repository.root.appendingPathComponent(String(match.1)).path
          #expect(files.fileExists(atPath: place), "\(page) names the file \(match.1)")
        }
        for match in code.matches(of: #/(?:^|[ \/])([A-Z][A-Za-z0-9+]*\.swift)\b/#) {
          #expect(names.contains(String(match.1)), "\(page) names \(match.1)")
        }
        for match in code.matches(of: #/\b([A-Z][A-Za-z0-9]*Tests)\b(?!\/)/#) where !code.contains("/\(match.1)") {
          let name = String(match.1)
          // The name of a target, too.
          let isTarget = files.fileExists(atPath: Repository.root.appendingPathComponent("Tests/\(name)").path)
          #expect(suites.contains(name) || isTarget, "\(page) names \(name)")
        }
      }
    }
  }
}
