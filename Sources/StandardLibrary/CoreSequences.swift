import Diagnostics
import Interpreter

/// Functions over anything that `for` goes over: lists, ranges, strings, records' names, tensors' rows, datasets.
extension StandardLibrary {
  static func registerSequences(_ registry: inout BuiltinRegistry) {
    let sequence = BuiltinParameter.required("items", "list, range or other sequence")
    registry.add(
      Builtin(
        "enumerate", [sequence, .optional("start", "number", "0")], area: .lists,
        summary: "The items with their places: a list of [place, item].",
        example: "[\"{i}{x}\" for i, x in enumerate([\"a\", \"b\"])]\n#> [\"0a\", \"1b\"]", seeAlso: ["zip"]
      ) { args, context in
        let start = try args.int(1, default: 0)
        return Value(try context.items(of: args[0]).enumerated().map { Value([Value(start + $0), $1]) })
      })
    registry.add(
      Builtin(
        "zip", [.variadic("sequences", "sequences")], area: .lists,
        summary: "Items that stand at the same place, together; as many as the shortest has.",
        example: "zip([1, 2], [\"a\", \"b\"])\n#> [[1, \"a\"], [2, \"b\"]]", seeAlso: ["enumerate"]
      ) { args, context in
        let columns = try args.list(0).map { try context.items(of: $0) }
        let count = columns.map(\.count).min() ?? 0
        return Value((0..<count).map { row in Value(columns.map { $0[row] }) })
      })
    registry.add(
      Builtin(
        "map", [.required("f", "function"), sequence], area: .lists, summary: "What the function gives for each item.",
        example: "map(x -> x * x, [1, 2, 3])\n#> [1, 4, 9]", seeAlso: ["filter"]
      ) { args, context in
        let (f, items) = try functionAndItems(args, context)
        return Value(try items.map { try context.call(f, [$0]) })
      })
    registry.add(
      Builtin(
        "filter", [.required("f", "function"), sequence], area: .lists, summary: "The items for which it gives true.",
        example: "filter(x -> x > 1, [1, 2, 3])\n#> [2, 3]", seeAlso: ["map"]
      ) { args, context in
        let (f, items) = try functionAndItems(args, context)
        return Value(try items.filter { try context.isTrue(try context.call(f, [$0])) })
      })
    registry.add(
      Builtin(
        "sorted",
        [sequence, .optional("key", "function", "none"), .optional("reverse", "bool", "false")], area: .lists,
        summary: "The items in order, by themselves or by what `key` gives for each; equal ones keep their order.",
        example: "sorted([\"bb\", \"a\"], key=len)\n#> [\"a\", \"bb\"]", errors: ["items that cannot be compared"],
        seeAlso: ["reversed"]
      ) { args, context in
        let items = try context.items(of: args[0])
        return Value(
          try sortedItems(
            items, key: try args.optionalFunction(1), reverse: try args.bool(2, default: false), context))
      })
    registry.add(
      Builtin(
        "reversed", [sequence], area: .lists, summary: "The items from last to first.",
        example: "reversed(0..<3)\n#> [2, 1, 0]"
      ) { args, context in Value(try context.items(of: args[0]).reversed()) })
    registry.add(
      Builtin(
        "sum", [sequence, .optional("start", "number", "0")], area: .lists, summary: "All items added up.",
        example: "sum([1, 2, 3])\n#> 6", seeAlso: ["min", "max"]
      ) { args, context in
        if !args.isGiven(1), let numbers = args[0].asNumbers { return Value(numbers.reduce(0, +)) }
        var total = args.isGiven(1) ? args[1] : Value(0)
        for item in try context.items(of: args[0]) {
          total = try context.operations?.binary(.add, total, item) ?? total
        }
        return total
      })
    for (name, sign, example) in [("min", -1, "min(3, 1, 2)\n#> 1"), ("max", 1, "max([3, 1, 2])\n#> 3")] {
      registry.add(
        Builtin(
          name,
          [
            .variadic("values", "values, or one sequence"), .optional("key", "function", "none", namedOnly: true),
          ],
          area: .lists, summary: "The \(sign < 0 ? "least" : "greatest") of the values, or of one sequence.",
          example: example, errors: ["of nothing there is none"]
        ) { args, context in
          var items = try args.list(0)
          if items.count == 1, let only = items.first {
            if case .number = only { return only }
            items = try context.items(of: only)
          }
          let key = try args.optionalFunction(1)
          var best: (item: Value, rank: Value)?
          for item in items {
            let rank = try key.map { try context.call($0, [item]) } ?? item
            if let found = best, try context.compare(rank, found.rank) != sign { continue }
            best = (item, rank)
          }
          guard let best else {
            throw ArgumentError(0, Explanation("\(name) of an empty sequence does not exist", help: "test its len first"))
          }
          return best.item
        })
    }
    for (name, wanted) in [("any", true), ("all", false)] {
      registry.add(
        Builtin(
          name, [sequence], area: .lists,
          summary: wanted ? "Whether one item at least is true." : "Whether every item is true.",
          example: wanted ? "any([false, true])\n#> true" : "all([false, true])\n#> false"
        ) { args, context in
          for item in try context.items(of: args[0]) where try context.isTrue(item) == wanted { return Value(wanted) }
          return Value(!wanted)
        })
    }
    registry.add(
      Builtin(
        "abs", [.required("x", "number")], area: .mathematics, summary: "The number without its sign.",
        example: "abs(-2)\n#> 2"
      ) { args, _ in Value(Swift.abs(try args.number(0))) })
    registry.add(
      Builtin(
        "round", [.required("x", "number"), .optional("decimals", "number", "0")], area: .mathematics,
        summary: "The nearest number with so many decimals; halves go to the even one, as in Python.",
        example: "round(2.567, 2)\n#> 2.57", seeAlso: ["floor", "ceil"]
      ) { args, _ in
        let x = try args.number(0)
        let decimals = try args.int(1, in: -300...300, default: 0)
        if decimals == 0 { return Value(x.rounded(.toNearestOrEven)) }
        let scale = power(of: 10, decimals)
        let scaled = x * scale
        guard scaled.isFinite else { return Value(x) }
        return Value(scaled.rounded(.toNearestOrEven) / scale)
      })
  }

