import Diagnostics
import Syntax

/// Conditions as jumps, comparisons, `if` and `try`.
extension FunctionCompiler {
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

  func compareAndJump(_ first: Expression, _ link: ComparisonLink, wanted: Bool) throws -> Int? {
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

  func comparison(_ first: Expression, _ links: [ComparisonLink], _ destination: Int) throws {
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
