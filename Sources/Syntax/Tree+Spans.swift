import Diagnostics

extension Expression {
  /// The text that the expression was read from.
  public var span: Span {
    switch self {
    case .none(let span), .bool(_, let span), .number(_, let span), .string(_, let span),
      .interpolation(_, let span), .list(_, let span), .comprehension(_, _, let span), .record(_, let span),
      .call(_, _, let span), .index(_, _, let span), .member(_, _, let span),
      .conditional(_, _, let span), .attempt(_, _, _, let span), .unary(_, _, let span):
      return span
    case .name(let name): return name.span
    case .range(let left, let right, _, _), .binary(_, let left, let right, _), .logical(_, let left, let right, _),
      .pipe(let left, let right, _):
      return left.span.joined(with: right.span)
    case .comparison(let first, let links):
      return links.last.map { first.span.joined(with: $0.operand.span) } ?? first.span
    case .function(let function): return function.span
    }
  }
}

extension Target {
  public var span: Span {
    switch self {
    case .name(let name): return name.span
    case .member(_, _, let span), .index(_, _, let span), .tuple(_, let span): return span
    }
  }
}

extension Statement {
  public var span: Span {
    switch self {
    case .expression(let expression): return expression.span
    case .assign(let target, let value), .compoundAssign(let target, _, let value, _):
      return target.span.joined(with: value.span)
    case .function(let function): return function.span
    case .forLoop(_, _, _, let span), .whileLoop(_, _, let span), .breakLoop(let span), .continueLoop(let span),
      .returnValue(_, let span):
      return span
    }
  }
}

extension Subscript {
  public var span: Span {
    switch self {
    case .index(let expression): return expression.span
    case .slice(_, _, _, let span), .ellipsis(let span): return span
    }
  }

  /// What is evaluated for it, in the order in which it is written.
  public var expressions: [Expression] {
    switch self {
    case .index(let expression): [expression]
    case .slice(let start, let stop, let step, _): [start, stop, step].compactMap { $0 }
    case .ellipsis: []
    }
  }
}