  private static func power(of base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    for _ in 0..<Swift.abs(exponent) { result *= base }
    return exponent < 0 ? 1 / result : result
  }

  /// `map(f, xs)`, and `xs |> map(f)` in either order: who writes the list first is understood.
  private static func functionAndItems(_ args: Arguments, _ context: ExecutionContext) throws -> (FunctionValue, [Value]) {
    if case .function(let f) = args[1], args[0].asFunction == nil { return (f, try context.items(of: args[0])) }
    return (try args.function(0), try context.items(of: args[1]))
  }

  /// Stable, by keys that are computed once.
  static func sortedItems(
    _ items: [Value], key: FunctionValue?, reverse: Bool, _ context: ExecutionContext
  ) throws -> [Value] {
    if key == nil, let numbers = Value(items).asNumbers, !numbers.contains(where: \.isNaN) {
      let sorted = numbers.sorted()
      return (reverse ? sorted.reversed() : sorted).map { Value($0) }
    }
    let ranks = try key.map { key in try items.map { try context.call(key, [$0]) } } ?? items
    var order = Array(items.indices)
    // `sort` is stable, as its documentation does not promise: the place decides between equals.
    try order.sort { left, right in
      let found = try context.compare(ranks[left], ranks[right])
      return found == 0 ? left < right : reverse ? found > 0 : found < 0
    }
    return order.map { items[$0] }
  }
}

extension ExecutionContext {
  func compare(_ left: Value, _ right: Value) throws -> Int { try operations?.compare(left, right) ?? 0 }
}
