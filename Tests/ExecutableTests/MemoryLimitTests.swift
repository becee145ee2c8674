import Foundation
import Testing

/// Under `ulimit -v` an allocation that fails is an error in words: the process never ends by a signal, and a script can
/// catch the error and go on.
@Suite(.needsExecutable)
struct MemoryLimitTests {
  /// 1 GB of addresses, of which the program itself takes some.
  private func run(_ script: String, kilobytes: Int = 1_000_000) throws -> Executable.Outcome {
    let folder = try Folder()
    try folder.write("probe.twin", script)
    return try Executable.run(
      ["-c", "ulimit -v \(kilobytes); exec \"$0\" probe.twin", Executable.path], program: "/bin/sh",
      environment: ["TWINBOOK_THREADS": "2"], in: folder, limit: 240)
  }

  static let probes = [
    "ones([30000, 30000])",
    "xs = []; while true { xs.append(zeros(100000)) }",
    "xs = []; while true { xs.append(zeros(100)) }",
    "list(\"ab\" * 45000000)",
    "s = \"\"; while true { s += \"x\" * 1000000 }",
    "xs = []; while true { xs.append(1) }",
    "xs = []; while true { xs += [0] * 1000 }",
    "xs = list(0..<60000000)",
    "xs = [i for i in 0..<60000000]",
    "xs = [[i] for i in 0..<60000000]",
    "r = {}; n = 0; while true { n += 1; r[str(n)] = n }",
    "xs = [0] * 30000000; ys = xs + [1]; zs = ys + [2]",
    "map(x -> x + 1, 0..<50000000)",
    "sort(rand(100000000))",
    "randn(16000, 16000)",
    "zip(0..<20000000, 0..<20000000)",
    "enumerate(0..<20000000)",
    "(\"a b \" * 20000000).split()",
    "zeros(50000000).tolist()",
    "permutation(100000000)",
    "dense(20000)(zeros([1, 20000]))",
    "xs = []; while true { xs.append((\"a\" * 90000000).center(99000000)) }",
    "len(\"é\" * 30000000)",
    "tile(zeros(1000000), 1000)",
    "fn f(xs) { f(xs + [1]) }; f([0] * 1000000)",
    "gradient(x -> { s = x; for i in 0..<100000 { s = s * 1.0001 }; s.sum() }, zeros(100000))",
    "(\"é\" * 30000000)[5]",
    "net = conv(256, 3) >> conv(256, 3); net(zeros([64, 1, 128, 128]))",
  ]

  @Test(arguments: probes) func tooMuch(_ probe: String) throws {
    let outcome = try run(probe)
    #expect(outcome.code == 1, "\(probe): code \(outcome.code), \(outcome.errors.prefix(300))")
    let isInWords =
      outcome.errors.contains("out of memory") || outcome.errors.contains("fit here")
      || outcome.errors.contains("is too large")
    #expect(isInWords, "\(probe): \(outcome.errors.prefix(300))")
  }

  /// After the error there is room again, and what fits still runs.
  @Test func goesOn() throws {
    let outcome = try run(
      """
      for round in 0..<3 {
        try { xs = []; while true { xs.append(zeros(100000)) } } catch e { print(e.message.startswith("out of memory")) }
        xs = none
        try { ys = list(0..<60000000) } catch e { print(e.message.startswith("out of memory")) }
      }
      print(ones([1000, 1000]).sum(), len(list(0..<1000000)))
      """)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output == String(repeating: "true\n", count: 6) + "1000000 1000000\n", "\(outcome.output)")
  }

  /// Stacks are smaller there, and what recurses still ends in words or in its result.
  @Test(arguments: [
    "a = []; for i in 0..<1000000 { a = [a] }; b = a; print(a == b); a = none; b = none",
    "a = []; b = []; for i in 0..<100000 { a = [a]; b = [b] }; try { print(a == b) } catch e { print(\"caught\") }",
    "a = []; for i in 0..<100000 { a = [a] }; try { print(len(str(a))) } catch e { print(\"caught\") }",
    "fn f(n) { map(x -> f(n + 1), [1]) }; try { f(0) } catch e { print(e.message) }",
    "fn f(n) { f(n + 1) + 1 }; try { f(0) } catch e { print(e.message) }",
    "f = x -> x; for i in 0..<100000 { g = f; f = x -> g(x) }; f = none; print(1)",
    "net = dense(2); for i in 0..<2000 { net = net >> relu }; try { net(ones([1, 2])) } catch e { }; print(1)",
  ]) func deepThingsEnd(_ script: String) throws {
    let outcome = try run(script)
    #expect(
      outcome.code == 0 && !outcome.output.isEmpty, "\(script): code \(outcome.code), \(outcome.errors.prefix(300))")
  }

  /// The words name who set the limit.
  @Test func saysWhoseLimitItIs() throws {
    let outcome = try run("xs = []; while true { xs.append(zeros(100000)) }")
    #expect(outcome.errors.contains("ulimit -v"), "\(outcome.errors)")
    #expect(outcome.errors.contains("work in smaller parts"), "\(outcome.errors)")
  }
}
