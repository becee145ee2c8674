import Diagnostics

extension Parser {
  //= primary = number | string | "true" | "false" | "none" | name | lambda | "(", expression, ")" | tuple | list
  //=         | record | function | if | try ;
  mutating func primary() throws(LocatedSyntaxError) -> Expression {
    let token = current
    height = 0
    switch token.kind {
    case .number(let value):
      advance()
      return .number(value, token.span)
    case .string:
      advance()
      return try stringLiteral(token.span)
    case .keyword(let keyword):
      switch keyword {
      case .true, .false:
        advance()
        return .bool(keyword == .true, token.span)
      case .none:
        advance()
        return .none(token.span)
      case .fn: return .function(try function())
      case .if: return try conditional()
      case .try: return try attempt()
      default: break
      }
    case .name:
      if next == .symbol(.arrow) { return .function(try lambda()) }
      return try name()
    case .symbol(.leftParenthesis):
      let close = partner[index]
      if close >= 0, close + 1 < tokens.count, tokens[close + 1].kind == .symbol(.arrow) {
        return .function(try lambda())
      }
      return try parenthesized()
    case .symbol(.leftBracket): return try list()
    case .symbol(.leftBrace): return try record()
    case .symbol(.colon): throw failure(.slicesInRange)
    case .symbol(.remainder) where next == .name && tokens[index + 1].span.start == token.span.end:
      // `x = %time f()`
      throw failure(.sessionCommand(text(tokens[index + 1])))
    case .unknown:
      // The lexer has told what is wrong with it.
      throw LocatedSyntaxError(
        errors.first { $0.span.start >= token.span.start }?.error ?? .unknownCharacter(text(token)),
        errors.first { $0.span.start >= token.span.start }?.span ?? token.span)
    default: break
    }
    if let openBracketAtEnd { throw openBracketAtEnd }
    throw expected("an expression")
  }

  //= name = letter, { letter | digit } ;
  private mutating func name() throws(LocatedSyntaxError) -> Expression {
    let token = current
    let word = text(token)
    if let foreign = foreignWords[word], foreign.isAlwaysWrong {
      throw failure(.foreignWord(word))
    }
    advance()
    return .name(Name(word, token.span))
  }

  //= tuple = "(", expression, ",", [ expression, { ",", expression }, [ "," ] ], ")" ;
  private mutating func parenthesized() throws(LocatedSyntaxError) -> Expression {
    let opener = index
    advance()
    if at(.rightParenthesis) { throw expected("an expression") }
    let first = try expression()
    guard at(.comma) else {
      if at(.for) { throw failure(.expected("`)`", found: "`for`; a comprehension stands in brackets")) }
      try close(opener, .rightParenthesis)
      return first
    }
    var items = [first]
    var tallest = height
    while take(.comma), !at(.rightParenthesis) {
      items.append(try expression())
      tallest = max(tallest, height)
    }
    try close(opener, .rightParenthesis)
    try raise(tallest)
    return .list(items, span(from: tokens[opener].span.start))
  }

  //= list = "[", [ expression, { ",", expression }, [ "," ] ], "]" | "[", expression, clauses, "]" ;
  private mutating func list() throws(LocatedSyntaxError) -> Expression {
    let opener = index
    let start = current.span.start
    advance()
    var items: [Expression] = []
    var tallest = 0
    while !at(.rightBracket) {
      items.append(try expression())
      tallest = max(tallest, height)
      if at(.for), items.count == 1 {
        let clauses = try clauses()
        tallest = max(tallest, height)
        try close(opener, .rightBracket)
        try raise(tallest)
        return .comprehension(element: items[0], clauses: clauses, span(from: start))
      }
      guard take(.comma) else { break }
    }
    try close(opener, .rightBracket)
    try raise(tallest)
    return .list(items, span(from: start))
  }

  //= clauses = "for", targets, "in", disjunction, { "for", targets, "in", disjunction | "if", disjunction } ;
  mutating func clauses() throws(LocatedSyntaxError) -> [ComprehensionClause] {
    var clauses: [ComprehensionClause] = []
    var tallest = height
    while true {
      if take(.for) {
        let target = try targets()
        tallest = max(tallest, height)
        guard take(.in) else { throw expected("`in`") }
        clauses.append(.loop(target, try clauseOperand()))
      } else if take(.if) {
        clauses.append(.condition(try clauseOperand()))
        if at(.assign) { throw failure(.assignmentInCondition) }
      } else {
        break
      }
      tallest = max(tallest, height)
    }
    try raise(tallest)
    return clauses
  }

