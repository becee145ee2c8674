import Foundation
import Testing

/// What a training holds is a batch's activations, however long it goes on. Measured on a process of its own: the test
/// runner's memory is shared with every other test.
@Suite(.enabled(if: Executable.isThere, Comment(rawValue: Executable.whyNot)))
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
    let end = Date().addingTimeInterval(120)
    while Date() < end {
      let status = (try? String(contentsOfFile: "/proc/\(child.id)/status", encoding: .utf8)) ?? ""
      if status.isEmpty || status.contains("State:\tZ") { break }
      if let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
        let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({
          Int($0.trimmingCharacters(in: .whitespaces))
        })
      {
        most = max(most, kilobytes * 1024)
      }
      usleep(2000)
    }
    #expect(child.wait(limit: 60) == 0, "\((try? folder.read("err")) ?? "")")
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
