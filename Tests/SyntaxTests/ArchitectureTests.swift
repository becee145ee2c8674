import Foundation
import TestSupport
import Testing

/// `Documentation/architecture.md` shows the modules as `Package.swift` has them. With TWINBOOK_WRITE set the picture is
/// written anew; what a module is for is kept from the page.
struct ArchitectureTests {
  @Test func thePictureIsThatOfThePackage() throws {
    let file = Repository.root.appendingPathComponent("Documentation/architecture.md")
    let page = try String(contentsOf: file, encoding: .utf8)
    let manifest = try PageText.read("Package.swift")
    let start = try #require(page.range(of: "<!-- modules"))
    let open = try #require(page.range(of: "```\n", range: start.upperBound..<page.endIndex))
    let close = try #require(page.range(of: "```", range: open.upperBound..<page.endIndex))
    let shown = String(page[open.upperBound..<close.lowerBound])
    let modules = Self.modules(in: manifest)
    #expect(modules.count > 20)
    let drawn = Self.picture(modules, words: Self.words(in: shown))
    if ProcessInfo.processInfo.environment["TWINBOOK_WRITE"] != nil {
      try page.replacingCharacters(in: open.upperBound..<close.lowerBound, with: drawn)
        .write(to: file, atomically: true, encoding: .utf8)
      return
    }
    #expect(shown == drawn, "write it anew: TWINBOOK_WRITE=1 swift test --filter ArchitectureTests")
    for module in modules where !module.name.hasPrefix("C") || module.name.dropFirst().first?.isLowercase == true {
      #expect(Self.words(in: shown)[module.name]?.isEmpty == false, "\(module.name): say what it is for")
    }
  }

