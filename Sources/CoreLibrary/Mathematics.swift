import Diagnostics
import ElementaryFunctions
import Interpreter
import Tensors

extension CoreLibrary {
  /// Functions of one number; those of tensors of the same names are overloads of them.
  static func registerMathematics(_ registry: inout BuiltinRegistry) {
    for (name, summary, example, rule) in [
      ("floor", "The greatest whole number that is not above x.", "floor(-1.5)\n#> -2", .down),
      ("ceil", "The least whole number that is not below x.", "ceil(1.2)\n#> 2", .up),
    ] as [(String, String, String, FloatingPointRoundingRule)] {
      registry.add(
        Builtin(
          name, .of(numbers), area: .mathematics, summary: summary, example: example
        ) { args, _ in try eachNumber(args) { $0.rounded(rule) + 0 } })
    }
    registerRounding(&registry)
    registerConversions(&registry)
    registerWholeNumbers(&registry)
    registerCodes(&registry)
    for (name, value) in [("pi", Double.pi), ("inf", Double.infinity), ("nan", Double.nan)] {
      registry.add(
        Builtin(
          constant: name, Value(value), area: .mathematics, summary: "The number \(name).",
          example: "\(name)\n#> \(formatNumber(value))"))
    }
  }

  private static func registerRounding(_ registry: inout BuiltinRegistry) {
    let digits = TypedParameter.int("digits", in: -300...300, default: 0)
    registry.add(
      Builtin(
        "abs", .of(numbers), area: .mathematics,
        summary: "The distance from zero.", example: "abs(-3)\n#> 3"
      ) { args, _ in try eachNumber(args) { Swift.abs($0) } })
    registry.add(
      Builtin(
        "round", .of(numbers, digits), area: .mathematics,
        summary: "Rounded to `digits` places after the point; halves go to the even neighbour.",
        example: "round(3.14159, 2)\n#> 3.14", seeAlso: ["floor", "ceil"]
      ) { args, _ in
        let digits = try args[digits]
        return try eachNumber(args) { rounded($0, digits) }
      })
  }

  /// What people who know Python reach for, as the two below.
  private static func registerConversions(_ registry: inout BuiltinRegistry) {
    let said = TypedParameter.value("x", "number, string or bool")
    let base = TypedParameter.int("base", in: 2...36, default: 10)
    registry.add(
      Builtin(
        "int", .of(said, base), area: .mathematics,
        summary: "The whole number: what stands behind the point is left out.",
        details: """
          A text must say a whole number, in the digits of `base` (2 to 36). Numbers that are whole show without a point \
          anyway.
          """,
        example: "int(-3.7)\n#> -3\nint(\"ff\", 16)\n#> 255", errors: ["inf and nan", "the text is no whole number"],
        seeAlso: ["number", "floor", "round"]
      ) { args, _ in
        let number: Double
        let base = try args[base]
        if base != 10 {
          guard case .string(let box) = try args[said] else {
            throw args.mismatch(
              said, expected: "a text beside base=", help: "\"{n:x}\", \"{n:b}\" and \"{n:o}\" write numbers")
          }
          guard let whole = self.number(in: box.text, base: base) else {
            throw args.mismatch(said, expected: "the text of a whole number in base \(base)")
          }
          return Value(whole)
        }
        switch try args[said] {
        case .string(let box):
          guard let whole = wholeNumber(in: box.text) else {
            throw args.mismatch(
              said, expected: "the text of a whole number",
              help: prefixAdvice(box.text) ?? "int(number(text)) cuts what stands behind the point")
          }
          number = whole
        case .bool(let bool): number = bool ? 1 : 0
        default: number = try args.constant(said)
        }
        guard number.isFinite else { throw args.mismatch(said, expected: "a finite number") }
        return Value(number.rounded(.towardZero) + 0)
      })
    registry.add(
      Builtin(
        "float", .of(said), area: .mathematics,
        summary: "As `number`: all numbers are 64-bit floats.", example: "float(\"2.5\")\n#> 2.5",
        errors: ["the text is no number"],
        seeAlso: ["number"]
      ) { args, _ in
        let value = try args[said]
        if case .bool(let bool) = value { return Value(bool ? 1 : 0) }
        if let tensor = value.asTensor, tensor.trace != nil, tensor.count == 1 {
          // A number that gradients go through.
          return Value(try tensor.reshaped([]))
        }
        guard case .string(let box) = value else { return Value(try args.number(said)) }
        guard let number = self.number(in: box) else {
          throw args.mismatch(said, expected: "the text of a number")
        }
        return Value(number)
      })
    let anything = TypedParameter.value("x", "any value")
    registry.add(
      Builtin(
        "bool", .of(anything), area: .core,
        summary: "What `if` makes of a value: zero, none and what is empty are false.", example: "bool([])\n#> false"
      ) { args, context in .bool(try context.isTrue(args[anything])) })
  }

