import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite(.needsExecutable)
struct CheckpointTests {
  private static let script = """
    net = conv(4, 3) >> relu >> maxpool(2) >> flatten >> dropout(0.1) >> dense(16)
    letters = glyphs(20, 10, seed=1, size=20)
    loop = trainer(net, pairs(letters, 2000, seed=2), loss=contrastive(1), optimizer=adam(0.001), batch=32, seed=3)
    loop.run(epochs=12, patience=50, checkpoint="loop.st")
    print(loop.history)
    print(net(letters[0:3].tensor))
    """

  /// kill -9 in the middle of a run; the same script again ends with the same words as one that ran through.
  @Test func survivesKill() throws {
    let (whole, killed) = (try Folder(), try Folder())
    for folder in [whole, killed] { try folder.write("train.twin", Self.script) }
    let expected = try Executable.run(["train.twin"], in: whole, limit: 60)
    #expect(expected.code == 0, "\(expected.errors)")
    var deaths = 0
    for round in 1...3 {
      try killed.write("empty", "")
      let child = try Child.spawn(
        Executable.path, ["train.twin"], environment: [:], folder: killed, input: killed.path + "/empty",
        output: killed.path + "/out", errors: killed.path + "/err")
      let end = Date().addingTimeInterval(30)
      func epochs() -> Int { ((try? killed.read("err")) ?? "").components(separatedBy: "epoch ").count - 1 }
      while epochs() < round, Date() < end { usleep(2000) }
      kill(child.id, SIGKILL)
      if child.wait(limit: 10) == 128 + SIGKILL { deaths += 1 }
    }
    #expect(deaths > 0, "the run was over before it could be killed")
    let finished = try Executable.run(["train.twin"], in: killed, limit: 60)
    #expect(finished.code == 0, "\(finished.errors)")
    #expect(finished.errors.contains("going on from “loop.st”, after "))
    #expect(finished.output == expected.output)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: killed.path).filter { $0.hasSuffix(".st") } == ["loop.st"])
  }

  @Test func checkpointOfAnotherTrainingStopsWithWords() throws {
    let folder = try Folder()
    try folder.write("train.twin", Self.script)
    #expect(try Executable.run(["train.twin"], in: folder, limit: 60).code == 0)
    try folder.write("other.twin", Self.script.replacingOccurrences(of: "batch=32", with: "batch=64"))
    let outcome = try Executable.run(["other.twin"], in: folder, limit: 60)
    #expect(outcome.code == 1)
    #expect(
      outcome.errors.hasPrefix(
        "error: resume cannot use “loop.st”: it was saved by a trainer with batch 32, this one has 64\n"))
  }

  @Test func checkpointBeyondWhatIsAskedForStopsWithWords() throws {
    let folder = try Folder()
    try folder.write("longer.twin", Self.script)
    #expect(try Executable.run(["longer.twin"], in: folder, limit: 60).code == 0)
    try folder.write("shorter.twin", Self.script.replacingOccurrences(of: "epochs=12", with: "epochs=11"))
    let outcome = try Executable.run(["shorter.twin"], in: folder, limit: 60)
    #expect(outcome.code == 1)
    #expect(outcome.errors.hasPrefix("error: “loop.st” is 12 epochs on, further than the 11 asked for\n"))
  }
}
