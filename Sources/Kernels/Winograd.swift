import KernelInterface

/// Convolution with stride 1 by Winograd's minimal filtering F(m×m, r×r), m + r = 7 (Lavin and Gray 2016,
/// arXiv:1509.09308): a tile of m×m results takes 36 products for each pair of channel and filter, after sums and
/// differences of its 6×6 pixels; 4×4 results of a 3×3 kernel would take 144. Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A.
///
/// The six points 0, ±1, ±2, ∞ and so B are the same for r = 3, 4 and 5. A greater kernel is cut into blocks of r×r taps,
/// whose products are summed before the transform back. Deep networks take 3×3 kernels by smaller tiles: WinogradSmall.swift.
///
/// Images are [height, width, channels] with channels a multiple of 8, so that each transform works on eight channels at
/// a time. Transformed tiles stand as [36, tiles, channels]; the products over channels are 36 matrix products.

/// Bᵀ v
@inline(__always)
private func inputTransform<L: FloatLanes>(
  _: L.Type, _ d: MutableFloats, _ step: Int, _ to: MutableFloats, _ toStep: Int
) {
  let d0 = L.load(d), d1 = L.load(d + step), d2 = L.load(d + 2 * step), d3 = L.load(d + 3 * step)
  let d4 = L.load(d + 4 * step), d5 = L.load(d + 5 * step)
  let four = L.splat(4), minusFive = L.splat(-5), minusFour = L.splat(-4)
  d4.adding(d2, times: minusFive).adding(d0, times: four).store(to)
  let evens = d4.adding(d2, times: minusFour)
  let odds = d3.adding(d1, times: minusFour)
  (evens .+ odds).store(to + toStep)
  (evens .- odds).store(to + 2 * toStep)
  let difference = d4 .- d2
  let twice = (d3 .- d1) .* L.splat(2)
  (difference .+ twice).store(to + 3 * toStep)
  (difference .- twice).store(to + 4 * toStep)
  d5.adding(d3, times: minusFive).adding(d1, times: four).store(to + 5 * toStep)
}

extension Compilation {
  /// Tiles first ..< first + count of one image to out[36, …, channels], `outStride` from one of the 36 to the next.
  ///
  /// - Parameter scratch: 36 · channels + 576 floats.
  public static func winogradInput(
    _ x: Floats, _ s: ImageTiles, first: Int, count: Int, _ out: MutableFloats, outStride: Int,
    _ scratch: MutableFloats
  ) {
    if s.points == 4 { return smallInput(x, s, first: first, count: count, out, outStride: outStride, scratch) }
    let channels = s.channels
    let columns = scratch + 36 * channels
    for tile in 0..<count {
      let place = first + tile
      let y = place / s.across * s.step - s.top
      let x0 = place % s.across * s.step - s.left
      var from = MutableFloats(mutating: x) + (y * s.width + x0) * channels
      var line = s.width * channels
      if y < 0 || x0 < 0 || y + 6 > s.height || x0 + 6 > s.width {
        gatherTile(x, s.height, s.width, channels, y, x0, 6, scratch, line: 6 * channels)
        from = scratch
        line = 6 * channels
      }
      let to = out + tile * channels
      @inline(__always) func part<L: FloatLanes>(_: L.Type, _ channel: Int) {
        let lanes = L.count
        for column in 0..<6 {
          inputTransform(L.self, from + column * channels + channel, line, columns + column * lanes, 6 * lanes)
        }
        for row in 0..<6 {
          inputTransform(
            L.self, columns + row * 6 * lanes, lanes, to + row * 6 * outStride + channel, outStride)
        }
      }
      overChannels(channels, wide: { part(Wide.self, $0) }, narrow: { part(V8.self, $0) })
    }
  }
}

