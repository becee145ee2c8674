import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Launchers of ranks, where they are installed.
enum Launcher {
  /// Open MPI's; MPICH's stands beside it under a name of its own.
  static let openMPI = find(["mpirun.openmpi", "mpirun"])
  static let mpich = find(["mpirun.mpich"])
  static let whyNot = "no mpirun: Scripts/mpi.sh installs one"

  static let variables = [
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
    // Its sockets' names have to be short.
    "TMPDIR": "/tmp",
  ]

  private static func find(_ names: [String]) -> String? {
    for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":") {
      for name in names where access("\(folder)/\(name)", X_OK) == 0 { return "\(folder)/\(name)" }
    }
    return nil
  }

  /// Runs the program on so many ranks of this machine.
  static func run(
    _ count: Int, _ arguments: [String], launcher: String? = openMPI, environment: [String: String] = [:],
    options: [String] = [], in folder: Folder, limit: Double = 120
  ) throws -> Executable.Outcome {
    var variables = Self.variables
    for (name, value) in environment { variables[name] = value }
    return try Executable.run(
      options + ["-n", "\(count)", Executable.path] + arguments, program: launcher ?? "mpirun", environment: variables,
      in: folder, limit: limit)
  }
}

extension Trait where Self == ConditionTrait {
  /// The suite starts ranks.
  static var needsLauncher: ConditionTrait {
    .enabled(if: Launcher.openMPI != nil, Comment(rawValue: Launcher.whyNot))
  }
}

/// One script on several ranks: what it prints and writes is what one process prints and writes.
@Suite(.needsExecutable, .needsLauncher)
struct RanksTests {
  private static let script = """
    letters = glyphs(16, 8, seed=1, size=20)
    learn, held = letters.split(fraction=0.5, seed=2)
    moved = learn.augment(shift=1, rotate=5)
    net = conv(8, 3) >> batchnorm() >> relu >> maxpool(2) >> dropout(0.1) >> flatten >> dense(16)
    for each in [[contrastive(1), pairs(moved, 120, seed=4)], [triplet(0.3), moved], [supcon(0.2), moved], [ntxent(0.2), moved]] {
      loop = trainer(net, each[1], loss=each[0], optimizer=adam(0.002), batch=32, validation=0.25, seed=3)
      loop.run(epochs=2)
      print(loop.history.loss, loop.history.val_loss)
    }
    net.save("net.safetensors")
    print(load("net.safetensors")(held[0:2]))
    writetext("seen.txt", "{episodes(net, held, ways=5, trials=50, seed=4).accuracy}")
    print(readtext("seen.txt"))
    """

  /// Images a second differ from run to run.
  private static func withoutRates(_ text: String) -> [Substring] {
    text.split(separator: "\n").map { line in
      guard let rate = line.range(of: " images/s") else { return line }
      return line[..<(line[..<rate.lowerBound].lastIndex(of: " ") ?? line.startIndex)]
    }
  }

  @Test func bitsAreThoseOfOneProcess() throws {
    let alone = try Folder()
    try alone.write("train.twin", Self.script)
    let expected = try Executable.run(["train.twin"], in: alone)
    #expect(expected.code == 0, "\(expected.errors)")
    let weights = FileManager.default.contents(atPath: alone.path + "/net.safetensors")
    #expect(weights != nil)
    var launches = [1, 2, 3, 4, 8].map { (Launcher.openMPI, $0) }
    if let mpich = Launcher.mpich { launches += [(mpich, 2), (mpich, 3)] }
    for (launcher, count) in launches {
      let folder = try Folder()
      try folder.write("train.twin", Self.script)
      let outcome = try Launcher.run(count, ["run", "train.twin"], launcher: launcher, in: folder)
      #expect(outcome.code == 0, "\(count): \(outcome.errors)")
      #expect(outcome.output == expected.output, "\(count)")
      #expect(Self.withoutRates(outcome.errors) == Self.withoutRates(expected.errors), "\(count)")
      #expect(FileManager.default.contents(atPath: folder.path + "/net.safetensors") == weights, "\(count)")
      #expect(folder.has("seen.txt"))
    }
  }

