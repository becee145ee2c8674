/// Words, lines and ends of a string: by bytes where the text is ASCII, else by characters.
extension StringBox {
  /// The words between blanks, at most `most` cuts. What is left after the last cut keeps its blanks on its other side, as
  /// in Python.
  public func words(most: Int = .max, fromEnd: Bool = false) -> [Value] {
    let ranges =
      isASCII
      ? withBytes { Self.words(in: $0, most: most, fromEnd: fromEnd, isBlank: Self.isBlank) }
      : Self.words(in: allCharacters, most: most, fromEnd: fromEnd) { $0.isBlank }
    return ranges.map { slice($0) }
  }

  /// Its lines, without what ends them.
  public func lines() -> [Value] {
    let ranges =
      isASCII
      ? withBytes { Self.lines(in: $0, return: 13, newline: 10, endsLine: Self.endsLine) }
      : Self.lines(in: allCharacters, return: "\r", newline: "\n") { $0.endsLine }
    return ranges.map { slice($0) }
  }

  /// Without blanks, or without some characters, at one end or both; nil where nothing is to go.
  public func trimmed(of unwanted: StringBox?, left: Bool, right: Bool) -> Value? {
    let range: Range<Int>
    if isASCII, unwanted?.isASCII ?? true {
      range = withBytes { bytes in
        guard let unwanted else { return Self.rest(of: bytes, left: left, right: right, goes: Self.isBlank) }
        return unwanted.withBytes { set in Self.rest(of: bytes, left: left, right: right) { set.contains($0) } }
      }
    } else {
      let set = unwanted.map { Set($0.allCharacters) }
      range = Self.rest(of: allCharacters, left: left, right: right) { set?.contains($0) ?? $0.isBlank }
    }
    return range.count == count ? nil : slice(range)
  }

  /// The characters from last to first.
  public func reversed() -> StringBox {
    guard isASCII else { return StringBox(String(allCharacters.reversed())) }
    let count = byteCount
    return withBytes { bytes in
      StringBox(asciiCount: count) { target in for index in 0..<count { target[index] = bytes[count - 1 - index] } }
    }
  }

  /// The characters at some checked places.
  func characters(at places: some Sequence<Int>) -> StringBox {
    guard isASCII else {
      let characters = allCharacters
      return StringBox(String(places.map { characters[$0] }))
    }
    return withBytes { bytes in places.map { bytes[$0] }.withUnsafeBufferPointer { StringBox(ascii: $0) } }
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 32 || (9...13).contains(byte) || (28...31).contains(byte)
  }
  private static func endsLine(_ byte: UInt8) -> Bool { (10...13).contains(byte) || (28...30).contains(byte) }

  @inline(__always)
  private static func words<Items: RandomAccessCollection>(
    in items: Items, most: Int, fromEnd: Bool, isBlank: (Items.Element) -> Bool
  ) -> [Range<Int>] where Items.Index == Int {
    var words: [Range<Int>] = []
    if fromEnd {
      var end = items.endIndex
      while let last = items[..<end].lastIndex(where: { !isBlank($0) }) {
        let blank = words.count == most ? nil : items[..<last].lastIndex(where: isBlank)
        end = blank.map { $0 + 1 } ?? 0
        words.append(end..<(last + 1))
      }
      return words.reversed()
    }
    var place = 0
    while let start = items[place...].firstIndex(where: { !isBlank($0) }) {
      place = (words.count == most ? nil : items[start...].firstIndex(where: isBlank)) ?? items.endIndex
      words.append(start..<place)
    }
    return words
  }

  @inline(__always)
  private static func lines<Items: RandomAccessCollection>(
    in items: Items, return: Items.Element, newline: Items.Element, endsLine: (Items.Element) -> Bool
  ) -> [Range<Int>] where Items.Index == Int, Items.Element: Equatable {
    var lines: [Range<Int>] = []
    var start = 0
    while let end = items[start...].firstIndex(where: endsLine) {
      lines.append(start..<end)
      let isPair = items[end] == `return` && end + 1 < items.endIndex && items[end + 1] == newline
      start = end + (isPair ? 2 : 1)
    }
    if start < items.endIndex { lines.append(start..<items.endIndex) }
    return lines
  }

  @inline(__always)
  private static func rest<Items: RandomAccessCollection>(
    of items: Items, left: Bool, right: Bool, goes: (Items.Element) -> Bool
  ) -> Range<Int> where Items.Index == Int {
    var (start, end) = (0, items.endIndex)
    while left, start < end, goes(items[start]) { start += 1 }
    while right, start < end, goes(items[end - 1]) { end -= 1 }
    return start..<end
  }
}

extension Character {
  /// What Python counts as a blank: that of Unicode, and the separators of ASCII.
  package var isBlank: Bool { isWhitespace || ("\u{1C}"..."\u{1F}").contains(self) }

  /// Where Python's `splitlines` ends a line.
  package var endsLine: Bool { isNewline || ("\u{1C}"..."\u{1E}").contains(self) }
}
