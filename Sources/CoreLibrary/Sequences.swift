import Diagnostics
import Interpreter

extension CoreLibrary {
  static func registerCoreSequences(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "list", [.optional("values", "anything that `for` goes over", "[]")], area: .lists, returns: "list",
        summary: "A list of the items: of a range, a string's characters, a record's names, a tensor's rows.",
        example: "list(0..<3)\n#> [0, 1, 2]"
      ) { args, context in args.has(0) ? Value(try context.items(args, 0)) : [] })
    registry.add(
      Builtin(
        "range",
        [.required("start", "number"), .optional("stop", "number", "none"), .optional("step", "number", default: 1)],
        area: .core, summary: "Numbers from `start` up to, not including, `stop`; with one argument from 0.",
        details: "`0..<5` and `1...5` say the same in fewer words. With a step other than 1 it is a list.",
        example: "list(range(0, 10, 3))\n#> [0, 3, 6, 9]"
      ) { args, context in
        let given = args.has(1) && !args[1].isNone
        let start = given ? try args.number(0) : 0
        let stop = given ? try args.number(1) : try args.number(0)
        let step = try args.number(2)
        guard start.isFinite, stop.isFinite else { throw args.mismatch(0, expected: "a finite number") }
        guard step != 0, step.isFinite else { throw args.mismatch(2, expected: "a number other than 0") }
        if step == 1 { return .range(try RangeBox.checked(start, stop, closed: false)) }
        let count = max(0, ((stop - start) / step).rounded(.up))
        guard count <= Double(context.limits.items) else { throw RuntimeError.tooLarge("a list", count) }
        return Value(numbers: (0..<Int(count)).lazy.map { start + Double($0) * step })
      })
    registry.add(
      Builtin(
        "enumerate", [.required("values", "list"), .optional("start", "number", default: 0)], area: .core,
        returns: "list",
        summary: "Pairs of place and item.",
        example: "for i, name in enumerate([\"a\", \"b\"]) { print(i, name) }\n#> 0 a\n#> 1 b", seeAlso: ["zip"]
      ) { args, context in
        let start = try args.number(1)
        let items = try context.items(args, 0)
        return Value(try context.rows(items.count, of: 2) { Value([.number(start + Double($0)), items[$0]]) })
      })
    registry.add(
      Builtin(
        "zip", [.variadic("lists", "two lists or more")], area: .core, returns: "list",
        summary: "Lists of the first items, the second items, and so on; as many as the shortest has.",
        example: "zip([1, 2], [\"a\", \"b\"])\n#> [[1, \"a\"], [2, \"b\"]]", seeAlso: ["enumerate"]
      ) { args, context in
        let columns = try args.list(0).map { value -> [Value] in
          if case .list(let box) = value { return box.items }
          guard let iterator = try context.iterate(value) else {
            throw ArgumentError(0, "zip: expected lists, got \(value.inWords)")
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
    registry.add(
      Builtin(
        "map", [.required("function", "function"), .required("values", "list")], area: .core, returns: "list",
        summary: "The function's value for each item.", example: "map(x -> x * x, [1, 2, 3])\n#> [1, 4, 9]",
        seeAlso: ["filter"]
      ) { args, context in
        try args.swapped(0, 1) { function, values in
          let function = try args.function(function)
          return Value(try context.items(args, values).map { try context.call(function, one: $0) })
        }
      })
    registry.add(
      Builtin(
        "filter", [.required("function", "function"), .required("values", "list")], area: .core, returns: "list",
        summary: "The items for which the function is true.", example: "filter(x -> x > 1, [1, 2, 3])\n#> [2, 3]",
        seeAlso: ["map"]
      ) { args, context in
        try args.swapped(0, 1) { function, values in
          let function = try args.function(function)
          return Value(
            try context.items(args, values).filter { try context.isTrue(try context.call(function, one: $0)) })
        }
      })
    registry.add(
      Builtin(
        "sorted",
        [
          .required("values", "list"), .optional("key", "function", "none"),
          .optional("reverse", "bool", default: false),
        ],
        area: .core, returns: "list", summary: "A sorted copy; equals keep their order. `key` gives what is compared.",
        example: "sorted([\"pear\", \"fig\"], key=len)\n#> [\"fig\", \"pear\"]",
        errors: ["two items have no order, such as a number and a string"], seeAlso: ["list.sort", "reversed"]
      ) { args, context in
        Value(
          try sort(
            try context.items(args, 0), key: try args.optionalFunction(1), reverse: try args.bool(2),
            context))
      })
    registry.add(
      Builtin(
        "unique", [.required("values", "list")], area: .lists, returns: "list",
        summary: "The items without repeats, in the order in which they came first.",
        example: "unique([3, 1, 3, 2, 1])\n#> [3, 1, 2]", seeAlso: ["sorted"]
      ) { args, context in
        var texts: Set<String> = []
        var numbers: Set<Double> = []
        var others: [Int: [Value]] = [:]
        var kept: [Value] = []
        try context.checkRoom(for: args[0].knownLength ?? 0, each: 64)
        for (index, item) in try context.items(args, 0).enumerated() {
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
        return Value(kept)
      })
    registry.add(
      Builtin(
        "reversed", [.required("values", "list, string or range")], area: .core,
        summary: "The items from last to first.", example: "reversed([1, 2, 3])\n#> [3, 2, 1]", seeAlso: ["sorted"]
      ) { args, context in
        if case .string(let box) = args[0] { return .string(box.reversed()) }
        return Value(try context.items(args, 0).reversed())
      })
  }
}

extension Arguments {
  /// `map(f, xs)` and `map(xs, f)` both say what is meant.
  fileprivate func swapped<R>(_ first: Int, _ second: Int, _ body: (Int, Int) throws -> R) rethrows -> R {
    if case .function = self[second] {
      if case .function = self[first] { return try body(first, second) }
      return try body(second, first)
    }
    return try body(first, second)
  }
}
