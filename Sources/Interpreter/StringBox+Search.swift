import Tensors

#if canImport(Glibc)
  import Glibc
#endif

/// Looking for a part of a string. Two ways that give the same: bytes where the text is ASCII, else characters, which
/// are equal when a person sees them as equal (é as one scalar, or as two).
extension StringBox {
  /// Where `part` stands first, at or after `start` and wholly before `end`; indexes are checked: 0 ≤ start ≤ end ≤ count.
  public func firstPlace(of part: StringBox, from start: Int, to end: Int) -> Int? {
    if isASCII {
      guard part.isASCII else { return nil }
      return withBytes { bytes in
        part.withBytes { Self.find($0, in: UnsafeBufferPointer(rebasing: bytes[..<end]), from: start) }
      }
    }
    return Self.find(part.allCharacters, in: allCharacters, from: start, to: end)
  }

  /// Where `part` stands last.
  public func lastPlace(of part: StringBox, from start: Int, to end: Int) -> Int? {
    if isASCII {
      guard part.isASCII else { return nil }
      return withBytes { bytes in part.withBytes { Self.findLast($0, in: bytes, from: start, to: end) } }
    }
    return Self.findLast(part.allCharacters, in: allCharacters, from: start, to: end)
  }

  /// From the last place to the first; what is compared in vain is rarely more than an item.
  private static func findLast<Items: RandomAccessCollection>(
    _ part: Items, in text: Items, from start: Int, to end: Int
  ) -> Int? where Items.Element: Equatable, Items.Index == Int {
    guard end - start >= part.count else { return nil }
    for place in stride(from: end - part.count, through: start, by: -1)
    where text[place..<(place + part.count)].elementsEqual(part) {
      return place
    }
    return nil
  }

  /// Whether the text begins with a part.
  public func begins(with part: StringBox) -> Bool { holds(part, at: 0) }

  /// Whether it ends with a part.
  public func ends(with part: StringBox) -> Bool { holds(part, at: count - part.count) }

  private func holds(_ part: StringBox, at place: Int) -> Bool {
    guard place >= 0, place + part.count <= count else { return false }
    if isASCII, part.isASCII {
      return withBytes { bytes in part.withBytes { bytes[place..<(place + $0.count)].elementsEqual($0) } }
    }
    return allCharacters[place..<(place + part.count)].elementsEqual(part.allCharacters)
  }

  public func contains(_ part: StringBox) -> Bool { firstPlace(of: part, from: 0, to: count) != nil }

  /// How often a part that is not empty stands in the text, side by side.
  public func occurrences(of part: StringBox) throws -> Int {
    var found = 0
    try cut(at: part, most: .max) { _ in found += 1 }
    return found - 1
  }

  /// The text between the separators, which are not empty: at most `most` cuts.
  public func pieces(between separator: StringBox, most: Int = .max) throws -> [Value] {
    var pieces: [Value] = []
    // Of a long text they are counted first, so that the list need not move while it grows.
    if byteCount > 1 << 12 { pieces.reserveCapacity(1 + min(most, try occurrences(of: separator))) }
    try cut(at: separator, most: most) { pieces.append(slice($0)) }
    return pieces
  }

  /// The same, cutting from the end: "aaa" has its last "aa" at 1.
  public func piecesFromEnd(between separator: StringBox, most: Int = .max) throws -> [Value] {
    var pieces: [Value] = []
    var end = count
    while pieces.count < most, let place = lastPlace(of: separator, from: 0, to: end) {
      if pieces.count & 0xFFF == 0xFFF { try LongWork.check() }
      pieces.append(slice((place + separator.count)..<end))
      end = place
    }
    pieces.append(slice(0..<end))
    return pieces.reversed()
  }

