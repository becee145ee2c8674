import Diagnostics
import Interpreter

extension CoreLibrary {
  /// Methods of strings. A string never changes: each gives a new one.
  static func registerStrings(_ registry: inout BuiltinRegistry) {
    let strings = StringMethods()
    strings.addCases(&registry)
    strings.addEnds(&registry)
    strings.addSearch(&registry)
    strings.addParts(&registry)
    strings.addPadding(&registry)
    strings.addQuestions(&registry)
  }
}

struct StringMethods {
  /// - Parameter alias: a second name for the same.
  func add(
    _ registry: inout BuiltinRegistry, _ name: String, returns: String? = nil, alias: String? = nil,
    parameters: [BuiltinParameter] = [],
    _ summary: String, example: String, errors: [String] = [],
    _ compute: @escaping (StringBox, Arguments, ExecutionContext) throws -> Value
  ) {
    func register(_ name: String, _ summary: String, _ example: String, seeAlso: String?) {
      registry.add(
        Builtin(
          method: name, of: "string", parameters, area: .strings, returns: returns, summary: summary, example: example,
          errors: errors,
          seeAlso: seeAlso.map { ["string.\($0)"] } ?? []
        ) { args, context in
          try args.withStringReceiver { box in
            // Text that is not ASCII is taken apart into characters of 16 bytes.
            try context.checkRoom(for: box.byteCount, each: box.isASCII ? 4 : 20)
            return try compute(box, args, context)
          } ?? .none
        })
    }
    register(name, summary, example, seeAlso: alias)
    if let alias {
      register(alias, "As `\(name)`.", example.replacingFirst(".\(name)(", with: ".\(alias)("), seeAlso: name)
    }
  }

  // MARK: Capitals

  func addCases(_ registry: inout BuiltinRegistry) {
    add(&registry, "upper", returns: "string", "In capitals.", example: "\"iu\".upper()\n#> \"IU\"") { box, _, _ in
      box.changingCase(from: 97, to: 122) ?? Value(box.text.uppercased())
    }
    add(&registry, "lower", returns: "string", "In small letters.", example: "\"IU\".lower()\n#> \"iu\"") { box, _, _ in
      box.changingCase(from: 65, to: 90)
        ?? Value(box.text.unicodeScalars.contains("\u{3A3}") ? SmallLetters(box.text).text : box.text.lowercased())
    }
    add(
      &registry, "capitalize", returns: "string", "The first letter a capital, the others small.",
      example: "\"hELLO you\".capitalize()\n#> \"Hello you\""
    ) { box, _, context in
      var isFirst = true
      let plain = box.changing { byte, _ in
        defer { isFirst = false }
        return isFirst ? ASCIILetter.capital(byte) : ASCIILetter.small(byte)
      }
      if let plain { return plain }
      let small = try SmallLetters(box.text, context)
      guard let first = small.characters.first else { return Value("") }
      return Value(
        small.characters.indices.dropFirst().reduce(into: Self.titlecased(first)) { $0 += small.letter(at: $1) })
    }
    add(
      &registry, "title", returns: "string", "Each word with a capital.", example: "\"the end\".title()\n#> \"The End\""
    ) { box, _, context in
      if let plain = box.changing({ ASCIILetter.isLetter($1) ? ASCIILetter.small($0) : ASCIILetter.capital($0) }) {
        return plain
      }
      var result = ""
      var insideWord = false
      let small = try SmallLetters(box.text, context)
      for (place, character) in small.characters.enumerated() {
        result += insideWord ? small.letter(at: place) : Self.titlecased(character)
        insideWord = SmallLetters.isCased(character)
      }
      return Value(result)
    }
    add(
      &registry, "swapcase", returns: "string", "Capitals for small letters, and small ones for capitals.",
      example: "\"Iu\".swapcase()\n#> \"iU\""
    ) { box, _, context in
      if let plain = box.changing({ byte, _ in ASCIILetter.isLetter(byte) ? byte ^ 0x20 : byte }) { return plain }
      let small = try SmallLetters(box.text, context)
      return Value(
        small.characters.indices.reduce(into: "") { result, place in
          let character = small.characters[place]
          result += character.isUppercase ? small.letter(at: place) : character.uppercased()
        })
    }
  }

  /// As it begins a word: of `ǆ` that is `ǅ`, of `ß` it is `Ss`.
  private static func titlecased(_ character: Character) -> String {
    guard let first = character.unicodeScalars.first else { return "" }
    var result = first.properties.titlecaseMapping
    result.unicodeScalars.append(contentsOf: character.unicodeScalars.dropFirst())
    return result
  }

  /// Neither a capital nor a small letter: `ǅ`.
  private static func isTitlecased(_ character: Character) -> Bool {
    character.unicodeScalars.first?.properties.generalCategory == .titlecaseLetter
  }

  // MARK: Ends

