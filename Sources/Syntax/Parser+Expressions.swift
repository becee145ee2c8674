import Diagnostics

extension Parser {
  /// How tightly an operator binds; the order of the cases is that of the table in Documentation/language.md.
  enum Level: Int, Comparable {
    case pipe, compose, or, and, not, comparison, range, sum, product, minus, power

    static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
  }

  //= expression = pipeline ;
  mutating func expression() throws(LocatedSyntaxError) -> Expression {
    try descend()
    defer { nesting -= 1 }
    return try operators(.pipe)
  }

  //= pipeline = composition, { "|>", composition } ;
  //= composition = disjunction, { ">>", disjunction } ;
  //= disjunction = conjunction, { "or", conjunction } ;
  //= conjunction = negation, { "and", negation } ;
  //= negation = "not", negation | comparison ;
  //= comparison = range, { comparator, range } ;
  //= comparator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not", "in" ;
  //= range = sum, [ ( "..<" | "..." ), sum ] ;
  //= sum = product, { ( "+" | "-" ), product } ;
  //= product = signed, { ( "*" | "/" | "%" | "@" ), signed } ;
  //= signed = ( "-" | "+" ), signed | power ;
  //= power = postfix, [ "^", signed ] ;
  mutating func operators(_ least: Level) throws(LocatedSyntaxError) -> Expression {
    var left = try prefix()
    var isChain = false
    while let (level, infix) = infix, level >= least {
      let span = current.span
      let leftHeight = height
      advance()
      if level != .comparison { isChain = false }
      switch infix {
      case .binary(let binary):
        let right = try operand(level == .power ? .power : tighter(level))
        left = .binary(binary, left, right, span)
      case .logical(let logical): left = .logical(logical, left, try operand(tighter(level)), span)
      case .pipe: left = .pipe(left, try operand(tighter(level)), span)
      case .range(let isClosed):
        let right = try operand(tighter(level))
        if at(.halfOpenRange) || at(.closedRange) { throw failure(.rangeOfRange) }
        left = .range(left, right, isClosed: isClosed, span)
      case .comparison(let comparison):
        var operatorSpan = span
        if comparison == .isNotIn {
          operatorSpan = span.joined(with: current.span)
          advance()
        }
        let link = ComparisonLink(comparison, try operand(tighter(level)), operatorSpan: operatorSpan)
        // A chain is one node: a < b < c, where a itself stands in no parentheses.
        if isChain, case .comparison(let first, let links) = left {
          left = .comparison(first, links + [link])
        } else {
          left = .comparison(left, [link])
        }
        isChain = true
      }
      try raise(leftHeight, height)
    }
    return left
  }

  private mutating func operand(_ level: Level) throws(LocatedSyntaxError) -> Expression {
    try descend()
    defer { nesting -= 1 }
    return try operators(level)
  }

  private func tighter(_ level: Level) -> Level { Level(rawValue: level.rawValue + 1) ?? .power }

  private enum Infix {
    case binary(BinaryOperator), logical(LogicalOperator), comparison(ComparisonOperator)
    case range(isClosed: Bool), pipe
  }

  /// The operator at the current token, with its level.
  private var infix: (Level, Infix)? {
    switch kind {
    case .symbol(let symbol):
      switch symbol {
      case .pipe: (.pipe, .pipe)
      case .compose: (.compose, .binary(.compose))
      case .equal: (.comparison, .comparison(.equal))
      case .notEqual: (.comparison, .comparison(.notEqual))
      case .less: (.comparison, .comparison(.less))
      case .lessOrEqual: (.comparison, .comparison(.lessOrEqual))
      case .greater: (.comparison, .comparison(.greater))
      case .greaterOrEqual: (.comparison, .comparison(.greaterOrEqual))
      case .halfOpenRange: (.range, .range(isClosed: false))
      case .closedRange: (.range, .range(isClosed: true))
      case .plus: (.sum, .binary(.add))
      case .minus: (.sum, .binary(.subtract))
      case .times: (.product, .binary(.multiply))
      case .over: (.product, .binary(.divide))
      case .remainder: (.product, .binary(.remainder))
      case .matrixProduct: (.product, .binary(.matrixProduct))
      case .power: (.power, .binary(.power))
      default: nil
      }
    case .keyword(.or): (.or, .logical(.or))
    case .keyword(.and): (.and, .logical(.and))
    case .keyword(.in): (.comparison, .comparison(.isIn))
    case .keyword(.not): next == .keyword(.in) ? (.comparison, .comparison(.isNotIn)) : nil
    default: nil
    }
  }

