import KernelInterface

/// Convolution with stride 1 and a large kernel by Fourier transforms of tiles of 20×20 pixels (Zlateski, Jia, Li and
/// Durand 2018, arXiv:1809.07851): a tile gives 21 − r results a side for a kernel of r taps, and takes 202 complex
/// products for each pair of channel and filter, where a 7×7 kernel would take 9,604 real ones.
///
/// A tile of real numbers has 202 points that are not another one's conjugate: columns 0 and 10 with rows 0 ... 10, columns
/// 1 ... 9 with all twenty. A complex product takes three real ones (Gauss), each a matrix product over the channels of
/// its own: with x = image, w = weights, d = the result's gradient, x* conjugate,
///
///     y = x w*:   y.re = k1 + k3, y.im = k1 + k2   of  (x.re, x.im − x.re, x.re + x.im) · (w.re − w.im, w.re, w.im)
///     dx = d w:   dx.re = k1 + k3, dx.im = k1 + k2  of  (d.re + d.im, d.re, d.im) · (w.re, w.im − w.re, −w.re − w.im)
///     dw = x d*:  dw.re = k1 + k2, dw.im = k3 − k1  of  x's three by d.re + d.im, d.im and d.re
///
/// Images are [height, width, channels] with channels a multiple of 8; each lane transforms a channel.
enum Fourier {
  /// Pixels of a tile's side.
  static let side = 20
  /// Complex numbers that a tile of real ones has after its transform.
  static let points = 202

  @inline(__always) static func point(column: Int, row: Int) -> Int {
    column == 0 ? row : column == 10 ? 11 + row : 22 + (column - 1) * 20 + row
  }
}

/// cos 18°, cos 36°, cos 54° and cos 72°.
private let cosine18: Float = 0.951056516
private let cosine36: Float = 0.809016994
private let cosine54: Float = 0.587785252
private let cosine72: Float = 0.309016994

/// v0 + (−1)^k v10 + Σ v_j cos(18° j k) for k = 0 ... 10, of eleven vectors.
@inline(__always)
private func cosines<L: FloatLanes>(_ v: (Int) -> L, _ put: (Int, L) -> Void) {
  let c1 = L.splat(cosine18), c2 = L.splat(cosine36), c3 = L.splat(cosine54), c4 = L.splat(cosine72)
  let minusC1 = L.splat(-cosine18), minusC2 = L.splat(-cosine36), minusC4 = L.splat(-cosine72)
  let v0 = v(0), v1 = v(1), v2 = v(2), v3 = v(3), v4 = v(4), v5 = v(5)
  let v6 = v(6), v7 = v(7), v8 = v(8), v9 = v(9), v10 = v(10)
  // Even k: 10 − j counts as j; then 5 − j as j, with k / 2's sign.
  let e0 = v0 .+ v10, e1 = v1 .+ v9, e2 = v2 .+ v8, e3 = v3 .+ v7, e4 = v4 .+ v6
  let f0 = e0 .+ v5, f1 = e1 .+ e4, f2 = e2 .+ e3
  put(0, f0 .+ f1 .+ f2)
  put(4, f0.adding(f1, times: c4).adding(f2, times: minusC2))
  put(8, f0.adding(f1, times: minusC2).adding(f2, times: c4))
  let g0 = e0 .- v5, g1 = e1 .- e4, g2 = e2 .- e3
  put(2, g0.adding(g1, times: c2).adding(g2, times: c4))
  put(6, g0.adding(g1, times: minusC4).adding(g2, times: minusC2))
  put(10, g0 .- g1 .+ g2)
  // Odd k: 10 − j counts against j; then the odd j change sign from k to 10 − k.
  let o0 = v0 .- v10, o1 = v1 .- v9, o2 = v2 .- v8, o3 = v3 .- v7, o4 = v4 .- v6
  let p1 = o0.adding(o2, times: c2).adding(o4, times: c4), q1 = (o1 .* c1).adding(o3, times: c3)
  put(1, p1 .+ q1)
  put(9, p1 .- q1)
  let p3 = o0.adding(o2, times: minusC4).adding(o4, times: minusC2), q3 = (o1 .* c3).adding(o3, times: minusC1)
  put(3, p3 .+ q3)
  put(7, p3 .- q3)
  put(5, o0 .- o2 .+ o4)
}

