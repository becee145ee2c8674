/// What a client must know to change the gallery, and to see its pictures from elsewhere.
struct AccessToken: Sendable {
  /// Fewer letters can be guessed.
  static let least = 16
  let text: String

  /// - Parameter given: nil: one of 128 random bits is drawn.
  init(_ given: String?) throws(ServerError) {
    guard let given else {
      var random = SystemRandomNumberGenerator()
      text = (0..<2).map { _ in
        let digits = String(random.next() as UInt64, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
      }.joined()
      return
    }
    guard given.utf8.count >= Self.least, given.utf8.count <= 256, given.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      throw .weakToken(length: given.count)
    }
    text = given
  }

  /// In a time that does not tell how much of it was right.
  func matches(_ other: String) -> Bool {
    let (own, given) = (Array(text.utf8), Array(other.utf8.prefix(512)))
    var difference = own.count ^ given.count
    for index in 0..<512 {
      // Past the end of either: a byte that differs from itself nowhere, so that only the counts tell.
      let a = own.isEmpty ? 0 : own[index % own.count]
      let b = given.isEmpty ? 255 : given[index % given.count]
      difference |= index < max(own.count, given.count) ? Int(a ^ b) : 0
    }
    return difference == 0
  }

  /// Of "Bearer …".
  func isIn(_ header: String?) -> Bool {
    guard let header else { return false }
    let words = header.split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[0].lowercased() == "bearer" else { return false }
    return matches(String(words[1]))
  }
}
