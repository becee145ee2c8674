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
    if let other = PixelImage.otherFormat(of: bytes) {
      return "\("AHI".contains(other.prefix(1)) ? "an" : "a") \(other), which is not read"
    }
    if bytes.starts(with: "%PDF".utf8) { return "a PDF" }
    let start = String(decoding: bytes.prefix(512), as: UTF8.self).lowercased()
    if start.contains("<svg") { return "a drawing (SVG), which is not read" }
    if start.contains("<html") || start.contains("<!doctype") { return "a web page" }
    return "no picture"
  }
}
