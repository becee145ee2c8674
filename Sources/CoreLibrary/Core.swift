import Diagnostics
import ElementaryFunctions
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
          .variadic("values", "any values"), .optional("sep", "string", default: " ", namedOnly: true),
          .optional("end", "string", default: "\n", namedOnly: true),
        ],
        area: .core, summary: "Writes values, with `sep` between them and `end` after the last.",
        example: """
          print("loss", 0.5)
          #> loss 0.5
          """, seeAlso: ["str"]
      ) { args, context in
        let texts = try args.list(0).map { try context.text($0) }
        context.output.print(
          texts.joined(separator: try args.string(1)) + (try args.string(2)))
        return .none
      })
    registry.add(
      Builtin(
        "str", [.required("x", "any value")], area: .core, returns: "string",
        summary: "The text that `print` writes of a value.",
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
        "type", [.required("x", "any value")], area: .core, returns: "string", summary: "The name of a value's type.",
        example: "type([1, 2])\n#> \"list\""
      ) { args, _ in Value(args[0].typeName) })
    registry.add(
      Builtin(
        "len", [.required("x", "string, list, record, range, tensor or dataset")], area: .core,
        summary: "How many items it has: characters of a string, fields of a record, rows of a tensor.",
        example: "len(\"naïve\")\n#> 5", errors: ["the value has no length"]
      ) { args, context in
        if case .string(let box) = args[0] { try context.checkRoom(for: box.bytesForCharacters, each: 1) }
        guard let length = args[0].knownLength else {
          throw args.mismatch(
            0, expected: "something with a length",
            help: args[0].asNumber != nil
              ? "len(str(x)) counts the characters of a number"
              : "strings, lists, records, ranges, tensors and datasets have one")
        }
        return Value(length)
      })
    registry.add(
      Builtin(
        "input", [.optional("prompt", "string", default: "")], area: .core,
        summary: "Reads a line from standard input; `none` at its end.",
        example: "type(input)\n#> \"function\""
      ) { args, context in
        let line = context.output.readLine(prompt: try args.string(0))
        // Ctrl-C while it waited: the script is not to go on with nothing.
        try context.checkInterruption()
        return line.map { Value($0) } ?? .none
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
      ) { _, context in
        context.hasReadClock = true
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
        "round", [.required("x", "number or list of numbers"), .optional("digits", "number", default: 0)],
        area: .mathematics, summary: "Rounded to `digits` places after the point; halves go to the even neighbour.",
        example: "round(3.14159, 2)\n#> 3.14", seeAlso: ["floor", "ceil"]
      ) { args, _ in
        let digits = try args.int(1, in: -300...300)
        return try each(args) { rounded($0, digits) }
      })
    registry.add(
      Builtin(
        "sum", [.required("values", "list of numbers"), .optional("start", "number", default: 0)] + axisParameters,
        area: .core, summary: "All values added up.",
        details: "With `start=[]` lists are joined. `axis` adds up nested lists of numbers along it, as of a tensor.",
        example: "sum([1, 2, 3])\n#> 6", seeAlso: ["min", "max"]
      ) { args, context in
        var total = args.has(1) ? args[1] : .number(0)
        if let added = try alongAxis(args, from: 2) {
          return args.has(1) ? try context.apply(.add, total, added) : added
        }
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
        if case .range(let range) = args[0], case .number(let start) = total,
          let sum = wholeSum(range), abs(start + sum) < 0x1p53
        {
          return .number(start + sum)
        }
        guard let iterator = try context.iterate(args[0]) else {
          throw args.mismatch(0, expected: "a list, or another thing that `for` goes over")
        }
        // Lists and texts grow where they stand: a sum of sums would copy all that is there for each item.
        switch total {
        case .list(let box):
          var items = box.items
          while let item = try iterator.next() {
            guard case .list(let part) = item else {
              total = Value(items)
              return try sumOn(total, item, iterator, context)
            }
            items += part.items
            let isTooLong = items.count > context.limits.items
            try context.checkSize(isTooLong ? items.count : part.items.count, "a list")
          }
          return Value(items)
        case .string(let box):
          var text = box.text
          while let item = try iterator.next() {
            guard case .string(let part) = item else { return try sumOn(Value(text), item, iterator, context) }
            text += part.text
            let size = text.utf8.count
            try context.checkSize(size > context.limits.items ? size : part.text.utf8.count, "a string")
          }
          return Value(text)
        default:
          guard let first = try iterator.next() else { return total }
          if case .string = first, !args.has(1) {
            throw ArgumentError(
              0, "sum: values must be numbers, and \(first.inWords) is none",
              help: "xs.join() puts texts together, as does sum(xs, \"\")")
          }
          return try sumOn(total, first, iterator, context)
        }
      })
    for (name, sign, word) in [("min", -1, "least"), ("max", 1, "greatest")] {
      registry.add(
        Builtin(
          name,
          [
            .variadic("values", "list, or several values"), .optional("key", "function", "none", namedOnly: true),
            .optional("default", "any value", "an error", namedOnly: true),
          ] + axisParameters,
          area: .core, summary: "The \(word) of the values; the first of equals. `key` gives what is compared.",
          details: """
            `default` is the value where there are none. Where one of the numbers is nan, so is the result. `axis` goes along \
            an axis of nested lists of numbers, as of a tensor's.
            """,
          example: "\(name)([3, 1, 2])\n#> \(sign < 0 ? 1 : 3)", errors: ["there are no values, and no default"],
          seeAlso: ["sorted"]
        ) { args, context in
          var items = try args.list(0)
          if items.count == 1, let found = try alongAxis(args, from: 3, items[0]) { return found }
          if items.count == 1, case .range(let range) = items[0], !args.isGiven(1), range.count > 0, range.stop.isFinite
          {
            return .number(sign < 0 ? range.start : range.start + Double(range.count - 1))
          }
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
          for (index, item) in items.enumerated() {
            if index & 0xFFFF == 0xFFFF { try context.checkInterruption() }
            let itemKey = try key.map { try context.call($0, one: item) } ?? item
            if case .number(let number) = itemKey, number.isNaN { return item }
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
          name, [.required("values", "list of bools")] + axisParameters, area: .core,
          summary: wanted ? "Whether at least one value is true." : "Whether all values are true.",
          details: "`axis` goes along an axis of nested lists of numbers or bools, as of a tensor's.",
          example: "\(name)([true, false])\n#> \(wanted)"
        ) { args, context in
          if let found = try alongAxis(args, from: 1, isMask: true) { return found }
          if case .range(let range) = args[0] {
            // As any number but 0: nobody waits for 1..<1e11.
            let isTrue = wanted ? range.count > (range.contains(0) ? 1 : 0) : !range.contains(0)
            return .bool(isTrue)
          }
          guard let iterator = try context.iterate(args[0]) else {
            throw args.mismatch(0, expected: "a list")
          }
          while let item = try iterator.next() { if try context.isTrue(item) == wanted { return .bool(wanted) } }
          return .bool(!wanted)
        })
    }
  }

  private static func sumOn(
    _ start: Value, _ first: Value, _ iterator: ValueIterator, _ context: ExecutionContext
  ) throws -> Value {
    var total = try context.apply(.add, start, first)
    while let item = try iterator.next() { total = try context.apply(.add, total, item) }
    return total
  }

  /// The sum of a range of whole numbers, where it is exact.
  private static func wholeSum(_ range: RangeBox) -> Double? {
    guard range.start == range.start.rounded(), range.stop.isFinite else { return nil }
    let count = Double(range.count)
    let sum = count * (range.start + (range.start + count - 1)) / 2
    return abs(sum) < 0x1p52 ? sum : nil
  }

  /// `axis=` and `keepdims=` for nested lists, as the functions of tensors have them.
  private static let axisParameters: [BuiltinParameter] = [
    .optional("axis", "number or list", "none", namedOnly: true),
    .optional("keepdims", "bool", default: false, namedOnly: true),
  ]

  /// The function along the axis that was asked for; nil where none was.
  private static func alongAxis(
    _ args: Arguments, from first: Int, _ values: Value? = nil, isMask: Bool = false
  ) throws -> Value? {
    guard args.has(first) || args.has(first + 1) else { return nil }
    let name = args.functionName
    guard let grid = NumberGrid(values ?? args[0]) else {
      if args[0].carriesGradient, !isMask {
        // Rows that carry a gradient are a tensor's.
        let (tensor, along) = (try args.tensor(0), try axes(args, first))
        let keepDims = try args.bool(first + 1)
        switch name {
        case "sum": return Value(try tensor.sum(along, keepDims: keepDims))
        case "max": return Value(try tensor.max(along, keepDims: keepDims))
        case "min": return Value(try tensor.min(along, keepDims: keepDims))
        default: try args.refuseTraced(0)
        }
      }
      throw ArgumentError(
        0, "\(name): along an axis it takes nested lists of numbers, got \((values ?? args[0]).inWords)",
        help: "the rows must be equally long, and hold nothing but numbers")
    }
    return try grid.reduced(
      axes(args, first), keepDims: args.bool(first + 1), isMask: isMask, name
    ) { try Statistics.statistic(name, $0) }
  }

  /// A function of a number, for each number of a list, and of lists inside it.
  static func each(_ args: Arguments, _ compute: (Double) -> Double) throws -> Value {
    func inside(_ value: Value, _ depth: Int) throws -> Value {
      switch value {
      case .number(let number): return .number(compute(number))
      case .bool(let bool): return .number(compute(bool ? 1 : 0))
      case .list(let box) where depth < 64: return Value(try box.items.map { try inside($0, depth + 1) })
      case .range: return Value(numbers: (value.asNumbers ?? []).map(compute))
      default:
        try args.refuseTraced(0)
        throw ArgumentError(
          0,
          "\(args.functionName): \(args.parameterName(0)) must be a number or a list of numbers, and \(value.inWords) is "
            + "neither")
      }
    }
    if case .list = args[0] { return try inside(args[0], 0) }
    if case .range = args[0] { return try inside(args[0], 0) }
    if case .bool(let bool) = args[0] { return Value(compute(bool ? 1 : 0)) }
    return Value(compute(try args.number(0)))
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

/// An error that a script raises itself.
struct ScriptError: ExplainedError {
  var explanation: Explanation
}
