import KernelInterface

extension Compilation {
  /// An image as a matrix [channels · kh · kw, outHeight · outWidth], zeros for the border.
  public static func imageToColumns(_ x: Floats, _ s: ColumnsShape, _ columns: MutableFloats) {
    var out = columns
    for channel in 0..<s.channels {
      let plane = x + channel * s.height * s.width
      for ky in 0..<s.kernelHeight {
        for kx in 0..<s.kernelWidth {
          // Output columns whose pixel lies inside the image.
          let from = max(0, (s.left - kx + s.strideX - 1) / s.strideX)
          let last = s.width - 1 + s.left - kx
          let to = last < 0 ? from : max(from, min(s.outWidth, last / s.strideX + 1))
          for row in 0..<s.outHeight {
            let y = row * s.strideY + ky - s.top
            if y < 0 || y >= s.height || from >= s.outWidth {
              out.update(repeating: 0, count: s.outWidth)
            } else {
              for column in 0..<from { out[column] = 0 }
              let line = plane + y * s.width + kx - s.left
              if s.strideX == 1 {
                var column = from
                while column < to {
                  store(load(line + column), out + column, count: to - column)
                  column += 8
                }
              } else {
                for column in from..<to { out[column] = line[column * s.strideX] }
              }
              if to < s.outWidth { for column in to..<s.outWidth { out[column] = 0 } }
            }
            out += s.outWidth
          }
        }
      }
    }
  }

  /// Pools 2×2 with stride 2 what `convPoolForward` would have: bias, relu and codes, from a convolution's plain sums
  /// [filters, height, width].
  public static func biasReluPool(
    _ x: Floats, filters: Int, height: Int, width: Int, _ bias: Floats, relu: Bool, _ y: MutableFloats,
    _ codes: UnsafeMutablePointer<UInt8>
  ) {
    let rows = height / 2
    let columns = width / 2
    var out = 0
    for filter in 0..<filters {
      let plane = x + filter * height * width
      let b = bias[filter]
      for row in 0..<rows {
        let upper = plane + 2 * row * width
        let lower = upper + width
        for column in 0..<columns {
          var best = upper[2 * column]
          var code: UInt8 = 0
          let a1 = upper[2 * column + 1]
          if a1 > best { best = a1; code = 1 }
          let a2 = lower[2 * column]
          if a2 > best { best = a2; code = 2 }
          let a3 = lower[2 * column + 1]
          if a3 > best { best = a3; code = 3 }
          best += b
          if relu, best <= 0 { best = 0; code = 4 }
          y[out] = best
          codes[out] = code
          out += 1
        }
      }
    }
  }
}
