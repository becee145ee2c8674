import Diagnostics

/// Reads Twin: recursive descent for statements, precedence climbing for operators. The grammar stands in
/// Documentation/language.md; the lines `//=` above the functions are the same productions (a test compares them).
public struct Parser {
  public enum Completeness: Sendable {
    case complete
    /// More lines may make it right: an open bracket, an open `"""`, or an operator at the end.
    case incomplete
    case invalid([Diagnostic])
  }

  /// Bytes of one program.
  public static let sizeLimit = 8_000_000
  /// Brackets, blocks and prefix operators inside one another.
  public static let nestingLimit = 200
  /// Levels of a tree, counting also the links of a chain such as `a + b + c`.
  public static let heightLimit = 600
  /// Texts inside the braces of texts.
  static let stringNestingLimit = 8
  /// Errors that are told at once.
  static let errorLimit = 20

  let source: SourceText
  var tokens: [Token]
  /// The closer of each opening bracket, by index.
  var partner: [Int]
  var index = 0
  var errors: [LocatedSyntaxError] = []

  var nesting = 0
  /// Height of the tree that was read last.
  var height = 0
  var stringNesting = 0
  var functionDepth = 0
  var loopDepth = 0

  /// The program, or every syntax error that was found, in the order of the text.
  public static func parse(_ source: SourceText) -> Result<Program, SyntaxErrors> {
    var parser = Parser(source, isPartial: false)
    let program = parser.program()
    guard parser.errors.isEmpty else { return .failure(SyntaxErrors(diagnostics: parser.diagnostics)) }
    return .success(program)
  }

  /// Whether a cell may run, needs more lines, or is wrong whatever follows.
  public static func completeness(of source: SourceText) -> Completeness {
    var parser = Parser(source, isPartial: true)
    _ = parser.program()
    guard let first = parser.errors.first else { return .complete }
    switch first.error {
    case .unclosedString(triple: true), .neverClosed(_, atEndOfText: true): return .incomplete
    case .expected, .unclosed:
      // What is missing may still come when nothing but the end of the text was in the way.
      let end = parser.tokens.last { $0.kind != .newline && $0.kind != .end }?.span.end ?? 0
      if first.span.start >= end { return .incomplete }
    default: break
    }
    var whole = Parser(source, isPartial: false)
    _ = whole.program()
    return .invalid(whole.errors.isEmpty ? parser.diagnostics : whole.diagnostics)
  }

  init(_ source: SourceText, isPartial: Bool) {
    self.source = source
    guard source.bytes.count <= Self.sizeLimit else {
      tokens = [Token(.end, Span(0, 0))]
      partner = [-1]
      errors = [LocatedSyntaxError(.tooLarge(limit: Self.sizeLimit), Span(0, 0))]
      return
    }
    var lexer = Lexer(source.bytes[...])
    lexer.run()
    let layout = Layout(lexer.tokens, isPartial: isPartial)
    tokens = layout.tokens
    partner = layout.partner
    errors = lexer.errors
  }

  /// For what stands in the braces of a string.
  init(inside outer: Parser, _ range: Range<Int>) {
    source = outer.source
    var lexer = Lexer(source.bytes[range])
    lexer.run()
    let layout = Layout(lexer.tokens, isPartial: false, isInline: true)
    tokens = layout.tokens
    partner = layout.partner
    errors = lexer.errors
    nesting = outer.nesting
    stringNesting = outer.stringNesting + 1
    functionDepth = outer.functionDepth
  }

  var diagnostics: [Diagnostic] {
    var seen: Set<LocatedSyntaxError> = []
    return
      errors.filter { seen.insert($0).inserted }
      .sorted { ($0.span.start, $0.span.end) < ($1.span.start, $1.span.end) }
      .prefix(Self.errorLimit)
      .map { Diagnostic($0.error.explanation, at: Place(source, $0.span)) }
  }

  // MARK: Tokens

  var current: Token { tokens[index] }
  var kind: Token.Kind { tokens[index].kind }
  var next: Token.Kind { tokens[min(index + 1, tokens.count - 1)].kind }
  var previousEnd: Int { index > 0 ? tokens[index - 1].span.end : current.span.start }

