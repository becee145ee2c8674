import Diagnostics

/// What a parameter stands for where it is not given: a number, a bool or a text.
public enum ParameterDefault: Sendable, Hashable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByStringLiteral
{
  case number(Double)
  case bool(Bool)
  case text(String)

  public init(floatLiteral value: Double) { self = .number(value) }
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(stringLiteral value: String) { self = .text(value) }

  /// As a person would write it in a script: 1e-7, not 1e-07.
  var shown: String {
    switch self {
    case .number(let number): formatNumber(number).replacing("e-0", with: "e-")
    case .bool(let bool): bool ? "true" : "false"
    case .text(let text): quoted(text)
    }
  }
}

/// A parameter of a builtin: its signature's text, `help` and what `Arguments` reads where it is not given come from this
/// one declaration.
public struct BuiltinParameter: Sendable {
  public let name: String
  /// Stands for the name where an argument is read: 64 bits are compared faster than texts.
  let key: UInt64
  /// What it takes, in words: "number", "list of numbers", "tensor", "function". For people; `Arguments` checks.
  public var type: String
  /// The default as a person would write it; nil: required.
  public var defaultText: String?
  /// What `Arguments` gives where it is not given or `none`; nil: the implementation finds it out, from other arguments or
  /// from the session.
  public var defaultValue: ParameterDefault?
  /// Takes all the positional arguments that are left, as a list.
  public var isVariadic: Bool
  /// Can only be given by name.
  public var isNamedOnly: Bool

  private init(
    name: String, type: String, defaultText: String?, defaultValue: ParameterDefault? = nil, isVariadic: Bool = false,
    isNamedOnly: Bool = false
  ) {
    self.name = name
    // A test holds the keys of each builtin apart.
    key = FNVHash(name.utf8).value
    (self.type, self.defaultText, self.defaultValue) = (type, defaultText, defaultValue)
    (self.isVariadic, self.isNamedOnly) = (isVariadic, isNamedOnly)
  }

  public static func required(_ name: String, _ type: String) -> BuiltinParameter {
    BuiltinParameter(name: name, type: type, defaultText: nil)
  }
  public static func optional(
    _ name: String, _ type: String, default value: ParameterDefault, namedOnly: Bool = false
  ) -> BuiltinParameter {
    BuiltinParameter(
      name: name, type: type, defaultText: value.shown, defaultValue: value, isNamedOnly: namedOnly)
  }
  /// A parameter whose default is no plain value.
  /// - Parameter shown: what it is, for people: "none", "the session's next".
  public static func optional(_ name: String, _ type: String, _ shown: String, namedOnly: Bool = false)
    -> BuiltinParameter
  {
    BuiltinParameter(name: name, type: type, defaultText: shown, isNamedOnly: namedOnly)
  }
  public static func variadic(_ name: String, _ type: String) -> BuiltinParameter {
    BuiltinParameter(name: name, type: type, defaultText: "", isVariadic: true)
  }
}
