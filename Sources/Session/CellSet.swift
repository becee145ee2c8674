/// A set of cells by their places, a bit for each: a session of 5,000 cells keeps as many of them.
struct CellSet {
  private var words: [UInt64] = []

  func contains(_ cell: Int) -> Bool { cell >> 6 < words.count && words[cell >> 6] & 1 << (cell & 63) != 0 }

  mutating func insert(_ cell: Int) {
    grow(to: cell >> 6 + 1)
    words[cell >> 6] |= 1 << (cell & 63)
  }

  mutating func formUnion(_ other: CellSet) {
    grow(to: other.words.count)
    for (place, word) in other.words.enumerated() { words[place] |= word }
  }

  private mutating func grow(to count: Int) {
    if words.count < count { words += [UInt64](repeating: 0, count: count - words.count) }
  }
}
