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

  /// The argument that is wrong is named, and the bound that it passes.
  @Test(arguments: [
    ("range(0, inf)", "range: stop must be a finite number, got inf"),
    ("range(nan, 3)", "range: start must be a finite"),
    ("range(0, 5, inf)", "range: step must be a finite"),
    ("range(0, 5, 0)", "range: step must be a number other than 0"),
    ("arange(0, inf)", "arange: stop must be a finite number, got inf"), ("arange(nan, 3)", "arange: start must be"),
    ("arange(0, 3, inf)", "arange: step must be a finite"),
    ("arange(0, 3, 0)", "arange: step must be a number other than 0"),
    ("randint(0, 1e30)", "high must be at most 9007199254740992, got 1e+30"),
    ("randint(-1e30, 1)", "low must be at least -9007199254740992"), ("linspace(0, 1, 1e20)", "count must be at most"),
    ("linspace(0, 1, -1)", "count must be at least 0"), ("tile(tensor([1]), [1e30])", "whole numbers of at most"),
    ("tile(tensor([1]), [0.5])", "reps must be whole numbers, got"), ("clip([1, 2])", "low, high or both"),
    ("clip([1, 2], none, none)", "low, high or both"),
  ]) func boundsInWords(_ text: String, _ words: String) {
    let outcome = ScriptRun(steps: 10_000).cell(text)
    #expect(outcome.error?.contains(words) == true, "\(text): \(outcome)")
  }

  /// One bound alone, and what a gradient makes of it.
  @Test(arguments: [
    ("clip([1, 5, 9], low=4)", "tensor([4, 5, 9])"), ("clip([1, 5, 9], none, 6)", "tensor([1, 5, 6])"),
    ("tensor([1, 5, 9]).clip(high=6)", "tensor([1, 5, 6])"), ("clip([1, 5, 9], 4)", "tensor([4, 5, 9])"),
    ("clip([1, 5, 9], low=tensor([2, 6, 3]))", "tensor([2, 6, 9])"), ("clip([-inf, inf], low=0)", "tensor([0, inf])"),
    ("clip([1, 5], high=tensor([0, 6]))", "tensor([0, 5])"),
    ("clip([1, 2], low=16777217)", "tensor([16777217, 16777217])"),
    ("gradient(x -> clip(x, low=4).sum(), tensor([1, 4, 9]))", "tensor([0, 1, 1])"),
    ("gradient(x -> clip(x, high=4).sum(), tensor([1, 4, 9]))", "tensor([1, 1, 0])"),
    ("gradient(b -> clip(tensor([1, 5]), high=b).sum(), 2)", "1"),
  ]) func oneBound(_ text: String, _ expected: String) {
    let outcome = ScriptRun(steps: 10_000).cell(text)
    #expect(outcome.lines == [expected], "\(text): \(outcome)")
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
