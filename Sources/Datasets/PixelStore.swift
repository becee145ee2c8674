import Images
import Tensors

/// The samples of many images of one shape, shared by every dataset that was made from them: taking, splitting and
/// pairing copy indexes, never pixels. Channels first: [count, channels, height, width].
public final class PixelStore: Sendable {
  /// How many images.
  public let count: Int
  /// 1 (gray) or 3 (red, green, blue).
  public let channels: Int
  /// Of each image, in pixels.
  public let height: Int
  /// Of each image, in pixels.
  public let width: Int
  /// [count, channels, height, width], 0 to 255.
  public let pixels: [UInt8]

  /// What a dataset's pixels may take: 8 GB.
  public static let limit = 8_000_000_000

  init(count: Int, channels: Int, height: Int, width: Int, pixels: [UInt8]) {
    self.count = count
    self.channels = channels
    self.height = height
    self.width = width
    self.pixels = pixels
  }

  var imageSize: Int { channels * height * width }

  static func size(count: Int, channels: Int, height: Int, width: Int, name: String) throws(DatasetError) -> Int {
    var total = count
    for factor in [channels, height, width] {
      let (product, overflow) = total.multipliedReportingOverflow(by: factor)
      if overflow || product > limit { throw .tooLarge(name: name, bytes: overflow ? Int.max : product, limit: limit) }
      total = product
    }
    return total
  }

  func image(_ index: Int) -> PixelImage? {
    let start = index * imageSize
    if channels == 1 {
      return PixelImage(width: width, height: height, channels: 1, pixels: Array(pixels[start..<(start + imageSize)]))
    }
    let area = height * width
    var samples = [UInt8](repeating: 0, count: imageSize)
    for channel in 0..<channels {
      for pixel in 0..<area { samples[pixel * channels + channel] = pixels[start + channel * area + pixel] }
    }
    return PixelImage(width: width, height: height, channels: channels, pixels: samples)
  }

  static func copy(_ image: PixelImage, to out: UnsafeMutablePointer<UInt8>) {
    if image.channels == 1 {
      image.pixels.withUnsafeBufferPointer { source in
        if let base = source.baseAddress { out.update(from: base, count: source.count) }
      }
      return
    }
    let area = image.width * image.height
    image.pixels.withUnsafeBufferPointer { source in
      for channel in 0..<image.channels {
        for pixel in 0..<area { out[channel * area + pixel] = source[pixel * image.channels + channel] }
      }
    }
  }

  /// A store of images made one by one, in parallel. `make` must depend on its index alone.
  static func build(
    count: Int, channels: Int, height: Int, width: Int, name: String,
    _ make: @Sendable (_ index: Int, _ out: UnsafeMutablePointer<UInt8>) throws -> Void
  ) throws -> PixelStore {
    let total = try size(count: count, channels: channels, height: height, width: width, name: name)
    let each = channels * height * width
    let failure = FirstFailure()
    let isGivenUp = LongWork.isGivenUp
    let pixels = [UInt8](unsafeUninitializedCapacity: total) { buffer, filled in
      if let base = buffer.baseAddress, total > 0 {
        base.initialize(repeating: 0, count: total)
        // Each slice writes pixels of its own.
        nonisolated(unsafe) let out = base
        let slice = max(1, min(64, count / 16))
        withoutActuallyEscaping(make) { make in
          Workers.shared.parallel(slices: (count + slice - 1) / slice) { part in
            for index in part * slice..<min(count, (part + 1) * slice) {
              if let isGivenUp, isGivenUp() { return }
              do { try make(index, out + index * each) } catch { failure.note(error, at: index) }
            }
          }
        }
      }
      filled = total
    }
    if let error = failure.error { throw error }
    try LongWork.check()
    return PixelStore(count: count, channels: channels, height: height, width: width, pixels: pixels)
  }
}
