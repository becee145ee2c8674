/// Jupyter counts places in a text in code points, Swift and the session in characters or bytes.
enum CodePoints {
  /// The text before a place; all of it where the place lies beyond.
  static func prefix(_ text: String, _ count: Int) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.prefix(max(0, count))))
  }

  static func count(_ text: some StringProtocol) -> Int { text.unicodeScalars.count }

  /// How many code points the last `bytes` of the text are.
  static func count(ofLast bytes: Int, in text: String) -> Int {
    let start = text.utf8.index(text.endIndex, offsetBy: -min(bytes, text.utf8.count))
    return text.unicodeScalars[start...].count
  }
}
