import KernelInterface

// The same of 3×3 kernels by F(2×2, 3×3): tiles of 4×4 pixels, the points 0, ±1 and ∞. A result takes 4 products for each
// pair of channel and filter where the tiles of 6×6 take 2.25, and its rounding error is a sixth of theirs: the transforms
// add and subtract, and multiply by nothing. Deep networks take it (`Layer.deep`).

/// Bᵀ v
@inline(__always)
private func inputTransform<L: FloatLanes>(
  _: L.Type, _ d: MutableFloats, _ step: Int, _ to: MutableFloats, _ toStep: Int
) {
  let d0 = L.load(d), d1 = L.load(d + step), d2 = L.load(d + 2 * step), d3 = L.load(d + 3 * step)
  (d0 .- d2).store(to)
  (d1 .+ d2).store(to + toStep)
  (d2 .- d1).store(to + 2 * toStep)
  (d1 .- d3).store(to + 3 * toStep)
}

/// Aᵀ v
@inline(__always)
private func outputTransform<L: FloatLanes>(
  _: L.Type, _ m: MutableFloats, _ step: Int, _ to: MutableFloats, _ toStep: Int
) {
  let m0 = L.load(m), m1 = L.load(m + step), m2 = L.load(m + 2 * step), m3 = L.load(m + 3 * step)
  (m0 .+ m1 .+ m2).store(to)
  (m1 .- m2 .- m3).store(to + toStep)
}

/// A v
@inline(__always)
private func gradientTransform<L: FloatLanes>(
  _: L.Type, _ v: MutableFloats, _ step: Int, _ to: MutableFloats, _ toStep: Int
) {
  let v0 = L.load(v), v1 = L.load(v + step)
  v0.store(to)
  (v0 .+ v1).store(to + toStep)
  (v0 .- v1).store(to + 2 * toStep)
  (L.zeros .- v1).store(to + 3 * toStep)
}

/// B v
@inline(__always)
private func inputAdjoint<L: FloatLanes>(
  _: L.Type, _ p: MutableFloats, _ step: Int, _ to: MutableFloats, _ toStep: Int, adds: Bool
) {
  let p0 = L.load(p), p1 = L.load(p + step), p2 = L.load(p + 2 * step), p3 = L.load(p + 3 * step)
  @inline(__always) func put(_ value: L, _ place: Int) {
    let target = to + place * toStep
    (adds ? L.load(target) .+ value : value).store(target)
  }
  put(p0, 0)
  put(p1 .- p2 .+ p3, 1)
  put(p1 .+ p2 .- p0, 2)
  put(L.zeros .- p3, 3)
}

/// `winogradInput` to out[16, …, channels].
func smallInput(
  _ x: Floats, _ s: ImageTiles, first: Int, count: Int, _ out: MutableFloats, outStride: Int, _ scratch: MutableFloats
) {
  let channels = s.channels
  let columns = scratch + 36 * channels
  for tile in 0..<count {
    let place = first + tile
    let y = place / s.across * 2 - s.top
    let x0 = place % s.across * 2 - s.left
    var from = MutableFloats(mutating: x) + (y * s.width + x0) * channels
    var line = s.width * channels
    if y < 0 || x0 < 0 || y + 4 > s.height || x0 + 4 > s.width {
      gatherTile(x, s.height, s.width, channels, y, x0, 4, scratch, line: 4 * channels)
      from = scratch
      line = 4 * channels
    }
    let to = out + tile * channels
    @inline(__always) func part<L: FloatLanes>(_: L.Type, _ channel: Int) {
      let lanes = L.count
      for column in 0..<4 {
        inputTransform(L.self, from + column * channels + channel, line, columns + column * lanes, 4 * lanes)
      }
      for row in 0..<4 {
        inputTransform(L.self, columns + row * 4 * lanes, lanes, to + row * 4 * outStride + channel, outStride)
      }
    }
    overChannels(channels, wide: { part(Wide.self, $0) }, narrow: { part(V8.self, $0) })
  }
}

