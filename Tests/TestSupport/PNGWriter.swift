/// PNGs that no encoder writes: any header, any chunks, packed data of one's own.
public enum PNGWriter {
  public static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  private static func big(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }

  public static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return big(data.count) + body + big(Int(checksum(body)))
  }

  public static func header(width: Int, height: Int, depth: UInt8 = 8, colour: UInt8 = 0, interlace: UInt8 = 0)
    -> [UInt8]
  {
    chunk("IHDR", big(width) + big(height) + [depth, colour, 0, 0, interlace])
  }

  public static func file(_ chunks: [[UInt8]]) -> [UInt8] { signature + chunks.flatMap { $0 } + chunk("IEND", []) }

  /// A gray picture of 8 bits from rows, and chunks before and behind its pixels.
  public static func gray(_ rows: [[UInt8]], before: [[UInt8]] = [], behind: [[UInt8]] = []) -> [UInt8] {
    let pixels = chunk("IDAT", stored(rows.flatMap { [0] + $0 }))
    return file([header(width: rows[0].count, height: rows.count)] + before + [pixels] + behind)
  }

  /// zlib, not packed.
  public static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = [0x78, 0x01]
    var at = 0
    repeat {
      let count = min(65535, bytes.count - at)
      out += [at + count == bytes.count ? 1 : 0, UInt8(count & 255), UInt8(count >> 8)]
      out += [UInt8(~count & 255), UInt8(~count >> 8 & 255)] + bytes[at..<(at + count)]
      at += count
    } while at < bytes.count
    var (low, high) = (1, 0)
    for byte in bytes {
      low = (low + Int(byte)) % 65521
      high = (high + low) % 65521
    }
    return out + big(high << 16 | low)
  }

  /// zlib: some bytes as they are, then zeros, 258 in 13 bits, without an end.
  public static func zeros(after bytes: [UInt8], packed count: Int) -> [UInt8] {
    var out: [UInt8] = [0x78, 0x01, 0, UInt8(bytes.count & 255), UInt8(bytes.count >> 8)]
    out += [UInt8(~bytes.count & 255), UInt8(~bytes.count >> 8 & 255)] + bytes
    var (byte, filled): (UInt8, Int) = (0, 0)
    func put(_ bits: [UInt8]) {
      for bit in bits {
        byte |= bit << UInt8(filled)
        filled += 1
        if filled == 8 {
          out.append(byte)
          (byte, filled) = (0, 0)
        }
      }
    }
    // A block with the fixed code: a zero (00110000), then lengths of 258 (11000101) from one byte before (00000).
    put([1, 1, 0])
    put([0, 0, 1, 1, 0, 0, 0, 0])
    while out.count < count { put([1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]) }
    return out
  }
}
