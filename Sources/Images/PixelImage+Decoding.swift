import Files

extension PixelImage {
  /// The kinds of files that are read, by their names for people.
  public enum Format: String, Sendable, Hashable { case png = "PNG", jpeg = "JPEG", netpbm = "PNM" }

  /// What the bytes are, by their content; a file's name says nothing.
  public static func format(of bytes: [UInt8]) -> Format? {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
    if bytes.count > 2, bytes[0] == 0x50, (0x31...0x36).contains(bytes[1]),
      [0x20, 0x09, 0x0A, 0x0D, 0x23].contains(bytes[2])
    {
      return .netpbm
    }
    return nil
  }

  /// Decodes PNG, JPEG, PGM, PPM or PBM. Gray files give one channel, others three; transparent pixels are laid on
  /// white; 16-bit samples keep their high part; a JPEG is turned as its EXIF orientation says.
  /// - Parameters:
  ///   - name: what errors call the file.
  ///   - limit: the most pixels accepted; a header that claims more is refused before anything is allocated.
  public static func decode(_ bytes: [UInt8], name: String = "the image", limit: Int = pixelLimit)
    throws(ImageError) -> PixelImage
  {
    if bytes.isEmpty { throw .empty(file: name) }
    switch format(of: bytes) {
    case .png: return try decodePNG(bytes, name: name, limit: limit)
    case .jpeg: return try decodeJPEG(bytes, name: name, limit: limit)
    case .netpbm: return try decodeNetpbm(bytes, name: name, limit: limit)
    case nil:
      if let other = otherFormat(of: bytes) { throw .otherFormat(file: name, format: other) }
      if let other = otherContent(of: bytes) { throw .noPicture(file: name, format: other) }
      throw .unknownFormat(file: name)
    }
  }

  /// The name of a kind of image that is known, but not read: "GIF", "BMP", "WebP", "TIFF", "AVIF", "HEIF or video".
  public static func otherFormat(of bytes: [UInt8]) -> String? {
    let start = bytes.prefix(12)
    if start.starts(with: Array("GIF8".utf8)) { return "GIF" }
    if start.starts(with: Array("BM".utf8)), start.dropFirst(6).elementsEqual([0, 0, 0, 0] + start.dropFirst(10)) {
      return "BMP"
    }
    if start.starts(with: Array("RIFF".utf8)), start.dropFirst(8).elementsEqual("WEBP".utf8) { return "WebP" }
    if start.starts(with: [0x49, 0x49, 0x2A, 0]) || start.starts(with: [0x4D, 0x4D, 0, 0x2A]) { return "TIFF" }
    if start.dropFirst(4).starts(with: "ftyp".utf8) {
      return start.dropFirst(8).starts(with: "avi".utf8) ? "AVIF" : "HEIF or video"
    }
    return nil
  }

  /// What stands in place of a picture where a download went wrong, or a file has a false name; nil: unknown.
  static func otherContent(of bytes: [UInt8]) -> String? {
    let start = String(decoding: bytes.prefix(256), as: UTF8.self).drop { $0.isWhitespace || $0 == "\u{feff}" }
    let word = start.prefix(14).lowercased()
    if word.hasPrefix("<!doctype html") || word.hasPrefix("<html") || word.hasPrefix("<head") {
      return "a page of HTML"
    }
    if word.hasPrefix("<svg") || word.hasPrefix("<?xml") { return start.contains("<svg") ? "a drawing in SVG" : "XML" }
    if word.hasPrefix("{") && start.dropFirst().drop(while: \.isWhitespace).first == "\"" { return "JSON" }
    if bytes.starts(with: "%PDF".utf8) { return "a PDF" }
    if bytes.starts(with: [0x50, 0x4B, 3, 4]) { return "a zip" }
    return nil
  }

  /// Reads and decodes a file.
  public static func read(_ path: String, limit: Int = pixelLimit) throws -> PixelImage {
    try decode(try FileSystem.read(path, limit: 1 << 30), name: "“\(path)”", limit: limit)
  }
}
