import CZlib

/// Files out of a tar archive that gzip has packed, as Python's source packages are. Nothing is written anywhere: names
/// are compared, never followed.
public enum TarArchive {
  /// What an archive may unpack to; packages of weights take a hundred megabytes.
  private static let limit = 1 << 30

  /// - Parameters:
  ///   - names: whole paths inside the archive; what is not there is nil.
  ///   - name: what errors call the archive.
  /// - Throws: `DatasetError.brokenArchive`; `CancellationError` where `shouldStop` says so.
  public static func read(
    _ names: [String], fromGzip bytes: [UInt8], name: String, shouldStop: () -> Bool = { false }
  ) throws -> [[UInt8]?] {
    var found = [[UInt8]?](repeating: nil, count: names.count)
    var walker = Walker(names: names, archive: name)
    try inflate(bytes, name: name) { chunk in
      if shouldStop() { throw CancellationError() }
      return try walker.take(chunk) { found[$0] = $1 }
    }
    guard walker.isBetweenFiles else {
      throw DatasetError.brokenArchive(name: name, reason: "the archive is cut off or damaged")
    }
    return found
  }

  /// Unpacks piece by piece, until the end or until `take` wants no more.
  private static func inflate(_ bytes: [UInt8], name: String, _ take: ([UInt8]) throws -> Bool) throws {
    func broken(_ reason: String) -> DatasetError { .brokenArchive(name: name, reason: reason) }
    guard bytes.starts(with: [0x1F, 0x8B]) else { throw broken("it does not begin as gzip does") }
    var stream = z_stream()
    // 16: with gzip's header.
    guard inflateInit2_(&stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw broken("zlib cannot be started")
    }
    defer { inflateEnd(&stream) }
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    var total = 0
    try bytes.withUnsafeBufferPointer { source in
      stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
      stream.avail_in = UInt32(clamping: source.count)
      while true {
        let (status, count): (Int32, Int) = chunk.withUnsafeMutableBufferPointer { out in
          stream.next_out = out.baseAddress
          stream.avail_out = UInt32(out.count)
          let status = zlibInflate(&stream)
          return (status, out.count - Int(stream.avail_out))
        }
        guard status == Z_OK || status == Z_STREAM_END else { throw broken("the archive is cut off or damaged") }
        total += count
        guard total <= limit else { throw broken("it unpacks to more than a gigabyte, as no package of weights does") }
        if count > 0, try !take(Array(chunk[..<count])) { return }
        if status == Z_STREAM_END { return }
        guard count > 0 || stream.avail_in > 0 else { throw broken("the archive is cut off or damaged") }
      }
    }
  }

  private static func zlibInflate(_ stream: inout z_stream) -> Int32 { CZlib.inflate(&stream, Z_NO_FLUSH) }

  /// Goes through headers and files as the bytes come.
  private struct Walker {
    let names: [String]
    let archive: String
    /// Bytes of a header, or of a file that is wanted.
    private var held: [UInt8] = []
    /// Of the current file that are still to come, and of the filling behind it.
    private var left = 0
    private var filling = 0
    private var wanted: Int?
    /// Of the entry that follows, where it is too long for a header.
    private var longName: String?
    /// What the current file says of the next one; "x" as POSIX has it, "L" as GNU does.
    private var note: UInt8?
    private var missing: Int
    private var isOver = false

    init(names: [String], archive: String) {
      self.names = names
      self.archive = archive
      missing = names.count
    }

    var isBetweenFiles: Bool { missing == 0 || (left == 0 && held.isEmpty) }

    /// - Returns: whether more is wanted.
    mutating func take(_ chunk: [UInt8], _ found: (Int, [UInt8]) -> Void) throws -> Bool {
      var at = 0
      while at < chunk.count, missing > 0, !isOver {
        if left > 0 {
          let count = min(left, chunk.count - at)
          if wanted != nil || note != nil { held += chunk[at..<at + count] }
          at += count
          left -= count
          if left == 0 { finish(found) }
        } else if filling > 0 {
          let count = min(filling, chunk.count - at)
          at += count
          filling -= count
        } else {
          let count = min(512 - held.count, chunk.count - at)
          held += chunk[at..<at + count]
          at += count
          if held.count == 512 {
            try header()
            held = []
          }
        }
      }
      return missing > 0 && !isOver
    }

    /// The current file is whole.
    private mutating func finish(_ found: (Int, [UInt8]) -> Void) {
      if let index = wanted {
        found(index, held)
        missing -= 1
      } else if note == 0x4C {
        longName = String(decoding: held.prefix { $0 != 0 }, as: UTF8.self)
      } else if note == 0x78 {
        // Lines "length key=value".
        for line in held.split(separator: 0x0A) {
          guard let space = line.firstIndex(of: 0x20) else { continue }
          let pair = String(decoding: line[(space + 1)...], as: UTF8.self)
          if pair.hasPrefix("path=") { longName = String(pair.dropFirst(5)) }
        }
      }
      held = []
      wanted = nil
      note = nil
    }

    private mutating func header() throws {
      // Two blocks of zeros end an archive.
      if held.allSatisfy({ $0 == 0 }) {
        isOver = true
        return
      }
      func text(_ range: Range<Int>) -> String {
        String(decoding: held[range].prefix { $0 != 0 }, as: UTF8.self)
      }
      let digits = text(124..<136).filter { !$0.isWhitespace }
      let sum = text(148..<156).filter { !$0.isWhitespace }
      let real = held.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
      guard let size = Int(digits.isEmpty ? "0" : digits, radix: 8), size >= 0, size <= TarArchive.limit,
        Int(sum, radix: 8) == real
      else { throw DatasetError.brokenArchive(name: archive, reason: "a header in it is none of tar's") }
      let prefix = held[257..<262].elementsEqual("ustar".utf8) ? text(345..<500) : ""
      let path = longName ?? (prefix.isEmpty ? "" : prefix + "/") + text(0..<100)
      let kind = held[156]
      left = size
      filling = (512 - size % 512) % 512
      wanted = (kind == 0x30 || kind == 0) && size > 0 ? names.firstIndex(of: path) : nil
      if kind == 0x4C || kind == 0x78 {
        guard size > 0, size <= 1 << 16 else {
          throw DatasetError.brokenArchive(name: archive, reason: "a header in it is none of tar's")
        }
        note = kind
      } else {
        longName = nil
      }
    }
  }
}
