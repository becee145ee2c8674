/// Which of the session's names a text reads and binds: for stale marks and for keeping only the cells that matter.
public struct NameUse: Hashable, Sendable {
  /// Names that are read before the text itself has certainly bound them, builtins among them.
  public var reads: Set<String> = []
  /// Names that the text may bind.
  public var writes: Set<String> = []
  /// Of `writes`: names whose value it may change in part (`x[0] = 1`, `x.a = 1`, `x += 1`) so that it needs the old.
  public var changes: Set<String> = []
}

/// The names that `program` reads from the session and from the builtins.
public func freeNames(in program: Program) -> Set<String> { nameUse(of: program).reads }

/// The names that `program` binds in the session, or changes a part of.
public func assignedNames(in program: Program) -> Set<String> {
  let use = nameUse(of: program)
  return use.writes.union(use.changes)
}

public func nameUse(of program: Program) -> NameUse {
  var walker = NameWalker()
  walker.statements(program.statements)
  return walker.use
}

/// The names that a function binds as its own: parameters, and all that is assigned in its body outside of inner
/// functions, in the order of the text. (A name among them that an enclosing function has is that function's.)
public func boundNames(of function: Function) -> [String] {
  var walker = NameWalker()
  for parameter in function.parameters { walker.bind(parameter.name.text) }
  switch function.body {
  case .expression(let expression): walker.expression(expression)
  case .block(let block): walker.statements(block.statements)
  }
  return walker.order
}

private struct NameWalker {
  var use = NameUse()
  var order: [String] = []
  /// Names certainly bound so far, so that reading them reads nothing from before.
  var bound: Set<String> = []
  /// Names of the comprehensions around.
  var inner: [Set<String>] = []

  mutating func bind(_ name: String) {
    if use.writes.insert(name).inserted { order.append(name) }
    bound.insert(name)
  }

  mutating func read(_ name: String) {
    if bound.contains(name) || inner.contains(where: { $0.contains(name) }) { return }
    use.reads.insert(name)
  }

  mutating func statements(_ statements: [Statement]) {
    for statement in statements { self.statement(statement) }
  }

  /// Walks what may not run, or run again: names bound in it are not certain behind it.
  mutating func uncertain(_ walk: (inout NameWalker) -> Void) {
    let before = bound
    walk(&self)
    bound = before
  }

  mutating func statement(_ statement: Statement) {
    switch statement {
    case .expression(let expression): self.expression(expression)
    case .assign(let target, let value):
      expression(value)
      self.target(target)
    case .compoundAssign(let target, _, let value, _):
      expression(value)
      if case .name(let name) = target {
        read(name.text)
        use.changes.insert(name.text)
      }
      self.target(target)
    case .function(let function):
      if let name = function.name { bind(name.text) }
      self.function(function)
    case .forLoop(let target, let sequence, let body, _):
      expression(sequence)
      uncertain {
        $0.target(target)
        $0.statements(body.statements)
      }
    case .whileLoop(let condition, let body, _):
      expression(condition)
      uncertain { $0.statements(body.statements) }
    case .breakLoop, .continueLoop: break
    case .returnValue(let value, _): if let value { expression(value) }
    }
  }

  mutating func target(_ target: Target) {
    switch target {
    case .name(let name): bind(name.text)
    case .member(let base, _, _): place(base)
    case .index(let base, let subscripts, _):
      for item in subscripts { self.subscript(item) }
      place(base)
    case .tuple(let targets, _): for target in targets { self.target(target) }
    }
  }

  /// The base of a change in part: `x` of `x.a[0] = 1`.
  mutating func place(_ base: Expression) {
    switch base {
    case .name(let name):
      read(name.text)
      use.changes.insert(name.text)
    case .member(let base, _, _): place(base)
    case .index(let base, let subscripts, _):
      for item in subscripts { self.subscript(item) }
      place(base)
    default: expression(base)
    }
  }

  mutating func `subscript`(_ item: Subscript) {
    switch item {
    case .index(let index): expression(index)
    case .slice(let start, let stop, let step, _): for part in [start, stop, step] { if let part { expression(part) } }
    case .ellipsis: break
    }
  }

  /// What an inner function reads beyond its own names; it may run at any time, so what is bound here counts only where
  /// it is bound already.
  mutating func function(_ function: Function) {
    for parameter in function.parameters { if let value = parameter.defaultValue { expression(value) } }
    var body = NameWalker()
    for parameter in function.parameters { body.bind(parameter.name.text) }
    switch function.body {
    case .expression(let expression): body.expression(expression)
    case .block(let block): body.statements(block.statements)
    }
    for name in body.use.reads.subtracting(body.use.writes).sorted() { read(name) }
  }

  mutating func expression(_ expression: Expression) {
    switch expression {
    case .none, .bool, .number, .string: break
    case .interpolation(let parts, _): for case .value(let value, _) in parts { self.expression(value) }
    case .name(let name): read(name.text)
    case .list(let items, _): for item in items { self.expression(item) }
    case .comprehension(let element, let clauses, _):
      inner.append([])
      for clause in clauses {
        switch clause {
        case .loop(let target, let sequence):
          self.expression(sequence)
          clauseTarget(target)
        case .condition(let condition): self.expression(condition)
        }
      }
      self.expression(element)
      inner.removeLast()
    case .record(let fields, _): for field in fields { self.expression(field.value) }
    case .range(let left, let right, _, _), .binary(_, let left, let right, _), .pipe(let left, let right, _):
      self.expression(left)
      self.expression(right)
    case .logical(_, let left, let right, _):
      self.expression(left)
      uncertain { $0.expression(right) }
    case .unary(_, let operand, _): self.expression(operand)
    case .comparison(let first, let links):
      self.expression(first)
      for link in links { self.expression(link.operand) }
    case .call(let callee, let arguments, _):
      self.expression(callee)
      for argument in arguments { self.expression(argument.value) }
    case .index(let base, let subscripts, _):
      self.expression(base)
      for item in subscripts { self.subscript(item) }
    case .member(let base, _, _): self.expression(base)
    case .function(let function): self.function(function)
    case .conditional(let branches, let otherwise, _): conditional(branches, otherwise)
    case .attempt(let body, let name, let handler, _):
      uncertain { $0.statements(body.statements) }
      uncertain {
        if let name { $0.bind(name.text) }
        $0.statements(handler.statements)
      }
    }
  }

  /// A name that every branch binds is certain behind the conditional.
  private mutating func conditional(_ branches: [Branch], _ otherwise: Block?) {
    let before = bound
    var common: Set<String>?
    for branch in branches {
      expression(branch.condition)
      let start = bound
      statements(branch.body.statements)
      common = common.map { $0.intersection(bound) } ?? bound
      bound = start
    }
    if let otherwise {
      statements(otherwise.statements)
      bound = common?.intersection(bound) ?? bound
    } else {
      bound = before
    }
  }

  private mutating func clauseTarget(_ target: Target) {
    switch target {
    case .name(let name): inner[inner.count - 1].insert(name.text)
    case .tuple(let targets, _): for target in targets { clauseTarget(target) }
    case .member, .index: self.target(target)
    }
  }
}