  mutating func advance() { if index < tokens.count - 1 { index += 1 } }

  func at(_ symbol: Symbol) -> Bool { kind == .symbol(symbol) }
  func at(_ keyword: Keyword) -> Bool { kind == .keyword(keyword) }

  mutating func take(_ symbol: Symbol) -> Bool {
    guard at(symbol) else { return false }
    advance()
    return true
  }

  mutating func take(_ keyword: Keyword) -> Bool {
    guard at(keyword) else { return false }
    advance()
    return true
  }

  mutating func skipNewlines() { while kind == .newline { advance() } }

  func text(_ token: Token) -> String { source.slice(token.span) }

  func span(from start: Int) -> Span { Span(start, max(start, previousEnd)) }

  // MARK: Errors

  /// Where an error at the current token is shown: the end of the text is just behind its last word.
  var here: Span {
    switch kind {
    case .end, .newline: Span(previousEnd, previousEnd)
    default: current.span
    }
  }

  func failure(_ error: SyntaxError) -> LocatedSyntaxError { LocatedSyntaxError(error, here) }

  /// The current token in words.
  var found: String {
    switch kind {
    case .name: "the name `\(text(current))`"
    case .keyword(let keyword): "`\(keyword.rawValue)`"
    case .number: "the number \(text(current))"
    case .string: "a text"
    case .symbol(let symbol): "`\(symbol.rawValue)`"
    case .foreign(let symbol): "`\(symbol.rawValue)`"
    case .newline: "the end of the line"
    case .end: stringNesting > 0 ? "the end of the braces" : "the end of the text"
    case .comment, .unknown: "`\(text(current).prefix(20))`"
    }
  }

  /// The error of a place where `wanted` should stand: one of another language's signs or words is explained instead.
  func expected(_ wanted: String) -> LocatedSyntaxError {
    explained ?? failure(.expected(wanted, found: found))
  }

  /// Where `*xs` would spread a list in Python, and `**r` a record.
  var isBehindOpenerOrComma: Bool {
    guard index > 0, case .symbol(let symbol) = tokens[index - 1].kind else { return false }
    return [.leftParenthesis, .leftBracket, .leftBrace, .comma].contains(symbol)
  }

  var isAtStatement: Bool {
    index == 0 || tokens[index - 1].kind == .newline || tokens[index - 1].kind == .symbol(.semicolon)
  }

  /// The kinder error for what stands at the current token, where there is one.
  var explained: LocatedSyntaxError? {
    if let besideText { return besideText }
    switch kind {
    case .foreign(.question) where previousIsQuestionable: return failure(.helpQuestion)
    case .foreign(.doubleStar) where isBehindOpenerOrComma: return failure(.starred)
    case .foreign(let symbol): return failure(.foreignSymbol(symbol))
    case .symbol(.matrixProduct) where isAtStatement: return failure(.decorator)
    case .keyword(.if): return failure(.pythonConditional)
    case .string:
      if index > 0, tokens[index - 1].kind == .name, tokens[index - 1].span.end == current.span.start {
        let prefix = text(tokens[index - 1])
        if prefix.count <= 2 { return LocatedSyntaxError(.stringPrefix(prefix), tokens[index - 1].span) }
      }
    case .name: if foreignWords[text(current)] != nil { return failure(.foreignWord(text(current))) }
    case .symbol(.assign): return failure(.assignmentInExpression)
    default: break
    }
    if index > 0, tokens[index - 1].kind == .name {
      let word = text(tokens[index - 1])
      let isBeforeWord =
        switch kind {
        case .name, .string, .number, .symbol(.leftBrace), .keyword, .symbol(.colon): true
        default: false
        }
      if isBeforeWord, foreignWords[word] != nil {
        return LocatedSyntaxError(.foreignWord(word), tokens[index - 1].span)
      }
    }
    return nil
  }

  /// What stands behind a text without a sign between.
  private var besideText: LocatedSyntaxError? {
    guard index > 0, tokens[index - 1].kind == .string else { return nil }
    let end = tokens[index - 1].span.end
    switch kind {
    case .name, .number:
      guard current.span.start == end else { return nil }
      return LocatedSyntaxError(.quoteInText(source.slice(Span(end - 1, end))), Span(end - 1, end))
    case .string: return failure(.textsSideBySide)
    default: return nil
    }
  }

