import KernelInterface

// Pooling by windows of any size, and its gradient. An image's planes are pooled one after the other; an image [height,
// width, channels] many channels at a time, with the same bits.

/// Calls `body` for each window, with its number and the pixels of it that exist.
@inline(__always)
private func overWindows(_ s: ColumnsShape, _ body: (_ window: Int, _ ys: Range<Int>, _ xs: Range<Int>) -> Void) {
  for row in 0..<s.outHeight {
    let y = row * s.strideY - s.top
    let ys = max(0, y)..<max(max(0, y), min(s.height, y + s.kernelHeight))
    for column in 0..<s.outWidth {
      let x = column * s.strideX - s.left
      body(row * s.outWidth + column, ys, max(0, x)..<max(max(0, x), min(s.width, x + s.kernelWidth)))
    }
  }
}

/// How many pixels a mean is over; 1 for none, whose sum is 0.
@inline(__always)
private func area(_ ys: Range<Int>, _ xs: Range<Int>) -> Float { Float(max(1, ys.count * xs.count)) }

extension Compilation {
  /// Maximum pooling of one image; `places` holds each maximum's pixel in its plane (the first among equals).
  public static func maxPoolForward(
    _ x: Floats, _ s: ColumnsShape, _ y: MutableFloats, _ places: UnsafeMutablePointer<Int32>
  ) {
    let pooled = s.outHeight * s.outWidth
    for channel in 0..<s.channels {
      let plane = x + channel * s.height * s.width
      overWindows(s) { window, ys, xs in
        var best = -Float.infinity
        var place = -1
        for py in ys {
          for px in xs {
            let value = plane[py * s.width + px]
            if value > best || place < 0 || value.isNaN {
              best = value
              place = py * s.width + px
            }
          }
        }
        y[channel * pooled + window] = place < 0 ? 0 : best
        places[channel * pooled + window] = Int32(truncatingIfNeeded: place)
      }
    }
  }

  public static func maxPoolBackward(
    _ dy: Floats, _ s: ColumnsShape, _ places: UnsafePointer<Int32>, _ dx: MutableFloats
  ) {
    dx.update(repeating: 0, count: s.channels * s.height * s.width)
    let pooled = s.outHeight * s.outWidth
    for channel in 0..<s.channels {
      let plane = dx + channel * s.height * s.width
      for index in channel * pooled..<(channel + 1) * pooled where places[index] >= 0 {
        plane[Int(places[index])] += dy[index]
      }
    }
  }

  /// Mean pooling over the pixels that exist; `backward` spreads y over x instead.
  public static func avgPool(_ x: MutableFloats, _ s: ColumnsShape, _ y: MutableFloats, backward: Bool) {
    if backward { x.update(repeating: 0, count: s.channels * s.height * s.width) }
    let pooled = s.outHeight * s.outWidth
    for channel in 0..<s.channels {
      let plane = x + channel * s.height * s.width
      let out = y + channel * pooled
      overWindows(s) { window, ys, xs in
        let area = area(ys, xs)
        var total: Float = 0
        for py in ys {
          for px in xs {
            if backward { plane[py * s.width + px] += out[window] / area } else { total += plane[py * s.width + px] }
          }
        }
        if !backward { out[window] = total / area }
      }
    }
  }
}

extension Compilation {
  /// Maximum pooling of one image [height, width, channels].
  ///
  /// - Parameters:
  ///   - channels: a multiple of 8.
  ///   - places: as y, the pixel of each maximum (the first among equals); nil where no gradient is wanted.
  public static func channelMaxPool(
    _ x: Floats, _ s: ColumnsShape, channels: Int, _ y: MutableFloats, _ places: UnsafeMutablePointer<Int32>?
  ) {
    overWindows(s) { window, ys, xs in
      let isEmpty = ys.isEmpty || xs.isEmpty
      let first = isEmpty ? -1 : ys.lowerBound * s.width + xs.lowerBound
      for channel in stride(from: 0, to: channels, by: 8) {
        var best = isEmpty ? V8.zero : load(x + first * channels + channel)
        var place = SIMD8<Int32>(repeating: Int32(truncatingIfNeeded: first))
        for py in ys {
          for px in xs {
            let pixel = py * s.width + px
            let value = load(x + pixel * channels + channel)
            // What is not a number is kept: nothing is greater.
            let better = (value .> best) .| (value .!= value)
            best.replace(with: value, where: better)
            if places != nil { place.replace(with: Int32(truncatingIfNeeded: pixel), where: better) }
          }
        }
        store(best, y + window * channels + channel)
        if let places {
          UnsafeMutableRawPointer(places + window * channels + channel).storeBytes(of: place, as: SIMD8<Int32>.self)
        }
      }
    }
  }

  /// Each result's gradient to the pixel that its maximum came from, added up; 0 to all others.
  public static func channelMaxPoolGradient(
    _ dy: Floats, _ s: ColumnsShape, channels: Int, _ places: UnsafePointer<Int32>, _ dx: MutableFloats
  ) {
    dx.update(repeating: 0, count: s.height * s.width * channels)
    for out in stride(from: 0, to: s.outHeight * s.outWidth * channels, by: channels) {
      for channel in 0..<channels where places[out + channel] >= 0 {
        dx[Int(places[out + channel]) * channels + channel] += dy[out + channel]
      }
    }
  }

  /// Mean pooling of one image [height, width, channels] over the pixels that exist.
  public static func channelAveragePool(_ x: Floats, _ s: ColumnsShape, channels: Int, _ y: MutableFloats) {
    overWindows(s) { window, ys, xs in
      let area = splat(area(ys, xs))
      for channel in stride(from: 0, to: channels, by: 8) {
        var total = V8.zero
        for py in ys { for px in xs { total += load(x + (py * s.width + px) * channels + channel) } }
        store(total / area, y + window * channels + channel)
      }
    }
  }

  /// Spreads each result's gradient over the pixels of its window.
  public static func channelAveragePoolGradient(
    _ dy: Floats, _ s: ColumnsShape, channels: Int, _ dx: MutableFloats
  ) {
    dx.update(repeating: 0, count: s.height * s.width * channels)
    overWindows(s) { window, ys, xs in
      let area = splat(area(ys, xs))
      for channel in stride(from: 0, to: channels, by: 8) {
        let share = load(dy + window * channels + channel) / area
        for py in ys {
          for px in xs {
            let to = dx + (py * s.width + px) * channels + channel
            store(load(to) + share, to)
          }
        }
      }
    }
  }
}
