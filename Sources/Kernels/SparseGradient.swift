import CLanes
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
    let right = Int32(truncatingIfNeeded: channels), below = Int32(truncatingIfNeeded: width * channels)
    var count = 0
    for row in 0..<rows {
      let from = row * columns
      count += twin_list_row(
        gradient + from, codes + from, columns, 2 * Int32(truncatingIfNeeded: row) * below, right, below,
        offsets + count, values + count)
    }
    return count
  }

  /// weights[tap] += Σ value · x[offset + taps[tap] ..< + 8]: one filter's gradient, a vector a tap, three at a time.
  public static func sparseWeightGradient(
    _ x: Floats, _ offsets: UnsafePointer<Int32>, _ values: Floats, _ count: Int, _ taps: UnsafePointer<Int>,
    _ tapCount: Int, _ gradient: MutableFloats
  ) {
    var tap = 0
    if tapCount == 9 {
      // Both loops below in one pass over the list.
      nineTaps(x, offsets, values, count, taps, gradient)
      tap = 9
    }
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
    var pixel = 0
    if channels <= 8 {
      // Whole vectors: what stands in one behind a pixel's channels is overwritten by the next pixels, which there must be.
      while pixel + 16 <= pixels {
        let turned = turnedOver(InlineArray<8, V8> { $0 < channels ? load(x + $0 * pixels + pixel) : V8.zero })
        for next in 0..<8 { store(turned[next], out + (pixel + next) * channels) }
        pixel += 8
      }
    }
    for channel in 0..<channels {
      let from = x + channel * pixels
      var to = out + pixel * channels + channel
      for pixel in pixel..<pixels {
        to.pointee = from[pixel]
        to += channels
      }
    }
  }

  /// [pixels, channels] to [channels, pixels].
  public static func channelsFirst(_ x: Floats, channels: Int, pixels: Int, _ out: MutableFloats) {
    var pixel = 0
    if channels <= 8 {
      // Whole vectors, which reach into the pixels behind.
      while pixel + 16 <= pixels {
        let turned = turnedOver(InlineArray<8, V8> { load(x + (pixel + $0) * channels) })
        for channel in 0..<8 where channel < channels { store(turned[channel], out + channel * pixels + pixel) }
        pixel += 8
      }
    }
    for channel in 0..<channels {
      var from = x + pixel * channels + channel
      let to = out + channel * pixels
      for pixel in pixel..<pixels {
        to[pixel] = from.pointee
        from += channels
      }
    }
  }
}

/// `sparseWeightGradient` of nine taps, as a 3×3 kernel over three to eight channels has. The first six are chains over
/// the whole list, each of the last three two chains, of every other item: the order that six and three taps have.
@inline(__always)
private func nineTaps(
  _ x: Floats, _ offsets: UnsafePointer<Int32>, _ values: Floats, _ count: Int, _ taps: UnsafePointer<Int>,
  _ gradient: MutableFloats
) {
  var a0 = V8.zero, a1 = V8.zero, a2 = V8.zero, a3 = V8.zero, a4 = V8.zero, a5 = V8.zero
  var a6 = V8.zero, a7 = V8.zero, a8 = V8.zero, b6 = V8.zero, b7 = V8.zero, b8 = V8.zero
  let x0 = x + taps[0], x1 = x + taps[1], x2 = x + taps[2], x3 = x + taps[3], x4 = x + taps[4], x5 = x + taps[5]
  let x6 = x + taps[6], x7 = x + taps[7], x8 = x + taps[8]
  var index = 0
  while index < count {
    let offset = Int(offsets[index])
    let value = splat(values[index])
    a0 = multiplyAdd(a0, load(x0 + offset), value)
    a1 = multiplyAdd(a1, load(x1 + offset), value)
    a2 = multiplyAdd(a2, load(x2 + offset), value)
    a3 = multiplyAdd(a3, load(x3 + offset), value)
    a4 = multiplyAdd(a4, load(x4 + offset), value)
    a5 = multiplyAdd(a5, load(x5 + offset), value)
    a6 = multiplyAdd(a6, load(x6 + offset), value)
    a7 = multiplyAdd(a7, load(x7 + offset), value)
    a8 = multiplyAdd(a8, load(x8 + offset), value)
    index += 1
    if index == count { break }
    let second = Int(offsets[index])
    let other = splat(values[index])
    a0 = multiplyAdd(a0, load(x0 + second), other)
    a1 = multiplyAdd(a1, load(x1 + second), other)
    a2 = multiplyAdd(a2, load(x2 + second), other)
    a3 = multiplyAdd(a3, load(x3 + second), other)
    a4 = multiplyAdd(a4, load(x4 + second), other)
    a5 = multiplyAdd(a5, load(x5 + second), other)
    b6 = multiplyAdd(b6, load(x6 + second), other)
    b7 = multiplyAdd(b7, load(x7 + second), other)
    b8 = multiplyAdd(b8, load(x8 + second), other)
    index += 1
  }
  let g = gradient
  store(load(g) + a0, g)
  store(load(g + 8) + a1, g + 8)
  store(load(g + 16) + a2, g + 16)
  store(load(g + 24) + a3, g + 24)
  store(load(g + 32) + a4, g + 32)
  store(load(g + 40) + a5, g + 40)
  store(load(g + 48) + (a6 + b6), g + 48)
  store(load(g + 56) + (a7 + b7), g + 56)
  store(load(g + 64) + (a8 + b8), g + 64)
}
