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

@inline(__always)
private func addDoubles(_ value: V8, _ to: UnsafeMutablePointer<Double>) {
  for lane in 0..<8 { to[lane] += Double(value[lane]) }
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
    while channel + 16 <= channels {
      var s0 = V8.zero, s1 = V8.zero, q0 = V8.zero, q1 = V8.zero
      let m0 = load(about + channel), m1 = load(about + channel + 8)
      var from = x + channel
      for _ in 0..<pixels {
        let a = load(from) - m0, b = load(from + 8) - m1
        s0 += a
        s1 += b
        q0 = multiplyAdd(q0, a, a)
        q1 = multiplyAdd(q1, b, b)
        from += channels
      }
      addDoubles(s0, sums + channel)
      addDoubles(s1, sums + channel + 8)
      addDoubles(q0, squares + channel)
      addDoubles(q1, squares + channel + 8)
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
      addDoubles(s, sums + channel)
      addDoubles(q, squares + channel)
    }
  }
}

@inline(__always)
private func activate(_ x: V8, _ slope: V8) -> V8 { x.replacing(with: x * slope, where: x .<= 0) }

extension Compilation {
  /// y = act(factor[c] · x + offset[c]), act(v) = v above 0, else slope · v; slope 1 is none.
  public static func channelAffine(
    _ x: Floats, pixels: Int, channels: Int, factor: Floats, offset: Floats, slope: Float, _ y: MutableFloats
  ) {
    let slopes = splat(slope)
    for pixel in 0..<pixels {
      let from = x + pixel * channels
      let to = y + pixel * channels
      var channel = 0
      while channel < channels {
        let value = multiplyAdd(load(offset + channel), load(from + channel), load(factor + channel))
        store(activate(value, slopes), to + channel)
        channel += 8
      }
    }
  }
}

/// Four bits a channel, from bit 0 for the first: which of four pixels the maximum came from.
private let places = SIMD8<UInt32>(0, 4, 8, 12, 16, 20, 24, 28)

@inline(__always)
private func bits(_ mask: SIMDMask<SIMD8<Int32>>) -> SIMD8<UInt32> { unsafeBitCast(mask, to: SIMD8<UInt32>.self) }

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
    let floor = splat(relu ? 0 : -Float.infinity)
    var out = 0
    for row in 0..<height / 2 {
      for column in 0..<width / 2 {
        let upper = x + (2 * row * width + 2 * column) * channels
        let lower = upper + width * channels
        var channel = 0
        while channel < channels {
          let f = load(factor + channel), o = load(offset + channel)
          let x0 = load(upper + channel), x1 = load(upper + channels + channel)
          let x2 = load(lower + channel), x3 = load(lower + channels + channel)
          var best = multiplyAdd(o, x0, f)
          let a1 = multiplyAdd(o, x1, f), a2 = multiplyAdd(o, x2, f), a3 = multiplyAdd(o, x3, f)
          let first = a1 .> best
          best = best.replacing(with: a1, where: first)
          let second = a2 .> best
          best = best.replacing(with: a2, where: second)
          let third = a3 .> best
          best = best.replacing(with: a3, where: third)
          // Not a number fails "at most" and stays.
          let dead = best .<= floor
          store(best.replacing(with: floor, where: dead), y + out + channel)
          if let codes {
            let (m1, m2, m3) = (bits(first), bits(second), bits(third))
            let code =
              (~(m1 | m2 | m3) & 1) | (m1 & ~(m2 | m3) & 2) | (m2 & ~m3 & 4) | (m3 & 8)
            let word = (code & ~bits(dead)) &<< places
            let four = word.lowHalf | word.highHalf
            let two = four.lowHalf | four.highHalf
            codes[(out + channel) &>> 3] = two[0] | two[1]
          }
          if let chosen {
            let from = x0.replacing(with: x1, where: first).replacing(with: x2, where: second)
            store(from.replacing(with: x3, where: third), chosen + out + channel)
          }
          channel += 8
        }
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
    let slopes = splat(slope)
    var channel = 0
    while channel < channels {
      var s = V8.zero, a = V8.zero
      let f = load(factor + channel), o = load(offset + channel), m = load(mean + channel)
      var at = channel
      for _ in 0..<pixels {
        let g = load(dy + at), value = load(x + at)
        let gradient = g.replacing(with: g * slopes, where: multiplyAdd(o, value, f) .<= 0)
        s += gradient
        a = multiplyAdd(a, gradient, value - m)
        at += channels
      }
      addDoubles(s, sums + channel)
      addDoubles(a, along + channel)
      channel += 8
    }
  }

  /// dx = a[c] · g + b[c] · x + c[c], g as in `channelGradientSums`.
  public static func channelGradient(
    _ dy: Floats, _ x: Floats, pixels: Int, channels: Int, factor: Floats, offset: Floats, slope: Float, a: Floats,
    b: Floats, c: Floats, _ dx: MutableFloats
  ) {
    let slopes = splat(slope)
    var at = 0
    for _ in 0..<pixels {
      var channel = 0
      while channel < channels {
        let g = load(dy + at), value = load(x + at)
        let sign = multiplyAdd(load(offset + channel), value, load(factor + channel))
        let gradient = g.replacing(with: g * slopes, where: sign .<= 0)
        let base = multiplyAdd(load(c + channel), value, load(b + channel))
        store(multiplyAdd(base, gradient, load(a + channel)), dx + at)
        channel += 8
        at += 8
      }
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
    @inline(__always) func base(_ place: Int, _ channel: Int) -> V8 {
      guard let x else { return V8.zero }
      return multiplyAdd(load(c + channel), load(x + place), load(b + channel))
    }
    @inline(__always) func rest(_ place: Int) {
      var channel = 0
      while channel < channels {
        store(base(place + channel, channel), dx + place + channel)
        channel += 8
      }
    }
    var from = 0
    for row in 0..<height / 2 {
      for column in 0..<width / 2 {
        let upper = (2 * row * width + 2 * column) * channels
        var channel = 0
        while channel < channels {
          let code = SIMD8<UInt32>(repeating: codes[(from + channel) &>> 3]) &>> places
          let g = unsafeBitCast(load(dy + from + channel) * load(a + channel), to: SIMD8<UInt32>.self)
          // A set bit as a whole lane of ones.
          @inline(__always) func chosen(_ bit: UInt32) -> V8 {
            unsafeBitCast(g & (0 &- ((code &>> bit) & 1)), to: V8.self)
          }
          let at = upper + channel
          store(base(at, channel) + chosen(0), dx + at)
          store(base(at + channels, channel) + chosen(1), dx + at + channels)
          store(base(at + line, channel) + chosen(2), dx + at + line)
          store(base(at + line + channels, channel) + chosen(3), dx + at + line + channels)
          channel += 8
        }
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
