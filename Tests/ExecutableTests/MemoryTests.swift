import Foundation
import Testing

/// What a training holds is a batch's activations, however long it goes on. Measured on a process of its own: the test
/// runner's memory is shared with every other test.
@Suite(.needsExecutable)
struct MemoryTests {
  /// The most memory that a script's process held, in bytes (Linux's VmHWM, read until it ends).
  private func peak(_ script: String) throws -> Int {
    let folder = try Folder()
    try folder.write("train.twin", script)
    try folder.write("empty", "")
    let child = try Child.spawn(
      Executable.path, ["train.twin"], environment: ["TWINBOOK_THREADS": "2"], folder: folder,
      input: folder.path + "/empty", output: folder.path + "/out", errors: folder.path + "/err")
    var most = 0
    // Until the kernel has put the program in its place, a process that was just spawned shows the test runner's
    // memory. It gives the process its new name behind that. A name has fifteen letters there.
    let name = "Name:\t" + String(Executable.path.split(separator: "/").last ?? "").prefix(15) + "\n"
    let end = Date().addingTimeInterval(120)
    while Date() < end {
      let status = (try? String(contentsOfFile: "/proc/\(child.id)/status", encoding: .utf8)) ?? ""
      if status.isEmpty || status.contains("State:\tZ") { break }
      if status.hasPrefix(name), let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
        let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({
          Int($0.trimmingCharacters(in: .whitespaces))
        })
      {
        most = max(most, kilobytes * 1024)
      }
      usleep(2000)
    }
    #expect(child.wait(limit: 300) == 0, "\((try? folder.read("err")) ?? "")")
    #expect(most > 10_000_000)
    return most
  }

  /// One activation of the first layer is 128 × 8 × 28 × 28 × 4 bytes, 3.2 MB: kept once a step, the longer run would
  /// take 1 GB more.
  @Test(arguments: [
    """
    loop = trainer(net, pairs(letters, 512, seed=2), batch=64, seed=3)
    loop.run(epochs=COUNT, patience=1000)
    """,
    """
    tool = adam(0.001)
    images = letters[0:64].tensor
    for round in 0..<COUNT * 8 { step(tool, () -> (net(images) ^ 2).mean()) }
    """,
  ])
  func doesNotGrowWithSteps(loop: String) throws {
    let start = "net = conv4(8)\nletters = glyphs(20, 10, seed=1, size=28)\n"
    func run(_ count: Int) throws -> Int {
      try peak(start + loop.replacingOccurrences(of: "COUNT", with: "\(count)") + "\n")
    }
    let (short, long) = (try run(2), try run(45))
    #expect(long - short < 12_000_000, "\(short / 1_000_000) MB, then \(long / 1_000_000) MB")
  }

  /// Each kind of object, made and dropped: COUNT is how often, so that what is never freed would come to more than
  /// twice the limit, and a thousand of the smaller kinds make up for their size.
  @Test(arguments: [
    (300, "n = flatten >> dense(16)\nn(x)"),
    (300, "n = dense(256)\nn(rows)\nm = n >> relu\nm(rows)"),
    (200, "n = net.copy()\nm = parallel(n, flatten >> dense(16))\nm(x)\nm.layers[0](x)"),
    (200, "n = flatten >> dense(16)\nstep(adam(0.001), () -> (n(x) ^ 2).mean())"),
    (200, "n = flatten >> dense(16)\nstep(tool, () -> (n(x) ^ 2).mean())"),
    (300, "n = flatten >> dense(16)\ngradient(y -> (n(y) ^ 2).mean(), x)"),
    (
      160,
      """
      n = flatten >> dense(16)
      loop = trainer(n, letters, batch=12, validation=letters, average=0.9, seed=3)
      loop.run(epochs=1, patience=2)
      loop.history
      """
    ),
    (160, "loop = trainer(flatten >> dense(16), twins, batch=32, validation=0.2, seed=3)\nloop.run(epochs=1)"),
    (
      60,
      """
      start = s -> trainer(flatten >> dense(16), letters, optimizer=adam(s.rate), batch=24, seed=3)
      sweep(start, {rate: [0.01, 0.001, 0.1]}, n -> retrieval(n, letters).map, epochs=[1, 2])
      """
    ),
    (
      200,
      """
      n = flatten >> dense(16)
      people = gallery(n, compare="medoid")
      for i in 0..<4 { people.enroll("p{i % 2}", letters[i]) }
      people.calibrate(letters, far=0.1)
      people.query(letters[5])
      people.identify(letters[5])
      people.odd()
      """
    ),
    (
      100,
      """
      n = flatten >> dense(16)
      distances(n, letters).roc(5)
      verification(n, twins, folds=3, seed=1)
      report(n, letters, trials=20, seed=1).map
      """
    ),
    (120, "whiten(flatten >> dense(16), letters) >> normalize"),
    (60, "d = glyphs(3, 4, seed=i, size=16).resize(80, 80).augment(rotate=5)\nd.tensor\nd[0]\naudit(d, d)"),
    (300, "for a, b, same in pairs(letters, 64, seed=i).batches(32, seed=1) { a + b }"),
    (300, "for images, labels in letters.batches(8, perclass=2, seed=i) { images * 2 }"),
    (200, "h = histogram(randn([2000]))\np = plot([1, i])\nm = montage(letters)"),
    (150, "net.save(\"n.safetensors\")\nm = load(\"n.safetensors\")\nm(x)"),
    (50_000, "xs = [i, [i, \"a{i}\"], {a: i}]\nf = y -> y + xs[0]\nf(i)"),
  ])
  func whatIsDroppedIsFreed(count: Int, made: String) throws {
    let start = """
      letters = glyphs(4, 6, seed=1, size=16)
      x = letters.tensor
      rows = randn([4, 16])
      net = flatten >> dense(16)
      net(x)
      twins = pairs(letters, 64, seed=2)
      tool = adam(0.001)

      """
    func run(_ count: Int) throws -> Int { try peak(start + "for i in 0..<\(count) {\n\(made)\n}\n") }
    let (short, long) = (try run(max(3, count / 20)), try run(count))
    #expect(long - short < 8_000_000, "\(short / 1_000_000) MB, then \(long / 1_000_000) MB")
  }

  /// Forty figures, arrays and networks, written and read with room for 32 open files: one that stays open shows.
  @Test func filesAreClosed() throws {
    let folder = try Folder()
    try folder.write(
      "files.twin",
      """
      net = flatten >> dense(4)
      net(ones(1, 3))
      for i in 1...40 {
        plot([1, 2, i]).save("figure.svg")
        tensor([1, 2, i]).save("array.npy")
        load("array.npy")
        net.save("net.safetensors")
        try { load("nothing.npy") } catch e { }
      }
      """)
    let outcome = try Executable.run(
      ["-c", "ulimit -n 32; exec \"$0\" files.twin", Executable.path], program: "/bin/sh", in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
  }
}
