/// Euclidean distances to the rows of a matrix, in tiles: nothing of the size of all pairs is made here.
///
/// Each is the root of one chain of fused multiply-adds of differences, in the order of a row's numbers: exact at zero,
/// where a·a − 2a·b + b·b is not, and the same bits for one row as for many, whatever the number of threads.
///
/// Unchecked, because its numbers are written while it is made, and only read from then on.
public final class RowDistances: @unchecked Sendable {
  /// How many rows there are.
  public let count: Int
  private let width: Int
  private let rows: UnsafeMutablePointer<Float>
  /// The same rows as panels of columns.
  private let panels: UnsafeMutablePointer<Float>
  private let panelWidth = kernels.panelWidth
  private var panelCount: Int { (count + panelWidth - 1) / panelWidth }

  /// - Parameter values: [count, width], row-major.
  public init(_ values: UnsafeBufferPointer<Float>, count: Int, width: Int) {
    self.count = count
    self.width = width
    rows = .allocate(capacity: max(1, count * width))
    rows.initialize(repeating: 0, count: max(1, count * width))
    let panelWidth = kernels.panelWidth
    let panelCount = (count + panelWidth - 1) / panelWidth
    panels = .allocate(capacity: max(1, panelCount * panelWidth * width))
    panels.initialize(repeating: 0, count: max(1, panelCount * panelWidth * width))
    if let base = values.baseAddress { rows.update(from: base, count: min(values.count, count * width)) }
    // Each task fills a panel of its own.
    nonisolated(unsafe) let (from, to) = (rows, panels)
    Workers.shared.parallel(slices: panelCount) { panel in
      kernels.packDistancePanel(from, count: count, width: width, panel: panel, to)
    }
  }

  deinit {
    rows.deallocate()
    panels.deallocate()
  }

  /// Rows of a task.
  private static let block = 64
  /// Rows that go through a stretch of panels while that is in the cache.
  private static let group = 16

  /// Calls `body` once for each row i, on several threads at a time, with its distances to the rows after it:
  /// `distances[j - first]` is that to row j, for j in i + 1 ..< count.
  ///
  /// - Parameter isGivenUp: asked now and then, from any thread; true leaves the rest out.
  public func forEachUpperRow(
    isGivenUp: (() -> Bool)? = nil, _ body: (_ row: Int, _ distances: UnsafePointer<Float>, _ first: Int) -> Void
  ) {
    guard count > 1 else { return }
    forEachRow(of: rows, count: count, isUpper: true, isGivenUp: isGivenUp, body)
  }

  /// Calls `body` once for each row of another matrix (or of the same), on several threads at a time, with its
  /// distances to all rows of this one.
  public func forEachRow(
    of others: UnsafePointer<Float>, count: Int, isGivenUp: (() -> Bool)? = nil,
    _ body: (_ row: Int, _ distances: UnsafePointer<Float>) -> Void
  ) {
    forEachRow(of: others, count: count, isUpper: false, isGivenUp: isGivenUp) { row, distances, _ in
      body(row, distances)
    }
  }

  /// The same for all of its own rows.
  public func forEachRow(
    isGivenUp: (() -> Bool)? = nil, _ body: (_ row: Int, _ distances: UnsafePointer<Float>) -> Void
  ) {
    forEachRow(of: rows, count: count, isGivenUp: isGivenUp, body)
  }

