import ElementaryFunctions
import Tensors

extension Machine {
  // MARK: Arithmetic

  /// `a + b` where they are not both numbers. Strings and lists that nobody else holds grow in place (`s += "x"`).
  @inline(never)
  func addSlowly(_ left: Register, _ right: Register, _ result: Register) throws {
    if left == result, left.kind == ValueKind.string, right.kind == ValueKind.string, left != right {
      try withString(left) { box in
        guard box.byteCount < context.limits.items else {
          throw RuntimeError.tooLarge("a string", Double(box.byteCount))
        }
        try right.unmanaged(StringBox.self)._withUnsafeGuaranteedRef { more in
          try checkGrowth(of: box, by: more.byteCount)
          try box.append(more)
        }
      }
      return
    }
    if left == result, left.kind == ValueKind.list, right.kind == ValueKind.list {
      let added = right.pointee.asItems ?? []
      if added.count >= Self.manyItems { try checkInterrupt() }
      try withList(left) { box in
        guard box.items.count + added.count <= context.limits.items else {
          throw RuntimeError.tooLarge("a list", Double(box.items.count + added.count))
        }
        try checkGrowth(box, by: added.count)
        box.items.append(contentsOf: added)
      }
      return
    }
    result.pointee = try binary(.add, left.pointee, right.pointee)
  }

  func checkSize(_ count: Int, _ what: String) throws {
    if count > context.limits.items { throw RuntimeError.tooLarge(what, Double(count)) }
    try charge(count, each: what == "a string" ? 1 : MemoryLayout<Value>.stride)
  }

  /// Any operation on any two values.
  @inline(never)
  func binary(_ op: HostOperator, _ left: Value, _ right: Value) throws -> Value {
    switch (left, right) {
    case (.number(let a), .number(let b)): return .number(try arithmetic(op, a, b, left, right))
    case (.tensor, .tensor), (.tensor, .number), (.number, .tensor), (.tensor, .bool), (.bool, .tensor),
      (.tensor, .list), (.list, .tensor):
      if let result = try tensorBinary(op, left, right) { return result }
    case (.bool(let a), .number(let b)): return .number(try arithmetic(op, a ? 1 : 0, b, left, right))
    case (.number(let a), .bool(let b)): return .number(try arithmetic(op, a, b ? 1 : 0, left, right))
    case (.bool(let a), .bool(let b)): return .number(try arithmetic(op, a ? 1 : 0, b ? 1 : 0, left, right))
    case (.string(let a), .string(let b)) where op == .add:
      try checkSize(a.byteCount + b.byteCount, "a string")
      return .string(StringBox.sum(a, b))
    case (.list(let a), .list(let b)) where op == .add:
      try checkSize(a.items.count + b.items.count, "a list")
      return Value(a.items + b.items)
    case (.string(let box), .number(let times)) where op == .multiply,
      (.number(let times), .string(let box)) where op == .multiply:
      return .string(box.repeated(try repetitions(times, of: box.byteCount, "a string")))
    case (.list(let box), .number(let times)) where op == .multiply,
      (.number(let times), .list(let box)) where op == .multiply:
      let count = try repetitions(times, of: box.items.count, "a list")
      if box.items.count == 1 { return Value(Array(repeating: box.items[0], count: count)) }
      var items: [Value] = []
      items.reserveCapacity(count * box.items.count)
      for _ in 0..<count { items += box.items }
      return Value(items)
    default: break
    }
    try checkInterrupt()
    if op == .compose, let composed = try compose(left, right) { return composed }
    if case .object(let object) = left,
      let result = try object.binary(op, with: right, reversed: false, context)
    {
      return result
    }
    if case .object(let object) = right,
      let result = try object.binary(op, with: left, reversed: true, context)
    {
      return result
    }
    throw RuntimeError.badOperands(op.rawValue, left.typeName, right.typeName)
  }

  private func repetitions(_ times: Double, of size: Int, _ what: String) throws -> Int {
    guard times == times.rounded(), times.isFinite else { throw RuntimeError.badRepetition(what, times: times) }
    if times <= 0 || size == 0 { return 0 }
    let total = times * Double(size)
    guard total <= Double(context.limits.items) else { throw RuntimeError.tooLarge(what, total) }
    try charge(Int(total), each: what == "a string" ? 1 : MemoryLayout<Value>.stride)
    return Int(times)
  }

