/// The reference page's headings, in order.
public enum HelpArea: String, CaseIterable, Sendable {
  case core = "Core"
  case strings = "Strings"
  case lists = "Lists and records"
  case mathematics = "Mathematics"
  case tensors = "Tensors"
  case linearAlgebra = "Linear algebra"
  case gradients = "Gradients"
  case data = "Data"
  case layers = "Layers and networks"
  case losses = "Losses"
  case optimisers = "Optimisers"
  case training = "Training"
  case judging = "Judging"
  case gallery = "Gallery"
  case plots = "Plots"
  case help = "Help and session"
}

/// One entry of the library: help, completion, inspection, the reference page and the test that runs every example
/// come from it, and the machine calls its implementation.
///
/// A complete example of a binding file, with a host object, a function with defaults, a method, a property and an error
/// that points at an argument:
///
///     import Diagnostics
///     import Interpreter
///     import Tensors
///
///     final class CounterObject: HostObject {
///       var count: Int
///       init(count: Int) { self.count = count }
///       override var typeName: String { "counter" }
///       override func describe(_ style: DisplayStyle) -> String { "a counter at \(count)" }
///       override var version: Int? { count }
///     }
///
///     extension CoreLibrary {
///       static func registerCounters(_ registry: inout BuiltinRegistry) {
///         let start = TypedParameter.int("start", in: 0...1_000_000, default: 0)
///         let label = TypedParameter.string("label", or: "none", namedOnly: true)
///         let by = TypedParameter.int("by", in: 0...1_000_000, default: 1)
///         registry.add(
///           Builtin(
///             "counter", .of(start, label), area: .core, summary: "A counter that begins at `start`.",
///             example: """
///               c = counter(2)
///               c.step(by=3)
///               #> 5
///               """,
///             errors: ["start must be a whole number of at least 0"], seeAlso: ["counter.step"]
///           ) { args, context in
///             let first = try args[start]
///             if first == 13 { throw ArgumentError(start, "13 brings no luck", help: "take 12 or 14") }
///             return Value(CounterObject(count: first))
///           })
///         registry.add(
///           Builtin(
///             method: "step", of: "counter", .of(by), area: .core, summary: "Counts on, and gives the new count.",
///             example: "counter().step()\n#> 1"
///           ) { args, context in
///             let counter = try args.receiver(CounterObject.self)
///             counter.count += try args[by]
///             return Value(counter.count)
///           })
///         registry.add(
///           Builtin(
///             property: "count", of: "counter", area: .core, summary: "Where it stands.",
///             example: "counter(4).count\n#> 4"
///           ) { args, _ in Value(try args.receiver(CounterObject.self).count) })
///       }
///     }
///
/// A name that means different things for different first arguments (`sum` of a list, `sum` of a tensor) is overloaded:
/// added more than once, where each addition but one says `dispatch: ["tensor"]`, the types of the first argument that it
/// is for. Anything else that is added twice stands in the registry's `conflicts`, and a test fails. A function
/// whose first argument may also stand before a dot (`t.sum()`) says `alsoMethodOf: ["tensor"]`; its first parameter is
/// then the receiver. In a method proper, the first parameter is the first one between the parentheses.
///
/// What reads or writes files says so (`files: .reads`, see `FileUse`).
///
/// Errors: throw any `ExplainedError`; the machine places it at the call. Throw `ArgumentError(parameter, explanation)` to
/// have the caret under that argument. Closures given by the script are called with `context.call(function, [values])`.
/// Long work calls `try context.checkInterruption()` now and then.
public final class Builtin {
  public enum Kind: Sendable { case function, method, property, constant }

  public typealias Implementation = (Arguments, ExecutionContext) throws -> Value
  /// For methods that change a list or record: gets the receiver to change.
  public typealias MutatingImplementation = (inout Value, Arguments, ExecutionContext) throws -> Value