  /// A recorded session is played by ranks as by one process, each in a box; what differs is told by the first.
  @Test func replaysVerify() throws {
    let folder = try Folder()
    try folder.write(
      "a.twin",
      """
      # %%
      letters = glyphs(16, 8, seed=1, size=16)
      net = flatten >> dense(4)
      loop = trainer(net, letters, loss=supcon(0.2), optimizer=adam(0.003), batch=32, seed=3)
      loop.run(epochs=2);
      # %%
      net.save("x.safetensors")
      load("x.safetensors")(letters[0:1]) == net(letters[0:1])
      #> tensor([[1, 1, 1, 1]])
      # %%
      len(letters)
      #> 128

      """)
    let alone = try Executable.run(["replay", "--verify", "a.twin"], in: folder)
    #expect(alone.code == 0, "\(alone)")
    for count in [2, 3] {
      let outcome = try Launcher.run(count, ["replay", "--verify", "a.twin"], in: folder)
      #expect(outcome.code == 0 && outcome.output == alone.output && !folder.has("x.safetensors"), "\(outcome)")
    }
    try folder.write("a.twin", try folder.read("a.twin").replacingOccurrences(of: "#> 128", with: "#> 127"))
    let differing = try Launcher.run(2, ["replay", "--verify", "a.twin"], in: folder)
    #expect(differing.code == 1 && differing.errors.contains("gives another result"), "\(differing)")
    #expect(!differing.errors.contains("rank 1 on"), "\(differing)")
  }

  @Test func aScriptThatFailsIsToldOnce() throws {
    let folder = try Folder()
    try folder.write("bad.twin", "print(1)\nimages(\"nowhere\")\n")
    let outcome = try Launcher.run(3, ["run", "bad.twin"], in: folder)
    #expect(outcome.code == 1 && outcome.output == "1\n", "\(outcome)")
    #expect(outcome.errors.components(separatedBy: "error: ").count == 2, "\(outcome.errors)")
    let missing = try Launcher.run(2, ["run", "missing.twin"], in: folder)
    #expect(missing.code == 1 && missing.errors.components(separatedBy: "missing.twin").count == 2, "\(missing.errors)")
  }

  /// Each rank starts in a folder of its own, as machines without a common disk have.
  private func apart(
    _ scripts: [String], _ arguments: [[String]] = [[], []], files: [[String: String]] = [[:], [:]]
  ) throws -> Executable.Outcome {
    let folder = try Folder()
    var words: [String] = []
    for (index, script) in scripts.enumerated() {
      try FileManager.default.createDirectory(atPath: folder.path + "/\(index)", withIntermediateDirectories: true)
      try folder.write("\(index)/a.twin", script)
      for (name, text) in files[index] { try folder.write("\(index)/\(name)", text) }
      words += index == 0 ? [] : [":"]
      words += ["-n", "1", "--wdir", folder.path + "/\(index)", Executable.path, "run", "a.twin"] + arguments[index]
    }
    return try Executable.run(
      words, program: Launcher.openMPI ?? "mpirun", environment: Launcher.variables, in: folder, limit: 60)
  }

  @Test func ranksThatDifferAreToldBeforeTheScript() throws {
    let scripts = try apart(["print(1)", "print(2)"])
    #expect(scripts.code == 1 && scripts.output.isEmpty, "\(scripts)")
    #expect(scripts.errors.contains("the ranks differ in the script: "), "\(scripts.errors)")
    #expect(scripts.errors.contains(" on rank 1 on "), "\(scripts.errors)")
    let arguments = try apart(["print(1)", "print(1)"], [["x"], ["y"]])
    #expect(arguments.code == 1 && arguments.errors.contains("differ in the script's arguments: y on rank 1"))
  }

