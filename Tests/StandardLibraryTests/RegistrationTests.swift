import CoreLibrary
import ScriptSupport
import StandardLibrary
import Testing

@testable import Interpreter

struct RegistrationTests {
  @Test func nothingIsAddedTwice() {
    #expect(StandardLibrary.registry().conflicts.isEmpty)
    var core = BuiltinRegistry()
    CoreLibrary.register(&core)
    #expect(core.conflicts.isEmpty)
  }

  /// An argument is found by its parameter's key, which is made of the name.
  @Test func theParametersOfABuiltinHaveKeysOfTheirOwn() {
    var names: Set<String> = []
    var keys: Set<UInt64> = []
    for parameter in StandardLibrary.registry().all.flatMap(\.parameters) {
      names.insert(parameter.name)
      keys.insert(parameter.key)
    }
    #expect(names.count > 100 && keys.count == names.count)
  }

  /// A default that is a plain value stands in the declaration as one, and `Arguments` reads it there.
  @Test func plainDefaultsAreValues() {
    var count = 0
    for entry in StandardLibrary.registry().all {
      for parameter in entry.parameters {
        if parameter.defaultValue != nil { count += 1 }
        guard let text = parameter.defaultText, parameter.defaultValue == nil else { continue }
        let isPlain = Double(text).map(\.isFinite) == true || ["true", "false"].contains(text) || text.hasPrefix("\"")
        // Read as a number or as a word.
        let isExtent = parameter.type.contains("[height, width]") || parameter.type.contains("\"same\"")
        #expect(!isPlain || isExtent, "\(entry.signature): \(parameter.name)")
      }
    }
    #expect(count > 150)
  }

  /// What LAPACK computes, and nothing else, is verified by tolerance.
  @Test func linearAlgebraDependsOnTheProcessor() {
    let registry = StandardLibrary.registry()
    let names = Set(registry.all.filter(\.dependsOnProcessor).map(\.name))
    #expect(Set(registry.all.filter { $0.area == .linearAlgebra }.map(\.name)) == names)
    #expect(names.contains("eigh") && !names.contains("matmul"))
  }

  /// One entry, documented once, serves numbers and tensors: as NumPy, nan and -inf and no error.
  @Test(arguments: [
    ("sqrt(-1)", "nan"), ("log(0)", "-inf"), ("log(-1)", "nan"), ("sqrt(9)", "3"), ("exp(0)", "1"),
    ("sqrt([1, 4])", "tensor([1, 2])"), ("tensor([0, 1]).log()", "tensor([-inf, 0])"), ("cos(true)", "0.5403023"),
    ("gradient(x -> sqrt(x), 4)", "0.25"), ("map(sqrt, [1, 4])", "[1, 2]"),
  ])
  func elementaryFunctions(_ text: String, _ shown: String) {
    let registry = StandardLibrary.registry()
    for name in ["sqrt", "exp", "log", "sin", "cos"] { #expect(registry.entries(named: name).count == 1) }
    let (lines, error) = ScriptRun(steps: 10_000).cell(text)
    #expect(lines == [shown] && error == nil, "\(text): \(lines) \(error ?? "")")
  }
}