  private mutating func clauseOperand() throws(LocatedSyntaxError) -> Expression {
    try descend()
    defer { nesting -= 1 }
    return try operators(.or)
  }

  /// Whether the brace at `index` begins a record: nothing in it, or a key and a colon.
  func startsRecord(at index: Int) -> Bool {
    var next = index + 1
    while next < tokens.count, tokens[next].kind == .newline { next += 1 }
    guard next + 1 < tokens.count else { return false }
    switch tokens[next].kind {
    case .symbol(.rightBrace): return true
    case .name, .string, .keyword: return tokens[next + 1].kind == .symbol(.colon)
    default: return false
    }
  }

  //= record = "{", [ field, { ",", field }, [ "," ] ], "}" ;
  //= field = ( name | string ), ":", expression ;
  private mutating func record() throws(LocatedSyntaxError) -> Expression {
    let opener = index
    let start = current.span.start
    advance()
    skipNewlines()
    var fields: [RecordField] = []
    var keys: Set<String> = []
    var tallest = 0
    while !at(.rightBrace) {
      let key = current
      let word: String
      switch key.kind {
      case .name, .keyword: word = text(key)
      case .string:
        guard case .string(let text, _) = try stringLiteral(key.span) else {
          throw failure(.expected("a key that is a plain text", found: "one with braces in it"))
        }
        word = text
      default:
        // `{1, 2}`: a set of other languages.
        if case .number = key.kind, next == .symbol(.comma) || next == .symbol(.rightBrace) {
          throw failure(.setInBraces(text(key)))
        }
        if at(.times) { throw failure(.starred) }
        throw explained ?? failure(.keyOfRecord(found: found))
      }
      advance()
      if !at(.colon), holdsComprehension(opener) { throw failure(.comprehensionInBraces(isRecord: false)) }
      if at(.comma) || at(.rightBrace) { throw failure(.setInBraces(word)) }
      if at(.assign) { throw failure(.assignmentInRecord(word)) }
      try expect(.colon, "`:` after the key `\(word)`")
      guard keys.insert(word).inserted else { throw LocatedSyntaxError(.repeatedKey(word), key.span) }
      fields.append(RecordField(key: Name(word, key.span), value: try expression()))
      tallest = max(tallest, height)
      skipNewlines()
      if at(.for) { throw failure(.comprehensionInBraces(isRecord: true)) }
      guard take(.comma) else { break }
      skipNewlines()
    }
    try close(opener, .rightBrace)
    try raise(tallest)
    return .record(fields, span(from: start))
  }

  /// Whether a `for` stands right inside the bracket that opens at an index.
  func holdsComprehension(_ opener: Int) -> Bool {
    var place = opener + 1
    while place < partner[opener] {
      switch tokens[place].kind {
      case .keyword(.for): return place > opener + 1
      case .newline, .symbol(.semicolon): return false
      case .symbol(.leftParenthesis), .symbol(.leftBracket), .symbol(.leftBrace):
        if partner[place] > place { place = partner[place] }
      default: break
      }
      place += 1
    }
    return false
  }

  // MARK: Functions

  //= definition = "fn", name, "(", [ parameters ], ")", block ;
  mutating func definition() throws(LocatedSyntaxError) -> Function {
    let start = current.span.start
    advance()
    let name = Name(text(current), current.span)
    advance()
    return try functionRest(name, start)
  }

  //= function = "fn", "(", [ parameters ], ")", block ;
  private mutating func function() throws(LocatedSyntaxError) -> Function {
    let start = current.span.start
    advance()
    if kind == .name, next == .symbol(.leftParenthesis) {
      throw failure(.expected("`(` of a function without a name", found: "`\(text(current))`"))
    }
    return try functionRest(nil, start)
  }

  private mutating func functionRest(_ name: Name?, _ start: Int) throws(LocatedSyntaxError) -> Function {
    let opener = index
    try expect(.leftParenthesis, "`(` and the parameters")
    let parameters = try parameters()
    let parametersHeight = height
    try close(opener, .rightParenthesis)
    if at(.assign) || at(.arrow) {
      if at(.arrow), next == .name, tokens[min(index + 2, tokens.count - 1)].kind == .symbol(.leftBrace) {
        throw failure(.typeOfResult)
      }
      let inside = Span(tokens[opener].span.end, max(tokens[opener].span.end, tokens[index - 1].span.start))
      throw failure(
        .functionWithoutBlock(
          sign: at(.assign) ? "=" : "->", name: name?.text, parameters: source.slice(inside)))
    }
    let body = try inFunction { (parser) throws(LocatedSyntaxError) in
      try parser.block(after: "fn")
    }
    try raise(parametersHeight, height)
    return Function(name: name, parameters: parameters, body: .block(body), span: span(from: start))
  }

