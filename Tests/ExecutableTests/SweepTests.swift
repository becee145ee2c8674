import Foundation
import Testing

/// `sweep` with a folder: stopped at any place, it goes on and ends as one that ran through.
@Suite(.needsExecutable)
struct SweepTests {
  private static let script = """
    letters = glyphs(24, 10, seed=1, size=20)
    learn, held = letters.split(fraction=0.5, seed=2)
    start = s -> trainer(conv(4, 3) >> relu >> maxpool(2) >> flatten >> dropout(0.1) >> dense(s.size), learn,
                         optimizer=adam(s.rate), batch=40, seed=3)
    judge = net -> episodes(net, held, ways=8, trials=200, seed=4).accuracy
    table = sweep(start, {rate: [0.001, 0.01], size: [4, 16]}, judge, epochs=[2, 6, 12], save="found")
    print(table)
    print(table.best, table.trainer.epoch)
    print(table.network(letters[0:2]))
    """

  @Test func goesOnAfterAKill() throws {
    let (whole, killed) = (try Folder(), try Folder())
    for folder in [whole, killed] { try folder.write("sweep.twin", Self.script) }
    let expected = try Executable.run(["sweep.twin"], in: whole)
    #expect(expected.code == 0, "\(expected.errors)")
    #expect(expected.output.hasPrefix("sweep over 4 settings: best "))
    // Four to two epochs, two to six, one to twelve.
    let table = try whole.read("found/sweep.csv").split(separator: "\n")
    #expect(table.count == 1 + 4 + 2 + 1)
    #expect(table[0] == "setting,epochs,score,training,values")
    #expect(table[1].hasPrefix("1,2,0.") && table[1].hasSuffix(",\"rate: 0.001, size: 4\""))
    var deaths = 0
    for lines in [2, 6] {
      try killed.write("empty", "")
      let child = try Child.spawn(
        Executable.path, ["sweep.twin"], environment: [:], folder: killed, input: killed.path + "/empty",
        output: killed.path + "/out", errors: killed.path + "/err")
      let end = Date().addingTimeInterval(60)
      func found() -> Int { ((try? killed.read("found/sweep.csv")) ?? "").split(separator: "\n").count - 1 }
      while found() < lines, Date() < end { usleep(1000) }
      kill(child.id, SIGKILL)
      if child.wait(limit: 10) == 128 + SIGKILL { deaths += 1 }
    }
    #expect(deaths > 0, "the sweep was over before it could be killed")
    let finished = try Executable.run(["sweep.twin"], in: killed)
    #expect(finished.code == 0, "\(finished.errors)")
    #expect(finished.output == expected.output)
    #expect(try killed.read("found/sweep.csv") == whole.read("found/sweep.csv"))
    // All is known: nothing is trained any more.
    let again = try Executable.run(["sweep.twin"], in: killed)
    #expect(again.output == expected.output)
    #expect(!again.errors.contains("setting 1 of 4"))
  }

  @Test func otherSettingsOrABrokenTableAreRefused() throws {
    let folder = try Folder()
    try folder.write("sweep.twin", Self.script)
    #expect(try Executable.run(["sweep.twin"], in: folder).code == 0)
    try folder.write("other.twin", Self.script.replacingOccurrences(of: "size: [4, 16]", with: "size: [4, 8]"))
    let other = try Executable.run(["other.twin"], in: folder)
    #expect(other.code == 1)
    #expect(other.errors.contains("holds a sweep over other settings"))
    for (from, to) in [("glyphs(24, 10, seed=1", "glyphs(24, 10, seed=8"), ("batch=40, seed=3", "batch=40, seed=4")] {
      try folder.write("other.twin", Self.script.replacingOccurrences(of: from, with: to))
      let another = try Executable.run(["other.twin"], in: folder)
      #expect(another.code == 1 && another.errors.contains("holds scores of another training by setting 1"))
    }
    try folder.write("found/sweep.csv", "setting,epochs,score,training,values\n1,2,x,0,\"rate\"\n")
    let broken = try Executable.run(["sweep.twin"], in: folder)
    #expect(broken.code == 1)
    #expect(broken.errors.contains("line 2 of “"))
  }

  @Test(arguments: [
    ("sweep(s -> 1, {a: [1]}, net -> 1)", "sweep: start has to give a trainer"),
    ("sweep(s -> 1, {a: 1}, net -> 1)", "sweep: a is 1, not a list of values to try"),
    ("sweep(s -> 1, [], net -> 1)", "sweep"),
    ("sweep(s -> 1, {a: [1]}, net -> 1, epochs=[2, 2])", "sweep: epochs have to rise, as [1, 2, 4] do"),
    (
      "d = glyphs(4, 4, seed=1)\nsweep(s -> trainer(flatten >> dense(2), d, batch=8, seed=1), {a: [1]}, net -> \"good\")",
      "sweep: score has to give a number, not the string \"good\""
    ),
    (
      "d = glyphs(4, 4, seed=1)\nn = flatten >> dense(2)\nsweep(s -> trainer(n, d, batch=8, seed=1), {a: [1, 2]}, net -> 1)",
      "sweep: start gave two trainers of one network"
    ),
  ])
  func mistakesAreSaid(script: String, message: String) throws {
    let outcome = try Executable.run(["eval", script], in: Folder())
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("error: " + message), "\(outcome.errors)")
  }

  /// Rates that blow up are failures of their setting, not of the sweep.
  @Test func aTrainingThatFailsIsDropped() throws {
    let script = """
      d = glyphs(8, 6, seed=1, size=12)
      start = s -> trainer(flatten >> dense(8) >> relu >> dense(4), d, loss=triplet(0.2, distance="squared"), optimizer=sgd(s.rate), batch=24, seed=1)
      table = sweep(start, {rate: [1e30, 0.001]}, net -> 1 - distances(net, d).eer, epochs=[2, 3])
      print(table.best, table[1].score)
      """
    let outcome = try Executable.run(["eval", script], in: Folder())
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output == "{rate: 0.001} none\n")
  }
}
