import Interpreter

/// A text in small letters, as Unicode and Python have them: a Σ that ends a word becomes ς, every other one σ.
struct SmallLetters {
  let characters: [Character]

  init(_ text: String) { characters = Array(text) }

  /// A text of the script's, which may be too long to be taken apart into characters of 16 bytes.
  init(_ text: String, _ context: ExecutionContext) throws {
    try context.checkRoom(for: text.utf8.count, each: 20)
    self.init(text)
  }

  var text: String { characters.indices.reduce(into: "") { $0 += letter(at: $1) } }

  func letter(at place: Int) -> String {
    let character = characters[place]
    guard character.unicodeScalars.first == "\u{3A3}" else { return character.lowercased() }
    var result = String.UnicodeScalarView()
    result.append(endsWord(place) ? "\u{3C2}" : "\u{3C3}")
    result.append(contentsOf: character.unicodeScalars.dropFirst())
    return String(result)
  }

  /// Unicode's Final_Sigma: a letter with a case before it and none behind it, whatever has no say between (`'`, accents).
  private func endsWord(_ place: Int) -> Bool {
    var before = place - 1
    while before >= 0, Self.isIgnored(characters[before]) { before -= 1 }
    guard before >= 0, Self.isCased(characters[before]) else { return false }
    var behind = place + 1
    while behind < characters.count, Self.isIgnored(characters[behind]) { behind += 1 }
    return behind == characters.count || !Self.isCased(characters[behind])
  }

  static func isCased(_ character: Character) -> Bool {
    character.unicodeScalars.first?.properties.isCased == true
  }

  private static func isIgnored(_ character: Character) -> Bool {
    character.unicodeScalars.first?.properties.isCaseIgnorable == true
  }
}

/// Letters of ASCII text, which is kept as bytes.
enum ASCIILetter {
  static func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 97 && byte | 0x20 <= 122 }
  static func capital(_ byte: UInt8) -> UInt8 { isLetter(byte) ? byte & 0xDF : byte }
  static func small(_ byte: UInt8) -> UInt8 { isLetter(byte) ? byte | 0x20 : byte }

  /// Whether all letters are among the 26 from `first` on, and there is one; nil where the text is not ASCII alone.
  static func areAll(of box: StringBox, from first: UInt8) -> Bool? {
    guard box.isASCII else { return nil }
    return box.withBytes { bytes in
      var hasOne = false
      for byte in bytes where isLetter(byte) {
        guard byte >= first, byte < first + 26 else { return false }
        hasOne = true
      }
      return hasOne
    }
  }
}
