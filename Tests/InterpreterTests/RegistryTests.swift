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
