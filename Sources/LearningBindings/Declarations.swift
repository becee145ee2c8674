import Interpreter
import MetricLearning
import NeuralNetworks

/// The arguments of a call, as the declaration of a layer or a loss reads them.
final class DeclaredCall: DeclaredArguments {
  private let arguments: Arguments
  private let context: ExecutionContext
  /// Blocks that were read, with what they have learnt.
  private(set) var parts: [(layers: [Layer], network: Network?)] = []

  init(_ arguments: Arguments, _ context: ExecutionContext) {
    self.arguments = arguments
    self.context = context
  }

  func isGiven(_ place: Int) -> Bool { arguments.isGiven(place) }
  func isNumber(_ place: Int) -> Bool { arguments[place].asNumber != nil }
  func isList(_ place: Int) -> Bool { if case .list = arguments[place] { true } else { false } }

  func integers(_ place: Int, in range: ClosedRange<Int>) throws -> [Int] { try arguments.ints(place, in: range) }

  func integer(_ place: Int, in range: ClosedRange<Int>, default fallback: Int?) throws -> Int {
    if let fallback, !isGiven(place) { return fallback }
    return try arguments.int(place, in: range)
  }

  func number(_ place: Int, in range: ClosedRange<Double>?, default fallback: Double?) throws -> Double {
    if let fallback, !isGiven(place) { return fallback }
    return try range.map { try arguments.number(place, in: $0) } ?? arguments.number(place)
  }

  func flag(_ place: Int, default fallback: Bool) throws -> Bool { try arguments.bool(place, default: fallback) }

  func word(_ place: Int, oneOf words: [String], default fallback: String?) throws -> String {
    if let fallback, !isGiven(place) { return fallback }
    return try arguments.string(place, oneOf: words)
  }

  func block(_ place: Int, help: String) throws -> [Layer] {
    guard let block = try NetworkObject.parts(of: arguments[place], context) else {
      throw arguments.mismatch(place, expected: "layers", help: help)
    }
    parts.append(block)
    return block.layers
  }

  func blocks(_ place: Int, help: String) throws -> [[Layer]] {
    for value in try arguments.list(place) {
      guard let block = try NetworkObject.parts(of: value, context) else {
        throw ArgumentError(
          place, "\(arguments.functionName): each block must be layers, got \(value.inWords)", help: help)
      }
      parts.append(block)
    }
    return parts.map(\.layers)
  }

  func made<Made>(_ place: Int, as type: Made.Type) -> Made? {
    arguments[place].asObject(MetricObject.self)?.metric as? Made
      ?? arguments[place].asObject(LossObject.self)?.loss as? Made
      ?? arguments[place].asObject(NetworkObject.self)?.network as? Made
  }

  func mismatch(_ place: Int, expected: String) -> any Error { arguments.mismatch(place, expected: expected) }
}

/// No arguments: every parameter has its default.
struct DeclaredDefaults: DeclaredArguments {
  private struct Missing: Error {}

  func isGiven(_ place: Int) -> Bool { false }
  func isNumber(_ place: Int) -> Bool { false }
  func isList(_ place: Int) -> Bool { false }
  func integers(_ place: Int, in range: ClosedRange<Int>) throws -> [Int] { throw Missing() }
  func integer(_ place: Int, in range: ClosedRange<Int>, default fallback: Int?) throws -> Int {
    try given(fallback)
  }
  func number(_ place: Int, in range: ClosedRange<Double>?, default fallback: Double?) throws -> Double {
    try given(fallback)
  }
  func flag(_ place: Int, default fallback: Bool) -> Bool { fallback }
  func word(_ place: Int, oneOf words: [String], default fallback: String?) throws -> String { try given(fallback) }
  func block(_ place: Int, help: String) throws -> [Layer] { throw Missing() }
  func blocks(_ place: Int, help: String) throws -> [[Layer]] { throw Missing() }
  func made<Made>(_ place: Int, as type: Made.Type) -> Made? { nil }
  func mismatch(_ place: Int, expected: String) -> any Error { Missing() }

  private func given<Value>(_ fallback: Value?) throws -> Value {
    guard let fallback else { throw Missing() }
    return fallback
  }
}

extension DeclaredParameter {
  var builtin: BuiltinParameter {
    if isVariadic { return .variadic(name, type) }
    switch standard {
    case nil: return .required(name, type)
    case .number(let number): return .optional(name, type, default: .number(number), namedOnly: isNamedOnly)
    case .flag(let flag): return .optional(name, type, default: .bool(flag), namedOnly: isNamedOnly)
    case .word(let word): return .optional(name, type, default: .text(word), namedOnly: isNamedOnly)
    case .described(let words): return .optional(name, type, words, namedOnly: isNamedOnly)
    }
  }
}
