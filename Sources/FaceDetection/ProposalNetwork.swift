import Images
import Tensors

/// P-Net: a small network of convolutions alone that looks at every 12×12 window, two pixels apart, of a picture at
/// many sizes.
///
/// Each size is cut into strips of rows. A strip is made smaller, convolved and judged row by row, so that all it needs
/// stays in the cache; strips run in parallel and are cut by size alone.
struct ProposalNetwork: Sendable {
  let conv1, conv2, conv3: PanelLayer
  /// Two classes, then four corrections of the box.
  let heads: PanelLayer

  /// A window that may show a face: place among the windows of its size, corrections, and how likely it is.
  struct Proposal: Sendable {
    var row, column: Int
    var corrections: (Float, Float, Float, Float)
    var probability: Float
  }

  /// A part of a size: rows of windows.
  private struct Strip {
    var level: Int
    var rows: Range<Int>
  }

  /// A size of the picture.
  private struct Level: Sendable {
    var height, width: Int
    var pooledHeight, pooledWidth: Int
    /// Rows and columns of windows.
    var rows, columns: Int
    let vertical: AreaWeights
    let horizontal: AreaWeights
    /// Of the sums under a pixel.
    var share: Float

    init?(_ image: PixelImage, height: Int, width: Int) {
      self.height = height
      self.width = width
      pooledHeight = (height - 1) / 2
      pooledWidth = (width - 1) / 2
      rows = pooledHeight - 4
      columns = pooledWidth - 4
      guard rows > 0, columns > 0, height <= image.height * 2, width <= image.width * 2 else { return nil }
      vertical = AreaWeights(from: image.height, to: height)
      horizontal = AreaWeights(from: image.width, to: width)
      share = Float(height) / Float(image.height) * Float(width) / Float(image.width)
    }
  }

  /// Windows of an RGB picture at each of `sizes` (height, width) whose probability is greater than `threshold`, row by
  /// row.
  /// - Parameter isGivenUp: asked before each strip, from any thread; what comes back then is of no use.
  func run(
    _ image: PixelImage, sizes: [(height: Int, width: Int)], threshold: Float, isGivenUp: @Sendable () -> Bool
  ) -> [[Proposal]] {
    let levels = sizes.map { Level(image, height: $0.height, width: $0.width) }
    var strips: [Strip] = []
    for (index, level) in levels.enumerated() {
      guard let level else { continue }
      // Some milliseconds of work each.
      let rows = max(8, min(64, 24_000 / level.columns))
      for first in Swift.stride(from: 0, to: level.rows, by: rows) {
        strips.append(Strip(level: index, rows: first..<min(level.rows, first + rows)))
      }
    }
    var found = [[Proposal]](repeating: [], count: strips.count)
    found.withUnsafeMutableBufferPointer { buffer in
      // Each strip writes a list of its own, and all read the picture, which nobody changes meanwhile.
      nonisolated(unsafe) let found = buffer
      image.pixels.withUnsafeBufferPointer { pixels in
        guard let base = pixels.baseAddress else { return }
        nonisolated(unsafe) let start = base
        Workers.shared.parallel(slices: strips.count) { index in
          let strip = strips[index]
          guard !isGivenUp(), let level = levels[strip.level] else { return }
          found[index] = windows(start, image, level, strip.rows, threshold)
        }
      }
    }
    var result = [[Proposal]](repeating: [], count: sizes.count)
    for (strip, proposals) in zip(strips, found) { result[strip.level] += proposals }
    return result
  }

