/// Distances of four rows to sixteen columns at a time, by direct subtraction: exact at zero, where
/// a·a − 2a·b + b·b is not, and no slower than a matrix product that also fills the other triangle.

/// Rows [count, width] as panels [count / 16, width, 16], zeros for the rows that are missing.
public func packDistancePanel(_ x: Floats, count: Int, width: Int, panel: Int, _ out: MutableFloats) {
  let lanes = max(0, min(16, count - panel * 16))
  let from = x + panel * 16 * width
  let to = out + panel * width * 16
  for k in 0..<width {
    for lane in 0..<16 { to[k * 16 + lane] = lane < lanes ? from[lane * width + k] : 0 }
  }
}

/// out[row, column] = √Σ (row − column)² for up to four rows and the columns of panels first ..< last.
///
/// - Parameters:
///   - x: of the first row.
///   - rows: 1...4.
///   - out: [rows, …], `outStride` apart, of which 16 · (last − first) are written.
public func rowDistances(
  _ x: Floats, rows: Int, width: Int, _ panels: Floats, first: Int, last: Int, _ out: MutableFloats, outStride: Int
) {
  let x0 = x
  let x1 = x + min(1, rows - 1) * width
  let x2 = x + min(2, rows - 1) * width
  let x3 = x + min(3, rows - 1) * width
  var to = out
  for panel in first..<last {
    var s00 = V8.zero, s01 = V8.zero, s10 = V8.zero, s11 = V8.zero
    var s20 = V8.zero, s21 = V8.zero, s30 = V8.zero, s31 = V8.zero
    var b = panels + panel * width * 16
    for k in 0..<width {
      let b0 = load(b), b1 = load(b + 8)
      b += 16
      var value = splat(x0[k])
      var d = value - b0
      s00 = multiplyAdd(s00, d, d)
      d = value - b1
      s01 = multiplyAdd(s01, d, d)
      value = splat(x1[k])
      d = value - b0
      s10 = multiplyAdd(s10, d, d)
      d = value - b1
      s11 = multiplyAdd(s11, d, d)
      value = splat(x2[k])
      d = value - b0
      s20 = multiplyAdd(s20, d, d)
      d = value - b1
      s21 = multiplyAdd(s21, d, d)
      value = splat(x3[k])
      d = value - b0
      s30 = multiplyAdd(s30, d, d)
      d = value - b1
      s31 = multiplyAdd(s31, d, d)
    }
    store(s00.squareRoot(), to)
    store(s01.squareRoot(), to + 8)
    if rows > 1 {
      store(s10.squareRoot(), to + outStride)
      store(s11.squareRoot(), to + outStride + 8)
    }
    if rows > 2 {
      store(s20.squareRoot(), to + 2 * outStride)
      store(s21.squareRoot(), to + 2 * outStride + 8)
    }
    if rows > 3 {
      store(s30.squareRoot(), to + 3 * outStride)
      store(s31.squareRoot(), to + 3 * outStride + 8)
    }
    to += 16
  }
}
