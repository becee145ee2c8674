import CPNG
import CPNGRead

/// PNG through libpng: read by its own interface, written by the simplified one.
extension PixelImage {
  static func decodePNG(_ bytes: [UInt8], name: String, limit: Int) throws(ImageError) -> PixelImage {
    func broken(_ reason: String) -> ImageError { .broken(file: name, format: "PNG", reason: reason) }
    if let chunks = PNGChunks(bytes) {
      try check(name, width: chunks.width, height: chunks.height, limit: limit)
      if max(chunks.width, chunks.height) > pngSideLimit {
        throw .sideTooLong(file: name, width: chunks.width, height: chunks.height, limit: pngSideLimit)
      }
      guard chunks.couldHoldItsPixels else {
        throw broken("the file is too short for \(chunks.height)×\(chunks.width) pixels")
      }
      return try decodePNG(bytes, name: name).oriented(chunks.orientation)
    }
    return try decodePNG(bytes, name: name)
  }

  /// libpng's own, a million pixels: it holds two rows, and goes over the rows seven times.
  static let pngSideLimit = Int(TWIN_PNG_SIDE_LIMIT)

  /// - Parameter bytes: with a header that was looked at, or with none.
  private static func decodePNG(_ bytes: [UInt8], name: String) throws(ImageError) -> PixelImage {
    func broken(_ reason: String) -> ImageError { .broken(file: name, format: "PNG", reason: reason) }
    var words = (0..<128).map { _ in CChar(0) }
    func text() -> String { reason(words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }) }
    var header = TwinPNGHeader()
    guard twin_png_header(bytes, bytes.count, &header, &words) else { throw broken(text()) }
    let (width, height, channels) = (Int(header.width), Int(header.height), Int(header.channels))
    guard (1...4).contains(channels), let area = samples(width, height, 1) else { throw broken("it has no pixels") }
    var pixels = [UInt8](repeating: 0, count: area * channels)
    guard twin_png_pixels(bytes, bytes.count, header, &pixels, &words) else { throw broken(text()) }
    if channels == 2 || channels == 4 { pixels = onWhite(pixels, colors: channels - 1) }
    return PixelImage(trusted: pixels, width: width, height: height, channels: channels < 3 ? 1 : 3)
  }

  /// Transparent pixels as they look on white paper, mixed sample by sample as other programs do.
  private static func onWhite(_ pixels: [UInt8], colors: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(pixels.count / (colors + 1) * colors)
    for start in stride(from: 0, to: pixels.count, by: colors + 1) {
      let alpha = Int(pixels[start + colors])
      for color in 0..<colors {
        result.append(UInt8((Int(pixels[start + color]) * alpha + 255 * (255 - alpha) + 127) / 255))
      }
    }
    return result
  }

  /// As PNG, 8 bits a sample.
  public func encodePNG() throws(ImageError) -> [UInt8] {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(width)
    image.height = png_uint_32(height)
    image.format = channels == 3 ? 0x02 : 0
    defer { png_image_free(&image) }
    var size = 0
    guard png_image_write_to_memory(&image, nil, &size, 0, pixels, 0, nil) != 0 else {
      throw .cannotEncode(format: "PNG", reason: Self.reason(image))
    }
    var bytes = [UInt8](repeating: 0, count: size)
    guard png_image_write_to_memory(&image, &bytes, &size, 0, pixels, 0, nil) != 0 else {
      throw .cannotEncode(format: "PNG", reason: Self.reason(image))
    }
    return Array(bytes.prefix(size))
  }

  private static func reason(_ image: png_image) -> String {
    reason(withUnsafeBytes(of: image.message) { Array($0.prefix { $0 != 0 }) })
  }

  /// libpng's message, and in words where it speaks of a file that ends early.
  private static func reason(_ message: [UInt8]) -> String {
    let text = String(decoding: message, as: UTF8.self)
    switch text.lowercased() {
    case let message
    where message.contains("read beyond end") || message.contains("not enough image data")
      || message.contains("read error") || message.contains("truncated"):
      return "the file ends early"
    case "": return "it cannot be decoded"
    default: return text
    }
  }
}
