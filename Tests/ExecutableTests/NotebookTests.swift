import Foundation
import Tensors
import TestSupport
import Testing

/// The lessons and the quick start give the results that stand in them, to the letter, with every set of kernels that
/// this processor has, whatever processor recorded them.
@Suite(.serialized, .needsExecutable)
struct NotebookTests {
  static let files: [String] = {
    let lessons = (try? FileManager.default.contentsOfDirectory(atPath: Repository.root.path + "/Notebooks")) ?? []
    return ["Scripts/quickstart.twin"] + lessons.filter { $0.hasSuffix(".twin") }.sorted().map { "Notebooks/" + $0 }
  }()

  @Test func thereAreLessons() { #expect(Self.files.count >= 6) }

  /// The portable kernels take minutes for these; `NumericsTests` asks them for less.
  @Test(
    arguments: files,
    Processor.kernelSets.map { $0.name }.filter { $0 != "portable" }
      + (Processor.kernelSets.count == 1 ? ["portable"] : []))
  func replays(_ file: String, _ kernels: String) throws {
    let folder = try Folder()
    let path = Repository.root.path + "/" + file
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try #require(
      text.contains("\n# numerics: \(NumericsContract.version)\n") && text.contains("\n#> "),
      "\(file) holds no results of this version: Scripts/record.sh \(file)")
    let outcome = try Executable.run(
      ["replay", "--verify", path], environment: ["TWINBOOK_KERNELS": kernels], in: folder, limit: 600)
    #expect(outcome.code == 0, "\(outcome.output)\n\(outcome.errors)")
    #expect(outcome.output.contains("none differs") && !outcome.output.contains("within the tolerance"))
  }
}
