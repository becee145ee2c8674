/// Convolution 3×3 with stride 1 by Winograd's minimal filtering F(4×4, 3×3) (Lavin and Gray 2016, arXiv:1509.09308): a
/// tile of 4×4 results takes 36 products for each pair of channel and filter instead of 144, after sums and differences
/// of its 6×6 pixels. Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A.
///
/// Images are [height, width, channels] with channels a multiple of 8, so that each transform works on eight channels at
/// a time. Transformed tiles stand as [36, tiles, channels]; the products over channels are 36 matrix products.

/// Tiles of one image.
public struct WinogradTiles: Sendable {
  public var height, width, channels: Int
  /// Pixels from one tile to the next are 4; the first begins so far outside the image.
  public var top, left: Int
  public var across: Int

  public init(height: Int, width: Int, channels: Int, top: Int, left: Int, across: Int) {
    self.height = height
    self.width = width
    self.channels = channels
    self.top = top
    self.left = left
    self.across = across
  }
}

/// Bᵀ v
@inline(__always)
private func inputTransform(_ d: MutableFloats, _ step: Int, _ to: MutableFloats, _ toStep: Int) {
  inputTransform(
    load(d), load(d + step), load(d + 2 * step), load(d + 3 * step), load(d + 4 * step), load(d + 5 * step), to, toStep)
}

@inline(__always)
private func inputTransform(
  _ d0: V8, _ d1: V8, _ d2: V8, _ d3: V8, _ d4: V8, _ d5: V8, _ to: MutableFloats, _ toStep: Int
) {
  let four = splat(4), minusFive = splat(-5), minusFour = splat(-4), two = splat(2)
  store(multiplyAdd(multiplyAdd(d4, d2, minusFive), d0, four), to)
  let evens = multiplyAdd(d4, d2, minusFour)
  let odds = multiplyAdd(d3, d1, minusFour)
  store(evens + odds, to + toStep)
  store(evens - odds, to + 2 * toStep)
  let difference = d4 - d2
  let twice = (d3 - d1) * two
  store(difference + twice, to + 3 * toStep)
  store(difference - twice, to + 4 * toStep)
  store(multiplyAdd(multiplyAdd(d5, d3, minusFive), d1, four), to + 5 * toStep)
}

/// Tiles first ..< first + count of one image to out[36, …, channels], `outStride` from one of the 36 to the next.
///
/// - Parameter scratch: 36 · channels + 288 floats.
public func winogradInput(
  _ x: Floats, _ s: WinogradTiles, first: Int, count: Int, _ out: MutableFloats, outStride: Int,
  _ scratch: MutableFloats
) {
  let channels = s.channels
  let columns = scratch + 36 * channels
  for tile in 0..<count {
    let place = first + tile
    let y = place / s.across * 4 - s.top
    let x0 = place % s.across * 4 - s.left
    var from = MutableFloats(mutating: x) + (y * s.width + x0) * channels
    var line = s.width * channels
    if y < 0 || x0 < 0 || y + 6 > s.height || x0 + 6 > s.width {
      gatherTile(x, s.height, s.width, channels, y, x0, 6, scratch)
      from = scratch
      line = 6 * channels
    }
    let to = out + tile * channels
    var channel = 0
    while channel < channels {
      for column in 0..<6 {
        inputTransform(from + column * channels + channel, line, columns + column * 8, 48)
      }
      for row in 0..<6 {
        inputTransform(columns + row * 48, 8, to + row * 6 * outStride + channel, outStride)
      }
      channel += 8
    }
  }
}

/// A square of pixels with zeros where the image ends.
@inline(__always)
private func gatherTile(
  _ x: Floats, _ height: Int, _ width: Int, _ channels: Int, _ y: Int, _ x0: Int, _ size: Int, _ to: MutableFloats
) {
  let from = max(0, -x0), end = max(max(0, -x0), min(size, width - x0))
  for row in 0..<size {
    let line = to + row * size * channels
    guard y + row >= 0, y + row < height else {
      line.update(repeating: 0, count: size * channels)
      continue
    }
    if from > 0 { line.update(repeating: 0, count: from * channels) }
    copy(x + ((y + row) * width + x0 + from) * channels, line + from * channels, (end - from) * channels)
    if end < size { (line + end * channels).update(repeating: 0, count: (size - end) * channels) }
  }
}

