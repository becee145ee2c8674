#if canImport(Glibc)
  import Glibc
#endif

/// A string of the language; indexes count characters. Carriage return and line feed are two of them, as in Python, though
/// Swift takes them together as one.
///
/// Text of ASCII alone, which is nearly all of it, is searched, cut and joined as bytes; other text by characters.
public final class StringBox {
  public internal(set) var text: String
  /// Made at the first index into text that is not ASCII, so that a loop over indexes stays linear.
  private var characters: [Character]?
  enum Encoding { case unknown, ascii, other }
  private(set) var encoding = Encoding.unknown
  /// 0: not computed yet.
  private var knownHash: UInt32 = 0
  /// The one ASCII character of a text that is known to be one, else -1: such texts are compared at once.
  private(set) var letter: Int32 = -1
  /// References to a machine's own letter that are counted, but that nobody holds (see `Machine.setLetter`); -1 for all
  /// other texts.
  var credit = -1

  public init(_ text: String) { self.text = text }

  /// Bytes that are known to be ASCII.
  public init(ascii bytes: UnsafeBufferPointer<UInt8>) {
    text = String(decoding: bytes, as: UTF8.self)
    encoding = .ascii
  }

  /// One character of ASCII.
  init(letter: UInt8) {
    text = String(UnicodeScalar(letter & 127))
    encoding = .ascii
    self.letter = Int32(letter & 127)
  }

  /// Counts many references at once, to be handed out one by one.
  @inline(never)
  func raiseCredit() {
    for _ in 0..<64 { _ = Unmanaged.passUnretained(self).retain() }
    credit += 64
  }

  /// Gives back what was counted for nobody.
  func endCredit() {
    let left = credit
    credit = -1
    for _ in 0..<max(0, left) { Unmanaged.passUnretained(self).release() }
  }

  func copy() -> StringBox {
    let copy = StringBox(text)
    copy.encoding = encoding
    return copy
  }

  /// Adds at the end, in place; for the one owner of this box alone.
  func append(_ other: StringBox) {
    if encoding == .ascii, !other.isASCII { encoding = .unknown }
    forget()
    text.append(other.text)
  }

  /// Adds bytes that are known to be ASCII; for the one owner of this box alone.
  func append(ascii bytes: UnsafeBufferPointer<UInt8>) {
    forget()
    text.append(contentsOf: String(decoding: bytes, as: UTF8.self))
  }

  /// What is known of the text, which is about to change.
  private func forget() {
    characters = nil
    knownHash = 0
    letter = -1
  }

  /// Number of characters.
  public var count: Int {
    isASCII ? text.utf8.count : allCharacters.count
  }

  /// The byte at a checked index, where the text is ASCII.
  @inline(__always)
  func asciiByte(_ index: Int) -> UInt8? {
    guard isASCII else { return nil }
    return withBytes { $0[index] }
  }

  /// The byte at an index of ASCII text; -1 beyond its end.
  @inline(__always)
  func byte(_ index: Int) -> Int {
    withBytes { index < $0.count ? Int($0[index]) : -1 }
  }

