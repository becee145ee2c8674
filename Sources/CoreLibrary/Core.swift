import Diagnostics
import Interpreter
import Tensors

#if canImport(Glibc)
  import Glibc
#endif

extension CoreLibrary {
  static func registerCore(_ registry: inout BuiltinRegistry) {
    registerCoreText(&registry)
    registerCoreControl(&registry)
    registerCoreSequences(&registry)
    registerReductions(&registry)
    registerLists(&registry)
    registerRecords(&registry)
  }

  // MARK: Text

  private static func registerCoreText(_ registry: inout BuiltinRegistry) {
    let values = TypedParameter.values("values", "any values")
    let separator = TypedParameter.string("sep", default: " ", namedOnly: true)
    let end = TypedParameter.string("end", default: "\n", namedOnly: true)
    registry.add(
      Builtin(
        "print", .of(values, separator, end), area: .core,
        summary: "Writes values, with `sep` between them and `end` after the last.",
        example: """
          print("loss", 0.5)
          #> loss 0.5
          """, seeAlso: ["str"]
      ) { args, context in
        let texts = try args[values].map { try context.text($0) }
        context.output.print(texts.joined(separator: try args[separator]) + (try args[end]))
        return .none
      })
    let anything = TypedParameter.value("x", "any value")
    registry.add(
      Builtin(
        "str", .of(anything), area: .core, returns: "string",
        summary: "The text that `print` writes of a value.",
        example: "str(0.5) + \"!\"\n#> \"0.5!\"", seeAlso: ["number", "print"]
      ) { args, context in Value(try context.text(args[anything])) })
    let said = TypedParameter.value("x", "string, bool or number")
    registry.add(
      Builtin(
        "number", .of(said), area: .core,
        summary: "The number that a text says.",
        details: """
          Reads "12", "-0.5", "1e-3", "1_000", "inf" and "nan", with blanks around; true is 1 and false 0. An underscore \
          stands between two digits.
          """,
        example: "number(\" 2.5\") * 2\n#> 5", errors: ["the text is no number"], seeAlso: ["str"]
      ) { args, _ in
        switch try args[said] {
        case .bool(let bool): return Value(bool ? 1 : 0)
        case .string(let box):
          guard let number = number(in: box) else { throw args.mismatch(said, expected: "the text of a number") }
          return Value(number)
        case .tensor(let box) where box.tensor.count == 1 && box.tensor.trace != nil:
          // A number that gradients go through.
          return Value(try box.tensor.reshaped([]))
        default: return Value(try args.number(said))
        }
      })
    registry.add(
      Builtin(
        "type", .of(anything), area: .core, returns: "string", summary: "The name of a value's type.",
        example: "type([1, 2])\n#> \"list\""
      ) { args, _ in Value(try args[anything].typeName) })
    let counted = TypedParameter.value("x", "string, list, record, range, tensor or dataset")
    registry.add(
      Builtin(
        "len", .of(counted), area: .core,
        summary: "How many items it has: characters of a string, fields of a record, rows of a tensor.",
        example: "len(\"naïve\")\n#> 5", errors: ["the value has no length"]
      ) { args, context in
        let value = try args[counted]
        if case .string(let box) = value { try context.checkRoom(for: box.bytesForCharacters, each: 1) }
        guard let length = value.knownLength else {
          throw args.mismatch(
            counted, expected: "something with a length",
            help: value.asNumber != nil
              ? "len(str(x)) counts the characters of a number"
              : "strings, lists, records, ranges, tensors and datasets have one")
        }
        return Value(length)
      })
    let prompt = TypedParameter.string("prompt", default: "")
    registry.add(
      Builtin(
        "input", .of(prompt), area: .core,
        summary: "Reads a line from standard input; `none` at its end.",
        example: "type(input)\n#> \"function\""
      ) { args, context in
        let line = context.output.readLine(prompt: try args[prompt])
        // Ctrl-C while it waited: the script is not to go on with nothing.
        try context.checkInterruption()
        if line == nil, let reason = context.output.whyNobodyAnswers { throw ScriptError(explanation: reason) }
        return line.map { Value($0) } ?? .none
      })
  }

  // MARK: Control

  private static func registerCoreControl(_ registry: inout BuiltinRegistry) {
    let message = TypedParameter.value("message", "string")
    let help = TypedParameter.string("help", or: "none")
    registry.add(
      Builtin(
        "error", .of(message, help), area: .core,
        summary: "Stops with an error of your own; `try` … `catch` can take it.",
        example: """
          try { error("too few") } catch e { e.message }
          #> "too few"
          """, seeAlso: ["assert"]
      ) { args, context in
        let help = try args[help]
        throw ScriptError(explanation: Explanation(try context.text(args[message]), help: help))
      })
    let condition = TypedParameter.value("condition", "bool")
    let complaint = TypedParameter.value("message", "string", or: "none")
    registry.add(
      Builtin(
        "assert", .of(condition, complaint), area: .core,
        summary: "An error unless the condition holds.",
        example: "assert(1 + 1 == 2, \"sums work\")", errors: ["the condition does not hold"], seeAlso: ["error"]
      ) { args, context in
        if try context.isTrue(args[condition]) { return .none }
        throw RuntimeError.assertion(args.isGiven(complaint) ? try context.text(args[complaint]) : nil)
      })
    let path = TypedParameter.string("path")
    registry.add(
      Builtin(
        "include", .of(path), area: .core, files: .reads,
        summary: "Runs a file in this session, as if its text stood here.",
        details: "The path is relative to the file that includes it. Its value is the file's last expression.",
        example: "try { include(\"no such file.twin\") } catch e { \"not there\" }\n#> \"not there\"",
        errors: ["the file cannot be read", "it includes itself, directly or through others", "it is a notebook"]
      ) { args, context in
        let file = try args[path]
        if let ending = [".ipynb", ".html"].first(where: file.lowercased().hasSuffix) {
          let script = file.dropLast(ending.count) + ".twin"
          throw ScriptError(
            explanation: Explanation(
              "include runs a script, and “\(file)” is a saved session of another form",
              help: "make a script of it in the shell: twinbook convert \(file) \(script)"))
        }
        return try context.includeFile(file)
      })
    registry.add(
      Builtin(
        "now", [], area: .core, summary: "Seconds since 1970, for measuring how long something takes.",
        example: "start = now()\nnow() - start >= 0\n#> true"
      ) { _, context in
        context.hasReadClock = true
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Value(Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
      })
  }
}

/// An error that a script raises itself.
struct ScriptError: ExplainedError {
  var explanation: Explanation
}
