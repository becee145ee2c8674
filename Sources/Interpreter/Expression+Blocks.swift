import Syntax

extension Expression {
  /// Whether a block runs while it is computed: blocks can assign the variables that stand beside them, as in
  /// `n + (if c { n = 0; 1 } else { 2 })`, where the sum begins with the old `n`.
  var holdsBlock: Bool {
    switch self {
    case .none, .bool, .number, .string, .name, .function: false
    case .conditional, .attempt: true
    case .interpolation(let parts, _):
      parts.contains { if case .value(let value, _) = $0 { value.holdsBlock } else { false } }
    case .list(let items, _): items.contains(where: \.holdsBlock)
    case .comprehension(let element, let clauses, _):
      element.holdsBlock
        || clauses.contains {
          switch $0 {
          case .loop(_, let sequence): sequence.holdsBlock
          case .condition(let condition): condition.holdsBlock
          }
        }
    case .record(let fields, _): fields.contains(where: \.value.holdsBlock)
    case .range(let left, let right, _, _), .binary(_, let left, let right, _), .logical(_, let left, let right, _),
      .pipe(let left, let right, _):
      left.holdsBlock || right.holdsBlock
    case .unary(_, let operand, _): operand.holdsBlock
    case .comparison(let first, let links): first.holdsBlock || links.contains(where: \.operand.holdsBlock)
    case .call(let callee, let arguments, _): callee.holdsBlock || arguments.contains(where: \.value.holdsBlock)
    case .member(let object, _, _): object.holdsBlock
    case .index(let object, let subscripts, _): object.holdsBlock || subscripts.contains(where: \.holdsBlock)
    }
  }
}

extension Subscript {
  var holdsBlock: Bool {
    switch self {
    case .index(let index): index.holdsBlock
    case .slice(let start, let stop, let step, _): [start, stop, step].contains { $0?.holdsBlock ?? false }
    case .ellipsis: false
    }
  }
}
