import JSON

/// What stands behind a title on a cell's marker, as JSON: `tags=["slow"] key=1` or `{"key": 1}`, as Jupytext has it.
enum MarkerMetadata {
  /// Nil where the text is neither.
  static func object(_ text: String) -> JSONValue? {
    let text = text.trimmed
    if text.isEmpty { return .emptyObject }
    if text.hasPrefix("{") {
      guard let value = try? JSONValue(reading: text), value.members != nil else { return nil }
      return value
    }
    var result = JSONValue.emptyObject
    var rest = text[...]
    while !rest.isEmpty {
      guard let equal = rest.firstIndex(of: "=") else { return nil }
      let name = rest[..<equal]
      guard isName(name) else { return nil }
      rest = rest[rest.index(after: equal)...]
      // The value ends at the first blank where it is JSON.
      var end = rest.firstIndex(of: " ") ?? rest.endIndex
      var value = try? JSONValue(reading: String(rest[..<end]))
      while value == nil, end < rest.endIndex {
        end = rest[rest.index(after: end)...].firstIndex(of: " ") ?? rest.endIndex
        value = try? JSONValue(reading: String(rest[..<end]))
      }
      guard let value, result[String(name)] == nil else { return nil }
      result[String(name)] = value
      rest = rest[end...].drop { $0 == " " }
    }
    return result
  }

  /// As it is written behind a title; "" for none.
  static func text(_ object: JSONValue) -> String {
    guard let members = object.members, !members.isEmpty else { return "" }
    // The first is told from the title's words by the bracket or quote behind its equals sign. Pictures are read faster
    // as one object.
    let opens =
      members.first.map { $0.value.array != nil || $0.value.string != nil || $0.value.members != nil } ?? false
      && object["attachments"] == nil
    if opens, members.allSatisfy({ isName(Substring($0.name)) }) {
      return members.map { "\($0.name)=\(json($0.value))" }.joined(separator: " ")
    }
    return json(object)
  }

  private static func json(_ value: JSONValue) -> String {
    // `{"a": 1, "b": [1, 2]}`, with the blanks that people and Jupytext write.
    switch value.content {
    case .array(let items): "[" + items.map(json).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { "\(json(.string($0.name))): \(json($0.value))" }.joined(separator: ", ") + "}"
    default: String(decoding: value.compact, as: UTF8.self)
    }
  }

  private static func isName(_ text: Substring) -> Bool {
    guard let first = text.first, first.isLetter || first == "_" else { return false }
    return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }
  }
}

extension StringProtocol {
  /// Without blanks at both ends.
  var trimmed: String {
    var rest = Substring(self)
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest.drop(while: \.isWhitespace))
  }
}
