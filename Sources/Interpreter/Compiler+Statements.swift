import Diagnostics
import Syntax

extension FunctionCompiler {
  func compile(_ statement: Statement) throws {
    let mark = nextTemporary
    defer { nextTemporary = mark }
    switch statement {
    case .expression(let expression): try discard(expression)
    case .assign(let target, let value): try assign(value, to: target)
    case .compoundAssign(let target, let op, let value, let span): try compound(target, op, value, at: span)
    case .function(let function):
      let register = try operand(.function(function))
      if let name = function.name { try store(register, in: .name(name)) }
    case .forLoop(let target, let sequence, let body, let span):
      try forLoop(target, sequence, at: span) { try self.statements(body.statements) }
    case .whileLoop(let condition, let body, let span): try whileLoop(condition, body, at: span)
    case .breakLoop(let span):
      guard let loop = loops.last else { throw problem("`break` stands outside of a loop", at: span) }
      clearDirty(at: span)
      for _ in loop.tryDepth..<tryDepth { emit(.endTry, at: span) }
      loops[loops.count - 1].breaks.append(emitWide(.jump, 0, 0, at: span))
      isReachable = false
    case .continueLoop(let span):
      guard let loop = loops.last else { throw problem("`continue` stands outside of a loop", at: span) }
      clearDirty(at: span)
      for _ in loop.tryDepth..<tryDepth { emit(.endTry, at: span) }
      loops[loops.count - 1].continues.append(emitWide(.jump, 0, 0, at: span))
      isReachable = false
    case .returnValue(let value, let span):
      if isMain { throw problem("`return` stands outside of a function", at: span) }
      if let value, tryDepth == 0 {
        try returning(value)
      } else {
        let register = try value.map { try operand($0) }
        for _ in 0..<tryDepth { emit(.endTry, at: span) }
        if let register { emit(.finish, register, at: span) } else { emit(.finishNone, at: span) }
      }
      isReachable = false
    }
    nextTemporary = mark
    clearDirty(at: statement.span)
  }

  func statements(_ statements: [Statement]) throws {
    for statement in statements { try compile(statement) }
  }

  /// A block in the middle of an expression; its value goes to `destination`.
  func block(_ block: Block, to destination: Int?) throws {
    guard let destination else { return try statements(block.statements) }
    for statement in block.statements.dropLast() { try compile(statement) }
    if case .expression(let last)? = block.statements.last {
      let mark = nextTemporary
      try into(last, destination)
      nextTemporary = mark
      clearDirty(at: last.span)
    } else {
      if let last = block.statements.last { try compile(last) }
      emit(.loadNone, destination, at: block.span)
    }
  }

  /// For its effects alone.
  func discard(_ expression: Expression) throws {
    switch expression {
    case .conditional(let branches, let otherwise, let span):
      try conditional(branches, otherwise, to: nil, at: span)
    case .attempt(let body, let name, let handler, let span):
      try attempt(body, name, handler, to: nil, at: span)
    case .none, .bool, .number, .string: break
    default:
      let register = try operand(expression)
      markDirty(register)
    }
  }

  // MARK: Assignment

  func assign(_ value: Expression, to target: Target) throws {
    if case .name(let name) = target, case .register(let register) = try binding(name.text) {
      if !isMain, tryDepth == 0 { markLastUses(in: value, assigning: name.text) }
      // Written only once the whole value is there: an error half way leaves the old one.
      if value.isOneStep {
        try into(value, register)
      } else {
        move(try operand(value), to: register, at: value.span)
      }
      assigned.insert(register)
      return
    }
    if case .tuple(let targets, _) = target, case .list(let items, _) = value, items.count == targets.count {
      var registers: [Int] = []
      for item in items {
        let register = try temporary(at: item.span)
        try into(item, register)
        registers.append(register)
      }
      for (register, target) in zip(registers, targets) { try store(register, in: target) }
      return
    }
    try store(try operand(value), in: target)
  }

