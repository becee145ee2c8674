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
  @usableFromInline let key: UInt64
  /// Whether it gives what was given as it is.
  @usableFromInline let isPlain: Bool
  @usableFromInline let read: @Sendable (Arguments, Int) throws -> Given

  /// - Parameter read: takes the argument at a place, whose readers know the declared default, or throws in words.
  public init(_ declared: BuiltinParameter, read: @escaping @Sendable (Arguments, Int) throws -> Given) {
    self.init(declared, isPlain: false, read: read)
  }

  init(
    _ declared: BuiltinParameter, isPlain: Bool, read: @escaping @Sendable (Arguments, Int) throws -> Given
  ) {
    (self.declared, key, self.isPlain, self.read) = (declared, declared.key, isPlain, read)
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
