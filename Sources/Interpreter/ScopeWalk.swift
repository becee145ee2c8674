import Diagnostics
import Syntax

/// Walks a program once and finds which function owns each name, and which variables need a cell.
struct ScopeWalk {
  private var scope: FunctionScope
  private var clock = 0
  /// How many branches and loops of the current function are open.
  private var depth = 0
  private(set) var readNames: Set<String> = []
  private(set) var assignedNames: [String] = []
  /// The same, to be asked: a cell may assign ten thousands of names.
  private var knownAssigned: Set<String> = []

  /// - Parameter isMutating: whether `x.name(…)` may change x in place.
  private let isMutating: (String) -> Bool

  static func walk(_ program: Program, isMutating: @escaping (String) -> Bool) -> (
    main: FunctionScope, reads: Set<String>, assigns: [String]
  ) {
    let main = FunctionScope(parent: nil)
    var walk = ScopeWalk(scope: main, isMutating: isMutating)
    walk.visit(program.statements)
    return (main, walk.readNames, walk.assignedNames)
  }

  private init(scope: FunctionScope, isMutating: @escaping (String) -> Bool) {
    self.scope = scope
    self.isMutating = isMutating
  }

  private mutating func visit(_ statements: [Statement]) {
    for statement in statements { visit(statement) }
  }

  private mutating func nested(_ block: Block) {
    depth += 1
    visit(block.statements)
    depth -= 1
  }

  private mutating func visit(_ statement: Statement) {
    clock += 1
    switch statement {
    case .expression(let expression): visit(expression)
    case .assign(let target, let value):
      visit(value)
      assign(target)
    case .compoundAssign(let target, _, let value, _):
      if case .name(let name) = target { read(name.text) }
      visit(value)
      assign(target)
    case .function(let function):
      visit(function)
      if let name = function.name { assign(name.text) }
    case .forLoop(let target, let sequence, let body, _):
      visit(sequence)
      depth += 1
      assign(target)
      visit(body.statements)
      depth -= 1
    case .whileLoop(let condition, let body, _):
      depth += 1
      visit(condition)
      visit(body.statements)
      depth -= 1
    case .breakLoop, .continueLoop: break
    case .returnValue(let value, _): if let value { visit(value) }
    }
  }

  private mutating func visit(_ expression: Expression) {
    clock += 1
    switch expression {
    case .none, .bool, .number, .string: break
    case .interpolation(let parts, _):
      for case .value(let value, _) in parts { visit(value) }
    case .name(let name): read(name.text)
    case .list(let items, _): for item in items { visit(item) }
    case .comprehension(let element, let clauses, let span):
      var names: [String: Variable] = [:]
      for case .loop(let target, _) in clauses { declare(target, into: &names) }
      scope.comprehensions[span] = names
      // The first sequence is computed outside of the comprehension, as in Python.
      if case .loop(_, let sequence)? = clauses.first { visit(sequence) }
      scope.open.append(names)
      depth += 1
      for (index, clause) in clauses.enumerated() {
        switch clause {
        case .loop(let target, let sequence):
          if index > 0 { visit(sequence) }
          assign(target)
        case .condition(let condition): visit(condition)
        }
      }
      visit(element)
      depth -= 1
      scope.open.removeLast()
    case .record(let fields, _): for field in fields { visit(field.value) }
    case .range(let start, let end, _, _):
      visit(start)
      visit(end)
    case .unary(_, let operand, _): visit(operand)
    case .binary(_, let left, let right, _), .logical(_, let left, let right, _), .pipe(let left, let right, _):
      visit(left)
      visit(right)
    case .comparison(let first, let links):
      visit(first)
      for link in links { visit(link.operand) }
    case .call(let callee, let arguments, _):
      if case .member(let object, let name, _) = callee {
        visit(object)
        if isMutating(name.text) { changeRoot(of: object) }
      } else {
        visit(callee)
      }
      for argument in arguments { visit(argument.value) }
    case .index(let object, let subscripts, _):
      visit(object)
      visit(subscripts)
    case .member(let object, _, _): visit(object)
    case .function(let function): visit(function)
    case .conditional(let branches, let otherwise, _):
      depth += 1
      for branch in branches {
        visit(branch.condition)
        visit(branch.body.statements)
      }
      if let otherwise { visit(otherwise.statements) }
      depth -= 1
    case .attempt(let body, let name, let handler, _):
      nested(body)
      depth += 1
      if let name { assign(name.text) }
      visit(handler.statements)
      depth -= 1
    }
  }