  private static func registerWholeNumbers(_ registry: inout BuiltinRegistry) {
    let base = TypedParameter.value("x", "number or tensor")
    let exponent = TypedParameter.value("y", "number or tensor")
    registry.add(
      Builtin(
        "pow", .of(base, exponent), area: .mathematics,
        summary: "x to the power of y, as x ^ y.", example: "pow(2, 10)\n#> 1024"
      ) { args, context in try context.apply(.power, args[base], args[exponent]) })
    let a = TypedParameter.value("a", "number")
    let b = TypedParameter.value("b", "number")
    registry.add(
      Builtin(
        "divmod", .of(a, b), area: .mathematics, returns: "list",
        summary: "How often b goes into a, and what is left: [floor(a / b), a % b].",
        example: "divmod(17, 5)\n#> [3, 2]", errors: ["b is 0"]
      ) { args, context in
        if try args[b].asTensor != nil { return try quotientAndRest(args.tensor(a), args.tensor(b)) }
        let (a, b) = (try args.number(a), try args.number(b))
        let rest = try context.apply(.remainder, .number(a), .number(b))
        let left = rest.asNumber ?? 0
        // An infinite number goes in not at all, or once where the signs differ: what is left is infinite then.
        if b.isInfinite, a.isFinite { return Value([Value(left.isInfinite ? -1.0 : 0.0), rest]) }
        return Value([Value(((a - left) / b).rounded()), rest])
      })
  }

  private static func registerCodes(_ registry: inout BuiltinRegistry) {
    let code = TypedParameter.int("code", in: 0...0x10FFFF)
    registry.add(
      Builtin(
        "chr", .of(code), area: .strings, returns: "string",
        summary: "The character of a Unicode code.",
        example: "chr(97)\n#> \"a\"", errors: ["no character has this code"], seeAlso: ["ord"]
      ) { args, _ in
        guard let scalar = Unicode.Scalar(UInt32(try args[code])) else {
          throw args.mismatch(code, expected: "the code of a character")
        }
        return Value(String(Character(scalar)))
      })
    let character = TypedParameter.string("character")
    registry.add(
      Builtin(
        "ord", .of(character), area: .strings, summary: "The Unicode code of a character.",
        example: "ord(\"a\")\n#> 97", errors: ["the text has several characters, or none"], seeAlso: ["chr"]
      ) { args, _ in
        let scalars = try args[character].unicodeScalars
        guard let scalar = scalars.first, scalars.count == 1 else {
          throw args.mismatch(character, expected: "one character of one code")
        }
        return Value(Int(scalar.value))
      })
  }

  /// `divmod` where one of the two is a tensor.
  package static func quotientAndRest(_ a: Tensor, _ b: Tensor) throws -> Value {
    let quotient = try (a.detached / b.detached).floor()
    return Value([TensorOperators.value(quotient), TensorOperators.value(try a.exactly(.remainder, b))])
  }

  /// The number that a text of the language says.
  static func number(in box: StringBox) -> Double? {
    if box.isASCII, let plain = box.withBytes(plainNumber) { return plain }
    return number(in: box.text)
  }

  /// Digits, perhaps with a sign in front and a point among them; nil for anything else. Up to fifteen digits are exact, and
  /// so is the power of ten that they are divided by: the quotient is the nearest number there is (Clinger 1990).
  static func plainNumber(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    guard let sign = bytes.first, bytes.count <= 17 else { return nil }
    var whole: UInt64 = 0
    var (digits, places) = (0, -1)
    for byte in bytes.dropFirst(sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") ? 1 : 0) {
      if byte >= 48, byte <= 57 {
        whole = whole * 10 + UInt64(byte - 48)
        digits += 1
        if places >= 0 { places += 1 }
      } else if byte == UInt8(ascii: "."), places < 0 {
        places = 0
      } else {
        return nil
      }
    }
    guard digits > 0, digits <= 15 else { return nil }
    let number = Double(whole) / powersOfTen[max(0, places)]
    return sign == UInt8(ascii: "-") ? -number : number
  }