  private func arithmetic(_ op: HostOperator, _ a: Double, _ b: Double, _ left: Value, _ right: Value) throws -> Double
  {
    switch op {
    case .add: return a + b
    case .subtract: return a - b
    case .multiply: return a * b + 0
    case .divide:
      if b == 0 { throw RuntimeError.divisionByZero("/") }
      return a / b
    case .remainder:
      if b == 0 { throw RuntimeError.divisionByZero("%") }
      return flooredRemainder(a, b)
    case .power:
      if b == 2 { return a * a }
      if a == 0, b < 0 { throw RuntimeError.divisionByZero("^") }
      return Elementary.pow(a, b)
    default: throw RuntimeError.badOperands(op.rawValue, left.typeName, right.typeName)
    }
  }

  /// `f >> g`: layers where one side is a domain's object (or both stand for layers), else functions.
  private func compose(_ left: Value, _ right: Value) throws -> Value? {
    let first = try asLayer(left, beside: right)
    let second = try asLayer(right, beside: left)
    if case .object(let object) = first,
      let result = try object.binary(.compose, with: second, reversed: false, context)
    {
      return result
    }
    if case .object(let object) = second, let result = try object.binary(.compose, with: first, reversed: true, context)
    {
      return result
    }
    func steps(_ value: Value) -> [FunctionValue]? {
      guard case .function(let function) = value else { return nil }
      return (function as? ComposedFunction)?.steps ?? [function]
    }
    switch (first, second) {
    case (.object(let object), .function(let function)) where object.isLayer:
      throw RuntimeError.notLayer(.init(function, standsFirst: false))
    case (.function(let function), .object(let object)) where object.isLayer:
      throw RuntimeError.notLayer(.init(function, standsFirst: true))
    default: break
    }
    guard let a = steps(left), let b = steps(right) else { return nil }
    guard a.count + b.count <= 10_000 else {
      throw RuntimeError.tooLarge("a chain of functions", Double(a.count + b.count))
    }
    return .function(ComposedFunction(a + b))
  }

  /// `relu` between `>>` is a layer where the other side is an object, or a builtin that stands for a layer too.
  private func asLayer(_ value: Value, beside other: Value) throws -> Value {
    guard case .function(let function) = value, let make = function.builtin?.composeValue else { return value }
    switch other {
    case .object: return try make(context)
    case .function(let neighbour) where neighbour.builtin?.composeValue != nil: return try make(context)
    default: return value
    }
  }

  @inline(never)
  func negated(_ value: Value) throws -> Value {
    switch value {
    case .number(let number): return .number(0 - number)
    case .bool(let bool): return .number(bool ? -1 : 0)
    case .tensor: return try tensorNegated(value)
    case .object(let object):
      if let result = try object.binary(.subtract, with: .number(0), reversed: true, context) { return result }
    default: break
    }
    throw RuntimeError.badUnary("-", value.typeName)
  }

  // MARK: Truth and order

  @inline(__always)
  func isTrue(_ register: Register) throws -> Bool {
    if case .bool(let bool) = register.pointee { return bool }
    return try isTrue(register.pointee)
  }

  /// As in Python: zero, `none` and what is empty are false.
  @inline(never)
  func isTrue(_ value: Value) throws -> Bool {
    switch value {
    case .bool(let bool): return bool
    case .number(let number): return number != 0
    case .none, .unset: return false
    case .string(let box): return !box.isEmpty
    case .list(let box): return !box.items.isEmpty
    case .record(let box): return box.count > 0
    case .range(let range): return range.count > 0
    case .tensor(let box):
      guard box.tensor.count == 1, let item = box.tensor.item else { throw RuntimeError.notCondition("tensor") }
      return item != 0
    case .function: return true
    case .object(let object): return object.length.map { $0 > 0 } ?? true
    }
  }

  @inline(__always)
  func compare(_ op: HostOperator, _ left: Register, _ right: Register, _ result: Register) throws {
    if left.kind | right.kind == ValueKind.number {
      let (a, b) = (left.number, right.number)
      switch op {
      case .equal: result.set(a == b)
      case .notEqual: result.set(a != b)
      case .less: result.set(a < b)
      case .lessEqual: result.set(a <= b)
      case .greater: result.set(a > b)
      default: result.set(a >= b)
      }
    } else {
      result.pointee = try comparison(op, left.pointee, right.pointee)
    }
  }

  /// Whether a register equals a constant text.
  @inline(__always)
  func isText(_ left: Register, _ text: Register) throws -> Bool {
    guard left.kind == ValueKind.string else { return try holds(.equal, left, text) }
    let (a, b) = (left.unmanaged(StringBox.self), text.unmanaged(StringBox.self))
    return a._withUnsafeGuaranteedRef { first in b._withUnsafeGuaranteedRef { first.isSame(as: $0) } }
  }

