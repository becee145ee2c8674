/// Anything that can be called: closures of the language, builtins, bound methods, compositions, and functions that a
/// binding makes (`grad(f)`).
open class FunctionValue {
  /// What the machine needs to call it without leaving its loop; nil for all but closures.
  let header: UnsafeMutablePointer<CodeHeader>?

  init(header: UnsafeMutablePointer<CodeHeader>?) { self.header = header }

  /// Shown by `describe` and in call stacks.
  open var name: String { "" }

  /// "fn area(w, h=1)", as help and error messages show it.
  open var signature: String { name }
  /// Names of the parameters, for completion of keyword arguments.
  open var parameterNames: [String] { [] }
  /// How many arguments a call has to give: 1 for `(x, y=2) -> x`.
  open var requiredCount: Int { header.map { $0.pointee.requiredCount } ?? 0 }
  /// The builtin that stands behind it, if one does: how `conv(6, 3) >> relu` knows the layer from its function.
  open var builtin: Builtin? { nil }
  /// The text of a function written in the language, for `??`.
  open var source: String? { nil }

  /// Gives away the values it holds, when it is about to be released (see `dismantle`).
  func handOver(to pending: inout [Value]) {}
}

/// A function that keeps its name itself. Closures do not: they are made often, and their prototype knows it.
public class NamedFunction: FunctionValue {
  private let ownName: String

  init(name: String) {
    ownName = name
    super.init(header: nil)
  }

  public final override var name: String { ownName }
}

/// A function made by a binding: what `grad(f)` returns.
public final class HostFunction: NamedFunction {
  public let parameters: [BuiltinParameter]
  let entry: Builtin

  /// - Parameters:
  ///   - name: shown by `describe` and in call stacks.
  ///   - parameters: positional and named arguments are bound to them as for a builtin.
  public init(
    name: String, parameters: [BuiltinParameter],
    implementation: @escaping (Arguments, ExecutionContext) throws -> Value
  ) {
    self.parameters = parameters
    entry = Builtin(name, parameters, area: .core, summary: "", example: "", implementation)
    super.init(name: name)
  }

  public override var signature: String { entry.signature }
  public override var parameterNames: [String] { parameters.map(\.name) }
}

/// A builtin as a value: `map(abs, xs)`.
public final class BuiltinFunction: NamedFunction {
  let entry: Builtin

  public init(_ entry: Builtin) {
    self.entry = entry
    super.init(name: entry.name)
  }

  public override var signature: String { entry.signature }
  public override var parameterNames: [String] { entry.parameters.map(\.name) }
  public override var builtin: Builtin? { entry }
}

/// A method with its receiver: `f = xs.append`.
public final class BoundMethod: NamedFunction {
  let entry: Builtin
  private(set) var receiver: Value

  init(_ entry: Builtin, receiver: Value) {
    self.entry = entry
    self.receiver = receiver
    super.init(name: entry.name)
  }

  public override var signature: String { entry.signature }
  public override var parameterNames: [String] { entry.parameters.map(\.name) }
  public override var builtin: Builtin? { entry }

  override func handOver(to pending: inout [Value]) {
    pending.append(receiver)
    receiver = .none
  }

  deinit {
    guard receiver.holdsOthers else { return }
    var held: [Value] = []
    handOver(to: &held)
    dismantle(&held)
  }
}

/// `f >> g`: what goes into f comes out of g.
public final class ComposedFunction: NamedFunction {
  /// Never itself composed: a chain of a thousand is one flat list.
  private(set) var steps: [FunctionValue]

  init(_ steps: [FunctionValue]) {
    self.steps = steps
    super.init(name: steps.map(\.name).joined(separator: " >> "))
  }

  public override var signature: String { name }

  override func handOver(to pending: inout [Value]) {
    pending.append(contentsOf: steps.map(Value.function))
    steps = []
  }

  deinit {
    var held: [Value] = []
    handOver(to: &held)
    dismantle(&held)
  }
}
