import Diagnostics
import Syntax

extension FunctionCompiler {
  /// A register that holds the value: the variable's own, or a new temporary.
  func operand(_ expression: Expression) throws -> Int {
    if case .name(let name) = expression, case .register(let register) = try binding(name.text) {
      checked(register, name.text, at: name.span)
      return register
    }
    if case .call = expression { return try call(expression) }
    if case .pipe = expression { return try call(expression) }
    let register = try temporary(at: expression.span)
    try into(expression, register)
    return register
  }

  func emitNamed(_ op: Opcode, _ a: Int, _ b: Int, _ name: String, at span: Span) {
    emit(op, a, b, text(name), at: span)
  }

  /// Computes the value into a register. Temporaries used on the way are free again afterwards.
  func into(_ expression: Expression, _ destination: Int) throws {
    let mark = nextTemporary
    defer { nextTemporary = mark }
    let span = expression.span
    switch expression {
    case .none: emit(.loadNone, destination, at: span)
    case .bool(let value, _): emit(.loadBool, destination, value ? 1 : 0, at: span)
    case .number(let value, _): emitWide(.loadConstant, destination, number(value), at: span)
    case .string(let value, _): emitWide(.loadConstant, destination, text(value), at: span)
    case .interpolation(let parts, _): try interpolation(parts, destination, at: span)
    case .name(let name): try load(name, destination)
    case .list(let items, _): try list(items, destination, at: span)
    case .comprehension(let element, let clauses, _):
      try comprehension(element, clauses, destination, at: span)
    case .record(let fields, _): try record(fields, destination, at: span)
    case .range(let start, let end, let isClosed, let op):
      let left = try stable(start, before: end.holdsBlock)
      let right = try operand(end)
      emit(isClosed ? .makeClosedRange : .makeRange, destination, left, right, at: op)
    case .unary(let op, let value, _):
      if op == .minus, case .number(let number, let place) = value {
        // -0.0 is a negative zero, -0 is none.
        let isWhole = !unit.source.bytes[place.start..<place.end].contains(UInt8(ascii: "."))
        emitWide(.loadConstant, destination, self.number(isWhole ? 0 - number : -number), at: span)
        return
      }
      let register = try operand(value)
      let opcode: Opcode = op == .minus ? .negate : op == .plus ? .plus : .not
      emit(opcode, destination, register, at: span)
    case .binary(let op, let left, let right, _):
      let first = try stable(left, before: right.holdsBlock)
      try arithmetic(op, first, right, to: destination, at: span)
    case .logical(let op, let left, let right, _):
      try into(left, destination)
      let skip = emitWide(op == .and ? .jumpUnless : .jumpIf, destination, 0, at: left.span)
      let before = assigned
      try into(right, destination)
      assigned = before
      try land([skip])
    case .comparison(let first, let links): try comparison(first, links, destination)
    case .call, .pipe:
      // Where the destination is the highest temporary, the call's window begins there, and its result needs no move.
      let isHighest = isTemporary(destination) && destination == nextTemporary - 1
      let wasDirty = dirty.contains(destination)
      if isHighest { nextTemporary = destination }
      let result = try call(expression)
      if result == destination, !wasDirty { dirty.remove(destination) }
      move(result, to: destination, at: span)
    case .index(let object, let subscripts, _):
      let register = try stable(object, before: subscripts.contains(where: \.holdsBlock))
      if subscripts.count == 1, case .index(let index) = subscripts[0] {
        let place = try operand(index)
        let instruction = emit(.getIndex, destination, register, place, at: index.span)
        sites[instruction] = CallSite(callee: object.span, whole: span, arguments: [index.span], labels: [])
      } else {
        emit(.getSubscripts, destination, register, try template(subscripts), at: span)
      }
      markDirty(register)
      markDirty(destination)
    case .member(let object, let name, _):
      let register = try operand(object)
      emit(.getMember, destination, register, text(name.text), at: name.span)
      emitWide(.extra, 0, cache(), at: name.span)
      markDirty(register)
      markDirty(destination)
    case .function(let function):
      let (prototype, _) = try FunctionCompiler.compile(function, in: self)
      children.append(prototype)
      emitWide(.closure, destination, children.count - 1, at: span)
    case .conditional(let branches, let otherwise, _):
      try conditional(branches, otherwise, to: destination, at: span)
    case .attempt(let body, let name, let handler, _):
      try attempt(body, name, handler, to: destination, at: span)
    }
  }