/// `winogradOutput` of m[16, …, channels].
func smallOutput(
  _ m: MutableFloats, mStride: Int, _ s: ImageTiles, first: Int, count: Int, _ y: MutableFloats,
  _ scratch: MutableFloats
) {
  let channels = s.channels
  let columns = scratch + 36 * channels
  for tile in 0..<count {
    let place = first + tile
    let y0 = place / s.across * 2
    let x0 = place % s.across * 2
    let rows = min(2, s.height - y0), width = min(2, s.width - x0)
    let inside = rows == 2 && width == 2
    let to = inside ? y + (y0 * s.width + x0) * channels : scratch
    let line = inside ? s.width * channels : 2 * channels
    let from = m + tile * channels
    @inline(__always) func part<L: FloatLanes>(_: L.Type, _ channel: Int) {
      let lanes = L.count
      for column in 0..<4 {
        outputTransform(L.self, from + column * mStride + channel, 4 * mStride, columns + column * lanes, 4 * lanes)
      }
      for row in 0..<2 {
        outputTransform(L.self, columns + row * 4 * lanes, lanes, to + row * line + channel, channels)
      }
    }
    overChannels(channels, wide: { part(Wide.self, $0) }, narrow: { part(V8.self, $0) })
    guard !inside else { continue }
    for row in 0..<rows {
      copy(scratch + row * 2 * channels, y + ((y0 + row) * s.width + x0) * channels, width * channels)
    }
  }
}

/// `winogradGradient` to out[16, …, channels].
func smallGradient(
  _ dy: Floats, _ s: ImageTiles, first: Int, count: Int, _ out: MutableFloats, outStride: Int, _ scratch: MutableFloats
) {
  let channels = s.channels
  let columns = scratch + 36 * channels
  for tile in 0..<count {
    let place = first + tile
    let y = place / s.across * 2
    let x0 = place % s.across * 2
    var from = MutableFloats(mutating: dy) + (y * s.width + x0) * channels
    var line = s.width * channels
    if y + 2 > s.height || x0 + 2 > s.width {
      gatherTile(dy, s.height, s.width, channels, y, x0, 2, scratch, line: 2 * channels)
      from = scratch
      line = 2 * channels
    }
    let to = out + tile * channels
    @inline(__always) func part<L: FloatLanes>(_: L.Type, _ channel: Int) {
      let lanes = L.count
      for column in 0..<2 {
        gradientTransform(L.self, from + column * channels + channel, line, columns + column * lanes, 2 * lanes)
      }
      for row in 0..<4 {
        gradientTransform(L.self, columns + row * 2 * lanes, lanes, to + row * 4 * outStride + channel, outStride)
      }
    }
    overChannels(channels, wide: { part(Wide.self, $0) }, narrow: { part(V8.self, $0) })
  }
}

/// `winogradInputGradient` of p[16, …, channels].
func smallInputGradient(
  _ p: MutableFloats, pStride: Int, _ s: ImageTiles, first: Int, count: Int, _ dx: MutableFloats,
  _ scratch: MutableFloats
) {
  let channels = s.channels
  let columns = scratch + 36 * channels
  for tile in 0..<count {
    let place = first + tile
    let y = place / s.across * 2 - s.top
    let x0 = place % s.across * 2 - s.left
    let inside = y >= 0 && x0 >= 0 && y + 4 <= s.height && x0 + 4 <= s.width
    let from = p + tile * channels
    let to = inside ? dx + (y * s.width + x0) * channels : scratch
    let line = inside ? s.width * channels : 4 * channels
    @inline(__always) func part<L: FloatLanes>(_: L.Type, _ channel: Int) {
      let lanes = L.count
      for column in 0..<4 {
        inputAdjoint(
          L.self, from + column * pStride + channel, 4 * pStride, columns + column * lanes, 4 * lanes, adds: false)
      }
      for row in 0..<4 {
        inputAdjoint(
          L.self, columns + row * 4 * lanes, lanes, to + row * line + channel, channels, adds: inside)
      }
    }
    overChannels(channels, wide: { part(Wide.self, $0) }, narrow: { part(V8.self, $0) })
    guard !inside else { continue }
    addTile(scratch, size: 4, y, x0, s, dx)
  }
}