/// A multiple of eight.
@inline(__always)
private func copy(_ from: Floats, _ to: MutableFloats, _ count: Int) {
  var index = 0
  while index < count {
    store(load(from + index), to + index)
    index += 8
  }
}

/// Aᵀ v
@inline(__always)
private func outputTransform(_ m: MutableFloats, _ step: Int, _ to: MutableFloats, _ toStep: Int) {
  let m0 = load(m), m1 = load(m + step), m2 = load(m + 2 * step), m3 = load(m + 3 * step), m4 = load(m + 4 * step)
  let sum = m1 + m2, difference = m1 - m2, sum2 = m3 + m4, difference2 = m3 - m4
  store(m0 + sum + sum2, to)
  store(multiplyAdd(difference, difference2, splat(2)), to + toStep)
  store(multiplyAdd(sum, sum2, splat(4)), to + 2 * toStep)
  store(multiplyAdd(difference + load(m + 5 * step), difference2, splat(8)), to + 3 * toStep)
}

/// The results of tiles first ..< first + count, written into the image y [height, width, channels] of `s`.
///
/// - Parameters:
///   - m: [36, …, channels].
///   - scratch: 36 · channels + 288 floats.
public func winogradOutput(
  _ m: MutableFloats, mStride: Int, _ s: WinogradTiles, first: Int, count: Int, _ y: MutableFloats,
  _ scratch: MutableFloats
) {
  let channels = s.channels
  let columns = scratch + 36 * channels
  for tile in 0..<count {
    let place = first + tile
    let y0 = place / s.across * 4
    let x0 = place % s.across * 4
    let rows = min(4, s.height - y0), width = min(4, s.width - x0)
    let inside = rows == 4 && width == 4
    let to = inside ? y + (y0 * s.width + x0) * channels : scratch
    let line = inside ? s.width * channels : 4 * channels
    let from = m + tile * channels
    var channel = 0
    while channel < channels {
      for column in 0..<6 {
        outputTransform(from + column * mStride + channel, 6 * mStride, columns + column * 8, 48)
      }
      for row in 0..<4 { outputTransform(columns + row * 48, 8, to + row * line + channel, channels) }
      channel += 8
    }
    guard !inside else { continue }
    for row in 0..<rows {
      copy(scratch + row * 4 * channels, y + ((y0 + row) * s.width + x0) * channels, width * channels)
    }
  }
}

/// A v: the adjoint of the output's transform.
@inline(__always)
private func gradientTransform(_ v: MutableFloats, _ step: Int, _ to: MutableFloats, _ toStep: Int) {
  let v0 = load(v), v1 = load(v + step), v2 = load(v + 2 * step), v3 = load(v + 3 * step)
  store(v0, to)
  let evens = v0 + v2, odds = v1 + v3
  store(evens + odds, to + toStep)
  store(evens - odds, to + 2 * toStep)
  let evens2 = multiplyAdd(v0, v2, splat(4)), odds2 = multiplyAdd(v1 * splat(2), v3, splat(8))
  store(evens2 + odds2, to + 3 * toStep)
  store(evens2 - odds2, to + 4 * toStep)
  store(v3, to + 5 * toStep)
}

/// Tiles 4×4 of the result's gradient dy [height, width, channels] to out[36, …, channels].
public func winogradGradient(
  _ dy: Floats, _ s: WinogradTiles, first: Int, count: Int, _ out: MutableFloats, outStride: Int,
  _ scratch: MutableFloats
) {
  let channels = s.channels
  let columns = scratch + 36 * channels
  for tile in 0..<count {
    let place = first + tile
    let y = place / s.across * 4
    let x0 = place % s.across * 4
    var from = MutableFloats(mutating: dy) + (y * s.width + x0) * channels
    var line = s.width * channels
    if y + 4 > s.height || x0 + 4 > s.width {
      gatherTile(dy, s.height, s.width, channels, y, x0, 4, scratch)
      from = scratch
      line = 4 * channels
    }
    let to = out + tile * channels
    var channel = 0
    while channel < channels {
      for column in 0..<4 {
        gradientTransform(from + column * channels + channel, line, columns + column * 8, 32)
      }
      for row in 0..<6 {
        gradientTransform(columns + row * 32, 8, to + row * 6 * outStride + channel, outStride)
      }
      channel += 8
    }
  }
}

