import Diagnostics

/// What may be wrong with a text. The words stand in SyntaxError+Explanation.swift.
public enum SyntaxError: Hashable, Sendable {
  // Signs
  case unknownCharacter(String)
  case foreignSymbol(ForeignSymbol)
  case badNumber(String)
  case unclosedString(triple: Bool)
  case unclosedInterpolation
  case emptyInterpolation
  case loneBrace
  case badEscape(String)
  /// `\u{110000}`, a number that is no character's.
  case noCharacter(code: String)
  case badFormat(String)
  /// What Python writes behind a value in braces: `!r`, `=`.
  case foreignConversion(String)
  case stringPrefix(String)
  /// `'it's'`: what follows stands right behind the quote.
  case quoteInText(String)
  /// `"a" "b"`, which Python joins.
  case textsSideBySide

  // Shape
  /// What was wanted, and what came.
  case expected(String, found: String)
  /// A bracket that something else than its closer ended: the bracket, its line, what came.
  case unclosed(Symbol, line: Int, found: String)
  /// A bracket that the end of its line, or of the text, left open.
  case neverClosed(Symbol, atEndOfText: Bool)
  case strayCloser(Symbol)
  /// Something else than the brace of a block.
  /// `else if { … }`
  case missingCondition(String)
  case missingBlock(after: String, found: String)
  /// Two expressions side by side.
  case statementGoesOn(found: String, near: String?)
  case callWithoutParentheses(String, found: String)
  case foreignWord(String)
  case colonForBlock(after: String)
  /// `for i in 1:10 { … }`
  case colonForRange
  /// `for i = …` and `for (i = …`.
  case forWithAssignment
  /// `["a": 1]` of Swift.
  case recordInBrackets
  /// `f(name: value)`
  case colonInArgument(String)
  /// `{name = value}`
  case assignmentInRecord(String)
  case assignmentInCondition
  case assignmentInExpression
  case chainedAssignment
  case typeOfName
  case typeOfParameter(String)
  case typeOfResult
  /// `fn f(x) -> x + 1` or `fn f(x) = x + 1`: the name and the text between the parentheses.
  case functionWithoutBlock(sign: String, name: String?, parameters: String)
  /// The line above ended in this, so that it goes on with the line of the second `=`.
  case assignmentAcrossLines(String)
  case starred
  /// `@name` where a statement begins.
  case decorator
  case keyOfRecord(found: String)
  case setInBraces(String)
  /// `{k: v for …}` or `{v for …}`.
  case comprehensionInBraces(isRecord: Bool)
  case pythonConditional
  /// `[x for x in xs if c else y]`
  case elseInComprehension
  case increment(String)
  case badTarget(String)
  /// The same behind `for`.
  case badLoopTarget(String)
  /// `for (x in xs) { … }`
  case parenthesesOfFor
  case functionByAssignment
  case blockAlone
  case sessionCommand(String)
  case helpQuestion
  case nameIsKeyword(String)

  // Meaning
  case positionalAfterNamed
  case repeatedArgument(String)
  case repeatedParameter(String)
  case repeatedKey(String)
  case requiredAfterDefault(String)
  case outsideLoop(String)
  case outsideFunction
  case slicesInRange
  case secondEllipsis
  case rangeOfRange

  // Limits
  case tooDeep(limit: Int)
  case tooLarge(limit: Int)
}

/// A syntax error and where it stands, as the parser throws it.
struct LocatedSyntaxError: Error, Hashable {
  var error: SyntaxError
  var span: Span

  init(_ error: SyntaxError, _ span: Span) {
    self.error = error
    self.span = span
  }
}
