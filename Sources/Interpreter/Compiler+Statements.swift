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
}
