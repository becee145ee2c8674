import Tensors

/// A parameter of a builtin, declared once with its type, its range and its default. The signature, help and the reference
/// show it, and the implementation reads the argument by it:
///
///     let start = TypedParameter.int("start", in: 0...1_000_000, default: 0)
///     let label = TypedParameter.string("label", or: "none", namedOnly: true)
///     registry.add(
///       Builtin("counter", .of(start, label), area: .core, summary: …, example: …) { args, context in
///         let first = try args[start]                     // an Int
///         if let label = try args[label] { … }            // a String?
///         if first == 13 { throw ArgumentError(start, "13 brings no luck", help: "take 12 or 14") }
///
/// `or` says in words what counts where the argument is not given: such a parameter gives an optional.
public struct TypedParameter<Given>: Sendable {
  public let declared: BuiltinParameter
  @usableFromInline let read: @Sendable (Arguments, Int) throws -> Given

  /// - Parameter read: takes the argument at a place, whose readers know the declared default, or throws in words.
  public init(_ declared: BuiltinParameter, read: @escaping @Sendable (Arguments, Int) throws -> Given) {
    (self.declared, self.read) = (declared, read)
  }

  /// Required, or with the default where there is one.
  init(
    _ name: String, _ type: String, _ standard: ParameterDefault?, namedOnly: Bool,
    read: @escaping @Sendable (Arguments, Int) throws -> Given
  ) {
    self.init(
      standard.map { .optional(name, type, default: $0, namedOnly: namedOnly) } ?? .required(name, type), read: read)
  }

  /// Nil where it is not given.
  static func optional<Wrapped>(
    _ name: String, _ type: String, or words: String, namedOnly: Bool,
    read: @escaping @Sendable (Arguments, Int) throws -> Wrapped
  ) -> TypedParameter where Given == Wrapped? {
    TypedParameter(.optional(name, type, words, namedOnly: namedOnly)) { args, place in
      args.isGiven(place) ? try read(args, place) : nil
    }
  }
}

extension [BuiltinParameter] {
  /// The parameters of a builtin, in their order.
  public static func of<each Value>(_ parameters: repeat TypedParameter<each Value>) -> [BuiltinParameter] {
    var declared: [BuiltinParameter] = []
    for parameter in repeat each parameters { declared.append(parameter.declared) }
    return declared
  }
}

// MARK: Reading

extension Arguments {
  /// What was given for a parameter, or its default.
  @inlinable
  public subscript<Given>(parameter: TypedParameter<Given>) -> Given {
    get throws { try parameter.read(self, declaredPlace(of: parameter.declared)) }
  }

  /// Among the parameters of the builtin that was called; -1 for one that it does not declare.
  @inlinable
  public func place<Given>(of parameter: TypedParameter<Given>) -> Int { place(of: parameter.declared) }

  @usableFromInline
  func place(of declared: BuiltinParameter) -> Int {
    let parameters = builtin.parameters
    for index in parameters.indices
    where parameters[index].key == declared.key && parameters[index].name == declared.name { return index }
    return -1
  }

  @usableFromInline
  func declaredPlace(of declared: BuiltinParameter) throws -> Int {
    let place = place(of: declared)
    if place < 0 { throw ArgumentError(-1, "\(functionName) has no parameter \(declared.name)") }
    return place
  }

  /// Whether the builtin that was called declares it: for what several builtins share, of which some take more.
  public func takes<Given>(_ parameter: TypedParameter<Given>) -> Bool { place(of: parameter) >= 0 }

  /// What was given, whatever its kind; `.unset` where nothing was.
  public func value<Given>(_ parameter: TypedParameter<Given>) -> Value { self[place(of: parameter)] }

  /// Whether it was given, `none` included.
  public func has<Given>(_ parameter: TypedParameter<Given>) -> Bool { has(place(of: parameter)) }

  /// Whether it was given and is not `none`.
  public func isGiven<Given>(_ parameter: TypedParameter<Given>) -> Bool { isGiven(place(of: parameter)) }

  /// Whether it was given with its name: `max(x, axis=0)`.
  public func isNamed<Given>(_ parameter: TypedParameter<Given>) -> Bool { isNamed(place(of: parameter)) }

  public func mismatch<Given>(
    _ parameter: TypedParameter<Given>, expected: String, help: String? = nil
  ) -> ArgumentError {
    mismatch(place(of: parameter), expected: expected, help: help)
  }

  /// A number that is taken out of a tensor would lose its gradient without a word.
  public func refuseTraced<Given>(_ parameter: TypedParameter<Given>) throws { try refuseTraced(place(of: parameter)) }
}

// MARK: Reading what depends on other arguments

extension Arguments {
  /// A whole number, where its range depends on other arguments.
  public func int<Given>(
    _ parameter: TypedParameter<Given>, in range: ClosedRange<Int> = -(1 << 53)...(1 << 53)
  ) throws -> Int { try int(place(of: parameter), in: range) }

