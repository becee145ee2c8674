/// The portable maps of Netpbm: P1 to P6, plain and binary, comments anywhere in the header, maxval up to 65535.
extension PixelImage {
  static func decodeNetpbm(_ bytes: [UInt8], name: String, limit: Int) throws(ImageError) -> PixelImage {
    let kind = Int(bytes[1]) - 0x30
    let format = [1: "PBM", 2: "PGM", 3: "PPM", 4: "PBM", 5: "PGM", 6: "PPM"][kind] ?? "PNM"
    var reader = NetpbmReader(bytes: bytes, at: 2, file: name, format: format)
    let width = try reader.number("width")
    let height = try reader.number("height")
    guard width > 0, height > 0 else {
      throw .broken(file: name, format: format, reason: "its header gives \(width)×\(height) pixels")
    }
    try check(name, width: width, height: height, limit: limit)
    let bitmap = kind == 1 || kind == 4
    let maximum = bitmap ? 1 : try reader.number("largest value")
    guard (1...65535).contains(maximum) else {
      throw .broken(file: name, format: format, reason: "its largest value is \(maximum), not within 1 to 65535")
    }
    let channels = kind == 3 || kind == 6 ? 3 : 1
    guard let count = samples(width, height, channels) else {
      throw .tooManyPixels(file: name, width: width, height: height, limit: limit)
    }
    let plain = kind <= 3
    if !plain { try reader.oneSpace() }
    let rowBytes = bitmap ? (width + 7) / 8 : width * channels * (maximum > 255 ? 2 : 1)
    let needed = plain ? count : rowBytes * height
    let there = bytes.count - reader.at
    guard there >= needed else {
      throw .broken(
        file: name, format: format,
        reason: "the file ends early: \(Swift.max(0, there)) bytes of pixels where \(height)×\(width) need \(needed)")
    }
    var pixels = [UInt8](repeating: 0, count: count)
    let half = maximum / 2
    /// A pixel beyond the largest value is damage, or a header of another file: whiter than white is nothing.
    func scaled(_ value: Int, at index: Int) throws(ImageError) -> UInt8 {
      guard value <= maximum else {
        throw .broken(
          file: name, format: format,
          reason: "pixel \(index / channels) is \(value), more than its largest value \(maximum)")
      }
      return UInt8((value * 255 + half) / maximum)
    }
    if plain {
      for index in 0..<count {
        if bitmap {
          pixels[index] = try reader.bit() == 0 ? 255 : 0
        } else {
          pixels[index] = try scaled(try reader.number("pixel \(index)"), at: index)
        }
      }
    } else if bitmap {
      for row in 0..<height {
        let start = reader.at + row * rowBytes
        for column in 0..<width where bytes[start + column >> 3] >> UInt8(7 - column & 7) & 1 == 0 {
          pixels[row * width + column] = 255
        }
      }
    } else if maximum == 255 {
      pixels = Array(bytes[reader.at..<(reader.at + count)])
    } else if maximum < 256 {
      for index in 0..<count {
        pixels[index] = try scaled(Int(bytes[reader.at + index]), at: index)
      }
    } else {
      for index in 0..<count {
        let at = reader.at + 2 * index
        pixels[index] = try scaled(Int(bytes[at]) << 8 | Int(bytes[at + 1]), at: index)
      }
    }
    return PixelImage(trusted: pixels, width: width, height: height, channels: channels)
  }

  /// As binary PGM (gray) or PPM.
  public func encodeNetpbm() -> [UInt8] {
    Array("P\(channels == 1 ? 5 : 6)\n\(width) \(height)\n255\n".utf8) + pixels
  }
}

private struct NetpbmReader {
  let bytes: [UInt8]
  var at: Int
  let file: String
  let format: String

  mutating func skip() {
    while at < bytes.count {
      if bytes[at] == 0x23 {
        while at < bytes.count, bytes[at] != 0x0A, bytes[at] != 0x0D { at += 1 }
      } else if bytes[at] == 0x20 || (0x09...0x0D).contains(bytes[at]) {
        at += 1
      } else {
        return
      }
    }
  }

  mutating func number(_ what: String) throws(ImageError) -> Int {
    skip()
    var value = 0
    var digits = 0
    while at < bytes.count, (0x30...0x39).contains(bytes[at]) {
      // Longer numbers are too large whatever they are.
      value = Swift.min(9_999_999_999, value * 10 + Int(bytes[at] - 0x30))
      digits += 1
      at += 1
    }
    guard digits > 0 else {
      let reason = at >= bytes.count ? "the file ends early, at its \(what)" : "its \(what) is not a number"
      throw .broken(file: file, format: format, reason: reason)
    }
    return value
  }

  /// One digit of a plain PBM: they may stand without spaces between them.
  mutating func bit() throws(ImageError) -> Int {
    skip()
    guard at < bytes.count else { throw .broken(file: file, format: format, reason: "the file ends early") }
    guard bytes[at] == 0x30 || bytes[at] == 0x31 else {
      throw .broken(file: file, format: format, reason: "a pixel is neither 0 nor 1")
    }
    at += 1
    return Int(bytes[at - 1] - 0x30)
  }

  /// The single white space between a binary map's header and its pixels.
  mutating func oneSpace() throws(ImageError) {
    guard at < bytes.count, bytes[at] == 0x20 || (0x09...0x0D).contains(bytes[at]) else {
      throw .broken(file: file, format: format, reason: "its header does not end")
    }
    at += 1
  }
}
