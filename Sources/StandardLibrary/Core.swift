import Diagnostics
import Interpreter

extension StandardLibrary {
  /// Printing, types, conversion, errors, files of code.
  static func registerCore(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "print", [.variadic("values", "any"), .optional("separator", "string", "\" \"", namedOnly: true),
          .optional("end", "string", "\"\\n\"", namedOnly: true)],
        area: .core, summary: "Writes the values, with blanks between them, and a newline.",
        example: "print(\"loss\", 0.5)\n#> loss 0.5", seeAlso: ["str"]
      ) { args, context in
        let texts = try args.list(0).map { try context.text($0) }
        let separator = try args.string(1, default: " ")
        context.output.print(texts.joined(separator: separator) + (try args.string(2, default: "\n")))
        return .none
      })
    registry.add(
      Builtin(
        "len", [.required("x", "any")], area: .core,
        summary: "How many items, characters, fields, or (of a tensor) rows it has.", example: "len([1, 2, 3])\n#> 3",
        errors: ["a number has no length"], seeAlso: ["tensor.shape"]
      ) { args, _ in
        guard let length = args[0].knownLength else { throw args.mismatch(0, expected: "something with a length") }
        return Value(length)
      })
    registry.add(
      Builtin(
        "type", [.required("x", "any")], area: .core, summary: "The name of its type.",
        example: "type(\"a\")\n#> \"string\""
      ) { args, _ in Value(args[0].typeName) })
    registry.add(
      Builtin(
        "str", [.required("x", "any")], area: .core, summary: "The text that `print` would write.",
        example: "str(1.5)\n#> \"1.5\"", seeAlso: ["number"]
      ) { args, context in Value(try context.text(args[0])) })
    registry.add(
      Builtin(
        "number", [.required("x", "string, number, bool or tensor of one item")], area: .core,
        summary: "The number that a text, a truth value or a tensor of one item stands for.",
        example: "number(\"2.5\")\n#> 2.5", errors: ["the text must be a number"], seeAlso: ["str", "round"]
      ) { args, _ in
        switch args[0] {
        case .bool(let bool): return Value(bool ? 1 : 0)
        case .string(let box):
          let text = box.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
          guard let number = Double(text), text.first?.isLetter != true || ["inf", "nan"].contains(text) else {
            throw args.mismatch(0, expected: "a number, or a text that is one")
          }
          return Value(number)
        default: return Value(try args.number(0))
        }
      })
    registry.add(
      Builtin(
        "list", [.optional("x", "anything that `for` goes over", "[]")], area: .core,
        summary: "Its items as a list.", example: "list(0..<3)\n#> [0, 1, 2]"
      ) { args, context in args.isGiven(0) ? Value(try context.items(of: args[0])) : Value([]) })
    registry.add(
      Builtin(
        "input", [.optional("prompt", "string", "\"\"")], area: .core,
        summary: "A line from standard input, without its newline; none at its end.",
        example: "line = input()"
      ) { args, context in
        context.output.readLine(prompt: try args.string(0, default: "")).map { Value($0) } ?? .none
      })
    registry.add(
      Builtin(
        "error", [.required("message", "string")], area: .core, summary: "Stops with this message; `catch` gets it.",
        example: "try { error(\"no face\") } catch e { e.message }\n#> \"no face\"", seeAlso: ["assert"]
      ) { args, context in throw context.raisedError(try context.text(args[0])) })
    registry.add(
      Builtin(
        "assert", [.required("condition", "bool"), .optional("message", "string", "none")], area: .core,
        summary: "Stops with an error unless the condition holds.", example: "assert(1 < 2, \"order\")",
        seeAlso: ["error"]
      ) { args, context in
        guard try context.isTrue(args[0]) else {
          throw context.failedAssertion(args.isGiven(1) ? try context.text(args[1]) : nil)
        }
        return .none
      })
    registry.add(
      Builtin(
        "include", [.required("path", "string")], area: .core,
        summary: "Runs a file at the top level, as if its text stood here; the path starts at the including file.",
        example: "try { include(\"helpers.twin\") } catch e { \"not there\" }\n#> \"not there\"",
        errors: ["the file cannot be read", "the files include each other in a circle"]
      ) { args, context in try context.includeFile(try args.string(0)) })
  }
}

extension ExecutionContext {
  func text(_ value: Value) throws -> String { try operations?.text(value) ?? value.summarized() }
  func isTrue(_ value: Value) throws -> Bool { try operations?.isTrue(value) ?? (value.asBool == true) }
}