  func addEnds(_ registry: inout BuiltinRegistry) {
    let characters = TypedParameter.text("characters", or: "blanks")
    for (name, alias, isLeft, isRight, place, result) in [
      ("strip", "trim", true, true, "at both ends", "a"), ("lstrip", nil, true, false, "at the beginning", "a  "),
      ("rstrip", nil, false, true, "at the end", "  a"),
    ] {
      add(
        &registry, name, returns: "string", alias: alias, parameters: .of(characters),
        "Without blanks and newlines, or the given characters, \(place).",
        example: "\"  a  \".\(name)()\n#> \"\(result)\""
      ) { box, args, _ in
        try box.trimmed(of: args[characters], left: isLeft, right: isRight) ?? args.receiver
      }
    }
    let parts = TypedParameter<[StringBox]>(.required("part", "string, or list of them")) { args, place in
      if case .list = args[place] { return try args.strings(place).map(StringBox.init) }
      return [try args.text(place)]
    }
    add(
      &registry, "startswith", alias: "starts_with", parameters: .of(parts),
      "Whether the text begins with `part`, or with one of several.", example: "\"s31\".startswith(\"s\")\n#> true"
    ) { box, args, _ in .bool(try args[parts].contains { box.begins(with: $0) }) }
    add(
      &registry, "endswith", alias: "ends_with", parameters: .of(parts),
      "Whether the text ends with `part`, or with one of several.",
      example: "\"a.png\".endswith([\".png\", \".jpg\"])\n#> true"
    ) { box, args, _ in .bool(try args[parts].contains { box.ends(with: $0) }) }
    let part = Self.part
    add(
      &registry, "removeprefix", returns: "string", parameters: .of(part),
      "Without `part` at the beginning, if it stands there.",
      example: "\"s31\".removeprefix(\"s\")\n#> \"31\""
    ) { box, args, _ in
      let part = try args[part]
      return box.begins(with: part) ? box.slice(part.count..<box.count) : args.receiver
    }
    add(
      &registry, "removesuffix", returns: "string", parameters: .of(part),
      "Without `part` at the end, if it stands there.",
      example: "\"a.png\".removesuffix(\".png\")\n#> \"a\""
    ) { box, args, _ in
      let part = try args[part]
      return box.ends(with: part) ? box.slice(0..<(box.count - part.count)) : args.receiver
    }
  }

  /// What is looked for.
  private static let part = TypedParameter.text("part")

  // MARK: Search

  func addSearch(_ registry: inout BuiltinRegistry) {
    let part = Self.part
    let start = TypedParameter.int("start", default: 0)
    let end = TypedParameter.int("end", or: "none")
    add(
      &registry, "contains", parameters: .of(part), "Whether `part` stands in the text.",
      example: "\"abc\".contains(\"b\")\n#> true"
    ) { box, args, _ in .bool(box.contains(try args[part])) }
    for (name, isLast, isError) in [
      ("find", false, false), ("rfind", true, false), ("index", false, true), ("rindex", true, true),
    ] {
      add(
        &registry, name, parameters: .of(part, start, end),
        "Where `part` stands \(isLast ? "last" : "first"), " + (isError ? "an error if it does not." : "or -1."),
        example: "\"banana\".\(name)(\"an\")\n#> \(isLast ? 3 : 1)",
        errors: isError ? ["the part is not in the text"] : []
      ) { box, args, _ in
        let wanted = try args[part]
        // As in slices.
        func bound(_ place: Int) -> Int { place < 0 ? max(0, place + box.count) : place }
        let (start, end) = (bound(try args[start]), min(box.count, bound(try args[end] ?? box.count)))
        let found =
          start > end
          ? nil
          : isLast
            ? box.lastPlace(of: wanted, from: start, to: end) : box.firstPlace(of: wanted, from: start, to: end)
        if let found { return Value(found) }
        guard isError else { return Value(-1) }
        throw ArgumentError(
          part, "\(name): \(Value.string(wanted).inWords) is not in the text",
          help: "`part in text` asks first; `find` gives -1")
      }
    }
    add(
      &registry, "count", parameters: .of(part),
      "How often `part` stands in the text, side by side.",
      example: "\"banana\".count(\"an\")\n#> 2"
    ) { box, args, _ in
      let wanted = try args[part]
      return Value(wanted.isEmpty ? box.count + 1 : try box.occurrences(of: wanted))
    }
    let old = TypedParameter.text("old")
    let new = TypedParameter.text("new")
    let count = TypedParameter.int("count", or: "all")
    add(
      &registry, "replace", returns: "string", parameters: .of(old, new, count),
      "With `new` for each `old`, or for the first `count` of them.",
      example: "\"a-b-c\".replace(\"-\", \"+\")\n#> \"a+b+c\"", errors: ["old is empty"]
    ) { box, args, context in
      let wanted = try args[old]
      guard !wanted.isEmpty else { throw ArgumentError(old, "replace cannot look for an empty string") }
      let most = try args[count] ?? -1
      // Where the text is cut: two places each.
      try context.checkRoom(for: box.byteCount / wanted.byteCount, each: 32)
      return .string(
        try box.replacing(
          wanted, with: try args[new], most: most < 0 ? .max : most, limit: context.limits.items))
    }
  }

