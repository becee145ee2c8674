/// Two register-blocked products that the convolutions are made of. Six rows by sixteen filters are twelve of the
/// sixteen registers; a step of the sum loads two vectors of filters, and one number of each row, for twelve
/// multiply-adds.
///
/// Rows are given by their places in memory, so that the windows of an image need not be copied out of it (no im2col).

/// Filters that a panel holds side by side.
public let panelWidth = 16
/// Rows in registers together: tables of rows and taps are filled up to a multiple of it, by repeating the last.
public let panelRows = 6

/// out[row, filter] = Σ over segments and depth of a[rows[row] + segment · segmentStride + d] · panel[…].
///
/// - Parameters:
///   - rows: where each row begins in `a`; repeated up to a multiple of six.
///   - segments: stretches of `depth` numbers of which a row is made, `segmentStride` apart: the rows of a window.
///   - panels: [filters / 16, segments, depth, 16], zeros for the filters that are missing.
///   - filters: a multiple of 8.
///   - adds: to what is in `out`.
public func panelProduct(
  _ a: Floats, _ rows: UnsafePointer<Int>, _ rowCount: Int, segments: Int, segmentStride: Int, depth: Int,
  _ panels: Floats, filters: Int, _ out: MutableFloats, outStride: Int, adds: Bool = false
) {
  var filter = 0
  var panel = panels
  while filter < filters {
    let wide = filters - filter > 8
    var row = 0
    while row < rowCount {
      product(
        a, rows + row, min(6, rowCount - row), segments, segmentStride, depth, panel, wide,
        out + row * outStride + filter, outStride, adds)
      row += 6
    }
    filter += 16
    panel += segments * depth * 16
  }
}

@inline(__always)
private func product(
  _ a: Floats, _ rows: UnsafePointer<Int>, _ rowCount: Int, _ segments: Int, _ segmentStride: Int, _ depth: Int,
  _ panel: Floats, _ wide: Bool, _ out: MutableFloats, _ outStride: Int, _ adds: Bool
) {
  var c00 = V8.zero, c01 = V8.zero, c10 = V8.zero, c11 = V8.zero, c20 = V8.zero, c21 = V8.zero
  var c30 = V8.zero, c31 = V8.zero, c40 = V8.zero, c41 = V8.zero, c50 = V8.zero, c51 = V8.zero
  var a0 = a + rows[0], a1 = a + rows[1], a2 = a + rows[2], a3 = a + rows[3], a4 = a + rows[4], a5 = a + rows[5]
  var b = panel
  for _ in 0..<segments {
    for step in 0..<depth {
      let b0 = load(b), b1 = load(b + 8)
      b += 16
      var value = splat(a0[step])
      c00 = multiplyAdd(c00, value, b0)
      c01 = multiplyAdd(c01, value, b1)
      value = splat(a1[step])
      c10 = multiplyAdd(c10, value, b0)
      c11 = multiplyAdd(c11, value, b1)
      value = splat(a2[step])
      c20 = multiplyAdd(c20, value, b0)
      c21 = multiplyAdd(c21, value, b1)
      value = splat(a3[step])
      c30 = multiplyAdd(c30, value, b0)
      c31 = multiplyAdd(c31, value, b1)
      value = splat(a4[step])
      c40 = multiplyAdd(c40, value, b0)
      c41 = multiplyAdd(c41, value, b1)
      value = splat(a5[step])
      c50 = multiplyAdd(c50, value, b0)
      c51 = multiplyAdd(c51, value, b1)
    }
    a0 += segmentStride
    a1 += segmentStride
    a2 += segmentStride
    a3 += segmentStride
    a4 += segmentStride
    a5 += segmentStride
  }
  var to = out
  place(c00, c01, wide, adds, to)
  if rowCount > 1 { to += outStride; place(c10, c11, wide, adds, to) }
  if rowCount > 2 { to += outStride; place(c20, c21, wide, adds, to) }
  if rowCount > 3 { to += outStride; place(c30, c31, wide, adds, to) }
  if rowCount > 4 { to += outStride; place(c40, c41, wide, adds, to) }
  if rowCount > 5 { to += outStride; place(c50, c51, wide, adds, to) }
}

@inline(__always)
private func place(_ low: V8, _ high: V8, _ wide: Bool, _ adds: Bool, _ to: MutableFloats) {
  if adds { return add(low, high, wide, to) }
  store(low, to)
  if wide { store(high, to + 8) }
}

@inline(__always)
private func add(_ low: V8, _ high: V8, _ wide: Bool, _ to: MutableFloats) {
  store(load(to) + low, to)
  if wide { store(load(to + 8) + high, to + 8) }
}

