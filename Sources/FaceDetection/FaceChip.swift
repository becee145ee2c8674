import ElementaryFunctions
import Images

/// A face as face networks of dlib's school take it: turned and scaled so that the corners of the eyes and the nose come
/// as near as they can to their mean places, with a border.
///
/// Source: dlib's `get_face_chip_details` and `extract_image_chip` (King 2017); pixel by pixel the same.
struct FaceChip {
  /// Pixels of each side.
  var size: Int
  /// Added on each side, as a share of what is inside.
  var padding: Double

  typealias Point = DetectedFace.Point

  /// Where the five points stand in the mean face, as shares of its side: of the eye on the picture's right the outer and
  /// the inner corner, of the other one likewise, and the base of the nose.
  static let mean: [Point] = [
    Point(x: 0.8595674595992, y: 0.2134981538014), Point(x: 0.6460604764104, y: 0.2289674387677),
    Point(x: 0.1205750620789, y: 0.2137274526848), Point(x: 0.3340850613712, y: 0.2290642403242),
    Point(x: 0.4901123135679, y: 0.6277975316475),
  ]

  /// A rectangle whose right and lower sides are those of its last pixels.
  private struct Box {
    var left, top, right, bottom: Double

    var area: Double { (right - left + 1) * (bottom - top + 1) }
    var middle: Point { Point(x: (left + right) / 2, y: (top + bottom) / 2) }
    /// In the picture of half the size that `halved` makes.
    var down: Box { Box(left: (left - 2) / 2, top: (top - 2) / 2, right: (right - 2) / 2, bottom: (bottom - 2) / 2) }
  }

  /// - Parameters:
  ///   - points: five, as `ShapePredictor` gives them.
  ///   - picture: RGB or gray; what lies outside it is black.
  /// - Throws: `FacesError.cannotAlign` where the points are none of a face.
  func cut(_ points: [Point], from picture: PixelImage) throws -> PixelImage {
    let side = Double(size)
    let places = Self.mean.map {
      Point(x: (padding + $0.x) / (2 * padding + 1) * side, y: (padding + $0.y) / (2 * padding + 1) * side)
    }
    guard points.count == 5, let form = Similarity(from: places, to: points) else { throw FacesError.cannotAlign }
    let width = side * form.scale
    // A chip of a thousandth of a pixel, or of a million, is none of a face.
    guard width >= 2, width <= 1e6 else { throw FacesError.cannotAlign }
    let middle = form(Point(x: side / 2, y: side / 2))
    let (left, top) = (middle.x - (width - 1) / 2, middle.y - (width - 1) / 2)
    var box = Box(left: left, top: top, right: left + width - 1, bottom: top + width - 1)
    let (sine, cosine) = (Elementary.sin(form.angle), Elementary.cos(form.angle))
    let corners = Self.corners(box, sine, cosine)
    // Each halving needs two pixels around it.
    var grow = 2.0
    var halvings = 0
    var smaller = box.down
    while smaller.area > side * side {
      smaller = smaller.down
      halvings += 1
      grow = grow * 2 + 2
    }
    func whole(_ value: Double) -> Int { Int((value + 0.5).rounded(.down)) }
    let (xs, ys) = (corners.map(\.x), corners.map(\.y))
    let firstColumn = whole(max(0, (xs.min() ?? 0) - grow))
    let firstRow = whole(max(0, (ys.min() ?? 0) - grow))
    let lastColumn = whole(min(Double(picture.width - 1), (xs.max() ?? 0) + grow))
    let lastRow = whole(min(Double(picture.height - 1), (ys.max() ?? 0) + grow))
    guard firstColumn <= lastColumn, firstRow <= lastRow else { return try black(picture.channels) }
    var level = try picture.cropped(
      left: firstColumn, top: firstRow, width: lastColumn - firstColumn + 1, height: lastRow - firstRow + 1)
    box.left -= Double(firstColumn)
    box.right -= Double(firstColumn)
    box.top -= Double(firstRow)
    box.bottom -= Double(firstRow)
    for _ in 0..<halvings {
      guard let half = Self.halved(level) else { return try black(picture.channels) }
      level = half
      box = box.down
    }
    let turned = Self.corners(box, sine, cosine)
    return try sampled(level, turned[0], turned[1], turned[2])
  }