  /// Bindings read an argument by its declaration. A place would go on meaning the old parameter once another one came in.
  @Test func noBindingReadsAnArgumentByItsPlace() throws {
    let byPlace = #/\b(args|arguments)(\[\d|\.\w+\(\d)|(ArgumentError|mismatch)\(\s*\d/#
    let sources = Repository.root.appendingPathComponent("Sources")
    var files = 0
    for module in try FileManager.default.contentsOfDirectory(atPath: sources.path)
    where module == "CoreLibrary" || module.hasSuffix("Bindings") {
      let folder = sources.appendingPathComponent(module)
      for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
        files += 1
        let found = try String(contentsOf: file, encoding: .utf8).firstMatch(of: byPlace)
        #expect(found == nil, "\(module)/\(file.lastPathComponent): \(found?.output.0 ?? "")")
      }
    }
    #expect(files > 60)
    #expect("args.int(2, in: 0...9)".firstMatch(of: byPlace) != nil)
  }

  /// The machine counts references to values without atomic instructions, because values belong to one thread. The compiler
  /// sees to that wherever nobody tells it not to look.
  @Test func noValueGoesToAnotherThreadUnchecked() throws {
    let unchecked = #/@unchecked\s+Sendable|nonisolated\(unsafe\)|@preconcurrency/#
    let sources = Repository.root.appendingPathComponent("Sources")
    var files = 0
    for case let path as String in try #require(FileManager.default.enumerator(atPath: sources.path)) {
      guard path.hasSuffix(".swift") else { continue }
      let text = try String(contentsOf: sources.appendingPathComponent(path), encoding: .utf8)
      guard path.hasPrefix("Interpreter/") || ("\n" + text).contains("\nimport Interpreter\n") else { continue }
      files += 1
      let found = text.firstMatch(of: unchecked)
      #expect(found == nil, "\(path): \(found?.output ?? "")")
    }
    #expect(files > 150)
    #expect("final class Box: HostObject, @unchecked Sendable {".firstMatch(of: unchecked) != nil)
  }

  @Test func manifestsAreRead() {
    let manifest = """
      func library(_ name: String) -> Target { .target(name: name, dependencies: dependencies) }
      .systemLibrary(name: "CPNG", providers: [.apt(["libpng-dev"])]),
      library("Low", []), library("High", ["Low", "CPNG", .product(name: "Fox", package: "FlyingFox")], unsafe: ["-x"]),
      .target(name: "Help", path: "Tests/Help"), tests("High", ["High", "Low"]),
      .executableTarget(name: "top", dependencies: ["High", "Low"], swiftSettings: strict),
      """
    let modules = Self.modules(in: manifest)
    #expect(modules.map(\.name) == ["CPNG", "Low", "High", "top"])
    #expect(modules.map(\.dependencies) == [[], [], ["Low", "CPNG", "Fox"], ["High", "Low"]])
    // What is reached through another is not drawn again.
    #expect(
      Self.picture(modules, words: ["top": "the program"])
        == "top   the program   → High\nHigh  → CPNG Fox Low\nLow\nCPNG\n")
  }

  struct Module {
    var name: String
    var dependencies: [String]
  }

  /// Targets in the order of the manifest, without those of tests.
  static func modules(in manifest: String) -> [Module] {
    var modules: [Module] = []
    // How a target begins, and what stands before the list of what it imports.
    let kinds = [
      ("library(", "["), (".target(", "dependencies:"), (".executableTarget(", "dependencies:"),
      (".systemLibrary(", ""),
    ]
    var rest = Substring(manifest)
    func next() -> (mark: String, place: Range<Substring.Index>)? {
      kinds.compactMap { kind in rest.range(of: kind.0).map { (kind.1, $0) } }
        .min { $0.1.lowerBound < $1.1.lowerBound }
    }
    while let (mark, place) = next() {
      let opening = rest[place].firstIndex(of: "(") ?? place.lowerBound
      let (body, end) = balanced(rest, from: opening)
      rest = rest[end...]
      guard let name = literals(body.prefix { $0 != "[" }).first, !body.contains("path: \"Tests/") else { continue }
      var dependencies: [String] = []
      if !mark.isEmpty, let found = body.range(of: mark), let list = body[found.lowerBound...].firstIndex(of: "[") {
        var text = String(balanced(body, from: list).body)
        // A product counts by its name; its package is where it comes from.
        while let package = text.range(of: #", package: "[^"]*""#, options: .regularExpression) {
          text.removeSubrange(package)
        }
        dependencies = literals(text[...])
      }
      modules.append(Module(name: name, dependencies: dependencies))
    }
    return modules
  }

  /// The text from a bracket to the one that closes it.
  private static func balanced(_ text: Substring, from opening: Substring.Index) -> (
    body: Substring, end: Substring.Index
  ) {
    var depth = 0
    var index = opening
    while index < text.endIndex {
      if "([".contains(text[index]) { depth += 1 }
      if ")]".contains(text[index]) { depth -= 1 }
      index = text.index(after: index)
      if depth == 0 { break }
    }
    return (text[opening..<index], index)
  }

  private static func literals(_ text: Substring) -> [String] {
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    return parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
  }

  /// What each module is for, as the page says.
  static func words(in picture: String) -> [String: String] {
    var words: [String: String] = [:]
    for line in picture.split(separator: "\n") {
      guard let name = line.split(separator: " ").first else { continue }
      let rest = line.dropFirst(name.count).components(separatedBy: "→")[0]
      words[String(name)] = rest.trimmingCharacters(in: .whitespaces)
    }
    return words
  }

  /// A line for each module, whoever imports above what is imported, with arrows to what it imports and does not reach
  /// through another.
  static func picture(_ modules: [Module], words: [String: String]) -> String {
    let all = Dictionary(modules.map { ($0.name, $0.dependencies) }, uniquingKeysWith: { $1 })
    var reached: [String: Set<String>] = [:]
    func reach(_ name: String) -> Set<String> {
      if let known = reached[name] { return known }
      let direct = all[name] ?? []
      reached[name] = []
      let found = direct.reduce(into: Set(direct)) { $0.formUnion(reach($1)) }
      reached[name] = found
      return found
    }
    var levels: [String: Int] = [:]
    func level(_ name: String) -> Int {
      if let known = levels[name] { return known }
      levels[name] = 0
      let found = 1 + ((all[name] ?? []).filter { all[$0] != nil }.map(level).max() ?? -1)
      levels[name] = found
      return found
    }
    let width = modules.map(\.name.count).max() ?? 0
    let wordsWidth = modules.map { words[$0.name]?.count ?? 0 }.max() ?? 0
    let order = modules.enumerated().sorted {
      (level($0.element.name), $0.offset) > (level($1.element.name), $1.offset)
    }
    return order.map { _, module in
      let through = module.dependencies.reduce(into: Set<String>()) { $0.formUnion(reach($1)) }
      let direct = module.dependencies.filter { !through.contains($0) }.sorted()
      var line = module.name.padding(toLength: width, withPad: " ", startingAt: 0) + "  "
      let said = words[module.name] ?? ""
      if !said.isEmpty { line += said }
      if !direct.isEmpty {
        if !said.isEmpty {
          line = line.padding(toLength: width + 2 + wordsWidth, withPad: " ", startingAt: 0) + "   "
        }
        line += "→ " + direct.joined(separator: " ")
      }
      return line.trimmingCharacters(in: .whitespaces) + "\n"
    }.joined()
  }
}