/// Σ w_j sin(18° j k) for k = 1 ... 9, of nine vectors.
@inline(__always)
private func sines<L: FloatLanes>(_ w: (Int) -> L, _ put: (Int, L) -> Void) {
  let c1 = L.splat(cosine18), c2 = L.splat(cosine36), c3 = L.splat(cosine54), c4 = L.splat(cosine72)
  let minusC1 = L.splat(-cosine18), minusC3 = L.splat(-cosine54)
  let w1 = w(1), w2 = w(2), w3 = w(3), w4 = w(4), w5 = w(5), w6 = w(6), w7 = w(7), w8 = w(8), w9 = w(9)
  let d1 = w1 .- w9, d2 = w2 .- w8, d3 = w3 .- w7, d4 = w4 .- w6
  let s = d1 .+ d4, t = d2 .+ d3, u = d1 .- d4, v = d2 .- d3
  put(2, (s .* c3).adding(t, times: c1))
  put(6, (s .* c1).adding(t, times: minusC3))
  put(4, (u .* c1).adding(v, times: c3))
  put(8, (u .* c3).adding(v, times: minusC1))
  let h1 = w1 .+ w9, h2 = w2 .+ w8, h3 = w3 .+ w7, h4 = w4 .+ w6
  let a1 = w5.adding(h1, times: c4).adding(h3, times: c2), b1 = (h2 .* c3).adding(h4, times: c1)
  put(1, a1 .+ b1)
  put(9, a1 .- b1)
  let a3 = (h1 .* c2).adding(h3, times: c4) .- w5, b3 = (h2 .* c1).adding(h4, times: minusC3)
  put(3, a3 .+ b3)
  put(7, a3 .- b3)
  put(5, h1 .- h3 .+ w5)
}

/// One lane's worth of tiles in the middle of a transform: rows are transformed, columns are not, [20 rows, 11 columns,
/// re and im].
struct HalfTile<L: FloatLanes> {
  let base: MutableFloats

  @inline(__always) func place(_ row: Int, _ column: Int, _ part: Int) -> MutableFloats {
    base + ((row * 11 + column) * 2 + part) * L.count
  }
  @inline(__always) func at(_ row: Int, _ column: Int, _ part: Int) -> L { L.load(place(row, column, part)) }
  /// Behind the tile: the real parts of a column.
  @inline(__always) var column: MutableFloats { base + 440 * L.count }

  /// Twenty real numbers of a row to eleven complex ones.
  @inline(__always) func transformRow(_ row: Int, _ x: (Int) -> L) {
    cosines({ $0 == 0 || $0 == 10 ? x($0) : x($0) .+ x(20 - $0) }, { $1.store(place(row, $0, 0)) })
    sines({ x(20 - $0) .- x($0) }, { $1.store(place(row, $0, 1)) })
  }

  @inline(__always) func clearRow(_ row: Int) {
    for column in 0..<11 {
      L.zeros.store(place(row, column, 0))
      L.zeros.store(place(row, column, 1))
    }
  }

  /// The columns' transforms; `put` takes a point with its real and imaginary part.
  @inline(__always) func transformColumns(_ put: (Int, L, L) -> Void) {
    let temporary = column
    for end in 0..<2 {
      let column = end * 10
      // Real numbers: row 20 − k is row k's conjugate.
      cosines(
        { $0 == 0 || $0 == 10 ? at($0, column, 0) : at($0, column, 0) .+ at(20 - $0, column, 0) },
        { $1.store(temporary + $0 * L.count) })
      let first = Fourier.point(column: column, row: 0)
      put(first, L.load(temporary), L.zeros)
      put(first + 10, L.load(temporary + 10 * L.count), L.zeros)
      sines(
        { at(20 - $0, column, 0) .- at($0, column, 0) },
        { put(first + $0, L.load(temporary + $0 * L.count), $1) })
    }
    for column in 1..<10 {
      let first = Fourier.point(column: column, row: 0)
      let re = temporary, im = temporary + 20 * L.count
      let lanes = L.count
      // Z(k) = (C(re) + S(im), C(im) − S(re)), and with the other signs for 20 − k.
      cosines(
        { $0 == 0 || $0 == 10 ? at($0, column, 0) : at($0, column, 0) .+ at(20 - $0, column, 0) },
        { $1.store(re + $0 * lanes) })
      sines(
        { at($0, column, 1) .- at(20 - $0, column, 1) },
        {
          let even = L.load(re + $0 * lanes)
          (even .+ $1).store(re + $0 * lanes)
          (even .- $1).store(re + (20 - $0) * lanes)
        })
      cosines(
        { $0 == 0 || $0 == 10 ? at($0, column, 1) : at($0, column, 1) .+ at(20 - $0, column, 1) },
        { $1.store(im + $0 * lanes) })
      put(first, L.load(re), L.load(im))
      put(first + 10, L.load(re + 10 * lanes), L.load(im + 10 * lanes))
      sines(
        { at($0, column, 0) .- at(20 - $0, column, 0) },
        {
          let even = L.load(im + $0 * lanes)
          put(first + $0, L.load(re + $0 * lanes), even .- $1)
          put(first + 20 - $0, L.load(re + (20 - $0) * lanes), even .+ $1)
        })
    }
  }

