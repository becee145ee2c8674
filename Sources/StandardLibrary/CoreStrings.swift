import Diagnostics
import Interpreter

extension StandardLibrary {
  /// Methods of strings. A string never changes: each gives a new one.
  static func registerStrings(_ registry: inout BuiltinRegistry) {
    func add(
      _ name: String, _ parameters: [BuiltinParameter] = [], _ summary: String, example: String,
      _ compute: @escaping (String, Arguments) throws -> Value
    ) {
      registry.add(
        Builtin(method: name, of: "string", parameters, area: .strings, summary: summary, example: example) { args, _ in
          try compute(args.receiver.asText ?? "", args)
        })
    }
    add("upper", [], "In capitals.", example: "\"iu\".upper()\n#> \"IU\"") { text, _ in Value(text.uppercased()) }
    add("lower", [], "In small letters.", example: "\"IU\".lower()\n#> \"iu\"") { text, _ in Value(text.lowercased()) }
    add("trim", [], "Without blanks and newlines at both ends.", example: "\"  a \".trim()\n#> \"a\"") { text, _ in
      Value(trimmed(text))
    }
    add("strip", [], "Without blanks and newlines at both ends, as `trim`.", example: "\"  a \".strip()\n#> \"a\"") {
      text, _ in Value(trimmed(text))
    }
    let part = [BuiltinParameter.required("part", "string")]
    add("startswith", part, "Whether the text begins with `part`.", example: "\"s31\".startswith(\"s\")\n#> true") {
      text, args in Value(text.hasPrefix(try args.string(0)))
    }
    add("endswith", part, "Whether the text ends with `part`.", example: "\"a.png\".endswith(\".png\")\n#> true") {
      text, args in Value(text.hasSuffix(try args.string(0)))
    }
    add("contains", part, "Whether `part` stands in the text.", example: "\"abc\".contains(\"b\")\n#> true") {
      text, args in
      let part = try args.string(0)
      return Value(part.isEmpty || firstPlace(of: Array(part), in: Array(text), from: 0) != nil)
    }
    add("find", part, "Where `part` stands first, or -1.", example: "\"abc\".find(\"c\")\n#> 2") { text, args in
      Value(firstPlace(of: Array(try args.string(0)), in: Array(text), from: 0) ?? -1)
    }
    add("count", part, "How often `part` stands in the text.", example: "\"banana\".count(\"an\")\n#> 2") {
      text, args in
      let part = try args.string(0)
      guard !part.isEmpty else { return Value(text.count + 1) }
      return Value(pieces(of: text, between: part).count - 1)
    }
    add(
      "replace", [.required("old", "string"), .required("new", "string")], "With `new` for each `old`.",
      example: "\"a-b-c\".replace(\"-\", \"+\")\n#> \"a+b+c\""
    ) { text, args in
      let old = try args.string(0)
      let new = try args.string(1)
      guard !old.isEmpty else { throw ArgumentError(0, Explanation("replace cannot look for an empty string")) }
      return Value(pieces(of: text, between: old).joined(separator: new))
    }
    add(
      "split", [.optional("separator", "string", "none")],
      "The parts between the separators; without one, the words between blanks.",
      example: "\"a,b,c\".split(\",\")\n#> [\"a\", \"b\", \"c\"]"
    ) { text, args in
      guard args.isGiven(0) else { return Value(texts: text.split { $0.isWhitespace }.map(String.init)) }
      let separator = try args.string(0)
      guard !separator.isEmpty else {
        throw ArgumentError(
          0, Explanation("split needs a separator that is not empty", help: "list(text) gives its characters"))
      }
      return Value(texts: pieces(of: text, between: separator))
    }
    add("lines", [], "Its lines.", example: "\"a\\nb\".lines()\n#> [\"a\", \"b\"]") { text, _ in
      var lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init)
      if lines.last == "" { lines.removeLast() }
      return Value(texts: lines)
    }
    add(
      "join", [.required("items", "list of strings")], "The items with this text between them.",
      example: "\", \".join([\"a\", \"b\"])\n#> \"a, b\""
    ) { text, args in Value(try args.strings(0).joined(separator: text)) }
  }

  private static func trimmed(_ text: String) -> String {
    var rest = Substring(text)
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return String(rest)
  }

  private static func firstPlace(of part: [Character], in text: [Character], from start: Int) -> Int? {
    guard !part.isEmpty else { return start }
    guard text.count - start >= part.count else { return nil }
    for place in start...(text.count - part.count) where text[place] == part[0] {
      if text[place..<(place + part.count)].elementsEqual(part) { return place }
    }
    return nil
  }

  private static func pieces(of text: String, between separator: String) -> [String] {
    let characters = Array(text)
    let part = Array(separator)
    var pieces: [String] = []
    var start = 0
    while let place = firstPlace(of: part, in: characters, from: start) {
      pieces.append(String(characters[start..<place]))
      start = place + part.count
    }
    pieces.append(String(characters[start...]))
    return pieces
  }
}
