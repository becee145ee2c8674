import Diagnostics
import Interpreter
import Tensors

#if canImport(Glibc)
  import Glibc
#endif

extension StandardLibrary {
  static func registerCore(_ registry: inout BuiltinRegistry) {
    registerCoreText(&registry)
    registerCoreControl(&registry)
    registerCoreSequences(&registry)
    registerCoreNumbers(&registry)
    registerLists(&registry)
    registerRecords(&registry)
  }

  // MARK: Text

  private static func registerCoreText(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "print",
        [
          .variadic("values", "any values"), .optional("sep", "string", "\" \"", namedOnly: true),
          .optional("end", "string", "\"\\n\"", namedOnly: true),
        ],
        area: .core, summary: "Writes values, with `sep` between them and `end` after the last.",
        example: """
          print("loss", 0.5)
          #> loss 0.5
          """, seeAlso: ["str"]
      ) { args, context in
        let texts = try args.list(0).map { try context.text($0) }
        context.output.print(
          texts.joined(separator: try args.string(1, default: " ")) + (try args.string(2, default: "\n")))
        return .none
      })
    registry.add(
      Builtin(
        "str", [.required("x", "any value")], area: .core, summary: "The text that `print` writes of a value.",
        example: "str(0.5) + \"!\"\n#> \"0.5!\"", seeAlso: ["number", "print"]
      ) { args, context in Value(try context.text(args[0])) })
    registry.add(
      Builtin(
        "number", [.required("x", "string, bool or number")], area: .core,
        summary: "The number that a text says.",
        details: "Reads \"12\", \"-0.5\", \"1e-3\", \"inf\" and \"nan\", with blanks around; true is 1 and false 0.",
        example: "number(\" 2.5\") * 2\n#> 5", errors: ["the text is no number"], seeAlso: ["str"]
      ) { args, _ in
        switch args[0] {
        case .bool(let bool): return Value(bool ? 1 : 0)
        case .string(let box):
          guard let number = number(in: box.text) else { throw args.mismatch(0, expected: "the text of a number") }
          return Value(number)
        case .tensor(let box) where box.tensor.count == 1 && box.tensor.trace != nil:
          // A number that gradients go through.
          return Value(try box.tensor.reshaped([]))
        default: return Value(try args.number(0))
        }
      })
    registry.add(
      Builtin(
        "type", [.required("x", "any value")], area: .core, summary: "The name of a value's type.",
        example: "type([1, 2])\n#> \"list\""
      ) { args, _ in Value(args[0].typeName) })
    registry.add(
      Builtin(
        "len", [.required("x", "string, list, record, range, tensor or dataset")], area: .core,
        summary: "How many items it has: characters of a string, fields of a record, rows of a tensor.",
        example: "len(\"naïve\")\n#> 5", errors: ["the value has no length"]
      ) { args, _ in
        guard let length = args[0].knownLength else {
          throw args.mismatch(0, expected: "something with a length")
        }
        return Value(length)
      })
    registry.add(
      Builtin(
        "input", [.optional("prompt", "string", "\"\"")], area: .core,
        summary: "Reads a line from standard input; `none` at its end.",
        example: "type(input)\n#> \"function\""
      ) { args, context in
        context.output.readLine(prompt: try args.string(0, default: "")).map { Value($0) } ?? .none
      })
  }

  // MARK: Control

  private static func registerCoreControl(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "error", [.required("message", "string"), .optional("help", "string", "none")], area: .core,
        summary: "Stops with an error of your own; `try` … `catch` can take it.",
        example: """
          try { error("too few") } catch e { e.message }
          #> "too few"
          """, seeAlso: ["assert"]
      ) { args, context in
        let help = args.has(1) && !args[1].isNone ? try args.string(1) : nil
        throw ScriptError(explanation: Explanation(try context.text(args[0]), help: help))
      })
    registry.add(
      Builtin(
        "assert", [.required("condition", "bool"), .optional("message", "string", "none")], area: .core,
        summary: "An error unless the condition holds.",
        example: "assert(1 + 1 == 2, \"sums work\")", errors: ["the condition does not hold"], seeAlso: ["error"]
      ) { args, context in
        if try context.isTrue(args[0]) { return .none }
        let message = args.has(1) && !args[1].isNone ? try context.text(args[1]) : nil
        throw RuntimeError.assertion(message)
      })
    registry.add(
      Builtin(
        "include", [.required("path", "string")], area: .core,
        summary: "Runs a file in this session, as if its text stood here.",
        details: "The path is relative to the file that includes it. Its value is the file's last expression.",
        example: "try { include(\"no such file.twin\") } catch e { \"not there\" }\n#> \"not there\"",
        errors: ["the file cannot be read", "it includes itself, directly or through others"]
      ) { args, context in try context.includeFile(try args.string(0)) })
    registry.add(
      Builtin(
        "now", [], area: .core, summary: "Seconds since 1970, for measuring how long something takes.",
        example: "start = now()\nnow() - start >= 0\n#> true"
      ) { _, _ in
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Value(Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
      })
  }

  // MARK: Numbers

  private static func registerCoreNumbers(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "abs", [.required("x", "number or list of numbers")], area: .mathematics,
        summary: "The distance from zero.", example: "abs(-3)\n#> 3"
      ) { args, _ in try each(args) { Swift.abs($0) } })
    registry.add(
      Builtin(
        "round", [.required("x", "number or list of numbers"), .optional("digits", "number", "0")],
        area: .mathematics, summary: "Rounded to `digits` places after the point; halves go to the even neighbour.",
        example: "round(3.14159, 2)\n#> 3.14", seeAlso: ["floor", "ceil"]
      ) { args, _ in
        let digits = try args.int(1, in: -300...300, default: 0)
        return try each(args) { rounded($0, digits) }
      })
    registry.add(
      Builtin(
        "sum", [.required("values", "list of numbers"), .optional("start", "number", "0")], area: .core,
        summary: "All values added up.", example: "sum([1, 2, 3])\n#> 6", seeAlso: ["min", "max"]
      ) { args, context in
        var total = args.has(1) ? args[1] : .number(0)
        if case .list(let box) = args[0], case .number(var plain) = total {
          var all = true
          for item in box.items {
            guard case .number(let number) = item else {
              all = false
              break
            }
            plain += number
          }
          if all { return .number(plain) }
        }
        for item in try context.items(args, 0) { total = try context.apply(.add, total, item) }
        return total
      })
    for (name, sign, word) in [("min", -1, "least"), ("max", 1, "greatest")] {
      registry.add(
        Builtin(
          name,
          [
            .variadic("values", "list, or several values"), .optional("key", "function", "none", namedOnly: true),
            .optional("default", "any value", "an error", namedOnly: true),
          ],
          area: .core, summary: "The \(word) of the values; the first of equals. `key` gives what is compared.",
          details: "`default` is the value where there are none.",
          example: "\(name)([3, 1, 2])\n#> \(sign < 0 ? 1 : 3)", errors: ["there are no values, and no default"],
          seeAlso: ["sorted"]
        ) { args, context in
          var items = try args.list(0)
          if items.count == 1 {
            guard let iterator = try context.iterate(items[0]) else {
              throw ArgumentError(0, "\(name): expected a list or several values, got \(items[0].inWords)")
            }
            if let count = items[0].knownLength { try context.checkSize(count, "a list") }
            items = []
            while let item = try iterator.next() { items.append(item) }
          }
          let key = try args.optionalFunction(1)
          var best: (item: Value, key: Value)?
          for item in items {
            let itemKey = try key.map { try context.call($0, one: item) } ?? item
            if let found = best, try context.order(itemKey, found.key) * sign <= 0 { continue }
            best = (item, itemKey)
          }
          if let best { return best.item }
          if args.has(2) { return args[2] }
          throw ArgumentError(
            0, Explanation("\(name): there are no values", help: "\(name)(xs, default=0) gives a value for that case"))
        })
    }
    for (name, wanted) in [("any", true), ("all", false)] {
      registry.add(
        Builtin(
          name, [.required("values", "list of bools")], area: .core,
          summary: wanted ? "Whether at least one value is true." : "Whether all values are true.",
          example: "\(name)([true, false])\n#> \(wanted)"
        ) { args, context in
          guard let iterator = try context.iterate(args[0]) else {
            throw args.mismatch(0, expected: "a list")
          }
          while let item = try iterator.next() { if try context.isTrue(item) == wanted { return .bool(wanted) } }
          return .bool(!wanted)
        })
    }
  }

  /// A function of a number, for each number of a list.
  private static func each(_ args: Arguments, _ compute: (Double) -> Double) throws -> Value {
    if case .list = args[0] { return Value(numbers: try args.numbers(0).map(compute)) }
    if case .bool(let bool) = args[0] { return Value(compute(bool ? 1 : 0)) }
    return Value(compute(try args.number(0)))
  }

  /// Through the decimal text, so that 2.675 (which is a little less) becomes 2.67, as in Python.
  private static func rounded(_ number: Double, _ digits: Int) -> Double {
    guard number.isFinite else { return number }
    if digits == 0 { return number.rounded(.toNearestOrEven) }
    if digits < 0 {
      let scale = pow(10, Double(-digits))
      return scale.isFinite ? (number / scale).rounded(.toNearestOrEven) * scale : 0
    }
    return Double(formatFixed(number, digits)) ?? number
  }
}

/// An error that a script raises itself.
struct ScriptError: ExplainedError {
  var explanation: Explanation
}
