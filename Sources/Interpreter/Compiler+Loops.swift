import Diagnostics
import Syntax

/// `for` and `while`.
extension FunctionCompiler {
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
  func enumerated(_ sequence: Expression) throws -> Expression? {
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

  func whileLoop(_ condition: Expression, _ body: Block, at span: Span) throws {
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
