/// A picture of 8-bit samples, gray or RGB, row by row, channels interleaved. Immutable.
public struct PixelImage: Hashable, Sendable {
  public let width: Int
  public let height: Int
  /// 1 (gray) or 3 (red, green, blue).
  public let channels: Int
  /// height · width · channels samples, 0 black.
  public let pixels: [UInt8]

  /// What is decoded at most: a hundred million pixels, whatever a header claims.
  public static let pixelLimit = 100_000_000

  /// Nil unless the sizes are positive and the number of samples is theirs.
  public init?(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    guard channels == 1 || channels == 3,
      let count = Self.samples(width, height, channels), count == pixels.count
    else { return nil }
    self.init(trusted: pixels, width: width, height: height, channels: channels)
  }

  /// For callers in this module that made the samples to measure.
  init(trusted pixels: [UInt8], width: Int, height: Int, channels: Int) {
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// width · height · channels, or nil where that is not a number of samples that would be held.
  static func samples(_ width: Int, _ height: Int, _ channels: Int) -> Int? {
    guard width > 0, height > 0 else { return nil }
    let (area, overflow) = width.multipliedReportingOverflow(by: height)
    return overflow || area > pixelLimit ? nil : area * channels
  }

  static func check(_ file: String, width: Int, height: Int, limit: Int) throws(ImageError) {
    let (area, overflow) = width.multipliedReportingOverflow(by: height)
    if overflow || area > limit {
      throw .tooManyPixels(file: file, width: width, height: height, limit: limit)
    }
  }
}
