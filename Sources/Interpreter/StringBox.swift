/// A string of the language; indexes count characters.
public final class StringBox {
  public internal(set) var text: String
  /// Made at the first index into text that is not ASCII, so that a loop over indexes stays linear.
  private var characters: [Character]?
  private enum Encoding { case unknown, ascii, other }
  private var encoding = Encoding.unknown

  public init(_ text: String) { self.text = text }

  /// Adds at the end, in place; for the one owner of this box alone.
  func append(_ other: StringBox) {
    if encoding == .ascii, !other.isASCII { encoding = .unknown }
    characters = nil
    text.append(other.text)
  }

  /// Number of characters.
  public var count: Int {
    isASCII ? text.utf8.count : allCharacters.count
  }

  /// The byte at a checked index, where the text is ASCII.
  @inline(__always)
  func asciiByte(_ index: Int) -> UInt8? {
    guard isASCII else { return nil }
    let utf8 = text.utf8
    return utf8[utf8.index(utf8.startIndex, offsetBy: index)]
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
  var isASCII: Bool {
    if encoding == .unknown {
      text.makeContiguousUTF8()
      encoding = text.utf8.allSatisfy { $0 < 128 && $0 != 13 } ? .ascii : .other
    }
    return encoding == .ascii
  }
}
