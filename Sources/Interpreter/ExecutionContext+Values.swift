import Diagnostics
import Syntax

/// Operations of the language for bindings.
extension ExecutionContext {
  /// Goes over what `for` goes over; nil for what it does not.
  /// Asks now and then whether somebody wants it to stop.
  public func iterate(_ value: Value) throws -> ValueIterator? {
    guard let iterator = try machine?.iterator(over: value) else { return nil }
    var turns = 0
    return ValueIterator { [self] in
      turns += 1
      if turns & 0xFFF == 0 { try checkInterruption() }
      return try iterator.next()
    }
  }

  /// All items of what `for` goes over, for parameter `index` of a call.
  public func items(_ arguments: Arguments, _ index: Int) throws -> [Value] {
    if case .list(let box) = arguments[index] { return box.items }
    if case .range(let range) = arguments[index] {
      return try values(range.count) { .number(range.start + Double($0)) }
    }
    guard let iterator = try iterate(arguments[index]) else {
      throw arguments.noItems(index)
    }
    var items: [Value] = []
    if let count = arguments[index].knownLength {
      try checkSize(count, "a list")
      items.reserveCapacity(count)
    }
    while let item = try iterator.next() {
      items.append(item)
      if items.count & 0xFFFF == 0 {
        try checkInterruption()
        try checkSize(items.count, "a list")
      }
    }
    return items
  }

  /// The function's value for each item.
  public func map(_ function: FunctionValue, _ items: [Value]) throws -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(items.count)
    try machine?.call(function, each: items) { values.append($1) }
    return values
  }

  /// The items for which the function is true.
  public func filter(_ function: FunctionValue, _ items: [Value]) throws -> [Value] {
    var kept: [Value] = []
    try machine?.call(function, each: items) { if try isTrue($1) { kept.append(items[$0]) } }
    return kept
  }

  /// A value for each of so many places; asks now and then whether somebody wants it to stop.
  public func values(_ count: Int, _ make: (Int) throws -> Value) throws -> [Value] {
    try checkSize(count, "a list")
    var values: [Value] = []
    values.reserveCapacity(count)
    for place in 0..<count {
      if place & 0xFFF == 0xFFF { try checkInterruption() }
      values.append(try make(place))
    }
    return values
  }

  /// `a == b`, all the way down.
  public func isEqual(_ a: Value, _ b: Value) throws -> Bool { try machine?.isEqual(a, b) ?? false }

  /// -1, 0 or 1; an error for what has no order.
  public func order(_ a: Value, _ b: Value) throws -> Int { try machine?.threeWay(a, b) ?? 0 }

  /// `a op b`.
  public func apply(_ op: HostOperator, _ a: Value, _ b: Value) throws -> Value {
    try machine?.binary(op, a, b) ?? .none
  }

  /// What `if` makes of it.
  public func isTrue(_ value: Value) throws -> Bool { try machine?.isTrue(value) ?? false }

  /// What `str(x)` and `print(x)` write.
  public func text(_ value: Value) throws -> String { try machine?.text(of: value) ?? "" }

  /// `"{x:spec}"`; nil where the specification is none.
  public func formatted(_ value: Value, _ specification: String) throws -> String? {
    try FormatSpecification(specification).map { try value.formatted($0, self) }
  }

  /// An error for lists and strings beyond the limit.
  public func checkSize(_ count: Int, _ what: String) throws {
    if count > limits.items { throw RuntimeError.tooLarge(what, Double(count)) }
    try machine?.charge(count, each: what == "a string" ? 1 : MemoryLayout<Value>.stride)
  }

  /// An error where there is no room for so many things, where they are many.
  public func checkRoom(for count: Int, each bytes: Int) throws {
    if count > 1 << 18 { try machine?.checkMemory(adding: count * bytes) }
  }

  /// So many small lists of `width` items: 48 bytes each beside the items.
  public func rows(_ count: Int, of width: Int, _ make: (Int) -> Value) throws -> [Value] {
    try machine?.charge(count, each: MemoryLayout<Value>.stride * (width + 1) + 80)
    var rows: [Value] = []
    rows.reserveCapacity(count)
    for row in 0..<count {
      if row & 0xFFFF == 0 { try checkInterruption() }
      rows.append(make(row))
    }
    return rows
  }

  /// An error where a list that takes so many more items would pass the limit, or the memory.
  public func checkGrowth(_ items: [Value], by added: Int = 1) throws {
    let count = items.count + added
    if count > limits.items { throw RuntimeError.tooLarge("a list", Double(count)) }
    if count >= 1 << 14, count > items.capacity {
      try machine?.checkMemory(adding: max(2 * items.count, count) * MemoryLayout<Value>.stride)
    }
  }

  /// Compiles and runs a file at the top level.
  public func includeFile(_ path: String) throws -> Value {
    guard let include else { throw RuntimeError.includePlace }
    return try include(path)
  }
}
