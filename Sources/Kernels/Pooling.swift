import KernelInterface

// Pooling by windows of any size, and its gradient. An image's planes are pooled one after the other; an image [height,
// width, channels] many channels at a time, with the same bits.

extension Compilation {
  /// Maximum pooling of one image; `places` holds each maximum's pixel in its plane (the first among equals).
  public static func maxPoolForward(
    _ x: Floats, _ s: ColumnsShape, _ y: MutableFloats, _ places: UnsafeMutablePointer<Int32>
  ) {
    var out = 0
    for channel in 0..<s.channels {
      let plane = x + channel * s.height * s.width
      for row in 0..<s.outHeight {
        for column in 0..<s.outWidth {
          var best = -Float.infinity
          var place = -1
          let y0 = row * s.strideY - s.top
          let x0 = column * s.strideX - s.left
          for py in max(0, y0)..<max(0, min(s.height, y0 + s.kernelHeight)) {
            for px in max(0, x0)..<max(0, min(s.width, x0 + s.kernelWidth)) {
              let value = plane[py * s.width + px]
              if value > best || place < 0 || value.isNaN {
                best = value
                place = py * s.width + px
              }
            }
          }
          y[out] = place < 0 ? 0 : best
          places[out] = Int32(truncatingIfNeeded: place)
          out += 1
        }
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
    var out = 0
    for channel in 0..<s.channels {
      let plane = x + channel * s.height * s.width
      for row in 0..<s.outHeight {
        for column in 0..<s.outWidth {
          let y0 = row * s.strideY - s.top
          let x0 = column * s.strideX - s.left
          let ys = max(0, y0)..<max(0, min(s.height, y0 + s.kernelHeight))
          let xs = max(0, x0)..<max(0, min(s.width, x0 + s.kernelWidth))
          let area = Float(max(1, ys.count * xs.count))
          var total: Float = 0
          for py in ys {
            for px in xs {
              if backward { plane[py * s.width + px] += y[out] / area } else { total += plane[py * s.width + px] }
            }
          }
          if !backward { y[out] = total / area }
          out += 1
        }
      }
    }
  }
}

/// The pixels of a window that exist.
@inline(__always)
private func pixels(_ s: ColumnsShape, _ row: Int, _ column: Int) -> (ys: Range<Int>, xs: Range<Int>) {
  let (y, x) = (row * s.strideY - s.top, column * s.strideX - s.left)
  return (
    max(0, y)..<max(max(0, y), min(s.height, y + s.kernelHeight)),
    max(0, x)..<max(max(0, x), min(s.width, x + s.kernelWidth))
  )
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
    var out = 0
    for row in 0..<s.outHeight {
      for column in 0..<s.outWidth {
        let (ys, xs) = pixels(s, row, column)
        let isEmpty = ys.isEmpty || xs.isEmpty
        let first = isEmpty ? -1 : ys.lowerBound * s.width + xs.lowerBound
        var channel = 0
        while channel < channels {
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
          store(best, y + out + channel)
          if let places {
            UnsafeMutableRawPointer(places + out + channel).storeBytes(of: place, as: SIMD8<Int32>.self)
          }
          channel += 8
        }
        out += channels
      }
    }
  }

  /// Adds each result's gradient to the pixel that its maximum came from; dx is zero before.
  public static func channelMaxPoolGradient(
    _ dy: Floats, _ s: ColumnsShape, channels: Int, _ places: UnsafePointer<Int32>, _ dx: MutableFloats
  ) {
    dx.update(repeating: 0, count: s.height * s.width * channels)
    var out = 0
    for _ in 0..<s.outHeight * s.outWidth {
      for channel in 0..<channels where places[out + channel] >= 0 {
        dx[Int(places[out + channel]) * channels + channel] += dy[out + channel]
      }
      out += channels
    }
  }

  /// Mean pooling of one image [height, width, channels] over the pixels that exist.
  public static func channelAveragePool(_ x: Floats, _ s: ColumnsShape, channels: Int, _ y: MutableFloats) {
    var out = 0
    for row in 0..<s.outHeight {
      for column in 0..<s.outWidth {
        let (ys, xs) = pixels(s, row, column)
        let area = splat(Float(max(1, ys.count * xs.count)))
        var channel = 0
        while channel < channels {
          var total = V8.zero
          for py in ys {
            for px in xs { total += load(x + (py * s.width + px) * channels + channel) }
          }
          store(total / area, y + out + channel)
          channel += 8
        }
        out += channels
      }
    }
  }

  /// Spreads each result's gradient over the pixels of its window; dx is zero before.
  public static func channelAveragePoolGradient(
    _ dy: Floats, _ s: ColumnsShape, channels: Int, _ dx: MutableFloats
  ) {
    dx.update(repeating: 0, count: s.height * s.width * channels)
    var out = 0
    for row in 0..<s.outHeight {
      for column in 0..<s.outWidth {
        let (ys, xs) = pixels(s, row, column)
        let area = splat(Float(max(1, ys.count * xs.count)))
        var channel = 0
        while channel < channels {
          let share = load(dy + out + channel) / area
          for py in ys {
            for px in xs {
              let to = dx + (py * s.width + px) * channels + channel
              store(load(to) + share, to)
            }
          }
          channel += 8
        }
        out += channels
      }
    }
  }
}
