import Diagnostics
import Interpreter

/// Methods of lists and records. Those that change one change the variable's own value: no other name sees it.
extension StandardLibrary {
  static func registerCollections(_ registry: inout BuiltinRegistry) {
    registerChangingMethods(&registry)
    func add(
      _ name: String, of type: String = "list", _ parameters: [BuiltinParameter] = [], _ summary: String,
      example: String, _ compute: @escaping Builtin.Implementation
    ) {
      registry.add(
        Builtin(method: name, of: type, parameters, area: .lists, summary: summary, example: example, compute))
    }
    let item = BuiltinParameter.required("item", "any")
    add("index", [item], "Where the item stands first.", example: "[3, 4].index(4)\n#> 1") { args, context in
      for (place, other) in (args.receiver.asItems ?? []).enumerated() where try context.isEqual(other, args[0]) {
        return Value(place)
      }
      throw ArgumentError(0, Explanation("index: \(args[0].inWords) is not in the list", help: "ask with `in` first"))
    }
    add("count", [item], "How often the item stands in it.", example: "[1, 2, 1].count(1)\n#> 2") { args, context in
      Value(try (args.receiver.asItems ?? []).filter { try context.isEqual($0, args[0]) }.count)
    }
    add("copy", [], "The list itself: a list is a value.", example: "[1].copy()\n#> [1]") { args, _ in args.receiver }
    add("keys", of: "record", [], "The names of its fields.", example: "{a: 1}.keys()\n#> [\"a\"]") { args, _ in
      Value(texts: args.receiver.asRecord?.names ?? [])
    }
    add("values", of: "record", [], "The values of its fields.", example: "{a: 1}.values()\n#> [1]") { args, _ in
      Value((args.receiver.asRecord?.fields ?? []).map(\.value))
    }
    add("items", of: "record", [], "Its fields as [name, value].", example: "{a: 1}.items()\n#> [[\"a\", 1]]") {
      args, _ in Value((args.receiver.asRecord?.fields ?? []).map { Value([Value($0.name), $0.value]) })
    }
    add(
      "get", of: "record", [.required("name", "string"), .optional("otherwise", "any", "none")],
      "The field of that name, or `otherwise`.", example: "{a: 1}.get(\"b\", 0)\n#> 0"
    ) { args, _ in
      args.receiver.asRecord?[try args.string(0)] ?? (args.has(1) ? args[1] : .none)
    }
    add("has", of: "record", [.required("name", "string")], "Whether it has that field.",
      example: "{a: 1}.has(\"a\")\n#> true"
    ) { args, _ in Value(args.receiver.asRecord?.has(try args.string(0)) ?? false) }
    add("merge", of: "record", [.required("other", "record")], "With the fields of the other added or replaced.",
      example: "{a: 1}.merge({b: 2})\n#> {a: 1, b: 2}"
    ) { args, _ in
      Value(fields: (args.receiver.asRecord?.fields ?? []).map { ($0.name, $0.value) }
        + (try args.record(0)).fields.map { ($0.name, $0.value) })
    }
  }

  private static func registerChangingMethods(_ registry: inout BuiltinRegistry) {
    func change(
      _ name: String, of type: String = "list", _ parameters: [BuiltinParameter] = [], _ summary: String,
      example: String, _ body: @escaping Builtin.MutatingImplementation
    ) {
      registry.add(
        Builtin(mutating: name, of: type, parameters, area: .lists, summary: summary, example: example, body))
    }
    let item = BuiltinParameter.required("item", "any")
    for name in ["append", "push"] {
      change(name, [item], "Puts the item at the end.", example: "xs = [1]\nxs.\(name)(2)\nxs\n#> [1, 2]") {
        list, args, context in
        let new = args[0]
        guard try list.changeItems({ items -> Void in
          guard items.count < context.limits.items else { throw context.raisedError("the list is full") }
          items.append(new)
        }) != nil else { throw notAList(args) }
        return .none
      }
    }
    change("extend", [.required("items", "sequence")], "Puts all the items at the end.",
      example: "xs = [1]\nxs.extend([2, 3])\nxs\n#> [1, 2, 3]"
    ) { list, args, context in
      let new = try context.items(of: args[0])
      _ = list.changeItems { $0.append(contentsOf: new) }
      return .none
    }
    change("insert", [.required("place", "number"), item], "Puts the item before that place.",
      example: "xs = [1, 3]\nxs.insert(1, 2)\nxs\n#> [1, 2, 3]"
    ) { list, args, _ in
      let place = try args.int(0)
      let new = args[1]
      _ = list.changeItems { items -> Void in
        let index = place < 0 ? max(0, items.count + place) : min(place, items.count)
        items.insert(new, at: index)
      }
      return .none
    }
    change("pop", [.optional("place", "number", "-1")], "Takes out the item at that place, and gives it.",
      example: "xs = [1, 2]\nxs.pop()\n#> 2"
    ) { list, args, _ in
      let place = try args.int(0, default: -1)
      let taken = list.changeItems { items -> Value? in
        let index = place < 0 ? items.count + place : place
        guard items.indices.contains(index) else { return nil }
        return items.remove(at: index)
      }
      guard let taken, let value = taken else {
        throw ArgumentError(
          args.isGiven(0) ? 0 : -1,
          Explanation("pop: place \(place) is outside a list of \(list.asItems?.count ?? 0) items"))
      }
      return value
    }
    change("remove", [item], "Takes out the first item equal to this one.",
      example: "xs = [1, 2, 1]\nxs.remove(1)\nxs\n#> [2, 1]"
    ) { list, args, context in
      var found: Int?
      for (place, other) in (list.asItems ?? []).enumerated() where try context.isEqual(other, args[0]) {
        found = place
        break
      }
      guard let found else { throw ArgumentError(0, Explanation("remove: \(args[0].inWords) is not in the list")) }
      _ = list.changeItems { $0.remove(at: found) }
      return .none
    }
    change("clear", [], "Takes out everything.", example: "xs = [1]\nxs.clear()\nxs\n#> []") { list, _, _ in
      _ = list.changeItems { $0.removeAll() }
      return .none
    }
    change(
      "sort", [.optional("key", "function", "none"), .optional("reverse", "bool", "false")],
      "Puts the items in order, in place.", example: "xs = [2, 1]\nxs.sort()\nxs\n#> [1, 2]"
    ) { list, args, context in
      let sorted = try sortedItems(
        list.asItems ?? [], key: try args.optionalFunction(0), reverse: try args.bool(1, default: false), context)
      _ = list.changeItems { $0 = sorted }
      return .none
    }
    change("reverse", [], "Turns the order round, in place.", example: "xs = [1, 2]\nxs.reverse()\nxs\n#> [2, 1]") {
      list, _, _ in
      _ = list.changeItems { $0.reverse() }
      return .none
    }
    change("remove", of: "record", [.required("name", "string")], "Takes the field out, and gives its value.",
      example: "r = {a: 1, b: 2}\nr.remove(\"a\")\n#> 1"
    ) { record, args, _ in
      let name = try args.string(0)
      guard let value = record.asRecord?[name] else {
        throw ArgumentError(0, Explanation("remove: the record has no field \(quoted(name))"))
      }
      _ = record.changeRecord { $0[name] = nil }
      return value
    }
  }

  private static func notAList(_ args: Arguments) -> ArgumentError {
    ArgumentError(-1, Explanation("\(args.functionName) changes a list, got \(args.receiver.inWords)"))
  }
}

extension ExecutionContext {
  func isEqual(_ left: Value, _ right: Value) throws -> Bool { try operations?.isEqual(left, right) ?? false }
}
