import CoreLibrary
import Interpreter
import ScriptSupport
import StandardLibrary
import Testing

struct RegistrationTests {
  @Test func nothingIsAddedTwice() {
    #expect(StandardLibrary.registry().conflicts.isEmpty)
    var core = BuiltinRegistry()
    CoreLibrary.register(&core)
    #expect(core.conflicts.isEmpty)
  }

  /// What LAPACK computes, and nothing else, is verified by tolerance.
  @Test func linearAlgebraDependsOnTheProcessor() {
    let registry = StandardLibrary.registry()
    #expect(Set(registry.all.filter { $0.area == .linearAlgebra }.map(\.name)) == registry.processorDependentNames)
    #expect(registry.processorDependentNames.contains("eigh") && !registry.processorDependentNames.contains("matmul"))
  }

  /// One entry, documented once, serves numbers and tensors: as NumPy, nan and -inf and no error.
  @Test(arguments: [
    ("sqrt(-1)", "nan"), ("log(0)", "-inf"), ("log(-1)", "nan"), ("sqrt(9)", "3"), ("exp(0)", "1"),
    ("sqrt([1, 4])", "tensor([1, 2])"), ("tensor([0, 1]).log()", "tensor([-inf, 0])"), ("cos(true)", "0.540302"),
    ("gradient(x -> sqrt(x), 4)", "0.25"), ("map(sqrt, [1, 4])", "[1, 2]"),
  ])
  func elementaryFunctions(_ text: String, _ shown: String) {
    let registry = StandardLibrary.registry()
    for name in ["sqrt", "exp", "log", "sin", "cos"] { #expect(registry.entries(named: name).count == 1) }
    let (lines, error) = ScriptRun(steps: 10_000).cell(text)
    #expect(lines == [shown] && error == nil, "\(text): \(lines) \(error ?? "")")
  }
}