  public let name: String
  public let kind: Kind
  /// The type whose method or property this is; nil for functions and constants.
  public let receiver: String?
  public let parameters: [BuiltinParameter]
  public let area: HelpArea
  /// The type that it always gives, for completion behind a call that has not been run (`glyphs(4, 3).`); nil where it
  /// depends on what it is given, and for numbers, bools and none, which have no members.
  public let returns: String?
  public let files: FileUse
  /// One sentence.
  public let summary: String
  /// Paragraphs: shapes in and out, formulas, sources.
  public let details: String
  /// Runnable; lines after `#> ` are the expected output where it is deterministic.
  public let example: String
  public let errors: [String]
  public let seeAlso: [String]
  /// Types of the first argument that this entry is for; empty: any that no other entry of the name is for.
  public let dispatch: [String]
  public let alsoMethodOf: [String]
  /// Its last digits may be others on another processor, for a library outside computes it. A call is noted in
  /// `ExecutionContext.dependsOnProcessor`: what follows is compared by tolerance when a saved session is verified.
  public let dependsOnProcessor: Bool
  /// What stands for this function between `>>`: `relu` is a layer there, whatever `relu(x)` does to a tensor.
  public let composeValue: ((ExecutionContext) throws -> Value)?
  let implementation: Implementation
  let mutating: MutatingImplementation?
  /// Entries of the same name for other types of first argument (see `dispatch`). Filled by the registry.
  public internal(set) var variants: [Builtin] = [] {
    didSet { chooseByKind() }
  }
  /// The entry for each kind of first argument that is one type; nil where there are no variants. Not counted: `variants`
  /// holds them.
  private(set) var entriesByKind: UnsafeMutablePointer<Unmanaged<Builtin>?>?

  init(
    name: String, kind: Kind, receiver: String?, parameters: [BuiltinParameter], area: HelpArea, returns: String?,
    files: FileUse = [], summary: String, details: String, example: String, errors: [String], seeAlso: [String],
    dispatch: [String], alsoMethodOf: [String], dependsOnProcessor: Bool = false,
    composeValue: ((ExecutionContext) throws -> Value)?,
    implementation: @escaping Implementation, mutating: MutatingImplementation?
  ) {
    self.name = name
    self.kind = kind
    self.receiver = receiver
    self.parameters = parameters
    self.area = area
    self.returns = returns
    self.files = files
    self.dependsOnProcessor = dependsOnProcessor
    self.summary = summary
    self.details = details
    self.example = example
    self.errors = errors
    self.seeAlso = seeAlso
    self.dispatch = dispatch
    self.alsoMethodOf = alsoMethodOf
    self.composeValue = composeValue
    if dependsOnProcessor {
      self.implementation = { arguments, context in
        context.dependsOnProcessor = true
        return try implementation(arguments, context)
      }
    } else {
      self.implementation = implementation
    }
    self.mutating = mutating
    isSimple = !parameters.contains { $0.isVariadic || $0.isNamedOnly }
    requiredCount = (parameters.lastIndex { $0.defaultText == nil } ?? -1) + 1
    parameterCount = parameters.count
    isMember = receiver != nil
    keys = .allocate(capacity: parameters.count)
    for (place, parameter) in parameters.enumerated() { (keys + place).initialize(to: parameter.key) }
  }

  /// All parameters can be given by position, none takes several.
  let isSimple: Bool
  let requiredCount: Int
  let parameterCount: Int
  /// A method or property proper, whose receiver is none of its parameters.
  let isMember: Bool
  /// The parameters' keys, which live as long as the builtin: to find a parameter counts no reference.
  let keys: UnsafeMutablePointer<UInt64>

  deinit {
    keys.deallocate()
    entriesByKind?.deallocate()
  }

  /// Calls the implementation, which a property of this object holds: so it needs no reference of its own meanwhile.
  @inline(never)
  func run(_ arguments: Arguments, _ context: ExecutionContext) throws -> Value {
    try implementation(arguments, context)
  }

  /// It has no rule for gradients: an argument that carries one is an error in words. All that is no mathematics is so.
  var hasNoGradient: Bool {
    switch area {
    case .data, .optimisers, .training, .judging, .gallery: true
    default: false
    }
  }

  /// A function.
  public convenience init(
    _ name: String, _ parameters: [BuiltinParameter], area: HelpArea, returns: String? = nil, files: FileUse = [],
    summary: String, details: String = "", example: String,
    errors: [String] = [], seeAlso: [String] = [], dispatch: [String] = [], alsoMethodOf: [String] = [],
    dependsOnProcessor: Bool = false, composeValue: ((ExecutionContext) throws -> Value)? = nil,
    _ implementation: @escaping Implementation
  ) {
    self.init(
      name: name, kind: .function, receiver: nil, parameters: parameters, area: area, returns: returns, files: files,
      summary: summary, details: details, example: example, errors: errors, seeAlso: seeAlso, dispatch: dispatch,
      alsoMethodOf: alsoMethodOf, dependsOnProcessor: dependsOnProcessor, composeValue: composeValue,
      implementation: implementation, mutating: nil)
  }