  @Test func dataThatDifferIsToldBeforeTheFirstBatch() throws {
    let script = """
      letters = glyphs(8, 6, seed=int(readtext("seed.txt")), size=16)
      trainer(flatten >> dense(8), letters, batch=16, seed=1).run(epochs=1)
      print("trained")
      """
    let outcome = try apart([script, script], files: [["seed.txt": "1"], ["seed.txt": "2"]])
    #expect(outcome.code == 1 && outcome.output.isEmpty, "\(outcome)")
    #expect(outcome.errors.contains("the ranks differ in the data"), "\(outcome.errors)")
  }

  @Test func moreRanksThanSlicesAndOtherUsesAreToldInWords() throws {
    let folder = try Folder()
    try folder.write(
      "a.twin", "trainer(flatten >> dense(2), glyphs(4, 4, seed=1, size=16), batch=4, perclass=2, seed=1).run(epochs=1)"
    )
    let many = try Launcher.run(5, ["run", "a.twin"], in: folder)
    #expect(many.code == 1 && many.errors.contains("5 ranks would share a batch of 4 images"), "\(many.errors)")
    let session = try Launcher.run(2, ["start"], in: folder)
    #expect(session.code == 2 && session.errors.contains("does not run on several ranks"), "\(session.errors)")
    let library = try Launcher.run(2, ["run", "a.twin"], environment: ["TWINBOOK_MPI": "libnone.so"], in: folder)
    #expect(library.code == 1, "\(library)")
    #expect(
      library.errors.contains("mpirun has started 2 ranks, but TWINBOOK_MPI names a library that cannot be opened")
        && library.errors.contains("unset it") && !library.errors.contains("apt-get"),
      "\(library.errors)")
  }

  /// A checkpoint that ranks have written is gone on from by one process, and the other way round.
  @Test func checkpointsPassBetweenAnyNumberOfRanks() throws {
    func script(_ epochs: Int) -> String {
      """
      letters = glyphs(12, 8, seed=1, size=16)
      net = conv(4, 3) >> batchnorm() >> relu >> flatten >> dropout(0.2) >> dense(8)
      loop = trainer(net, letters, loss=supcon(0.2), optimizer=adam(0.003), batch=32, validation=0.25, seed=3)
      loop.run(epochs=\(epochs), checkpoint="loop.safetensors")
      net.save("net.safetensors")
      """
    }
    let whole = try Folder()
    try whole.write("a.twin", script(4))
    #expect(try Executable.run(["a.twin"], in: whole).code == 0)
    let folder = try Folder()
    for (epochs, ranks) in [(1, 3), (2, 1), (4, 2)] {
      try folder.write("a.twin", script(epochs))
      let outcome =
        try ranks == 1
        ? Executable.run(["a.twin"], in: folder) : Launcher.run(ranks, ["run", "a.twin"], in: folder)
      #expect(outcome.code == 0, "\(outcome)")
    }
    let (one, other) = (whole.path + "/net.safetensors", folder.path + "/net.safetensors")
    #expect(FileManager.default.contents(atPath: one) == FileManager.default.contents(atPath: other))
  }
}

/// Jobs on several ranks: `spread` and `sweep`.
@Suite(.needsExecutable, .needsLauncher)
struct RankJobsTests {
  private static let jobs = """
    letters = glyphs(12, 6, seed=1, size=16)
    learn, held = letters.split(classes=6, seed=2)
    found = spread(["a", 8, 16, none], size -> {
      print("size", size)
      loop = trainer(flatten >> dense(size), learn, batch=24, seed=3)
      loop.run(epochs=1)
      {size: size, seed: randint(0, 1000000), loss: loop.history.loss[0], net: loop.network}
    })
    print([if f == none { f } else { [f.size, f.seed, f.loss] } for f in found])
    print(found[1].net(held[0:2]))
    print(rand(2))
    """