  //= parameters = parameter, { ",", parameter }, [ "," ] ;
  //= parameter = name, [ "=", expression ] ;
  private mutating func parameters() throws(LocatedSyntaxError) -> [Parameter] {
    var parameters: [Parameter] = []
    var names: Set<String> = []
    var tallest = 0
    var hasDefault = false
    while !at(.rightParenthesis) {
      if case .keyword(let word) = kind { throw failure(.nameIsKeyword(word.rawValue)) }
      if at(.times) { throw failure(.starred) }
      guard kind == .name else { throw expected("the name of a parameter") }
      let name = Name(text(current), current.span)
      advance()
      guard names.insert(name.text).inserted else {
        throw LocatedSyntaxError(.repeatedParameter(name.text), name.span)
      }
      if at(.colon) { throw failure(.typeOfParameter(name.text)) }
      var value: Expression?
      if take(.assign) {
        value = try expression()
        hasDefault = true
        tallest = max(tallest, height)
      } else if hasDefault {
        throw LocatedSyntaxError(.requiredAfterDefault(name.text), name.span)
      }
      parameters.append(Parameter(name: name, defaultValue: value))
      guard take(.comma) else { break }
    }
    height = tallest
    return parameters
  }

  //= lambda = ( name | "(", [ parameters ], ")" ), "->", ( block | expression ) ;
  private mutating func lambda() throws(LocatedSyntaxError) -> Function {
    let start = current.span.start
    var parameters: [Parameter] = []
    height = 0
    if kind == .name {
      parameters = [Parameter(name: Name(text(current), current.span), defaultValue: nil)]
      advance()
    } else {
      let opener = index
      advance()
      parameters = try self.parameters()
      try close(opener, .rightParenthesis)
    }
    let parametersHeight = height
    try expect(.arrow, "`->`")
    let isBlock = at(.leftBrace) && (next == .symbol(.rightBrace) || !startsRecord(at: index))
    let body = try inFunction { (parser) throws(LocatedSyntaxError) -> Function.Body in
      isBlock ? .block(try parser.block(after: "->")) : .expression(try parser.expression())
    }
    try raise(parametersHeight, height)
    return Function(name: nil, parameters: parameters, body: body, span: span(from: start))
  }

  /// `return` is at home in `read`, and loops outside of it are out of reach.
  private mutating func inFunction<Body>(
    _ read: (inout Parser) throws(LocatedSyntaxError) -> Body
  ) throws(LocatedSyntaxError) -> Body {
    let loops = loopDepth
    loopDepth = 0
    functionDepth += 1
    defer {
      loopDepth = loops
      functionDepth -= 1
    }
    return try read(&self)
  }

  // MARK: Conditionals

  //= if = "if", expression, block, { "else", "if", expression, block }, [ "else", block ] ;
  private mutating func conditional() throws(LocatedSyntaxError) -> Expression {
    let start = current.span.start
    var branches: [Branch] = []
    var otherwise: Block?
    var tallest = 0
    var word = "if"
    while true {
      advance()
      if at(.leftBrace), !startsRecord(at: index) { throw failure(.missingCondition(word)) }
      let condition = try condition(after: word)
      tallest = max(tallest, height)
      branches.append(Branch(condition: condition, body: try block(after: word)))
      tallest = max(tallest, height)
      if kind == .name, ["elif", "elsif", "elseif"].contains(text(current)) {
        throw failure(.foreignWord(text(current)))
      }
      guard take(.else) else { break }
      if at(.if) {
        word = "else if"
        continue
      }
      otherwise = try block(after: "else")
      tallest = max(tallest, height)
      break
    }
    try raise(tallest)
    return .conditional(branches, otherwise: otherwise, span(from: start))
  }

  //= try = "try", block, "catch", [ name ], block ;
  private mutating func attempt() throws(LocatedSyntaxError) -> Expression {
    let start = current.span.start
    advance()
    let body = try block(after: "try")
    let bodyHeight = height
    guard take(.catch) else { throw expected("`catch` and its block") }
    var name: Name?
    if kind == .name {
      name = Name(text(current), current.span)
      advance()
    }
    let handler = try block(after: "catch")
    try raise(bodyHeight, height)
    return .attempt(body, name, handler, span(from: start))
  }
}
