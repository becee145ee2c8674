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

/// One script on several ranks: what it prints and writes is what one process prints and writes.
@Suite(
  .enabled(if: Executable.isThere, Comment(rawValue: Executable.whyNot)),
  .enabled(if: Launcher.openMPI != nil, Comment(rawValue: Launcher.whyNot)))
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
      library.errors.contains("mpirun has started 2 ranks, but TWINBOOK_MPI names a library that cannot be opened"),
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
