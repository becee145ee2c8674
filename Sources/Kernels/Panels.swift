import KernelInterface

/// Two register-blocked products that the convolutions are made of. Six rows by sixteen filters are twelve of AVX2's
/// sixteen registers, twelve by thirty-two are twenty-four of AVX-512's thirty-two; a step of the sum loads two vectors
/// of filters, and one number of each row.
///
/// Rows are given by their places in memory, so that the windows of an image need not be copied out of it (no im2col).
/// Each result is one chain of multiply-adds in the order of the sum, so that no result depends on the tiles.

/// How many rows, of two vectors each, a product holds in registers; `count` is twice as many.
enum Tile<let rows: Int, let count: Int> {}

extension Compilation {
  /// Filters that a panel holds side by side: two vectors.
  public static var panelWidth: Int { 2 * Wide.count }
  /// Tables of rows and taps are filled up to a multiple of it, by repeating the last.
  public static var panelRows: Int { TallTile.height }

  /// out[row, filter] = Σ over segments and depth of a[rows[row] + segment · segmentStride + d] · panel[…].
  ///
  /// - Parameters:
  ///   - rows: where each row begins in `a`; repeated up to a multiple of `panelRows`.
  ///   - segments: stretches of `depth` numbers of which a row is made, `segmentStride` apart: the rows of a window.
  ///   - panels: [filters / panelWidth, segments, depth, panelWidth], zeros for the filters that are missing.
  ///   - filters: a multiple of 8.
  ///   - adds: the sums begin with what is in `out`.
  public static func panelProduct(
    _ a: Floats, _ rows: UnsafePointer<Int>, _ rowCount: Int, segments: Int, segmentStride: Int, depth: Int,
    _ panels: Floats, filters: Int, _ out: MutableFloats, outStride: Int, adds: Bool
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: TallTile.height * panelWidth) { edge in
      guard let edge = edge.baseAddress else { return }
      var filter = 0
      var panel = panels
      while filter < filters {
        let target = PanelTarget(
          start: out + filter, stride: outStride, lanes: min(panelWidth, filters - filter), edge: edge)
        let sum = WindowSum(a: a, segments: segments, segmentStride: segmentStride, depth: depth, panel: panel)
        var row = 0
        while row < rowCount {
          let left = rowCount - row
          switch Height(left) {
          case .low: product(LowTile.self, sum, rows, row, left, target, adds, &row)
          case .middle: product(MiddleTile.self, sum, rows, row, left, target, adds, &row)
          case .tall: product(TallTile.self, sum, rows, row, left, target, adds, &row)
          }
        }
        filter += panelWidth
        panel += segments * depth * panelWidth
      }
    }
  }

  /// out[tap, filter] += Σ over lines and steps of a[taps[tap] + line · aLine + step · aStep] · b[line · bLine + step ·
  /// bStep + filter]: the gradient of what `panelProduct` multiplies by.
  ///
  /// - Parameters:
  ///   - taps: offsets in `a`; repeated up to a multiple of `panelRows`.
  ///   - filters: a multiple of 8.
  ///   - out: [taps, filters].
  public static func panelGradient(
    _ a: Floats, _ taps: UnsafePointer<Int>, _ tapCount: Int, lines: Int, aLine: Int, bLine: Int, steps: Int,
    aStep: Int, bStep: Int, _ b: Floats, filters: Int, _ out: MutableFloats
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: TallTile.height * panelWidth) { edge in
      guard let edge = edge.baseAddress else { return }
      var tap = 0
      while tap < tapCount {
        let left = tapCount - tap
        let first = tap
        var filter = 0
        while filter < filters {
          let target = PanelTarget(
            start: out + filter, stride: filters, lanes: min(panelWidth, filters - filter), edge: edge)
          let sum = StepSum(
            a: a, lines: lines, aLine: aLine, bLine: bLine, steps: steps, aStep: aStep, bStep: bStep, b: b + filter)
          switch Height(left) {
          case .low: gradient(LowTile.self, sum, taps, first, left, target, &tap)
          case .middle: gradient(MiddleTile.self, sum, taps, first, left, target, &tap)
          case .tall: gradient(TallTile.self, sum, taps, first, left, target, &tap)
          }
          filter += panelWidth
        }
      }
    }
  }
}

/// How many rows to take next: the lowest tile that holds what is left, or makes it come out even (8, 16, 32, 64 = n · 12
/// + m · 8 + 4).
enum Height {
  case low, middle, tall

