import Tensors

/// Images in small, to be told alike by their products: gray, less the image's mean, at length 1; a flat image is 0.
struct Thumbnails {
  /// Image by image, row by row.
  private(set) var values: [Float]

  /// - Parameters:
  ///   - height: at most the images' own, as is `width`: no pixel of the small image is to stay empty.
  ///   - isResized: a pixel counts as in `resize`, the more the nearer it lies to the middle of a cell; else whole, in the
  ///     cell where it begins, which is comparable among images of one size alone.
  init(_ dataset: Dataset, _ items: [Int], height: Int, width: Int, isResized: Bool) throws {
    let size = height * width
    let shape = dataset.shape
    let (channels, ownHeight, ownWidth) = (shape[0], shape[1], shape[2])
    let rows = Self.shares(of: ownHeight, in: height, isResized: isResized)
    let columns = Self.shares(of: ownWidth, in: width, isResized: isResized)
    values = [Float](repeating: 0, count: items.count * size)
    for (place, position) in items.enumerated() {
      if place % 64 == 0 { try LongWork.check() }
      guard let image = try? dataset.image(position) else { continue }
      var sums = [Float](repeating: 0, count: size)
      var weights = sums
      for y in 0..<ownHeight {
        for x in 0..<ownWidth {
          var value: Float = 0
          for channel in 0..<channels { value += Float(image.pixels[(y * ownWidth + x) * channels + channel]) }
          let (row, column) = (rows[y], columns[x])
          for down in 0..<row.cells {
            for right in 0..<column.cells {
              let weight = row[down] * column[right]
              let cell = (row.first + down) * width + column.first + right
              sums[cell] += value * weight
              weights[cell] += weight
            }
          }
        }
      }
      var mean: Float = 0
      for cell in 0..<size {
        sums[cell] /= weights[cell]
        mean += sums[cell] / Float(size)
      }
      var square: Float = 0
      for cell in 0..<size {
        sums[cell] -= mean
        square += sums[cell] * sums[cell]
      }
      let length = square.squareRoot()
      guard length > 1e-3 else { continue }
      for cell in 0..<size { values[place * size + cell] = sums[cell] / length }
    }
  }

  /// Where on an axis a pixel counts: in one cell, or in two that stand side by side.
  private struct Share {
    var first: Int
    /// Its parts in the first cell and in the next.
    var parts: (Float, Float) = (1, 0)

    var cells: Int { parts.1 > 0 ? 2 : 1 }
    subscript(cell: Int) -> Float { cell == 0 ? parts.0 : parts.1 }
  }

  private static func shares(of count: Int, in cells: Int, isResized: Bool) -> [Share] {
    (0..<count).map { pixel in
      guard isResized, cells < count else { return Share(first: pixel * cells / count) }
      // How far the pixel's middle lies behind that of the first cell, in cells.
      let place = Float((2 * pixel + 1) * cells - count) / Float(2 * count)
      let first = place.rounded(.down)
      let part = place - first
      if first < 0 { return Share(first: 0, parts: (part, 0)) }
      if Int(first) + 1 == cells { return Share(first: cells - 1, parts: (1 - part, 0)) }
      return Share(first: Int(first), parts: (1 - part, part))
    }
  }
}
