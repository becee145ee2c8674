/// How something that a program makes by name is written: a layer, a loss. Its builtin, help and page of the reference
/// are made from this alone.
public struct Declaration<Product>: Sendable {
  /// By which a program calls it.
  public let name: String
  /// In their order.
  public let parameters: [DeclaredParameter]
  /// One sentence.
  public let summary: String
  /// Shapes in and out, formulas, sources.
  public let details: String
  /// Runnable; what stands behind `#> ` comes out.
  public let example: String
  /// What it does not take, in words.
  public let errors: [String]
  /// Names of what is alike.
  public let seeAlso: [String]
  /// Reads each parameter in its turn and makes the product; throws what the reader throws.
  public let make: @Sendable (any DeclaredArguments) throws -> Product

  /// - Parameter make: gets the parameters' values in their order.
  public init<each Value: Sendable>(
    _ name: String, _ parameters: repeat Parameter<each Value>, summary: String, details: String = "",
    example: String, errors: [String] = [], seeAlso: [String] = [],
    make: @escaping @Sendable (repeat each Value) throws -> Product
  ) {
    var shown: [DeclaredParameter] = []
    for parameter in repeat each parameters { shown.append(parameter.shown) }
    self.name = name
    self.parameters = shown
    self.summary = summary
    self.details = details
    self.example = example
    self.errors = errors
    self.seeAlso = seeAlso
    self.make = { arguments in
      var place = -1
      func next() -> Int {
        place += 1
        return place
      }
      return try make(repeat try (each parameters).read(arguments, next()))
    }
  }

  /// Whether the name alone says everything: every parameter has a default.
  public var isCompleteByName: Bool { parameters.allSatisfy { $0.standard != nil && !$0.isVariadic } }
}

/// What counts where a parameter is not given.
public enum DeclaredDefault: Sendable {
  case number(Double)
  case flag(Bool)
  case word(String)
  /// What it is, for people, where it is no plain value: "none", "kernel".
  case described(String)
}

/// A parameter as a signature shows it.
public struct DeclaredParameter: Sendable {
  /// By which an argument may be given.
  public let name: String
  /// What it takes, in words.
  public let type: String
  /// What counts where it is not given; nil: required.
  public let standard: DeclaredDefault?
  /// Can only be given by name.
  public let isNamedOnly: Bool
  /// Takes all arguments that are left.
  public let isVariadic: Bool
}

/// A parameter with its type, its range and its default, each said once.
public struct Parameter<Value: Sendable>: Sendable {
  let shown: DeclaredParameter
  let read: @Sendable (any DeclaredArguments, Int) throws -> Value

  /// - Parameters:
  ///   - type: in words, as help shows it.
  ///   - standard: what counts where it is not given; nil: required.
  ///   - read: takes the value of the parameter at a place from the arguments of a call.
  public init(
    _ name: String, type: String, standard: DeclaredDefault?, isNamedOnly: Bool = false, isVariadic: Bool = false,
    read: @escaping @Sendable (any DeclaredArguments, Int) throws -> Value
  ) {
    shown = DeclaredParameter(
      name: name, type: type, standard: standard, isNamedOnly: isNamedOnly, isVariadic: isVariadic)
    self.read = read
  }
}

/// The arguments of one call, as the language gives them. Each reader throws where something else was given; a number
/// that is missing is the default's.
public protocol DeclaredArguments {
  func isGiven(_ place: Int) -> Bool
  func integers(_ place: Int, in range: ClosedRange<Int>) throws -> [Int]
  func integer(_ place: Int, in range: ClosedRange<Int>, default fallback: Int?) throws -> Int
  func number(_ place: Int, in range: ClosedRange<Double>?, default fallback: Double?) throws -> Double
  func flag(_ place: Int, default fallback: Bool) throws -> Bool
  func word(_ place: Int, oneOf words: [String], default fallback: String?) throws -> String
  /// Whether a number stands there.
  func isNumber(_ place: Int) -> Bool
  /// Whether a list does.
  func isList(_ place: Int) -> Bool
  /// The layers of one block; the error that it is none shows `help`.
  func block(_ place: Int, help: String) throws -> [Layer]
  /// The layers of each of the blocks that are left.
  func blocks(_ place: Int, help: String) throws -> [[Layer]]
  /// What a program made before, as the type that the host keeps in it; nil for anything else.
  func made<Made>(_ place: Int, as type: Made.Type) -> Made?
  /// An error about that argument.
  func mismatch(_ place: Int, expected: String) -> any Error
}

extension Parameter<Int> {
  /// A whole number.
  public static func integer(
    _ name: String, in range: ClosedRange<Int>, default fallback: Int? = nil
  ) -> Parameter {
    Parameter(name, type: "number", standard: fallback.map { .number(Double($0)) }) {
      try $0.integer($1, in: range, default: fallback)
    }
  }
}

