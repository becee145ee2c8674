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
        details: "Reads \"12\", \"-0.5\", \"1e-3\", \"inf\" and \"nan\", with blanks around; true is 1 and false 0.",
        example: "number(\" 2.5\") * 2\n#> 5", errors: ["the text is no number"], seeAlso: ["str"]
      ) { args, _ in
        switch try args[said] {
        case .bool(let bool): return Value(bool ? 1 : 0)
        case .string(let box):
          guard let number = number(in: box.text) else { throw args.mismatch(said, expected: "the text of a number") }
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
        "include", .of(path), area: .core,
        summary: "Runs a file in this session, as if its text stood here.",
        details: "The path is relative to the file that includes it. Its value is the file's last expression.",
        example: "try { include(\"no such file.twin\") } catch e { \"not there\" }\n#> \"not there\"",
        errors: ["the file cannot be read", "it includes itself, directly or through others"]
      ) { args, context in try context.includeFile(try args[path]) })
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
    registerSum(&registry)
    registerExtremes(&registry)
    registerTruths(&registry)
  }

  private static func registerSum(_ registry: inout BuiltinRegistry) {
    let values = TypedParameter.value("values", "list of numbers")
    let start = TypedParameter.value("start", "number", default: 0)
    registry.add(
      Builtin(
        "sum", .of(values, start, axis, keepDims), area: .core, summary: "All values added up.",
        details: "With `start=[]` lists are joined. `axis` adds up nested lists of numbers along it, as of a tensor.",
        example: "sum([1, 2, 3])\n#> 6", seeAlso: ["min", "max"]
      ) { args, context in
        var total = args.has(start) ? try args[start] : .number(0)
        let given = try args[values]
        if let added = try alongAxis(args, values, given) {
          return args.has(start) ? try context.apply(.add, total, added) : added
        }
        if case .list(let box) = given, case .number(var plain) = total {
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
        if case .range(let range) = given, case .number(let start) = total,
          let sum = wholeSum(range), abs(start + sum) < 0x1p53
        {
          return .number(start + sum)
        }
        guard let iterator = try context.iterate(given) else {
          throw args.mismatch(values, expected: "a list, or another thing that `for` goes over")
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
          return try sumOn(total, first, iterator, context)
        }
      })
  }

  private static func registerExtremes(_ registry: inout BuiltinRegistry) {
    let values = TypedParameter.values("values", "list, or several values")
    let compared = TypedParameter.function("key", or: "none", namedOnly: true)
    let fallback = TypedParameter.value("default", "any value", or: "an error", namedOnly: true)
    for (name, sign, word) in [("min", -1, "least"), ("max", 1, "greatest")] {
      registry.add(
        Builtin(
          name, .of(values, compared, fallback, axis, keepDims), area: .core,
          summary: "The \(word) of the values; the first of equals. `key` gives what is compared.",
          details: """
            `default` is the value where there are none. Where one of the numbers is nan, so is the result. `axis` goes along \
            an axis of nested lists of numbers, as of a tensor's.
            """,
          example: "\(name)([3, 1, 2])\n#> \(sign < 0 ? 1 : 3)", errors: ["there are no values, and no default"],
          seeAlso: ["sorted"]
        ) { args, context in
          var items = try args[values]
          if items.count == 1, let found = try alongAxis(args, values, items[0]) { return found }
          if items.count == 1, case .range(let range) = items[0], !args.isGiven(compared), range.count > 0,
            range.stop.isFinite
          {
            return .number(sign < 0 ? range.start : range.start + Double(range.count - 1))
          }
          if items.count == 1 {
            guard let iterator = try context.iterate(items[0]) else {
              throw ArgumentError(values, "\(name): expected a list or several values, got \(items[0].inWords)")
            }
            if let count = items[0].knownLength { try context.checkSize(count, "a list") }
            items = []
            while let item = try iterator.next() { items.append(item) }
          }
          let key = try args[compared]
          var best: (item: Value, key: Value)?
          for (index, item) in items.enumerated() {
            if index & 0xFFFF == 0xFFFF { try context.checkInterruption() }
            let itemKey = try key.map { try context.call($0, one: item) } ?? item
            if case .number(let number) = itemKey, number.isNaN { return item }
            if let found = best, try context.order(itemKey, found.key) * sign <= 0 { continue }
            best = (item, itemKey)
          }
          if let best { return best.item }
          if args.has(fallback) { return try args[fallback] }
          throw ArgumentError(
            values, "\(name): there are no values", help: "\(name)(xs, default=0) gives a value for that case")
        })
    }
  }

  private static func registerTruths(_ registry: inout BuiltinRegistry) {
    let values = TypedParameter.value("values", "list of bools")
    for (name, wanted) in [("any", true), ("all", false)] {
      registry.add(
        Builtin(
          name, .of(values, axis, keepDims), area: .core,
          summary: wanted ? "Whether at least one value is true." : "Whether all values are true.",
          details: "`axis` goes along an axis of nested lists of numbers or bools, as of a tensor's.",
          example: "\(name)([true, false])\n#> \(wanted)"
        ) { args, context in
          let given = try args[values]
          if let found = try alongAxis(args, values, given, isMask: true) { return found }
          if case .range(let range) = given {
            // As any number but 0: nobody waits for 1..<1e11.
            let isTrue = wanted ? range.count > (range.contains(0) ? 1 : 0) : !range.contains(0)
            return .bool(isTrue)
          }
          guard let iterator = try context.iterate(given) else { throw args.mismatch(values, expected: "a list") }
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
  private static let axis = TypedParameter.axes(namedOnly: true)
  private static let keepDims = TypedParameter.bool("keepdims", default: false, namedOnly: true)

  /// The function along the axis that was asked for; nil where none was.
  /// - Parameter values: what was given for the parameter; where that takes several, the only one of them.
  private static func alongAxis<Given>(
    _ args: Arguments, _ parameter: TypedParameter<Given>, _ values: Value, isMask: Bool = false
  ) throws -> Value? {
    guard args.has(axis) || args.has(keepDims) else { return nil }
    let name = args.functionName
    guard let grid = NumberGrid(values) else {
      if values.carriesGradient, !isMask, let tensor = try values.asTensor ?? values.convertedToTensor() {
        // Rows that carry a gradient are a tensor's.
        let (along, keepDims) = (try args[axis], try args[keepDims])
        switch name {
        case "sum": return Value(try tensor.sum(along, keepDims: keepDims))
        case "max": return Value(try tensor.max(along, keepDims: keepDims))
        case "min": return Value(try tensor.min(along, keepDims: keepDims))
        default: try args.refuseTraced(parameter)
        }
      }
      throw ArgumentError(
        parameter, "\(name): along an axis it takes nested lists of numbers, got \(values.inWords)",
        help: "the rows must be equally long, and hold nothing but numbers")
    }
    return try grid.reduced(args[axis], keepDims: args[keepDims], isMask: isMask, name) {
      try Statistics.statistic(name, $0)
    }
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

/// An error that a script raises itself.
struct ScriptError: ExplainedError {
  var explanation: Explanation
}