  private var previousIsQuestionable: Bool { index == 0 || next == .end || next == .newline }

  mutating func expect(_ symbol: Symbol, _ wanted: String) throws(LocatedSyntaxError) {
    guard take(symbol) else { throw expected(wanted) }
  }

  /// The closer of the bracket at index `opener`.
  mutating func close(_ opener: Int, _ symbol: Symbol) throws(LocatedSyntaxError) {
    if take(symbol) { return }
    if let explained { throw explained }
    if at(.colon), symbol != .rightBrace { throw colonBehind(opener) }
    if at(.else), symbol != .rightBrace, holdsComprehension(opener) { throw failure(.elseInComprehension) }
    guard case .symbol(let bracket) = tokens[opener].kind else { throw expected("`\(symbol.rawValue)`") }
    switch kind {
    case .end where stringNesting == 0, .newline:
      throw LocatedSyntaxError(.neverClosed(bracket, atEndOfText: kind == .end), tokens[opener].span)
    default: break
    }
    let line = source.location(of: tokens[opener].span.start).line
    throw failure(.unclosed(bracket, line: line, found: found))
  }

  /// A colon in parentheses or brackets: the name of an argument, as in Swift, or a range, as in Julia and R.
  private func colonBehind(_ opener: Int) -> LocatedSyntaxError {
    let isNamed =
      index > opener + 1 && tokens[index - 1].kind == .name
      && (index == opener + 2 || tokens[index - 2].kind == .symbol(.comma))
    let isCall =
      opener > 0 && tokens[opener].kind == .symbol(.leftParenthesis) && tokens[opener - 1].kind == .name
      && tokens[opener - 1].span.end == tokens[opener].span.start
    if isNamed, isCall { return failure(.colonInArgument(text(tokens[index - 1]))) }
    let isKey = index == opener + 2 && [.name, .string].contains(tokens[index - 1].kind)
    return failure(isKey && tokens[opener].kind == .symbol(.leftBracket) ? .recordInBrackets : .slicesInRange)
  }

  /// The bracket that the text leaves open right before its end: `f(`, `[1,`.
  var openBracketAtEnd: LocatedSyntaxError? {
    guard kind == .end, stringNesting == 0 else { return nil }
    var last = index - 1
    while last >= 0, tokens[last].kind == .newline { last -= 1 }
    guard last >= 0, case .symbol(let symbol) = tokens[last].kind,
      [.leftParenthesis, .leftBracket, .comma].contains(symbol)
    else { return nil }
    // The innermost of the brackets that nothing closes.
    guard let opener = (0...last).last(where: { isOpener(tokens[$0].kind) && partner[$0] < 0 }),
      case .symbol(let bracket) = tokens[opener].kind
    else { return nil }
    return LocatedSyntaxError(.neverClosed(bracket, atEndOfText: true), tokens[opener].span)
  }

  private func isOpener(_ kind: Token.Kind) -> Bool {
    [.symbol(.leftParenthesis), .symbol(.leftBracket), .symbol(.leftBrace)].contains(kind)
  }

  /// Counts one level of nesting up; every caller counts it down again.
  mutating func descend() throws(LocatedSyntaxError) {
    guard nesting < Self.nestingLimit else { throw failure(.tooDeep(limit: Self.nestingLimit)) }
    nesting += 1
  }

  /// Sets the height of a tree with these subtrees; too high a tree would overflow the stack of who walks it.
  mutating func raise(_ subtrees: Int...) throws(LocatedSyntaxError) {
    height = (subtrees.max() ?? 0) + 1
    guard height < Self.heightLimit else { throw failure(.tooDeep(limit: Self.heightLimit)) }
  }
}

/// One syntax error or more.
public struct SyntaxErrors: Error, Sendable {
  public var diagnostics: [Diagnostic]

  public init(diagnostics: [Diagnostic]) {
    self.diagnostics = diagnostics
  }
}
