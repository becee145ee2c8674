/// Numbers and texts as bytes, for another rank.
extension [UInt8] {
  /// Lowest byte first.
  public mutating func add(_ word: UInt64, count: Int = 8) {
    for place in 0..<count { append(UInt8(truncatingIfNeeded: word >> (8 * UInt64(place)))) }
  }

  /// With its length before it.
  public mutating func add(text: String) {
    add(UInt64(text.utf8.count))
    self += text.utf8
  }
}

/// Takes bytes apart that came from another rank, or from a file, and may not be what they should.
public struct ByteReader {
  private let bytes: [UInt8]
  private var place = 0

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  public var isAtEnd: Bool { place == bytes.count }

  /// - Throws: `RankError.notWhatWasSent`, as all of these do, where fewer are left.
  public mutating func take(_ count: Int) throws(RankError) -> [UInt8] {
    guard count >= 0, count <= bytes.count - place else { throw RankError.notWhatWasSent }
    defer { place += count }
    return Array(bytes[place..<place + count])
  }

  /// All that is left.
  public func rest() -> [UInt8] { Array(bytes[place...]) }

  public mutating func byte() throws(RankError) -> UInt8 {
    guard place < bytes.count else { throw RankError.notWhatWasSent }
    defer { place += 1 }
    return bytes[place]
  }

  /// Lowest byte first.
  public mutating func word() throws(RankError) -> UInt64 { try take(8).reversed().reduce(0) { $0 << 8 | UInt64($1) } }

  public mutating func number() throws(RankError) -> Double { Double(bitPattern: try word()) }

  /// How many things follow, of so many bytes each at least: no more than there are bytes.
  public mutating func count(each: Int) throws(RankError) -> Int {
    let word = try word()
    guard word < 1 << 40 else { throw RankError.notWhatWasSent }
    return try checked(Int(word), each: each)
  }

  /// - Returns: the count, where so many things of so many bytes each can follow.
  public func checked(_ count: Int, each: Int) throws(RankError) -> Int {
    let (size, isTooLarge) = count.multipliedReportingOverflow(by: each)
    guard !isTooLarge, size <= bytes.count - place else { throw RankError.notWhatWasSent }
    return count
  }

  /// As `add(text:)` wrote it.
  public mutating func text() throws(RankError) -> String {
    String(decoding: try take(try count(each: 1)), as: UTF8.self)
  }
}
