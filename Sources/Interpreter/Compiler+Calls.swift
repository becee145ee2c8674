import Diagnostics
import Syntax

extension FunctionCompiler {
  /// A call or a pipe; the result stands in the register that is returned, a temporary.
  func call(_ expression: Expression) throws -> Int {
    let mayTake = consumable
    consumable = []
    switch expression {
    case .pipe(let value, let function, _): return try pipe(value, into: function, whole: expression.span)
    case .call(let callee, let arguments, let span):
      if case .member(let object, let name, _) = callee {
        return try method(object, name, arguments, whole: span)
      }
      return try function(callee, arguments, taking: mayTake, whole: span)
    default: return try operand(expression)
    }
  }

  private func site(_ index: Int, callee: Span, whole: Span, _ arguments: [Argument]) {
    let labels = arguments.contains { $0.label != nil } ? arguments.map { $0.label?.text } : []
    sites[index] = CallSite(callee: callee, whole: whole, arguments: arguments.map(\.span), labels: labels)
  }

  private func window(_ arguments: [Argument], taking mayTake: Set<String> = [], at span: Span) throws {
    guard arguments.count <= 250 else { throw problem("a call takes at most 250 arguments", at: span) }
    for argument in arguments {
      let register = try temporary(at: argument.span)
      if case .name(let name) = argument.value, mayTake.contains(name.text),
        case .register(let variable) = try binding(name.text)
      {
        checked(variable, name.text, at: name.span)
        emit(.take, register, variable, at: name.span)
      } else {
        try into(argument.value, register)
      }
      dirty.remove(register)
    }
  }

  private func hasLabels(_ arguments: [Argument]) -> Bool { arguments.contains { $0.label != nil } }

  private func function(
    _ callee: Expression, _ arguments: [Argument], taking mayTake: Set<String>, whole: Span
  ) throws -> Int {
    let base = try temporary(at: callee.span)
    let calleeSpan = callee.span
    defer {
      nextTemporary = base + 1
      markDirty(base)
    }
    let index: Int
    var target: Binding?
    if case .name(let name) = callee { target = try binding(name.text) }
    let labelled = hasLabels(arguments)
    switch target {
    case .builtin(let builtin)? where builtin.name == "len" && arguments.count == 1 && !labelled:
      // In every loop: no window, no call where it is a list.
      let register = try operand(arguments[0].value)
      _ = try temporary(at: whole)
      index = emit(.length, base, register, self.builtin(builtin), at: calleeSpan)
    case .builtin(let builtin)? where builtin.kind == .function:
      try window(arguments, taking: mayTake, at: whole)
      let entry = self.builtin(builtin)
      index = emit(labelled ? .callBuiltinNamed : .callBuiltin, base, entry, arguments.count, at: calleeSpan)
    case .session(let slot)? where !labelled:
      try window(arguments, taking: mayTake, at: whole)
      index = emit(.callGlobal, base, slot, arguments.count, at: calleeSpan)
    case .register(let register)?
    where isMain && register < firstTemporary && !labelled && register < SessionNames.capacity:
      if case .name(let name) = callee { checked(register, name.text, at: name.span) }
      try window(arguments, taking: mayTake, at: whole)
      index = emit(.callGlobal, base, register, arguments.count, at: calleeSpan)
    case .register(let register)? where !labelled && !arguments.contains { $0.value.holdsBlock }:
      // No block among the arguments can give the variable another function before the call.
      if case .name(let name) = callee { checked(register, name.text, at: name.span) }
      try window(arguments, taking: mayTake, at: whole)
      index = emit(.callLocal, base, register, arguments.count, at: calleeSpan)
    default:
      try into(callee, base)
      try window(arguments, taking: mayTake, at: whole)
      index = emit(labelled ? .callNamed : .call, base, arguments.count, at: calleeSpan)
    }
    site(index, callee: calleeSpan, whole: whole, arguments)
    return base
  }

  private func pipe(_ value: Expression, into function: Expression, whole: Span) throws -> Int {
    let base = try temporary(at: whole)
    let argument = try temporary(at: value.span)
    defer {
      nextTemporary = base + 1
      markDirty(base)
    }
    try into(value, argument)
    dirty.remove(argument)
    try into(function, base)
    let index = emit(.call, base, 1, at: function.span)
    sites[index] = CallSite(callee: function.span, whole: whole, arguments: [value.span], labels: [])
    return base
  }

  private func method(_ object: Expression, _ name: Name, _ arguments: [Argument], whole: Span) throws -> Int {
    let base = try temporary(at: object.span)
    defer {
      nextTemporary = base + 1
      markDirty(base)
    }
    let index: Int
    if unit.registry.isMutating(name.text), object.isPlace {
      let place = try path(object, then: nil)
      if !paths[place].steps.isEmpty {
        // The receiver is looked up before the arguments are computed; what was found is let go of again, so that it can
        // be changed where it stands.
        let mark = nextTemporary
        emit(.clear, try read(place, at: object.span), 1, at: object.span)
        nextTemporary = mark
      }
      // The subscripts of the place may have taken temporaries between the window and here.
      let start = nextTemporary == base + 1 ? base : try temporary(at: whole)
      try window(arguments, at: whole)
      if start == base, arguments.count == 1, arguments[0].label == nil, name.text == "append" || name.text == "push",
        case .register(let register) = paths[place].root, paths[place].steps.isEmpty
      {
        emit(.appendItem, start, register, at: name.span)
      }
      index = emit(.changeMethod, start, arguments.count, text(name.text), at: name.span)
      emit(.extra, place, 0, 0, at: whole)
      code[code.count - 1].bc = cache()
      if start != base { emit(.take, base, start, at: whole) }
    } else {
      try into(object, base)
      try window(arguments, at: whole)
      index = emit(.callMethod, base, arguments.count, text(name.text), at: name.span)
      emitWide(.extra, 0, cache(), at: whole)
    }
    site(index, callee: name.span, whole: whole, arguments)
    return base
  }
}

extension Expression {
  /// A name, or members and items of one.
  var isPlace: Bool {
    switch self {
    case .name: true
    case .member(let object, _, _), .index(let object, _, _): object.isPlace
    default: false
    }
  }
}