/// A square of pixels with zeros where the image ends, `line` numbers from one of its rows to the next.
@inline(__always)
func gatherTile(
  _ x: Floats, _ height: Int, _ width: Int, _ channels: Int, _ y: Int, _ x0: Int, _ size: Int, _ to: MutableFloats,
  line step: Int
) {
  let from = max(0, -x0), end = max(max(0, -x0), min(size, width - x0))
  for row in 0..<size {
    let line = to + row * step
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
func copy(_ from: Floats, _ to: MutableFloats, _ count: Int) {
  var index = 0
  while index < count {
    store(load(from + index), to + index)
    index += 8
  }
}

/// Calls one of both for each vector of the channels, wide ones first.
@inline(__always)
func overChannels(_ channels: Int, wide: (Int) -> Void, narrow: (Int) -> Void) {
  var channel = 0
  while channel + Wide.count <= channels {
    wide(channel)
    channel += Wide.count
  }
  while channel < channels {
    narrow(channel)
    channel += 8
  }
}

/// Adds what lies within the image of a tile of size × size pixels to the image dx, at y and x0.
@inline(__always)
func addTile(
  _ tile: MutableFloats, size: Int, _ y: Int, _ x0: Int, _ s: ImageTiles, _ dx: MutableFloats
) {
  let channels = s.channels
  let left = max(0, -x0), right = min(size, s.width - x0)
  for row in max(0, -y)..<max(max(0, -y), min(size, s.height - y)) where left < right {
    var to = dx + ((y + row) * s.width + x0 + left) * channels
    var piece = tile + (row * size + left) * channels
    for _ in 0..<(right - left) * channels / 8 {
      store(load(to) + load(piece), to)
      to += 8
      piece += 8
    }
  }
}

/// Aᵀ v: `size` numbers, powers of the five finite points, and the last with what stands for ∞.
@inline(__always)
private func outputTransform<L: FloatLanes>(
  _: L.Type, _ size: Int, _ m: MutableFloats, _ step: Int, _ to: MutableFloats, _ toStep: Int
) {
  let m0 = L.load(m), m1 = L.load(m + step), m2 = L.load(m + 2 * step), m3 = L.load(m + 3 * step)
  let m4 = L.load(m + 4 * step), m5 = L.load(m + 5 * step)
  let sum = m1 .+ m2, difference = m1 .- m2, sum2 = m3 .+ m4, difference2 = m3 .- m4
  (m0 .+ sum .+ sum2).store(to)
  (size == 2 ? difference .+ m5 : difference).adding(difference2, times: L.splat(2)).store(to + toStep)
  if size == 3 { (sum .+ m5).adding(sum2, times: L.splat(4)).store(to + 2 * toStep) }
  if size == 4 {
    sum.adding(sum2, times: L.splat(4)).store(to + 2 * toStep)
    (difference .+ m5).adding(difference2, times: L.splat(8)).store(to + 3 * toStep)
  }
}

extension Compilation {
  /// The results of tiles first ..< first + count, written into the image y [height, width, channels] of `s`.
  ///
  /// - Parameters:
  ///   - m: [36, …, channels].
  ///   - scratch: 36 · channels + 576 floats.
  public static func winogradOutput(
    _ m: MutableFloats, mStride: Int, _ s: ImageTiles, first: Int, count: Int, _ y: MutableFloats,
    _ scratch: MutableFloats
  ) {
    if s.points == 4 { return smallOutput(m, mStride: mStride, s, first: first, count: count, y, scratch) }
    switch s.step {
    case 2: output(2, m, mStride, s, first, count, y, scratch)
    case 3: output(3, m, mStride, s, first, count, y, scratch)
    default: output(4, m, mStride, s, first, count, y, scratch)
    }
  }
}

@inline(__always)
private func output(
  _ size: Int, _ m: MutableFloats, _ mStride: Int, _ s: ImageTiles, _ first: Int, _ count: Int, _ y: MutableFloats,
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
    @inline(__always) func part<L: FloatLanes>(_: L.Type, _ channel: Int) {
      let lanes = L.count
      for column in 0..<6 {
        outputTransform(
          L.self, size, from + column * mStride + channel, 6 * mStride, columns + column * lanes, 6 * lanes)
      }
      for row in 0..<size {
        outputTransform(L.self, size, columns + row * 6 * lanes, lanes, to + row * line + channel, channels)
      }
    }
    overChannels(channels, wide: { part(Wide.self, $0) }, narrow: { part(V8.self, $0) })
    guard !inside else { continue }
    for row in 0..<rows {
      copy(scratch + row * size * channels, y + ((y0 + row) * s.width + x0) * channels, width * channels)
    }
  }
}

/// A v: the adjoint of the output's transform.
@inline(__always)
private func gradientTransform<L: FloatLanes>(
  _: L.Type, _ size: Int, _ v: MutableFloats, _ step: Int, _ to: MutableFloats, _ toStep: Int
) {
  let v0 = L.load(v), v1 = L.load(v + step)
  var evens = v0, odds = v1, evens2 = v0, odds2 = v1 .* L.splat(2)
  var last = v1
  if size > 2 {
    let v2 = L.load(v + 2 * step)
    evens = v0 .+ v2
    evens2 = v0.adding(v2, times: L.splat(4))
    last = v2
  }
  if size > 3 {
    let v3 = L.load(v + 3 * step)
    odds = v1 .+ v3
    odds2 = odds2.adding(v3, times: L.splat(8))
    last = v3
  }
  v0.store(to)
  (evens .+ odds).store(to + toStep)
  (evens .- odds).store(to + 2 * toStep)
  (evens2 .+ odds2).store(to + 3 * toStep)
  (evens2 .- odds2).store(to + 4 * toStep)
  last.store(to + 5 * toStep)
}

extension Compilation {
  /// Tiles m×m of the result's gradient dy [height, width, channels] to out[36, …, channels].
  public static func winogradGradient(
    _ dy: Floats, _ s: ImageTiles, first: Int, count: Int, _ out: MutableFloats, outStride: Int,
    _ scratch: MutableFloats
  ) {
    if s.points == 4 { return smallGradient(dy, s, first: first, count: count, out, outStride: outStride, scratch) }
    switch s.step {
    case 2: gradient(2, dy, s, first, count, out, outStride, scratch)
    case 3: gradient(3, dy, s, first, count, out, outStride, scratch)
    default: gradient(4, dy, s, first, count, out, outStride, scratch)
    }
  }
}

@inline(__always)
private func gradient(
  _ size: Int, _ dy: Floats, _ s: ImageTiles, _ first: Int, _ count: Int, _ out: MutableFloats, _ outStride: Int,
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
      gatherTile(dy, s.height, s.width, channels, y, x0, size, scratch, line: size * channels)
      from = scratch
      line = size * channels
    }
    let to = out + tile * channels
    @inline(__always) func part<L: FloatLanes>(_: L.Type, _ channel: Int) {
      let lanes = L.count
      for column in 0..<size {
        gradientTransform(L.self, size, from + column * channels + channel, line, columns + column * lanes, 4 * lanes)
      }
      for row in 0..<6 {
        gradientTransform(
          L.self, size, columns + row * 4 * lanes, lanes, to + row * 6 * outStride + channel, outStride)
      }
    }
    overChannels(channels, wide: { part(Wide.self, $0) }, narrow: { part(V8.self, $0) })
  }
}

