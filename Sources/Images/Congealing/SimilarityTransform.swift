/// Where each place of a moved picture lies in the picture before: a scale, an angle and a shift about the middle.
struct SimilarityTransform: Hashable, Sendable {
  /// The scale times the cosine of the angle is 1 + `growth`, times its sine is `turn`.
  var growth: Double
  var turn: Double
  /// As shares of the shorter side.
  var down: Double
  var right: Double

  static let identity = SimilarityTransform(growth: 0, turn: 0, down: 0, right: 0)

  /// Each number's limit: a quarter larger or smaller, some twenty degrees, a fifth of the shorter side.
  func limited() -> SimilarityTransform {
    func within(_ value: Double, _ limit: Double) -> Double { max(-limit, min(limit, value)) }
    return SimilarityTransform(
      growth: within(growth, 0.25), turn: within(turn, 0.35), down: within(down, 0.22), right: within(right, 0.22))
  }

  /// A small movement of the moved picture, and then this one.
  func after(_ step: SimilarityTransform) -> SimilarityTransform {
    let (along, across) = (1 + growth, turn)
    return SimilarityTransform(
      growth: growth + along * step.growth, turn: turn + along * step.turn,
      down: down + along * step.down + across * step.right, right: right + along * step.right - across * step.down)
  }

  static func mean(of transforms: [SimilarityTransform]) -> SimilarityTransform {
    var sum = identity
    for one in transforms { sum += one }
    let count = Double(max(1, transforms.count))
    return SimilarityTransform(
      growth: sum.growth / count, turn: sum.turn / count, down: sum.down / count, right: sum.right / count)
  }

  static func += (left: inout SimilarityTransform, right: SimilarityTransform) {
    left.growth += right.growth
    left.turn += right.turn
    left.down += right.down
    left.right += right.right
  }

  static func -= (left: inout SimilarityTransform, right: SimilarityTransform) {
    left.growth -= right.growth
    left.turn -= right.turn
    left.down -= right.down
    left.right -= right.right
  }

  /// The place in a picture of this size that a place of the moved one comes from; pixels' middles are whole numbers.
  func source(row: Int, column: Int, height: Int, width: Int) -> (row: Double, column: Double) {
    let side = Double(min(height, width))
    let (middleRow, middleColumn) = (Double(height - 1) / 2, Double(width - 1) / 2)
    let (y, x) = (Double(row) - middleRow, Double(column) - middleColumn)
    return (
      (1 + growth) * y + turn * x + down * side + middleRow, (1 + growth) * x - turn * y + right * side + middleColumn
    )
  }
}

/// Four pixels around a place, and their weights; beyond the border its pixels go on.
struct BilinearPlace {
  let (topLeft, topRight, bottomLeft, bottomRight): (Int, Int, Int, Int)
  let (rowShare, columnShare): (Double, Double)

  init(_ place: (row: Double, column: Double), height: Int, width: Int) {
    let row = max(0, min(Double(height - 1), place.row))
    let column = max(0, min(Double(width - 1), place.column))
    let (top, left) = (Int(row), Int(column))
    let (bottom, right) = (min(top + 1, height - 1), min(left + 1, width - 1))
    (rowShare, columnShare) = (row - Double(top), column - Double(left))
    (topLeft, topRight) = (top * width + left, top * width + right)
    (bottomLeft, bottomRight) = (bottom * width + left, bottom * width + right)
  }

  @inline(__always)
  func value(_ at: (Int) -> Double) -> Double {
    let above = at(topLeft) * (1 - columnShare) + at(topRight) * columnShare
    let below = at(bottomLeft) * (1 - columnShare) + at(bottomRight) * columnShare
    return above * (1 - rowShare) + below * rowShare
  }
}

extension PixelImage {
  /// Moved, with bilinear interpolation; of the same size.
  func moved(by transform: SimilarityTransform) -> PixelImage {
    var result = pixels
    for row in 0..<height {
      for column in 0..<width {
        let place = BilinearPlace(
          transform.source(row: row, column: column, height: height, width: width), height: height, width: width)
        for channel in 0..<channels {
          let value = place.value { Double(pixels[$0 * channels + channel]) }
          result[(row * width + column) * channels + channel] = UInt8(max(0, min(255, value.rounded())))
        }
      }
    }
    return PixelImage(trusted: result, width: width, height: height, channels: channels)
  }
}
