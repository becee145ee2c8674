import Foundation
import TestSupport
import Testing

@testable import Session

/// What the README and the pages of `Documentation/` claim, as far as a machine can tell: code runs and gives what stands
/// under it, links lead somewhere, commands and variables exist.
@Suite struct PageExampleTests {
  /// Pages whose code runs.
  static let pagesWithCode = PageText.pages.filter { page in (try? PageText.read(page))?.contains("```twin\n") ?? false
  }

  @Test func thereArePages() {
    #expect(PageText.pages.count > 10 && Self.pagesWithCode.count >= 4)
  }

  /// The ```twin blocks of a page are the cells of one session. One that does not run says why on its first line.
  @Test(arguments: pagesWithCode) func codeGivesWhatStandsUnderIt(page: String) throws {
    var script = ""
    var isInside = false
    for line in try PageText.read(page).split(separator: "\n", omittingEmptySubsequences: false) {
      if line == "```twin" {
        isInside = true
        script += "# %% [allow-fail]\n"
      } else if line == "```" {
        isInside = false
        script += "\n"
      } else if isInside {
        script += line + "\n"
      }
    }
    let cells = script.components(separatedBy: "# %% [allow-fail]\n").filter { !$0.isEmpty }
    let run = cells.filter { !$0.hasPrefix("# not run: ") }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("twinbook-page-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let desk = Desk(seed: 0)
    desk.session.engine.context.workingDirectory = folder.path
    let document = try NotebookDocument(
      reading: run.map { "# %% [allow-fail]\n" + $0 }.joined(), name: page)
    let hasResults = document.cells.contains { $0.result != nil }
    var differences: [String] = []
    let outcome = desk.session.run(document, file: page, verify: hasResults) { step, _ in
      if case .differs(let recorded, let got) = step.verification {
        differences.append("\(step.cell.source)\nsays:\n\(recorded)\ngives:\n\(got)")
      }
      // An error is shown on purpose or is a fault.
      if step.result.status == .failed, step.cell.result == nil {
        differences += step.result.diagnostics.map { "\(step.cell.source): \($0.explanation.message)" }
      }
    }
    #expect(differences == [], "Scripts/maintainers/pages.py \(page) writes the results anew")
    #expect(outcome.cellsRun == run.count && run.count > 0 || run.isEmpty)
  }

  // MARK: Names

  private static func matches(_ text: String, _ pattern: Regex<(Substring, Substring)>) -> Set<String> {
    Set(text.matches(of: pattern).map { String($0.1) })
  }

  @Test(arguments: PageText.pages) func commandsExist(page: String) throws {
    for name in Self.matches(try PageText.read(page), #/`%([a-z]+)[ `!]/#) {
      #expect(SessionCommand.named(name) != nil, "\(page) names %\(name)")
    }
  }

  /// As a host makes it from a heading.
  private static func anchor(_ heading: Substring) -> String {
    let plain = heading.lowercased().replacingOccurrences(of: "`", with: "")
    return String(plain.filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" })
      .replacingOccurrences(of: " ", with: "-")
  }

  @Test(arguments: PageText.pages) func linksLeadSomewhere(page: String) throws {
    let place = Repository.root.appendingPathComponent(page).deletingLastPathComponent()
    for link in Self.matches(try PageText.read(page), #/\]\(([^)\s]+)\)/#) where !link.contains("://") {
      let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let target =
        parts[0].isEmpty ? Repository.root.appendingPathComponent(page) : place.appendingPathComponent(parts[0])
      #expect(FileManager.default.fileExists(atPath: target.path), "\(page) links to \(link)")
      guard parts.count == 2, parts[1] != "", let text = try? String(contentsOf: target, encoding: .utf8) else {
        continue
      }
      let anchors = Set(
        text.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
          Self.anchor(line.drop { $0 == "#" || $0 == " " })
        })
      #expect(anchors.contains(parts[1]), "\(page) links to \(link)")
    }
  }

  /// The words of the server's errors are those of the table for programs.
  @Test func errorsOfTheServerStandInTheirTable() throws {
    let folder = Repository.root.appendingPathComponent("Sources/Server")
    var words: Set<String> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasSuffix(".swift") {
      let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      words.formUnion(Self.matches(text, #/\b(?:4|5)[0-9]{2},\s+"([a-z]+(?:-[a-z]+)*)",\s/#))
    }
    #expect(words.count > 15)
    let page = try PageText.read("Documentation/json.md")
    let table = Self.matches(
      String(page[(page.range(of: "| status |")?.lowerBound ?? page.startIndex)...]), #/`([a-z-]+)`/#)
    // What the table tells of and the program does not is wrong, too.
    #expect(words.subtracting(table).sorted() == [])
    #expect(table.subtracting(words).sorted() == ["error"])
  }

  /// Every variable that the program reads stands in the table of `files.md`, and pages name no others.
  @Test func environmentVariablesAreThoseOfTheProgram() throws {
    func sources(_ folder: String, _ ending: String) throws -> String {
      let base = Repository.root.appendingPathComponent(folder)
      let files = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil)
      var text = ""
      for case let file as URL in files ?? .init() where ending.isEmpty || file.pathExtension == ending {
        text += (try? String(contentsOf: file, encoding: .utf8)) ?? ""
      }
      return text
    }
    let read = Self.matches(try sources("Sources", "swift"), #/environment(?:\(|\[)"([A-Z_]+)"/#)
    #expect(read.contains("TWINBOOK_THREADS"))
    let table = Self.matches(try PageText.read("Documentation/files.md"), #/\| `([A-Z_]+)`/#)
    #expect(table.isSuperset(of: read), "missing in files.md: \(read.subtracting(table).sorted())")
    let everywhere = try sources("Sources", "") + sources("Scripts", "") + sources("Tests", "") + sources(".ci", "")
    for page in PageText.pages {
      for name in Self.matches(try PageText.read(page), #/(TWINBOOK_[A-Z_]+)/#) {
        #expect(everywhere.contains(name), "\(page) names \(name)")
      }
    }
  }
}
