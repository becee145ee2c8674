import Diagnostics
import Interpreter

extension CoreLibrary {
  static func registerLists(_ registry: inout BuiltinRegistry) {
    func change(
      _ name: String, _ parameters: [BuiltinParameter], _ summary: String, example: String, errors: [String] = [],
      _ body: @escaping (inout [Value], Arguments, ExecutionContext) throws -> Value
    ) {
      registry.add(
        Builtin(
          mutating: name, of: "list", parameters, area: .lists, summary: summary, example: example, errors: errors
        ) { place, args, context in
          try place.changeItems { try body(&$0, args, context) }
        })
    }
    let added = TypedParameter.value("item", "any value")
    for name in ["append", "push"] {
      change(
        name, .of(added), "Adds an item at the end, in place.",
        example: "xs = [1]\nxs.\(name)(2)\nxs\n#> [1, 2]"
      ) { items, args, context in
        try context.checkGrowth(items)
        items.append(try args[added])
        return .none
      }
    }
    let more = TypedParameter.value("values", "list")
    change(
      "extend", .of(more), "Adds the items of another list at the end, in place.",
      example: "xs = [1]\nxs.extend([2, 3])\nxs\n#> [1, 2, 3]"
    ) { items, args, context in
      let added = try context.items(args, more)
      try context.checkGrowth(items, by: added.count)
      items.append(contentsOf: added)
      return .none
    }
    let before = TypedParameter.int("index")
    change(
      "insert", .of(before, added), "Puts an item before a place.",
      example: "xs = [1, 3]\nxs.insert(1, 2)\nxs\n#> [1, 2, 3]"
    ) { items, args, context in
      try context.checkGrowth(items)
      let index = try args[before]
      items.insert(try args[added], at: max(0, min(items.count, index < 0 ? index + items.count : index)))
      return .none
    }
    let taken = TypedParameter.int("index", default: -1)
    change(
      "pop", .of(taken),
      "Takes an item out, the last one if no place is given, and gives it.",
      example: "xs = [1, 2, 3]\nxs.pop()\n#> 3", errors: ["the list is empty", "the index is out of range"]
    ) { items, args, _ in
      let index = try args[taken]
      let place = index < 0 ? index + items.count : index
      guard items.indices.contains(place) else {
        throw RuntimeError.indexOutOfRange(type: "list", index: Double(index), count: items.count)
      }
      return place == items.count - 1 ? items.removeLast() : items.remove(at: place)
    }
    change(
      "remove", .of(added), "Takes out the first item that equals this one.",
      example: "xs = [1, 2, 1]\nxs.remove(1)\nxs\n#> [2, 1]", errors: ["no item equals it"]
    ) { items, args, context in
      let item = try args[added]
      guard let place = try firstPlace(of: item, in: items, from: 0, context) else {
        throw ArgumentError(added, "remove: \(item.inWords) is not in the list")
      }
      items.remove(at: place)
      return .none
    }
    change("clear", [], "Takes all items out.", example: "xs = [1]\nxs.clear()\nxs\n#> []") { items, _, _ in
      items = []
      return .none
    }
    let key = TypedParameter.function("key", or: "none")
    let reverse = TypedParameter.bool("reverse", default: false)
    change(
      "sort", .of(key, reverse),
      "Sorts in place; equals keep their order.", example: "xs = [3, 1, 2]\nxs.sort()\nxs\n#> [1, 2, 3]"
    ) { items, args, context in
      items = try sort(items, key: try args[key], reverse: try args[reverse], context)
      return .none
    }
    change("reverse", [], "Turns the order round, in place.", example: "xs = [1, 2]\nxs.reverse()\nxs\n#> [2, 1]") {
      items, _, _ in
      items.reverse()
      return .none
    }
    registerListQuestions(&registry)
  }

