import CTurboJPEG

/// JPEG through TurboJPEG.
extension PixelImage {
  static func decodeJPEG(_ bytes: [UInt8], name: String, limit: Int) throws(ImageError) -> PixelImage {
    guard let decoder = tjInitDecompress() else {
      throw .broken(file: name, format: "JPEG", reason: "the decoder did not start")
    }
    defer { tjDestroy(decoder) }
    var width: Int32 = 0
    var height: Int32 = 0
    var subsampling: Int32 = 0
    var colorspace: Int32 = 0
    guard
      tjDecompressHeader3(decoder, bytes, UInt(bytes.count), &width, &height, &subsampling, &colorspace) == 0,
      width > 0, height > 0
    else { throw .broken(file: name, format: "JPEG", reason: reason(decoder)) }
    try check(name, width: Int(width), height: Int(height), limit: limit)
    // Colour spaces: 0 RGB, 1 YCbCr, 2 gray, 3 CMYK, 4 YCCK. Pixel formats: 0 RGB, 6 gray, 11 CMYK.
    let inks = colorspace == 3 || colorspace == 4
    let stored = inks ? 4 : colorspace == 2 ? 1 : 3
    guard let area = samples(Int(width), Int(height), 1) else {
      throw .broken(file: name, format: "JPEG", reason: "it has no pixels")
    }
    // A block of 8×8 pixels takes at least a few bits; a header that claims far more than the file could hold lies.
    if area / 8192 > bytes.count {
      throw .broken(file: name, format: "JPEG", reason: "the file is too short for \(height)×\(width) pixels")
    }
    var pixels = [UInt8](repeating: 0, count: area * stored)
    let pixelFormat: Int32 = inks ? 11 : stored == 1 ? 6 : 0
    let limitScans: Int32 = 32768
    if tjDecompress2(decoder, bytes, UInt(bytes.count), &pixels, width, 0, height, pixelFormat, limitScans) != 0 {
      let text = reason(decoder)
      // A warning that is no loss of pixels (stray bytes between markers) is let pass, as other readers do.
      if tjGetErrorCode(decoder) != 0 || text.contains("early") || text.contains("Corrupt") {
        throw .broken(file: name, format: "JPEG", reason: text)
      }
    }
    let notes = JPEGNotes(bytes)
    if inks { pixels = fromInks(pixels, inverted: notes.adobe) }
    let image = PixelImage(
      trusted: pixels, width: Int(width), height: Int(height), channels: stored == 1 ? 1 : 3)
    return image.oriented(notes.orientation)
  }

  /// As JPEG. `quality` from 1 to 100.
  public func encodeJPEG(quality: Int = 90) throws(ImageError) -> [UInt8] {
    guard let encoder = tjInitCompress() else {
      throw .cannotEncode(format: "JPEG", reason: "the encoder did not start")
    }
    defer { tjDestroy(encoder) }
    guard width <= 65500, height <= 65500 else {
      throw .cannotEncode(format: "JPEG", reason: "a side may have at most 65500 pixels")
    }
    var out: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    defer { tjFree(out) }
    let gray = channels == 1
    // Subsampling: 3 gray, 0 none.
    let status = tjCompress2(
      encoder, pixels, Int32(width), 0, Int32(height), gray ? 6 : 0, &out, &size, gray ? 3 : 0,
      Int32(Swift.max(1, Swift.min(100, quality))), 0)
    guard status == 0, let out else { throw .cannotEncode(format: "JPEG", reason: Self.reason(encoder)) }
    return Array(UnsafeBufferPointer(start: out, count: Int(size)))
  }

  private static func reason(_ handle: tjhandle) -> String {
    let text = tjGetErrorStr2(handle).map { String(cString: $0) } ?? ""
    if text.contains("Premature end") || text.contains("empty input") { return "the file ends early" }
    return text.isEmpty ? "it cannot be decoded" : text
  }

  /// CMYK to RGB as ink on paper. Adobe's files hold the inks inverted.
  private static func fromInks(_ inks: [UInt8], inverted: Bool) -> [UInt8] {
    var pixels = [UInt8](repeating: 0, count: inks.count / 4 * 3)
    for index in 0..<inks.count / 4 {
      let black = Int(inverted ? inks[index * 4 + 3] : 255 - inks[index * 4 + 3])
      for channel in 0..<3 {
        let ink = inks[index * 4 + channel]
        pixels[index * 3 + channel] = UInt8((Int(inverted ? ink : 255 - ink) * black + 127) / 255)
      }
    }
    return pixels
  }
}

/// What a JPEG's application segments say: the EXIF orientation (1…8) and whether Adobe wrote it.
struct JPEGNotes {
  var orientation = 1
  var adobe = false

  init(_ bytes: [UInt8]) {
    var at = 2
    while at + 4 <= bytes.count, bytes[at] == 0xFF {
      let marker = bytes[at + 1]
      if marker == 0xFF {
        at += 1
        continue
      }
      if marker == 0xDA || marker == 0xD9 { return }
      let length = Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
      guard length >= 2, at + 2 + length <= bytes.count else { return }
      let segment = Array(bytes[(at + 4)..<(at + 2 + length)])
      if marker == 0xE1, segment.starts(with: [0x45, 0x78, 0x69, 0x66, 0, 0]) {
        if let found = Self.orientation(Array(segment.dropFirst(6))) { orientation = found }
      } else if marker == 0xEE, segment.starts(with: Array("Adobe".utf8)) {
        adobe = true
      }
      at += 2 + length
    }
  }

  /// Tag 0x0112 of the first directory of a TIFF block.
  private static func orientation(_ tiff: [UInt8]) -> Int? {
    guard tiff.count >= 8 else { return nil }
    let little = tiff[0] == 0x49
    func number(_ at: Int, _ size: Int) -> Int? {
      guard at >= 0, at + size <= tiff.count else { return nil }
      let part = tiff[at..<(at + size)]
      return (little ? Array(part.reversed()) : Array(part)).reduce(0) { $0 << 8 | Int($1) }
    }
    guard let directory = number(4, 4), let count = number(directory, 2) else { return nil }
    for entry in 0..<count {
      let at = directory + 2 + entry * 12
      guard let tag = number(at, 2) else { return nil }
      if tag == 0x0112, let value = number(at + 8, 2), (1...8).contains(value) { return value }
    }
    return nil
  }
}
