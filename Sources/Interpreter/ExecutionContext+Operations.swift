/// What the operators of the language do, for implementations that need the same: `sum` adds, `sorted` compares.
public struct ValueOperations {
  unowned let machine: Machine

  public func binary(_ op: HostOperator, _ left: Value, _ right: Value) throws -> Value {
    try machine.binary(op, left, right)
  }
  /// -1, 0 or 1; an error in words where the two cannot be compared.
  public func compare(_ left: Value, _ right: Value) throws -> Int { try machine.threeWay(left, right) }
  public func isEqual(_ left: Value, _ right: Value) throws -> Bool { try machine.isEqual(left, right) }
  /// As a condition sees it.
  public func isTrue(_ value: Value) throws -> Bool { try machine.isTrue(value) }
  /// As `print` writes it.
  public func text(_ value: Value) throws -> String { try machine.text(of: value) }
  /// Goes over lists, strings, records (their names), ranges, tensors (rows) and objects; nil where it cannot.
  public func iterator(over value: Value) throws -> ValueIterator? { try machine.iterator(over: value) }
}

extension ExecutionContext {
  /// The items of anything that `for` goes over, as a list; interruptible, and bounded by `limits.items`.
  public func items(of value: Value) throws -> [Value] {
    if case .list(let box) = value { return box.items }
    if case .range(let range) = value, range.count > limits.items {
      throw RuntimeError.tooLarge("list", Double(range.count))
    }
    guard let operations, let iterator = try operations.iterator(over: value) else {
      throw RuntimeError.notIterable(value.typeName)
    }
    var items: [Value] = []
    while let item = try iterator.next() {
      if items.count & 4095 == 4095 { try checkInterruption() }
      guard items.count < limits.items else { throw RuntimeError.tooLarge("list", Double(items.count)) }
      items.append(item)
    }
    return items
  }

  /// What `error("…")` and `assert(false)` raise.
  public func raisedError(_ message: String) -> any Error { RuntimeError.raised(message) }
  public func failedAssertion(_ message: String?) -> any Error { RuntimeError.assertion(message) }

  /// Runs a file at the top level and gives the value of its last statement.
  public func includeFile(_ path: String) throws -> Value {
    guard let include else { throw RuntimeError.includePlace }
    return try include(path)
  }
}
