import Foundation

/// What a set of pictures of one kind of thing, faces for example, looks like on average once each of them has been moved,
/// turned and scaled a little so that all lie over each other (congealing). Other pictures are then brought to the same
/// place.
///
/// Each picture's movement is found by Gauss–Newton steps on the squared difference from the mean picture, first on strongly,
/// then on slightly blurred pictures, with a normal prior on scale, angle and shift, which keeps what fits nowhere in its place.
/// Sources: Learned-Miller, "Data driven image models through continuous joint alignment", TPAMI 28 (2006); Cox, Sridharan,
/// Lucey and Cohn, "Least squares congealing for unsupervised alignment of images", CVPR 2008; Baker and Matthews,
/// "Lucas-Kanade 20 years on", IJCV 56 (2004).
///
/// Sums run in a fixed order and use only operations that IEEE 754 rounds correctly, so that each processor moves a picture alike.
public struct MeanTemplate: Hashable, Sendable {
  /// Of the mean picture: the shorter side has at most 48 pixels.
  public let height: Int
  public let width: Int
  /// The mean of the pictures, each with mean 0 and deviation 1 before, as 128 + 32 times the value.
  private let pixels: Data
  /// Made of the others.
  private let aligner: TemplateAligner

  /// How often all are aligned to their mean, with each of `AlignmentImage.blurs`.
  private static let rounds = 3

  /// - Parameters:
  ///   - count: how many pictures there are; at least 1.
  ///   - height, width: of each picture.
  ///   - check: asked between pictures; what it throws ends the work.
  ///   - picture: gives one of them, gray or in colours.
  public init(
    count: Int, height: Int, width: Int, check: () throws -> Void, picture: (Int) throws -> PixelImage
  ) throws {
    let size = Self.size(height: height, width: width)
    let window = AlignmentWindow(height: size.height, width: size.width)
    var small: [PixelImage] = []
    for index in 0..<count {
      try check()
      small.append(try picture(index).gray().resized(width: size.width, height: size.height))
    }
    var found = [SimilarityTransform](repeating: .identity, count: count)
    for blur in AlignmentImage.blurs {
      let images = small.map { AlignmentImage($0, blur: blur) }
      for _ in 0..<Self.rounds {
        let mean = AlignmentImage.mean(of: images, moved: found, window: window)
        for index in images.indices {
          try check()
          found[index] = window.transform(of: images[index], to: mean, from: found[index], steps: 4)
        }
        // The set as a whole stays where it is.
        let middle = SimilarityTransform.mean(of: found)
        for index in found.indices { found[index] -= middle }
      }
    }
    let mean = AlignmentImage.mean(of: small.map { AlignmentImage($0, blur: 0) }, moved: found, window: window)
    self.init(
      pixels: mean.values.map { UInt8(max(0, min(255, (128 + 32 * $0).rounded()))) }, height: size.height,
      width: size.width)
  }

  private init(pixels: [UInt8], height: Int, width: Int) {
    (self.height, self.width, self.pixels) = (height, width, Data(pixels))
    aligner = TemplateAligner(PixelImage(trusted: pixels, width: width, height: height, channels: 1))
  }

  /// The picture, moved to where the mean picture is; its size stays. What was outside of it repeats its border.
  public func aligned(_ image: PixelImage) throws -> PixelImage {
    image.moved(by: aligner.transform(of: try image.gray().resized(width: width, height: height)))
  }

  private static let longestSide = 1024

  private static func size(height: Int, width: Int) -> (height: Int, width: Int) {
    let scale = min(1, 48 / Double(max(1, min(height, width))))
    func scaled(_ side: Int) -> Int { max(1, min(longestSide, Int((Double(side) * scale).rounded()))) }
    return (scaled(height), scaled(width))
  }

  // MARK: Equality

  public static func == (left: MeanTemplate, right: MeanTemplate) -> Bool {
    left.height == right.height && left.width == right.width && left.pixels == right.pixels
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(height)
    hasher.combine(width)
    hasher.combine(pixels)
  }
}

extension MeanTemplate: Codable {
  private enum CodingKeys: String, CodingKey { case height, width, pixels }

  /// A file may say anything.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let (height, width) = (try values.decode(Int.self, forKey: .height), try values.decode(Int.self, forKey: .width))
    let pixels = try values.decode(Data.self, forKey: .pixels)
    let sides = 1...Self.longestSide
    guard sides.contains(height), sides.contains(width), pixels.count == height * width else {
      throw DecodingError.dataCorruptedError(
        forKey: .pixels, in: values,
        debugDescription: "a mean picture of \(height)×\(width) pixels cannot have \(pixels.count) of them")
    }
    self.init(pixels: [UInt8](pixels), height: height, width: width)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(height, forKey: .height)
    try values.encode(width, forKey: .width)
    try values.encode(pixels, forKey: .pixels)
  }
}

/// The mean picture, blurred as it is compared, once for all pictures that are brought to it.
private struct TemplateAligner: Sendable {
  private let window: AlignmentWindow
  private let means: [(blur: Double, image: AlignmentImage)]

  init(_ template: PixelImage) {
    let window = AlignmentWindow(height: template.height, width: template.width)
    means = AlignmentImage.blurs.map { ($0, window.normalised(AlignmentImage(template, blur: $0))) }
    self.window = window
  }

  /// - Parameter image: gray, of the mean picture's size.
  func transform(of image: PixelImage) -> SimilarityTransform {
    means.reduce(.identity) { transform, mean in
      window.transform(of: AlignmentImage(image, blur: mean.blur), to: mean.image, from: transform, steps: 12)
    }
  }
}
