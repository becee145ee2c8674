import Diagnostics

extension Parser {
  //= program = { separator }, [ statement, { separator, { separator }, statement } ], { separator } ;
  //= separator = newline | ";" ;
  mutating func program() -> Program {
    let statements = statements(inBlock: false)
    let last = tokens.last { $0.kind != .newline && $0.kind != .end }
    return Program(statements: statements, hidesValue: last?.kind == .symbol(.semicolon))
  }

  /// Statements up to the end, or up to the `}` of their block, which is left. Each error costs one statement.
  mutating func statements(inBlock: Bool) -> [Statement] {
    var statements: [Statement] = []
    var tallest = 0
    while errors.count < Self.errorLimit {
      while kind == .newline || at(.semicolon) { advance() }
      if kind == .end || (inBlock && at(.rightBrace)) { break }
      let start = index
      let (nesting, functionDepth, loopDepth) = (nesting, functionDepth, loopDepth)
      do {
        statements.append(try statement())
        tallest = max(tallest, height)
        try endOfStatement(from: start)
      } catch {
        (self.nesting, self.functionDepth, self.loopDepth) = (nesting, functionDepth, loopDepth)
        errors.append(error)
        synchronize(from: start, after: error.error)
      }
    }
    height = tallest
    return statements
  }

  /// Where the line of the current token goes on with the line above, because that ends in an operator or a dot.
  private func lineAbove(from start: Int) -> LocatedSyntaxError? {
    func line(_ index: Int) -> Int { source.location(of: tokens[index].span.start).line }
    var last = index - 1
    while last > start, line(last) == line(index) { last -= 1 }
    guard last >= start, line(last) < line(index), index - last <= 3, case .symbol(let symbol) = tokens[last].kind,
      ![.rightParenthesis, .rightBracket, .rightBrace].contains(symbol)
    else { return nil }
    return LocatedSyntaxError(.assignmentAcrossLines(symbol.rawValue), tokens[last].span)
  }

  private mutating func endOfStatement(from start: Int) throws(LocatedSyntaxError) {
    switch kind {
    case .newline, .end, .symbol(.semicolon), .symbol(.rightBrace): return
    case .symbol(.rightParenthesis): throw failure(.strayCloser(.rightParenthesis))
    case .symbol(.rightBracket): throw failure(.strayCloser(.rightBracket))
    case .symbol(.assign): throw lineAbove(from: start) ?? failure(.chainedAssignment)
    case .symbol(.colon):
      if case .name = tokens[start].kind, foreignWords[text(tokens[start])] != nil {
        throw LocatedSyntaxError(.foreignWord(text(tokens[start])), tokens[start].span)
      }
      // `f = lambda: 3`
      if index > start, tokens[index - 1].kind == .name, foreignWords[text(tokens[index - 1])] != nil {
        throw LocatedSyntaxError(.foreignWord(text(tokens[index - 1])), tokens[index - 1].span)
      }
      if index == start + 1, tokens[start].kind == .name, next == .name { throw failure(.typeOfName) }
      if index > start, case .number = tokens[index - 1].kind { throw failure(.slicesInRange) }
      throw failure(.statementGoesOn(found: found, near: nil))
    case .unknown: throw failure(.statementGoesOn(found: found, near: nil))
    default: break
    }
    if case .name = tokens[start].kind, index - start <= 2, foreignWords[text(tokens[start])] != nil {
      throw LocatedSyntaxError(.foreignWord(text(tokens[start])), tokens[start].span)
    }
    if let explained { throw explained }
    // `fro x in xs`, `retrun 3`: the word before was meant to be a keyword.
    if index > 0, tokens[index - 1].kind == .name {
      let word = text(tokens[index - 1])
      if let near = nearName(word, among: Keyword.allCases.map(\.rawValue)) {
        throw LocatedSyntaxError(.statementGoesOn(found: found, near: near), tokens[index - 1].span)
      }
      if index == start + 1, kind != .symbol(.leftBrace) { throw failure(.callWithoutParentheses(word, found: found)) }
    }
    throw failure(.statementGoesOn(found: found, near: nil))
  }

