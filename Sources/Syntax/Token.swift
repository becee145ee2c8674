import Diagnostics

//= hexdigit = digit | "a" … "f" | "A" … "F" ;
//= octal = "0" … "7" ;
//= bit = "0" | "1" ;
//= digit = "0" … "9" ;
//= letter = "_" | any letter of Unicode ;
//= character = any character but the quote, a newline, "\", "{" and "}" ;
//= format = [ [ any character ], ( "<" | ">" | "^" | "=" ) ], [ "+" | "-" | " " ], [ "#" ], [ "0" ], [ digits ],
//=          [ "," | "_" ], [ ".", digits ],
//=          [ "d" | "f" | "F" | "e" | "E" | "g" | "G" | "%" | "s" | "x" | "X" | "b" | "o" ] ;

/// A word, number, string or sign of a text.
public struct Token: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case name
    case keyword(Keyword)
    case number(Double)
    /// With its quotes; what stands in its braces is read by the parser.
    case string
    case symbol(Symbol)
    /// A sign of other languages that Twin explains.
    case foreign(ForeignSymbol)
    case comment
    case newline
    /// Bytes that no token begins with, or a number or string that went wrong: `Lexer.errors` says why.
    case unknown
    case end
  }

  public var kind: Kind
  public var span: Span

  public init(_ kind: Kind, _ span: Span) {
    self.kind = kind
    self.span = span
  }
}

public enum Keyword: String, Sendable, CaseIterable {
  case and, or, not, `in`, fn, `if`, `else`, `for`, `while`, `break`, `continue`, `return`, `try`, `catch`
  case `true`, `false`, none
}

public enum Symbol: String, Sendable, CaseIterable {
  case leftParenthesis = "("
  case rightParenthesis = ")"
  case leftBracket = "["
  case rightBracket = "]"
  case leftBrace = "{"
  case rightBrace = "}"
  case comma = ","
  case colon = ":"
  case semicolon = ";"
  case dot = "."
  case arrow = "->"
  case closedRange = "..."
  case halfOpenRange = "..<"
  case pipe = "|>"
  case compose = ">>"
  case equal = "=="
  case notEqual = "!="
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
  case less = "<"
  case greater = ">"
  case assign = "="
  case addAssign = "+="
  case subtractAssign = "-="
  case multiplyAssign = "*="
  case divideAssign = "/="
  case remainderAssign = "%="
  case matrixProductAssign = "@="
  case powerAssign = "^="
  case plus = "+"
  case minus = "-"
  case times = "*"
  case over = "/"
  case remainder = "%"
  case matrixProduct = "@"
  case power = "^"
}

/// Signs that other languages have and Twin does not, each with what to write instead (SyntaxError+Explanation.swift).
public enum ForeignSymbol: String, Sendable, CaseIterable {
  case doubleStar = "**"
  case doubleSlash = "//"
  case doubleAmpersand = "&&"
  case doubleBar = "||"
  case exclamation = "!"
  case ampersand = "&"
  case bar = "|"
  case tilde = "~"
  case question = "?"
  case fatArrow = "=>"
  case walrus = ":="
  case lessGreater = "<>"
  case doubleLess = "<<"
  case leftArrow = "<-"
  case tripleEqual = "==="
  case notTripleEqual = "!=="
  case twoDots = ".."
  case dollar = "$"
  case backslash = "\\"
  case multiplication = "×"
  case division = "÷"
  case longMinus = "−"
  case dash = "–"
  case lessOrEqualSign = "≤"
  case greaterOrEqualSign = "≥"
  case notEqualSign = "≠"
  case arrowSign = "→"
  case leftQuote = "“"
  case rightQuote = "”"
  case leftSingleQuote = "‘"
  case rightSingleQuote = "’"
}

extension Symbol {
  /// A line that ends in one of these goes on.
  var continuesLine: Bool {
    switch self {
    case .rightParenthesis, .rightBracket, .rightBrace, .semicolon, .colon, .leftBrace: false
    default: true
    }
  }

  /// No statement begins with one of these, so that a line that does belongs to the line before.
  var continuesLineBefore: Bool {
    switch self {
    case .pipe, .compose, .dot: true
    default: false
    }
  }
}

extension Keyword {
  var continuesLine: Bool {
    switch self {
    case .and, .or, .not, .in: true
    default: false
    }
  }

  var continuesLineBefore: Bool {
    switch self {
    case .and, .or: true
    default: false
    }
  }
}
