import Diagnostics
import Interpreter
import Tensors

extension CoreLibrary {
  /// One value for a list of them; the functions of tensors of the same names are overloads of these.
  static func registerReductions(_ registry: inout BuiltinRegistry) {
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
        if case .range(let range) = given, case .number(let start) = total, let sum = wholeSum(range) {
          return .number(start + sum)
        }
        guard let iterator = try context.iterate(given) else {
          throw args.noItems(values)
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
          let text = box.copy()
          while let item = try iterator.next() {
            guard case .string(let part) = item else { return try sumOn(.string(text), item, iterator, context) }
            let size = text.byteCount + part.byteCount
            try context.checkSize(size > context.limits.items ? size : part.byteCount, "a string")
            try text.append(part)
          }
          return .string(text)
        default:
          guard let first = try iterator.next() else { return total }
          if case .string = first, !args.has(start) {
            throw ArgumentError(
              values, "sum: values must be numbers, and \(first.inWords) is none",
              help: "xs.join() puts texts together, as does sum(xs, \"\")")
          }
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

  /// The sum of a range of whole numbers, rounded once: nobody waits for the 10⁹ additions of `sum(0..<1e9)`, each of
  /// which would round beyond 2⁵³.
  private static func wholeSum(_ range: RangeBox) -> Double? {
    guard let first = Int128(exactly: range.start), range.stop.isFinite else { return nil }
    let count = Int128(range.count)
    return Double(count * (2 * first + count - 1) / 2)
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
}