  /// The columns' transforms back, for the rows below `rows`; `z` gives a point's real and imaginary part.
  @inline(__always) func restoreColumns(rows: Int, _ z: (Int) -> (re: L, im: L)) {
    let temporary = column
    let lanes = L.count
    let two = L.splat(2)
    for end in 0..<2 {
      let column = end * 10
      let first = Fourier.point(column: column, row: 0)
      // Σ over both halves: twice the real part.
      for row in 0..<11 {
        let value = z(first + row)
        let isEnd = row == 0 || row == 10
        (isEnd ? value.re : value.re .* two).store(temporary + row * lanes)
        (value.im .* two).store(temporary + (20 + row) * lanes)
      }
      restore(rows: rows, column, 0, { L.load(temporary + $0 * lanes) }, { L.load(temporary + (20 + $0) * lanes) })
    }
    for column in 1..<10 {
      let first = Fourier.point(column: column, row: 0)
      for row in 0..<20 {
        let value = z(first + row)
        value.re.store(temporary + row * lanes)
        value.im.store(temporary + (20 + row) * lanes)
      }
      @inline(__always) func folded(_ at: Int, _ part: Int) -> L {
        let from = temporary + part * 20 * lanes
        return at == 0 || at == 10
          ? L.load(from + at * lanes) : L.load(from + at * lanes) .+ L.load(from + (20 - at) * lanes)
      }
      @inline(__always) func difference(_ at: Int, _ part: Int) -> L {
        let from = temporary + part * 20 * lanes
        return L.load(from + at * lanes) .- L.load(from + (20 - at) * lanes)
      }
      restore(rows: rows, column, 0, { folded($0, 0) }, { difference($0, 1) })
      restore(rows: rows, column, 1, { folded($0, 1) }, { L.zeros .- difference($0, 0) })
    }
  }

  /// place(j) = C(j) − S(j), place(20 − j) = C(j) + S(j).
  @inline(__always) private func restore(
    rows: Int, _ column: Int, _ part: Int, _ even: (Int) -> L, _ odd: (Int) -> L
  ) {
    cosines(even, { $1.store(place($0, column, part)) })
    sines(
      odd,
      {
        let value = L.load(place($0, column, part))
        (value .- $1).store(place($0, column, part))
        if 20 - $0 < rows { (value .+ $1).store(place(20 - $0, column, part)) }
      })
  }

  /// A row's twenty real numbers, unscaled.
  @inline(__always) func restoreRow(_ row: Int, _ put: (Int, L) -> Void) {
    let temporary = column
    let lanes = L.count
    let two = L.splat(2)
    cosines(
      { $0 == 0 || $0 == 10 ? at(row, $0, 0) : at(row, $0, 0) .* two }, { $1.store(temporary + $0 * lanes) })
    put(0, L.load(temporary))
    put(10, L.load(temporary + 10 * lanes))
    sines(
      { at(row, $0, 1) .* two },
      {
        let value = L.load(temporary + $0 * lanes)
        put($0, value .- $1)
        put(20 - $0, value .+ $1)
      })
  }
}

extension Compilation {
  public static var fourierPoints: Int { Fourier.points }
  /// Floats of scratch for any of the transforms.
  public static func fourierScratch(channels: Int) -> Int { 400 * channels + 480 * 16 }

