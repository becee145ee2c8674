import Tensors

/// Euclidean distances between the rows of one matrix, in tiles: nothing of the size of all pairs is made here.
public final class PairDistances: @unchecked Sendable {
  public let count: Int
  private let width: Int
  private let rows: FloatBuffer
  /// The same rows as panels of columns.
  private let panels: FloatBuffer

  /// - Parameter values: [count, width], row-major.
  public init(_ values: UnsafeBufferPointer<Float>, count: Int, width: Int) {
    self.count = count
    self.width = width
    rows = FloatBuffer(count * width)
    let panelCount = panelsOf(count)
    panels = FloatBuffer(panelCount * kernels.panelWidth * width)
    for index in 0..<min(values.count, count * width) { rows.base[index] = values[index] }
    let (from, to) = (rows, panels)
    Workers.shared.parallel(slices: panelCount) { panel in
      kernels.packDistancePanel(from.base, count: count, width: width, panel: panel, to.base)
    }
  }

  /// Rows of a task of `forEachUpperRow`.
  private static let block = 64

  /// Calls `body` once for each row i, on several threads at a time, with its distances to the rows after it:
  /// `distances[j - first]` is that to row j, for j in i + 1 ..< count.
  public func forEachUpperRow(_ body: (_ row: Int, _ distances: UnsafePointer<Float>, _ first: Int) -> Void) {
    let (count, width) = (self.count, self.width)
    guard count > 1 else { return }
    let panelWidth = kernels.panelWidth
    let panelCount = panelsOf(count)
    Workers.shared.parallel(slices: (count + Self.block - 1) / Self.block) { task in
      let stride = panelCount * panelWidth
      let lines = FloatBuffer(4 * stride)
      for start in Swift.stride(from: task * Self.block, to: min(count, (task + 1) * Self.block), by: 4) {
        let together = min(4, count - start)
        let first = start / panelWidth
        kernels.rowDistances(
          rows.base + start * width, rows: together, width: width, panels.base, first: first, last: panelCount,
          lines.base, outStride: stride)
        for line in 0..<together { body(start + line, lines.base + line * stride, first * panelWidth) }
      }
    }
  }
}