  // MARK: Padding

  func addPadding(_ registry: inout BuiltinRegistry) {
    let width = TypedParameter.int("width")
    let fill = TypedParameter.string("fill", default: " ")
    for (name, summary, result) in [
      ("ljust", "At the left of `width` columns.", "ab.."), ("rjust", "At the right of `width` columns.", "..ab"),
      ("center", "In the middle of `width` columns.", ".ab."),
    ] {
      add(
        &registry, name, returns: "string", parameters: .of(width, fill), summary,
        example: "\"ab\".\(name)(4, \".\")\n#> \"\(result)\"",
        errors: ["fill is not one character"]
      ) { box, args, context in
        let columns = try args.int(width, in: 0...context.limits.items)
        let filling = try args[fill]
        guard StringBox(filling).count == 1 else { throw args.mismatch(fill, expected: "one character") }
        let missing = columns - box.count
        guard missing > 0 else { return args.receiver }
        try context.checkRoom(for: columns, each: 3 * filling.utf8.count)
        // As Python does it: the odd one goes to the left where the width is odd.
        let left = name == "ljust" ? 0 : name == "rjust" ? missing : missing / 2 + (missing & columns & 1)
        if filling.utf8.count == 1, let byte = filling.utf8.first,
          let plain = box.padded(with: byte, left: left, right: missing - left)
        {
          return plain
        }
        return Value(
          String(repeating: filling, count: left) + box.text + String(repeating: filling, count: missing - left))
      }
    }
    add(
      &registry, "zfill", returns: "string", parameters: .of(width),
      "With zeros in front, behind a sign.",
      example: "\"-7\".zfill(4)\n#> \"-007\""
    ) { box, args, context in
      let missing = try args.int(width, in: 0...context.limits.items) - box.count
      guard missing > 0 else { return args.receiver }
      try context.checkRoom(for: missing, each: 3)
      let hasSign = box.withBytes { $0.first == UInt8(ascii: "-") || $0.first == UInt8(ascii: "+") }
      if let plain = box.padded(with: UInt8(ascii: "0"), left: missing, right: 0, behind: hasSign ? 1 : 0) {
        return plain
      }
      let zeros = String(repeating: "0", count: missing)
      if let sign = box.text.first, sign == "-" || sign == "+" {
        return Value(String(sign) + zeros + box.text.dropFirst())
      }
      return Value(zeros + box.text)
    }
  }

  // MARK: Questions

  func addQuestions(_ registry: inout BuiltinRegistry) {
    for (name, what, example, test) in [
      ("isdigit", "digits", "\"31\"", { $0.isWholeNumber }),
      ("isalpha", "letters", "\"iu\"", { $0.isLetter }),
      ("isalnum", "letters and digits", "\"s31\"", { $0.isLetter || $0.isNumber }),
      ("isspace", "blanks", "\" \"", { $0.isBlank }),
    ] as [(String, String, String, (Character) -> Bool)] {
      add(
        &registry, name, "Whether it is made of \(what) alone, and not empty.", example: "\(example).\(name)()\n#> true"
      ) { box, _, _ in .bool(!box.text.isEmpty && box.text.allSatisfy(test)) }
    }
    add(
      &registry, "isupper", "Whether all letters are capitals, and there is one.",
      example: "\"IU 1\".isupper()\n#> true"
    ) { box, _, _ in
      if let plain = ASCIILetter.areAll(of: box, from: 65) { return .bool(plain) }
      return .bool(
        box.text.contains(where: \.isUppercase)
          && !box.text.contains { $0.isLowercase || Self.isTitlecased($0) })
    }
    add(
      &registry, "islower", "Whether all letters are small, and there is one.", example: "\"iu 1\".islower()\n#> true"
    ) { box, _, _ in
      if let plain = ASCIILetter.areAll(of: box, from: 97) { return .bool(plain) }
      return .bool(
        box.text.contains(where: \.isLowercase)
          && !box.text.contains { $0.isUppercase || Self.isTitlecased($0) })
    }
  }
}

extension Arguments {
  fileprivate func text(_ place: Int) throws -> StringBox {
    if case .string(let box) = self[place] { return box }
    throw mismatch(place, expected: "a string")
  }
}

extension TypedParameter<StringBox> {
  /// A string as it is kept, without a copy.
  static func text(_ name: String) -> TypedParameter { TypedParameter(.required(name, "string")) { try $0.text($1) } }
}

extension TypedParameter<StringBox?> {
  /// A string as it is kept, without a copy.
  static func text(_ name: String, or words: String) -> TypedParameter {
    TypedParameter(.optional(name, "string", words)) { $0.isGiven($1) ? try $0.text($1) : nil }
  }
}

extension String {
  fileprivate func replacingFirst(_ part: String, with other: String) -> String {
    let text = StringBox(self)
    guard let place = text.firstPlace(of: StringBox(part), from: 0, to: text.count) else { return self }
    return String(prefix(place)) + other + String(dropFirst(place + part.count))
  }
}
