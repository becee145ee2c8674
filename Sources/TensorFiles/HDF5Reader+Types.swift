/// Types, shapes and attributes.
extension HDF5Reader {
  enum Element {
    case number(ElementType)
    /// A text of a fixed number of bytes.
    case text(size: Int)
    /// A text that stands in a heap.
    case longText
    case other(String)

    /// In bytes, as it stands in arrays.
    var size: Int {
      switch self {
      case .number(let type): type.size
      case .text(let size): size
      case .longText: 16
      case .other: 0
      }
    }
  }

  func element(_ range: Range<Int>) throws -> Element {
    try check(range.lowerBound, max(8, range.count))
    let at = range.lowerBound
    let (kind, bits, size) = (Int(bytes[at] & 0xF), Int(bytes[at + 1]), try number(at + 4, 4))
    let isBig = bits & 1 != 0
    switch kind {
    case 0:
      guard [1, 2, 4, 8].contains(size), try number(at + 8, 2) == 0, try number(at + 10, 2) == 8 * size else {
        return .other("whole numbers of \(size) bytes")
      }
      return .number(ElementType(kind: bits & 8 != 0 ? .signed : .unsigned, size: size, bigEndian: isBig))
    case 1:
      guard bits & 0x40 == 0 else { return .other("numbers of a VAX") }
      // Places and sizes of exponent and fraction say which format it is.
      try check(at + 8, 8)
      let layout = Array(bytes[at + 8..<at + 16]).map(Int.init)
      switch (size, layout[4], layout[5], layout[6], layout[7]) {
      case (8, 52, 11, 0, 52), (4, 23, 8, 0, 23), (2, 10, 5, 0, 10):
        return .number(ElementType(kind: .float, size: size, bigEndian: isBig))
      case (2, 7, 8, 0, 7): return .number(ElementType(kind: .brain, size: 2, bigEndian: isBig))
      default: return .other("floating-point numbers of \(size) bytes")
      }
    case 3: return size > 0 ? .text(size: size) : .other("texts without a length")
    case 8:
      // What h5py makes of bool: names for whole numbers, whose type follows.
      guard case .number(let base) = try element(at + 8..<max(at + 16, range.upperBound)), base.size == size else {
        return .other("names")
      }
      return .number(base)
    case 9: return bits & 0xF == 1 && size == 16 ? .longText : .other("lists")
    default:
      let words = [2: "times", 4: "bits", 5: "opaque bytes", 6: "records", 7: "references", 10: "arrays"]
      return .other(words[kind] ?? "an unknown kind")
    }
  }

  /// A shape; [] for a single element, nil for a space without any.
  func shape(_ range: Range<Int>) throws -> [Int]? {
    let at = range.lowerBound
    let (version, rank) = (try byte(at), try byte(at + 1))
    guard version == 1 || version == 2, rank <= 32 else { throw broken("a shape in it is none") }
    if version == 2, try byte(at + 3) == 2 { return nil }
    let start = at + (version == 1 ? 8 : 4)
    return try (0..<rank).map { try number(start + 8 * $0, 8) }
  }

  // MARK: Attributes

  mutating func texts(_ wanted: String, _ messages: [HDF5Message]) throws -> [String]? {
    for message in messages {
      if message.kind == .attributeInfo {
        let flags = try byte(message.range.lowerBound + 1)
        if try address(message.range.lowerBound + (flags & 1 != 0 ? 4 : 2)) != nil {
          throw refused("it keeps attributes in a heap of their own (libver=\"latest\")")
        }
      }
      guard message.kind == .attribute else { continue }
      try spend()
      let at = message.range.lowerBound
      let version = try byte(at)
      guard (1...3).contains(version) else { throw broken("an attribute is of an unknown version") }
      let sizes = [try number(at + 2, 2), try number(at + 4, 2), try number(at + 6, 2)]
      var start = at + (version == 3 ? 9 : 8)
      // Padded to eight bytes each in the first version.
      let padded = version == 1 ? sizes.map { ($0 + 7) / 8 * 8 } : sizes
      guard start + padded.reduce(0, +) <= message.range.upperBound else { throw broken("an attribute is cut off") }
      guard try text(start..<start + sizes[0]) == wanted else { continue }
      start += padded[0]
      let type = start..<start + sizes[1]
      start += padded[1]
      let space = start..<start + sizes[2]
      start += padded[2]
      // A type that is kept elsewhere is none of a text's.
      guard message.isShared == false, version == 1 || bytes[at + 1] & 3 == 0 else { return nil }
      return try texts(element(type), shape(space), start..<message.range.upperBound)
    }
    return nil
  }

  private mutating func texts(_ element: Element, _ shape: [Int]?, _ range: Range<Int>) throws -> [String]? {
    guard let shape else { return [] }
    guard let count = elements(shape), element.size > 0 else { return nil }
    let (length, overflow) = count.multipliedReportingOverflow(by: element.size)
    guard !overflow, length <= range.count else { throw broken("an attribute is cut off") }
    switch element {
    case .text(let size):
      return try (0..<count).map { index in
        try spend()
        let start = range.lowerBound + index * size
        var text = try self.text(start..<start + size)
        while text.last == " " { text.removeLast() }
        return text
      }
    case .longText:
      return try (0..<count).map { index in
        let at = range.lowerBound + 16 * index
        let length = try number(at, 4)
        guard length > 0, let heap = try address(at + 4) else { return "" }
        let place = try heapObject(heap, try number(at + 12, 4))
        guard length <= place.count else { throw broken("a text is longer than its place") }
        // Many may stand for the same bytes.
        try spend(length / 4)
        return try text(place.lowerBound..<place.lowerBound + length)
      }
    case .number, .other: return nil
    }
  }

  private mutating func heapObject(_ heap: Int, _ wanted: Int) throws -> Range<Int> {
    try expect("GCOL", heap, "a heap of texts")
    let size = try number(heap + 8, 8)
    try check(heap, size)
    let end = heap + size
    var at = heap + 16
    while at + 16 <= end {
      try spend()
      let (index, length) = (try number(at, 2), try number(at + 8, 8))
      guard index != 0, length <= end - at - 16 else { break }
      if index == wanted { return at + 16..<at + 16 + length }
      at += 16 + (length + 7) / 8 * 8
    }
    throw broken("a text is not in its heap")
  }
}
