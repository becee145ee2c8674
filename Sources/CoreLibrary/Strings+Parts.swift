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
      "Its lines, without what ends them: \\n, \\r\\n as Windows writes it, or \\r.",
      example: "\"a\\r\\nb\\n\".lines()\n#> [\"a\", \"b\"]"
    ) { box, _, context in
      let characters = box.allCharacters
      var lines: [Value] = []
      var start = 0
      while let end = characters[start...].firstIndex(where: \.endsLine) {
        lines.append(box.slice(start..<end))
        let isPair = characters[end] == "\r" && end + 1 < characters.count && characters[end + 1] == "\n"
        start = end + (isPair ? 2 : 1)
      }
      if start < characters.count { lines.append(box.slice(start..<characters.count)) }
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
      var boxes: [StringBox] = []
      boxes.reserveCapacity(items.count)
      var size = max(0, items.count - 1) * box.text.utf8.count
      for (index, item) in items.enumerated() {
        guard case .string(let part) = item else {
          throw ArgumentError(
            joined, "join: item \(index) must be a string, got \(item.inWords)",
            help: "make texts of them first: text.join(map(str, xs)); xs.join(text) does it too")
        }
        boxes.append(part)
        size += part.text.utf8.count
      }
      try context.checkSize(size, "a string")
      return .string(StringBox.joined(boxes, between: box, size: size))
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
    try context.checkRoom(for: box.text.utf8.count / 2 + 1, each: 96)
    let pieces: [Value]
    if let given = try args[separator] {
      let separator = try checked(given, separator, args)
      pieces =
        try fromEnd ? box.piecesFromEnd(between: separator, most: most) : box.pieces(between: separator, most: most)
    } else {
      pieces = fromEnd ? wordsFromEnd(of: box, most: most) : words(of: box, most: most)
    }
    try context.checkSize(pieces.count, "a list")
    return Value(pieces)
  }

  /// The words between blanks. What is left after the last cut keeps its blanks inside and at its end, as in Python.
  private static func words(of box: StringBox, most: Int) -> [Value] {
    let characters = box.allCharacters
    var words: [Value] = []
    var place = 0
    while let start = characters[place...].firstIndex(where: { !$0.isBlank }) {
      let end = words.count == most ? nil : characters[start...].firstIndex(where: \.isBlank)
      place = end ?? characters.count
      words.append(box.slice(start..<place))
    }
    return words
  }

  /// The same from the end: what is left keeps its blanks at the beginning.
  private static func wordsFromEnd(of box: StringBox, most: Int) -> [Value] {
    let characters = box.allCharacters
    var words: [Value] = []
    var end = characters.count
    while let last = characters[..<end].lastIndex(where: { !$0.isBlank }) {
      let blank = words.count == most ? nil : characters[..<last].lastIndex(where: \.isBlank)
      end = blank.map { $0 + 1 } ?? 0
      words.append(box.slice(end..<(last + 1)))
    }
    return words.reversed()
  }

  /// A separator that is not empty.
  private static func checked<Given>(
    _ separator: StringBox, _ parameter: TypedParameter<Given>, _ args: Arguments
  ) throws -> StringBox {
    guard !separator.text.isEmpty else {
      throw ArgumentError(
        parameter, "\(args.functionName) needs a separator that is not empty",
        help: "list(text) gives its characters")
    }
    return separator
  }
}