  /// Tiles first ..< first + count of one image to three planes a point, out[202, 3, …, channels], `outStride` from one
  /// plane to the next.
  ///
  /// - Parameters:
  ///   - size: pixels of a tile's side that count; zeros behind them. 20 for an image, `s.step` for a result's gradient.
  ///   - gradient: whether the planes are a gradient's (re + im, re, im) or an image's (re, im − re, re + im).
  public static func fourierInput(
    _ x: Floats, _ s: ImageTiles, size: Int, gradient: Bool, first: Int, count: Int, _ out: MutableFloats,
    outStride: Int, _ scratch: MutableFloats
  ) {
    let channels = s.channels
    let half = scratch + 400 * channels
    let line = 20 * channels
    if size < 20 { scratch.update(repeating: 0, count: 400 * channels) }
    for tile in 0..<count {
      let place = first + tile
      let y = place / s.across * s.step - s.top
      let x0 = place % s.across * s.step - s.left
      var from = Floats(scratch)
      var step = line
      if size == 20, y >= 0, x0 >= 0, y + 20 <= s.height, x0 + 20 <= s.width {
        from = x + (y * s.width + x0) * channels
        step = s.width * channels
      } else {
        gatherTile(x, s.height, s.width, channels, y, x0, size, scratch, line: line)
      }
      let to = out + tile * channels
      @inline(__always) func part<L: FloatLanes>(_: L.Type, _ channel: Int) {
        let tile = HalfTile<L>(base: half)
        for row in 0..<size {
          let pixels = from + row * step + channel
          tile.transformRow(row) { L.load(pixels + $0 * channels) }
        }
        for row in size..<20 { tile.clearRow(row) }
        tile.transformColumns { point, re, im in
          let plane = to + point * 3 * outStride + channel
          if gradient {
            (re .+ im).store(plane)
            re.store(plane + outStride)
            im.store(plane + 2 * outStride)
          } else {
            re.store(plane)
            (im .- re).store(plane + outStride)
            (re .+ im).store(plane + 2 * outStride)
          }
        }
      }
      var channel = 0
      while channel + Wide.count <= channels {
        part(Wide.self, channel)
        channel += Wide.count
      }
      while channel < channels {
        part(V8.self, channel)
        channel += 8
      }
    }
  }

  /// Products p[202, 3, …, channels] back to pixels of y [height, width, channels]: those of the image that are inside.
  ///
  /// - Parameters:
  ///   - size: pixels of a tile's side that are right: `s.step` of a result, 20 of an image's gradient.
  ///   - adds: whether they are added to what is there, as tiles of an image's gradient overlap.
  public static func fourierOutput(
    _ p: Floats, pStride: Int, _ s: ImageTiles, size: Int, adds: Bool, first: Int, count: Int, _ y: MutableFloats,
    _ scratch: MutableFloats
  ) {
    let channels = s.channels
    for tile in 0..<count {
      let place = first + tile
      let y0 = place / s.across * s.step - s.top
      let x0 = place % s.across * s.step - s.left
      let from = p + tile * channels
      let rows = max(0, -y0)..<max(max(0, -y0), min(size, s.height - y0))
      let columns = max(0, -x0)..<max(max(0, -x0), min(size, s.width - x0))
      @inline(__always) func part<L: FloatLanes>(_: L.Type, _ channel: Int) {
        let tile = HalfTile<L>(base: scratch)
        let scale = L.splat(1.0 / 400)
        tile.restoreColumns(rows: size) { point in
          let plane = from + point * 3 * pStride + channel
          let k1 = L.load(plane)
          return (k1 .+ L.load(plane + 2 * pStride), k1 .+ L.load(plane + pStride))
        }
        for row in rows {
          let to = y + ((y0 + row) * s.width + x0) * channels + channel
          tile.restoreRow(row) { column, value in
            guard column >= columns.lowerBound, column < columns.upperBound else { return }
            let target = to + column * channels
            (adds ? L.load(target).adding(value, times: scale) : value .* scale).store(target)
          }
        }
      }
      var channel = 0
      while channel + Wide.count <= channels {
        part(Wide.self, channel)
        channel += Wide.count
      }
      while channel < channels {
        part(V8.self, channel)
        channel += 8
      }
    }
  }
}
