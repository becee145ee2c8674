import KernelInterface

// What a face detector needs besides products of panels: pictures of bytes made smaller, patches sampled from them, and
// PReLU with maximum pooling. Pixels stand channels last.

extension Compilation {
  /// out[i] += weight · bytes[i]; the whole vectors at the end write up to 7 numbers more into `out`, and the last bytes
  /// are read one by one.
  public static func accumulateBytes(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, weight: Float, into out: MutableFloats
  ) {
    let factor = splat(weight)
    var at = 0
    while at + 8 <= count {
      let raw = UnsafeRawPointer(bytes + at).loadUnaligned(as: SIMD8<UInt8>.self)
      let values = V8(SIMD8<Int32>(truncatingIfNeeded: raw))
      store(multiplyAdd(load(out + at), values, factor), out + at)
      at += 8
    }
    while at < count {
      out[at] += weight * Float(bytes[at])
      at += 1
    }
  }

  /// A row of RGB pixels made narrower: pixel x is the weighted sum of `counts[x]` pixels from `starts[x]` on, times
  /// `scale`, plus `shift`.
  ///
  /// - Parameters:
  ///   - row: readable for one float past its end.
  ///   - weights: [width, stride].
  ///   - out: writable for one float past its end.
  public static func narrowRow(
    _ row: Floats, starts: UnsafePointer<Int>, counts: UnsafePointer<Int>, _ weights: Floats, stride: Int, width: Int,
    scale: Float, shift: Float, _ out: MutableFloats
  ) {
    for x in 0..<width {
      var sum = SIMD4<Float>(repeating: 0)
      var from = row + 3 * starts[x]
      let own = weights + x * stride
      for tap in 0..<counts[x] {
        sum += UnsafeRawPointer(from).loadUnaligned(as: SIMD4<Float>.self) * own[tap]
        from += 3
      }
      let pixel = sum * scale + SIMD4<Float>(repeating: shift)
      UnsafeMutableRawPointer(out + 3 * x).storeBytes(of: pixel, as: SIMD4<Float>.self)
    }
  }

  /// `side` × `side` pixels of an RGB picture, sampled (bilinear, without antialiasing) at rows top + i · rowStep and
  /// columns left + j · columnStep; 0 for what lies outside, else (value − 127.5) / 128.
  public static func samplePatch(
    _ pixels: UnsafePointer<UInt8>, width: Int, height: Int, top: Float, left: Float, rowStep: Float, columnStep: Float,
    side: Int, _ out: MutableFloats
  ) {
    let (lastRow, lastColumn) = (Float(height - 1), Float(width - 1))
    for i in 0..<side {
      let y = top + Float(i) * rowStep
      let to = out + i * side * 3
      guard y >= 0, y <= lastRow else {
        for index in 0..<3 * side { to[index] = 0 }
        continue
      }
      let upperRow = Int(y)
      let lowerRow = min(height - 1, upperRow + 1)
      let down = y - Float(upperRow)
      for j in 0..<side {
        let x = left + Float(j) * columnStep
        guard x >= 0, x <= lastColumn else {
          for channel in 0..<3 { to[3 * j + channel] = 0 }
          continue
        }
        let leftColumn = Int(x)
        let rightColumn = min(width - 1, leftColumn + 1)
        let across = x - Float(leftColumn)
        let upper = pixels + upperRow * width * 3
        let lower = pixels + lowerRow * width * 3
        for channel in 0..<3 {
          let a = Float(upper[3 * leftColumn + channel])
          let b = Float(upper[3 * rightColumn + channel])
          let c = Float(lower[3 * leftColumn + channel])
          let d = Float(lower[3 * rightColumn + channel])
          let above = a + (b - a) * across
          let below = c + (d - c) * across
          to[3 * j + channel] = (above + (below - above) * down - 127.5) / 128
        }
      }
    }
  }

  /// In place: v = x + bias; v where it is greater than 0, else v · slope.
  ///
  /// - Parameters:
  ///   - x: [pixels, channels].
  ///   - channels: a multiple of 8.
  public static func biasPReLU(_ x: MutableFloats, pixels: Int, channels: Int, bias: Floats, slope: Floats) {
    var channel = 0
    while channel < channels {
      let (b, s) = (load(bias + channel), load(slope + channel))
      var at = x + channel
      for _ in 0..<pixels {
        let value = load(at) + b
        store(greater(value, .zero) + lesser(value, .zero) * s, at)
        at += channels
      }
      channel += 8
    }
  }
}

@inline(__always)
private func lesser(_ a: V8, _ b: V8) -> V8 { b.replacing(with: a, where: a .< b) }

extension Compilation {
  /// One row of maxima over windows of PReLU(x + bias): window `window` × `rows`, two columns apart, cut off at the right.
  ///
  /// - Parameters:
  ///   - x: `rows` rows of [width, stride], `rowStride` apart; stride a multiple of 8.
  ///   - out: [outWidth, channels], written in whole vectors: up to 7 floats past the end.
  public static func preluPoolRow(
    _ x: Floats, width: Int, rows: Int, rowStride: Int, stride: Int, window: Int, bias: Floats, slope: Floats,
    channels: Int, outWidth: Int, _ out: MutableFloats
  ) {
    for column in 0..<outWidth {
      let first = 2 * column
      let columns = min(window, width - first)
      var channel = 0
      while channel < channels {
        let (b, s) = (load(bias + channel), load(slope + channel))
        var most = V8(repeating: -.infinity)
        for row in 0..<rows {
          var at = x + row * rowStride + first * stride + channel
          for _ in 0..<columns {
            let value = load(at) + b
            most = greater(most, greater(value, .zero) + lesser(value, .zero) * s)
            at += stride
          }
        }
        store(most, out + column * channels + channel)
        channel += 8
      }
    }
  }
}
