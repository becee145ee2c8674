import Diagnostics
import Syntax
import Tensors

/// An error about one argument of a call: the machine puts the caret under it.
public struct ArgumentError: ExplainedError {
  /// Place among the parameters, from 0; -1 is the receiver of a method.
  public var index: Int
  /// The parameter, where it is known by its name; nil: by its place.
  private var name: String?
  public var explanation: Explanation

  public init(_ index: Int, _ explanation: Explanation) {
    self.index = index
    self.explanation = explanation
  }

  public init<Value>(_ parameter: TypedParameter<Value>, _ explanation: Explanation) {
    (index, name, self.explanation) = (-1, parameter.declared.name, explanation)
  }

  public init<Value>(_ parameter: TypedParameter<Value>, _ message: String, help: String? = nil) {
    self.init(parameter, Explanation(message, help: help))
  }

  public init(_ index: Int, _ message: String, help: String? = nil) {
    self.init(index, Explanation(message, help: help))
  }
}

extension ArgumentError {
  /// Among the parameters of the builtin that threw it.
  func place(in builtin: Builtin?) -> Int {
    guard let name else { return index }
    return builtin?.parameters.firstIndex { $0.name == name } ?? -1
  }
}

/// The arguments of one call, bound to the builtin's parameters: by position, by name, or not given.
///
/// Implementations read an argument by its declaration (`TypedParameter`), which asks one of the readers by place below.
/// Each of these throws an error in words that names the function, the parameter, what was expected and what came. Where an
/// argument was not given (or is `none`), it gives the default that the parameter declares. Valid during the call alone.
public struct Arguments {
  /// Not counted: whoever calls holds it.
  private let called: Unmanaged<Builtin>
  /// The keys of its parameters.
  @usableFromInline let keys: UnsafePointer<UInt64>
  @usableFromInline let base: UnsafeMutablePointer<Value>
  /// Number of parameters.
  public let count: Int
  private let receiverPlace: UnsafeMutablePointer<Value>?
  /// Names that stood before the arguments, where any did.
  private let labels: UnsafePointer<[String?]>?

  @inline(__always)
  init(
    _ builtin: Builtin, base: UnsafeMutablePointer<Value>, receiver: UnsafeMutablePointer<Value>? = nil,
    labels: UnsafePointer<[String?]>? = nil
  ) {
    self.labels = labels
    called = Unmanaged.passUnretained(builtin)
    keys = UnsafePointer(builtin.keys)
    self.base = base
    count = builtin.parameterCount
    receiverPlace = receiver
  }

  var builtin: Builtin { called.takeUnretainedValue() }

  /// What stands before the dot, in methods and properties.
  public var receiver: Value { receiverPlace?.pointee ?? .none }

  /// Works on the text before the dot where it stands, which counts no reference; nil: it is no string.
  @inline(__always)
  public func withStringReceiver<Result>(_ body: (StringBox) throws -> Result) rethrows -> Result? {
    guard let receiverPlace, receiverPlace.kind == ValueKind.string else { return nil }
    return try receiverPlace.unmanaged(StringBox.self)._withUnsafeGuaranteedRef { try body($0) }
  }

  /// The name of the function that was called.
  public var functionName: String { builtin.name }

  /// The value of a parameter; `.unset` where it was not given.
  @inlinable @inline(__always)
  public subscript(index: Int) -> Value { index >= 0 && index < count ? base[index] : .unset }

  /// Whether the argument was given with its name: `max(x, axis=0)`.
  public func isNamed(_ index: Int) -> Bool { labels?.pointee.contains(parameterName(index)) ?? false }

  /// Whether the argument was given.
  public func has(_ index: Int) -> Bool { !self[index].isUnset }

  /// Moves the value out, so that a list can be changed without a copy.
  func take(_ index: Int) -> Value {
    guard index >= 0, index < count else { return .unset }
    let value = base[index]
    base[index] = .none
    return value
  }

  /// Whether it was given and is not `none`.
  public func isGiven(_ index: Int) -> Bool {
    guard index >= 0, index < count else { return false }
    return switch base[index] {
    case .unset, .none: false
    default: true
    }
  }

  /// The declared default of a parameter that was not given.
  private func standard(_ index: Int) -> ParameterDefault? {
    guard !isGiven(index), index >= 0, index < count else { return nil }
    return builtin.parameters[index].defaultValue
  }

  public func parameterName(_ index: Int) -> String {
    index >= 0 && index < count ? builtin.parameters[index].name : "the receiver"
  }

