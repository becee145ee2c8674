import CPNG

/// PNG through libpng's simplified interface: it needs no `setjmp`, which Swift cannot call.
extension PixelImage {
  static func decodePNG(_ bytes: [UInt8], name: String, limit: Int) throws(ImageError) -> PixelImage {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    var result: Result<PixelImage, ImageError> = .failure(.empty(file: name))
    bytes.withUnsafeBytes { source in
      result = decode(&image, source, name: name, limit: limit)
    }
    return try result.get()
  }

  private static func decode(_ image: inout png_image, _ source: UnsafeRawBufferPointer, name: String, limit: Int)
    -> Result<PixelImage, ImageError>
  {
    guard png_image_begin_read_from_memory(&image, source.baseAddress, source.count) != 0 else {
      return .failure(.broken(file: name, format: "PNG", reason: reason(image)))
    }
    let width = Int(image.width)
    let height = Int(image.height)
    do throws(ImageError) { try check(name, width: width, height: height, limit: limit) } catch {
      return .failure(error)
    }
    // 16-bit samples are taken as they are, not as linear light: that is what other readers do.
    image.flags |= 0x04
    let color = image.format & 0x02 != 0
    image.format = color ? 0x02 : 0
    let channels = color ? 3 : 1
    guard let count = samples(width, height, channels) else {
      return .failure(.broken(file: name, format: "PNG", reason: "it has no pixels"))
    }
    // A header that lies costs the claimed pixels only if the file could hold them: deflate packs at most 1032 : 1.
    if (count / channels + 7) / 8 / 1032 > source.count {
      return .failure(.broken(file: name, format: "PNG", reason: "the file is too short for \(height)×\(width) pixels"))
    }
    var pixels = [UInt8](repeating: 0, count: count)
    var white = png_color(red: 255, green: 255, blue: 255)
    guard png_image_finish_read(&image, &white, &pixels, 0, nil) != 0 else {
      return .failure(.broken(file: name, format: "PNG", reason: reason(image)))
    }
    return .success(PixelImage(trusted: pixels, width: width, height: height, channels: channels))
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

  /// libpng's message, and in words where it speaks of a file that ends early.
  private static func reason(_ image: png_image) -> String {
    let text = withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
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