  public func number(_ parameter: TypedParameter<Value>) throws -> Double { try number(place(of: parameter)) }

  /// A number whose gradient, if it carries one, ends here on purpose.
  public func constant(_ parameter: TypedParameter<Value>) throws -> Double { try constant(place(of: parameter)) }

  public func numbers(_ parameter: TypedParameter<Value>) throws -> [Double] { try numbers(place(of: parameter)) }

  /// A tensor; a number, a range or nested lists become one.
  public func tensor(_ parameter: TypedParameter<Value>) throws -> Tensor { try tensor(place(of: parameter)) }

  public func string(_ parameter: TypedParameter<Value>) throws -> String { try string(place(of: parameter)) }

  public func strings(_ parameter: TypedParameter<Value>) throws -> [String] { try strings(place(of: parameter)) }

  public func list(_ parameter: TypedParameter<Value>) throws -> [Value] { try list(place(of: parameter)) }

  public func record(_ parameter: TypedParameter<Value>) throws -> RecordBox { try record(place(of: parameter)) }

  public func function(_ parameter: TypedParameter<Value>) throws -> FunctionValue {
    try function(place(of: parameter))
  }
}

extension ExecutionContext {
  /// All items of what `for` goes over.
  public func items(_ arguments: Arguments, _ parameter: TypedParameter<Value>) throws -> [Value] {
    try items(arguments, arguments.place(of: parameter))
  }
}
// MARK: Numbers

extension TypedParameter<Double> {
  /// - Parameter default: nil: required.
  public static func number(
    _ name: String, _ type: String = "number", in range: ClosedRange<Double>? = nil, default standard: Double? = nil,
    namedOnly: Bool = false
  ) -> TypedParameter {
    TypedParameter(name, type, standard.map { .number($0) }, namedOnly: namedOnly) { args, place in
      try range.map { try args.number(place, in: $0) } ?? args.number(place)
    }
  }
}

extension TypedParameter<Double?> {
  public static func number(
    _ name: String, in range: ClosedRange<Double>? = nil, or words: String, namedOnly: Bool = false
  ) -> TypedParameter {
    .optional(name, "number", or: words, namedOnly: namedOnly) { args, place in
      try range.map { try args.number(place, in: $0) } ?? args.number(place)
    }
  }
}

extension TypedParameter<Int> {
  /// A whole number.
  /// - Parameter default: nil: required.
  public static func int(
    _ name: String, in range: ClosedRange<Int> = -(1 << 53)...(1 << 53), default standard: Int? = nil,
    namedOnly: Bool = false
  ) -> TypedParameter {
    TypedParameter(name, "number", standard.map { .number(Double($0)) }, namedOnly: namedOnly) {
      try $0.int($1, in: range)
    }
  }
}

extension TypedParameter<Int?> {
  /// A whole number.
  public static func int(
    _ name: String, in range: ClosedRange<Int> = -(1 << 53)...(1 << 53), or words: String, namedOnly: Bool = false
  ) -> TypedParameter {
    .optional(name, "number", or: words, namedOnly: namedOnly) { try $0.int($1, in: range) }
  }
}

extension TypedParameter<[Int]> {
  /// Whole numbers; a single one counts as a list of one.
  public static func ints(
    _ name: String, _ type: String = "number or list", in range: ClosedRange<Int> = -(1 << 53)...(1 << 53)
  ) -> TypedParameter {
    TypedParameter(.required(name, type)) { try $0.ints($1, in: range) }
  }
}

extension TypedParameter<[Int]?> {
  /// Whole numbers; a single one counts as a list of one.
  public static func ints(
    _ name: String, _ type: String = "number or list", in range: ClosedRange<Int> = -(1 << 53)...(1 << 53),
    or words: String, namedOnly: Bool = false
  ) -> TypedParameter {
    .optional(name, type, or: words, namedOnly: namedOnly) { try $0.ints($1, in: range) }
  }
}

/// Where random numbers begin: read with the session, which has the next seed where none is given.
public struct Seed: Sendable {
  fileprivate var given: UInt64?

  /// The seed given, or the session's next one.
  public func value(_ context: ExecutionContext) -> UInt64 { given ?? context.nextSeed() }
}

extension TypedParameter<Seed> {
  public static func seed(or words: String = "the session's next", namedOnly: Bool = false) -> TypedParameter {
    TypedParameter(.optional("seed", "number", words, namedOnly: namedOnly)) { args, place in
      Seed(given: args.isGiven(place) ? UInt64(try args.int(place, in: 0...(1 << 53))) : nil)
    }
  }
}

// MARK: Others

extension TypedParameter<Bool> {
  public static func bool(_ name: String, default standard: Bool, namedOnly: Bool = false) -> TypedParameter {
    TypedParameter(name, "bool", .bool(standard), namedOnly: namedOnly) { try $0.bool($1) }
  }
}

extension TypedParameter<Bool?> {
  public static func bool(_ name: String, or words: String, namedOnly: Bool = false) -> TypedParameter {
    .optional(name, "bool", or: words, namedOnly: namedOnly) { try $0.bool($1) }
  }
}

