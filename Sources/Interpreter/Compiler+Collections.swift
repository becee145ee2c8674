import Diagnostics
import Syntax

/// Interpolated strings, lists, records and comprehensions.
extension FunctionCompiler {
  func interpolation(_ parts: [StringPart], _ destination: Int, at span: Span) throws {
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
  func texts(_ parts: [StringPart], at span: Span) throws -> Int {
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

  func list(_ items: [Expression], _ destination: Int, at span: Span) throws {
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

  static func constant(_ items: [Expression], depth: Int) -> Value? {
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

  func record(_ fields: [RecordField], _ destination: Int, at span: Span) throws {
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

  func comprehension(
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

  func clause(
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
}
