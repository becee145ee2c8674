import Images

/// A face cut out of its picture and made size × size pixels.
public struct FaceCrop: Hashable, Sendable {
  /// Pixels of each side.
  public var size: Int
  /// Added around the box, as a share of its width and of its height on each side.
  public var margin: Double
  /// Turned and scaled so that the eyes stand level, at one place in every face.
  public var align: Bool

  /// Where the eyes come to stand in an aligned face without margin, as shares of the side.
  static let eyes = (left: (x: 0.31, y: 0.38), right: (x: 0.69, y: 0.38))

  /// - Parameter margin: brought between 0 and 4.
  /// - Throws: `FacesError.badSize` unless the size is from 8 to 2048.
  public init(size: Int = 160, margin: Double = 0, align: Bool = false) throws(FacesError) {
    guard (8...2048).contains(size) else { throw .badSize(size) }
    self.size = size
    self.margin = max(0, min(4, margin))
    self.align = align
  }

  /// The box with its margin is cut off at the picture's border (nothing is mirrored or made up) and resized as a whole,
  /// so that a face higher than wide becomes square. Aligned, what would lie outside the picture is black.
  public func apply(_ face: DetectedFace, in picture: PixelImage) throws -> PixelImage {
    align ? try aligned(face, in: picture) : try upright(face, in: picture)
  }

  private func upright(_ face: DetectedFace, in picture: PixelImage) throws -> PixelImage {
    let (w, h) = (face.box.width * margin, face.box.height * margin)
    func place(_ value: Double, _ limit: Int) -> Int { Int(max(0, min(Double(limit), value.rounded()))) }
    let (left, top) = (place(face.box.left - w, picture.width), place(face.box.top - h, picture.height))
    let right = place(face.box.right + w, picture.width)
    let bottom = place(face.box.bottom + h, picture.height)
    let part = try picture.cropped(
      left: min(left, picture.width - 1), top: min(top, picture.height - 1), width: max(1, right - left),
      height: max(1, bottom - top))
    return try part.resized(width: size, height: size)
  }

  private func aligned(_ face: DetectedFace, in picture: PixelImage) throws -> PixelImage {
    guard face.landmarks.count >= 2 else { throw FacesError.cannotAlign }
    let (from, to) = (face.landmarks[0], face.landmarks[1])
    func target(_ share: Double) -> Double { (share + margin) / (1 + 2 * margin) * Double(size) - 0.5 }
    let (x, y) = (target(Self.eyes.left.x), target(Self.eyes.left.y))
    let distance = target(Self.eyes.right.x) - x
    // The similarity that takes the target's eyes to the picture's: a step right is (a, b), a step down (−b, a).
    let (a, b) = ((to.x - from.x) / distance, (to.y - from.y) / distance)
    let scale = (a * a + b * b).squareRoot()
    guard scale.isFinite, scale * distance >= 2 else { throw FacesError.cannotAlign }
    // Several samples a pixel where the face is made smaller, so that nothing is skipped.
    let samples = max(1, min(8, Int(scale.rounded(.up))))
    let channels = picture.channels
    var pixels: [UInt8] = []
    pixels.reserveCapacity(size * size * channels)
    var sums = [Double](repeating: 0, count: channels)
    for row in 0..<size {
      for column in 0..<size {
        for channel in 0..<channels { sums[channel] = 0 }
        for i in 0..<samples {
          for j in 0..<samples {
            let dx = Double(column) - x + (Double(j) + 0.5) / Double(samples) - 0.5
            let dy = Double(row) - y + (Double(i) + 0.5) / Double(samples) - 0.5
            add(picture, from.x + a * dx - b * dy, from.y + b * dx + a * dy, &sums)
          }
        }
        for channel in 0..<channels {
          pixels.append(UInt8(max(0, min(255, (sums[channel] / Double(samples * samples)).rounded()))))
        }
      }
    }
    guard let result = PixelImage(width: size, height: size, channels: channels, pixels: pixels) else {
      throw FacesError.badSize(size)
    }
    return result
  }

  /// Bilinear; nothing outside.
  private func add(_ picture: PixelImage, _ x: Double, _ y: Double, _ sums: inout [Double]) {
    guard x > -1, y > -1, x < Double(picture.width), y < Double(picture.height) else { return }
    let (left, top) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
    let (across, down) = (x - Double(left), y - Double(top))
    for (row, vertical) in [(top, 1 - down), (top + 1, down)] where row >= 0 && row < picture.height {
      for (column, horizontal) in [(left, 1 - across), (left + 1, across)]
      where column >= 0 && column < picture.width {
        let weight = vertical * horizontal
        let at = (row * picture.width + column) * picture.channels
        for channel in sums.indices { sums[channel] += weight * Double(picture.pixels[at + channel]) }
      }
    }
  }
}