/// B v: the adjoint of the input's transform.
@inline(__always)
private func inputAdjoint<L: FloatLanes>(
  _: L.Type, _ p: MutableFloats, _ step: Int, _ to: MutableFloats, _ toStep: Int, adds: Bool
) {
  let p0 = L.load(p), p1 = L.load(p + step), p2 = L.load(p + 2 * step), p3 = L.load(p + 3 * step)
  let p4 = L.load(p + 4 * step), p5 = L.load(p + 5 * step)
  @inline(__always) func put(_ value: L, _ place: Int) {
    let target = to + place * toStep
    (adds ? L.load(target) .+ value : value).store(target)
  }
  let sum = p1 .+ p2, difference = p1 .- p2, sum2 = p3 .+ p4, difference2 = p3 .- p4
  put(p0 .* L.splat(4), 0)
  put((p5 .* L.splat(4)).adding(difference, times: L.splat(-4)).adding(difference2, times: L.splat(-2)), 1)
  put((sum2 .* L.splat(-1)).adding(sum, times: L.splat(-4)).adding(p0, times: L.splat(-5)), 2)
  put(difference.adding(difference2, times: L.splat(2)).adding(p5, times: L.splat(-5)), 3)
  put(p0 .+ sum .+ sum2, 4)
  put(p5, 5)
}

extension Compilation {
  /// The input's gradient of tiles first ..< first + count, added to what is in dx [height, width, channels].
  public static func winogradInputGradient(
    _ p: MutableFloats, pStride: Int, _ s: ImageTiles, first: Int, count: Int, _ dx: MutableFloats,
    _ scratch: MutableFloats
  ) {
    if s.points == 4 {
      return smallInputGradient(p, pStride: pStride, s, first: first, count: count, dx, scratch)
    }
    let channels = s.channels
    let columns = scratch + 36 * channels
    for tile in 0..<count {
      let place = first + tile
      let y = place / s.across * s.step - s.top
      let x0 = place % s.across * s.step - s.left
      let inside = y >= 0 && x0 >= 0 && y + 6 <= s.height && x0 + 6 <= s.width
      let from = p + tile * channels
      @inline(__always) func part<L: FloatLanes>(_: L.Type, _ channel: Int) {
        let lanes = L.count
        for column in 0..<6 {
          inputAdjoint(
            L.self, from + column * pStride + channel, 6 * pStride, columns + column * lanes, 6 * lanes, adds: false)
        }
        if inside {
          let to = dx + (y * s.width + x0) * channels + channel
          for row in 0..<6 {
            inputAdjoint(
              L.self, columns + row * 6 * lanes, lanes, to + row * s.width * channels, channels, adds: true)
          }
        } else {
          for row in 0..<6 {
            inputAdjoint(
              L.self, columns + row * 6 * lanes, lanes, scratch + row * 6 * channels + channel, channels, adds: false)
          }
        }
      }
      overChannels(channels, wide: { part(Wide.self, $0) }, narrow: { part(V8.self, $0) })
      guard !inside else { continue }
      addTile(scratch, size: 6, y, x0, s, dx)
    }
  }
}
