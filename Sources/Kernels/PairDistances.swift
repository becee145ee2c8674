import KernelInterface

/// Distances of four rows to a panel of columns at a time, by direct subtraction: exact at zero, where
/// a·a − 2a·b + b·b is not, and no slower than a matrix product that also fills the other triangle.
extension Compilation {
  /// Rows [count, width] as panels [count / panelWidth, width, panelWidth], zeros for the rows that are missing.
  public static func packDistancePanel(_ x: Floats, count: Int, width: Int, panel: Int, _ out: MutableFloats) {
    let lanes = max(0, min(panelWidth, count - panel * panelWidth))
    let from = x + panel * panelWidth * width
    let to = out + panel * width * panelWidth
    for k in 0..<width {
      for lane in 0..<panelWidth { to[k * panelWidth + lane] = lane < lanes ? from[lane * width + k] : 0 }
    }
  }

  /// out[row, column] = √Σ (row − column)² for up to four rows and the columns of panels first ..< last.
  ///
  /// - Parameters:
  ///   - x: of the first row.
  ///   - rows: 1...4.
  ///   - out: [rows, …], `outStride` apart, of which panelWidth · (last − first) are written.
  public static func rowDistances(
    _ x: Floats, rows: Int, width: Int, _ panels: Floats, first: Int, last: Int, _ out: MutableFloats, outStride: Int
  ) {
    for panel in first..<last {
      let to = out + (panel - first) * panelWidth
      let b = panels + panel * width * panelWidth
      switch rows {
      case 1: distances(Tile<1, 2>.self, x, width, b, to, outStride)
      case 2: distances(Tile<2, 4>.self, x, width, b, to, outStride)
      case 3: distances(Tile<3, 6>.self, x, width, b, to, outStride)
      default: distances(Tile<4, 8>.self, x, width, b, to, outStride)
      }
    }
  }
}

@inline(__always)
private func distances<let rows: Int, let count: Int>(
  _: Tile<rows, count>.Type, _ x: Floats, _ width: Int, _ panel: Floats, _ out: MutableFloats, _ outStride: Int
) {
  let from = InlineArray<rows, Floats> { x + $0 * width }
  var sums = InlineArray<count, Wide> { _ in Wide.zeros }
  var b = panel
  for k in 0..<width {
    let low = Wide.load(b), high = Wide.load(b + Wide.count)
    b += 2 * Wide.count
    for row in 0..<rows {
      let value = Wide.splat(from[row][k])
      let (d0, d1) = (value .- low, value .- high)
      sums[2 * row] = sums[2 * row].adding(d0, times: d0)
      sums[2 * row + 1] = sums[2 * row + 1].adding(d1, times: d1)
    }
  }
  for row in 0..<rows {
    sums[2 * row].squareRoots.store(out + row * outStride)
    sums[2 * row + 1].squareRoots.store(out + row * outStride + Wide.count)
  }
}