  @inline(__always) init(_ left: Int) {
    if left <= LowTile.height {
      self = .low
    } else if left <= MiddleTile.height || left == 2 * MiddleTile.height {
      self = .middle
    } else {
      self = .tall
    }
  }
}

extension Tile {
  @inline(__always) static var height: Int { rows }
}

/// Where a panel's results go. A tile that reaches past them is computed in `edge` and copied from there.
private struct PanelTarget {
  let start: MutableFloats
  let stride: Int
  let lanes: Int
  let edge: MutableFloats
}

/// The sum over a window's rows.
private struct WindowSum {
  let a: Floats
  let segments, segmentStride, depth: Int
  let panel: Floats
}

/// The sum over an image's lines and steps.
private struct StepSum {
  let a: Floats
  let lines, aLine, bLine, steps, aStep, bStep: Int
  let b: Floats
}

@inline(__always)
private func product<let rows: Int, let count: Int>(
  _: Tile<rows, count>.Type, _ sum: WindowSum, _ table: UnsafePointer<Int>, _ row: Int, _ left: Int,
  _ target: PanelTarget, _ adds: Bool, _ next: inout Int
) {
  let height = min(rows, left)
  let to = target.start + row * target.stride
  if target.lanes == 2 * Wide.count, height == rows {
    twoVectors(Tile<rows, count>.self, Wide.self, sum, table + row, to, target.stride, adds)
  } else if target.lanes == Wide.count, height == rows {
    oneVector(Tile<rows, count>.self, Wide.self, sum, table + row, to, target.stride, adds)
  } else if Wide.count > 8, target.lanes == 8, height == rows {
    oneVector(Tile<rows, count>.self, V8.self, sum, table + row, to, target.stride, adds)
  } else {
    let width = 2 * Wide.count
    let edge = target.edge
    if adds {
      for line in 0..<height { (edge + line * width).update(from: to + line * target.stride, count: target.lanes) }
    }
    if target.lanes > Wide.count {
      twoVectors(Tile<rows, count>.self, Wide.self, sum, table + row, edge, width, adds)
    } else if Wide.count > 8, target.lanes <= 8 {
      oneVector(Tile<rows, count>.self, V8.self, sum, table + row, edge, width, adds)
    } else {
      oneVector(Tile<rows, count>.self, Wide.self, sum, table + row, edge, width, adds)
    }
    for line in 0..<height { (to + line * target.stride).update(from: edge + line * width, count: target.lanes) }
  }
  next = row + rows
}

@inline(__always)
private func gradient<let rows: Int, let count: Int>(
  _: Tile<rows, count>.Type, _ sum: StepSum, _ taps: UnsafePointer<Int>, _ tap: Int, _ left: Int,
  _ target: PanelTarget, _ next: inout Int
) {
  let height = min(rows, left)
  let to = target.start + tap * target.stride
  if target.lanes == 2 * Wide.count, height == rows {
    twoVectors(Tile<rows, count>.self, Wide.self, sum, taps + tap, to, target.stride)
  } else if target.lanes == Wide.count, height == rows {
    oneVector(Tile<rows, count>.self, Wide.self, sum, taps + tap, to, target.stride)
  } else if Wide.count > 8, target.lanes == 8, height == rows {
    oneVector(Tile<rows, count>.self, V8.self, sum, taps + tap, to, target.stride)
  } else {
    let width = 2 * Wide.count
    let edge = target.edge
    for line in 0..<height { (edge + line * width).update(from: to + line * target.stride, count: target.lanes) }
    if target.lanes > Wide.count {
      twoVectors(Tile<rows, count>.self, Wide.self, sum, taps + tap, edge, width)
    } else if Wide.count > 8, target.lanes <= 8 {
      oneVector(Tile<rows, count>.self, V8.self, sum, taps + tap, edge, width)
    } else {
      oneVector(Tile<rows, count>.self, Wide.self, sum, taps + tap, edge, width)
    }
    for line in 0..<height { (to + line * target.stride).update(from: edge + line * width, count: target.lanes) }
  }
  next = tap + rows
}

// The four loops below keep their sums in registers: every index into an array of them is known when they are compiled.
// Nothing is called between their first values and their stores: `InlineArray(repeating:)` would be, and all sums would go
// through memory for it.

