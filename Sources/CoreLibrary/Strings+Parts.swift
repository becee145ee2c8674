import Diagnostics
import Interpreter

extension StringMethods {
  // MARK: Parts

  func addParts(_ registry: inout BuiltinRegistry) {
    add(
      &registry, "split", returns: "list", parameters: .of(Self.separator, Self.most),
      "The parts between the separators; without one, the words between blanks. At most `most` cuts.",
      example: "\"a,b,c\".split(\",\")\n#> [\"a\", \"b\", \"c\"]", errors: ["the separator is empty"]
    ) { box, args, context in try Self.parts(of: box, args, context, fromEnd: false) }
    add(
      &registry, "rsplit", returns: "list", parameters: .of(Self.separator, Self.most),
      "As `split`, cutting from the end.",
      example: "\"a/b/c\".rsplit(\"/\", 1)\n#> [\"a/b\", \"c\"]", errors: ["the separator is empty"]
    ) { box, args, context in try Self.parts(of: box, args, context, fromEnd: true) }
    let mark = TypedParameter.text("separator")
    add(
      &registry, "partition", returns: "list", parameters: .of(mark),
      "What stands before the first separator, the separator, and what stands behind it.",
      example: "\"name=iu\".partition(\"=\")\n#> [\"name\", \"=\", \"iu\"]", errors: ["the separator is empty"]
    ) { box, args, _ in
      let separator = try Self.checked(args[mark], mark, args)
      guard let place = box.firstPlace(of: separator, from: 0, to: box.count) else {
        return [args.receiver, "", ""]
      }
      return [box.slice(0..<place), .string(separator), box.slice((place + separator.count)..<box.count)]
    }
    add(
      &registry, "lines", returns: "list", alias: "splitlines",
      "Its lines, without what ends them: \\n, \\r\\n as Windows writes it, \\r, or what else ends one in Python's splitlines.",
      example: "\"a\\r\\nb\\n\".lines()\n#> [\"a\", \"b\"]"
    ) { box, _, context in
      let lines = box.lines()
      try context.checkSize(lines.count, "a list")
      return Value(lines)
    }
    let joined = TypedParameter.value("items", "list of strings")
    add(
      &registry, "join", returns: "string", parameters: .of(joined),
      "The items with this text between them.", example: "\", \".join([\"a\", \"b\"])\n#> \"a, b\"",
      errors: ["an item is no string"]
    ) { box, args, context in
      let items = try context.items(args, joined)
      if let stranger = StringBox.firstOther(among: items) {
        throw ArgumentError(
          joined, "join: item \(stranger) must be a string, got \(items[stranger].inWords)",
          help: "make texts of them first: text.join(map(str, xs)); xs.join(text) does it too")
      }
      try context.checkSize(StringBox.size(of: items, between: box), "a string")
      return .string(StringBox.joined(items, between: box))
    }
  }

  private static let separator = TypedParameter.text("separator", or: "none")
  /// How often `split` may cut; negative numbers mean as often as it can.
  private static let most = TypedParameter.int("most", or: "all")

  private static func parts(
    of box: StringBox, _ args: Arguments, _ context: ExecutionContext, fromEnd: Bool
  ) throws -> Value {
    let most = try args[most].flatMap { $0 < 0 ? nil : $0 } ?? .max
    // Each part is a text of its own.
    try context.checkRoom(for: box.byteCount / 2 + 1, each: 96)
    let pieces: [Value]
    if let given = try args[separator] {
      let separator = try checked(given, separator, args)
      pieces =
        try fromEnd ? box.piecesFromEnd(between: separator, most: most) : box.pieces(between: separator, most: most)
    } else {
      pieces = box.words(most: most, fromEnd: fromEnd)
    }
    try context.checkSize(pieces.count, "a list")
    return Value(pieces)
  }

  /// A separator that is not empty.
  private static func checked<Given>(
    _ separator: StringBox, _ parameter: TypedParameter<Given>, _ args: Arguments
  ) throws -> StringBox {
    guard !separator.isEmpty else {
      throw ArgumentError(
        parameter, "\(args.functionName) needs a separator that is not empty",
        help: "list(text) gives its characters")
    }
    return separator
  }
}
