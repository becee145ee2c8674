import Tensors

/// A value of the language. Sixteen bytes: a number lives in it, everything else is one reference.
///
/// Lists and records are values to the script: their boxes are copied before a change when more than one reference to
/// them exists. Numbers stand first, because the machine asks for them first.
///
/// Bindings rarely take one apart: `Arguments` does that for them, and `Value(x)` wraps a Swift value.
public enum Value {
  case number(Double)
  case string(StringBox)
  case list(ListBox)
  case record(RecordBox)
  case range(RangeBox)
  case function(FunctionValue)
  case tensor(TensorBox)
  case object(HostObject)
  case bool(Bool)
  case none
  /// A name that has no value yet, or an argument that was not given. Never seen by a script.
  case unset
}

public final class TensorBox {
  public let tensor: Tensor
  public init(_ tensor: Tensor) { self.tensor = tensor }
}

/// `0..<5`, `1...5`: numbers from `start` in steps of one.
public final class RangeBox {
  public let start: Double
  public let stop: Double
  public let closed: Bool

  public init(start: Double, stop: Double, closed: Bool) {
    self.start = start
    self.stop = stop
    self.closed = closed
  }

  /// Ends beyond 2⁵³ are refused: steps of one would stand still there. An end that is infinite is never reached.
  public static func checked(_ start: Double, _ stop: Double, closed: Bool) throws -> RangeBox {
    for end in [start, stop] where end.isFinite && end.magnitude > 0x1p53 { throw RuntimeError.rangeTooFar(end) }
    return RangeBox(start: start, stop: stop, closed: closed)
  }

  /// How many numbers it has; huge ranges count up to 2⁵³.
  public var count: Int {
    let length = stop - start
    guard length >= 0, length < 9_007_199_254_740_992 else { return length > 0 ? 9_007_199_254_740_992 : 0 }
    let whole = length.rounded(.down)
    return Int(whole) + (closed || whole < length ? 1 : 0)
  }

  public func contains(_ number: Double) -> Bool {
    guard number >= start, closed ? number <= stop : number < stop else { return false }
    let steps = number - start
    return steps == steps.rounded()
  }
}

extension Value {
  public init(_ number: Double) { self = .number(number) }
  /// The shortest decimal number that means this float, so that 0.1 stays 0.1.
  public init(_ number: Float) { self = .number(TensorOperators.number(number)) }
  public init(_ number: Int) { self = .number(Double(number)) }
  public init(_ bool: Bool) { self = .bool(bool) }
  public init(_ text: String) { self = .string(StringBox(text)) }
  public init(_ items: [Value]) { self = .list(ListBox(items)) }
  public init(_ record: RecordBox) { self = .record(record) }
  public init(_ tensor: Tensor) { self = .tensor(TensorBox(tensor)) }
  public init(_ object: HostObject) { self = .object(object) }
  public init(_ function: FunctionValue) { self = .function(function) }
  public init(numbers: some Sequence<Double>) { self = .list(ListBox(numbers.map(Value.number))) }
  public init(texts: some Sequence<String>) { self = .list(ListBox(texts.map { Value($0) })) }
  /// A record with its fields in the order given.
  public init(fields: [(String, Value)]) { self = .record(RecordBox(fields)) }

  public var asNumber: Double? { if case .number(let number) = self { number } else { nil } }
  public var asBool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
  public var asText: String? { if case .string(let box) = self { box.text } else { nil } }
  public var asItems: [Value]? { if case .list(let box) = self { box.items } else { nil } }
  public var asRecord: RecordBox? { if case .record(let box) = self { box } else { nil } }
  public var asTensor: Tensor? { if case .tensor(let box) = self { box.tensor } else { nil } }
  public var asFunction: FunctionValue? { if case .function(let function) = self { function } else { nil } }
  public func asObject<Object: HostObject>(_ type: Object.Type = Object.self) -> Object? {
    if case .object(let object) = self { object as? Object } else { nil }
  }

  public var isNone: Bool { if case .none = self { true } else { false } }
  public var isUnset: Bool { if case .unset = self { true } else { false } }

  /// What `type(x)` says: "number", "string", …, for objects their own name.
  public var typeName: String {
    switch self {
    case .number: "number"
    case .string: "string"
    case .list: "list"
    case .record: "record"
    case .range: "range"
    case .function: "function"
    case .tensor: "tensor"
    case .object(let object): object.typeName
    case .bool: "bool"
    case .none: "none"
    case .unset: "nothing"
    }
  }
}

extension Value: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  public init(stringLiteral value: String) { self = .string(StringBox(value)) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: Value...) { self = .list(ListBox(elements)) }
}