/// out[tap, filter] += Σ over lines and steps of a[taps[tap] + line · aLine + step · aStep] · b[line · bLine + step ·
/// bStep + filter]: the gradient of what `panelProduct` multiplies by.
///
/// - Parameters:
///   - taps: offsets in `a`; repeated up to a multiple of six.
///   - filters: a multiple of 8.
///   - out: [taps, filters].
public func panelGradient(
  _ a: Floats, _ taps: UnsafePointer<Int>, _ tapCount: Int, lines: Int, aLine: Int, bLine: Int, steps: Int, aStep: Int,
  bStep: Int, _ b: Floats, filters: Int, _ out: MutableFloats
) {
  var tap = 0
  while tap < tapCount {
    let left = tapCount - tap
    // Four rows, where that is all there is or what makes the rest come out even (8, 16, 32, 64 = 6 n + 4 m).
    let four = left <= 4 || left == 8
    var filter = 0
    while filter < filters {
      let wide = filters - filter > 8
      let to = out + tap * filters + filter
      if four {
        gradientOfFour(
          a, taps + tap, min(4, left), lines, aLine, bLine, steps, aStep, bStep, b + filter, wide, to, filters)
      } else {
        gradientOfSix(
          a, taps + tap, min(6, left), lines, aLine, bLine, steps, aStep, bStep, b + filter, wide, to, filters)
      }
      filter += 16
    }
    tap += four ? 4 : 6
  }
}

@inline(__always)
private func gradientOfSix(
  _ a: Floats, _ taps: UnsafePointer<Int>, _ tapCount: Int, _ lines: Int, _ aLine: Int, _ bLine: Int, _ steps: Int,
  _ aStep: Int, _ bStep: Int, _ b: Floats, _ wide: Bool, _ out: MutableFloats, _ outStride: Int
) {
  var c00 = V8.zero, c01 = V8.zero, c10 = V8.zero, c11 = V8.zero, c20 = V8.zero, c21 = V8.zero
  var c30 = V8.zero, c31 = V8.zero, c40 = V8.zero, c41 = V8.zero, c50 = V8.zero, c51 = V8.zero
  let a0 = a + taps[0], a1 = a + taps[1], a2 = a + taps[2], a3 = a + taps[3], a4 = a + taps[4], a5 = a + taps[5]
  for line in 0..<lines {
    var at = line * aLine
    var from = b + line * bLine
    for _ in 0..<steps {
      let b0 = load(from), b1 = load(from + 8)
      from += bStep
      var value = splat(a0[at])
      c00 = multiplyAdd(c00, value, b0)
      c01 = multiplyAdd(c01, value, b1)
      value = splat(a1[at])
      c10 = multiplyAdd(c10, value, b0)
      c11 = multiplyAdd(c11, value, b1)
      value = splat(a2[at])
      c20 = multiplyAdd(c20, value, b0)
      c21 = multiplyAdd(c21, value, b1)
      value = splat(a3[at])
      c30 = multiplyAdd(c30, value, b0)
      c31 = multiplyAdd(c31, value, b1)
      value = splat(a4[at])
      c40 = multiplyAdd(c40, value, b0)
      c41 = multiplyAdd(c41, value, b1)
      value = splat(a5[at])
      c50 = multiplyAdd(c50, value, b0)
      c51 = multiplyAdd(c51, value, b1)
      at += aStep
    }
  }
  var to = out
  add(c00, c01, wide, to)
  if tapCount > 1 { to += outStride; add(c10, c11, wide, to) }
  if tapCount > 2 { to += outStride; add(c20, c21, wide, to) }
  if tapCount > 3 { to += outStride; add(c30, c31, wide, to) }
  if tapCount > 4 { to += outStride; add(c40, c41, wide, to) }
  if tapCount > 5 { to += outStride; add(c50, c51, wide, to) }
}

@inline(__always)
private func gradientOfFour(
  _ a: Floats, _ taps: UnsafePointer<Int>, _ tapCount: Int, _ lines: Int, _ aLine: Int, _ bLine: Int, _ steps: Int,
  _ aStep: Int, _ bStep: Int, _ b: Floats, _ wide: Bool, _ out: MutableFloats, _ outStride: Int
) {
  var c00 = V8.zero, c01 = V8.zero, c10 = V8.zero, c11 = V8.zero
  var c20 = V8.zero, c21 = V8.zero, c30 = V8.zero, c31 = V8.zero
  let a0 = a + taps[0], a1 = a + taps[1], a2 = a + taps[2], a3 = a + taps[3]
  for line in 0..<lines {
    var at = line * aLine
    var from = b + line * bLine
    for _ in 0..<steps {
      let b0 = load(from), b1 = load(from + 8)
      from += bStep
      var value = splat(a0[at])
      c00 = multiplyAdd(c00, value, b0)
      c01 = multiplyAdd(c01, value, b1)
      value = splat(a1[at])
      c10 = multiplyAdd(c10, value, b0)
      c11 = multiplyAdd(c11, value, b1)
      value = splat(a2[at])
      c20 = multiplyAdd(c20, value, b0)
      c21 = multiplyAdd(c21, value, b1)
      value = splat(a3[at])
      c30 = multiplyAdd(c30, value, b0)
      c31 = multiplyAdd(c31, value, b1)
      at += aStep
    }
  }
  var to = out
  add(c00, c01, wide, to)
  if tapCount > 1 { to += outStride; add(c10, c11, wide, to) }
  if tapCount > 2 { to += outStride; add(c20, c21, wide, to) }
  if tapCount > 3 { to += outStride; add(c30, c31, wide, to) }
}
