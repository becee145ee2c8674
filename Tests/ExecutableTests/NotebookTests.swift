import Foundation
import Testing

/// The lessons and the quick start replay with the results that stand in them; where the arithmetic is another one than
/// that of the machine which recorded them, they run without an error.
@Suite(.serialized, .enabled(if: Executable.isThere, Comment(rawValue: Executable.whyNot)))
struct NotebookTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static let files: [String] = {
    let lessons = (try? FileManager.default.contentsOfDirectory(atPath: root.path + "/Notebooks")) ?? []
    return ["Scripts/quickstart.twin"] + lessons.filter { $0.hasSuffix(".twin") }.sorted().map { "Notebooks/" + $0 }
  }()

  @Test func thereAreFiveLessons() { #expect(Self.files.count >= 6) }

  @Test(arguments: files) func replays(_ file: String) throws {
    let folder = try Folder()
    let path = Self.root.path + "/" + file
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let recorded = text.split(separator: "\n").first { $0.hasPrefix("# numerics: ") }?.dropFirst("# numerics: ".count)
    try #require(recorded != nil && text.contains("\n#> "), "\(file) holds no results: Scripts/record.sh \(file)")
    let doctor = try Executable.run(["doctor"], in: folder).output
    let isSame = doctor.contains(recorded ?? "")
    let outcome = try Executable.run(isSame ? ["replay", "--verify", path] : ["run", path], in: folder, limit: 300)
    #expect(outcome.code == 0, "\(outcome.output)\n\(outcome.errors)")
    if !isSame { print("\(file): recorded with another arithmetic, so it was run but not compared") }
  }
}
