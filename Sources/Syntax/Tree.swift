import Diagnostics

/// A parsed text: a cell, a script, or an included file.
public struct Program: Sendable {
  public var statements: [Statement]
  /// The last statement ended in `;`, so that its value is not shown.
  public var hidesValue: Bool

  public init(statements: [Statement], hidesValue: Bool) {
    self.statements = statements
    self.hidesValue = hidesValue
  }
}

/// A name where it was written.
public struct Name: Hashable, Sendable {
  public var text: String
  public var span: Span

  public init(_ text: String, _ span: Span) {
    self.text = text
    self.span = span
  }
}

/// Statements between braces; the value is that of the last one, if that is an expression, or else none.
/// A block opens no scope.
public struct Block: Sendable {
  public var statements: [Statement]
  public var span: Span

  public init(statements: [Statement], span: Span) {
    self.statements = statements
    self.span = span
  }
}

public indirect enum Statement: Sendable {
  case expression(Expression)
  /// `target = value`
  case assign(Target, Expression)
  /// `target += value`; the target is a name, a member or an index. The span is the operator's.
  case compoundAssign(Target, BinaryOperator, Expression, Span)
  /// `fn name(…) { … }`; the function has a name.
  case function(Function)
  /// `for target in sequence { body }`
  case forLoop(Target, Expression, Block, Span)
  /// `while condition { body }`
  case whileLoop(Expression, Block, Span)
  case breakLoop(Span)
  case continueLoop(Span)
  case returnValue(Expression?, Span)
}

public indirect enum Expression: Sendable {
  case none(Span)
  case bool(Bool, Span)
  case number(Double, Span)
  case string(String, Span)
  /// `"loss is {loss:.3}"`
  case interpolation([StringPart], Span)
  case name(Name)
  /// `[a, b]`; also `a, b` on the right of `=` and after `return`.
  case list([Expression], Span)
  /// `[element for … in … if …]`, or the same as the only argument of a call.
  case comprehension(element: Expression, clauses: [ComprehensionClause], Span)
  case record([RecordField], Span)
  /// `start..<end` (half open) or `start...end` (closed). The last span is the operator's.
  case range(Expression, Expression, isClosed: Bool, Span)
  case unary(UnaryOperator, Expression, Span)
  /// Arithmetic, `@` and `>>`. The span is the operator's.
  case binary(BinaryOperator, Expression, Expression, Span)
  /// `and`, `or`: the right side is computed only where it matters. The span is the operator's.
  case logical(LogicalOperator, Expression, Expression, Span)
  /// `a < b`, and chains: `a < b < c` means `a < b and b < c` with b computed once. One link or more.
  case comparison(Expression, [ComparisonLink])
  /// `value |> function`. The span is the operator's.
  case pipe(Expression, Expression, Span)
  case call(Expression, [Argument], Span)
  case index(Expression, [Subscript], Span)
  case member(Expression, Name, Span)
  /// `fn (…) { … }`, `x -> …`
  case function(Function)
  /// `if … { … } else if … { … } else { … }`; one branch or more.
  case conditional([Branch], otherwise: Block?, Span)
  /// `try { … } catch name { … }`; the name may be left out.
  case attempt(Block, Name?, Block, Span)
}

public enum UnaryOperator: String, Sendable, CaseIterable {
  case minus = "-"
  case plus = "+"
  case not
}

public enum BinaryOperator: String, Sendable, CaseIterable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case remainder = "%"
  case matrixProduct = "@"
  case power = "^"
  case compose = ">>"
}

public enum LogicalOperator: String, Sendable, CaseIterable {
  case and
  case or
}

public enum ComparisonOperator: String, Sendable, CaseIterable {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case isIn = "in"
  case isNotIn = "not in"
}

/// One step of a chain of comparisons: the operator and what stands to its right.
public struct ComparisonLink: Sendable {
  public var comparison: ComparisonOperator
  public var operand: Expression
  public var operatorSpan: Span

  public init(_ comparison: ComparisonOperator, _ operand: Expression, operatorSpan: Span) {
    self.comparison = comparison
    self.operand = operand
    self.operatorSpan = operatorSpan
  }
}

public enum StringPart: Sendable {
  case text(String)
  /// `{expression}` or `{expression:format}`
  case value(Expression, FormatSpecification?)
}

public struct RecordField: Sendable {
  public var key: Name
  public var value: Expression

  public init(key: Name, value: Expression) {
    self.key = key
    self.value = value
  }
}

public enum ComprehensionClause: Sendable {
  case loop(Target, Expression)
  case condition(Expression)
}

public struct Argument: Sendable {
  /// The name before `=`, of an argument given by name.
  public var label: Name?
  public var value: Expression
  public var span: Span

  public init(label: Name?, value: Expression, span: Span) {
    self.label = label
    self.value = value
    self.span = span
  }
}

public enum Subscript: Sendable {
  case index(Expression)
  /// `start:stop:step`, each of which may be left out.
  case slice(start: Expression?, stop: Expression?, step: Expression?, Span)
  /// `...`: as many whole axes as are left.
  case ellipsis(Span)
}

/// One `if` or `else if` with its block.
public struct Branch: Sendable {
  public var condition: Expression
  public var body: Block

  public init(condition: Expression, body: Block) {
    self.condition = condition
    self.body = body
  }
}

/// What may stand on the left of `=`, and after `for`.
public indirect enum Target: Sendable {
  case name(Name)
  case member(Expression, Name, Span)
  case index(Expression, [Subscript], Span)
  /// `a, b` or `(a, b)`: takes a sequence of just that length apart. Two targets or more, or one with a comma.
  case tuple([Target], Span)
}

/// A function as written. Its span is the whole of it, for `??`.
public struct Function: Sendable {
  public enum Body: Sendable {
    case expression(Expression)
    case block(Block)
  }

  public var name: Name?
  public var parameters: [Parameter]
  public var body: Body
  public var span: Span

  public init(name: Name?, parameters: [Parameter], body: Body, span: Span) {
    self.name = name
    self.parameters = parameters
    self.body = body
    self.span = span
  }
}

public struct Parameter: Sendable {
  public var name: Name
  /// Computed at each call that leaves the argument out; may use the parameters before it.
  public var defaultValue: Expression?

  public init(name: Name, defaultValue: Expression?) {
    self.name = name
    self.defaultValue = defaultValue
  }
}
