import Syntax

/// The names that a function's body assigns, without looking into functions inside it.
struct AssignedNames {
  private(set) var names: [String] = []

  mutating func visit(_ statements: [Statement]) { for statement in statements { visit(statement) } }

  private mutating func visit(_ statement: Statement) {
    switch statement {
    case .expression(let expression): visit(expression)
    case .assign(let target, let value), .compoundAssign(let target, _, let value, _):
      visit(value)
      visit(target)
    case .function(let function): if let name = function.name { names.append(name.text) }
    case .forLoop(let target, let sequence, let body, _):
      visit(target)
      visit(sequence)
      visit(body.statements)
    case .whileLoop(let condition, let body, _):
      visit(condition)
      visit(body.statements)
    case .breakLoop, .continueLoop: break
    case .returnValue(let value, _): if let value { visit(value) }
    }
  }

  private mutating func visit(_ target: Target) {
    switch target {
    case .name(let name): names.append(name.text)
    case .tuple(let targets, _): for target in targets { visit(target) }
    case .member(let object, _, _): visit(object)
    case .index(let object, let subscripts, _):
      visit(object)
      visit(subscripts)
    }
  }

  private mutating func visit(_ subscripts: [Subscript]) {
    for expression in subscripts.flatMap(\.expressions) { visit(expression) }
  }

  /// Only blocks can assign, so only what may hold a block is looked into.
  mutating func visit(_ expression: Expression) {
    switch expression {
    case .none, .bool, .number, .string, .name, .function: break
    case .interpolation(let parts, _): for case .value(let value, _) in parts { visit(value) }
    case .list(let items, _): for item in items { visit(item) }
    case .comprehension(let element, let clauses, _):
      visit(element)
      for clause in clauses {
        switch clause {
        case .loop(_, let sequence): visit(sequence)
        case .condition(let condition): visit(condition)
        }
      }
    case .record(let fields, _): for field in fields { visit(field.value) }
    case .range(let left, let right, _, _), .binary(_, let left, let right, _), .logical(_, let left, let right, _),
      .pipe(let left, let right, _):
      visit(left)
      visit(right)
    case .comparison(let first, let links):
      visit(first)
      for link in links { visit(link.operand) }
    case .unary(_, let operand, _): visit(operand)
    case .call(let callee, let arguments, _):
      visit(callee)
      for argument in arguments { visit(argument.value) }
    case .index(let object, let subscripts, _):
      visit(object)
      visit(subscripts)
    case .member(let object, _, _): visit(object)
    case .conditional(let branches, let otherwise, _):
      for branch in branches {
        visit(branch.condition)
        visit(branch.body.statements)
      }
      if let otherwise { visit(otherwise.statements) }
    case .attempt(let body, let name, let handler, _):
      visit(body.statements)
      if let name { names.append(name.text) }
      visit(handler.statements)
    }
  }
}
