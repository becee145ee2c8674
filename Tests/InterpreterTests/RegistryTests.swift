import ScriptSupport
import Testing

@testable import Interpreter

/// Which entry a name means, and what is a fault of a library.
struct RegistryTests {
  private func entry(_ name: String, dispatch: [String] = [], methodOf: [String] = [], gives: String? = nil) -> Builtin
  {
    Builtin(
      name, [.required("x", "any value")], area: .core, returns: gives, summary: "", example: "", dispatch: dispatch,
      alsoMethodOf: methodOf
    ) { _, _ in .none }
  }

  @Test func overloadsAreDeclared() {
    for first in [[], ["tensor"]] {
      var registry = BuiltinRegistry()
      registry.add(entry("sum", dispatch: first))
      registry.add(entry("sum", dispatch: first.isEmpty ? ["tensor"] : []))
      registry.add(entry("sum", dispatch: ["dataset"]))
      #expect(registry.conflicts.isEmpty && registry.all.count == 3)
      #expect(registry.function("sum")?.dispatch == [] && registry.function("sum")?.variants.count == 2)
    }
  }

  @Test func oneNameTwiceIsAConflict() {
    var registry = BuiltinRegistry()
    registry.add(entry("exp", gives: "string"))
    registry.add(entry("exp", gives: "list"))
    #expect(registry.conflicts == ["exp"] && registry.all.count == 1)
    // The first stays.
    #expect(registry.function("exp")?.returns == "string")
  }

  @Test func overloadsForOneTypeAreAConflict() {
    var registry = BuiltinRegistry()
    registry.add(entry("sort"))
    registry.add(entry("sort", dispatch: ["tensor", "list"]))
    registry.add(entry("sort", dispatch: ["range", "list"]))
    #expect(registry.conflicts == ["sort"])
  }

  @Test func membersOfOneTypeAreAConflict() {
    var registry = BuiltinRegistry()
    registry.add(Builtin(property: "T", of: "tensor", area: .tensors, summary: "", example: "") { _, _ in .none })
    registry.add(Builtin(method: "T", of: "tensor", [], area: .tensors, summary: "", example: "") { _, _ in .none })
    registry.add(entry("T", methodOf: ["tensor"]))
    #expect(registry.conflicts == ["tensor.T", "T"])
    registry.add(Builtin(constant: "pi", 3, area: .mathematics, summary: "", example: ""))
    registry.add(entry("pi", dispatch: ["tensor"]))
    #expect(registry.conflicts.last == "pi")
  }

  /// Completion knows the type where all overloads agree.
  @Test func resultTypes() {
    var registry = BuiltinRegistry()
    registry.add(entry("divmod", gives: "list"))
    registry.add(entry("divmod", dispatch: ["tensor"], gives: "list"))
    registry.add(entry("sort", gives: "list"))
    registry.add(entry("sort", dispatch: ["tensor"], gives: "tensor"))
    #expect(registry.function("divmod")?.resultType == "list")
    #expect(registry.function("sort")?.resultType == nil)
  }
}

/// A parameter's default is declared once: its text and what is read where it is not given come from there.
struct ParameterDefaultTests {
  private var run: ScriptRun {
    var library = BuiltinRegistry()
    library.add(
      Builtin(
        "shown",
        [
          .optional("count", "number", default: 3), .optional("share", "number", default: 1e-7),
          .optional("word", "string", default: "two words"), .optional("isOn", "bool", default: true),
          .optional("free", "number", "what it likes"),
        ], area: .core, summary: "", example: ""
      ) { args, _ in
        Value([
          Value(try args.int(0, in: 0...9)), Value(try args.number(1)), Value(try args.string(2)),
          Value(try args.bool(3)), Value(args.isGiven(4)),
        ])
      })
    return ScriptRun(steps: 1000, library: library)
  }

  @Test func signature() {
    #expect(
      run.interpreter.context.registry.function("shown")?.signature
        == "shown(count=3, share=1e-7, word=\"two words\", isOn=true, free=what it likes)")
  }

  @Test(arguments: [
    ("shown()", "[3, 1e-07, \"two words\", true, false]"), ("shown(none, 2)", "[3, 2, \"two words\", true, false]"),
    ("shown(5, isOn=false, free=1)", "[5, 1e-07, \"two words\", false, true]"),
  ])
  func reading(_ text: String, _ shown: String) {
    #expect(run.cell(text).lines == [shown])
  }

  @Test func whatIsGivenIsChecked() {
    #expect(run.cell("shown(12)").error?.contains("count must be a whole number from 0 to 9") == true)
    #expect(run.cell("shown(word=1)").error?.contains("word must be a string") == true)
  }
}
