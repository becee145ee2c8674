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
      emit(.callBuiltin, destination, self.builtin(builtin), Self.asValue, at: name.span)
    }
    markDirty(destination)
  }

  /// In `callBuiltin`: no call, the builtin itself is the value.
  static let asValue = 0xFFFF

  func builtin(_ builtin: Builtin) -> Int {
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
}
