import KernelInterface

/// Kernels over images [height, width, channels], channels a multiple of 8: what belongs to one channel stands in one
/// lane, so that batch normalisation, relu and pooling need no shuffles and no sums across a vector.

extension Compilation {
  /// [channels, pixels] to [pixels, padded], zeros behind the channels that exist.
  public static func toChannelsLast(_ x: Floats, channels: Int, pixels: Int, padded: Int, _ y: MutableFloats) {
    var channel = 0
    while channel < padded {
      let lanes = max(0, min(8, channels - channel))
      let from = x + channel * pixels
      for pixel in 0..<pixels {
        var value = V8.zero
        if lanes == 8 {
          value = V8(
            from[pixel], from[pixels + pixel], from[2 * pixels + pixel], from[3 * pixels + pixel],
            from[4 * pixels + pixel], from[5 * pixels + pixel], from[6 * pixels + pixel], from[7 * pixels + pixel])
        } else {
          for lane in 0..<lanes { value[lane] = from[lane * pixels + pixel] }
        }
        store(value, y + pixel * padded + channel)
      }
      channel += 8
    }
  }

  /// The reverse.
  public static func toPlanes(_ x: Floats, channels: Int, pixels: Int, padded: Int, _ y: MutableFloats) {
    var channel = 0
    while channel < channels {
      let lanes = min(8, channels - channel)
      let to = y + channel * pixels
      for pixel in 0..<pixels {
        let value = load(x + pixel * padded + channel)
        if lanes == 8 {
          to[pixel] = value[0]
          to[pixels + pixel] = value[1]
          to[2 * pixels + pixel] = value[2]
          to[3 * pixels + pixel] = value[3]
          to[4 * pixels + pixel] = value[4]
          to[5 * pixels + pixel] = value[5]
          to[6 * pixels + pixel] = value[6]
          to[7 * pixels + pixel] = value[7]
        } else {
          for lane in 0..<lanes { to[lane * pixels + pixel] = value[lane] }
        }
      }
      channel += 8
    }
  }
}

extension Compilation {
  /// sums[c] += Σ (x − about[c]), squares[c] += Σ (x − about[c])² over the pixels of one item: in floats within the item,
  /// in doubles across items.
  ///
  /// - Parameter about: a number near the mean, so that the squares lose nothing.
  public static func channelMoments(
    _ x: Floats, pixels: Int, channels: Int, about: Floats, sums: UnsafeMutablePointer<Double>,
    squares: UnsafeMutablePointer<Double>
  ) {
    var channel = 0
    while channel + 2 * Wide.count <= channels {
      twoMoments(Wide.self, x + channel, pixels, channels, about + channel, sums + channel, squares + channel)
      channel += 2 * Wide.count
    }
    while channel + 16 <= channels {
      twoMoments(V8.self, x + channel, pixels, channels, about + channel, sums + channel, squares + channel)
      channel += 16
    }
    if channel < channels {
      var s = V8.zero, q = V8.zero
      let m = load(about + channel)
      var from = x + channel
      for _ in 0..<pixels {
        let a = load(from) - m
        s += a
        q = multiplyAdd(q, a, a)
        from += channels
      }
      s.add(to: sums + channel)
      q.add(to: squares + channel)
    }
  }
}

/// Two vectors of channels at a time.
@inline(__always)
private func twoMoments<L: FloatLanes>(
  _: L.Type, _ x: Floats, _ pixels: Int, _ stride: Int, _ about: Floats, _ sums: UnsafeMutablePointer<Double>,
  _ squares: UnsafeMutablePointer<Double>
) {
  var s0 = L.zeros, s1 = L.zeros, q0 = L.zeros, q1 = L.zeros
  let m0 = L.load(about), m1 = L.load(about + L.count)
  var from = x
  for _ in 0..<pixels {
    let a = L.load(from) .- m0, b = L.load(from + L.count) .- m1
    s0 = s0 .+ a
    s1 = s1 .+ b
    q0 = q0.adding(a, times: a)
    q1 = q1.adding(b, times: b)
    from += stride
  }
  s0.add(to: sums)
  s1.add(to: sums + L.count)
  q0.add(to: squares)
  q1.add(to: squares + L.count)
}

extension Compilation {
  /// y = act(factor[c] · x + offset[c]), act(v) = v above 0, else slope · v; slope 1 is none.
  public static func channelAffine(
    _ x: Floats, pixels: Int, channels: Int, factor: Floats, offset: Floats, slope: Float, _ y: MutableFloats
  ) {
    for pixel in 0..<pixels {
      let from = x + pixel * channels, to = y + pixel * channels
      @inline(__always) func part<L: FloatLanes>(_: L.Type, _ channel: Int) {
        let value = L.load(offset + channel).adding(L.load(from + channel), times: L.load(factor + channel))
        value.replacing(with: value .* L.splat(slope), whereNotAbove: value).store(to + channel)
      }
      overChannels(channels, wide: { part(Wide.self, $0) }, narrow: { part(V8.self, $0) })
    }
  }
}

