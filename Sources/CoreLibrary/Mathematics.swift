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
          name, [.required("x", "number or list of numbers")], area: .mathematics, summary: summary, example: example
        ) { args, _ in try each(args) { $0.rounded(rule) + 0 } })
    }
    registerWholeNumbers(&registry)
    for (name, value) in [("pi", Double.pi), ("inf", Double.infinity), ("nan", Double.nan)] {
      registry.add(
        Builtin(
          constant: name, Value(value), area: .mathematics, summary: "The number \(name).",
          example: "\(name)\n#> \(formatNumber(value))"))
    }
  }

  /// What people who know Python reach for.
  private static func registerWholeNumbers(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "int", [.required("x", "number, string or bool"), .optional("base", "number", default: 10)],
        area: .mathematics, summary: "The whole number: what stands behind the point is left out.",
        details: """
          A text must say a whole number, in the digits of `base` (2 to 36). Numbers that are whole show without a point \
          anyway.
          """,
        example: "int(-3.7)\n#> -3\nint(\"ff\", 16)\n#> 255", errors: ["inf and nan", "the text is no whole number"],
        seeAlso: ["number", "floor", "round"]
      ) { args, _ in
        let number: Double
        let base = try args.int(1, in: 2...36, default: 10)
        if base != 10 {
          guard case .string(let box) = args[0] else {
            throw args.mismatch(
              0, expected: "a text beside base=", help: "\"{n:x}\", \"{n:b}\" and \"{n:o}\" write numbers")
          }
          guard let said = self.number(in: box.text, base: base) else {
            throw args.mismatch(0, expected: "the text of a whole number in base \(base)")
          }
          return Value(said)
        }
        if case .string(let box) = args[0] {
          guard let said = self.number(in: box.text), said == said.rounded(.towardZero), said.isFinite else {
            throw args.mismatch(
              0, expected: "the text of a whole number",
              help: Self.prefixAdvice(box.text) ?? "int(number(text)) cuts what stands behind the point")
          }
          number = said
        } else if case .bool(let bool) = args[0] {
          number = bool ? 1 : 0
        } else {
          number = try args.constant(0)
        }
        guard number.isFinite else { throw args.mismatch(0, expected: "a finite number") }
        return Value(number.rounded(.towardZero) + 0)
      })
    registry.add(
      Builtin(
        "float", [.required("x", "number, string or bool")], area: .mathematics,
        summary: "As `number`: all numbers are 64-bit floats.", example: "float(\"2.5\")\n#> 2.5",
        errors: ["the text is no number"],
        seeAlso: ["number"]
      ) { args, _ in
        if case .bool(let bool) = args[0] { return Value(bool ? 1 : 0) }
        if let tensor = args[0].asTensor, tensor.trace != nil, tensor.count == 1 {
          // A number that gradients go through.
          return Value(try tensor.reshaped([]))
        }
        guard case .string(let box) = args[0] else { return Value(try args.number(0)) }
        guard let number = self.number(in: box.text) else { throw args.mismatch(0, expected: "the text of a number") }
        return Value(number)
      })
    registry.add(
      Builtin(
        "bool", [.required("x", "any value")], area: .core,
        summary: "What `if` makes of a value: zero, none and what is empty are false.", example: "bool([])\n#> false"
      ) { args, context in .bool(try context.isTrue(args[0])) })
    registry.add(
      Builtin(
        "pow", [.required("x", "number or tensor"), .required("y", "number or tensor")], area: .mathematics,
        summary: "x to the power of y, as x ^ y.", example: "pow(2, 10)\n#> 1024"
      ) { args, context in try context.apply(.power, args[0], args[1]) })
    registry.add(
      Builtin(
        "divmod", [.required("a", "number"), .required("b", "number")], area: .mathematics, returns: "list",
        summary: "How often b goes into a, and what is left: [floor(a / b), a % b].",
        example: "divmod(17, 5)\n#> [3, 2]", errors: ["b is 0"]
      ) { args, context in
        if args[1].asTensor != nil { return try quotientAndRest(args) }
        let rest = try context.apply(.remainder, .number(try args.number(0)), .number(try args.number(1)))
        let (a, b) = (try args.number(0), try args.number(1))
        return Value([Value(((a - (rest.asNumber ?? 0)) / b).rounded()), rest])
      })
    registry.add(
      Builtin(
        "chr", [.required("code", "number")], area: .strings, returns: "string",
        summary: "The character of a Unicode code.",
        example: "chr(97)\n#> \"a\"", errors: ["no character has this code"], seeAlso: ["ord"]
      ) { args, _ in
        let code = try args.int(0, in: 0...0x10FFFF)
        guard let scalar = Unicode.Scalar(UInt32(code)) else {
          throw args.mismatch(0, expected: "the code of a character")
        }
        return Value(String(Character(scalar)))
      })
    registry.add(
      Builtin(
        "ord", [.required("character", "string")], area: .strings, summary: "The Unicode code of a character.",
        example: "ord(\"a\")\n#> 97", errors: ["the text has several characters, or none"], seeAlso: ["chr"]
      ) { args, _ in
        let scalars = try args.string(0).unicodeScalars
        guard let scalar = scalars.first, scalars.count == 1 else {
          throw args.mismatch(0, expected: "one character of one code")
        }
        return Value(Int(scalar.value))
      })
  }

  /// `divmod` where one of the two is a tensor.
  package static func quotientAndRest(_ args: Arguments) throws -> Value {
    let (a, b) = (try args.tensor(0), try args.tensor(1))
    let quotient = try (a.detached / b.detached).floor()
    return Value([TensorOperators.value(quotient), TensorOperators.value(try a.remainder(b))])
  }

  /// "12", "-0.5", "1e-3", "1_000", "inf", with blanks around; nil for other text.
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
    var number = 0.0
    for character in rest where character != "_" {
      guard character.isASCII, let digit = Int(String(character), radix: base) else { return nil }
      number = number * Double(base) + Double(digit)
    }
    return number.isFinite ? (isNegative ? 0 - number : number) : nil
  }

  /// For a text that stands in a script as it is, and in other hands needs its base.
  private static func prefixAdvice(_ text: String) -> String? {
    let plain = text.lowercased().drop { $0.isWhitespace || $0 == "-" || $0 == "+" }
    for (prefix, base) in [("0x", 16), ("0o", 8), ("0b", 2)] where plain.hasPrefix(prefix) {
      return "int(text, \(base)) reads it"
    }
    return nil
  }

  package static func number(in text: String) -> Double? {
    var bytes = text[...].drop { $0.isWhitespace }
    while let last = bytes.last, last.isWhitespace { bytes.removeLast() }
    let plain =
      bytes.contains("_") && !bytes.hasPrefix("_") && !bytes.hasSuffix("_") ? bytes.filter { $0 != "_" } : String(bytes)
    guard !plain.contains(where: { $0 == "x" || $0 == "X" || $0 == "p" || $0 == "P" }) else { return nil }
    return Double(plain)
  }
}
