import Foundation
import Testing

@testable import Session

/// Sessions at random, with slips, undone cells and commands between: whatever was typed, the saved script gives the same
/// results again.
@Suite struct RandomSessionTests {
  private static let lines = [
    "a = 1", "b = a + 1", "a += 2", "a", "b", "xs = [1, 2, 3]", "xs.append(a)", "xs[0] = b", "xs", "ys = xs",
    "ys.append(9)",
    "nope", "1 / 0", "a = 5\nnope", "xs.append(7)\nerror(\"late\")", "randn([2])", "t = randn([3])\nt", "t * 2", "t[7]",
    "fn f(n) { n + a }", "f(b)", "f", "g = x -> f(x) * 2", "g(3)", "r = {x: a, y: [b]}", "r.x = 7", "r",
    "r.y.append(2)",
    "for i in 0..<3 { print(i, a) }", "print(\"no end\")", "if a > 3 { b = 0 } else { c = 1 }", "c", "a; ", "x = = 2",
    "\"#> text\"",
    "\"\"\"\n# %% text\n\"\"\"", "%undo", "%undo 2", "%time a = a + 1", "%timeit a += 1", "%who", "%seed", "%show a",
    "%history",
    "?f", "??f", "%nope", "net = flatten >> dense(2)", "net(ones([1, 1, 2, 2]))", "net2 = net >> relu",
    "net2(ones([1, 1, 2, 2]))",
    "o = sgd(0.1)", "p = net(ones([1, 1, 2, 2]))", "step(o, () -> sum(net(ones([1, 1, 2, 2])) ^ 2))", "plot(xs)",
    "m = gallery(net)", "m.enroll(\"one\", ones([1, 2, 2]))", "m", "m.query(ones([1, 2, 2]), k=1)", "m.remove(\"two\")",
    "try { nope2() } catch e { e.message }", "del = a\ndel = none\ndel", "a, b = b, a", "a, b, c = 1, 2",
    "a\n%time b\nc",
    "include(\"nowhere.twin\")", "assert(a == 1, \"a is {a}\")", "%reset",
  ]

  /// TWINBOOK_FUZZ=SECONDS goes on with fresh seeds for as long as that.
  @Test func forLong() throws {
    guard let seconds = ProcessInfo.processInfo.environment["TWINBOOK_FUZZ"].flatMap(Double.init) else { return }
    let end = Date(timeIntervalSinceNow: seconds)
    var seed = Int(Date().timeIntervalSince1970 * 1000)
    var count = 0
    while Date() < end {
      seed += 1
      count += 2
      try savedItGivesTheSameAgain(seed: seed)
      whatIsUndoneWasNeverThere(seed: seed)
    }
    print("\(count) random sessions")
  }

  @Test(arguments: 0..<40) func savedItGivesTheSameAgain(seed: Int) throws {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 7
    func next(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    let desk = Desk(seed: UInt64(seed))
    var typed: [String] = []
    for _ in 0..<30 {
      let line = Self.lines[next(Self.lines.count)]
      typed.append(line)
      desk.type(line)
      let text = desk.session.document().text
      #expect(try NotebookDocument(reading: text, name: "a").text == text)
    }
    let text = desk.session.document().text
    let (outcome, differences) = try replay(text)
    #expect(outcome.succeeded, "\(differences)\n\(typed.joined(separator: "\n"))\n\(text)")
    // And what the last result needs, alone.
    let minimal = desk.session.document(minimal: true).text
    let (second, others) = try replay(minimal)
    #expect(second.succeeded, "\(others)\nminimal:\n\(minimal)\nof:\n\(text)")
  }

  /// Undone cells leave no trace: the same as if they had not been typed.
  @Test(arguments: 0..<20) func whatIsUndoneWasNeverThere(seed: Int) {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 99
    func next(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    let lines = Self.lines.filter { !$0.hasPrefix("%undo") && $0 != "%reset" }
    let (with, without) = (Desk(seed: UInt64(seed)), Desk(seed: UInt64(seed)))
    for _ in 0..<25 {
      let line = lines[next(lines.count)]
      with.type(line)
      without.type(line)
      let before = with.session.document().cells.count
      with.type(lines[next(lines.count)])
      if with.session.document().cells.count > before { with.type("%undo") }
    }
    #expect(with.session.document().cells == without.session.document().cells)
  }
}