  @Test func spreadGivesWhatOneProcessGives() throws {
    let folder = try Folder()
    try folder.write("jobs.twin", Self.jobs)
    let expected = try Executable.run(["jobs.twin"], in: folder)
    #expect(expected.code == 0, "\(expected.errors)")
    #expect(expected.output.hasPrefix("size a\nsize 8\nsize 16\nsize none\n[none, [8, "), "\(expected.output)")
    for count in [2, 3, 5] {
      let outcome = try Launcher.run(count, ["run", "jobs.twin"], in: folder)
      #expect(outcome.code == 0 && outcome.output == expected.output, "\(count): \(outcome)")
      for item in ["spread: item 1 of 4, \"a\", failed: ", "spread: item 4 of 4, none, failed: "] {
        #expect(outcome.errors.contains(item) && expected.errors.contains(item), "\(outcome.errors)")
      }
    }
  }

  @Test func aSweepGivesWhatOneProcessGives() throws {
    let script = """
      letters = glyphs(16, 8, seed=1, size=16)
      learn, held = letters.split(classes=8, seed=2)
      start = s -> trainer(flatten >> dropout(0.1) >> dense(s.size), learn, optimizer=adam(s.rate), batch=32, validation=0.25, seed=3)
      judge = net -> episodes(net, held, ways=5, trials=100, seed=4).accuracy
      table = sweep(start, {rate: [0.001, 0.01, 1e30], size: [4, 16]}, judge, epochs=[1, 2, 4], save="found")
      print(table)
      print(table.best, table.trainer.epoch)
      print(table.network(letters[0:2]))
      """
    let alone = try Folder()
    try alone.write("sweep.twin", script)
    let expected = try Executable.run(["sweep.twin"], in: alone)
    #expect(expected.code == 0, "\(expected.errors)")
    for count in [2, 3] {
      let folder = try Folder()
      try folder.write("sweep.twin", script)
      let outcome = try Launcher.run(count, ["run", "sweep.twin"], in: folder)
      #expect(outcome.code == 0 && outcome.output == expected.output, "\(count): \(outcome)")
      #expect(try folder.read("found/sweep.csv") == alone.read("found/sweep.csv"))
      // What ranks have found, one process goes on from.
      let again = try Executable.run(["sweep.twin"], in: folder)
      #expect(again.output == expected.output && !again.errors.contains("setting 1 of"), "\(again)")
    }
    let drawn = try Launcher.run(
      2,
      [
        "eval",
        script.replacingOccurrences(of: ", seed=4", with: "").replacingOccurrences(of: ", save=\"found\"", with: ""),
      ],
      in: try Folder())
    #expect(drawn.code == 1 && drawn.errors.contains("draws one of the session's seeds"), "\(drawn)")
  }