  /// Gives the target the value of a register. A temporary is emptied.
  func store(_ register: Int, in target: Target) throws {
    switch target {
    case .name(let name):
      switch try binding(name.text) {
      case .register(let variable):
        move(register, to: variable, at: name.span)
        assigned.insert(variable)
      case .cell(let cell):
        emit(.setCell, cell, register, at: name.span)
        markDirty(register)
      case .upcell(let index):
        emit(.setUpcell, index, register, at: name.span)
        markDirty(register)
      case .upvalue, .itself, .session, .builtin:
        throw problem(
          "a function can read the session's `\(name.text)`, but not change it", at: name.span)
      }
    case .member(let object, let field, let span):
      if case .name(let name) = object, case .register(let variable) = try binding(name.text) {
        checked(variable, name.text, at: name.span)
        let register = try apart(register, from: variable, at: span)
        emit(.setMember, variable, text(field.text), register, at: field.span)
        emitWide(.extra, 0, cache(), at: field.span)
      } else {
        let path = try self.path(.member(object, field, span))
        emit(.setPath, try apart(register, fromRootOf: path, at: span), path, at: span)
      }
      markDirty(register)
    case .index(let object, let subscripts, let span):
      if case .name(let name) = object, case .register(let variable) = try binding(name.text), subscripts.count == 1,
        case .index(let index) = subscripts[0]
      {
        checked(variable, name.text, at: name.span)
        let register = try apart(register, from: variable, at: span)
        emit(.setIndex, variable, try operand(index), register, at: index.span)
      } else {
        let path = try self.path(.index(object, subscripts, span))
        emit(.setPath, try apart(register, fromRootOf: path, at: span), path, at: span)
      }
      markDirty(register)
    case .tuple(let targets, let span):
      let first = nextTemporary
      for target in targets { _ = try temporary(at: target.span) }
      emit(.unpack, first, register, targets.count, at: span)
      markDirty(register)
      for (offset, target) in targets.enumerated() { try store(first + offset, in: target) }
    }
  }

  /// A register with the value that is to become a part of `variable`: another one where it is the variable itself
  /// (`xs[0] = xs`), so that the machine sees that the list is shared, and never puts it into itself.
  private func apart(_ register: Int, from variable: Int, at span: Span) throws -> Int {
    guard register == variable else { return register }
    let copy = try temporary(at: span)
    emit(.move, copy, register, at: span)
    markDirty(copy)
    return copy
  }

  private func apart(_ register: Int, fromRootOf path: Int, at span: Span) throws -> Int {
    guard case .register(let variable) = paths[path].root else { return register }
    return try apart(register, from: variable, at: span)
  }

  private func compound(_ target: Target, _ op: BinaryOperator, _ value: Expression, at span: Span) throws {
    switch target {
    case .name(let name):
      switch try binding(name.text) {
      case .register(let register):
        if value.holdsBlock {
          let held = try stable(.name(name), before: true)
          try arithmetic(op, held, value, to: register, at: span)
        } else {
          checked(register, name.text, at: name.span)
          if op == .add, case .interpolation(let parts, _) = value, !parts.isEmpty {
            try appendInterpolation(parts, to: register, at: span)
          } else {
            try arithmetic(op, register, value, to: register, at: span)
          }
        }
      case .cell, .upcell:
        let held = try operand(.name(name))
        if Self.mayGrow(op, value) {
          let place = try path(.name(name))
          try addToPart(.addToPath, held, place, 0, value, at: span)
        } else {
          try arithmetic(op, held, value, to: held, at: span)
        }
        try store(held, in: target)
      default:
        throw problem("a function can read the session's `\(name.text)`, but not change it", at: name.span)
      }
    case .member(.name(let name), let field, let whole):
      guard case .register(let variable) = try binding(name.text) else { fallthrough }
      checked(variable, name.text, at: name.span)
      let held = try temporary(at: whole)
      emit(.getMember, held, variable, text(field.text), at: field.span)
      emitWide(.extra, 0, cache(), at: field.span)
      if Self.mayGrow(op, value) {
        try addToPart(.addToField, held, variable, text(field.text), value, at: span)
      } else {
        try arithmetic(op, held, value, to: held, at: span)
      }
      emit(.setMember, variable, text(field.text), held, at: field.span)
      emitWide(.extra, 0, cache(), at: field.span)
      markDirty(held)
    case .member:
      guard case .member(let object, let field, let whole) = target else { return }
      let place = try path(.member(object, field, whole))
      try compoundPath(place, op, value, whole: whole, at: span)
    case .index(let object, let subscripts, let whole):
      if case .name(let name) = object, case .register(let variable) = try binding(name.text), subscripts.count == 1,
        case .index(let index) = subscripts[0]
      {
        checked(variable, name.text, at: name.span)
        let indexRegister = try stable(index, before: value.holdsBlock)
        let held = try temporary(at: whole)
        emit(.getIndex, held, variable, indexRegister, at: index.span)
        if Self.mayGrow(op, value) {
          try addToPart(.addToItem, held, variable, indexRegister, value, at: span)
        } else {
          try arithmetic(op, held, value, to: held, at: span)
        }
        emit(.setIndex, variable, indexRegister, held, at: index.span)
        markDirty(held)
        return
      }
      let place = try path(.index(object, subscripts, whole))
      try compoundPath(place, op, value, whole: whole, at: span)
    case .tuple(_, let whole):
      throw problem("`\(op.rawValue)=` changes one name at a time", at: whole)
    }
  }

