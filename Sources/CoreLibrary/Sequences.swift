import Diagnostics
import Interpreter

extension CoreLibrary {
  static func registerCoreSequences(_ registry: inout BuiltinRegistry) {
    let gone = TypedParameter.value("values", "anything that `for` goes over", or: "[]")
    registry.add(
      Builtin(
        "list", .of(gone), area: .lists, returns: "list",
        summary: "A list of the items: of a range, a string's characters, a record's names, a tensor's rows.",
        example: "list(0..<3)\n#> [0, 1, 2]"
      ) { args, context in args.has(gone) ? Value(try context.items(args, gone)) : [] })
    registerRange(&registry)
    registerPairing(&registry)
    registerChoosing(&registry)
    registerOrdering(&registry)
  }

  private static func registerRange(_ registry: inout BuiltinRegistry) {
    let first = TypedParameter.number("start")
    let end = TypedParameter.number("stop", or: "none")
    let step = TypedParameter.number("step", default: 1)
    registry.add(
      Builtin(
        "range", .of(first, end, step), area: .core,
        summary: "Numbers from `start` up to, not including, `stop`; with one argument from 0.",
        details: "`0..<5` and `1...5` say the same in fewer words. With a step other than 1 it is a list.",
        example: "list(range(0, 10, 3))\n#> [0, 3, 6, 9]"
      ) { args, context in
        let given = try args[first]
        let (start, stop) = try args[end].map { (given, $0) } ?? (0, given)
        let by = try args[step]
        guard given.isFinite else { throw args.mismatch(first, expected: "a finite number") }
        guard stop.isFinite else { throw args.mismatch(end, expected: "a finite number") }
        guard by.isFinite else { throw args.mismatch(step, expected: "a finite number") }
        guard by != 0 else { throw args.mismatch(step, expected: "a number other than 0") }
        if by == 1 { return .range(try RangeBox.checked(start, stop, closed: false)) }
        let count = max(0, ((stop - start) / by).rounded(.up))
        guard count <= Double(context.limits.items) else { throw RuntimeError.tooLarge("a list", count) }
        return Value(numbers: (0..<Int(count)).lazy.map { start + Double($0) * by })
      })
  }

  private static let values = TypedParameter.value("values", "list")

  private static func registerPairing(_ registry: inout BuiltinRegistry) {
    let start = TypedParameter.number("start", default: 0)
    registry.add(
      Builtin(
        "enumerate", .of(values, start), area: .core, returns: "list",
        summary: "Pairs of place and item.",
        example: "for i, name in enumerate([\"a\", \"b\"]) { print(i, name) }\n#> 0 a\n#> 1 b", seeAlso: ["zip"]
      ) { args, context in
        let start = try args[start]
        let items = try context.items(args, values)
        return Value(try context.rows(items.count, of: 2) { Value([.number(start + Double($0)), items[$0]]) })
      })
    let lists = TypedParameter.values("lists", "two lists or more")
    registry.add(
      Builtin(
        "zip", .of(lists), area: .core, returns: "list",
        summary: "Lists of the first items, the second items, and so on; as many as the shortest has.",
        example: "zip([1, 2], [\"a\", \"b\"])\n#> [[1, \"a\"], [2, \"b\"]]", seeAlso: ["enumerate"]
      ) { args, context in
        let columns = try args[lists].map { value -> [Value] in
          if case .list(let box) = value { return box.items }
          guard let iterator = try context.iterate(value) else {
            throw ArgumentError(lists, "zip: expected lists, got \(value.inWords)")
          }
          if let count = value.knownLength { try context.checkSize(count, "a list") }
          var items: [Value] = []
          items.reserveCapacity(value.knownLength ?? 0)
          while let item = try iterator.next() { items.append(item) }
          return items
        }
        let count = columns.map(\.count).min() ?? 0
        return Value(try context.rows(count, of: columns.count) { row in Value(columns.map { $0[row] }) })
      })
  }

  /// `map(f, xs)` and `map(xs, f)` both say what is meant.
  private static func functionAndItems(
    _ args: Arguments, _ context: ExecutionContext
  ) throws -> (function: FunctionValue, items: [Value]) {
    let isSwapped = try args[values].asFunction != nil && args[function].asFunction == nil
    let (first, second) = isSwapped ? (values, function) : (function, values)
    return (try args.function(first), try context.items(args, second))
  }

  private static let function = TypedParameter.value("function", "function")

  private static func registerChoosing(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "map", .of(function, values), area: .core, returns: "list",
        summary: "The function's value for each item.", example: "map(x -> x * x, [1, 2, 3])\n#> [1, 4, 9]",
        seeAlso: ["filter"]
      ) { args, context in
        let (function, items) = try functionAndItems(args, context)
        return Value(try context.map(function, items))
      })
    registry.add(
      Builtin(
        "filter", .of(function, values), area: .core, returns: "list",
        summary: "The items for which the function is true.", example: "filter(x -> x > 1, [1, 2, 3])\n#> [2, 3]",
        seeAlso: ["map"]
      ) { args, context in
        let (function, items) = try functionAndItems(args, context)
        return Value(try context.filter(function, items))
      })
    registry.add(
      Builtin(
        "unique", .of(values), area: .lists, returns: "list",
        summary: "The items without repeats, in the order in which they came first.",
        example: "unique([3, 1, 3, 2, 1])\n#> [3, 1, 2]", seeAlso: ["sorted"]
      ) { args, context in
        try context.checkRoom(for: args[values].knownLength ?? 0, each: 64)
        return Value(try distinct(try context.items(args, values), context))
      })
  }

  /// Without repeats.
  private static func distinct(_ items: [Value], _ context: ExecutionContext) throws -> [Value] {
    var texts: Set<String> = []
    var numbers: Set<Double> = []
    var others: [Int: [Value]] = [:]
    var kept: [Value] = []
    for (index, item) in items.enumerated() {
      if index & 0xFFF == 0 { try context.checkInterruption() }
      switch item {
      case .string(let box): if !texts.insert(box.text).inserted { continue }
      case .number(let number): if !numbers.insert(number).inserted { continue }
      case .bool(let bool): if !numbers.insert(bool ? 1 : 0).inserted { continue }
      default:
        let fingerprint = item.fingerprint
        let alike = others[fingerprint] ?? []
        if try alike.contains(where: { try context.isEqual($0, item) }) { continue }
        others[fingerprint, default: []].append(item)
      }
      kept.append(item)
    }
    return kept
  }

  private static func registerOrdering(_ registry: inout BuiltinRegistry) {
    let key = TypedParameter.function("key", or: "none")
    let reverse = TypedParameter.bool("reverse", default: false)
    registry.add(
      Builtin(
        "sorted", .of(values, key, reverse), area: .core, returns: "list",
        summary: "A sorted copy; equals keep their order. `key` gives what is compared.",
        example: "sorted([\"pear\", \"fig\"], key=len)\n#> [\"fig\", \"pear\"]",
        errors: ["two items have no order, such as a number and a string"], seeAlso: ["list.sort", "reversed"]
      ) { args, context in
        Value(try sort(try context.items(args, values), key: try args[key], reverse: try args[reverse], context))
      })
    let turned = TypedParameter.value("values", "list, string or range")
    registry.add(
      Builtin(
        "reversed", .of(turned), area: .core,
        summary: "The items from last to first.", example: "reversed([1, 2, 3])\n#> [3, 2, 1]", seeAlso: ["sorted"]
      ) { args, context in
        if case .string(let box) = try args[turned] { return .string(box.reversed()) }
        return Value(try context.items(args, turned).reversed())
      })
  }
}