/// B v: the adjoint of the input's transform.
@inline(__always)
private func inputAdjoint(
  _ p: MutableFloats, _ step: Int, _ to: MutableFloats, _ toStep: Int, adds: Bool
) {
  let p0 = load(p), p1 = load(p + step), p2 = load(p + 2 * step), p3 = load(p + 3 * step), p4 = load(p + 4 * step)
  let p5 = load(p + 5 * step)
  @inline(__always) func put(_ value: V8, _ place: Int) {
    let target = to + place * toStep
    store(adds ? load(target) + value : value, target)
  }
  let sum = p1 + p2, difference = p1 - p2, sum2 = p3 + p4, difference2 = p3 - p4
  put(p0 * splat(4), 0)
  put(multiplyAdd(multiplyAdd(p5 * splat(4), difference, splat(-4)), difference2, splat(-2)), 1)
  put(multiplyAdd(multiplyAdd(sum2 * splat(-1), sum, splat(-4)), p0, splat(-5)), 2)
  put(multiplyAdd(multiplyAdd(difference, difference2, splat(2)), p5, splat(-5)), 3)
  put(p0 + sum + sum2, 4)
  put(p5, 5)
}

/// The input's gradient of tiles first ..< first + count, added to what is in dx [height, width, channels].
public func winogradInputGradient(
  _ p: MutableFloats, pStride: Int, _ s: WinogradTiles, first: Int, count: Int, _ dx: MutableFloats,
  _ scratch: MutableFloats
) {
  let channels = s.channels
  let columns = scratch + 36 * channels
  for tile in 0..<count {
    let place = first + tile
    let y = place / s.across * 4 - s.top
    let x0 = place % s.across * 4 - s.left
    let inside = y >= 0 && x0 >= 0 && y + 6 <= s.height && x0 + 6 <= s.width
    let from = p + tile * channels
    var channel = 0
    while channel < channels {
      for column in 0..<6 {
        inputAdjoint(from + column * pStride + channel, 6 * pStride, columns + column * 8, 48, adds: false)
      }
      if inside {
        let to = dx + (y * s.width + x0) * channels + channel
        for row in 0..<6 {
          inputAdjoint(columns + row * 48, 8, to + row * s.width * channels, channels, adds: true)
        }
      } else {
        for row in 0..<6 {
          inputAdjoint(columns + row * 48, 8, scratch + row * 6 * channels + channel, channels, adds: false)
        }
      }
      channel += 8
    }
    guard !inside else { continue }
    let left = max(0, -x0), right = min(6, s.width - x0)
    for row in max(0, -y)..<max(max(0, -y), min(6, s.height - y)) where left < right {
      var to = dx + ((y + row) * s.width + x0 + left) * channels
      var piece = scratch + (row * 6 + left) * channels
      for _ in 0..<(right - left) * channels / 8 {
        store(load(to) + load(piece), to)
        to += 8
        piece += 8
      }
    }
  }
}

/// G v for three numbers.
@inline(__always)
private func weightTransform(_ v0: V8, _ v1: V8, _ v2: V8) -> (V8, V8, V8, V8, V8, V8) {
  let ends = (v0 + v2) * splat(-1 / 6)
  let middle = v1 * splat(1 / 6)
  let wide = multiplyAdd(v0 * splat(1 / 24), v2, splat(1 / 6))
  let half = v1 * splat(1 / 12)
  return (v0 * splat(0.25), ends - middle, ends + middle, wide + half, wide - half, v2)
}