  /// What leaves the list as it is.
  private static func registerListQuestions(_ registry: inout BuiltinRegistry) {
    func add(
      _ name: String, returns: String? = nil, _ parameters: [BuiltinParameter], _ summary: String, example: String,
      errors: [String] = [],
      _ body: @escaping ([Value], Arguments, ExecutionContext) throws -> Value
    ) {
      registry.add(
        Builtin(
          method: name, of: "list", parameters, area: .lists, returns: returns, summary: summary, example: example,
          errors: errors
        ) { args, context in try body(args.receiver.asItems ?? [], args, context) })
    }
    let item = TypedParameter.value("item", "any value")
    let start = TypedParameter.int("start", default: 0)
    add(
      "index", .of(item, start),
      "The place of the first item that equals this one, from `start` on.",
      example: "[\"a\", \"b\"].index(\"b\")\n#> 1", errors: ["no item equals it"]
    ) { items, args, context in
      let start = try args[start]
      let wanted = try args[item]
      let first = min(items.count, max(0, start < 0 ? start + items.count : start))
      if let place = try firstPlace(of: wanted, in: items, from: first, context) { return Value(place) }
      throw ArgumentError(item, "index: \(wanted.inWords) is not in the list", help: "`x in xs` asks first")
    }
    add(
      "count", .of(item), "How many items equal this one.", example: "[1, 2, 1].count(1)\n#> 2"
    ) {
      items, args, context in
      let wanted = try args[item]
      var count = 0
      for (place, item) in items.enumerated() {
        if place & 0xFFFF == 0xFFFF { try context.checkInterruption() }
        if try context.isEqual(item, wanted) { count += 1 }
      }
      return Value(count)
    }
    add("copy", returns: "list", [], "A copy; assigning gives one too.", example: "[1].copy()\n#> [1]") { items, _, _ in
      Value(items)
    }
    let separator = TypedParameter.string("separator", default: "")
    add(
      "join", returns: "string", .of(separator),
      "The items as one text, with the separator between them.",
      example: "[1, 2].join(\"-\")\n#> \"1-2\""
    ) { items, args, context in
      let separator = try args[separator]
      var text = ""
      for (place, item) in items.enumerated() {
        if place & 0xFFF == 0xFFF {
          try context.checkInterruption()
          try context.checkSize(text.utf8.count, "a string")
        }
        if place > 0 { text += separator }
        text += try context.text(item)
      }
      try context.checkSize(text.utf8.count, "a string")
      return Value(text)
    }
    let function = TypedParameter.function("function")
    add(
      "map", returns: "list", .of(function), "The function's value for each item.",
      example: "[1, 2].map(x -> x + 1)\n#> [2, 3]"
    ) {
      items, args, context in
      let function = try args[function]
      return Value(try context.map(function, items))
    }
    add(
      "filter", returns: "list", .of(function), "The items for which the function is true.",
      example: "[1, 2].filter(x -> x > 1)\n#> [2]"
    ) { items, args, context in
      let function = try args[function]
      return Value(try context.filter(function, items))
    }
  }

  /// Where the first item stands that equals another one.
  private static func firstPlace(
    of wanted: Value, in items: [Value], from first: Int, _ context: ExecutionContext
  ) throws -> Int? {
    for place in first..<items.count {
      if place & 0xFFFF == 0xFFFF { try context.checkInterruption() }
      if try context.isEqual(items[place], wanted) { return place }
    }
    return nil
  }

  // MARK: Records

