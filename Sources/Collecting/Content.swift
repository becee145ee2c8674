import Files
import Images

/// What came, told by its bytes: a picture that can be used, or why not.
enum Content {
  case picture(PixelImage, format: PixelImage.Format)
  /// `isPicture`: it claims to be one of those that are read, and is kept aside to be looked at.
  case unusable(reason: String, isPicture: Bool)

  static let pixelLimit = 50_000_000

  init(_ bytes: [UInt8], smallestSide: Int) {
    guard let format = PixelImage.format(of: bytes) else {
      self = .unusable(reason: bytes.isEmpty ? "it is empty" : "it is " + Self.name(bytes), isPicture: false)
      return
    }
    do throws(ImageError) {
      let image = try PixelImage.decode(bytes, name: "it", limit: Self.pixelLimit)
      guard min(image.width, image.height) >= smallestSide else {
        self = .unusable(
          reason: "it has \(image.width)×\(image.height) pixels, and \(smallestSide) a side are the least",
          isPicture: false)
        return
      }
      self = .picture(image, format: format)
    } catch {
      self = .unusable(reason: error.explanation.message, isPicture: true)
    }
  }

  static func ending(_ format: PixelImage.Format) -> String {
    switch format {
    case .png: "png"
    case .jpeg: "jpg"
    case .netpbm: "pnm"
    }
  }

  /// For a person: what it is instead.
  static func name(_ bytes: [UInt8]) -> String {
    func begins(_ text: String, at: Int = 0) -> Bool {
      bytes.count >= at + text.utf8.count && bytes[at..<(at + text.utf8.count)].elementsEqual(text.utf8)
    }
    let start = String(decoding: bytes.prefix(512), as: UTF8.self).lowercased()
    if begins("GIF8") { return "a GIF, which is not read" }
    if begins("RIFF"), begins("WEBP", at: 8) { return "a WebP, which is not read" }
    if begins("ftyp", at: 4) { return "an AVIF, HEIC or film, which is not read" }
    if begins("BM") { return "a BMP, which is not read" }
    if begins("II*\0") || begins("MM\0*") { return "a TIFF, which is not read" }
    if begins("%PDF") { return "a PDF" }
    if start.contains("<svg") { return "a drawing (SVG), which is not read" }
    if start.contains("<html") || start.contains("<!doctype") { return "a web page" }
    return "no picture"
  }
}
