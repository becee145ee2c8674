import KernelInterface

extension Compilation {
  /// Weights [filters, channels, kh, kw] as [filters / 3, channels, kh, kw, 3], zeros for the filters that are missing.
  public static func packDirectWeights(_ weights: Floats, _ shape: DirectShape, into packed: MutableFloats) {
    let taps = shape.channels * shape.kernelHeight * shape.kernelWidth
    let blocks = (shape.filters + 2) / 3
    for block in 0..<blocks {
      for tap in 0..<taps {
        for lane in 0..<3 {
          let filter = block * 3 + lane
          packed[(block * taps + tap) * 3 + lane] = filter < shape.filters ? weights[filter * taps + tap] : 0
        }
      }
    }
  }

  /// One image: convolution, bias, maximum with 0 and 2×2 maximum pooling in one pass, dropout's mask included.
  ///
  /// The register tile covers the two rows and sixteen columns that become eight pooled numbers of three filters, so that
  /// the activation of full size is never stored.
  ///
  /// - Parameters:
  ///   - packed: from `packDirectWeights`.
  ///   - bias: [filters], padded to a multiple of 3.
  ///   - y: [filters, outHeight / 2, outWidth / 2].
  ///   - codes: as y; where each maximum stood: 0 and 1 in the upper row, 2 and 3 in the lower, 4 where relu cut it.
  ///   - relu: false pools the plain sum.
  public static func convPoolForward(
    _ x: Floats, _ shape: DirectShape, _ packed: Floats, _ bias: Floats, relu: Bool, _ y: MutableFloats,
    _ codes: UnsafeMutablePointer<UInt8>
  ) {
    let rows = shape.outHeight / 2
    let columns = shape.outWidth / 2
    let width = shape.width
    let plane = shape.height * width
    let taps = shape.channels * shape.kernelHeight * shape.kernelWidth
    var block = 0
    while block * 3 < shape.filters {
      let blockWeights = packed + block * taps * 3
      let lanes = min(3, shape.filters - block * 3)
      let b0 = splat(bias[block * 3])
      let b1 = splat(bias[block * 3 + 1])
      let b2 = splat(bias[block * 3 + 2])
      for row in 0..<rows {
        var column = 0
        while column < columns {
          let corner = x + 2 * row * width + 2 * column
          let left = columns - column
          let out = (block * 3 * rows + row) * columns + column
          if left > 4 {
            // filters 0, 1, 2 × upper, lower × left, right
            var p00 = b0, p01 = b0, p02 = b0, p03 = b0
            var p10 = b1, p11 = b1, p12 = b1, p13 = b1
            var p20 = b2, p21 = b2, p22 = b2, p23 = b2
            var w = blockWeights
            for channel in 0..<shape.channels {
              for ky in 0..<shape.kernelHeight {
                var upper = corner + channel * plane + ky * width
                for _ in 0..<shape.kernelWidth {
                  let lower = upper + width
                  // Three weights, one vector of the image at a time: with the twelve sums, all sixteen registers.
                  let w0 = splat(w[0])
                  let w1 = splat(w[1])
                  let w2 = splat(w[2])
                  var image = load(upper)
                  p00 = multiplyAdd(p00, image, w0)
                  p10 = multiplyAdd(p10, image, w1)
                  p20 = multiplyAdd(p20, image, w2)
                  image = load(upper + 8)
                  p01 = multiplyAdd(p01, image, w0)
                  p11 = multiplyAdd(p11, image, w1)
                  p21 = multiplyAdd(p21, image, w2)
                  image = load(lower)
                  p02 = multiplyAdd(p02, image, w0)
                  p12 = multiplyAdd(p12, image, w1)
                  p22 = multiplyAdd(p22, image, w2)
                  image = load(lower + 8)
                  p03 = multiplyAdd(p03, image, w0)
                  p13 = multiplyAdd(p13, image, w1)
                  p23 = multiplyAdd(p23, image, w2)
                  w += 3
                  upper += 1
                }
              }
            }
            let count = min(8, left)
            pool(p00, p01, p02, p03, relu, y + out, codes + out, count)
            if lanes > 1 {
              let next = out + rows * columns
              pool(p10, p11, p12, p13, relu, y + next, codes + next, count)
            }
            if lanes > 2 {
              let next = out + 2 * rows * columns
              pool(p20, p21, p22, p23, relu, y + next, codes + next, count)
            }
            column += 8
          } else {
            // The row's end: half as wide.
            var p00 = b0, p02 = b0
            var p10 = b1, p12 = b1
            var p20 = b2, p22 = b2
            var w = blockWeights
            for channel in 0..<shape.channels {
              for ky in 0..<shape.kernelHeight {
                var upper = corner + channel * plane + ky * width
                for _ in 0..<shape.kernelWidth {
                  let x0 = load(upper)
                  let x2 = load(upper + width)
                  let w0 = splat(w[0])
                  p00 = multiplyAdd(p00, x0, w0)
                  p02 = multiplyAdd(p02, x2, w0)
                  let w1 = splat(w[1])
                  p10 = multiplyAdd(p10, x0, w1)
                  p12 = multiplyAdd(p12, x2, w1)
                  let w2 = splat(w[2])
                  p20 = multiplyAdd(p20, x0, w2)
                  p22 = multiplyAdd(p22, x2, w2)
                  w += 3
                  upper += 1
                }
              }
            }
            pool(p00, p00, p02, p02, relu, y + out, codes + out, left)
            if lanes > 1 {
              let next = out + rows * columns
              pool(p10, p10, p12, p12, relu, y + next, codes + next, left)
            }
            if lanes > 2 {
              let next = out + 2 * rows * columns
              pool(p20, p20, p22, p22, relu, y + next, codes + next, left)
            }
            column += 4
          }
        }
      }
      block += 1
    }
  }
}

/// Pools two rows of sixteen to eight, with the place of each maximum (the first among equals, as everywhere).
@inline(__always)
private func pool(
  _ upperLeft: V8, _ upperRight: V8, _ lowerLeft: V8, _ lowerRight: V8, _ relu: Bool, _ y: MutableFloats,
  _ codes: UnsafeMutablePointer<UInt8>, _ count: Int
) {
  let upper = SIMD16<Float>(lowHalf: upperLeft, highHalf: upperRight)
  let lower = SIMD16<Float>(lowHalf: lowerLeft, highHalf: lowerRight)
  var best = upper.evenHalf
  var code = SIMD8<Int32>(repeating: 0)
  let a = upper.oddHalf
  var better = a .> best
  best = best.replacing(with: a, where: better)
  code = code.replacing(with: 1, where: better)
  let b = lower.evenHalf
  better = b .> best
  best = best.replacing(with: b, where: better)
  code = code.replacing(with: 2, where: better)
  let c = lower.oddHalf
  better = c .> best
  best = best.replacing(with: c, where: better)
  code = code.replacing(with: 3, where: better)
  if relu {
    // Not a number fails "greater than 0" and would vanish here: "not at most 0" lets it through.
    let dead = best .<= 0
    best = best.replacing(with: 0, where: dead)
    code = code.replacing(with: 4, where: dead)
  }
  let bytes = SIMD8<UInt8>(truncatingIfNeeded: code)
  if count >= 8 {
    store(best, y)
    UnsafeMutableRawPointer(codes).storeBytes(of: bytes, as: SIMD8<UInt8>.self)
  } else {
    for lane in 0..<count {
      y[lane] = best[lane]
      codes[lane] = bytes[lane]
    }
  }
}
