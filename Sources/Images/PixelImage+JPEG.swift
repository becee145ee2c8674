import CJPEG

import Glibc

/// JPEG through libjpeg.
extension PixelImage {
  static func decodeJPEG(_ bytes: [UInt8], name: String, limit: Int) throws(ImageError) -> PixelImage {
    func broken(_ reason: String) -> ImageError { .broken(file: name, format: "JPEG", reason: reason) }
    let early = "the file ends early"
    return try bytes.withUnsafeBufferPointer { bytes throws(ImageError) -> PixelImage in
      var words = [CChar](repeating: 0, count: 256)
      var header = TwinJPEGHeader()
      var endsEarly = false
      guard let decoder = twin_jpeg_open(bytes.baseAddress, bytes.count, &header, &endsEarly, &words) else {
        throw broken(endsEarly ? early : text(words))
      }
      defer { twin_jpeg_close(decoder) }
      let (width, height, stored) = (header.width, header.height, Int(header.channels))
      try check(name, width: width, height: height, limit: limit)
      guard stored > 0 else { throw broken("it has \(header.components) components, where 1, 3 or 4 make a picture") }
      guard let area = samples(width, height, 1) else { throw broken("it has no pixels") }
      // A block of 8×8 pixels takes a bit or more; a header that claims more than the file could hold lies.
      if !header.isArithmetic, area / 512 > bytes.count {
        throw broken("the file is too short for \(height)×\(width) pixels")
      }
      var pixels = [UInt8](repeating: 0, count: area * stored)
      switch twin_jpeg_pixels(decoder, &pixels, &words) {
      case TwinJPEGRead: break
      case TwinJPEGEndsEarly: throw broken(early)
      case TwinJPEGTooMuchWork:
        throw .tooMuchWork(
          file: name, format: "JPEG", reason: "it goes over its \(height)×\(width) pixels in too many scans")
      default: throw broken(text(words))
      }
      if stored == 4 { pixels = fromInks(pixels) }
      let image = PixelImage(trusted: pixels, width: width, height: height, channels: stored == 1 ? 1 : 3)
      let exif = UnsafeBufferPointer(start: header.exif, count: header.exifCount)
      return image.oriented(EXIFOrientation.read(exif) ?? 1)
    }
  }

  /// As JPEG. `quality` from 1 to 100.
  public func encodeJPEG(quality: Int = 90) throws(ImageError) -> [UInt8] {
    guard width <= 65500, height <= 65500 else {
      throw .cannotEncode(format: "JPEG", reason: "a side may have at most 65500 pixels")
    }
    var out: UnsafeMutablePointer<UInt8>?
    var size = 0
    var words = [CChar](repeating: 0, count: 256)
    defer { free(out) }
    let quality = Int32(Swift.max(1, Swift.min(100, quality)))
    guard twin_jpeg_encode(pixels, width, height, Int32(channels), quality, &out, &size, &words), let out else {
      throw .cannotEncode(format: "JPEG", reason: Self.text(words))
    }
    return Array(UnsafeBufferPointer(start: out, count: size))
  }

  private static func text(_ words: [CChar]) -> String {
    let text = String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.isEmpty ? "it cannot be decoded" : text
  }

  /// CMYK to RGB as ink on paper. Files hold the inks inverted, as Adobe's do; programs take all for such.
  private static func fromInks(_ inks: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: inks.count / 4 * 3) { out, count in
      for index in 0..<inks.count / 4 {
        let paper = Int(inks[index * 4 + 3])
        for channel in 0..<3 {
          out[index * 3 + channel] = UInt8((Int(inks[index * 4 + channel]) * paper + 127) / 255)
        }
      }
      count = inks.count / 4 * 3
    }
  }
}
