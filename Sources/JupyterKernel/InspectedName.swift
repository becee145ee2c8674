/// What stands at the cursor, for Shift-Tab.
enum InspectedName {
  /// The name that the cursor touches, and that of the call around it; the likelier first.
  static func candidates(before: String, after: String) -> [String] {
    var names: [String] = []
    let head = tail(of: before)
    let word = head + after.prefix(while: isWord)
    if !word.isEmpty, word.first?.isNumber == false { names.append(word) }
    if let call = openCall(before) { names.append(call) }
    return names
  }

  private static func isWord(_ character: Character) -> Bool {
    character == "_" || character.isLetter || character.isNumber
  }

  /// `faces.split`, a command's name with its percent sign.
  private static func tail(of text: some StringProtocol) -> String {
    var characters = Array(text.reversed().prefix { isWord($0) || $0 == "." })
    if text.dropLast(characters.count).last == "%" { characters.append("%") }
    return String(characters.reversed())
  }

  /// The name before the innermost bracket that is open at the end.
  private static func openCall(_ text: String) -> String? {
    var open: [String.Index?] = []
    var quote: Character?
    var index = text.startIndex
    while index < text.endIndex {
      let character = text[index]
      if character == "\\", quote != nil {
        index = text.index(after: index)
        if index == text.endIndex { break }
      } else if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
      } else {
        if character == "#" {
          index = text[index...].firstIndex(where: \.isNewline) ?? text.endIndex
          continue
        }
        if "([{".contains(character) { open.append(character == "(" ? index : nil) }
        if ")]}".contains(character) { _ = open.popLast() }
      }
      index = text.index(after: index)
    }
    guard let bracket = open.last(where: { $0 != nil }) ?? nil else { return nil }
    let name = tail(of: text[..<bracket])
    return name.isEmpty || name.first?.isNumber == true ? nil : name
  }
}