  /// "conv: `filters` must be a whole number, got the string "six"".
  public func mismatch(_ index: Int, expected: String, help: String? = nil) -> ArgumentError {
    if self[index].carriesGradient {
      return ArgumentError(
        index, GradientLoss.argument(function: builtin.name, parameter: parameterName(index)).explanation)
    }
    return ArgumentError(
      index,
      Explanation(
        "\(builtin.name): \(parameterName(index)) must be \(expected), got \(self[index].inWords)", help: help))
  }

  // MARK: Numbers

  public func number(_ index: Int) throws -> Double {
    if case .number(let number) = self[index] { return number }
    if case .number(let number) = standard(index) { return number }
    try refuseTraced(index)
    return try constant(index)
  }
  /// A number whose gradient, if it carries one, ends here on purpose: what comes of it changes in steps.
  public func constant(_ index: Int) throws -> Double {
    if case .number(let number) = self[index] { return number }
    if case .tensor(let box) = self[index], let number = box.tensor.number { return number }
    throw mismatch(index, expected: "a number")
  }

  /// A number that is taken out of a tensor would lose its gradient without a word.
  public func refuseTraced(_ index: Int) throws {
    guard self[index].carriesGradient else { return }
    throw ArgumentError(
      index, GradientLoss.argument(function: builtin.name, parameter: parameterName(index)).explanation)
  }
  public func number(_ index: Int, in range: ClosedRange<Double>) throws -> Double {
    let number = try number(index)
    guard range.contains(number) else {
      throw mismatch(index, expected: "a number from \(format(range.lowerBound)) to \(format(range.upperBound))")
    }
    return number
  }

