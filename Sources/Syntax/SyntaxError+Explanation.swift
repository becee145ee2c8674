import Diagnostics

extension SyntaxError: ExplainedError {
  public var explanation: Explanation {
    switch self {
    case .unknownCharacter(let text):
      return Explanation(
        "Twin has no sign `\(text)`", help: Self.signs[text] ?? "text goes in quotes, and a remark begins with #")
    case .foreignSymbol(let symbol): return Self.words(for: symbol)
    case .badNumber(let text):
      return Explanation(
        "`\(text)` is neither a number nor a name",
        help: "numbers look like 12, 1_000, 0.5, 1e-3, 0xff; a name begins with a letter")
    case .unclosedString(let triple):
      return triple
        ? Explanation("this text is never closed", help: "end it with the same three quotes")
        : Explanation(
          "this text is not closed on its line",
          help: "end it with the same quote, or begin and end it with three quotes to span lines")
    case .unclosedInterpolation:
      return Explanation(
        "the { of this text is not closed", help: "close it with }, or write {{ to have a brace in the text")
    case .emptyInterpolation:
      return Explanation(
        "nothing stands between { and }", help: "name a value, or write {{}} to have braces in the text")
    case .loneBrace:
      return Explanation("a } stands alone in this text", help: "write }} to have a brace in the text")
    case .badEscape(let text):
      return Explanation(
        "`\\\(text)` means nothing in a text",
        help: #"write \n \t \r \" \' \\ or \u{e9} (a character by its code), and \\ for a backslash"#)
    case .noCharacter(let code):
      return Explanation(
        "there is no character with the code \(code)",
        help: "codes are written in hexadecimal, up to 10ffff: \\u{e9} is é")
    case .foreignConversion(let text):
      return Explanation(
        "Twin has no `\(text)` behind a value in braces",
        help: text == "="
          ? "write the name before the braces: \"x = {x}\""
          : "leave it out: {x} writes the value, {[x]} a text with its quotes")
    case .badFormat(let text) where text.contains("{"):
      return Explanation(
        "a format has no braces of its own",
        help: "write its numbers out, {x:>8.2f}, or pad the text: str(x).rjust(width)")
    case .badFormat(let text) where FormatSpecification.isBeyondLimit(text):
      return Explanation(
        "`\(text)` is beyond the limit of formats",
        help: "width and precision are at most 1,000; \"=\" * 2000 writes a long line")
    case .badFormat(let text):
      let type = text.last.map(String.init) ?? ""
      let isWhole = ["d", "x", "X", "b", "o"].contains(type)
      return Explanation(
        "`\(text)` is not a format",
        help: isWhole && text.contains(".")
          ? "`\(type)` is for whole numbers, which have no digits behind a point: leave the precision out"
          : isWhole && text.contains(",")
            ? "`,` groups the digits of decimal numbers by three; `_` groups those of x, b and o by four"
            : "formats are as in Python: .3 for three digits, .2f, >8, 06.1f, .1%, e, d, x")
    case .quoteInText(let quote):
      return Explanation(
        "the text ends at this quote", help: "write \\\(quote) within it, or begin and end it with the other quotes")
    case .textsSideBySide:
      return Explanation("two texts stand side by side", help: "a comma parts them, + joins them")
    case .stringPrefix(let prefix):
      let help =
        prefix.lowercased().contains("r") ? #"write \\ for a backslash"# : "leave it out: every text fills in {…}"
      return Explanation("a text takes no `\(prefix)` before its quote", help: help)

    case .expected(let wanted, let found):
      return Explanation("expected \(wanted), got \(found)", help: Self.help(for: wanted, found))
    case .missingCondition(let word):
      return Explanation(
        "`\(word)` has no condition before its block",
        help: word == "else if" ? "write else { … } for all that is left" : "write \(Self.shape(of: word))")
    case .unclosed(let symbol, let line, let found):
      return Explanation(
        "expected \(Self.closer(of: symbol)) to close the `\(symbol.rawValue)` of line \(line), got \(found)",
        help: symbol == .leftBrace
          ? "between fields of a record stands a comma"
          : "between things in \(symbol == .leftBracket ? "brackets" : "parentheses") stands a comma")
    case .neverClosed(let symbol, _):
      return Explanation(
        "this `\(symbol.rawValue)` is never closed",
        help: symbol == .leftBrace
          ? "close it with `}`" : "close it with \(Self.closer(of: symbol)); between its things stand commas")
    case .missingBlock(let word, let found):
      return Explanation(
        "the block of `\(word)` stands in braces, got \(found)", help: "write \(Self.shape(of: word))")
    case .strayCloser(let symbol):
      return Explanation(
        "nothing is open that this `\(symbol.rawValue)` could close", help: "leave it out, or open it before")
    case .statementGoesOn(let found, let near):
      let help = near.map { "did you mean `\($0)`?" } ?? "begin a new line, or put an operator, a comma or `;` between"
      return Explanation("expected the end of the statement, got \(found)", help: help)
    case .callWithoutParentheses(let name, let found):
      return Explanation(
        "expected the end of the statement, got \(found)",
        help:
          "a function is called with parentheses: \(name)(…); two statements stand on two lines, or have `;` between")
    case .foreignWord(let word):
      let advice = foreignWords[word]
      return Explanation(advice?.message ?? "Twin has no `\(word)`", help: advice?.help)
    case .colonForBlock(let word):
      return Explanation(
        "the block of `\(word)` stands in braces, not after a colon",
        help: "write \(Self.shape(of: word)); spaces at the left mean nothing")
    case .colonForRange:
      return Explanation("a `:` makes no range", help: "write 1...10 with the end, or 0..<10 without it")
    case .forWithAssignment:
      return Explanation(
        "`for` goes over something and counts nothing by itself", help: "write for i in 0..<n { … }")
    case .recordInBrackets:
      return Explanation("a record stands in braces", help: "write {a: 1}; a range is written 1...10")
    case .colonInArgument(let name):
      return Explanation("an argument is given by name with `=`", help: "write f(\(name)=value)")
    case .assignmentInRecord(let name):
      return Explanation("a field of a record has a colon", help: "write {\(name): value}")
    case .typeOfName:
      return Explanation("a name takes no type", help: "write the name alone: x = 3")
    case .typeOfParameter(let name):
      return Explanation(
        "a parameter takes no type",
        help: "write the name alone, fn f(\(name)) { … }; assert(type(\(name)) == \"number\") checks")
    case .typeOfResult:
      return Explanation("a function does not name the type of its result", help: "leave it out: fn f(x) { … }")
    case .functionWithoutBlock(let sign, let name, let parameters):
      let short = parameters.contains(",") || parameters.isEmpty ? "(\(parameters))" : parameters
      return Explanation(
        "the block of `fn` stands in braces, got `\(sign)`",
        help: name.map { "write fn \($0)(\(parameters)) { … }, or \($0) = \(short) -> …" }
          ?? "write \(short) -> … without `fn`, or fn (\(parameters)) { … }")
    case .assignmentInCondition:
      return Explanation("`=` gives a name a value; a condition compares with `==`", help: "write == to compare")
    case .assignmentInExpression:
      return Explanation(
        "`=` cannot stand inside an expression", help: "write == to compare, or assign on a line before")
    case .chainedAssignment:
      return Explanation("one `=` a statement", help: "write a = 0; b = 0, or a, b = 0, 0")
    case .assignmentAcrossLines(let sign):
      return Explanation(
        "nothing stands behind `\(sign)`, so that the line goes on with the next one",
        help: "write what belongs behind it, or leave it out")
    case .starred:
      return Explanation(
        "Twin spreads no list with a star",
        help:
          "give the function the list itself; the rest of a list is xs[1:], lists are joined by +, records by a.merge(b)"
      )
    case .decorator:
      return Explanation("Twin has no decorators", help: "write f = decorator(f) below the function")
    case .keyOfRecord(let found):
      return Explanation(
        "expected a key of the record, as in {name: value}, got \(found)",
        help: found.hasPrefix("the number")
          ? "keys are names or texts: {\"\(found.dropFirst("the number ".count))\": value}, read as r[str(n)]"
          : "keys are names or texts: {name: 1, \"two words\": 2}")
    case .setInBraces(let key):
      return Explanation(
        "expected `:` after the key `\(key)`",
        help: "a record is written {name: value}, a list [a, b]; unique(xs) leaves repeats out of one")
    case .comprehensionInBraces(let isRecord):
      return Explanation(
        "a comprehension stands in square brackets",
        help: isRecord
          ? "a record grows in a loop: r = {}; for x in xs { r[key] = value }"
          : "unique([… for x in xs]) leaves repeats out")
    case .pythonConditional:
      return Explanation("expected the end of the expression, got `if`", help: "write if c { a } else { b }")
    case .elseInComprehension:
      return Explanation(
        "the `if` behind `for` chooses items, and has no `else`",
        help: "write [if c { a } else { b } for x in xs]")
    case .increment(let sign):
      return Explanation("Twin has no `\(sign)\(sign)`", help: "write i \(sign)= 1")
    case .badTarget(let what):
      return Explanation(
        "\(what) cannot be assigned to", help: "on the left of = stands a name, x.field, x[i], or several with commas")
    case .badLoopTarget(let what):
      return Explanation(
        "\(what) cannot be assigned to", help: "behind `for` stands a name, or several with commas: for x in xs")
    case .parenthesesOfFor:
      return Explanation(
        "`for` has no parentheses around what it goes over", help: "leave the parentheses out: for x in xs { … }")
    case .functionByAssignment:
      return Explanation(
        "a call cannot be assigned to", help: "write fn f(x) { … } or f = x -> … to define a function")
    case .blockAlone:
      return Explanation(
        "a block needs something before it: if, for, while, fn or try",
        help: "a record is written {name: value}; names in a block belong to the function around it anyway")
    case .sessionCommand(""):
      return Explanation(
        "a line does not begin with `%`", help: "a number stands before it, or the name of a command behind it: %help")
    case .sessionCommand(let word):
      return Explanation(
        "`%\(word)` is a command of the session", help: "it stands alone on its line in a session, not in a script")
    case .helpQuestion:
      return Explanation("`?` asks for help in a session", help: "write ?name alone in a cell, or help(\"name\")")
    case .nameIsKeyword(let word):
      return Explanation("`\(word)` is a word of the language and cannot be a name", help: "choose another name")

    case .positionalAfterNamed:
      return Explanation(
        "an argument by position stands after one by name", help: "first those by position, then those by name")
    case .repeatedArgument(let name):
      return Explanation("the argument `\(name)` is given twice", help: "leave one of them out")
    case .repeatedParameter(let name):
      return Explanation("two parameters are called `\(name)`", help: "call one of them something else")
    case .repeatedKey(let name):
      return Explanation(
        "the record has `\(name)` twice", help: "leave one of them out: a record has one value for a name")
    case .requiredAfterDefault(let name):
      return Explanation(
        "`\(name)` has no default, but a parameter before it has one",
        help: "put the parameters with defaults last")
    case .outsideLoop(let word):
      return Explanation(
        "`\(word)` stands in no loop of this function",
        help: "it belongs into for … { } or while … { }; return leaves a function")
    case .outsideFunction:
      return Explanation(
        "`return` stands in no function", help: "the last value of a cell is its result: write the value alone")
    case .slicesInRange:
      return Explanation("a `:` stands only in x[start:stop]", help: "a range is written 0..<5 or 1...5")
    case .secondEllipsis:
      return Explanation(
        "`...` stands once between the brackets", help: "it means all axes that are not named; `:` is one whole axis")
    case .rangeOfRange: return Explanation("a range has two ends", help: "put one of them in parentheses")

    case .tooDeep(let limit):
      return Explanation(
        "this is nested more than \(limit) levels deep", help: "give a part of it a name on a line before")
    case .tooLarge(let limit):
      return Explanation(
        "a program may have \(limit / 1_000_000) million bytes at most", help: "keep data in a file, and load it")
    }
  }

  /// Signs of mathematics that have a word here.
  private static let signs = [
    "²": "a power is written x ^ 2", "³": "a power is written x ^ 3", "∞": "write inf", "√": "write sqrt(x)",
    "½": "write 1 / 2", "∈": "write x in xs", "±": "write + or -", "…": "write ... in x[..., 0], or 0...5 for a range",
  ]

  static func closer(of symbol: Symbol) -> String {
    switch symbol {
    case .leftParenthesis: "`)`"
    case .leftBracket: "`]`"
    default: "`}`"
    }
  }

  /// The shape of what begins with something that is missing.
  private static func help(for wanted: String, _ found: String) -> String? {
    switch wanted {
    case "`in`": return "write for x in xs { … }"
    case "`(` and the parameters": return "write fn f(x) { … }, or x -> … without a name"
    case "`catch` and its block": return "write try { … } catch e { … }"
    case "an index": return "x[0] is one item, x[2:5] a part, x[:] all of it"
    case "an expression":
      return found.hasPrefix("the end of")
        ? "write the value that is missing at the end"
        : "a value is missing here: a number, a text, a name, a call f(x)"
    case "a name after the dot": return "write what is asked for: x.shape, xs.append(3)"
    case "a key that is a plain text": return "r[\"{name}\"] = value sets a field by a text that is put together"
    case "`(` of a function without a name": return "write x -> x + 1, or (a, b) -> a + b"
    case "the name of a parameter": return "write fn f(a, b=2) { … }"
    case "`if` before it": return "write if condition { … } else { … }"
    case "`try` before it": return "write try { … } catch e { … }"
    case "`}`, or `:` and a format": return "write {x} or {x:.2f}, and {{ to have a brace in the text"
    case "`]`": return "a part of it is x[start:stop:step]"
    case "`)`": return "write [f(x) for x in xs]"
    default:
      guard wanted.hasPrefix("the `{` of the block"), let word = wanted.split(separator: "`").last else { return nil }
      return "write \(shape(of: String(word)))"
    }
  }

  private static func shape(of word: String) -> String {
    switch word {
    case "for": "for x in xs { … }"
    case "if": "if condition { … } else { … }"
    case "->": "x -> { … }"
    case "fn", "def": "fn f(x) { … }"
    case "else": "else { … }"
    case "try": "try { … } catch e { … }"
    case "catch": "catch e { … }"
    default: "\(word) condition { … }"
    }
  }

  private static func words(for symbol: ForeignSymbol) -> Explanation {
    let sign = "`\(symbol.rawValue)`"
    switch symbol {
    case .doubleStar: return Explanation("Twin has no \(sign)", help: "a power is written x ^ 2")
    case .doubleSlash:
      return Explanation("Twin has no \(sign)", help: "a remark begins with #; whole division is floor(a / b)")
    case .doubleAmpersand: return Explanation("Twin has no \(sign)", help: "write a and b")
    case .doubleBar: return Explanation("Twin has no \(sign)", help: "write a or b")
    case .exclamation:
      return Explanation("Twin has no \(sign)", help: "write not a, or a != b; a line for the shell, !ls, stands alone")
    case .ampersand: return Explanation("Twin has no \(sign)", help: "write a and b; of masks, a * b")
    case .bar:
      return Explanation(
        "Twin has no \(sign)", help: "write a or b; of masks, a + b > 0; x |> f hands a value to a function")
    case .tilde: return Explanation("Twin has no \(sign)", help: "write not a; the opposite of a mask is a == 0")
    case .question:
      return Explanation("Twin has no \(sign) here", help: "write if c { a } else { b }; ?name asks for help")
    case .fatArrow, .arrowSign: return Explanation("Twin has no \(sign)", help: "write x -> x + 1")
    case .lessGreater: return Explanation("Twin has no \(sign)", help: "write a != b")
    case .doubleLess:
      return Explanation("Twin has no \(sign)", help: "write x * 2 ^ n to shift bits; xs.append(x) adds to a list")
    case .leftArrow:
      return Explanation("Twin has no \(sign)", help: "write x = 1; x < -1 compares with a negative number")
    case .walrus: return Explanation("Twin has no \(sign)", help: "write x = 1 on a line of its own")
    case .tripleEqual: return Explanation("Twin has no \(sign)", help: "write ==")
    case .notTripleEqual, .notEqualSign: return Explanation("Twin has no \(sign)", help: "write !=")
    case .twoDots: return Explanation("Twin has no \(sign)", help: "write 0..<5 without the end, or 1...5 with it")
    case .dollar: return Explanation("Twin has no \(sign)", help: "write the name alone; in a text, {name}")
    case .backslash:
      return Explanation(
        "Twin has no \(sign) here", help: "a line that ends in an operator or a comma goes on by itself")
    case .multiplication: return Explanation("Twin has no \(sign)", help: "write *")
    case .division: return Explanation("Twin has no \(sign)", help: "write /")
    case .longMinus, .dash: return Explanation("this is a typographer's minus", help: "write -")
    case .lessOrEqualSign: return Explanation("Twin has no \(sign)", help: "write <=")
    case .greaterOrEqualSign: return Explanation("Twin has no \(sign)", help: "write >=")
    case .leftQuote, .rightQuote, .leftSingleQuote, .rightSingleQuote:
      return Explanation("this is a typographer's quote", help: "write \" or '")
    }
  }
}