  /// The text as UTF-8.
  @inline(__always)
  public func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) throws -> R) rethrows -> R {
    if let result = try text.utf8.withContiguousStorageIfAvailable(body) { return result }
    return try text.withUTF8(body)
  }

  /// Copies ASCII text to a place; how many bytes it was, -1 where it is other text or the room is too small.
  @inline(__always)
  func copyASCII(to target: UnsafeMutablePointer<UInt8>, room: Int) -> Int {
    guard isASCII else { return -1 }
    return withBytes { bytes in
      guard bytes.count <= room else { return -1 }
      if let base = bytes.baseAddress { target.update(from: base, count: bytes.count) }
      return bytes.count
    }
  }

  /// The characters of a checked range of indexes.
  public func slice(_ range: Range<Int>) -> Value {
    if isASCII {
      return withBytes { .string(StringBox(ascii: UnsafeBufferPointer(rebasing: $0[range]))) }
    }
    return Value(String(allCharacters[range]))
  }

  /// What taking the text apart into characters will take, in bytes; 0 where that is done, or not needed.
  public var bytesForCharacters: Int {
    isASCII || characters != nil ? 0 : text.utf8.count * MemoryLayout<Character>.stride
  }

  private static let lineEnd: Character = "\r\n"

  public var allCharacters: [Character] {
    if let characters { return characters }
    var made = Array(text)
    if made.contains(Self.lineEnd) {
      made = made.flatMap { $0 == Self.lineEnd ? ["\r", "\n"] : [$0] }
    }
    characters = made
    return made
  }

  @inline(__always)
  public var isASCII: Bool { encoding == .ascii || (encoding == .unknown && looksASCII()) }

  @inline(never)
  func looksASCII() -> Bool {
    text.makeContiguousUTF8()
    encoding = withBytes(Self.isPlain) ? .ascii : .other
    return encoding == .ascii
  }

  /// Eight bytes at a time: none above 127.
  private static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let high: UInt64 = 0x8080_8080_8080_8080
    var index = 0
    let raw = UnsafeRawBufferPointer(bytes)
    while index + 8 <= bytes.count {
      if raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & high != 0 { return false }
      index += 8
    }
    while index < bytes.count {
      if bytes[index] > 127 { return false }
      index += 1
    }
    return true
  }
}

// MARK: As a key

extension StringBox {
  /// Equal for equal texts.
  var hash: UInt32 {
    if knownHash != 0 { return knownHash }
    // Texts that are equal without being equal byte by byte (é in one scalar or two) need Swift's own hash.
    let hash = isASCII ? withBytes(Self.hash) : UInt32(truncatingIfNeeded: text.hashValue)
    knownHash = hash == 0 ? 1 : hash
    return knownHash
  }

  @inline(__always)
  func isSame(as other: StringBox) -> Bool {
    if self === other { return true }
    if letter | other.letter >= 0 { return letter == other.letter }
    return hasSameText(as: other)
  }

  /// Swift compares ASCII as bytes, and what fits into a string itself at once.
  @inline(never)
  private func hasSameText(as other: StringBox) -> Bool { text == other.text }

  /// Eight bytes at a time, multiplied and folded.
  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
    let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
    var hash = UInt64(truncatingIfNeeded: bytes.count) &* factor
    let raw = UnsafeRawBufferPointer(bytes)
    var index = 0
    while index + 8 <= bytes.count {
      hash = (hash ^ raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* factor
      hash ^= hash >> 32
      index += 8
    }
    var rest: UInt64 = 0
    while index < bytes.count {
      rest = rest << 8 | UInt64(bytes[index])
      index += 1
    }
    hash = (hash ^ rest) &* factor
    return UInt32(truncatingIfNeeded: hash >> 32)
  }
}

extension StringBox {
  /// Each byte of ASCII text changed to another of ASCII; nil for other text.
  public func mappingASCII(_ change: (UInt8) -> UInt8) -> Value? {
    guard isASCII else { return nil }
    let count = text.utf8.count
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, count)) { buffer in
      withBytes { bytes in
        for index in 0..<count { buffer.initializeElement(at: index, to: change(bytes[index])) }
      }
      return .string(StringBox(ascii: UnsafeBufferPointer(rebasing: buffer[..<count])))
    }
  }

  /// - Parameter size: bytes of the whole.
  public static func joined(_ parts: [StringBox], between separator: StringBox, size: Int) -> StringBox {
    let text = String(unsafeUninitializedCapacity: size) { buffer in
      var end = 0
      func write(_ box: StringBox) {
        box.withBytes { bytes in
          let added = min(bytes.count, size - end)
          guard added > 0, let from = bytes.baseAddress, let to = buffer.baseAddress else { return }
          (to + end).initialize(from: from, count: added)
          end += added
        }
      }
      for (index, part) in parts.enumerated() {
        if index > 0, !separator.text.isEmpty { write(separator) }
        write(part)
      }
      return end
    }
    return StringBox(text)
  }
}
