/// Where the pictures of a montage stand, in pixels: all cells alike, pictures scaled to fit and centred.
struct MontageLayout {
  let columns: Int
  let rows: Int
  /// Room for a picture, without the gap and the label under it.
  let cellWidth: Int
  let cellHeight: Int
  let labelHeight: Int
  let gap = 6

  init(_ plot: MontagePlot, width: Int) {
    let count = max(1, plot.tiles.count)
    let ratios = plot.tiles.map { Double($0.height) / Double(max(1, $0.width)) }
    let ratio = max(0.1, min(10, ratios.max() ?? 1))
    var columns = plot.columns.map { max(1, min($0, count, 200)) } ?? 0
    if columns == 0 {
      // About 3:2, and no smaller than 10 in a row where there are that many and their number divides so.
      let ideal = (Double(count) * ratio * 1.5).squareRoot()
      columns = max(1, min(count, Int(ideal.rounded())))
      if count <= 6 { columns = count }
      let near = [0, 1, -1, 2, 3, 4].map { columns + $0 }
      columns = near.first { $0 > 0 && $0 <= count && count % $0 == 0 } ?? columns
    }
    self.columns = columns
    rows = (count + columns - 1) / columns
    let widest = plot.tiles.map(\.width).max() ?? 1
    let available = (max(80, width) - 20) / columns - gap
    // Small pictures are not blown up more than four times.
    cellWidth = max(4, min(available, max(widest * 4, 48)))
    cellHeight = max(4, min(4000, Int((Double(cellWidth) * ratio).rounded())))
    labelHeight = plot.tiles.contains { $0.label?.isEmpty == false } ? 18 : 0
  }

  var stepX: Int { cellWidth + gap }
  var stepY: Int { cellHeight + gap + labelHeight }
  var width: Int { columns * stepX + gap }
  var height: Int { rows * stepY + gap }

  /// Of the figure. A few small pictures are narrower than the words over them, which say what they are: the figure is
  /// as wide as its title, up to the usual width.
  func size(title: String?) -> FigureSize {
    // The largest letters of a title (PNG): 13 points of 4/3 pixels.
    let words = title.map { Int(TextWidth.pixels($0, size: 13 * 4.0 / 3).rounded(.up)) + 20 } ?? 0
    return FigureSize(
      width: max(80, min(8000, max(width + 8, min(words, 760)))),
      height: max(80, min(8000, height + 8 + (title == nil ? 0 : 34))))
  }
}

/// Pixels in red, green and blue, row after row from the top.
struct Raster {
  var width: Int
  var height: Int
  var bytes: [UInt8]

  init(width: Int, height: Int, gray: UInt8 = 255) {
    self.width = width
    self.height = height
    bytes = Array(repeating: gray, count: width * height * 3)
  }

  /// The tile scaled into a box, its shape kept and centred: means over areas when it shrinks, nearest when it grows.
  mutating func draw(_ tile: MontagePlot.Tile, x: Int, y: Int, width boxWidth: Int, height boxHeight: Int) {
    guard tile.isValid, boxWidth > 0, boxHeight > 0 else { return }
    let scale = min(Double(boxWidth) / Double(tile.width), Double(boxHeight) / Double(tile.height))
    let width = max(1, min(boxWidth, Int((Double(tile.width) * scale).rounded())))
    let height = max(1, min(boxHeight, Int((Double(tile.height) * scale).rounded())))
    let left = x + (boxWidth - width) / 2
    let top = y + (boxHeight - height) / 2
    for row in 0..<height where top + row >= 0 && top + row < self.height {
      let fromY = row * tile.height / height
      let toY = max(fromY + 1, (row + 1) * tile.height / height)
      for column in 0..<width where left + column >= 0 && left + column < self.width {
        let fromX = column * tile.width / width
        let toX = max(fromX + 1, (column + 1) * tile.width / width)
        let place = ((top + row) * self.width + left + column) * 3
        for channel in 0..<3 {
          let source = tile.channels == 3 ? channel : 0
          var sum = 0
          for sourceY in fromY..<toY {
            for sourceX in fromX..<toX {
              sum += Int(tile.pixels[(sourceY * tile.width + sourceX) * tile.channels + source])
            }
          }
          let area = (toY - fromY) * (toX - fromX)
          bytes[place + channel] = UInt8((sum + area / 2) / area)
        }
      }
    }
  }
}
