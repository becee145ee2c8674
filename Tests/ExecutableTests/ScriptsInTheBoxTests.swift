import Foundation
import TestSupport
import Testing

/// Every script and every lesson of the repository is replayed in the box, and no door is closed that it needs.
///
/// Those with recorded results that take seconds are replayed to their end by `NotebookTests`. The others train for minutes to
/// hours: here each begins, which is where it reads what it learns from; `Scripts/maintainers/replay-box.sh` runs them whole.
@Suite(.serialized, .needsExecutable)
struct ScriptsInTheBoxTests {
  static let scripts: [String] = {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: Repository.root.path + "/Scripts")) ?? []
    return all.filter { $0.hasSuffix(".twin") }.map { "Scripts/" + $0 }.filter { !NotebookTests.files.contains($0) }
      .sorted()
  }()

  @Test func thereAreScripts() { #expect(Self.scripts.count >= 9) }

  /// What the box says when it closes a door.
  static let refusals = ["this script may not", "--trust lifts"]

  @Test(arguments: scripts) func beginsInTheBox(_ file: String) throws {
    let folder = try Folder()
    // Time enough to read its images and to begin; killed behind that.
    let outcome = try Executable.run(
      ["replay", Repository.root.path + "/" + file], in: folder, limit: 10)
    let words = outcome.output + outcome.errors
    for refusal in Self.refusals { #expect(!words.contains(refusal), "\(file): \(words.suffix(2000))") }
    // It ended well, was still at work, or lacks what is not on this machine: arguments, photographs, weights.
    let lacks = ["there is no file", "are not there", "is not there", "out of range", "no folder", "index 0"]
    #expect(
      outcome.code == 0 || outcome.code == 137 || lacks.contains { words.contains($0) },
      "\(file) ended with \(outcome.code): \(words.suffix(2000))")
    // Nothing was written beside the script.
    #expect(!folder.has("figures") && !folder.has("people") && !folder.has("recipe"))
  }
}
