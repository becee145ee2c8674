import Foundation
import Interpreter
import ScriptSupport
import Testing

/// Tensors too large, too deep or too slow end in words, and the session goes on.
struct LimitTests {
  @Test(arguments: ["zeros([1e4, 1e4, 1e4])", "zeros(1e12)"]) func tooLarge(_ text: String) {
    let run = ScriptRun(steps: 100_000)
    #expect(run.cell(text).error?.contains("a tensor of shape") == true)
    #expect(run.cell("1 + 1").lines == ["2"])
  }

  @Test func tooDeep() {
    let run = ScriptRun(steps: 10_000_000)
    #expect(run.cell("xs = []\nfor i in 0..<100000 { xs = [xs] }").error == nil)
    #expect(run.cell("tensor(xs)").error != nil)
    #expect(run.cell("1 + 1").lines == ["2"])
  }

  @Test func interruption() {
    let run = ScriptRun(steps: .max)
    let flag = run.interpreter.context.interrupt
    let thread = Thread {
      Thread.sleep(forTimeInterval: 0.05)
      flag.raise()
    }
    thread.start()
    let (_, error) = run.cell("while true { median(0..<1e6) }")
    flag.lower()
    #expect(error == "interrupted")
    #expect(run.cell("1 + 1").lines == ["2"])
  }
}