  /// A method.
  public convenience init(
    method name: String, of receiver: String, _ parameters: [BuiltinParameter], area: HelpArea, returns: String? = nil,
    files: FileUse = [], summary: String, details: String = "", example: String, errors: [String] = [],
    seeAlso: [String] = [],
    _ implementation: @escaping Implementation
  ) {
    self.init(
      name: name, kind: .method, receiver: receiver, parameters: parameters, area: area, returns: returns, files: files,
      summary: summary, details: details, example: example, errors: errors, seeAlso: seeAlso, dispatch: [],
      alsoMethodOf: [], composeValue: nil, implementation: implementation, mutating: nil)
  }

  /// A method that changes a list or a record in the place where it stands (`xs.append(1)`).
  public convenience init(
    mutating name: String, of receiver: String, _ parameters: [BuiltinParameter], area: HelpArea,
    returns: String? = nil, summary: String,
    details: String = "", example: String, errors: [String] = [], seeAlso: [String] = [],
    _ implementation: @escaping MutatingImplementation
  ) {
    self.init(
      name: name, kind: .method, receiver: receiver, parameters: parameters, area: area, returns: returns,
      summary: summary,
      details: details, example: example, errors: errors, seeAlso: seeAlso, dispatch: [], alsoMethodOf: [],
      composeValue: nil,
      implementation: { arguments, context in
        var receiver = arguments.receiver
        return try implementation(&receiver, arguments, context)
      }, mutating: implementation)
  }

  /// A property.
  public convenience init(
    property name: String, of receiver: String, area: HelpArea, returns: String? = nil, summary: String,
    details: String = "", example: String,
    seeAlso: [String] = [], _ implementation: @escaping Implementation
  ) {
    self.init(
      name: name, kind: .property, receiver: receiver, parameters: [], area: area, returns: returns, summary: summary,
      details: details,
      example: example, errors: [], seeAlso: seeAlso, dispatch: [], alsoMethodOf: [], composeValue: nil,
      implementation: implementation, mutating: nil)
  }

  /// A constant (`pi`), or a value that stands for itself by name.
  public convenience init(
    constant name: String, _ value: Value, area: HelpArea, returns: String? = nil, summary: String,
    details: String = "", example: String,
    seeAlso: [String] = []
  ) {
    self.init(
      name: name, kind: .constant, receiver: nil, parameters: [], area: area, returns: returns, summary: summary,
      details: details,
      example: example, errors: [], seeAlso: seeAlso, dispatch: [], alsoMethodOf: [], composeValue: nil,
      implementation: { _, _ in value }, mutating: nil)
  }

  /// A name that stands for something computed when it is read (`args`).
  public convenience init(
    computed name: String, area: HelpArea, returns: String? = nil, summary: String,
    details: String = "", example: String,
    seeAlso: [String] = [], _ implementation: @escaping Implementation
  ) {
    self.init(
      name: name, kind: .constant, receiver: nil, parameters: [], area: area, returns: returns, summary: summary,
      details: details,
      example: example, errors: [], seeAlso: seeAlso, dispatch: [], alsoMethodOf: [], composeValue: nil,
      implementation: implementation, mutating: nil)
  }

  /// "sum(values, axis=none)"; for methods "dataset.split(classes=none, seed=none)".
  public var signature: String {
    let prefix = receiver.map { "\($0)." } ?? ""
    switch kind {
    case .property, .constant: return prefix + name
    case .function, .method:
      return "\(prefix)\(name)(\(shownParameters.joined(separator: ", ")))"
    }
  }

  /// "x", "axis=none", "values…".
  public var shownParameters: [String] {
    parameters.map { parameter in
      if parameter.isVariadic { return "\(parameter.name)…" }
      return parameter.defaultText.map { "\(parameter.name)=\($0)" } ?? parameter.name
    }
  }

  /// What it gives, as far as its name alone says: nil where overloads of the name give different types.
  public var resultType: String? { variants.allSatisfy { $0.returns == returns } ? returns : nil }

  /// "dataset.split": how `help` and `seeAlso` name it.
  public var qualifiedName: String { receiver.map { "\($0).\(name)" } ?? name }

  /// The entry for a first argument of this type.
  func entry(forType type: String) -> Builtin {
    if dispatch.contains(type) { return self }
    return variants.first { $0.dispatch.contains(type) } ?? self
  }

  private func chooseByKind() {
    entriesByKind?.deallocate()
    entriesByKind = nil
    guard !variants.isEmpty else { return }
    let entries = ValueKind.typeNames.map { $0.map { Unmanaged.passUnretained(entry(forType: $0)) } }
    let storage = UnsafeMutablePointer<Unmanaged<Builtin>?>.allocate(capacity: entries.count)
    storage.initialize(from: entries, count: entries.count)
    entriesByKind = storage
  }
}