  /// A whole number in a range.
  public func int(_ index: Int, in range: ClosedRange<Int>) throws -> Int {
    if case .number(let number) = self[index], let whole = Int(exactly: number), range.contains(whole) { return whole }
    let number = try wholeNumber(index)
    guard number >= Double(range.lowerBound), number <= Double(range.upperBound), let whole = Int(exactly: number)
    else {
      if let bound = Self.boundAlone(of: range, number) { throw mismatch(index, expected: bound) }
      throw mismatch(index, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return whole
  }
  public func int(_ index: Int) throws -> Int { try int(index, in: -(1 << 53)...(1 << 53)) }

  private func wholeNumber(_ index: Int) throws -> Double {
    try refuseTraced(index)
    guard let number = try? number(index), number == number.rounded() else {
      throw mismatch(index, expected: "a whole number")
    }
    return number
  }

  /// A list (or range, or tensor of one axis) of numbers.
  public func numbers(_ index: Int) throws -> [Double] { try numbers(index, expected: "a list of numbers") }

  private func numbers(_ index: Int, expected: String) throws -> [Double] {
    if case .list = self[index] {} else { try refuseTraced(index) }
    if let numbers = self[index].asNumbers { return numbers }
    try refuseTraced(index)
    throw mismatch(index, expected: expected)
  }

  /// A list of whole numbers: shapes, axes, indexes. A single number counts as a list of one.
  public func ints(_ index: Int, in range: ClosedRange<Int> = -(1 << 53)...(1 << 53)) throws -> [Int] {
    let numbers: [Double]
    if case .number(let one) = self[index] {
      numbers = [one]
    } else {
      numbers = try self.numbers(index, expected: "a whole number or a list of whole numbers")
    }
    return try numbers.map { number in
      guard let whole = Int(exactly: number), range.contains(whole) else {
        if range.lowerBound <= -(1 << 53), number.magnitude <= 0x1p53 || number.isNaN {
          throw mismatch(index, expected: "whole numbers")
        }
        let bounds = Self.boundAlone(of: range, number).map { "of " + $0 }
        throw mismatch(
          index, expected: "whole numbers " + (bounds ?? "from \(range.lowerBound) to \(range.upperBound)"))
      }
      return whole
    }
  }

  /// The bound that a number passes, of a range whose upper one is only there to be one: nobody asks for a million millions.
  private static func boundAlone(of range: ClosedRange<Int>, _ number: Double) -> String? {
    guard range.upperBound >= 1 << 40 else { return nil }
    return number > Double(range.upperBound) ? "at most \(range.upperBound)" : "at least \(range.lowerBound)"
  }

  // MARK: Others

  public func string(_ index: Int) throws -> String {
    if case .string(let box) = self[index] { return box.text }
    if case .text(let text) = standard(index) { return text }
    throw mismatch(index, expected: "a string")
  }
  /// One of a few words; the error gives the near one.
  public func string(_ index: Int, oneOf words: [String]) throws -> String {
    let text = try string(index)
    if words.contains(text) { return text }
    let near = (foreignChoice(text, among: words) ?? nearName(text, among: words)).map { "did you mean \"\($0)\"?" }
    let choices = words.map { "\"\($0)\"" }.joined(separator: ", ")
    throw mismatch(index, expected: words.count == 1 ? choices : "one of " + choices, help: near)
  }
  /// A list of strings.
  public func strings(_ index: Int) throws -> [String] {
    if case .list(let box) = self[index] {
      let texts = box.items.compactMap(\.asText)
      if texts.count == box.items.count { return texts }
    }
    throw mismatch(index, expected: "a list of strings")
  }

  public func bool(_ index: Int) throws -> Bool {
    if case .bool(let bool) = self[index] { return bool }
    if case .bool(let bool) = standard(index) { return bool }
    throw mismatch(index, expected: "true or false")
  }
  public func bool(_ index: Int, default fallback: Bool) throws -> Bool {
    isGiven(index) ? try bool(index) : fallback
  }

  /// A tensor; a number becomes one without axes, a list of numbers (nested lists, a range) one with axes.
  public func tensor(_ index: Int) throws -> Tensor {
    if case .tensor(let box) = self[index] { return box.tensor }
    if let tensor = try self[index].convertedToTensor() { return tensor }
    if let ragged = self[index].raggedRows() {
      throw ArgumentError(
        index, Explanation("\(builtin.name): " + ragged.explanation.message, help: ragged.explanation.help))
    }
    if case .list = self[index], let stranger = self[index].strangerAmongNumbers() {
      throw ArgumentError(
        index,
        "\(builtin.name): \(parameterName(index)) must be numbers or nested lists of them, and \(stranger) is none")
    }
    throw mismatch(index, expected: "a tensor, a number or a list of numbers", help: numbersAdvice(index))
  }

  /// The items of a list, or of anything that `for` goes over without calling back: ranges, strings, tensors' rows.
  public func list(_ index: Int) throws -> [Value] {
    if case .list(let box) = self[index] { return box.items }
    throw mismatch(index, expected: "a list")
  }

  public func record(_ index: Int) throws -> RecordBox {
    if case .record(let box) = self[index] { return box }
    throw mismatch(index, expected: "a record")
  }

  public func function(_ index: Int) throws -> FunctionValue {
    if case .function(let function) = self[index] { return function }
    throw mismatch(index, expected: "a function")
  }

  /// A host object of a class. `expected` is how the words call it: "a dataset".
  public func object<Object: HostObject>(
    _ index: Int, as type: Object.Type = Object.self, _ expected: String? = nil
  ) throws -> Object {
    if case .object(let object) = self[index], let found = object as? Object { return found }
    let expected = expected ?? builtin.expectedType(index)
    throw mismatch(index, expected: expected, help: makerAdvice(index, expected))
  }

  /// `optimizer=adam` and `loss="triplet"`, where a call makes what is wanted.
  private func makerAdvice(_ index: Int, _ expected: String) -> String? {
    guard ["a loss", "an optimizer", "a schedule"].contains(expected) else { return nil }
    switch self[index] {
    case .function(let function):
      if function.builtin != nil { return "call it: \(function.name)(…)" }
      return expected == "a loss"
        ? "a loss of your own is trained by step(rule, () -> …), of which help(\"step\") has an example" : nil
    case .string(let box):
      let isName = !box.text.isEmpty && box.text.utf8.count <= 40 && box.text.allSatisfy { $0.isLetter || $0 == "_" }
      return isName ? "a call makes it, without quotes: \(box.text.lowercased())(…)" : nil
    default: return nil
    }
  }

  /// How something that is no tensor becomes one.
  private func numbersAdvice(_ index: Int) -> String? {
    switch self[index] {
    case .string: "number(text) gives the number that a text says"
    case .object(let object) where ["image", "dataset"].contains(object.typeName):
      "x.tensor has the numbers of \(object.typeName == "image" ? "an image" : "a dataset")"
    default: nil
    }
  }

  /// The receiver of a method or property, as its class.
  public func receiver<Object: HostObject>(_ type: Object.Type) throws -> Object {
    if case .object(let object) = receiver, let found = object as? Object { return found }
    throw ArgumentError(-1, "\(builtin.name): expected a \(builtin.receiver ?? "value") before the dot")
  }

  private func format(_ number: Double) -> String { formatNumber(number) }
}

extension Builtin {
  /// "a dataset", from the words of the parameter's type.
  func expectedType(_ index: Int) -> String {
    guard parameters.indices.contains(index) else { return "another value" }
    let type = parameters[index].type
    if type.hasPrefix("a ") || type.hasPrefix("an ") { return type }
    return ("aeiou".contains(type.first ?? "x") ? "an " : "a ") + type
  }
}
