#if canImport(Glibc)
  import Glibc
#endif

/// A string of the language; indexes count characters. Carriage return and line feed are two of them, as in Python, though
/// Swift takes them together as one.
///
/// Text of ASCII alone, which is nearly all of it, is kept as bytes: up to sixteen in the box itself, more of them in
/// memory of its own. It is searched, cut, joined and compared as such. Other text is a Swift string.
public final class StringBox {
  /// How many bytes the text has as UTF-8, in the lower 40 bits; above them the hash, zeros as long as it is not known.
  private var countAndHash: UInt64
  /// Few bytes of ASCII: the first eight of them, zeros behind the last. Many: the address of their memory. Other text:
  /// the address of what holds it, which is counted, with the highest bit set, which no text of ASCII and no address has:
  /// so boxes whose count and two words agree hold the same text, whatever they are.
  private var low: UInt64
  /// Few bytes of ASCII: the other eight. Many: how many fit into their memory.
  private var high: UInt64

  /// Text that is not ASCII alone.
  private final class OtherText {
    var text: String
    /// Made at the first index, so that a loop over indexes stays linear.
    var characters: [Character]?
    init(_ text: String) { self.text = text }
  }

  /// Bytes of ASCII that a box holds itself.
  static let room = 16

  public init(_ text: String) {
    var text = text
    countAndHash = Self.counted(text.utf8.count)
    if text.withUTF8(Self.isPlain) {
      (low, high) = text.withUTF8(Self.stored)
    } else {
      (low, high) = (Self.held(OtherText(text)), 0)
    }
  }

  /// Bytes that are known to be ASCII.
  public init(ascii bytes: UnsafeBufferPointer<UInt8>) {
    countAndHash = Self.counted(bytes.count)
    (low, high) = Self.stored(bytes)
  }

  /// Bytes of UTF-8.
  package convenience init(utf8 bytes: UnsafeBufferPointer<UInt8>) {
    if Self.isPlain(bytes) { self.init(ascii: bytes) } else { self.init(String(decoding: bytes, as: UTF8.self)) }
  }

  /// One character of ASCII.
  init(letter: UInt8) {
    countAndHash = 1
    (low, high) = (UInt64(letter & 127), 0)
  }

  /// So many bytes of ASCII, which somebody writes.
  init(asciiCount count: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Void) {
    countAndHash = Self.counted(count)
    if count > Self.room {
      let memory = Self.allocate(count)
      write(memory)
      (low, high) = (Self.word(memory), UInt64(count))
    } else {
      var words: (UInt64, UInt64) = (0, 0)
      withUnsafeMutableBytes(of: &words) { raw in
        if let base = raw.baseAddress { write(base.assumingMemoryBound(to: UInt8.self)) }
      }
      (low, high) = words
    }
  }

  deinit {
    if byteCount > Self.room || !isASCII { letGo() }
  }

  /// Lets go of the memory, or of the other text.
  @inline(never)
  private func letGo() {
    if isASCII { free(memory) } else { reference?.release() }
  }

  package func copy() -> StringBox { isASCII ? withBytes { StringBox(ascii: $0) } : StringBox(text) }

  // MARK: Reading

  @inline(__always)
  public var byteCount: Int { Int(truncatingIfNeeded: countAndHash & Self.counts) }

  @inline(__always)
  public var isASCII: Bool { low >> 63 == 0 }

  public var isEmpty: Bool { byteCount == 0 }