  /// A comparison as a condition.
  @inline(never)
  func holds(_ op: HostOperator, _ left: Register, _ right: Register) throws -> Bool {
    if left.kind == ValueKind.string, right.kind == ValueKind.string, op == .equal || op == .notEqual {
      let (a, b) = (left.unmanaged(StringBox.self), right.unmanaged(StringBox.self))
      if a._withUnsafeGuaranteedRef({ $0.byteCount }) >= Self.manyItems { try checkInterrupt() }
      let same = a._withUnsafeGuaranteedRef { first in b._withUnsafeGuaranteedRef { first.isSame(as: $0) } }
      return same == (op == .equal)
    }
    return try isTrue(try comparison(op, left.pointee, right.pointee))
  }

  /// A comparison as a value: a bool, or a tensor of zeros and ones.
  @inline(never)
  func comparison(_ op: HostOperator, _ left: Value, _ right: Value) throws -> Value {
    switch (left, right) {
    case (.tensor, .tensor), (.tensor, .number), (.number, .tensor), (.tensor, .bool), (.bool, .tensor),
      (.tensor, .list), (.list, .tensor):
      if let result = try tensorBinary(op, left, right) { return result }
    case (.object(let object), _):
      try checkInterrupt()
      if let result = try object.binary(op, with: right, reversed: false, context) { return result }
    case (_, .object(let object)):
      try checkInterrupt()
      if let result = try object.binary(op, with: left, reversed: true, context) { return result }
    default: break
    }
    switch op {
    case .equal: return .bool(try isEqual(left, right))
    case .notEqual: return .bool(!(try isEqual(left, right)))
    case .less: return .bool(try order(left, right, <))
    case .lessEqual: return .bool(try order(left, right, <=))
    case .greater: return .bool(try order(left, right, >))
    default: return .bool(try order(left, right, >=))
    }
  }

  private func order(_ left: Value, _ right: Value, _ holds: (Double, Double) -> Bool) throws -> Bool {
    switch (left, right) {
    case (.number(let a), .number(let b)): return holds(a, b)
    case (.bool(let a), .number(let b)): return holds(a ? 1 : 0, b)
    case (.number(let a), .bool(let b)): return holds(a, b ? 1 : 0)
    case (.bool(let a), .bool(let b)): return holds(a ? 1 : 0, b ? 1 : 0)
    case (.string(let a), .string(let b)):
      if a.byteCount >= Self.manyItems { try checkInterrupt() }
      return holds(Double(a.order(b)), 0)
    case (.list, .list): return holds(Double(try threeWay(left, right)), 0)
    default: throw RuntimeError.notComparable(left.typeName, right.typeName)
    }
  }

  /// `item in container`.
  @inline(never)
  func contains(_ container: Value, _ item: Value) throws -> Bool {
    try checkInterrupt()
    switch container {
    case .list(let box):
      for (index, other) in box.items.enumerated() {
        if index & 0xFFFF == 0xFFFF, context.interrupt.isRaised { throw Interruption() }
        if try isEqual(other, item) { return true }
      }
      return false
    case .string(let box):
      guard case .string(let part) = item else { throw RuntimeError.badOperands("in", item.typeName, "string") }
      return box.contains(part)
    case .record(let box):
      guard case .string(let name) = item else { return false }
      return box.value(name) != nil
    case .range(let range):
      guard case .number(let number) = item else { return false }
      return range.contains(number)
    case .tensor(let box):
      guard case .number(let number) = item else { return false }
      // What is written of a fraction means the nearest float; whole numbers are what they are.
      return number == number.rounded()
        ? box.tensor.exactValues.contains(number) : box.tensor.values.contains(Float(number))
    case .object(let object):
      if let found = try object.binary(.contains, with: item, reversed: true, context) { return try isTrue(found) }
      if let iterator = try object.iterate(context) {
        while let other = try iterator.next() { if try isEqual(other, item) { return true } }
        return false
      }
    default: break
    }
    throw RuntimeError.badOperands("in", item.typeName, container.typeName)
  }
}

extension HostObject {
  fileprivate var isLayer: Bool { typeName == "layer" || typeName == "network" }
}

extension RuntimeError.LayerNeighbour {
  fileprivate init(_ function: FunctionValue, standsFirst: Bool) {
    // A function without a name is called `fn`, as the word that begins it.
    name = function is ComposedFunction || function.name == "fn" ? nil : function.name
    makesLayers = function.builtin.map { $0.area == .layers && $0.returns == "layer" } ?? false
    self.standsFirst = standsFirst
  }
}
