import Syntax
import Tensors

/// Reading by declarations.
extension Arguments {
  /// What was given for a parameter, or its default.
  @inlinable @inline(__always)
  public subscript<Given>(parameter: TypedParameter<Given>) -> Given {
    get throws {
      let place = place(of: parameter.key)
      if place < 0 { throw undeclared(parameter.declared.name) }
      return try parameter.read(self, place)
    }
  }

  /// What was given, as it is; `.unset` where nothing was.
  @inlinable @inline(__always)
  public subscript(parameter: TypedParameter<Value>) -> Value {
    get throws {
      let place = place(of: parameter.key)
      if place < 0 { throw undeclared(parameter.declared.name) }
      // Most of what is called in a loop takes any value: no reader has to be called for that.
      return parameter.isPlain ? self[place] : try parameter.read(self, place)
    }
  }

  /// Among the parameters of the builtin that was called; -1 for one that it does not declare.
  @inlinable
  public func place<Given>(of parameter: TypedParameter<Given>) -> Int { place(of: parameter.key) }

  /// Where the parameter of a key stands. Most that are asked for are the first or the second.
  @inlinable @inline(__always)
  func place(of key: UInt64) -> Int {
    if count > 0, keys[0] == key { return 0 }
    if count > 1, keys[1] == key { return 1 }
    return laterPlace(of: key)
  }

  @usableFromInline @inline(never)
  func laterPlace(of key: UInt64) -> Int {
    for place in 0..<count where keys[place] == key { return place }
    return -1
  }

  @usableFromInline
  func undeclared(_ name: String) -> ArgumentError {
    ArgumentError(-1, "\(functionName) has no parameter \(name)")
  }

  /// Whether the builtin that was called declares it: for what several builtins share, of which some take more.
  public func takes<Given>(_ parameter: TypedParameter<Given>) -> Bool { place(of: parameter) >= 0 }

  /// What was given, whatever its kind; `.unset` where nothing was.
  public func value<Given>(_ parameter: TypedParameter<Given>) -> Value { self[place(of: parameter)] }

  /// Whether it was given, `none` included.
  @inlinable
  public func has<Given>(_ parameter: TypedParameter<Given>) -> Bool { has(place(of: parameter)) }

  /// Whether it was given and is not `none`.
  @inlinable
  public func isGiven<Given>(_ parameter: TypedParameter<Given>) -> Bool { isGiven(place(of: parameter)) }

  /// Whether it was given with its name: `max(x, axis=0)`.
  public func isNamed<Given>(_ parameter: TypedParameter<Given>) -> Bool { isNamed(place(of: parameter)) }

  /// Where a parameter takes what `for` goes over, and got what has no items.
  public func noItems<Given>(_ parameter: TypedParameter<Given>) -> ArgumentError { noItems(place(of: parameter)) }

  func noItems(_ index: Int) -> ArgumentError {
    mismatch(
      index, expected: "a list, or another thing that `for` goes over",
      help: foreignItemAdvice(of: self[index].typeName))
  }

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
