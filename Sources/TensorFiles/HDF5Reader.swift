/// One message of an object's header, where it stands.
struct HDF5Message: Sendable {
  enum Kind: Sendable, Equatable {
    case space, linkInfo, type, oldFillValue, fillValue, link, external, layout, filters, attribute, symbolTable,
      attributeInfo, other

    init(_ number: Int) {
      switch number {
      case 0x01: self = .space
      case 0x02: self = .linkInfo
      case 0x03: self = .type
      case 0x04: self = .oldFillValue
      case 0x05: self = .fillValue
      case 0x06: self = .link
      case 0x07: self = .external
      case 0x08: self = .layout
      case 0x0B: self = .filters
      case 0x0C: self = .attribute
      case 0x11: self = .symbolTable
      case 0x15: self = .attributeInfo
      default: self = .other
      }
    }
  }

  let kind: Kind
  let range: Range<Int>
  /// It stands elsewhere: a type with a name of its own.
  let isShared: Bool
}

/// Structures of an HDF5 file, from the superblock to links. Whatever the bytes say, work and memory are bounded by their
/// number: `spend` counts.
struct HDF5Reader: Sendable {
  let bytes: [UInt8]
  let file: String
  /// Steps left. An honest file has less than one structure in eight bytes; the rest is for what is read again.
  private var left: Int
  /// Bytes of numbers that were unpacked.
  var unpacked = 0

  init(_ bytes: [UInt8], file: String) {
    (self.bytes, self.file) = (bytes, file)
    left = 4 * bytes.count + (1 << 16)
  }

  func broken(_ reason: String) -> TensorFileError { .broken(file: file, format: "HDF5", reason: reason) }
  func refused(_ reason: String) -> TensorFileError { .refused(file: file, format: "HDF5", reason: reason) }

  mutating func spend(_ steps: Int = 1) throws {
    left -= min(left, max(0, steps))
    guard left > 0 else { throw broken("its structures lead in circles") }
  }

  // MARK: Bytes

  func check(_ at: Int, _ count: Int) throws {
    guard at >= 0, count >= 0, count <= bytes.count, at <= bytes.count - count else {
      throw broken("it points beyond its end, or ends early")
    }
  }

  func byte(_ at: Int) throws -> Int {
    try check(at, 1)
    return Int(bytes[at])
  }

  /// Of 1 to 8 bytes, little-endian.
  func number(_ at: Int, _ size: Int) throws -> Int {
    try check(at, size)
    var value: UInt64 = 0
    for index in (0..<min(8, size)).reversed() { value = value << 8 | UInt64(bytes[at + index]) }
    guard let number = Int(exactly: value) else { throw broken("a length in it is none") }
    return number
  }

  /// Nil for the address that stands for none.
  func address(_ at: Int) throws -> Int? {
    try check(at, 8)
    if bytes[at..<at + 8].allSatisfy({ $0 == 0xFF }) { return nil }
    return try number(at, 8)
  }

  func expect(_ text: StaticString, _ at: Int, _ what: String) throws {
    try check(at, text.utf8CodeUnitCount)
    for index in 0..<text.utf8CodeUnitCount where bytes[at + index] != text.utf8Start[index] {
      throw broken("\(what) is not where it points")
    }
  }

  func text(_ range: Range<Int>) throws -> String {
    try check(range.lowerBound, range.count)
    return String(decoding: bytes[range].prefix { $0 != 0 }, as: UTF8.self)
  }

  // MARK: Objects

  /// Of the root group's header.
  func rootAddress() throws -> Int {
    let version = try byte(8)
    guard version <= 3 else { throw refused("it is of the version \(version) of the format: 0 to 3 are read") }
    let sizes = version < 2 ? 13 : 9
    guard try byte(sizes) == 8, try byte(sizes + 1) == 8 else { throw refused("its addresses have other than 8 bytes") }
    // Versions 0 and 1 hold an entry of a symbol table: its second number is the address of the header.
    let base = version == 0 ? 24 : version == 1 ? 28 : 12
    guard try number(base, 8) == 0 else { throw refused("it begins inside of another file") }
    guard let root = try address(version < 2 ? base + 40 : base + 24) else { throw broken("it has no root group") }
    return root
  }

  /// The messages of an object's header, with those of its continuations.
  mutating func messages(at address: Int) throws -> [HDF5Message] {
    try spend()
    try check(address, 16)
    return bytes[address] == 1 ? try oldMessages(at: address) : try newMessages(at: address)
  }

  private mutating func oldMessages(at address: Int) throws -> [HDF5Message] {
    var blocks = [(start: address + 16, length: try number(address + 8, 4))]
    var messages: [HDF5Message] = []
    var index = 0
    while index < blocks.count {
      var (at, length) = blocks[index]
      try check(at, length)
      while length >= 8 {
        try spend()
        let (type, size) = (try number(at, 2), try number(at + 2, 2))
        guard size <= length - 8 else { throw broken("a message of a header is longer than the header") }
        if type == 0x10 {
          guard size >= 16, blocks.count < 4096 else { throw broken("a header goes on without an end") }
          blocks.append((try number(at + 8, 8), try number(at + 16, 8)))
        } else {
          let isShared = bytes[at + 4] & 2 != 0
          messages.append(HDF5Message(kind: .init(type), range: at + 8..<at + 8 + size, isShared: isShared))
        }
        at += 8 + size
        length -= 8 + size
      }
      index += 1
    }
    return messages
  }