  private func load(_ name: Name, _ destination: Int) throws {
    switch try binding(name.text) {
    case .register(let register):
      checked(register, name.text, at: name.span)
      if register != destination { emit(.move, destination, register, at: name.span) }
    case .cell(let register): emitNamed(.getCell, destination, register, name.text, at: name.span)
    case .upvalue(let index): emit(.getUpvalue, destination, index, at: name.span)
    case .itself: emit(.getItself, destination, at: name.span)
    case .upcell(let index): emitNamed(.getUpcell, destination, index, name.text, at: name.span)
    case .session(let slot): emitWide(.getGlobal, destination, slot, at: name.span)
    case .builtin(let builtin):
      emit(.callBuiltin, destination, try self.builtin(builtin, at: name.span), Self.asValue, at: name.span)
    }
    markDirty(destination)
  }

  /// In `callBuiltin`: no call, the builtin itself is the value.
  static let asValue = 0xFFFF

  func builtin(_ builtin: Builtin, at span: Span) throws -> Int {
    if let index = builtins.firstIndex(where: { $0 === builtin }) { return index }
    builtins.append(builtin)
    return builtins.count - 1
  }

  /// A register for the left operand that the right one cannot change: blocks in the right one may assign.
  func stable(_ left: Expression, before blocks: Bool) throws -> Int {
    guard blocks else { return try operand(left) }
    let register = try temporary(at: left.span)
    try into(left, register)
    markDirty(register)
    return register
  }

  func arithmetic(_ op: BinaryOperator, _ left: Int, _ right: Expression, to destination: Int, at span: Span) throws {
    if case .number(let value, _) = right {
      let withConstant: Opcode? =
        switch op {
        case .add: .addK
        case .subtract: .subtractK
        case .multiply: .multiplyK
        case .divide: .divideK
        case .remainder: .remainderK
        default: nil
        }
      let constant = number(value)
      if let withConstant, constant <= 65_535 {
        emit(withConstant, destination, left, constant, at: span)
        return
      }
    }
    let opcode: Opcode =
      switch op {
      case .add: .add
      case .subtract: .subtract
      case .multiply: .multiply
      case .divide: .divide
      case .remainder: .remainder
      case .power: .power
      case .matrixProduct: .matmul
      case .compose: .compose
      }
    emit(opcode, destination, left, try operand(right), at: span)
  }

  // MARK: Collections and strings

  private func interpolation(_ parts: [StringPart], _ destination: Int, at span: Span) throws {
    let first = try texts(parts, at: span)
    emit(.concatenate, destination, first, parts.count, at: span)
  }

  /// `name += "…{x}…"`.
  func appendInterpolation(_ parts: [StringPart], to register: Int, at span: Span) throws {
    let mark = nextTemporary
    defer { nextTemporary = mark }
    let first = try texts(parts, at: span)
    emit(.appendTexts, register, first, parts.count, at: span)
  }

  /// The parts in registers side by side; the first of them.
  private func texts(_ parts: [StringPart], at span: Span) throws -> Int {
    let first = nextTemporary
    for part in parts {
      switch part {
      case .text(let value):
        emitWide(.loadConstant, try temporary(at: span), text(value), at: span)
      case .value(let value, let format):
        let register = try temporary(at: value.span)
        try into(value, register)
        dirty.remove(register)
        if let format {
          formats.append(format)
          emit(.format, register, register, formats.count - 1, at: value.span)
        }
      }
    }
    return first
  }

  private func list(_ items: [Expression], _ destination: Int, at span: Span) throws {
    // Constants alone: made once, copied when it is changed.
    if !items.isEmpty, let constant = Self.constant(items, depth: 0) {
      constants.append(constant)
      emitWide(.loadConstant, destination, constants.count - 1, at: span)
      markDirty(destination)
      return
    }
    if items.count <= 250 {
      let first = nextTemporary
      for item in items {
        let register = try temporary(at: item.span)
        try into(item, register)
        dirty.remove(register)
      }
      emit(.makeList, destination, first, items.count, at: span)
      return
    }
    let made = try temporary(at: span)
    emit(.makeList, made, made, 0, at: span)
    for item in items {
      let mark = nextTemporary
      emit(.push, made, try operand(item), at: item.span)
      nextTemporary = mark
    }
    move(made, to: destination, at: span)
  }

  private static func constant(_ items: [Expression], depth: Int) -> Value? {
    guard depth < 32 else { return nil }
    var values: [Value] = []
    values.reserveCapacity(items.count)
    for item in items {
      switch item {
      case .number(let number, _): values.append(.number(number))
      case .unary(.minus, .number(let number, _), _): values.append(.number(-number))
      case .string(let text, _): values.append(Value(text))
      case .bool(let bool, _): values.append(.bool(bool))
      case .none: values.append(.none)
      case .list(let inner, _):
        guard let value = constant(inner, depth: depth + 1) else { return nil }
        values.append(value)
      default: return nil
      }
    }
    return Value(values)
  }

