/// Moment normalisation, the classical way to bring drawings of one character to one place and size: the ink's centre of
/// mass comes to the middle, its spread to a given size. Source: Casey, "Moment normalization of handprinted
/// characters", IBM J. Res. Dev. 14 (1970); Liu, Nakashima, Sako and Fujisawa, "Handwritten digit recognition:
/// investigation of normalization and feature extraction techniques", Pattern Recognition 37 (2004).
extension PixelImage {
  /// What is drawn, whatever its colour, in the middle of a picture of `height` × `width` pixels. The root mean square
  /// distance of ink from its centre becomes `spread` of the shorter side, or less where ink would be cut off. Height and
  /// width are scaled alike. A picture of one colour is only resized.
  public func aligned(width newWidth: Int, height newHeight: Int, spread: Double) throws(ImageError) -> PixelImage {
    guard let ink = inkMoments() else { return try resized(width: newWidth, height: newHeight) }
    let side = Double(min(newWidth, newHeight))
    // A dot would otherwise fill the picture.
    let least = 0.057 * Double(min(width, height))
    let scale = min(
      spread * side / max(ink.spread, least), 0.482 * Double(newWidth) / ink.reach.x,
      0.482 * Double(newHeight) / ink.reach.y)
    let (boxWidth, boxHeight) = (Double(newWidth) / scale, Double(newHeight) / scale)
    return try resized(
      width: newWidth, height: newHeight,
      from: Box(
        left: ink.middle.x - boxWidth / 2, top: ink.middle.y - boxHeight / 2, width: boxWidth, height: boxHeight,
        around: ink.paper))
  }

  private struct InkMoments {
    var middle: (x: Double, y: Double)
    /// √(variance of x + variance of y), in pixels.
    var spread: Double
    /// Of the farthest ink from the middle, in pixels.
    var reach: (x: Double, y: Double)
    /// The border's colour, channel by channel.
    var paper: [UInt8]
  }

  /// Ink is what differs from the border by more than a quarter of the greatest difference: JPEG's ripples and paper's
  /// grain do not weigh.
  private func inkMoments() -> InkMoments? {
    let (light, paper) = (gray().pixels, borderMedian())
    let ground = Int(gray().borderMedian()[0])
    let most = light.reduce(0) { max($0, abs(Int($1) - ground)) }
    guard most >= 16 else { return nil }
    var (sum, sumX, sumY, squares) = (0.0, 0.0, 0.0, 0.0)
    var (left, right, top, bottom) = (width, 0, height, 0)
    for y in 0..<height {
      for x in 0..<width {
        let weight = 4 * abs(Int(light[y * width + x]) - ground) - most
        if weight <= 0 { continue }
        let (w, atX, atY) = (Double(weight), Double(x) + 0.5, Double(y) + 0.5)
        sum += w
        sumX += w * atX
        sumY += w * atY
        squares += w * (atX * atX + atY * atY)
        (left, right) = (min(left, x), max(right, x + 1))
        (top, bottom) = (min(top, y), max(bottom, y + 1))
      }
    }
    guard sum > 0 else { return nil }
    let middle = (x: sumX / sum, y: sumY / sum)
    return InkMoments(
      middle: middle,
      spread: max(0, squares / sum - middle.x * middle.x - middle.y * middle.y).squareRoot(),
      reach: (
        max(middle.x - Double(left), Double(right) - middle.x), max(middle.y - Double(top), Double(bottom) - middle.y)
      ), paper: paper)
  }

  /// The median of the outermost pixels, for each channel.
  private func borderMedian() -> [UInt8] {
    (0..<channels).map { channel in
      var counts = [Int](repeating: 0, count: 256)
      var total = 0
      for y in 0..<height {
        let step = y == 0 || y == height - 1 ? 1 : max(1, width - 1)
        for x in stride(from: 0, to: width, by: step) {
          counts[Int(pixels[(y * width + x) * channels + channel])] += 1
          total += 1
        }
      }
      var below = 0
      for (value, count) in counts.enumerated() {
        below += count
        if 2 * below > total { return UInt8(value) }
      }
      return 255
    }
  }
}