  private mutating func newMessages(at address: Int) throws -> [HDF5Message] {
    try expect("OHDR", address, "the header of an object")
    guard try byte(address + 4) == 2 else { throw broken("a header is of an unknown version") }
    let flags = try byte(address + 5)
    var start = address + 6 + (flags & 0x20 != 0 ? 16 : 0) + (flags & 0x10 != 0 ? 4 : 0)
    let width = 1 << (flags & 3)
    let size = try number(start, width)
    start += width
    let head = flags & 4 != 0 ? 6 : 4
    var blocks = [(start: start, length: size)]
    var messages: [HDF5Message] = []
    var index = 0
    while index < blocks.count {
      var (at, length) = blocks[index]
      try check(at, length)
      if index > 0 {
        // Between its name and its checksum.
        try expect("OCHK", at, "the rest of a header")
        guard length >= 8 else { throw broken("the rest of a header is too short") }
        at += 4
        length -= 8
      }
      // Less than a message's head is a gap.
      while length >= head {
        try spend()
        let (type, size) = (try byte(at), try number(at + 1, 2))
        guard size <= length - head else { throw broken("a message of a header is longer than the header") }
        if type == 0x10 {
          guard size >= 16, blocks.count < 4096 else { throw broken("a header goes on without an end") }
          blocks.append((try number(at + head, 8), try number(at + head + 8, 8)))
        } else {
          let isShared = bytes[at + 3] & 2 != 0
          messages.append(HDF5Message(kind: .init(type), range: at + head..<at + head + size, isShared: isShared))
        }
        at += head + size
        length -= head + size
      }
      index += 1
    }
    return messages
  }

  // MARK: Links

  /// What a group holds.
  mutating func links(_ messages: [HDF5Message]) throws -> [(name: String, address: Int)] {
    var links: [(name: String, address: Int)] = []
    for message in messages {
      switch message.kind {
      case .symbolTable:
        guard message.range.count >= 16 else { throw broken("a symbol table is too short") }
        let start = message.range.lowerBound
        guard let tree = try address(start), let heap = try address(start + 8) else { continue }
        try expect("HEAP", heap, "a heap of names")
        let names = try number(heap + 24, 8)
        let length = try number(heap + 8, 8)
        try check(names, length)
        try symbols(tree, level: nil, names..<names + length, &links)
      case .link: links.append(try link(message.range))
      case .linkInfo:
        let flags = try byte(message.range.lowerBound + 1)
        if try address(message.range.lowerBound + (flags & 1 != 0 ? 10 : 2)) != nil {
          throw refused("a group in it keeps its links in a heap of their own (libver=\"latest\")")
        }
      default: break
      }
    }
    var seen: Set<String> = []
    for link in links {
      guard !link.name.isEmpty, !link.name.contains("/"), link.name != ".", link.name != "..",
        seen.insert(link.name).inserted
      else { throw broken("the name “\(link.name.prefix(80))” is none, or stands in a group twice") }
    }
    return links
  }

  /// - Parameter level: what the node's level has to be, nil at the top: it falls by one from node to node.
  private mutating func symbols(
    _ tree: Int, level: Int?, _ names: Range<Int>, _ links: inout [(name: String, address: Int)]
  ) throws {
    try spend()
    try expect("TREE", tree, "a tree of names")
    guard try byte(tree + 4) == 0, try level == nil || byte(tree + 5) == level else {
      throw broken("a tree of names is none")
    }
    let height = try byte(tree + 5)
    guard height <= 16 else { throw broken("a tree of names is too high") }
    for index in 0..<(try number(tree + 6, 2)) {
      let child = try number(tree + 32 + 16 * index, 8)
      if height > 0 {
        try symbols(child, level: height - 1, names, &links)
        continue
      }
      try expect("SNOD", child, "a leaf of a tree of names")
      for entry in 0..<(try number(child + 6, 2)) {
        try spend()
        let at = child + 8 + 40 * entry
        let offset = try number(at, 8)
        guard offset < names.count else { throw broken("a name lies outside its heap") }
        let name = try text(names.lowerBound + offset..<min(names.upperBound, names.lowerBound + offset + 1025))
        guard try number(at + 16, 4) != 2 else {
          throw refused("“\(name.prefix(80))” in it is a link by name, which is not followed")
        }
        links.append((name, try number(at + 8, 8)))
      }
    }
  }

  private func link(_ range: Range<Int>) throws -> (name: String, address: Int) {
    try check(range.lowerBound, range.count)
    var at = range.lowerBound
    let flags = try byte(at + 1)
    at += 2
    let kind = flags & 8 != 0 ? try byte(at) : 0
    at += (flags & 8 != 0 ? 1 : 0) + (flags & 4 != 0 ? 8 : 0) + (flags & 0x10 != 0 ? 1 : 0)
    let width = 1 << (flags & 3)
    let length = try number(at, width)
    guard length <= 1024 else { throw broken("a name in it has \(length) bytes") }
    let name = try text(at + width..<at + width + length)
    guard kind == 0 else {
      let what = kind == 1 ? "a link by name" : "a link to another file"
      throw refused("“\(name.prefix(80))” in it is \(what), which is not followed")
    }
    return (name, try number(at + width + length, 8))
  }
}