  /// The text as a Swift string: made anew each time where it is ASCII, so that what can work on bytes should.
  public var text: String {
    if let other { return other.text }
    return withBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// The one ASCII character that the text is; -1 for any other text.
  @inline(__always)
  var letter: Int { byteCount == 1 ? Int(truncatingIfNeeded: low) : -1 }

  /// Number of characters.
  public var count: Int { isASCII ? byteCount : allCharacters.count }

  /// The text as UTF-8.
  @inline(__always)
  public func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) throws -> R) rethrows -> R {
    if !isASCII { return try withOtherBytes(body) }
    return try withUnsafeBytes(of: (low, high)) { few in
      let few = few.baseAddress?.assumingMemoryBound(to: UInt8.self)
      return try body(UnsafeBufferPointer(start: byteCount > Self.room ? UnsafePointer(memory) : few, count: byteCount))
    }
  }

  @inline(never)
  private func withOtherBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) throws -> R) rethrows -> R {
    var text = other?.text ?? ""
    return try text.withUTF8(body)
  }

  /// The byte at a checked index, where the text is ASCII.
  @inline(__always)
  func asciiByte(_ index: Int) -> UInt8? { isASCII ? UInt8(truncatingIfNeeded: byte(index)) : nil }

  /// The byte at an index of ASCII text; -1 beyond its end.
  @inline(__always)
  func byte(_ index: Int) -> Int {
    guard index < byteCount else { return -1 }
    if byteCount > Self.room { return memory.map { Int($0[index]) } ?? -1 }
    let word = index < 8 ? low : high
    return Int(truncatingIfNeeded: word >> UInt64(truncatingIfNeeded: 8 * (index & 7)) & 0xFF)
  }

  /// Copies ASCII text to a place; how many bytes it was, -1 where it is other text or the room is too small.
  @inline(__always)
  func copyASCII(to target: UnsafeMutablePointer<UInt8>, room: Int) -> Int {
    let count = byteCount
    guard isASCII, count <= room else { return -1 }
    if count > Self.room {
      if let memory { target.update(from: memory, count: count) }
    } else if room >= Self.room {
      // Both words at once; what stands behind the last byte is written over by what comes next.
      let raw = UnsafeMutableRawPointer(target)
      raw.storeBytes(of: low, as: UInt64.self)
      raw.storeBytes(of: high, toByteOffset: 8, as: UInt64.self)
    } else {
      withBytes { if let base = $0.baseAddress { target.update(from: base, count: count) } }
    }
    return count
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
    isASCII || other?.characters != nil ? 0 : byteCount * MemoryLayout<Character>.stride
  }

  private static let lineEnd: Character = "\r\n"

  public var allCharacters: [Character] {
    guard let other else { return withBytes { $0.map { Character(UnicodeScalar($0)) } } }
    if let characters = other.characters { return characters }
    var made = Array(other.text)
    if made.contains(Self.lineEnd) {
      made = made.flatMap { $0 == Self.lineEnd ? ["\r", "\n"] : [$0] }
    }
    other.characters = made
    return made
  }

  // MARK: Growing

  /// Adds at the end, in place; for the one owner of this box alone.
  package func append(_ more: StringBox) {
    if isASCII, more.isASCII { return more.withBytes { append(ascii: $0) } }
    if let other {
      other.characters = nil
      other.text.append(more.text)
      countAndHash = Self.counted(other.text.utf8.count)
      return
    }
    let whole = text + more.text
    if byteCount > Self.room { letGo() }
    countAndHash = Self.counted(whole.utf8.count)
    (low, high) = (Self.held(OtherText(whole)), 0)
  }

  /// Becomes another text, of bytes that are known to be ASCII; for the one owner of this box alone.
  func set(ascii bytes: UnsafeBufferPointer<UInt8>) {
    if byteCount > Self.room || !isASCII { letGo() }
    countAndHash = Self.counted(bytes.count)
    (low, high) = Self.stored(bytes)
  }

  /// Adds bytes that are known to be ASCII; for the one owner of this box alone.
  func append(ascii added: UnsafeBufferPointer<UInt8>) {
    guard isASCII else { return append(StringBox(ascii: added)) }
    guard let from = added.baseAddress, added.count > 0 else { return }
    let total = byteCount + added.count
    if total <= Self.room {
      let place = byteCount
      var words = (low, high)
      withUnsafeMutableBytes(of: &words) { raw in
        for index in 0..<added.count { raw[place + index] = added[index] }
      }
      (low, high) = words
    } else {
      (memoryFor(total) + byteCount).update(from: from, count: added.count)
    }
    countAndHash = Self.counted(total)
  }

  /// Memory with room for so many bytes, more than a box holds itself; what it holds already stands there.
  @inline(__always)
  private func memoryFor(_ total: Int) -> UnsafeMutablePointer<UInt8> {
    if byteCount > Self.room, high >= UInt64(total), let memory { return memory }
    return moved(toFit: total)
  }

  @inline(never)
  private func moved(toFit total: Int) -> UnsafeMutablePointer<UInt8> {
    let capacity = max(total, 2 * byteCount, 64)
    let made = Self.allocate(capacity, insteadOf: memory)
    if byteCount <= Self.room {
      withBytes { if let base = $0.baseAddress { made.update(from: base, count: $0.count) } }
    }
    (low, high) = (Self.word(made), UInt64(capacity))
    return made
  }

  // MARK: Storage

  /// Where the bytes of ASCII text are, if there are more than the box holds.
  @inline(__always)
  private var memory: UnsafeMutablePointer<UInt8>? {
    byteCount > Self.room && isASCII ? UnsafeMutablePointer(bitPattern: UInt(low)) : nil
  }

  /// C's memory, which often grows where it stands.
  private static func allocate(
    _ count: Int, insteadOf old: UnsafeMutablePointer<UInt8>? = nil
  ) -> UnsafeMutablePointer<UInt8> {
    // The budget was asked before: here the machine has no memory at all, as where Swift's own collections end.
    guard let memory = realloc(old, count) else { fatalError("no memory for a text of \(count) bytes") }
    return memory.assumingMemoryBound(to: UInt8.self)
  }

  @inline(__always)
  private static func word(_ pointer: UnsafeMutablePointer<UInt8>) -> UInt64 { UInt64(UInt(bitPattern: pointer)) }

  private static func held(_ text: OtherText) -> UInt64 {
    UInt64(UInt(bitPattern: Unmanaged.passRetained(text).toOpaque())) | 1 << 63
  }

  private var reference: Unmanaged<OtherText>? {
    guard !isASCII, let address = UnsafeRawPointer(bitPattern: UInt(low & ~(1 << 63))) else { return nil }
    return Unmanaged.fromOpaque(address)
  }

  private var other: OtherText? { reference?.takeUnretainedValue() }

  private static let counts: UInt64 = (1 << 40) - 1

  /// With no hash yet.
  @inline(__always)
  private static func counted(_ count: Int) -> UInt64 { UInt64(truncatingIfNeeded: count) & counts }

  @inline(__always)
  private static func stored(_ bytes: UnsafeBufferPointer<UInt8>) -> (UInt64, UInt64) {
    guard bytes.count > room else { return packed(bytes) }
    return storedApart(bytes)
  }

  @inline(never)
  private static func storedApart(_ bytes: UnsafeBufferPointer<UInt8>) -> (UInt64, UInt64) {
    let memory = allocate(bytes.count)
    if let base = bytes.baseAddress { memory.update(from: base, count: bytes.count) }
    return (word(memory), UInt64(bytes.count))
  }

  /// Up to sixteen bytes as two words, by loads that overlap. Twinbook runs on processors that put the lowest byte first.
  @inline(__always)
  private static func packed(_ bytes: UnsafeBufferPointer<UInt8>) -> (UInt64, UInt64) {
    let count = bytes.count
    let raw = UnsafeRawBufferPointer(bytes)
    if count >= 8 {
      let last = raw.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
      return (raw.loadUnaligned(as: UInt64.self), last >> UInt64(8 * (16 - count)))
    }
    if count >= 4 {
      let last = UInt64(raw.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
      return (UInt64(raw.loadUnaligned(as: UInt32.self)) | last << UInt64(8 * (count - 4)), 0)
    }
    guard count > 0 else { return (0, 0) }
    let (middle, last) = (count / 2, count - 1)
    let word =
      UInt64(bytes[0]) | UInt64(bytes[middle]) << UInt64(8 * middle) | UInt64(bytes[last]) << UInt64(8 * last)
    return (word, 0)
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
  /// Equal for equal texts: 24 bits.
  @inline(__always)
  var hash: UInt32 {
    let known = UInt32(truncatingIfNeeded: countAndHash >> 40)
    return known != 0 ? known : computedHash()
  }

  @inline(never)
  private func computedHash() -> UInt32 {
    let hash: UInt32
    if let memory {
      hash = Self.hash(UnsafeBufferPointer(start: memory, count: byteCount))
    } else if isASCII {
      hash = Self.hash(low, high, byteCount)
    } else {
      // Texts that are equal without being equal byte by byte (é in one scalar or two) need Swift's own hash.
      hash = UInt32(truncatingIfNeeded: text.hashValue)
    }
    let kept = max(1, hash >> 8)
    countAndHash = countAndHash & Self.counts | UInt64(kept) << 40
    return kept
  }

  @inline(__always)
  package func isSame(as box: StringBox) -> Bool {
    if (countAndHash ^ box.countAndHash) & Self.counts == 0, low == box.low, high == box.high { return true }
    // Few bytes of ASCII in both: they would agree.
    if byteCount <= Self.room, box.byteCount <= Self.room, (low | box.low) >> 63 == 0 { return false }
    return hasSameText(as: box)
  }

  @inline(never)
  private func hasSameText(as box: StringBox) -> Bool {
    guard isASCII, box.isASCII else { return text == box.text }
    guard byteCount == box.byteCount, let memory, let other = box.memory else { return false }
    return memcmp(memory, other, byteCount) == 0
  }

  /// The first eight bytes of ASCII text as a number, zeros behind the last: texts stand in the order of these numbers where
  /// they differ.
  package var firstBytes: UInt64 {
    (memory.map { UnsafeRawPointer($0).loadUnaligned(as: UInt64.self) } ?? low).byteSwapped
  }

  /// Negative, zero or positive: the order of Swift's strings, which is that of bytes where both are ASCII.
  package func order(_ box: StringBox) -> Int {
    guard isASCII, box.isASCII else {
      let (first, second) = (text, box.text)
      return first < second ? -1 : first == second ? 0 : 1
    }
    let common = min(byteCount, box.byteCount)
    let order = withBytes { bytes in
      box.withBytes { others -> Int32 in
        guard let first = bytes.baseAddress, let second = others.baseAddress else { return 0 }
        return memcmp(first, second, common)
      }
    }
    return order == 0 ? byteCount - box.byteCount : Int(order)
  }

  private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// Of few bytes, which stand in two words.
  private static func hash(_ low: UInt64, _ high: UInt64, _ count: Int) -> UInt32 {
    var hash = (low ^ UInt64(truncatingIfNeeded: count) &* factor) &* factor
    hash ^= hash >> 32
    hash = (hash ^ high) &* factor
    return UInt32(truncatingIfNeeded: hash >> 32)
  }

  /// Eight bytes at a time, multiplied and folded.
  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
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

// MARK: New texts of old ones

extension StringBox {
  /// ASCII text with its letters from `first` to `last` changed from small to capital, or back; nil for other text.
  public func changingCase(from first: UInt8, to last: UInt8) -> Value? {
    guard isASCII else { return nil }
    let count = byteCount
    return withBytes { bytes in
      .string(
        StringBox(asciiCount: count) { target in
          for index in 0..<count {
            let byte = bytes[index]
            target[index] = byte >= first && byte <= last ? byte ^ 0x20 : byte
          }
        })
    }
  }

  /// `a + b`.
  static func sum(_ first: StringBox, _ second: StringBox) -> StringBox {
    guard first.isASCII, second.isASCII else { return StringBox(first.text + second.text) }
    let size = first.byteCount + second.byteCount
    return StringBox(asciiCount: size) { target in
      let end = max(0, first.copyASCII(to: target, room: size))
      _ = second.copyASCII(to: target + end, room: size - end)
    }
  }

  /// `a * 3`.
  func repeated(_ times: Int) -> StringBox {
    guard isASCII else { return StringBox(String(repeating: text, count: times)) }
    return withBytes { bytes in
      StringBox(asciiCount: bytes.count * times) { target in
        guard let from = bytes.baseAddress else { return }
        for turn in 0..<times { (target + turn * bytes.count).update(from: from, count: bytes.count) }
      }
    }
  }

  /// - Parameter size: bytes of the whole.
  public static func joined(_ parts: [StringBox], between separator: StringBox, size: Int) -> StringBox {
    if separator.isASCII, parts.allSatisfy(\.isASCII) {
      return StringBox(asciiCount: size) { target in
        var end = 0
        for (index, part) in parts.enumerated() {
          if index > 0 { end += max(0, separator.copyASCII(to: target + end, room: size - end)) }
          end += max(0, part.copyASCII(to: target + end, room: size - end))
        }
      }
    }
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
        if index > 0, !separator.isEmpty { write(separator) }
        write(part)
      }
      return end
    }
    return StringBox(text)
  }
}
