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
public struct MeanTemplate: Hashable, Sendable, Codable {
  /// Of the mean picture: the shorter side has at most 48 pixels.
  public let height: Int
  public let width: Int
  /// The mean of the pictures, each with mean 0 and deviation 1 before, as 128 + 32 times the value.
  private let pixels: Data

  /// - Parameters:
  ///   - count: how many pictures there are; at least 1.
  ///   - height, width: of each picture.
  ///   - rounds: how often all are aligned to their mean: half of them by strongly blurred pictures.
  ///   - check: asked between pictures; what it throws ends the work.
  ///   - picture: gives one of them, gray or in colours.
  public init(
    count: Int, height: Int, width: Int, rounds: Int = 6, check: () throws -> Void,
    picture: (Int) throws -> PixelImage
  ) throws {
    let size = Self.size(height: height, width: width)
    var small: [PixelImage] = []
    for index in 0..<count {
      try check()
      small.append(try picture(index).gray().resized(width: size.width, height: size.height))
    }
    var found = [SimilarityTransform](repeating: .identity, count: count)
    for round in 0..<rounds {
      let blur = AlignmentImage.blurs[round < rounds / 2 ? 0 : 1]
      let images = small.map { AlignmentImage($0, blur: blur) }
      let window = AlignmentWindow(height: size.height, width: size.width)
      let mean = AlignmentImage.mean(of: images, moved: found, window: window)
      for index in images.indices {
        try check()
        found[index] = window.transform(of: images[index], to: mean, from: found[index], steps: 4)
      }
      // The set as a whole stays where it is.
      let middle = SimilarityTransform.mean(of: found)
      for index in found.indices { found[index] -= middle }
    }
    let window = AlignmentWindow(height: size.height, width: size.width)
    let mean = AlignmentImage.mean(of: small.map { AlignmentImage($0, blur: 0) }, moved: found, window: window)
    (self.height, self.width) = (size.height, size.width)
    pixels = Data(mean.values.map { UInt8(max(0, min(255, (128 + 32 * $0).rounded()))) })
  }

  /// The picture, moved to where the mean picture is; its size stays. What was outside of it repeats its border.
  public func aligned(_ image: PixelImage) throws -> PixelImage {
    // A file may say anything.
    guard (1...1024).contains(height), (1...1024).contains(width), pixels.count == height * width else { return image }
    let template = PixelImage(trusted: [UInt8](pixels), width: width, height: height, channels: 1)
    let small = try image.gray().resized(width: width, height: height)
    let window = AlignmentWindow(height: height, width: width)
    var transform = SimilarityTransform.identity
    for blur in AlignmentImage.blurs {
      let mean = window.normalised(AlignmentImage(template, blur: blur))
      transform = window.transform(of: AlignmentImage(small, blur: blur), to: mean, from: transform, steps: 12)
    }
    return image.moved(by: transform)
  }

  private static func size(height: Int, width: Int) -> (height: Int, width: Int) {
    let scale = min(1, 48 / Double(max(1, min(height, width))))
    func scaled(_ side: Int) -> Int { max(1, min(1024, Int((Double(side) * scale).rounded()))) }
    return (scaled(height), scaled(width))
  }
}