  /// Passes the rest of a statement that went wrong: to the end of its line, over whole blocks; after a Python-like
  /// colon also over the lines that are indented under it.
  private mutating func synchronize(from start: Int, after error: SyntaxError) {
    var depth = 0
    for token in tokens[start..<index] {
      if token.kind == .symbol(.leftBrace) { depth += 1 }
      if token.kind == .symbol(.rightBrace) { depth -= 1 }
    }
    // Blocks that were read to their end count nothing; one in the midst of which the error fell is left by its `}`.
    depth = max(0, depth)
    scan: while kind != .end {
      switch kind {
      case .symbol(.leftBrace): depth += 1
      case .symbol(.rightBrace):
        if depth == 0 { break scan }
        depth -= 1
      // The semicolons of C's `for` stand in its head.
      case .symbol(.semicolon) where error == .forWithAssignment: break
      case .newline, .symbol(.semicolon): if depth == 0 { break scan }
      default: break
      }
      advance()
    }
    // A `}` that no block is waiting for would stop everything.
    if index == start, kind != .end { advance() }
    guard kind == .newline else { return }
    switch error {
    case .colonForBlock, .foreignWord: break
    default: return
    }
    let indentation = source.location(of: tokens[start].span.start).column
    // The `else:` of such an `if` has been explained with it.
    func belongsAbove() -> Bool {
      let follower = tokens[min(index + 1, tokens.count - 1)]
      if source.location(of: follower.span.start).column > indentation { return true }
      return [.keyword(.else), .keyword(.catch)].contains(follower.kind)
        || ["elif", "except", "finally"].contains(text(follower))
    }
    while kind == .newline, belongsAbove(), next != .end {
      advance()
      while kind != .newline, kind != .end { advance() }
    }
  }

  //= statement = definition | for | while | "break" | "continue" | return | assignment | expressions ;
  private mutating func statement() throws(LocatedSyntaxError) -> Statement {
    let start = current
    height = 0
    if case .keyword(let word) = start.kind, next == .symbol(.assign) { throw failure(.nameIsKeyword(word.rawValue)) }
    switch start.kind {
    case .keyword(.fn):
      if case .name = next { return .function(try definition()) }
      if case .keyword(let word) = next { advance(); throw failure(.nameIsKeyword(word.rawValue)) }
    case .keyword(.for): return try forLoop()
    case .keyword(.while): return try whileLoop()
    case .keyword(.break), .keyword(.continue):
      let isBreak = at(.break)
      guard loopDepth > 0 else { throw failure(.outsideLoop(isBreak ? "break" : "continue")) }
      advance()
      return isBreak ? .breakLoop(start.span) : .continueLoop(start.span)
    case .keyword(.return):
      guard functionDepth > 0 else { throw failure(.outsideFunction) }
      return try returnValue()
    case .keyword(.else): throw failure(.expected("`if` before it", found: "`else`"))
    case .keyword(.catch): throw failure(.expected("`try` before it", found: "`catch`"))
    case .symbol(.remainder):
      advance()
      let word = kind == .name ? text(current) : ""
      throw LocatedSyntaxError(.sessionCommand(word), Span(start.span.start, max(start.span.end, here.end)))
    case .symbol(.rightBrace): throw failure(.strayCloser(.rightBrace))
    case .symbol(.leftBrace) where !startsRecord(at: index):
      if holdsComprehension(index) { throw failure(.comprehensionInBraces(isRecord: false)) }
      let second = tokens[min(index + 2, tokens.count - 1)].kind
      switch next {
      case .symbol(.times), .foreign(.doubleStar): throw LocatedSyntaxError(.starred, tokens[index + 1].span)
      case .number, .string, .name:
        if second == .symbol(.comma) { throw failure(.setInBraces(text(tokens[index + 1]))) }
      default: break
      }
      throw failure(.blockAlone)
    default: break
    }
    return try assignmentOrExpressions()
  }