/// Weights [filters, channels, 3, 3] to 36 sets of panels [columns / 16, rows, 16]: rows are channels and columns
/// filters, or with `transposed` the other way round, for the gradient of the input.
///
/// - Parameters:
///   - rows, columns: numbers of channels and filters, filled up with zeros to a multiple of 8.
///   - panel: which sixteen columns to do.
///   - out: `outStride` from one of the 36 to the next.
public func winogradWeights(
  _ w: Floats, filters: Int, channels: Int, transposed: Bool, rows: Int, panel: Int, _ out: MutableFloats,
  outStride: Int
) {
  let realRows = transposed ? filters : channels
  let realColumns = transposed ? channels : filters
  let rowStep = (transposed ? channels : 1) * 9
  let columnStep = (transposed ? 1 : channels) * 9
  for row in 0..<rows {
    for half in 0..<2 {
      let to = out + (panel * rows + row) * 16 + half * 8
      let column = panel * 16 + half * 8
      let lanes = row < realRows ? max(0, min(8, realColumns - column)) : 0
      guard lanes > 0 else {
        for place in 0..<36 { store(V8.zero, to + place * outStride) }
        continue
      }
      let from = w + row * rowStep + column * columnStep
      @inline(__always) func tap(_ place: Int) -> V8 {
        var value = V8.zero
        for lane in 0..<lanes { value[lane] = from[lane * columnStep + place] }
        return value
      }
      // Columns of the kernel first, then the six rows that come of it.
      let (a0, a1, a2, a3, a4, a5) = weightTransform(tap(0), tap(3), tap(6))
      let (b0, b1, b2, b3, b4, b5) = weightTransform(tap(1), tap(4), tap(7))
      let (c0, c1, c2, c3, c4, c5) = weightTransform(tap(2), tap(5), tap(8))
      @inline(__always) func put(_ line: Int, _ v: (V8, V8, V8, V8, V8, V8)) {
        let place = to + line * 6 * outStride
        store(v.0, place)
        store(v.1, place + outStride)
        store(v.2, place + 2 * outStride)
        store(v.3, place + 3 * outStride)
        store(v.4, place + 4 * outStride)
        store(v.5, place + 5 * outStride)
      }
      put(0, weightTransform(a0, b0, c0))
      put(1, weightTransform(a1, b1, c1))
      put(2, weightTransform(a2, b2, c2))
      put(3, weightTransform(a3, b3, c3))
      put(4, weightTransform(a4, b4, c4))
      put(5, weightTransform(a5, b5, c5))
    }
  }
}

/// Gᵀ v for six numbers.
@inline(__always)
private func weightAdjoint(_ v0: V8, _ v1: V8, _ v2: V8, _ v3: V8, _ v4: V8, _ v5: V8) -> (V8, V8, V8) {
  let sum = v1 + v2, sum2 = v3 + v4
  let sixth = splat(1 / 6)
  return (
    multiplyAdd(multiplyAdd(v0 * splat(0.25), sum, splat(-1 / 6)), sum2, splat(1 / 24)),
    multiplyAdd((v2 - v1) * sixth, v3 - v4, splat(1 / 12)),
    multiplyAdd(v5, sum2 - sum, sixth)
  )
}

/// Gradients [36, channels padded, filters padded] of the transformed weights to gradients [filters, channels, 3, 3].
public func winogradWeightGradient(
  _ u: Floats, uStride: Int, filters: Int, channels: Int, paddedFilters: Int, _ out: MutableFloats
) {
  for channel in 0..<channels {
    var filter = 0
    while filter < filters {
      let from = u + channel * paddedFilters + filter
      @inline(__always) func line(_ row: Int) -> (V8, V8, V8) {
        let p = from + row * 6 * uStride
        return weightAdjoint(
          load(p), load(p + uStride), load(p + 2 * uStride), load(p + 3 * uStride), load(p + 4 * uStride),
          load(p + 5 * uStride))
      }
      let (l0, l1, l2, l3, l4, l5) = (line(0), line(1), line(2), line(3), line(4), line(5))
      let left = weightAdjoint(l0.0, l1.0, l2.0, l3.0, l4.0, l5.0)
      let middle = weightAdjoint(l0.1, l1.1, l2.1, l3.1, l4.1, l5.1)
      let right = weightAdjoint(l0.2, l1.2, l2.2, l3.2, l4.2, l5.2)
      for lane in 0..<min(8, filters - filter) {
        let to = out + ((filter + lane) * channels + channel) * 9
        to[0] = left.0[lane]
        to[1] = middle.0[lane]
        to[2] = right.0[lane]
        to[3] = left.1[lane]
        to[4] = middle.1[lane]
        to[5] = right.1[lane]
        to[6] = left.2[lane]
        to[7] = middle.2[lane]
        to[8] = right.2[lane]
      }
      filter += 8
    }
  }
}