  /// With `new` for each `old`, which is not empty: at most `most` times.
  public func replacing(_ old: StringBox, with new: StringBox, most: Int = .max, limit: Int) throws -> StringBox {
    var ranges: [Range<Int>] = []
    try cut(at: old, most: most) { ranges.append($0) }
    guard ranges.count > 1 else { return self }
    let size = byteCount + (ranges.count - 1) * max(0, new.byteCount - old.byteCount)
    if size > limit { throw RuntimeError.tooLarge("a string", Double(size)) }
    if isASCII, new.isASCII {
      let exact = byteCount + (ranges.count - 1) * (new.byteCount - old.byteCount)
      return withBytes { bytes in
        new.withBytes { added in
          StringBox(asciiCount: exact) { target in
            var end = target
            for (index, range) in ranges.enumerated() {
              if index > 0 { Self.write(added, to: &end) }
              Self.write(UnsafeBufferPointer(rebasing: bytes[range]), to: &end)
            }
          }
        }
      }
    }
    var result = ""
    result.reserveCapacity(size)
    let added = new.text
    let characters = allCharacters
    for (index, range) in ranges.enumerated() {
      if index > 0 { result += added }
      result += String(characters[range])
    }
    return StringBox(result)
  }

  private static func write(_ bytes: UnsafeBufferPointer<UInt8>, to end: inout UnsafeMutablePointer<UInt8>) {
    if let from = bytes.baseAddress { end.update(from: from, count: bytes.count) }
    end += bytes.count
  }

  /// Hands over the ranges between the occurrences of a part.
  private func cut(at part: StringBox, most: Int, _ body: (Range<Int>) -> Void) throws {
    let length = part.count
    let end = count
    var start = 0
    var cuts = 0
    if isASCII {
      if part.isASCII {
        try withBytes { bytes in
          try part.withBytes { wanted in
            while cuts < most, let place = Self.find(wanted, in: bytes, from: start) {
              if cuts & 0xFFFF == 0xFFFF { try LongWork.check() }
              body(start..<place)
              start = place + length
              cuts += 1
            }
          }
        }
      }
    } else {
      let characters = allCharacters
      let wanted = part.allCharacters
      while cuts < most, let place = Self.find(wanted, in: characters, from: start, to: end) {
        if cuts & 0xFFF == 0xFFF { try LongWork.check() }
        body(start..<place)
        start = place + length
        cuts += 1
      }
    }
    body(start..<end)
  }

  private static func find(
    _ part: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> Int? {
    guard let wanted = part.baseAddress, part.count > 0 else { return start <= text.count ? start : nil }
    guard let base = text.baseAddress else { return nil }
    var place = start
    var wasted = 0
    while text.count - place >= part.count {
      guard let found = memchr(base + place, Int32(part[0]), text.count - place - part.count + 1) else { return nil }
      place = UnsafeRawPointer(found) - UnsafeRawPointer(base)
      if memcmp(base + place, wanted, part.count) == 0 { return place }
      place += 1
      wasted += part.count
      // Text such as aaaa…: what was compared in vain grows out of proportion.
      if wasted > 16 * (place - start) + 4096 { return findSurely(part, in: text, from: place) }
    }
    return nil
  }

  /// Knuth, Morris and Pratt: each byte of the text is looked at once, whatever it is.
  private static func findSurely(
    _ part: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> Int? {
    // How much of the part still fits where the next byte does not.
    var fallback = [Int](repeating: 0, count: part.count)
    var length = 0
    for index in 1..<max(1, part.count) {
      while length > 0, part[index] != part[length] { length = fallback[length - 1] }
      if part[index] == part[length] { length += 1 }
      fallback[index] = length
    }
    length = 0
    for place in start..<text.count {
      while length > 0, text[place] != part[length] { length = fallback[length - 1] }
      if text[place] == part[length] { length += 1 }
      if length == part.count { return place - length + 1 }
    }
    return nil
  }

  private static func find(_ part: [Character], in text: [Character], from start: Int, to end: Int) -> Int? {
    guard let first = part.first else { return start }
    guard end - start >= part.count else { return nil }
    for place in start...(end - part.count) where text[place] == first {
      if text[place..<(place + part.count)].elementsEqual(part) { return place }
    }
    return nil
  }
}
