import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Galleries in files under what happens to programs: killed in the middle, out of disk, several at once.
@Suite(.serialized, .needsExecutable)
struct GalleryFileTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  private static let open = """
    net = flatten >> dense(8)
    net(zeros([1, 1, 2, 2]))
    people = gallery(net, at="people.gallery")

    """

  /// Enrols one after the other, and says so after each.
  private static let enrol = """
    more = randn([100000, 8], seed=1)
    for i in len(people)..<100000 {
      people.enroll("p{i}", embeddings=more[i])
      print("have {i}")
    }

    """

  private func check(atLeast last: Int) throws -> Int {
    try folder.write(
      "check.twin",
      Self.open + """
        more = randn([100000, 8], seed=1)
        n = len(people)
        for i in [0, floor(n / 2), n - 1] {
          if n > 0 and people.query(embedding=more[i], k=1)[0].label != "p{i}" { print("wrong at {i}") }
        }
        print("n {n}")

        """)
    let outcome = try Executable.run(["run", "check.twin"], in: folder)
    #expect(outcome.code == 0 && !outcome.output.contains("wrong"), "\(outcome)")
    let count = outcome.output.firstMatch(of: /n (\d+)/).flatMap { Int($0.1) } ?? -1
    // What was said to be there is there; more may be that was still on its way to the reader.
    #expect(count > last, "\(count) of \(last)")
    return count
  }

  /// `Scripts/maintainers/kill-gallery.sh` does the same a thousand times.
  @Test func aKillLosesNothingThatWasAcknowledged() throws {
    try folder.write("enrol.twin", Self.open + Self.enrol)
    for round in 0..<8 {
      let child = try Child.spawn(
        Executable.path, ["run", "enrol.twin"], environment: [:], folder: folder, input: "/dev/null",
        output: folder.path + "/out", errors: folder.path + "/err")
      var said = ""
      for _ in 0..<3000 where !said.contains("have") {
        usleep(5000)
        said = (try? folder.read("out")) ?? ""
      }
      usleep(useconds_t(1000 * (3 + round * 17 % 40)))
      kill(child.id, SIGKILL)
      _ = child.wait(limit: 10)
      // The last line may be half written.
      let lines = try folder.read("out").split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      let last = lines.last?.split(separator: " ").last.flatMap { Int($0) } ?? -1
      #expect(last >= 0, "\((try? folder.read("err")) ?? "")")
      _ = try check(atLeast: last)
    }
  }

  /// A disk that is full, played by a limit on the length of files.
  @Test func aFullDiskIsAnErrorAndLosesNothing() throws {
    try folder.write(
      "full.twin",
      Self.open + """
        more = randn([100000, 8], seed=1)
        for i in 0..<100000 {
          if i == 20 { print("ready"); input() }
          try { people.enroll("p{i}", embeddings=more[i]) } catch e {
            print("full at {i}: {e.message}")
            break
          }
          print("have {i}")
        }

        """)
    #expect(mkfifo(folder.path + "/in", 0o600) == 0)
    let pipe = Glibc.open(folder.path + "/in", O_RDWR | O_CLOEXEC)
    defer { close(pipe) }
    let child = try Child.spawn(
      Executable.path, ["run", "full.twin"], environment: [:], folder: folder, input: folder.path + "/in",
      output: folder.path + "/out", errors: folder.path + "/err")
    for _ in 0..<2000 where !(((try? folder.read("out")) ?? "").contains("ready")) { usleep(10_000) }
    let set = try Executable.run(
      ["--pid", "\(child.id)", "--fsize=400000:unlimited"], program: "/usr/bin/prlimit", in: folder)
    #expect(set.code == 0)
    write(pipe, "\n", 1)
    _ = child.wait(limit: 60)
    let said = try folder.read("out")
    #expect(said.contains("full at"), "\(said.suffix(300)) \((try? folder.read("err")) ?? "")")
    let last = said.matches(of: /have (\d+)/).last.flatMap { Int($0.1) } ?? -1
    _ = try check(atLeast: last)
  }

  /// Two programs write into one file, each under a label of its own and under one that both have.
  @Test func twoProgramsWriteAtOnce() throws {
    for name in ["one", "two"] {
      try folder.write(
        "\(name).twin",
        Self.open + """
          for i in 0..<60 {
            people.enroll("\(name)", embeddings=randn([1, 8], seed=i))
            people.enroll("both", embeddings=randn([1, 8], seed=1000 * len("\(name)") + i + \(name == "one" ? 0 : 500)))
          }

          """)
    }
    let children = try ["one", "two"].map { name in
      try Child.spawn(
        Executable.path, ["run", "\(name).twin"], environment: [:], folder: folder, input: "/dev/null",
        output: folder.path + "/\(name).out", errors: folder.path + "/\(name).err")
    }
    for (child, name) in zip(children, ["one", "two"]) {
      #expect(child.wait(limit: 120) == 0, "\((try? folder.read("\(name).err")) ?? "")")
    }
    let outcome = try Executable.run(
      ["eval", "people = load(\"people.gallery\"); print(people, len(people.history(1000)))"], in: folder)
    #expect(outcome.output.hasPrefix("gallery of 3 labels, 240 references"), "\(outcome)")
  }

  /// Programs that all find no file make one gallery, whoever comes first.
  @Test(arguments: 0..<4)
  func programsBeginAtOnce(_ round: Int) throws {
    let names = (0..<6).map { "p\($0)" }
    for name in names {
      try folder.write(
        "\(name).twin",
        Self.open + "people.enroll(\"\(name)\", embeddings=randn([1, 8], seed=len(\"\(name)\") + \(round)))\n")
    }
    let children = try names.map { name in
      try Child.spawn(
        Executable.path, ["run", "\(name).twin"], environment: [:], folder: folder, input: "/dev/null",
        output: folder.path + "/\(name).out", errors: folder.path + "/\(name).err")
    }
    for (child, name) in zip(children, names) {
      #expect(child.wait(limit: 120) == 0, "\((try? folder.read("\(name).err")) ?? "")")
    }
    let outcome = try Executable.run(["eval", "print(sorted(load(\"people.gallery\").labels))"], in: folder)
    #expect(outcome.output == "[\"p0\", \"p1\", \"p2\", \"p3\", \"p4\", \"p5\"]\n", "\(outcome)")
  }
}