  private static let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]

  /// The text says a whole number, an id perhaps, whose digits `number` has not: beyond 2⁵³ it is the nearest one. Fifteen
  /// digits, with zeros behind them, always come back.
  static func isRounded(_ text: String, _ number: Double) -> Bool {
    guard number.isFinite, number.magnitude >= 0x1p53 else { return false }
    var digits = text.filter { !$0.isWhitespace && $0 != "_" }[...]
    if digits.first == "-" || digits.first == "+" { digits.removeFirst() }
    guard digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return false }
    if let whole = UInt64(digits), whole == UInt64(exactly: number.magnitude) { return false }
    let significant = digits.drop { $0 == "0" }.reversed().drop { $0 == "0" }
    return significant.count > 15
  }

  /// The whole number that a text says in a base, with the prefix that the language and Python have for it.
  private static func number(in text: String, base: Int) -> Double? {
    var rest = text[...].drop { $0.isWhitespace }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    let isNegative = rest.first == "-"
    if isNegative || rest.first == "+" { rest.removeFirst() }
    let prefix = rest.prefix(2).lowercased()
    if rest.count > 2, base == 16 && prefix == "0x" || base == 8 && prefix == "0o" || base == 2 && prefix == "0b" {
      rest = rest.dropFirst(2)
    }
    guard !rest.isEmpty, !rest.hasPrefix("_"), !rest.hasSuffix("_"), !rest.contains("__") else { return nil }
    guard let number = NumberText.number(ofDigits: rest.utf8.filter { $0 != UInt8(ascii: "_") }, base: base),
      number.isFinite
    else { return nil }
    return isNegative ? 0 - number : number
  }

  /// For a text that stands in a script as it is, and in other hands needs its base.
  private static func prefixAdvice(_ text: String) -> String? {
    let plain = text.lowercased().drop { $0.isWhitespace || $0 == "-" || $0 == "+" }
    for (prefix, base) in [("0x", 16), ("0o", 8), ("0b", 2)] where plain.hasPrefix(prefix) {
      return "int(text, \(base)) reads it"
    }
    return nil
  }

  /// "12", "-0.5", "1e-3", "1_000", "inf", with blanks around; nil for other text.
  /// - Parameter underscores: whether they may stand between digits. In a table of data they are part of a name.
  package static func number(in text: String, underscores: Bool = true) -> Double? {
    DecimalText(text, allowsUnderscores: underscores)?.value
  }

  /// Nil where the text says something else than a whole number that there is a double for.
  static func wholeNumber(in text: String) -> Double? {
    guard let number = DecimalText(text), number.isWhole, number.value.isFinite else { return nil }
    return number.value
  }

  /// What `eachNumber` reads.
  static let numbers = TypedParameter.value("x", "number or list of numbers")

  /// A function of a number, for each number of a list, and of lists inside it.
  static func eachNumber(_ args: Arguments, _ compute: (Double) -> Double) throws -> Value {
    func inside(_ value: Value, _ depth: Int) throws -> Value {
      switch value {
      case .number(let number): return .number(compute(number))
      case .bool(let bool): return .number(compute(bool ? 1 : 0))
      case .list(let box) where depth < 64: return Value(try box.items.map { try inside($0, depth + 1) })
      case .range: return Value(numbers: (value.asNumbers ?? []).map(compute))
      default:
        try args.refuseTraced(numbers)
        throw ArgumentError(
          numbers,
          "\(args.functionName): \(numbers.declared.name) must be a number or a list of numbers, and \(value.inWords) is "
            + "neither")
      }
    }
    let value = try args[numbers]
    switch value {
    case .number(let number): return .number(compute(number))
    case .bool(let bool): return .number(compute(bool ? 1 : 0))
    case .list, .range: return try inside(value, 0)
    default: return Value(compute(try args.number(numbers)))
    }
  }

  /// Through the decimal text, so that 2.675 (which is a little less) becomes 2.67, as in Python.
  private static func rounded(_ number: Double, _ digits: Int) -> Double {
    guard number.isFinite else { return number }
    if digits == 0 { return number.rounded(.toNearestOrEven) + 0 }
    if digits < 0 {
      let scale = Elementary.pow(10, Double(-digits))
      return scale.isFinite ? (number / scale).rounded(.toNearestOrEven) * scale : 0
    }
    return Double(formatFixed(number, digits)) ?? number
  }
}
