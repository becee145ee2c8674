import Syntax

/// Variables that a call reads for the last time.
///
/// In `p = step(p, dt)` nobody can ask for the old `p` any more once the call has begun, nor for any variable of the
/// function in `return step(p, dt)`: the argument is moved instead of copied, so that `step` finds the record unshared
/// and changes it in place. Only where an error cannot bring the old value to light: in a function, outside of `try`.
extension FunctionCompiler {
  /// - Parameter name: the variable that the statement assigns; nil: the function ends with the call.
  func markLastUses(in expression: Expression, assigning name: String? = nil) {
    consumable = []
    guard case .call(let callee, let arguments, _) = expression, !isMain else { return }
    var names: Set<String> = []
    for argument in arguments {
      guard case .name(let candidate) = argument.value, name == nil || candidate.text == name,
        let (variable, owner) = scope.find(candidate.text), owner === scope, !variable.isBoxed, scope.open.isEmpty
      else { continue }
      let others = [callee] + arguments.map(\.value)
      if others.reduce(0, { $0 + $1.mentions(of: candidate.text) }) == 1 { names.insert(candidate.text) }
    }
    consumable = names
  }
}

extension Expression {
  /// How often the name stands in it; at least two where that is not easily seen.
  fileprivate func mentions(of name: String) -> Int {
    func all(_ parts: [Expression]) -> Int { parts.reduce(0) { $0 + $1.mentions(of: name) } }
    switch self {
    case .none, .bool, .number, .string: return 0
    case .name(let other): return other.text == name ? 1 : 0
    case .list(let items, _): return all(items)
    case .unary(_, let operand, _): return operand.mentions(of: name)
    case .binary(_, let left, let right, _): return all([left, right])
    case .comparison(let first, let links): return all([first] + links.map(\.operand))
    case .member(let object, _, _): return object.mentions(of: name)
    case .call(let callee, let arguments, _): return all([callee] + arguments.map(\.value))
    case .index(let object, let subscripts, _):
      var found = object.mentions(of: name)
      for item in subscripts {
        guard case .index(let index) = item else { return 2 }
        found += index.mentions(of: name)
      }
      return found
    case .interpolation(let parts, _):
      return parts.reduce(0) { found, part in
        if case .value(let value, _) = part { found + value.mentions(of: name) } else { found }
      }
    default: return 2
    }
  }
}