  private mutating func prefix() throws(LocatedSyntaxError) -> Expression {
    let start = current.span
    switch kind {
    case .keyword(.not):
      advance()
      let operand = try operand(.not)
      try raise(height)
      return .unary(.not, operand, start.joined(with: operand.span))
    case .symbol(.minus), .symbol(.plus):
      let isMinus = at(.minus)
      advance()
      if kind == .newline || kind == .end, index > 1, tokens[index - 2].kind == tokens[index - 1].kind {
        let sign = isMinus ? "-" : "+"
        throw LocatedSyntaxError(.increment(sign), tokens[index - 2].span.joined(with: start))
      }
      let operand = try operand(.minus)
      try raise(height)
      return .unary(isMinus ? .minus : .plus, operand, start.joined(with: operand.span))
    case .symbol(.times) where isBehindOpenerOrComma || isAtStatement && isStarredTarget: throw failure(.starred)
    default: return try postfix()
    }
  }

  /// `*head, last = xs`.
  private var isStarredTarget: Bool {
    next == .name && tokens[min(index + 2, tokens.count - 1)].kind == .symbol(.comma)
  }

  //= postfix = primary, { "(", [ arguments ], ")" | "[", subscripts, "]" | ".", name } ;
  mutating func postfix() throws(LocatedSyntaxError) -> Expression {
    var base = try primary()
    let start = base.span.start
    while true {
      let opener = index
      let baseHeight = height
      switch kind {
      case .symbol(.leftParenthesis):
        advance()
        let arguments = try arguments()
        try close(opener, .rightParenthesis)
        base = .call(base, arguments, span(from: start))
      case .symbol(.leftBracket):
        advance()
        let subscripts = try subscripts()
        try close(opener, .rightBracket)
        base = .index(base, subscripts, span(from: start))
      case .symbol(.dot):
        advance()
        switch kind {
        case .name, .keyword: break
        default: throw expected("a name after the dot")
        }
        let name = Name(text(current), current.span)
        advance()
        base = .member(base, name, span(from: start))
        height = 0
      default: return base
      }
      try raise(baseHeight, height)
    }
  }

  //= arguments = argument, { ",", argument }, [ "," ] | expression, clauses ;
  //= argument = [ name, "=" ], expression ;
  private mutating func arguments() throws(LocatedSyntaxError) -> [Argument] {
    var arguments: [Argument] = []
    var labels: Set<String> = []
    var tallest = 0
    while !at(.rightParenthesis) {
      let start = current.span.start
      var label: Name?
      if next == .symbol(.assign) {
        if case .keyword(let word) = kind { throw failure(.nameIsKeyword(word.rawValue)) }
        if kind == .name {
          label = Name(text(current), current.span)
          advance()
          advance()
        }
      }
      var value = try expression()
      if let label {
        guard labels.insert(label.text).inserted else {
          throw LocatedSyntaxError(.repeatedArgument(label.text), label.span)
        }
      } else if !labels.isEmpty {
        throw LocatedSyntaxError(.positionalAfterNamed, value.span)
      } else if at(.for), arguments.isEmpty {
        let clauses = try clauses()
        value = .comprehension(element: value, clauses: clauses, span(from: start))
      }
      tallest = max(tallest, height)
      arguments.append(Argument(label: label, value: value, span: span(from: start)))
      guard take(.comma) else { break }
    }
    height = tallest
    return arguments
  }

  //= subscripts = subscript, { ",", subscript }, [ "," ] ;
  //= subscript = expression | [ expression ], ":", [ expression ], [ ":", [ expression ] ] | "..." ;
  private mutating func subscripts() throws(LocatedSyntaxError) -> [Subscript] {
    var subscripts: [Subscript] = []
    var tallest = 0
    var ellipsis: Span?
    repeat {
      if at(.rightBracket), !subscripts.isEmpty { break }
      let start = current.span.start
      if at(.closedRange), next == .symbol(.comma) || next == .symbol(.rightBracket) {
        if ellipsis != nil { throw failure(.secondEllipsis) }
        ellipsis = current.span
        subscripts.append(.ellipsis(current.span))
        advance()
        continue
      }
      var parts: [Expression?] = [nil]
      while true {
        if at(.colon) {
          guard parts.count < 3 else { throw expected("`]`") }
          advance()
          parts.append(nil)
        } else if parts[parts.count - 1] == nil, !at(.comma), !at(.rightBracket) {
          parts[parts.count - 1] = try expression()
          tallest = max(tallest, height)
        } else {
          break
        }
      }
      if parts.count == 1 {
        guard let index = parts[0] else { throw expected("an index") }
        subscripts.append(.index(index))
      } else {
        subscripts.append(
          .slice(start: parts[0], stop: parts[1], step: parts.count > 2 ? parts[2] : nil, span(from: start)))
      }
    } while take(.comma)
    height = tallest
    return subscripts
  }
}