  //= assignment = targets, "=", expressions | target, compound, expression ;
  //= compound = "+=" | "-=" | "*=" | "/=" | "%=" | "@=" | "^=" ;
  //= expressions = expression, [ ",", [ expression, { ",", expression }, [ "," ] ] ] ;
  private mutating func assignmentOrExpressions() throws(LocatedSyntaxError) -> Statement {
    let left = try expressions()
    if at(.assign) {
      if case .call = left { throw LocatedSyntaxError(.functionByAssignment, left.span) }
      let target = try target(from: left)
      let leftHeight = height
      advance()
      let value = try expressions()
      try raise(leftHeight, height)
      return .assign(target, value)
    }
    if case .symbol(let symbol) = kind, let compound = Self.compounds[symbol] {
      let span = current.span
      let target = try target(from: left)
      if case .tuple = target { throw LocatedSyntaxError(.badTarget("a list of names"), left.span) }
      let leftHeight = height
      advance()
      let value = try expressions()
      try raise(leftHeight, height)
      return .compoundAssign(target, compound, value, span)
    }
    return .expression(left)
  }

  private static let compounds: [Symbol: BinaryOperator] = [
    .addAssign: .add, .subtractAssign: .subtract, .multiplyAssign: .multiply, .divideAssign: .divide,
    .remainderAssign: .remainder, .matrixProductAssign: .matrixProduct, .powerAssign: .power,
  ]

  /// One expression, or a list without brackets.
  mutating func expressions() throws(LocatedSyntaxError) -> Expression {
    let first = try expression()
    guard at(.comma) else { return first }
    var items = [first]
    var tallest = height
    while take(.comma) {
      switch kind {
      case .end, .newline, .symbol(.assign), .symbol(.semicolon), .symbol(.rightBrace), .keyword(.in): continue
      default: break
      }
      items.append(try expression())
      tallest = max(tallest, height)
    }
    try raise(tallest)
    return .list(items, first.span.joined(with: span(from: first.span.start)))
  }

  //= for = "for", targets, "in", expression, block ;
  private mutating func forLoop() throws(LocatedSyntaxError) -> Statement {
    let start = current.span.start
    advance()
    // `for (i = 0; i < n; i++)` of C.
    if at(.leftParenthesis), index + 2 < tokens.count, tokens[index + 2].kind == .symbol(.assign) {
      throw LocatedSyntaxError(.forWithAssignment, tokens[index + 2].span)
    }
    // `for (x in xs) { … }` of JavaScript, `for (x : xs) { … }` of C++.
    if at(.leftParenthesis), partner[index] > index,
      tokens[min(partner[index] + 1, tokens.count - 1)].kind == .symbol(.leftBrace),
      !tokens[index..<partner[index]].contains(where: { $0.kind == .symbol(.semicolon) })
    {
      throw failure(.parenthesesOfFor)
    }
    let target = try targets()
    if at(.assign) { throw failure(.forWithAssignment) }
    guard take(.in) else { throw at(.colon) ? failure(.colonForBlock(after: "for")) : expected("`in`") }
    let sequence = try expression()
    let sequenceHeight = height
    let body = try loopBlock(after: "for")
    try raise(sequenceHeight, height)
    return .forLoop(target, sequence, body, span(from: start))
  }

  //= while = "while", expression, block ;
  private mutating func whileLoop() throws(LocatedSyntaxError) -> Statement {
    let start = current.span.start
    advance()
    if at(.leftBrace), !startsRecord(at: index) { throw failure(.missingCondition("while")) }
    let condition = try condition(after: "while")
    let conditionHeight = height
    let body = try loopBlock(after: "while")
    try raise(conditionHeight, height)
    return .whileLoop(condition, body, span(from: start))
  }

  private mutating func loopBlock(after word: String) throws(LocatedSyntaxError) -> Block {
    loopDepth += 1
    defer { loopDepth -= 1 }
    return try block(after: word)
  }

