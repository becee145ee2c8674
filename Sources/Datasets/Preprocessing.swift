import FaceDetection
import Foundation
import Images

/// What was done to a dataset's images, remembered so that a query is prepared exactly alike. Codable, so that it goes
/// into a gallery's or network's file.
public struct Preprocessing: Hashable, Sendable, Codable {
  /// One operation on pixels.
  public enum Step: Hashable, Sendable, Codable {
    case gray
    /// Pillow's bilinear with antialiasing.
    case resize(height: Int, width: Int)
    /// Every second pixel.
    case halve
    case crop(top: Int, left: Int, height: Int, width: Int)
    case invert
    /// What is drawn, in the middle and of one size: `PixelImage.aligned`.
    case align(height: Int, width: Int, spread: Double)
    /// Moved a little, so that it lies over the mean of a set of pictures; its size stays.
    case congeal(MeanTemplate)
    /// The face in it as face networks of dlib's school take it, RGB: `FaceAligner.chip`. Side in pixels, border as a share.
    case face(size: Int, padding: Double)
  }

  /// In the order in which they were done.
  public var steps: [Step] = []
  /// After division by 255, (x − mean) / deviation.
  public var mean: Float = 0
  /// What is divided by; greater than 0.
  public var deviation: Float = 1
  /// [channels, height, width] of what comes out.
  public var shape: [Int]

  public init(shape: [Int]) { self.shape = shape }

  /// As a network carries it; nil for anything else.
  public init?(json: String) {
    guard let found = try? JSONDecoder().decode(Preprocessing.self, from: Data(json.utf8)) else { return nil }
    self = found
  }

  /// The image as the dataset's own were prepared.
  public func apply(_ image: PixelImage) throws -> PixelImage {
    var image = image
    for step in steps { image = try Self.apply(step, to: image) }
    guard shape.count == 3 else { return image }
    if shape[0] == 1 { image = image.gray() } else { image = image.rgb() }
    guard image.height == shape[1], image.width == shape[2] else {
      throw DatasetError.imageDoesNotFit(got: [image.channels, image.height, image.width], expected: shape)
    }
    return image
  }

  static func apply(_ step: Step, to image: PixelImage) throws -> PixelImage {
    switch step {
    case .gray: return image.gray()
    case .resize(let height, let width): return try image.resized(width: width, height: height)
    case .halve: return image.halved()
    case .crop(let top, let left, let height, let width):
      return try image.cropped(left: left, top: top, width: width, height: height)
    case .invert: return image.inverted()
    case .align(let height, let width, let spread):
      return try image.aligned(width: width, height: height, spread: spread)
    case .congeal(let template): return try template.aligned(image)
    case .face(let size, let padding):
      return try FaceAligner.installed().chip(of: image, size: size, padding: padding).rgb()
    }
  }

  /// A sample (0…255) as the network sees it.
  func scaled(_ sample: Float) -> Float { (sample / 255 - mean) / deviation }

  /// Whether it gives a network the same numbers as another. Whether pictures were gray or of the shape to begin with makes
  /// no difference: whoever asks with another picture has it brought to the shape in any case.
  func isLike(_ other: Preprocessing) -> Bool {
    shape == other.shape && mean == other.mean && deviation == other.deviation && telling == other.telling
  }

  /// The steps without those that only bring a picture to the shape.
  private var telling: [Step] {
    steps.filter { step in
      switch step {
      case .gray: return false
      case .resize(let height, let width): return [height, width] != shape.suffix(2)
      case .halve, .crop, .invert, .align, .congeal, .face: return true
      }
    }
  }

  /// "gray, resize 28×28, /255"
  public var words: String {
    var parts = steps.map { step in
      switch step {
      case .gray: return "gray"
      case .resize(let height, let width): return "resize \(height)×\(width)"
      case .halve: return "halve"
      case .crop(let top, let left, let height, let width): return "crop \(height)×\(width) at \(top), \(left)"
      case .invert: return "invert"
      case .align(let height, let width, let spread): return "align \(height)×\(width), spread \(spread)"
      case .congeal: return "congeal"
      case .face(let size, let padding): return "face \(size)×\(size), padding \(padding)"
      }
    }
    parts.append("/255")
    if mean != 0 || deviation != 1 { parts.append("normalise(\(mean), \(deviation))") }
    return parts.joined(separator: ", ")
  }
}
