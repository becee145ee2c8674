/// Convolution with stride 1 by Winograd's minimal filtering F(m×m, r×r), m + r = 7 (Lavin and Gray 2016,
/// arXiv:1509.09308): a tile of m×m results takes 36 products for each pair of channel and filter, after sums and
/// differences of its 6×6 pixels; 4×4 results of a 3×3 kernel would take 144. Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A.
///
/// The six points 0, ±1, ±2, ∞ and so B are the same for r = 3, 4 and 5. A greater kernel is cut into blocks of r×r taps,
/// whose products are summed before the transform back.
///
/// Images are [height, width, channels] with channels a multiple of 8, so that each transform works on eight channels at
/// a time. Transformed tiles stand as [36, tiles, channels]; the products over channels are 36 matrix products.

/// Tiles of one image.
public struct WinogradTiles: Sendable {
  public var height, width, channels: Int
  /// The first tile begins so far outside the image.
  public var top, left: Int
  public var across: Int
  /// m: pixels from one tile to the next, 2...4.
  public var step: Int

  public init(height: Int, width: Int, channels: Int, top: Int, left: Int, across: Int, step: Int = 4) {
    self.height = height
    self.width = width
    self.channels = channels
    self.top = top
    self.left = left
    self.across = across
    self.step = step
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
    let y = place / s.across * s.step - s.top
    let x0 = place % s.across * s.step - s.left
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

/// Aᵀ v: `size` numbers, powers of the five finite points, and the last with what stands for ∞.
@inline(__always)
private func outputTransform(_ size: Int, _ m: MutableFloats, _ step: Int, _ to: MutableFloats, _ toStep: Int) {
  let m0 = load(m), m1 = load(m + step), m2 = load(m + 2 * step), m3 = load(m + 3 * step), m4 = load(m + 4 * step)
  let m5 = load(m + 5 * step)
  let sum = m1 + m2, difference = m1 - m2, sum2 = m3 + m4, difference2 = m3 - m4
  store(m0 + sum + sum2, to)
  if size == 2 {
    store(multiplyAdd(difference + m5, difference2, splat(2)), to + toStep)
  } else {
    store(multiplyAdd(difference, difference2, splat(2)), to + toStep)
  }
  if size == 3 { store(multiplyAdd(sum + m5, sum2, splat(4)), to + 2 * toStep) }
  if size == 4 {
    store(multiplyAdd(sum, sum2, splat(4)), to + 2 * toStep)
    store(multiplyAdd(difference + m5, difference2, splat(8)), to + 3 * toStep)
  }
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
  switch s.step {
  case 2: output(2, m, mStride, s, first, count, y, scratch)
  case 3: output(3, m, mStride, s, first, count, y, scratch)
  default: output(4, m, mStride, s, first, count, y, scratch)
  }
}

@inline(__always)
private func output(
  _ size: Int, _ m: MutableFloats, _ mStride: Int, _ s: WinogradTiles, _ first: Int, _ count: Int, _ y: MutableFloats,
  _ scratch: MutableFloats
) {
  let channels = s.channels
  let columns = scratch + 36 * channels
  for tile in 0..<count {
    let place = first + tile
    let y0 = place / s.across * size
    let x0 = place % s.across * size
    let rows = min(size, s.height - y0), width = min(size, s.width - x0)
    let inside = rows == size && width == size
    let to = inside ? y + (y0 * s.width + x0) * channels : scratch
    let line = inside ? s.width * channels : size * channels
    let from = m + tile * channels
    var channel = 0
    while channel < channels {
      for column in 0..<6 {
        outputTransform(size, from + column * mStride + channel, 6 * mStride, columns + column * 8, 48)
      }
      for row in 0..<size { outputTransform(size, columns + row * 48, 8, to + row * line + channel, channels) }
      channel += 8
    }
    guard !inside else { continue }
    for row in 0..<rows {
      copy(scratch + row * size * channels, y + ((y0 + row) * s.width + x0) * channels, width * channels)
    }
  }
}

/// A v: the adjoint of the output's transform.
@inline(__always)
private func gradientTransform(_ size: Int, _ v: MutableFloats, _ step: Int, _ to: MutableFloats, _ toStep: Int) {
  let v0 = load(v), v1 = load(v + step)
  var evens = v0, odds = v1, evens2 = v0, odds2 = v1 * splat(2)
  var last = v1
  if size > 2 {
    let v2 = load(v + 2 * step)
    evens = v0 + v2
    evens2 = multiplyAdd(v0, v2, splat(4))
    last = v2
  }
  if size > 3 {
    let v3 = load(v + 3 * step)
    odds = v1 + v3
    odds2 = multiplyAdd(odds2, v3, splat(8))
    last = v3
  }
  store(v0, to)
  store(evens + odds, to + toStep)
  store(evens - odds, to + 2 * toStep)
  store(evens2 + odds2, to + 3 * toStep)
  store(evens2 - odds2, to + 4 * toStep)
  store(last, to + 5 * toStep)
}

/// Tiles m×m of the result's gradient dy [height, width, channels] to out[36, …, channels].
public func winogradGradient(
  _ dy: Floats, _ s: WinogradTiles, first: Int, count: Int, _ out: MutableFloats, outStride: Int,
  _ scratch: MutableFloats
) {
  switch s.step {
  case 2: gradient(2, dy, s, first, count, out, outStride, scratch)
  case 3: gradient(3, dy, s, first, count, out, outStride, scratch)
  default: gradient(4, dy, s, first, count, out, outStride, scratch)
  }
}

@inline(__always)
private func gradient(
  _ size: Int, _ dy: Floats, _ s: WinogradTiles, _ first: Int, _ count: Int, _ out: MutableFloats, _ outStride: Int,
  _ scratch: MutableFloats
) {
  let channels = s.channels
  let columns = scratch + 36 * channels
  for tile in 0..<count {
    let place = first + tile
    let y = place / s.across * size
    let x0 = place % s.across * size
    var from = MutableFloats(mutating: dy) + (y * s.width + x0) * channels
    var line = s.width * channels
    if y + size > s.height || x0 + size > s.width {
      gatherTile(dy, s.height, s.width, channels, y, x0, size, scratch)
      from = scratch
      line = size * channels
    }
    let to = out + tile * channels
    var channel = 0
    while channel < channels {
      for column in 0..<size {
        gradientTransform(size, from + column * channels + channel, line, columns + column * 8, 32)
      }
      for row in 0..<6 {
        gradientTransform(size, columns + row * 32, 8, to + row * 6 * outStride + channel, outStride)
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
    let y = place / s.across * s.step - s.top
    let x0 = place % s.across * s.step - s.left
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
