/// How a picture is to be turned: tag 0x0112 of the first directory of a TIFF block, as EXIF has it in JPEG and PNG.
enum EXIFOrientation {
  private static let tag = 0x0112

  /// 1 to 8, or nil where the block does not say.
  static func read(_ tiff: some RandomAccessCollection<UInt8>) -> Int? {
    let bytes = Array(tiff.prefix(1 << 16))
    guard bytes.count >= 8 else { return nil }
    let isLittle: Bool
    switch Array(bytes[0..<4]) {
    case [0x49, 0x49, 42, 0]: isLittle = true
    case [0x4D, 0x4D, 0, 42]: isLittle = false
    default: return nil
    }
    func number(_ at: Int, _ size: Int) -> Int? {
      guard at >= 0, at + size <= bytes.count else { return nil }
      let part = bytes[at..<(at + size)]
      return (isLittle ? Array(part.reversed()) : Array(part)).reduce(0) { $0 << 8 | Int($1) }
    }
    guard let directory = number(4, 4), let count = number(directory, 2) else { return nil }
    for entry in 0..<count {
      let at = directory + 2 + entry * 12
      guard let found = number(at, 2) else { return nil }
      guard found == tag, let type = number(at + 2, 2), let size = sizes[type], let length = number(at + 4, 4),
        length > 0
      else { continue }
      // Numbers of four bytes or fewer together stand in the entry itself, at its beginning in either order of bytes, more
      // of them where the entry says. The first counts, as in Pillow. Those of the orientation are the same with a sign
      // and without.
      guard let place = length <= 4 / size ? at + 8 : number(at + 8, 4) else { return nil }
      if let value = number(place, size), (1...8).contains(value) { return value }
      return nil
    }
    return nil
  }

  /// Bytes of TIFF's integer types: BYTE, SHORT, LONG, and those with a sign.
  private static let sizes = [1: 1, 3: 2, 4: 4, 6: 1, 8: 2, 9: 4]
}