extension Compilation {
  /// `channelAffine`, then the maximum of each 2×2 pixels; a last odd row or column is left out.
  ///
  /// - Parameters:
  ///   - relu: whether what is below 0 becomes 0.
  ///   - y: [height / 2, width / 2, channels].
  ///   - chosen: as y: the x that each maximum came from; nil where it is not wanted.
  ///   - codes: [height / 2, width / 2, channels / 8], for the gradient: four bits a channel, one of which is set for the
  ///     pixel of the maximum (the first among equals), none where relu cut it. nil where no gradient is wanted.
  public static func channelAffinePool(
    _ x: Floats, height: Int, width: Int, channels: Int, factor: Floats, offset: Floats, relu: Bool,
    _ y: MutableFloats, chosen: MutableFloats?, codes: UnsafeMutablePointer<UInt32>?
  ) {
    var out = 0
    for row in 0..<height / 2 {
      for column in 0..<width / 2 {
        let upper = x + (2 * row * width + 2 * column) * channels
        let lower = upper + width * channels
        @inline(__always) func part<L: FloatLanes>(_: L.Type, _ channel: Int) {
          L.affinePool(
            L.load(upper + channel), L.load(upper + channels + channel), L.load(lower + channel),
            L.load(lower + channels + channel), factor: L.load(factor + channel), offset: L.load(offset + channel),
            relu: relu, y + out + channel, chosen: chosen.map { $0 + out + channel },
            codes: codes.map { $0 + (out + channel) / 8 })
        }
        overChannels(channels, wide: { part(Wide.self, $0) }, narrow: { part(V8.self, $0) })
        out += channels
      }
    }
  }

  /// sums[c] += Σ g, along[c] += Σ g · (x − mean[c]) over one item, where g is dy behind the activation's gradient, which
  /// holds where factor · x + offset ≤ 0.
  public static func channelGradientSums(
    _ dy: Floats, _ x: Floats, pixels: Int, channels: Int, factor: Floats, offset: Floats, slope: Float, mean: Floats,
    sums: UnsafeMutablePointer<Double>, along: UnsafeMutablePointer<Double>
  ) {
    @inline(__always) func part<L: FloatLanes>(_: L.Type, _ channel: Int) {
      let slopes = L.splat(slope)
      var s = L.zeros, a = L.zeros
      let f = L.load(factor + channel), o = L.load(offset + channel), m = L.load(mean + channel)
      var at = channel
      for _ in 0..<pixels {
        let g = L.load(dy + at), value = L.load(x + at)
        let gradient = g.replacing(with: g .* slopes, whereNotAbove: o.adding(value, times: f))
        s = s .+ gradient
        a = a.adding(gradient, times: value .- m)
        at += channels
      }
      s.add(to: sums + channel)
      a.add(to: along + channel)
    }
    overChannels(channels, wide: { part(Wide.self, $0) }, narrow: { part(V8.self, $0) })
  }

  /// dx = a[c] · g + b[c] · x + c[c], g as in `channelGradientSums`.
  public static func channelGradient(
    _ dy: Floats, _ x: Floats, pixels: Int, channels: Int, factor: Floats, offset: Floats, slope: Float, a: Floats,
    b: Floats, c: Floats, _ dx: MutableFloats
  ) {
    for pixel in 0..<pixels {
      @inline(__always) func part<L: FloatLanes>(_: L.Type, _ channel: Int) {
        let at = pixel * channels + channel
        let g = L.load(dy + at), value = L.load(x + at)
        let sign = L.load(offset + channel).adding(value, times: L.load(factor + channel))
        let gradient = g.replacing(with: g .* L.splat(slope), whereNotAbove: sign)
        let base = L.load(c + channel).adding(value, times: L.load(b + channel))
        base.adding(gradient, times: L.load(a + channel)).store(dx + at)
      }
      overChannels(channels, wide: { part(Wide.self, $0) }, narrow: { part(V8.self, $0) })
    }
  }

  /// The same behind `channelAffinePool`: every pixel of dx is written, those that were not chosen with g = 0.
  ///
  /// - Parameter x: nil where b and c are 0 everywhere (no batch normalisation).
  public static func channelPoolGradient(
    _ dy: Floats, _ codes: UnsafePointer<UInt32>, _ x: Floats?, height: Int, width: Int, channels: Int, a: Floats,
    b: Floats, c: Floats, _ dx: MutableFloats
  ) {
    let line = width * channels
    @inline(__always) func base<L: FloatLanes>(_: L.Type, _ place: Int, _ channel: Int) -> L {
      guard let x else { return L.zeros }
      return L.load(c + channel).adding(L.load(x + place), times: L.load(b + channel))
    }
    @inline(__always) func rest(_ place: Int) {
      overChannels(
        channels, wide: { base(Wide.self, place + $0, $0).store(dx + place + $0) },
        narrow: { base(V8.self, place + $0, $0).store(dx + place + $0) })
    }
    var from = 0
    for row in 0..<height / 2 {
      for column in 0..<width / 2 {
        let upper = (2 * row * width + 2 * column) * channels
        @inline(__always) func part<L: FloatLanes>(_: L.Type, _ channel: Int) {
          let g = L.load(dy + from + channel) .* L.load(a + channel)
          let codes = codes + (from + channel) / 8
          let at = upper + channel
          (base(L.self, at, channel) .+ g.where(codes, bit: 0)).store(dx + at)
          (base(L.self, at + channels, channel) .+ g.where(codes, bit: 1)).store(dx + at + channels)
          (base(L.self, at + line, channel) .+ g.where(codes, bit: 2)).store(dx + at + line)
          (base(L.self, at + line + channels, channel) .+ g.where(codes, bit: 3)).store(dx + at + line + channels)
        }
        overChannels(channels, wide: { part(Wide.self, $0) }, narrow: { part(V8.self, $0) })
        from += channels
      }
      if width % 2 == 1 {
        rest((2 * row * width + width - 1) * channels)
        rest(((2 * row + 1) * width + width - 1) * channels)
      }
    }
    if height % 2 == 1 { for column in 0..<width { rest(((height - 1) * width + column) * channels) } }
  }
}