  private mutating func visit(_ subscripts: [Subscript]) {
    for expression in subscripts.flatMap(\.expressions) { visit(expression) }
  }

  private mutating func visit(_ function: Function) {
    let inner = FunctionScope(parent: scope, functionName: function.name?.text)
    for parameter in function.parameters { inner.declare(parameter.name.text, isParameter: true) }
    var owned = AssignedNames()
    switch function.body {
    case .expression(let expression): owned.visit(expression)
    case .block(let block): owned.visit(block.statements)
    }
    for parameter in function.parameters { if let value = parameter.defaultValue { owned.visit(value) } }
    for name in owned.names where inner.variables[name] == nil {
      if let (_, owner) = scope.find(name), !owner.isMain { continue }
      inner.declare(name)
    }
    scope.children[function.span] = inner
    let (outer, outerDepth) = (scope, depth)
    scope = inner
    depth = 0
    for parameter in function.parameters { if let value = parameter.defaultValue { visit(value) } }
    switch function.body {
    case .expression(let expression): visit(expression)
    case .block(let block): visit(block.statements)
    }
    scope = outer
    depth = outerDepth
  }

  private mutating func read(_ name: String) {
    guard let (variable, owner) = scope.find(name) else {
      readNames.insert(name)
      return
    }
    guard owner !== scope else { return }
    if scope.isWithinFunction(named: name, of: owner) {
      variable.firstOwnRead = min(variable.firstOwnRead ?? .max, clock)
    } else {
      variable.firstCapture = min(variable.firstCapture ?? .max, clock)
    }
  }

  private mutating func assign(_ name: String) {
    clock += 1
    guard let (variable, owner) = scope.find(name) else {
      if scope.isMain, knownAssigned.insert(name).inserted { assignedNames.append(name) }
      return
    }
    variable.assignments += 1
    if owner !== scope {
      variable.firstCapture = min(variable.firstCapture ?? .max, clock)
      variable.plainAssignment = nil
    } else {
      variable.plainAssignment = depth == 0 && variable.assignments == 1 ? clock : nil
    }
  }

  private mutating func assign(_ target: Target) {
    switch target {
    case .name(let name): assign(name.text)
    case .member(let object, _, _):
      visit(object)
      changeRoot(of: object)
    case .index(let object, let subscripts, _):
      visit(object)
      visit(subscripts)
      changeRoot(of: object)
    case .tuple(let targets, _): for target in targets { assign(target) }
    }
  }

  /// `a.b[i] = v` and `a.b.append(v)` change the variable a.
  private mutating func changeRoot(of expression: Expression) {
    switch expression {
    case .name(let name):
      if let (variable, owner) = scope.find(name.text) {
        variable.assignments += 1
        variable.plainAssignment = nil
        if owner !== scope { variable.firstCapture = min(variable.firstCapture ?? .max, clock) }
      }
    case .member(let object, _, _), .index(let object, _, _): changeRoot(of: object)
    default: break
    }
  }

  private func declare(_ target: Target, into names: inout [String: Variable]) {
    switch target {
    case .name(let name): if names[name.text] == nil { names[name.text] = Variable(name.text, isParameter: false) }
    case .tuple(let targets, _): for target in targets { declare(target, into: &names) }
    case .member, .index: break
    }
  }
}