  private func windows(
    _ pixels: UnsafePointer<UInt8>, _ image: PixelImage, _ level: Level, _ rows: Range<Int>, _ threshold: Float
  ) -> [Proposal] {
    let (width, pooledWidth) = (level.width, level.pooledWidth)
    let convolvedWidth = width - 2
    let pooledRows = rows.count + 4
    let (rowStride, pooledStride) = (3 * width, pooledWidth * conv1.filters)
    let secondStride = (pooledWidth - 2) * conv2.width
    // Rows of the small picture from 2 · first on, convolved pairs, pooled rows, and so on.
    let wide = FloatScratch(3 * image.width)
    let small = FloatScratch((2 * pooledRows + 2) * rowStride)
    let pair = FloatScratch(2 * convolvedWidth * conv1.width)
    let pooled = FloatScratch(pooledRows * pooledStride)
    let second = FloatScratch((rows.count + 2) * secondStride)
    let third = FloatScratch(level.columns * conv3.width)
    let judged = FloatScratch(level.columns * heads.width)
    let firstPlaces = PanelLayer.places(count: convolvedWidth, pixelStride: 3)
    let secondPlaces = PanelLayer.places(count: pooledWidth - 2, pixelStride: conv1.filters)
    let thirdPlaces = PanelLayer.places(count: level.columns, pixelStride: conv2.width)
    let headPlaces = PanelLayer.places(count: level.columns, pixelStride: conv3.width)
    let top = 2 * rows.lowerBound
    var made = 0
    var proposals: [Proposal] = []
    // The logarithm of the odds: a comparison instead of an exponential for each window.
    let least = logOdds(threshold)
    for row in 0..<pooledRows {
      let convolvedRows = min(2, level.height - 2 - (top + 2 * row))
      guard convolvedRows > 0 else { break }
      while made < 2 * row + convolvedRows + 2 {
        shrink(pixels, image, level, row: top + made, wide.start, small.start + made * rowStride)
        made += 1
      }
      for line in 0..<convolvedRows {
        conv1.apply(
          small.start + (2 * row + line) * rowStride, rows: firstPlaces, rowCount: convolvedWidth,
          segmentStride: rowStride, pair.start + line * convolvedWidth * conv1.width)
      }
      FaceKernel.preluPool(
        pair.start, width: convolvedWidth, rows: convolvedRows, rowStride: convolvedWidth * conv1.width, window: 2,
        conv1, outWidth: pooledWidth, pooled.start + row * pooledStride)
      guard row >= 2 else { continue }
      let middle = second.start + (row - 2) * secondStride
      conv2.apply(
        pooled.start + (row - 2) * pooledStride, rows: secondPlaces, rowCount: pooledWidth - 2,
        segmentStride: pooledStride, middle)
      FaceKernel.prelu(middle, pixels: pooledWidth - 2, conv2)
      guard row >= 4 else { continue }
      conv3.apply(
        second.start + (row - 4) * secondStride, rows: thirdPlaces, rowCount: level.columns,
        segmentStride: secondStride, third.start)
      FaceKernel.prelu(third.start, pixels: level.columns, conv3)
      heads.apply(third.start, rows: headPlaces, rowCount: level.columns, segmentStride: 0, judged.start)
      for column in 0..<level.columns {
        let values = judged.start + column * heads.width
        let odds = (values[1] + heads.bias[1]) - (values[0] + heads.bias[0])
        guard odds > least else { continue }
        proposals.append(
          Proposal(
            row: rows.lowerBound + row - 4, column: column,
            corrections: (
              values[2] + heads.bias[2], values[3] + heads.bias[3], values[4] + heads.bias[4],
              values[5] + heads.bias[5]
            ), probability: probability(odds)))
      }
    }
    return proposals
  }

  /// Row `row` of the picture at the level's size, as (mean − 127.5) / 128.
  private func shrink(
    _ pixels: UnsafePointer<UInt8>, _ image: PixelImage, _ level: Level, row: Int, _ wide: MutableFloats,
    _ out: MutableFloats
  ) {
    let count = 3 * image.width
    wide.update(repeating: 0, count: count)
    let areas = level.vertical
    for tap in 0..<areas.counts[row] {
      FaceKernel.accumulate(
        pixels + (areas.starts[row] + tap) * count, count, weight: areas.values[row * areas.stride + tap], into: wide)
    }
    FaceKernel.narrow(wide, level.horizontal, scale: level.share / 128, shift: -127.5 / 128, out)
  }
}