  //= return = "return", [ expressions ] ;
  private mutating func returnValue() throws(LocatedSyntaxError) -> Statement {
    let start = current.span.start
    advance()
    switch kind {
    case .newline, .end, .symbol(.semicolon), .symbol(.rightBrace): return .returnValue(nil, span(from: start))
    default: break
    }
    let value = try expressions()
    return .returnValue(value, span(from: start))
  }

  mutating func condition(after word: String) throws(LocatedSyntaxError) -> Expression {
    let condition = try expression()
    if at(.assign) { throw failure(.assignmentInCondition) }
    return condition
  }

  //= block = "{", program, "}" ;
  mutating func block(after word: String) throws(LocatedSyntaxError) -> Block {
    let before = index
    skipNewlines()
    guard at(.leftBrace) else {
      if kind != .end { index = before }
      if at(.colon) { throw failure(word == "for" && hasBlockBehind ? .colonForRange : .colonForBlock(after: word)) }
      if kind == .end || kind == .newline { throw expected("the `{` of the block of `\(word)`") }
      throw explained ?? failure(.missingBlock(after: word, found: found))
    }
    let opener = index
    try descend()
    defer { nesting -= 1 }
    advance()
    let statements = statements(inBlock: true)
    let inner = height
    guard errors.count < Self.errorLimit else {
      // Enough was found; the rest is passed.
      index = tokens.count - 1
      return Block(statements: statements, span: span(from: tokens[opener].span.start))
    }
    try close(opener, .rightBrace)
    try raise(inner)
    return Block(statements: statements, span: span(from: tokens[opener].span.start))
  }

  /// Whether a `{` that opens a block stands behind the current token in its line, as in `for i in 1:10 { … }`.
  private var hasBlockBehind: Bool {
    var place = index + 1
    while place < tokens.count, tokens[place].kind != .newline, tokens[place].kind != .end {
      switch tokens[place].kind {
      case .symbol(.leftBrace): return place > index + 1 && !startsRecord(at: place)
      case .symbol(.leftParenthesis), .symbol(.leftBracket): if partner[place] > place { place = partner[place] }
      default: break
      }
      place += 1
    }
    return false
  }

  // MARK: Targets

  //= targets = target, [ ",", [ target, { ",", target }, [ "," ] ] ] ;
  mutating func targets() throws(LocatedSyntaxError) -> Target {
    let start = current.span.start
    let first = try loopTarget()
    guard at(.comma) else { return first }
    var targets = [first]
    while take(.comma) {
      if at(.in) { break }
      targets.append(try loopTarget())
    }
    return .tuple(targets, span(from: start))
  }

  /// Behind `for`, where no `=` stands that an error could speak of.
  private mutating func loopTarget() throws(LocatedSyntaxError) -> Target {
    let expression = try postfix()
    do { return try target(from: expression) } catch {
      guard case .badTarget(let what) = error.error else { throw error }
      throw LocatedSyntaxError(.badLoopTarget(what), error.span)
    }
  }

  //= target = name | postfix, ".", name | postfix, "[", subscripts, "]" | "(", targets, ")" | "[", targets, "]" ;
  func target(from expression: Expression) throws(LocatedSyntaxError) -> Target {
    let what: String
    switch expression {
    case .name(let name): return .name(name)
    case .member(let base, let name, let span): return .member(base, name, span)
    case .index(let base, let subscripts, let span): return .index(base, subscripts, span)
    case .list(let items, let span):
      var targets: [Target] = []
      for item in items { targets.append(try target(from: item)) }
      guard !targets.isEmpty else { throw LocatedSyntaxError(.badTarget("an empty list"), span) }
      return .tuple(targets, span)
    case .number, .string, .interpolation, .bool, .none: what = "a constant"
    case .call: what = "a call"
    case .record: what = "a record"
    case .comparison: what = "a comparison"
    case .function: what = "a function"
    default: what = "an expression"
    }
    throw LocatedSyntaxError(.badTarget(what), expression.span)
  }
}