extension TypedParameter<String> {
  /// - Parameter default: nil: required.
  public static func string(
    _ name: String, default standard: String? = nil, namedOnly: Bool = false
  ) -> TypedParameter {
    TypedParameter(name, "string", standard.map { .text($0) }, namedOnly: namedOnly) { try $0.string($1) }
  }
}

extension TypedParameter<String?> {
  public static func string(_ name: String, or words: String, namedOnly: Bool = false) -> TypedParameter {
    .optional(name, "string", or: words, namedOnly: namedOnly) { try $0.string($1) }
  }
}

extension TypedParameter<[String]> {
  /// A list of strings, empty where none is given.
  public static func strings(_ name: String, namedOnly: Bool = false) -> TypedParameter {
    TypedParameter(.optional(name, "list of strings", "[]", namedOnly: namedOnly)) { args, place in
      args.isGiven(place) ? try args.strings(place) : []
    }
  }
}

extension TypedParameter<[String]?> {
  /// A list of strings.
  public static func strings(_ name: String, or words: String, namedOnly: Bool = false) -> TypedParameter {
    .optional(name, "list of strings", or: words, namedOnly: namedOnly) { try $0.strings($1) }
  }
}

extension TypedParameter<FunctionValue> {
  public static func function(_ name: String) -> TypedParameter {
    TypedParameter(.required(name, "function")) { try $0.function($1) }
  }
}

extension TypedParameter<FunctionValue?> {
  public static func function(_ name: String, or words: String, namedOnly: Bool = false) -> TypedParameter {
    .optional(name, "function", or: words, namedOnly: namedOnly) { try $0.function($1) }
  }
}

extension TypedParameter<RecordBox> {
  public static func record(_ name: String) -> TypedParameter {
    TypedParameter(.required(name, "record")) { try $0.record($1) }
  }
}

extension TypedParameter<[Value]> {
  /// All the positional arguments that are left.
  public static func values(_ name: String, _ type: String) -> TypedParameter {
    TypedParameter(.variadic(name, type)) { $0.has($1) ? try $0.list($1) : [] }
  }
}

extension TypedParameter where Given: RawRepresentable<String> & CaseIterable & Sendable {
  /// One of a few words.
  public static func word(_ name: String, default standard: Given, namedOnly: Bool = false) -> TypedParameter {
    let words = Given.allCases.map(\.rawValue)
    return TypedParameter(name, "string", .text(standard.rawValue), namedOnly: namedOnly) { args, place in
      Given(rawValue: try args.string(place, oneOf: words)) ?? standard
    }
  }
}

extension TypedParameter<Value> {
  /// Any value, which the implementation looks at itself.
  /// - Parameter type: what it takes, in words.
  public static func value(_ name: String, _ type: String) -> TypedParameter {
    TypedParameter(.required(name, type)) { $0[$1] }
  }

  /// `.unset` or `.none` where it is not given; readers of a kind (`args.number(parameter)`) give the default.
  public static func value(
    _ name: String, _ type: String, default standard: ParameterDefault, namedOnly: Bool = false
  ) -> TypedParameter {
    TypedParameter(.optional(name, type, default: standard, namedOnly: namedOnly)) { $0[$1] }
  }

  /// `.unset` or `.none` where it is not given.
  public static func value(
    _ name: String, _ type: String, or words: String, namedOnly: Bool = false
  ) -> TypedParameter {
    TypedParameter(.optional(name, type, words, namedOnly: namedOnly)) { $0[$1] }
  }
}

extension TypedParameter<Tensor> {
  /// A tensor; a number, a range or nested lists become one.
  public static func tensor(_ name: String, _ type: String = "tensor") -> TypedParameter {
    TypedParameter(.required(name, type)) { try $0.tensor($1) }
  }
}

extension TypedParameter<Tensor?> {
  /// A tensor; a number, a range or nested lists become one.
  public static func tensor(_ name: String, or words: String, namedOnly: Bool = false) -> TypedParameter {
    .optional(name, "tensor", or: words, namedOnly: namedOnly) { try $0.tensor($1) }
  }
}

extension TypedParameter where Given: HostObject {
  /// A host object of a class.
  /// - Parameters:
  ///   - type: what it is called: "dataset".
  ///   - expected: how errors call it; nil: as `type` does.
  public static func object(
    _ name: String, _ type: String, as: Given.Type = Given.self, expected: String? = nil
  ) -> TypedParameter {
    TypedParameter(.required(name, type)) { try $0.object($1, expected) }
  }

  /// Nil where it is not given.
  public static func object(
    _ name: String, _ type: String, as: Given.Type = Given.self, or words: String, expected: String? = nil,
    namedOnly: Bool = false
  ) -> TypedParameter<Given?> {
    .optional(name, type, or: words, namedOnly: namedOnly) { try $0.object($1, expected) }
  }
}