@inline(never)
private func twoVectors<L: Lanes, let rows: Int, let count: Int>(
  _: Tile<rows, count>.Type, _: L.Type, _ sum: WindowSum, _ table: UnsafePointer<Int>, _ out: MutableFloats,
  _ stride: Int, _ adds: Bool
) where L.Scalar == Float {
  let from = InlineArray<rows, Floats> { sum.a + table[$0] }
  var sums = InlineArray<count, L> { _ in L.zeros }
  if adds {
    for row in 0..<rows {
      sums[2 * row] = L.load(out + row * stride)
      sums[2 * row + 1] = L.load(out + row * stride + L.count)
    }
  }
  var b = sum.panel
  for segment in 0..<sum.segments {
    let start = segment * sum.segmentStride
    for step in start..<start + sum.depth {
      let low = L.load(b), high = L.load(b + L.count)
      b += 2 * Wide.count
      for row in 0..<rows {
        let value = L.splat(from[row][step])
        sums[2 * row] = sums[2 * row].adding(value, times: low)
        sums[2 * row + 1] = sums[2 * row + 1].adding(value, times: high)
      }
    }
  }
  for row in 0..<rows {
    sums[2 * row].store(out + row * stride)
    sums[2 * row + 1].store(out + row * stride + L.count)
  }
}

@inline(never)
private func oneVector<L: Lanes, let rows: Int, let count: Int>(
  _: Tile<rows, count>.Type, _: L.Type, _ sum: WindowSum, _ table: UnsafePointer<Int>, _ out: MutableFloats,
  _ stride: Int, _ adds: Bool
) where L.Scalar == Float {
  let from = InlineArray<rows, Floats> { sum.a + table[$0] }
  var sums = InlineArray<rows, L> { _ in L.zeros }
  if adds { for row in 0..<rows { sums[row] = L.load(out + row * stride) } }
  var b = sum.panel
  for segment in 0..<sum.segments {
    let start = segment * sum.segmentStride
    for step in start..<start + sum.depth {
      let low = L.load(b)
      b += 2 * Wide.count
      for row in 0..<rows { sums[row] = sums[row].adding(L.splat(from[row][step]), times: low) }
    }
  }
  for row in 0..<rows { sums[row].store(out + row * stride) }
}

@inline(never)
private func twoVectors<L: Lanes, let rows: Int, let count: Int>(
  _: Tile<rows, count>.Type, _: L.Type, _ sum: StepSum, _ taps: UnsafePointer<Int>, _ out: MutableFloats, _ stride: Int
) where L.Scalar == Float {
  let from = InlineArray<rows, Floats> { sum.a + taps[$0] }
  var sums = InlineArray<count, L> { _ in L.zeros }
  for row in 0..<rows {
    sums[2 * row] = L.load(out + row * stride)
    sums[2 * row + 1] = L.load(out + row * stride + L.count)
  }
  for line in 0..<sum.lines {
    var at = line * sum.aLine
    var columns = sum.b + line * sum.bLine
    for _ in 0..<sum.steps {
      let low = L.load(columns), high = L.load(columns + L.count)
      columns += sum.bStep
      for row in 0..<rows {
        let value = L.splat(from[row][at])
        sums[2 * row] = sums[2 * row].adding(value, times: low)
        sums[2 * row + 1] = sums[2 * row + 1].adding(value, times: high)
      }
      at += sum.aStep
    }
  }
  for row in 0..<rows {
    sums[2 * row].store(out + row * stride)
    sums[2 * row + 1].store(out + row * stride + L.count)
  }
}

@inline(never)
private func oneVector<L: Lanes, let rows: Int, let count: Int>(
  _: Tile<rows, count>.Type, _: L.Type, _ sum: StepSum, _ taps: UnsafePointer<Int>, _ out: MutableFloats, _ stride: Int
) where L.Scalar == Float {
  let from = InlineArray<rows, Floats> { sum.a + taps[$0] }
  var sums = InlineArray<rows, L> { _ in L.zeros }
  for row in 0..<rows { sums[row] = L.load(out + row * stride) }
  for line in 0..<sum.lines {
    var at = line * sum.aLine
    var columns = sum.b + line * sum.bLine
    for _ in 0..<sum.steps {
      let low = L.load(columns)
      columns += sum.bStep
      for row in 0..<rows { sums[row] = sums[row].adding(L.splat(from[row][at]), times: low) }
      at += sum.aStep
    }
  }
  for row in 0..<rows { sums[row].store(out + row * stride) }
}
