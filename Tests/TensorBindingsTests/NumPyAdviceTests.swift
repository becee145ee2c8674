import Diagnostics
import Interpreter
import ScriptSupport
import Testing

/// Help for people who know NumPy says what to write, and that is right.
struct NumPyAdviceTests {
  private func help(_ code: String, after first: String) -> String {
    let run = ScriptRun(steps: 1_000_000)
    _ = run.cell(first)
    guard case .failed(let diagnostics) = run.interpreter.evaluate(SourceText(name: "cell", text: code)) else {
      return "no error"
    }
    return diagnostics.first?.explanation.help ?? "no help"
  }

  /// What is advised for a function of NumPy gives what that function gives.
  @Test(arguments: [
    ("logical_and(m, n)", "m * n", "x[m * n]", "tensor([2])"),
    ("logical_or(m, n)", "m + n > 0", "x[m + n > 0]", "tensor([1, 2, 3])"),
    ("logical_not(m)", "m == 0", "x[m == 0]", "tensor([1])"),
    ("logical_xor(m, n)", "m != n", "x[m != n]", "tensor([1, 3])"),
    ("count_nonzero(m)", "sum(x != 0)", "sum(m != 0)", "2"),
    (
      "isin(x, [1])", "any(x[:, none] == tensor(xs), axis=1)", "any(x[:, none] == tensor([1, 3]), axis=1)",
      "tensor([1, 0, 1])"
    ),
    ("argwhere(m)", "stack(nonzero(x), axis=1)", "stack(nonzero(m), axis=1).tolist()", "[[1], [2]]"),
    ("searchsorted(x, 2)", "sum(xs < x)", "sum(x < 2)", "1"),
    ("broadcast_to(x, [2, 3])", "x + zeros(2, 3)", "(x + zeros(2, 3)).shape", "[2, 3]"),
    ("nan_to_num(x)", "where(isfinite(x), x, 0)", "y = tensor([nan, 1])\nwhere(isfinite(y), y, 0)", "tensor([0, 1])"),
    ("~m", "the opposite of a mask is a == 0", "x[m == 0]", "tensor([1])"),
    ("m & n", "of masks, a * b", "x[m * n]", "tensor([2])"),
    ("m | n", "of masks, a + b > 0", "x[m + n > 0]", "tensor([1, 2, 3])"),
    ("x.pow(2)", "x ^ 2", "x ^ 2", "tensor([1, 4, 9])"),
    ("power", "no cell has given it a value yet; write x ^ y", "2 ^ 3", "8"), ("corrcoef(x)", "c /= norm(c", "1", "1"),
  ])
  func functionsOfNumPy(_ code: String, _ hint: String, _ advised: String, _ expected: String) {
    let setting = "x = tensor([1, 2, 3])\nm = x > 1\nn = x < 3"
    let found = help(code, after: setting)
    #expect(found.contains(hint), "\(code): \(found)")
    let outcome = ScriptRun(steps: 10_000).cell("\(setting)\n\(advised)")
    #expect(outcome.lines == [expected], "\(advised): \(outcome)")
  }
}
