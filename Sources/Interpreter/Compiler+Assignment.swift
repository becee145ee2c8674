import Diagnostics
import Syntax

/// Assignments, and `+=` and its like.
extension FunctionCompiler {
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
  func apart(_ register: Int, from variable: Int, at span: Span) throws -> Int {
    guard register == variable else { return register }
    let copy = try temporary(at: span)
    emit(.move, copy, register, at: span)
    markDirty(copy)
    return copy
  }

  func apart(_ register: Int, fromRootOf path: Int, at span: Span) throws -> Int {
    guard case .register(let variable) = paths[path].root else { return register }
    return try apart(register, from: variable, at: span)
  }

  func compound(_ target: Target, _ op: BinaryOperator, _ value: Expression, at span: Span) throws {
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

  func compoundPath(_ place: Int, _ op: BinaryOperator, _ value: Expression, whole: Span, at span: Span) throws {
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
  static func mayGrow(_ op: BinaryOperator, _ value: Expression) -> Bool {
    if case .number = value { return false }
    return op == .add && !value.holdsBlock
  }

  func addToPart(
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
}
