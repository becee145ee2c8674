extension Machine {
  /// -1, 0 or 1; lists item by item. NaN stands after all numbers, so that sorting has an order.
  func threeWay(_ left: Value, _ right: Value) throws -> Int {
    if case .number(let a) = left, case .number(let b) = right {
      if a < b { return -1 }
      if a > b { return 1 }
    }
    var comparison = DeepComparison(interrupt: context.interrupt)
    return try comparison.order(left, right, depth: 0)
  }

  /// Equality all the way down.
  func isEqual(_ left: Value, _ right: Value) throws -> Bool {
    switch (left, right) {
    case (.number(let a), .number(let b)): return a == b
    case (.string(let a), .string(let b)):
      if a.byteCount >= Self.manyItems { try checkInterrupt() }
      return a.isSame(as: b)
    default:
      var comparison = DeepComparison(interrupt: context.interrupt)
      return try comparison.isEqual(left, right, depth: 0)
    }
  }
}

/// Compares two values all the way down.
///
/// A value may hold the same list in many places (`a = [a, a]`, forty times over, is a list of 2⁴⁰ items that takes forty
/// boxes). So what was found equal is remembered once a comparison takes long: then each pair is compared once.
private struct DeepComparison {
  let interrupt: InterruptFlag
  private var steps = 0
  private var equal: Set<Pair> = []

  private struct Pair: Hashable {
    let left: ObjectIdentifier
    let right: ObjectIdentifier
  }

  /// Levels that are compared.
  private static let levels = 500
  /// Pairs are remembered from so many steps on.
  private static let short = 4096

  init(interrupt: InterruptFlag) { self.interrupt = interrupt }

  private mutating func enter(_ depth: Int) throws {
    guard depth < Self.levels else { throw RuntimeError.tooDeep("compare") }
    steps += 1
    if steps & 0xFFF == 0, interrupt.isRaised { throw Interruption() }
  }

  /// Whether two boxes were found equal before.
  private func isKnown(_ left: AnyObject, _ right: AnyObject) -> Bool {
    !equal.isEmpty && equal.contains(Pair(left: ObjectIdentifier(left), right: ObjectIdentifier(right)))
  }

  private mutating func remember(_ left: AnyObject, _ right: AnyObject) {
    if steps > Self.short { equal.insert(Pair(left: ObjectIdentifier(left), right: ObjectIdentifier(right))) }
  }

  mutating func order(_ left: Value, _ right: Value, depth: Int) throws -> Int {
    switch (left, right) {
    case (.number(let a), .number(let b)):
      if a < b { return -1 }
      if a == b { return 0 }
      if a > b { return 1 }
      return a.isNaN ? (b.isNaN ? 0 : 1) : -1
    case (.string(let a), .string(let b)): return a.order(b).signum()
    case (.bool(let a), .bool(let b)): return a == b ? 0 : a ? 1 : -1
    case (.bool(let a), .number): return try order(.number(a ? 1 : 0), right, depth: depth)
    case (.number, .bool(let b)): return try order(left, .number(b ? 1 : 0), depth: depth)
    case (.list(let a), .list(let b)):
      try enter(depth)
      if isKnown(a, b) { return 0 }
      for index in 0..<min(a.items.count, b.items.count) {
        steps += 1
        if steps & 0xFFFF == 0, interrupt.isRaised { throw Interruption() }
        let found = try order(a.items[index], b.items[index], depth: depth + 1)
        if found != 0 { return found }
      }
      if a.items.count != b.items.count { return a.items.count < b.items.count ? -1 : 1 }
      remember(a, b)
      return 0
    case (.tensor(let a), _) where a.tensor.count == 1:
      return try order(.number(a.tensor.number ?? .nan), right, depth: depth)
    case (_, .tensor(let b)) where b.tensor.count == 1:
      return try order(left, .number(b.tensor.number ?? .nan), depth: depth)
    default: throw RuntimeError.notComparable(left.typeName, right.typeName)
    }
  }

  mutating func isEqual(_ left: Value, _ right: Value, depth: Int) throws -> Bool {
    switch (left, right) {
    case (.number(let a), .number(let b)): return a == b
    case (.string(let a), .string(let b)): return a.isSame(as: b)
    case (.bool(let a), .bool(let b)): return a == b
    case (.bool(let a), .number(let b)): return (a ? 1 : 0) == b
    case (.number(let a), .bool(let b)): return a == (b ? 1 : 0)
    case (.none, .none): return true
    case (.list(let a), .list(let b)):
      if a === b { return true }
      try enter(depth)
      guard a.items.count == b.items.count else { return false }
      if isKnown(a, b) { return true }
      for index in a.items.indices {
        steps += 1
        if steps & 0xFFFF == 0, interrupt.isRaised { throw Interruption() }
        if !(try isEqual(a.items[index], b.items[index], depth: depth + 1)) { return false }
      }
      remember(a, b)
      return true
    case (.record(let a), .record(let b)):
      if a === b { return true }
      try enter(depth)
      guard a.count == b.count else { return false }
      if isKnown(a, b) { return true }
      a.close()
      for (name, value) in zip(a.keys.names, a.values) {
        guard let other = b.value(name), try isEqual(value, other, depth: depth + 1) else { return false }
      }
      remember(a, b)
      return true
    case (.range(let a), .range(let b)):
      return a.count == b.count && (a.count == 0 || a.start == b.start)
    case (.function(let a), .function(let b)):
      if let first = a as? BuiltinFunction, let second = b as? BuiltinFunction { return first.entry === second.entry }
      return a === b
    case (.object(let a), .object(let b)): return a.isEqual(to: b)
    case (.tensor(let a), .tensor(let b)):
      return a.tensor.shape == b.tensor.shape
        && (a.tensor.wide == nil && b.tensor.wide == nil
          ? a.tensor.values == b.tensor.values : a.tensor.exactValues == b.tensor.exactValues)
    default: return false
    }
  }
}
