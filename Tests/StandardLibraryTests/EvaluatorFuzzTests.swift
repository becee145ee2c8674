import Diagnostics
import Foundation
import ScriptSupport
import Testing

@testable import Interpreter

/// Whatever runs, it ends in a value or in an error with words, within its steps and its memory, and leaves the machine
/// as it was: no open calls, nothing held above the session's names.
///
/// A short run with fixed seeds here; TWINBOOK_FUZZ=SECONDS runs with fresh seeds as long as that, and prints what it
/// was running to standard error when it traps (the seed is in the name of the text).
struct EvaluatorFuzzTests {
  static let golden: [String] = GoldenTests.files.compactMap {
    try? String(contentsOf: GoldenTests.folder.appendingPathComponent($0), encoding: .utf8)
  }

  static func text(_ seed: UInt64) -> String {
    var generator = ProgramGenerator(seed: seed)
    switch seed % 8 {
    case 0: return generator.tokenSoup()
    case 1, 2: return generator.mutated(golden[generator.next(golden.count)])
    case 3: return generator.mutated(generator.program())
    default: return generator.program()
    }
  }

  static func run(_ text: String, _ name: String) {
    // Some of the golden programs write files.
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("twinbook-fuzz-\(UUID())")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = ScriptRun(steps: 20_000)
    run.interpreter.context.workingDirectory = folder.path
    run.interpreter.context.limits.items = 20_000
    run.interpreter.context.limits.frames = 2000
    let (_, error) = run.cell(text, name: name)
    #expect(error != "0:0: ", "\(text)")
    #expect(run.interpreter.isAtRest, "\(name)\n\(text)")
    let (lines, after) = run.cell("1 + 1")
    #expect(lines == ["2"] && after == nil, "\(name)\n\(text)")
  }

  @Test(arguments: 0..<8) func seeded(_ part: Int) {
    for seed in 0..<250 { Self.run(Self.text(UInt64(part + 8 * seed)), "seed \(part + 8 * seed)") }
  }

  @Test func long() {
    guard let seconds = ProcessInfo.processInfo.environment["TWINBOOK_FUZZ"].flatMap(Double.init) else { return }
    let end = Date(timeIntervalSinceNow: seconds)
    var seed = UInt64(Date().timeIntervalSince1970 * 1000)
    var count = 0
    while Date() < end {
      seed += 1
      count += 1
      let text = Self.text(seed)
      // What a trap leaves behind.
      try? text.write(toFile: "/tmp/twinbook-fuzz-\(getpid()).twin", atomically: false, encoding: .utf8)
      Self.run(text, "seed \(seed)")
    }
    print("\(count) programs")
  }
}
