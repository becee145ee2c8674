import Diagnostics
import Syntax

/// Places that can be assigned or changed.
extension FunctionCompiler {
  /// The place that a target or the receiver of a changing method stands for, with its subscripts computed.
  func path(_ target: Target) throws -> Int {
    switch target {
    case .member(let object, let name, _): return try path(object, then: .member(name.text))
    case .index(let object, let items, _): return try path(object, then: try step(items))
    case .name(let name): return try path(.name(name), then: nil)
    case .tuple(_, let span): throw problem("this cannot be assigned", at: span)
    }
  }

  func path(_ object: Expression, then last: PlacePath.Step?) throws -> Int {
    var steps: [PlacePath.Step] = last.map { [$0] } ?? []
    var current = object
    var pendingIndexes: [(Int, [Subscript])] = []
    walk: while true {
      switch current {
      case .member(let inner, let name, _):
        steps.append(.member(name.text))
        current = inner
      case .index(let inner, let items, _):
        pendingIndexes.append((steps.count, items))
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
    for (place, items) in pendingIndexes.reversed() { steps[place] = try step(items) }
    paths.append(PlacePath(root: root, steps: steps.reversed(), name: name))
    return paths.count - 1
  }

  func step(_ items: [Subscript]) throws -> PlacePath.Step {
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

  func fresh(_ expression: Expression) throws -> Int {
    let register = try temporary(at: expression.span)
    try into(expression, register)
    markDirty(register)
    return register
  }
}
