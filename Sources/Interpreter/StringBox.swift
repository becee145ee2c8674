import Memory

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
  var countAndHash: UInt64
  /// Few bytes of ASCII: the first eight of them, zeros behind the last. Many: the address of their memory. Other text:
  /// the address of what holds it, which is counted, with the highest bit set, which no text of ASCII and no address has:
  /// so boxes whose count and two words agree hold the same text, whatever they are.
  private(set) var low: UInt64
  /// Few bytes of ASCII: the other eight. Many: how many fit into their memory.
  private(set) var high: UInt64

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

  /// Bytes that the allocator will be asked for where so many bytes are added; 0 where there is room. Of a Swift string,
  /// which does not say how it grows, the most that it may ask for.
  func bytesOfGrowth(adding count: Int) -> Int {
    let total = byteCount + count
    guard isASCII else { return 2 * total }
    return total <= Self.room || byteCount > Self.room && high >= UInt64(total) ? 0 : capacity(for: total)
  }

  /// Adds at the end, in place; for the one owner of this box alone.
  /// - Throws: `MemoryError` where the machine has none for it; the text is then as before.
  package func append(_ more: StringBox) throws(MemoryError) {
    if isASCII, more.isASCII {
      var failure: MemoryError?
      more.withBytes { bytes in
        do throws(MemoryError) { try append(ascii: bytes) } catch { failure = error }
      }
      if let failure { throw failure }
      return
    }
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
  func append(ascii added: UnsafeBufferPointer<UInt8>) throws(MemoryError) {
    guard isASCII else { return try append(StringBox(ascii: added)) }
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
      (try memoryFor(total) + byteCount).update(from: from, count: added.count)
    }
    countAndHash = Self.counted(total)
  }

  /// Memory with room for so many bytes, more than a box holds itself; what it holds already stands there.
  @inline(__always)
  private func memoryFor(_ total: Int) throws(MemoryError) -> UnsafeMutablePointer<UInt8> {
    if byteCount > Self.room, high >= UInt64(total), let memory { return memory }
    return try moved(toFit: total)
  }

  /// Twice as much as there is, so that many small parts are moved a few times only.
  private func capacity(for total: Int) -> Int { max(total, 2 * byteCount, 64) }

  @inline(never)
  private func moved(toFit total: Int) throws(MemoryError) -> UnsafeMutablePointer<UInt8> {
    let capacity = capacity(for: total)
    // C's memory often grows where it stands.
    guard let block = realloc(memory, capacity) else {
      throw .exhausted(wanted: capacity, held: MemoryBudget.held, limit: nil)
    }
    let made = block.assumingMemoryBound(to: UInt8.self)
    if byteCount <= Self.room {
      withBytes { if let base = $0.baseAddress { made.update(from: base, count: $0.count) } }
    }
    (low, high) = (Self.word(made), UInt64(capacity))
    return made
  }

  // MARK: Storage

  /// Where the bytes of ASCII text are, if there are more than the box holds.
  @inline(__always)
  var memory: UnsafeMutablePointer<UInt8>? {
    byteCount > Self.room && isASCII ? UnsafeMutablePointer(bitPattern: UInt(low)) : nil
  }

  /// How many bytes of ASCII have room.
  var capacity: Int { memory == nil ? Self.room : Int(high) }

  /// C's memory, which `realloc` lets grow.
  private static func allocate(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    // Whoever makes a text of more than some hundred kilobytes has asked `MemoryBudget`, which throws in words and keeps
    // some megabytes back for smaller ones: so no script comes here.
    guard let memory = malloc(count) else { fatalError("no memory for a text of \(count) bytes") }
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

  static let counts: UInt64 = (1 << 40) - 1

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
