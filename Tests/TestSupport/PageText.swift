import Foundation

/// The README and the pages of `Documentation/`, taken apart. The reference is made by the program and is left out.
public enum PageText {
  /// Names relative to the repository.
  public static let pages: [String] = {
    let folder = Repository.root.appendingPathComponent("Documentation").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return ["README.md", "CONTRIBUTING.md"]
      + names.filter { $0.hasSuffix(".md") && $0 != "reference.md" }.sorted().map { "Documentation/" + $0 }
  }()

  public static func read(_ name: String) throws -> String {
    try String(contentsOf: Repository.root.appendingPathComponent(name), encoding: .utf8)
  }

  /// What stands between two lines of three backticks.
  public struct Block: Sendable, CustomStringConvertible {
    /// Behind the first three backticks; empty where nothing stands there.
    public var language: String
    public var lines: [String]
    /// Where it begins, from 1.
    public var place: Int

    public var isRun: Bool { lines.first?.hasPrefix("# not run: ") != true }
    public var description: String { "line \(place)" }
  }

  /// The blocks of a page, and the lines outside of them with their numbers.
  public static func parts(_ text: String) -> (blocks: [Block], outside: [(place: Int, line: String)]) {
    var blocks: [Block] = []
    var outside: [(place: Int, line: String)] = []
    var open: Block?
    for (index, part) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = String(part)
      if line.hasPrefix("```") {
        if let block = open {
          blocks.append(block)
          open = nil
        } else {
          open = Block(language: String(line.dropFirst(3)), lines: [], place: index + 1)
        }
      } else if open != nil {
        open?.lines.append(line)
      } else {
        outside.append((index + 1, line))
      }
    }
    if let block = open { blocks.append(block) }
    return (blocks, outside)
  }

  public static func blocks(_ page: String) throws -> [Block] { parts(try read(page)).blocks }

  /// What a page shows as code: its blocks, and what stands between backticks in its lines.
  public static func code(_ page: String) throws -> [String] {
    let (blocks, outside) = parts(try read(page))
    return blocks.filter { ["sh", "console"].contains($0.language) }.flatMap(\.lines)
      + outside.flatMap { line in line.line.matches(of: #/`([^`]+)`/#).map { String($0.1) } }
  }

  /// What a commander types in a console block, with the lines that stand under it.
  public static func commands(_ block: Block) -> [(command: String, shown: [String])] {
    var found: [(command: String, shown: [String])] = []
    for line in block.lines {
      if line.hasPrefix("$ ") {
        found.append((String(line.dropFirst(2)), []))
      } else if !found.isEmpty {
        found[found.count - 1].shown.append(line)
      }
    }
    return found
  }

  /// Whether the lines are those that a page shows. A line of `…` there stands for any number of lines.
  public static func matches(_ lines: [String], _ shown: [String]) -> Bool {
    let segments = shown.split(separator: "…", omittingEmptySubsequences: false).map(Array.init)
    guard segments.count > 1, let first = segments.first, let last = segments.last else { return lines == shown }
    guard lines.count >= first.count + last.count, Array(lines.prefix(first.count)) == first,
      Array(lines.suffix(last.count)) == last
    else { return false }
    var rest = lines.dropFirst(first.count).dropLast(last.count)
    for segment in segments.dropFirst().dropLast() {
      while !rest.starts(with: segment) {
        guard !rest.isEmpty else { return false }
        rest = rest.dropFirst()
      }
      rest = rest.dropFirst(segment.count)
    }
    return true
  }
}