  /// The process of a rank that a test has started in a folder.
  private func process(of rank: Int, in folder: Folder) -> pid_t? {
    let real = URL(fileURLWithPath: folder.path).resolvingSymlinksInPath().path
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
      guard let id = pid_t(name),
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/cwd")) == real,
        let variables = FileManager.default.contents(atPath: "/proc/\(id)/environ"),
        String(decoding: variables, as: UTF8.self).split(separator: "\0").contains("OMPI_COMM_WORLD_RANK=\(rank)")
      else { continue }
      return id
    }
    return nil
  }

  /// Six items that take so many seconds each, and a training.
  private static func slow(_ seconds: Double) -> String {
    """
    waited = spread(1...6, i -> {
      writetext("begun{i}", "{i}")
      t = now()
      while now() - t < \(seconds) { }
      i * i
    }, save="kept")
    print(waited)
    letters = glyphs(8, 6, seed=1, size=16)
    net = flatten >> dense(4)
    trainer(net, letters, batch=24, seed=3).run(epochs=1)
    print(net(letters[0:1]))
    """
  }

  private func begin(_ folder: Folder, _ options: [String]) throws -> Child {
    try folder.write("empty", "")
    return try Child.spawn(
      Launcher.openMPI ?? "mpirun", options + ["-n", "3", Executable.path, "run", "slow.twin"],
      environment: Launcher.variables, folder: folder, input: folder.path + "/empty", output: folder.path + "/out",
      errors: folder.path + "/err")
  }

  private func waitForJobs(_ folder: Folder) -> [String] {
    let end = Date().addingTimeInterval(30)
    func names() -> [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasPrefix("begun") }
    }
    while names().count < 3, Date() < end { usleep(2000) }
    return names()
  }

  @Test func aKilledRanksJobEndsOnAnother() throws {
    let folder = try Folder()
    try folder.write("slow.twin", Self.slow(0.4))
    let alone = try quick()
    let child = try begin(folder, ["--enable-recovery"])
    #expect(waitForJobs(folder).count >= 3)
    let victim = try #require(process(of: 2, in: folder))
    kill(victim, SIGKILL)
    _ = child.wait(limit: 60)
    let errors = try folder.read("err")
    #expect(try folder.read("out") == alone.output, "\(errors)")
    #expect(errors.contains("is lost: its process is gone"), "\(errors)")
  }

  /// Without recovery all end; a second start does only what is missing.
  @Test func aSecondStartGoesOn() throws {
    let folder = try Folder()
    // mpirun takes a second or two to end the others.
    try folder.write("slow.twin", Self.slow(2))
    let alone = try quick()
    let child = try begin(folder, [])
    let end = Date().addingTimeInterval(30)
    while !folder.has("kept/item1.value"), Date() < end { usleep(2000) }
    kill(try #require(process(of: 1, in: folder)), SIGKILL)
    #expect(child.wait(limit: 60) != 0)
    #expect(try !folder.read("out").contains("[1, 4, 9"))
    try FileManager.default.removeItem(atPath: folder.path + "/begun1")
    let again = try Launcher.run(2, ["run", "slow.twin"], in: folder)
    #expect(again.code == 0 && again.output == alone.output, "\(again)")
    #expect(!folder.has("begun1"))
  }

  /// What one process gives, in no time.
  private func quick() throws -> Executable.Outcome {
    let folder = try Folder()
    try folder.write("slow.twin", Self.slow(0))
    return try Executable.run(["slow.twin"], in: folder)
  }

  @Test(arguments: [
    ("spread([1], x -> (y -> y))", "spread: item 1 of 1, 1, failed: spread: the function's value is "),
    ("spread([1], x -> error(\"no\"))", "spread: item 1 of 1, 1, failed: "),
  ])
  func whatCannotBeSentIsToldWithAndWithoutRanks(script: String, message: String) throws {
    let folder = try Folder()
    for outcome in [
      try Executable.run(["eval", script], in: folder), try Launcher.run(2, ["eval", script], in: folder),
    ] {
      #expect(outcome.code == 0 && outcome.output == "[none]\n" && outcome.errors.contains(message), "\(outcome)")
    }
  }

  @Test func aFolderOfOtherJobsAndADamagedFileAreRefused() throws {
    let folder = try Folder()
    func run(_ script: String) throws -> Executable.Outcome { try Executable.run(["eval", script], in: folder) }
    #expect(try run("spread([1, 2], x -> x + 1, save=\"f\")").output == "[2, 3]\n")
    #expect(try run("spread([1, 2], x -> x + 1, save=\"f\")").output == "[2, 3]\n")
    let other = try run("spread([1, 2], x -> x + 2, save=\"f\")")
    #expect(other.code == 1 && other.errors.contains("holds results of another function or other items (item 1)"))
    let path = folder.path + "/f/item2.value"
    let bytes = try #require(FileManager.default.contents(atPath: path))
    for length in [0, 5, bytes.count - 1] {
      try bytes.prefix(length).write(to: URL(fileURLWithPath: path))
      let damaged = try run("spread([1, 2], x -> x + 1, save=\"f\")")
      #expect(damaged.code == 1 && damaged.errors.contains("item2.value” is no result, or is damaged"), "\(damaged)")
    }
  }
}
