/// A string of the language; indexes count characters.
public final class StringBox {
  public internal(set) var text: String { didSet { characters = nil } }
  /// Made at the first index into text that is not ASCII, so that a loop over indexes stays linear.
  private var characters: [Character]?

  public init(_ text: String) { self.text = text }

  /// Adds at the end, in place; for the one owner of this box alone.
  func append(_ other: String) {
    text.append(other)
  }

  /// Number of characters.
  public var count: Int {
    isASCII ? text.utf8.count : allCharacters.count
  }

  /// The character at a checked index.
  public func character(_ index: Int) -> String {
    if isASCII {
      let utf8 = text.utf8
      let byte = utf8[utf8.index(utf8.startIndex, offsetBy: index)]
      return String(UnicodeScalar(byte))
    }
    return String(allCharacters[index])
  }

  /// The characters of a checked range of indexes.
  public func slice(_ range: Range<Int>) -> String {
    if isASCII {
      let utf8 = text.utf8
      let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
      let end = utf8.index(start, offsetBy: range.count)
      return String(text[start..<end])
    }
    return String(allCharacters[range])
  }

  public var allCharacters: [Character] {
    if let characters { return characters }
    let made = Array(text)
    characters = made
    return made
  }

  /// Carriage return and line feed together are one character to Swift, so text with them takes the slow way.
  private lazy var asciiOfLength: (length: Int, ascii: Bool) = (-1, false)
  private var isASCII: Bool {
    let length = text.utf8.count
    if asciiOfLength.length == length { return asciiOfLength.ascii }
    let ascii = text.utf8.allSatisfy { $0 < 128 && $0 != 13 }
    asciiOfLength = (length, ascii)
    return ascii
  }
}
