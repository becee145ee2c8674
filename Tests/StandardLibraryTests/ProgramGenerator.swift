/// Writes random programs that mean something now and then: names are mostly bound before they are read, and values are
/// mostly of a kind that the operator takes.
struct ProgramGenerator {
  private var state: UInt64
  private var depth = 0
  private var functionDepth = 0
  private var loopDepth = 0
  /// Names that most likely have a value here.
  private var names = ["xs", "r", "s", "n", "t", "f"]

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next(_ limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(limit))
  }

  private mutating func one(_ choices: [String]) -> String { choices[next(choices.count)] }

  private mutating func pick(_ choices: [(inout ProgramGenerator) -> String]) -> String {
    choices[next(choices.count)](&self)
  }

  static let prelude = """
    xs = [3, 1, [2, "b"], none]
    r = {a: 1, b: [1, 2], c: {d: "e"}}
    s = "ab,cé"
    n = 5
    t = tensor([[1, 2], [3, 4]])
    fn f(a, b=2, c="x") { if a == 0 { return b }; [a, b, c] }

    """

  mutating func program() -> String {
    var text = Self.prelude
    for _ in 0..<(3 + next(12)) { text += statement() + "\n" }
    return text
  }

  // MARK: Statements

  private static let allNames = ["xs", "r", "s", "n", "t", "f", "a", "b", "c", "x", "y", "g", "h", "k"]

  private mutating func name() -> String { next(12) == 0 ? one(Self.allNames) : one(names) }

  private mutating func bind(_ name: String) -> String {
    names.append(name)
    return name
  }

  private mutating func statement() -> String {
    depth += 1
    defer { depth -= 1 }
    if depth > 5 { return expression() }
    switch next(26) {
    case 0...3: return "\(bind(one(Self.allNames))) = \(expression())"
    case 4: return "\(place()) = \(expression())"
    case 5: return "\(name()) \(one(["+=", "-=", "*=", "/=", "%=", "^="])) \(expression())"
    case 6:
      if next(2) == 0 {
        return "\(place()) += \(one(["[\(name())]", "\"{\(name())}\"", "[[1]]", name(), place(), "\"z\""]))"
      }
      return "\(place()) \(one(["+=", "*=", "-="])) \(expression())"
    case 7:
      return
        "\(bind("a")), \(bind("b")) = \(pick([{ "[\($0.expression()), \($0.expression())]" }, { $0.expression() }]))"
    case 8: return "a, (b, c) = [\(expression()), [\(expression()), \(expression())]]"
    case 9, 10:
      let target = pick([{ $0.bind("x") }, { $0.bind("k") + ", " + $0.bind("y") }, { $0.place() }])
      return "for \(target) in \(sequence()) \(loop())"
    case 11: return "while \(name()) \(one(["<", "!=", ">"])) \(number()) { n += 1; \(body()); if n > 9 { break } }"
    case 12, 13: return "if \(condition()) \(block())" + (next(2) == 0 ? " else \(block())" : "")
    case 14, 15: return "try \(block()) catch\(one([" e", ""])) \(block())"
    case 16, 17: return definition()
    case 18:
      return "\(place()).\(one(["append", "extend", "insert", "pop", "remove", "sort", "update"]))(\(expression()))"
    case 19: return "print(\(expression()), \(expression()))"
    case 20 where loopDepth > 0: return one(["break", "continue"])
    case 21 where functionDepth > 0: return "return \(expression())"
    default: return expression()
    }
  }

  private mutating func body() -> String {
    (0...next(3)).map { _ in statement() }.joined(separator: one(["; ", "\n"]))
  }

  private mutating func block() -> String { "{ \(body()) }" }

  private mutating func loop() -> String {
    loopDepth += 1
    defer { loopDepth -= 1 }
    return block()
  }

  private mutating func function(_ head: String) -> String {
    let (outer, known) = (loopDepth, names)
    loopDepth = 0
    functionDepth += 1
    defer { (loopDepth, functionDepth, names) = (outer, functionDepth - 1, known) }
    names += ["a", "b"]
    return head + block()
  }

  private mutating func definition() -> String {
    let name = one(["f", "g", "h"])
    let text = function("fn \(name)(\(one(["a", "a, b=2", "a, b=n, c=[a]", ""]))) ")
    names.append(name)
    return text
  }

  // MARK: Expressions

  private mutating func number() -> String {
    one(["0", "1", "2", "3", "-1", "0.5", "7", "1e3", "-2", "100", "1e15", "inf", "nan"])
  }

  private mutating func place() -> String {
    var text = name()
    for _ in 0..<next(3) {
      text += pick([
        { "[\($0.number())]" }, { "[\($0.expression())]" }, { "." + $0.one(["a", "b", "c", "d"]) },
        { "[\"\($0.one(["a", "b", "z"]))\"]" },
        { "[\($0.slice())]" },
      ])
    }
    return text
  }

  private mutating func slice() -> String {
    one([
      "1:", ":2", "::2", "::-1", "1:3", "-2:", ":", "::0", "5:1:-2", "n:", "1e9:", "0, 1", ":, 0", "..., 0", "0, ...",
      "...",
    ])
  }

  private mutating func sequence() -> String {
    pick([
      { _ in "0..<4" }, { _ in "1...3" }, { "enumerate(\($0.expression()))" }, { $0.name() }, { $0.expression() },
      { "zip(\($0.expression()), \($0.expression()))" }, { "\"héy\"" + ($0.next(2) == 0 ? "" : " * 2") },
      { _ in "r.items()" },
    ])
  }

  private mutating func condition() -> String {
    pick([
      { "\($0.expression()) \($0.one(["<", "<=", "==", "!=", ">", "in", "not in"])) \($0.expression())" },
      { $0.expression() }, { "not \($0.expression())" },
      { "\($0.expression()) < \($0.number()) <= \($0.expression())" },
      { "(\($0.expression()) \($0.one(["and", "or"])) \($0.expression()))" },
    ])
  }

  private mutating func expression() -> String {
    depth += 1
    defer { depth -= 1 }
    if depth > 7 { return pick([{ $0.number() }, { $0.name() }, { $0.one(["\"q\"", "[]", "{}", "true", "none"]) }]) }
    switch next(34) {
    case 0...3: return number()
    case 4...8: return name()
    case 9: return place()
    case 10: return one(["\"a\"", "'é'", "\"\"", "\"1.5\"", "true", "false", "none", "\"🙂b\""])
    case 11: return "\"<{\(expression())}{\(name())\(one(["", ":.2", ":>8", ":05d", ":x", ":,.1f"]))}>\""
    case 12, 13: return "[\((0..<next(4)).map { _ in expression() }.joined(separator: ", "))]"
    case 14: return "{a: \(expression()), \(one(["b", "\"x y\""])): \(expression())}"
    case 15...17:
      return "(\(expression()) \(one(["+", "-", "*", "/", "%", "^", "@", ">>", "|>", "+", "+"])) \(expression()))"
    case 18: return "(\(condition()))"
    case 19: return "(-\(expression()))"
    case 20:
      return "[\(expression()) for \(one(["x", "k, y"])) in \(sequence())\(next(2) == 0 ? " if \(condition())" : "")]"
    case 21: return "(if \(condition()) \(block()) else \(block()))"
    case 22: return "(try \(block()) catch\(one([" e", ""])) \(block()))"
    case 23, 24:
      return
        "\(one(["f", "g", "h", "len", "str", "sum", "min", "max", "sorted", "list", "abs", "round", "type", "reversed", "tensor", "unique", "int", "bool"]))(\(arguments()))"
    case 25:
      return
        "\(place()).\(one(["append", "pop", "get", "keys", "items", "split", "join", "upper", "find", "count", "index", "replace", "sort", "map", "shape", "sum", "copy", "reshape", "T", "strip"]))(\(arguments()))"
    case 26: return function("(\(one(["", "a", "a, b=1"]))) -> ")
    case 27: return "(x -> \(expression()))"
    case 28: return "map(\(name()), \(sequence()))"
    case 29: return "sorted(\(expression()), key=x -> \(expression()), reverse=\(one(["true", "false"])))"
    case 30: return "\(expression())[\(slice())]"
    case 31: return "(\(number())\(one(["..<", "..."]))\(number()))"
    case 32: return function("fn (a, b=\(number())) ")
    default: return "error(\(expression()))"
    }
  }

  private mutating func arguments() -> String {
    (0..<next(4)).map { index in (next(8) == 0 ? one(["a=", "b=", "key="]) : "") + expression() }.joined(
      separator: ", ")
  }

  // MARK: Other texts

  private static let tokens = [
    "x", "xs", "f", "r", "s", "n", "12", "1.5", "\"a\"", "\"{x:.2}\"", "\"{", "\n", "\n", ";", "(", ")", "[", "]", "{",
    "}", ",",
    ":", ".", "=", "==", "<", "->", ">>", "|>", "+", "-", "*", "/", "%", "^", "@", "..<", "...", "+=", "and", "or",
    "not", "in",
    "fn", "if", "else", "for", "while", "break", "continue", "return", "try", "catch", "true", "none", "{a: 1}",
    "x -> ",
    "fn f(a) {", "for i in 0..<3 {", "print(", "len(", ".append(",
  ]

  mutating func tokenSoup() -> String {
    Self.prelude + (0..<next(40)).map { _ in one(Self.tokens) }.joined(separator: one([" ", ""]))
  }

  /// A few bytes of a program changed, cut out, doubled or swapped for tokens.
  mutating func mutated(_ program: String) -> String {
    let original = Array(program.utf8)
    var bytes = original
    for _ in 0...next(4) where !bytes.isEmpty {
      let place = next(bytes.count)
      switch next(6) {
      case 0: bytes.remove(at: place)
      case 1: bytes[place] = UInt8(32 + next(95))
      case 2: bytes.insert(contentsOf: Array(one(Self.tokens).utf8), at: place)
      case 3: bytes.removeSubrange(place..<min(bytes.count, place + next(30)))
      case 4:
        let end = min(bytes.count, place + next(60))
        bytes.insert(contentsOf: bytes[place..<end], at: next(bytes.count))
      default:
        let digits = bytes.indices.filter { bytes[$0] >= 48 && bytes[$0] <= 57 }
        if !digits.isEmpty { bytes[digits[next(digits.count)]] = UInt8(48 + next(10)) }
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