  private func forEachRow(
    of x: UnsafePointer<Float>, count rowCount: Int, isUpper: Bool, isGivenUp: (() -> Bool)?,
    _ body: (_ row: Int, _ distances: UnsafePointer<Float>, _ first: Int) -> Void
  ) {
    let (width, panelWidth, panelCount) = (width, panelWidth, panelCount)
    let stride = panelCount * panelWidth
    // Panels that half of a small second-level cache holds.
    let stretch = max(1, (1 << 17) / max(1, 4 * panelWidth * width))
    Workers.shared.parallel(slices: (rowCount + Self.block - 1) / Self.block) { task in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, Self.group * stride)) { lines in
        guard let lines = lines.baseAddress else { return }
        for start in Swift.stride(from: task * Self.block, to: min(rowCount, (task + 1) * Self.block), by: Self.group) {
          if let isGivenUp, isGivenUp() { return }
          let end = min(start + Self.group, (task + 1) * Self.block, rowCount)
          let first = isUpper ? start / panelWidth : 0
          for panel in Swift.stride(from: first, to: panelCount, by: stretch) {
            let last = min(panelCount, panel + stretch)
            for row in Swift.stride(from: start, to: end, by: 4) {
              let out = lines + (row - start) * stride + (panel - first) * panelWidth
              kernels.rowDistances(
                x + row * width, rows: min(4, end - row), width: width, panels, first: panel, last: last, out,
                outStride: stride)
            }
          }
          for row in start..<end {
            let line = lines + (row - start) * stride
            mend(line, x + row * width, from: first * panelWidth)
            body(row, UnsafePointer(line), first * panelWidth)
          }
        }
      }
    }
  }

  /// Where squares of differences leave the range of a float, at both ends, the distance is found again in double
  /// precision.
  private func mend(_ line: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, from first: Int) {
    var isWithin = true
    for index in 0..<max(0, count - first) {
      let d = line[index]
      isWithin = isWithin && d > Self.least && d <= Self.most
    }
    if isWithin { return }
    for index in 0..<max(0, count - first) where !(line[index] > Self.least && line[index] <= Self.most) {
      line[index] = Self.exact(x, rows + (first + index) * width, width)
    }
  }

  /// Below, squares lose digits; above, there are none.
  private static let least: Float = 1e-15
  private static let most = Float.greatestFiniteMagnitude

  private static func exact(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ width: Int) -> Float {
    var sum = 0.0
    for k in 0..<width {
      let difference = Double(a[k]) - Double(b[k])
      sum += difference * difference
    }
    return Float(sum.squareRoot())
  }
}

extension Tensor {
  /// All Euclidean distances between rows: [n, d] and [m, d] → [n, m]. Of a row to itself 0 exactly; the gradient there is
  /// taken as 0.
  public func pairwiseDistances(_ other: Tensor) throws -> Tensor {
    for side in [self, other] where side.rank != 2 {
      throw TensorError.rank(function: "cdist", expected: "2 axes (rows, columns)", shape: side.shape)
    }
    guard shape[1] == other.shape[1] else {
      throw TensorError.shapes(verb: "measure distances between rows of", shape, other.shape)
    }
    let (rows, columns, width) = (shape[0], other.shape[0], shape[1])
    return try Tensor(shape: [rows, columns]) { out in
      guard let to = out.baseAddress, out.count > 0 else { return }
      // Each task writes a row of its own.
      nonisolated(unsafe) let target = to
      let (from, others) = (storage.header.start, other.storage.header.start)
      let distances = RowDistances(
        UnsafeBufferPointer(start: others, count: columns * width), count: columns, width: width)
      distances.forEachRow(of: from, count: rows, isGivenUp: LongWork.isGivenUp) { row, line in
        (target + row * columns).update(from: line, count: columns)
      }
      try LongWork.check()
    }.recorded(.distances, self, other)
  }

  /// Of a row i the sum over j of weights[i, j] · (self[i] − other[j]), by differences as the distances are: what the
  /// gradient of distances needs. `weights` is [rows, rows of other], or the other way round if `transposed`.
  func weightedDifferences(_ weights: Tensor, _ other: Tensor, transposed: Bool) throws -> Tensor {
    let (rows, columns, width) = (shape[0], other.shape[0], shape[1])
    return try Tensor(shape: shape) { out in
      guard let to = out.baseAddress, out.count > 0 else { return }
      // Each task writes a row of its own, and all read the others.
      nonisolated(unsafe) let (target, x, y, w) = (
        to, storage.header.start, other.storage.header.start, weights.storage.header.start
      )
      let isGivenUp = LongWork.isGivenUp
      Workers.shared.parallel(slices: rows) { row in
        if let isGivenUp, isGivenUp() { return }
        let (line, own) = (target + row * width, x + row * width)
        line.update(repeating: 0, count: width)
        for column in 0..<columns {
          let weight = transposed ? w[column * rows + row] : w[row * columns + column]
          if weight == 0 { continue }
          let others = y + column * width
          for k in 0..<width { line[k] += weight * (own[k] - others[k]) }
        }
      }
      try LongWork.check()
    }
  }
}
