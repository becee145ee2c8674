import KernelInterface

/// The gradient of `convPoolForward`. Behind a 2×2 maximum at most one of four numbers has a gradient, and none where
/// relu cut it: a list of those that have takes a quarter of the multiply-adds of a dense pass, or less.
///
/// Images here are [height, width, channels], so that a kernel's row is one stretch of memory.

extension Compilation {
  /// The list for one filter of one image.
  ///
  /// - Parameters:
  ///   - offsets: of the window's corner in the image [height, width, channels].
  /// - Returns: how many.
  public static func listGradients(
    _ gradient: Floats, _ codes: UnsafePointer<UInt8>, rows: Int, columns: Int, width: Int, channels: Int,
    _ offsets: UnsafeMutablePointer<Int32>, _ values: MutableFloats
  ) -> Int {
    var count = 0
    var place = 0
    let (right, below) = (channels, width * channels)
    for row in 0..<rows {
      var corner = 2 * row * below
      for _ in 0..<columns {
        let code = Int(codes[place])
        let value = gradient[place]
        place += 1
        let offset = corner + (code & 1) * right + (code >> 1) * below
        corner += 2 * right
        offsets[count] = Int32(truncatingIfNeeded: offset)
        values[count] = value
        // Without a branch, which no processor could predict: counts where code < 4 and value is not ±0.
        let alive = ((code &- 4) &>> 63) & 1
        let bits = Int(value.bitPattern & 0x7FFF_FFFF)
        count &+= alive & (((0 &- bits) &>> 63) & 1)
      }
    }
    return count
  }

  /// weights[tap] += Σ value · x[offset + taps[tap] ..< + 8]: one filter's gradient, a vector a tap, three at a time.
  public static func sparseWeightGradient(
    _ x: Floats, _ offsets: UnsafePointer<Int32>, _ values: Floats, _ count: Int, _ taps: UnsafePointer<Int>,
    _ tapCount: Int, _ gradient: MutableFloats
  ) {
    var tap = 0
    while tap + 6 <= tapCount {
      var a0 = V8.zero, a1 = V8.zero, a2 = V8.zero, a3 = V8.zero, a4 = V8.zero, a5 = V8.zero
      let x0 = x + taps[tap], x1 = x + taps[tap + 1], x2 = x + taps[tap + 2]
      let x3 = x + taps[tap + 3], x4 = x + taps[tap + 4], x5 = x + taps[tap + 5]
      for index in 0..<count {
        let offset = Int(offsets[index])
        let value = splat(values[index])
        a0 = multiplyAdd(a0, load(x0 + offset), value)
        a1 = multiplyAdd(a1, load(x1 + offset), value)
        a2 = multiplyAdd(a2, load(x2 + offset), value)
        a3 = multiplyAdd(a3, load(x3 + offset), value)
        a4 = multiplyAdd(a4, load(x4 + offset), value)
        a5 = multiplyAdd(a5, load(x5 + offset), value)
      }
      let g = gradient + tap * 8
      store(load(g) + a0, g)
      store(load(g + 8) + a1, g + 8)
      store(load(g + 16) + a2, g + 16)
      store(load(g + 24) + a3, g + 24)
      store(load(g + 32) + a4, g + 32)
      store(load(g + 40) + a5, g + 40)
      tap += 6
    }
    while tap + 3 <= tapCount {
      var a0 = V8.zero, a1 = V8.zero, a2 = V8.zero, b0 = V8.zero, b1 = V8.zero, b2 = V8.zero
      let x0 = x + taps[tap], x1 = x + taps[tap + 1], x2 = x + taps[tap + 2]
      var index = 0
      while index + 2 <= count {
        let first = Int(offsets[index]), second = Int(offsets[index + 1])
        let u = splat(values[index]), v = splat(values[index + 1])
        a0 = multiplyAdd(a0, load(x0 + first), u)
        a1 = multiplyAdd(a1, load(x1 + first), u)
        a2 = multiplyAdd(a2, load(x2 + first), u)
        b0 = multiplyAdd(b0, load(x0 + second), v)
        b1 = multiplyAdd(b1, load(x1 + second), v)
        b2 = multiplyAdd(b2, load(x2 + second), v)
        index += 2
      }
      if index < count {
        let offset = Int(offsets[index])
        let u = splat(values[index])
        a0 = multiplyAdd(a0, load(x0 + offset), u)
        a1 = multiplyAdd(a1, load(x1 + offset), u)
        a2 = multiplyAdd(a2, load(x2 + offset), u)
      }
      let g = gradient + tap * 8
      store(load(g) + (a0 + b0), g)
      store(load(g + 8) + (a1 + b1), g + 8)
      store(load(g + 16) + (a2 + b2), g + 16)
      tap += 3
    }
    while tap < tapCount {
      var sum = V8.zero
      let base = x + taps[tap]
      for index in 0..<count { sum = multiplyAdd(sum, load(base + Int(offsets[index])), splat(values[index])) }
      store(load(gradient + tap * 8) + sum, gradient + tap * 8)
      tap += 1
    }
  }

  /// dx[offset + taps[tap] ..< + 8] += value · weights[tap]: one filter's part of the image's gradient. The weights of a
  /// tap are eight wide, zeros behind the kernel's end.
  public static func sparseInputGradient(
    _ dx: MutableFloats, _ offsets: UnsafePointer<Int32>, _ values: Floats, _ count: Int, _ taps: UnsafePointer<Int>,
    _ tapCount: Int, _ weights: Floats
  ) {
    for index in 0..<count {
      let base = dx + Int(offsets[index])
      let value = splat(values[index])
      var tap = 0
      while tap + 3 <= tapCount {
        let p0 = base + taps[tap], p1 = base + taps[tap + 1], p2 = base + taps[tap + 2]
        let w = weights + tap * 8
        store(multiplyAdd(load(p0), load(w), value), p0)
        store(multiplyAdd(load(p1), load(w + 8), value), p1)
        store(multiplyAdd(load(p2), load(w + 16), value), p2)
        tap += 3
      }
      while tap < tapCount {
        let p = base + taps[tap]
        store(multiplyAdd(load(p), load(weights + tap * 8), value), p)
        tap += 1
      }
    }
  }

  /// [channels, pixels] to [pixels, channels].
  public static func channelsLast(_ x: Floats, channels: Int, pixels: Int, _ out: MutableFloats) {
    for channel in 0..<channels {
      let from = x + channel * pixels
      var to = out + channel
      for pixel in 0..<pixels {
        to.pointee = from[pixel]
        to += channels
      }
    }
  }

  /// [pixels, channels] to [channels, pixels].
  public static func channelsFirst(_ x: Floats, channels: Int, pixels: Int, _ out: MutableFloats) {
    for channel in 0..<channels {
      var from = x + channel
      let to = out + channel * pixels
      for pixel in 0..<pixels {
        to[pixel] = from.pointee
        from += channels
      }
    }
  }
}