  private func compoundPath(_ place: Int, _ op: BinaryOperator, _ value: Expression, whole: Span, at span: Span) throws
  {
    let held = try read(place, at: whole)
    if Self.mayGrow(op, value) {
      try addToPart(.addToPath, held, place, 0, value, at: span)
    } else {
      try arithmetic(op, held, value, to: held, at: span)
    }
    emit(.setPath, held, place, at: whole)
    markDirty(held)
  }

  /// Whether the sum may be a list or a string that grows: a number is only ever added to numbers and tensors.
  private static func mayGrow(_ op: BinaryOperator, _ value: Expression) -> Bool {
    if case .number = value { return false }
    return op == .add && !value.holdsBlock
  }

  private func addToPart(
    _ opcode: Opcode, _ held: Int, _ first: Int, _ second: Int, _ value: Expression, at span: Span
  ) throws {
    var register = try operand(value)
    switch opcode {
    case .addToItem, .addToField: register = try apart(register, from: first, at: span)
    default: register = try apart(register, fromRootOf: first, at: span)
    }
    emit(opcode, held, first, second, at: span)
    emit(.extra, register, at: span)
    markDirty(register)
  }

  /// The value at a place, in a new temporary.
  func read(_ pathIndex: Int, at span: Span) throws -> Int {
    let path = paths[pathIndex]
    let held = try temporary(at: span)
    switch path.root {
    case .register(let register): emit(.move, held, register, at: span)
    case .temporary(let register): emit(.move, held, register, at: span)
    case .cell(let register): emitNamed(.getCell, held, register, path.name, at: span)
    case .upcell(let index): emitNamed(.getUpcell, held, index, path.name, at: span)
    case .session(let slot): emitWide(.getGlobal, held, slot, at: span)
    }
    for step in path.steps {
      switch step {
      case .member(let name):
        emit(.getMember, held, held, text(name), at: span)
        emitWide(.extra, 0, cache(), at: span)
      case .index(let register): emit(.getIndex, held, held, register, at: span)
      case .subscripts(let template): emit(.getSubscripts, held, held, template, at: span)
      }
    }
    return held
  }

  // MARK: Places

  /// The place that a target or the receiver of a changing method stands for, with its subscripts computed.
  func path(_ target: Target) throws -> Int {
    switch target {
    case .member(let object, let name, _): return try path(object, then: .member(name.text))
    case .index(let object, let items, let span): return try path(object, then: try step(items, at: span))
    case .name(let name): return try path(.name(name), then: nil)
    case .tuple(_, let span): throw problem("this cannot be assigned", at: span)
    }
  }

  func path(_ object: Expression, then last: PlacePath.Step?) throws -> Int {
    var steps: [PlacePath.Step] = last.map { [$0] } ?? []
    var current = object
    var pendingIndexes: [(Int, [Subscript], Span)] = []
    walk: while true {
      switch current {
      case .member(let inner, let name, _):
        steps.append(.member(name.text))
        current = inner
      case .index(let inner, let items, let span):
        pendingIndexes.append((steps.count, items, span))
        steps.append(.index(0))
        current = inner
      default: break walk
      }
    }
    var root: PlacePath.Root
    var name = ""
    if case .name(let rootName) = current {
      name = rootName.text
      switch try binding(name) {
      case .register(let register):
        checked(register, name, at: rootName.span)
        root = .register(register)
      case .cell(let register): root = .cell(register)
      case .upcell(let index): root = .upcell(index)
      case .session(let slot): root = .session(slot)
      case .upvalue, .itself, .builtin: root = .temporary(try fresh(current))
      }
    } else {
      root = .temporary(try fresh(current))
    }
    for (place, items, span) in pendingIndexes.reversed() { steps[place] = try step(items, at: span) }
    paths.append(PlacePath(root: root, steps: steps.reversed(), name: name))
    return paths.count - 1
  }

