/// What can be told of a PNG before anything is allocated for it: the header's claims, and what its chunks could hold.
struct PNGChunks {
  private(set) var width = 0
  private(set) var height = 0
  /// Of one pixel as it is packed.
  private(set) var bitsPerPixel = 0
  /// Bytes of all IDAT chunks.
  private(set) var packed = 0
  private(set) var orientation = 1

  /// Nil where no header stands at the beginning.
  init?(_ bytes: [UInt8]) {
    func number(_ at: Int) -> Int { bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) } }
    func isNamed(_ name: StaticString, _ at: Int) -> Bool {
      name.withUTF8Buffer { name in bytes[at..<(at + 4)].elementsEqual(name) }
    }
    guard bytes.count >= 33, isNamed("IHDR", 12) else { return nil }
    (width, height) = (number(16), number(20))
    let samples = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][bytes[25]] ?? 4
    bitsPerPixel = samples * Int(bytes[24])
    var hasEXIF = false
    var at = 8
    while at + 8 <= bytes.count {
      let length = min(number(at), bytes.count - at - 8)
      if isNamed("IDAT", at + 4) {
        packed += length
      } else if isNamed("eXIf", at + 4), !hasEXIF {
        hasEXIF = true
        orientation = EXIFOrientation.read(bytes[(at + 8)..<(at + 8 + length)]) ?? 1
      } else if isNamed("IEND", at + 4) {
        return
      }
      at += 12 + length
    }
  }

  /// Deflate packs at most 1032 : 1, so that a header which claims more lies.
  var couldHoldItsPixels: Bool {
    let (bits, overflow) = width.multipliedReportingOverflow(by: height)
    let (all, over) = bits.multipliedReportingOverflow(by: bitsPerPixel)
    return !overflow && !over && all / 8 / 1032 <= packed
  }
}