  private func record(_ fields: [RecordField], _ destination: Int, at span: Span) throws {
    let first = nextTemporary
    var names: [String] = []
    for field in fields {
      if let place = names.firstIndex(of: field.key.text), fields.count < 1000 {
        try into(field.value, first + place)
        dirty.remove(first + place)
      } else {
        names.append(field.key.text)
        let register = try temporary(at: field.value.span)
        try into(field.value, register)
        dirty.remove(register)
      }
    }
    let keys = RecordKeys(names.map { StringBox($0) })
    keys.isShared = true
    templates.append(keys)
    emit(.makeRecord, destination, first, templates.count - 1, at: span)
  }

  private func comprehension(
    _ element: Expression, _ clauses: [ComprehensionClause], _ destination: Int, at span: Span
  ) throws {
    let names = scope.comprehensions[span] ?? [:]
    for name in names.keys.sorted() {
      guard let variable = names[name] else { continue }
      variable.register = try temporary(at: span)
      assigned.remove(variable.register)
      if variable.isBoxed { emit(.newUnsetCell, variable.register, at: span) }
    }
    let made = try temporary(at: span)
    emit(.makeList, made, made, 0, at: span)
    try clause(clauses[...], names, opened: false, into: made) {
      let mark = self.nextTemporary
      let register = try self.operand(element)
      self.emit(.push, made, register, at: element.span)
      self.markDirty(register)
      self.nextTemporary = mark
      self.clearDirty(at: element.span)
    }
    scope.open.removeLast()
    for variable in names.values where !names.isEmpty {
      emit(.clear, variable.register, 1, at: span)
      assigned.remove(variable.register)
    }
    emit(.take, destination, made, at: span)
  }

  private func clause(
    _ clauses: ArraySlice<ComprehensionClause>, _ names: [String: Variable], opened: Bool, into made: Int,
    body: () throws -> Void
  ) throws {
    guard let first = clauses.first else { return try body() }
    let rest = clauses.dropFirst()
    switch first {
    case .loop(let target, let sequence):
      // The first sequence is computed before the comprehension's names exist.
      if opened {
        try forLoop(target, sequence, at: sequence.span) {
          try self.clause(rest, names, opened: true, into: made, body: body)
        }
      } else {
        let register = try temporary(at: sequence.span)
        try into(sequence, register)
        if rest.isEmpty { emit(.reserve, made, register, at: sequence.span) }
        scope.open.append(names)
        try forLoop(target, over: register, at: sequence.span) {
          try self.clause(rest, names, opened: true, into: made, body: body)
        }
      }
    case .condition(let condition):
      if !opened { scope.open.append(names) }
      let jumps = try branch(condition, when: false)
      let held = dirty
      clearDirty(at: condition.span)
      try clause(rest, names, opened: true, into: made, body: body)
      let end = held.isEmpty ? nil : emitWide(.jump, 0, 0, at: condition.span)
      try land(jumps)
      if let end {
        dirty = held
        clearDirty(at: condition.span)
        try land([end])
      }
    }
  }

  // MARK: Conditions

  /// Emits jumps that are taken when the condition is `wanted`; falls through otherwise.
  func branch(_ condition: Expression, when wanted: Bool) throws -> [Int] {
    let mark = nextTemporary
    defer { nextTemporary = mark }
    let span = condition.span
    switch condition {
    case .bool(let value, _):
      return value == wanted ? [emitWide(.jump, 0, 0, at: span)] : []
    case .unary(.not, let inner, _):
      return try branch(inner, when: !wanted)
    case .logical(let op, let left, let right, _):
      let before = assigned
      let jumps: [Int]
      if (op == .and) == !wanted {
        // `a and b` false, or `a or b` true: either of them decides.
        let first = try branch(left, when: wanted)
        jumps = first + (try branch(right, when: wanted))
      } else {
        let skip = try branch(left, when: !wanted)
        jumps = try branch(right, when: wanted)
        try land(skip)
      }
      assigned = before
      return jumps
    case .comparison(let first, let links):
      guard links.count == 1, let link = links.first,
        !wanted || link.comparison == .equal || link.comparison == .notEqual
      else { break }
      if let jump = try compareAndJump(first, link, wanted: wanted) { return [jump] }
    default: break
    }
    let register = try operand(condition)
    return [emitWide(wanted ? .jumpIf : .jumpUnless, register, 0, at: span)]
  }