extension Parameter<Double> {
  /// Any number, or one of a range.
  public static func number(
    _ name: String, in range: ClosedRange<Double>? = nil, default fallback: Double? = nil
  ) -> Parameter {
    Parameter(name, type: "number", standard: fallback.map { .number($0) }) {
      try $0.number($1, in: range, default: fallback)
    }
  }

  /// A finite number above 0, also as float32.
  public static func positive(_ name: String, default fallback: Double) -> Parameter {
    Parameter(name, type: "number", standard: .number(fallback)) { arguments, place in
      let value = try arguments.number(place, in: nil, default: fallback)
      if let expected = FloatSetting.expectedPositive(value) {
        throw arguments.mismatch(place, expected: "a number " + expected)
      }
      return value
    }
  }
}

extension Parameter<Double?> {
  /// A number of a range, or none.
  public static func optional(_ name: String, in range: ClosedRange<Double>) -> Parameter {
    Parameter(name, type: "number", standard: .described("none")) { arguments, place in
      arguments.isGiven(place) ? try arguments.number(place, in: range, default: nil) : nil
    }
  }
}

extension Parameter<Bool> {
  /// True or false.
  public static func flag(_ name: String, default fallback: Bool, isNamedOnly: Bool = false) -> Parameter {
    Parameter(name, type: "bool", standard: .flag(fallback), isNamedOnly: isNamedOnly) {
      try $0.flag($1, default: fallback)
    }
  }
}

extension Parameter where Value: RawRepresentable<String> & CaseIterable {
  /// One of a few words.
  public static func word(_ name: String, default fallback: Value) -> Parameter {
    let words = Value.allCases.map(\.rawValue)
    return Parameter(name, type: "string", standard: .word(fallback.rawValue)) { arguments, place in
      Value(rawValue: try arguments.word(place, oneOf: words, default: fallback.rawValue)) ?? fallback
    }
  }
}

extension Parameter<Extent> {
  /// A side, or height and width.
  static func extent(
    _ name: String, type: String = "number or [height, width]", default fallback: Extent? = nil
  ) -> Parameter {
    Parameter(name, type: type, standard: fallback.map(standard)) { arguments, place in
      if let fallback, !arguments.isGiven(place) { return fallback }
      return try read(arguments, place)
    }
  }

  private static func standard(_ extent: Extent) -> DeclaredDefault {
    extent.height == extent.width ? .number(Double(extent.height)) : .described(Layer.shown(extent))
  }

  fileprivate static func read(_ arguments: any DeclaredArguments, _ place: Int) throws -> Extent {
    let sizes = try arguments.integers(place, in: 1...4096)
    if sizes.count == 1 { return Extent(sizes[0]) }
    guard sizes.count == 2 else { throw arguments.mismatch(place, expected: "a number or [height, width]") }
    return Extent(sizes[0], sizes[1])
  }
}

extension Parameter<Extent?> {
  /// A side, or height and width; where nothing is given, what `shown` says.
  static func extent(_ name: String, type: String, shown: String) -> Parameter {
    Parameter(name, type: type, standard: .described(shown)) { arguments, place in
      arguments.isGiven(place) ? try Parameter<Extent>.read(arguments, place) : nil
    }
  }
}

extension Parameter<Padding> {
  static let padding = Parameter(
    "padding", type: "number, [top, left, bottom, right], \"same\" or \"valid\"", standard: .word("valid")
  ) { arguments, place in
    guard arguments.isGiven(place) else { return .valid }
    if arguments.isNumber(place) { return .pixels(try arguments.integer(place, in: 0...4096, default: nil)) }
    if arguments.isList(place) {
      let sides = try arguments.integers(place, in: 0...4096)
      guard sides.count == 4 else {
        throw arguments.mismatch(place, expected: "a number, [top, left, bottom, right], \"same\" or \"valid\"")
      }
      return .border(top: sides[0], left: sides[1], bottom: sides[2], right: sides[3])
    }
    return try arguments.word(place, oneOf: ["same", "valid"], default: nil) == "same" ? .same : .valid
  }
}

extension Parameter<[Layer]> {
  /// - Parameter help: how it is written.
  static func block(help: String) -> Parameter {
    Parameter("block", type: "layers", standard: nil) { try $0.block($1, help: help) }
  }
}

extension Parameter<[[Layer]]> {
  /// - Parameter help: how they are written.
  static func blocks(help: String) -> Parameter {
    Parameter("blocks", type: "layers", standard: nil, isVariadic: true) { try $0.blocks($1, help: help) }
  }
}
