import Tensors

// MARK: Numbers

extension TypedParameter<Double> {
  /// - Parameter default: nil: required.
  public static func number(
    _ name: String, _ type: String = "number", in range: ClosedRange<Double>? = nil, default standard: Double? = nil,
    namedOnly: Bool = false
  ) -> TypedParameter {
    TypedParameter(name, type, standard.map { .number($0) }, namedOnly: namedOnly) { args, place in
      if let standard, !args.isGiven(place) { return standard }
      guard let range else { return try args.number(place) }
      return try args.number(place, in: range)
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
    TypedParameter(name, "number", standard.map { .number(Double($0)) }, namedOnly: namedOnly) { args, place in
      if let standard, !args.isGiven(place) { return standard }
      return try args.int(place, in: range)
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
    TypedParameter(name, "bool", .bool(standard), namedOnly: namedOnly) { args, place in
      args.isGiven(place) ? try args.bool(place) : standard
    }
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
    TypedParameter(.required(name, type), isPlain: true) { $0[$1] }
  }

  /// `.unset` or `.none` where it is not given; readers of a kind (`args.number(parameter)`) give the default.
  public static func value(
    _ name: String, _ type: String, default standard: ParameterDefault, namedOnly: Bool = false
  ) -> TypedParameter {
    TypedParameter(.optional(name, type, default: standard, namedOnly: namedOnly), isPlain: true) { $0[$1] }
  }

  /// `.unset` or `.none` where it is not given.
  public static func value(
    _ name: String, _ type: String, or words: String, namedOnly: Bool = false
  ) -> TypedParameter {
    TypedParameter(.optional(name, type, words, namedOnly: namedOnly), isPlain: true) { $0[$1] }
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