  private func black(_ channels: Int) throws -> PixelImage {
    let pixels = [UInt8](repeating: 0, count: size * size * channels)
    guard let image = PixelImage(width: size, height: size, channels: channels, pixels: pixels) else {
      throw FacesError.badSize(size)
    }
    return image
  }

  /// The upper left, the upper right, the lower left and the lower right one, turned about the middle.
  private static func corners(_ box: Box, _ sine: Double, _ cosine: Double) -> [Point] {
    let middle = box.middle
    return [(box.left, box.top), (box.right, box.top), (box.left, box.bottom), (box.right, box.bottom)].map { x, y in
      let (u, v) = (x - middle.x, y - middle.y)
      return Point(x: middle.x + u * cosine - v * sine, y: middle.y + u * sine + v * cosine)
    }
  }

  /// Bilinear between the corners; black where a neighbour is missing.
  private func sampled(_ level: PixelImage, _ origin: Point, _ right: Point, _ below: Point) throws -> PixelImage {
    let steps = Double(max(1, size - 1))
    let (ax, ay) = ((right.x - origin.x) / steps, (right.y - origin.y) / steps)
    let (bx, by) = ((below.x - origin.x) / steps, (below.y - origin.y) / steps)
    let (width, height, channels) = (level.width, level.height, level.channels)
    var pixels = [UInt8](repeating: 0, count: size * size * channels)
    level.pixels.withUnsafeBufferPointer { source in
      for row in 0..<size {
        for column in 0..<size {
          let x = origin.x + ax * Double(column) + bx * Double(row)
          let y = origin.y + ay * Double(column) + by * Double(row)
          guard x >= 0, y >= 0, x < Double(width), y < Double(height) else { continue }
          let (across, down) = (Int(x), Int(y))
          guard across + 1 < width, down + 1 < height else { continue }
          let (u, v) = (x - Double(across), y - Double(down))
          let at = (down * width + across) * channels
          for channel in 0..<channels {
            let upper =
              (1 - u) * Double(source[at + channel]) + u * Double(source[at + channels + channel])
            let next = at + width * channels + channel
            let lower = (1 - u) * Double(source[next]) + u * Double(source[next + channels])
            let value = (1 - v) * upper + v * lower
            pixels[(row * size + column) * channels + channel] = UInt8(max(0, min(255, value)))
          }
        }
      }
    }
    guard let result = PixelImage(width: size, height: size, channels: channels, pixels: pixels) else {
      throw FacesError.badSize(size)
    }
    return result
  }

  /// Smoothed by [1, 4, 6, 4, 1] / 16 each way, every second pixel from the third on; nil where the picture is too small.
  static func halved(_ image: PixelImage) -> PixelImage? {
    let (width, height, channels) = (image.width, image.height, image.channels)
    let (newWidth, newHeight) = ((width - 3) / 2, (height - 3) / 2)
    guard newWidth > 0, newHeight > 0, width > 4, height > 4 else { return nil }
    var across = [Int32](repeating: 0, count: newWidth * height * channels)
    var pixels = [UInt8](repeating: 0, count: newWidth * newHeight * channels)
    image.pixels.withUnsafeBufferPointer { source in
      for row in 0..<height {
        for column in 0..<newWidth {
          for channel in 0..<channels {
            let at = (row * width + 2 * column) * channels + channel
            let outer = Int32(source[at]) + Int32(source[at + 4 * channels])
            let inner = Int32(source[at + channels]) + Int32(source[at + 3 * channels])
            across[(row * newWidth + column) * channels + channel] =
              outer + 4 * inner + 6 * Int32(source[at + 2 * channels])
          }
        }
      }
    }
    let line = newWidth * channels
    for row in 0..<newHeight {
      for place in 0..<line {
        let at = 2 * row * line + place
        let outer = across[at] + across[at + 4 * line]
        let inner = across[at + line] + across[at + 3 * line]
        pixels[row * line + place] = UInt8((outer + 4 * inner + 6 * across[at + 2 * line]) / 256)
      }
    }
    return PixelImage(width: newWidth, height: newHeight, channels: channels, pixels: pixels)
  }
}
