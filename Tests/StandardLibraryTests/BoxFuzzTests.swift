import Files
import Foundation
import Sandbox
import ScriptSupport
import StandardLibrary
import Testing

/// Calls every entry of the library with hostile paths, in a box: each example of the reference is run with one of its
/// strings after the other replaced by a path that leads out. Whatever comes of it, nothing outside changes, and nothing
/// that stands there is told.
struct BoxFuzzTests {
  static let secret = "hunter2-the-secret"

  /// Entries whose example has a string in it, with their numbers.
  static let names = StandardLibrary.registry().all.enumerated()
    .filter { !Self.strings(in: $0.element.example).isEmpty }.map { "\($0.offset) \($0.element.qualifiedName)" }

  @Test func thereIsEnoughToTry() { #expect(Self.names.count > 100) }

  @Test(arguments: names) func nothingGetsOut(_ name: String) throws {
    let index = try #require(name.split(separator: " ").first.flatMap { Int($0) })
    let example = StandardLibrary.registry().all[index].example
    let yard = try BoxYard()
    var longest = Duration.zero
    for place in Self.strings(in: example) {
      let ending = Self.ending(of: example[place])
      let paths = try yard.hostilePaths(ending)
      // Examples that train take their time: of their strings three paths are tried, of names alone too.
      for path in paths.prefix(longest > .milliseconds(300) || ending.isEmpty ? 3 : paths.count) {
        let before = yard.snapshot()
        let began = ContinuousClock.now
        defer { longest = max(longest, ContinuousClock.now - began) }
        let words = try yard.run(example.replacingCharacters(in: place, with: "\"\(path)\""))
        #expect(yard.snapshot() == before, "\(name): \(path) changes what stands outside")
        #expect(!words.contains(Self.secret), "\(name): \(path) tells what stands outside")
        if yard.snapshot() != before { return }
      }
    }
  }

  /// The whole literals, quotes included, that have neither braces nor backslashes in them; not those of results.
  static func strings(in example: String) -> [Range<String.Index>] {
    var found: [Range<String.Index>] = []
    var line = example.startIndex
    while line < example.endIndex {
      let end = example[line...].firstIndex(of: "\n") ?? example.endIndex
      if !example[line..<end].hasPrefix("#>") {
        for match in example[line..<end].ranges(of: #/"[^"\\{}]*"/#) { found.append(match) }
      }
      line = end < example.endIndex ? example.index(after: end) : end
    }
    return found
  }

  /// ".npy" of "\"x.npy\"".
  static func ending(of literal: Substring) -> String {
    let name = literal.dropFirst().dropLast()
    guard let dot = name.lastIndex(of: "."), name.distance(from: dot, to: name.endIndex) <= 12 else { return "" }
    return String(name[dot...])
  }
}

/// A script's folder and what stands around it.
private final class BoxYard {
  let top: String
  private var script: String { top + "/script" }
  private var outside: String { top + "/outside" }

  init() throws {
    top = FileManager.default.temporaryDirectory.path + "/twinbook-fuzz-\(UUID().uuidString)"
    for name in ["script", "outside/folder/class"] {
      try FileManager.default.createDirectory(atPath: top + "/" + name, withIntermediateDirectories: true)
    }
    try FileManager.default.createSymbolicLink(atPath: script + "/linked", withDestinationPath: outside)
    try secret.write(toFile: outside + "/folder/class/picture.png", atomically: false, encoding: .utf8)
  }

  deinit { try? FileManager.default.removeItem(atPath: top) }

  private var secret: String { BoxFuzzTests.secret + "\n" + BoxFuzzTests.secret + ",1,2\n" }

  /// Files that are there, and some that are not, each reached from without.
  func hostilePaths(_ ending: String) throws -> [String] {
    let name = "secret" + ending
    if ending.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "." }) {
      try secret.write(toFile: outside + "/" + name, atomically: false, encoding: .utf8)
      let link = script + "/link" + ending
      unlink(link)
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: outside + "/" + name)
    }
    return [
      outside + "/" + name, "linked/new" + ending, "../outside/" + name, "link" + ending, "linked/" + name,
      outside + "/new" + ending, outside, outside + "/folder",
    ]
  }

  /// What the code shows, its error's words included.
  func run(_ code: String) throws -> String {
    let scratch = top + "/scratch-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let run = ScriptRun(steps: 2_000_000)
    run.interpreter.context.workingDirectory = script
    run.interpreter.context.isReplaying = true
    run.interpreter.context.access = .boxed(
      try FileAccess(scriptFolder: script, folders: [], scratch: scratch, base: script))
    let (lines, error) = run.cell(code)
    return lines.joined(separator: "\n") + "\n" + (error ?? "")
  }

  func snapshot() -> [String: String] {
    var found: [String: String] = [:]
    for folder in ["script", "outside"] {
      for name in (try? FileManager.default.subpathsOfDirectory(atPath: top + "/" + folder)) ?? [] {
        let path = top + "/\(folder)/\(name)"
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let text = try? String(contentsOfFile: path, encoding: .utf8)
        found[folder + "/" + name] = "\(text ?? "-") \(attributes?[.posixPermissions] ?? 0) \(attributes?[.type] ?? "")"
      }
    }
    return found
  }
}