  static func registerRecords(_ registry: inout BuiltinRegistry) {
    func add(
      _ name: String, returns: String? = nil, _ parameters: [BuiltinParameter], _ summary: String, example: String,
      _ body: @escaping (RecordBox, Arguments, ExecutionContext) throws -> Value
    ) {
      registry.add(
        Builtin(
          method: name, of: "record", parameters, area: .lists, returns: returns, summary: summary, example: example
        ) {
          args, context in
          guard case .record(let box) = args.receiver else { return .none }
          return try body(box, args, context)
        })
    }
    add("keys", returns: "list", [], "The names of the fields.", example: "{a: 1, b: 2}.keys()\n#> [\"a\", \"b\"]") {
      record, _, _ in
      Value(texts: record.names)
    }
    add("values", returns: "list", [], "The values of the fields.", example: "{a: 1, b: 2}.values()\n#> [1, 2]") {
      record, _, _ in
      Value(record.fields.map(\.value))
    }
    add("items", returns: "list", [], "Pairs of name and value.", example: "{a: 1}.items()\n#> [[\"a\", 1]]") {
      record, _, context in
      let fields = record.fields
      return Value(try context.values(fields.count) { Value([Value(fields[$0].name), fields[$0].value]) })
    }
    let name = TypedParameter.text("name")
    let fallback = TypedParameter.value("default", "any value", or: "none")
    add("has", .of(name), "Whether there is such a field.", example: "{a: 1}.has(\"b\")\n#> false") {
      record, args, _ in Value(record.has(try args[name].text))
    }
    add(
      "get", .of(name, fallback),
      "The field's value, or the default where there is no such field.", example: "{a: 1}.get(\"b\", 0)\n#> 0"
    ) { record, args, _ in
      if let value = record.value(try args[name]) { return value }
      return args.has(fallback) ? try args[fallback] : .none
    }
    let other = TypedParameter.record("other")
    add(
      "merge", returns: "record", .of(other),
      "A new record with the fields of both; the other's win.",
      example: "{a: 1}.merge({b: 2})\n#> {a: 1, b: 2}"
    ) { record, args, _ in
      Value(fields: (record.fields + (try args[other].fields)).map { ($0.name, $0.value) })
    }
    add("copy", returns: "record", [], "A copy; assigning gives one too.", example: "{a: 1}.copy()\n#> {a: 1}") {
      record, _, _ in
      Value(record.copy())
    }
    registerRecordChanges(&registry)
  }

  private static func registerRecordChanges(_ registry: inout BuiltinRegistry) {
    func change(
      _ name: String, _ parameters: [BuiltinParameter], _ summary: String, example: String, errors: [String] = [],
      _ body: @escaping (inout Value, Arguments) throws -> Value
    ) {
      registry.add(
        Builtin(
          mutating: name, of: "record", parameters, area: .lists, summary: summary, example: example, errors: errors
        ) { place, args, _ in try body(&place, args) })
    }
    let other = TypedParameter.record("other")
    change(
      "update", .of(other), "Takes over the fields of another record, in place.",
      example: "r = {a: 1}\nr.update({a: 2, b: 3})\nr\n#> {a: 2, b: 3}"
    ) { place, args in
      for (name, value) in try args[other].fields { place.setField(name, value) }
      return .none
    }
    let field = TypedParameter.string("name")
    let fallback = TypedParameter.value("default", "any value", or: "none")
    for name in ["remove", "pop"] {
      change(
        name, .of(field, fallback),
        "Takes a field out, and gives its value.",
        example: "r = {a: 1, b: 2}\nr.\(name)(\"a\")\nr\n#> {b: 2}", errors: ["there is no such field"]
      ) { place, args in
        let field = try args[field]
        guard let old = place.asRecord?[field] else {
          if args.has(fallback) { return try args[fallback] }
          throw RuntimeError.missingKey(field, near: nearName(field, among: place.asRecord?.names ?? []))
        }
        place.setField(field, nil)
        return old
      }
    }
    change(
      "setdefault", .of(field, fallback),
      "The field's value; where there is no such field, it is made with the default.",
      example: "r = {a: 1}\nr.setdefault(\"b\", 2)\n#> 2"
    ) { place, args in
      let field = try args[field]
      if let old = place.asRecord?[field] { return old }
      let value = args.has(fallback) ? try args[fallback] : .none
      place.setField(field, value)
      return value
    }
    change("clear", [], "Takes all fields out.", example: "r = {a: 1}\nr.clear()\nr\n#> {}") { place, _ in
      place = Value(RecordBox())
      return .none
    }
  }
}