  private func compareAndJump(_ first: Expression, _ link: ComparisonLink, wanted: Bool) throws -> Int? {
    let pair: (register: Opcode, constant: Opcode)? =
      switch link.comparison {
      case .equal: wanted ? (.unlessNotEqual, .unlessNotEqualK) : (.unlessEqual, .unlessEqualK)
      case .notEqual: wanted ? (.unlessEqual, .unlessEqualK) : (.unlessNotEqual, .unlessNotEqualK)
      case .less: (.unlessLess, .unlessLessK)
      case .lessOrEqual: (.unlessLessEqual, .unlessLessEqualK)
      case .greater: (.unlessGreater, .unlessGreaterK)
      case .greaterOrEqual: (.unlessGreaterEqual, .unlessGreaterEqualK)
      case .isIn, .isNotIn: nil
      }
    guard let pair else { return nil }
    let left = try stable(first, before: link.operand.holdsBlock)
    if case .number(let value, _) = link.operand {
      let constant = number(value)
      if constant <= 65_535 { return emit(pair.constant, left, constant, 0, at: link.operatorSpan) }
    }
    if case .string(let value, _) = link.operand, [.equal, .notEqual].contains(link.comparison) {
      let constant = text(value)
      let isEqual = pair.register == .unlessEqual
      if constant <= 65_535 {
        return emit(isEqual ? .unlessEqualText : .unlessNotEqualText, left, constant, 0, at: link.operatorSpan)
      }
    }
    let right = try operand(link.operand)
    return emit(pair.register, left, right, 0, at: link.operatorSpan)
  }

  private func comparison(_ first: Expression, _ links: [ComparisonLink], _ destination: Int) throws {
    guard let firstLink = links.first else { return try into(first, destination) }
    var left = try stable(first, before: firstLink.operand.holdsBlock)
    var exits: [Int] = []
    for (index, link) in links.enumerated() {
      let right = try stable(link.operand, before: links.dropFirst(index + 1).first?.operand.holdsBlock ?? false)
      let op: Opcode =
        switch link.comparison {
        case .equal: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterEqual
        case .isIn: .isIn
        case .isNotIn: .isNotIn
        }
      emit(op, destination, left, right, at: link.operatorSpan)
      if index < links.count - 1 {
        exits.append(emitWide(.jumpUnless, destination, 0, at: link.operatorSpan))
      }
      left = right
    }
    try land(exits)
  }

  func conditional(_ branches: [Branch], _ otherwise: Block?, to destination: Int?, at span: Span) throws {
    var ends: [Int] = []
    var states: [Set<Int>] = []
    let reachedBefore = isReachable
    var anyReach = false
    for (index, one) in branches.enumerated() {
      let jumps = try branch(one.condition, when: false)
      let held = dirty
      clearDirty(at: one.condition.span)
      let after = assigned
      try block(one.body, to: destination)
      if isReachable {
        states.append(assigned)
        anyReach = true
      }
      isReachable = reachedBefore
      let isLast = index == branches.count - 1 && otherwise == nil && destination == nil && held.isEmpty
      if !isLast { ends.append(emitWide(.jump, 0, 0, at: one.body.span)) }
      try land(jumps)
      assigned = after
      dirty = held
      clearDirty(at: one.condition.span)
    }
    if let otherwise {
      try block(otherwise, to: destination)
    } else if let destination {
      emit(.loadNone, destination, at: span)
    }
    if isReachable {
      states.append(assigned)
      anyReach = true
    }
    try land(ends)
    isReachable = anyReach
    if let first = states.first { assigned = states.dropFirst().reduce(first) { $0.intersection($1) } }
  }

  func attempt(_ body: Block, _ name: Name?, _ handler: Block, to destination: Int?, at span: Span) throws {
    let problem = try temporary(at: span)
    let begin = emitWide(.beginTry, problem, 0, at: span)
    let before = assigned
    tryDepth += 1
    try block(body, to: destination)
    tryDepth -= 1
    if isReachable { emit(.endTry, at: span) }
    let after = isReachable ? assigned : nil
    let end = emitWide(.jump, 0, 0, at: span)
    try land([begin])
    isReachable = true
    assigned = before
    if let name { try store(problem, in: .name(name)) } else { emit(.clear, problem, 1, at: span) }
    try block(handler, to: destination)
    try land([end])
    if let after { assigned = isReachable ? assigned.intersection(after) : after }
    isReachable = true
  }
}