  private func step(_ items: [Subscript], at span: Span) throws -> PlacePath.Step {
    if items.count == 1, case .index(let index) = items[0] { return .index(try operand(index)) }
    return .subscripts(try template(items))
  }

  func template(_ items: [Subscript]) throws -> Int {
    var made: [SubscriptTemplate] = []
    for item in items {
      switch item {
      case .index(let expression): made.append(.index(try operand(expression)))
      case .slice(let start, let stop, let step, _):
        made.append(
          .slice(
            start: try start.map { try operand($0) }, stop: try stop.map { try operand($0) },
            step: try step.map { try operand($0) }))
      case .ellipsis: made.append(.ellipsis)
      }
    }
    subscripts.append(made)
    return subscripts.count - 1
  }

  private func fresh(_ expression: Expression) throws -> Int {
    let register = try temporary(at: expression.span)
    try into(expression, register)
    markDirty(register)
    return register
  }

  // MARK: Loops

  func forLoop(_ target: Target, _ sequence: Expression, at span: Span, body: () throws -> Void) throws {
    let mark = nextTemporary
    if case .tuple(let targets, _) = target, targets.count == 2, let inner = try enumerated(sequence) {
      // Counts beside the loop, instead of making a list of pairs.
      let counter = try temporary(at: span)
      emitWide(.loadConstant, counter, number(0), at: span)
      let source = try operand(inner)
      try forLoop(targets[1], over: source, at: sequence.span) {
        let copy = try temporary(at: span)
        emit(.move, copy, counter, at: span)
        try store(copy, in: targets[0])
        nextTemporary = copy
        emit(.addK, counter, counter, number(1), at: span)
        try body()
      }
      nextTemporary = mark
      return
    }
    let source = try operand(sequence)
    try forLoop(target, over: source, at: sequence.span, body: body)
    nextTemporary = mark
  }

  /// The argument of a plain `enumerate(xs)`.
  private func enumerated(_ sequence: Expression) throws -> Expression? {
    guard case .call(.name(let name), let arguments, _) = sequence, name.text == "enumerate", arguments.count == 1,
      arguments[0].label == nil, case .builtin = try binding(name.text), number(1) <= 65_535
    else { return nil }
    return arguments[0].value
  }

  /// - Parameter source: register of what the loop goes over.
  func forLoop(_ target: Target, over source: Int, at span: Span, body: () throws -> Void) throws {
    let mark = nextTemporary
    let state = try temporary(at: span)
    _ = try temporary(at: span)
    emit(.prepareLoop, state, source, at: span)
    if dirty.remove(source) != nil { emit(.clear, source, 1, at: span) }
    clearDirty(at: span)
    let start = emitWide(.jump, 0, 0, at: span)
    let before = assigned
    var item: Int
    var direct = false
    if case .name(let name) = target, case .register(let register) = try binding(name.text) {
      item = register
      direct = true
      assigned.insert(register)
    } else {
      item = try temporary(at: span)
    }
    let top = code.count
    loops.append(Loop(tryDepth: tryDepth))
    let bodyMark = nextTemporary
    if !direct {
      try store(item, in: target)
      nextTemporary = bodyMark
    }
    try body()
    isReachable = true
    let loop = loops.removeLast()
    try land(loop.continues)
    try land([start])
    let next = emit(.nextInLoop, state, item, at: span)
    try setJump(next, to: top)
    try land(loop.breaks)
    emit(.clear, state, 2, at: span)
    assigned = before
    nextTemporary = mark
  }

  private func whileLoop(_ condition: Expression, _ body: Block, at span: Span) throws {
    let top = code.count
    let exits = try branch(condition, when: false)
    let cleared = dirty
    clearDirty(at: condition.span)
    let before = assigned
    loops.append(Loop(tryDepth: tryDepth))
    try statements(body.statements)
    isReachable = true
    let loop = loops.removeLast()
    try land(loop.continues)
    let back = emitWide(.loop, 0, 0, at: condition.span)
    try setJump(back, to: top)
    try land(exits)
    try land(loop.breaks)
    dirty = cleared
    clearDirty(at: span)
    assigned = before
  }
}

extension Expression {
  /// Compiles to one instruction that reads its operands before it writes.
  var isOneStep: Bool {
    switch self {
    case .logical, .conditional, .attempt, .comprehension: false
    case .comparison(_, let links): links.count == 1
    default: true
    }
  }
}
