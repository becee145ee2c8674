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
    let taps = shape.channels * shape.kernelHeight * shape.kernelWidth
    var block = 0
    while block * 3 < shape.filters {
      let weights = packed + block * taps * 3
      for row in 0..<rows {
        let corner = x + 2 * row * width
        let out = (block * 3 * rows + row) * columns
        var column = 0
        while column < columns {
          let left = columns - column
          let tile = PooledTile(
            x: corner + 2 * column, weights: weights, bias: bias + block * 3,
            filters: min(3, shape.filters - block * 3),
            y: y + out + column, codes: codes + out + column, planeStride: rows * columns, relu: relu)
          if Wide.count > 8, left > 8 {
            twoVectors(Wide.self, shape, tile, left)
            column += 16
          } else if left > 4 {
            twoVectors(V8.self, shape, tile, left)
            column += 8
          } else {
            oneVector(shape, tile, left)
            column += 4
          }
        }
      }
      block += 1
    }
  }
}

/// Where three filters' results of some pooled columns come from and go.
private struct PooledTile {
  let x, weights, bias: Floats
  let filters: Int
  let y: MutableFloats
  let codes: UnsafeMutablePointer<UInt8>
  /// From one filter's result to the next.
  let planeStride: Int
  let relu: Bool
}

/// Three filters, upper and lower row, two vectors of columns: as many pooled numbers as a vector has lanes.
@inline(__always)
private func twoVectors<L: FloatLanes>(_: L.Type, _ shape: DirectShape, _ tile: PooledTile, _ left: Int) {
  let width = shape.width
  let plane = shape.height * width
  let b0 = L.splat(tile.bias[0]), b1 = L.splat(tile.bias[1]), b2 = L.splat(tile.bias[2])
  var p00 = b0, p01 = b0, p02 = b0, p03 = b0
  var p10 = b1, p11 = b1, p12 = b1, p13 = b1
  var p20 = b2, p21 = b2, p22 = b2, p23 = b2
  var w = tile.weights
  for channel in 0..<shape.channels {
    for ky in 0..<shape.kernelHeight {
      var upper = tile.x + channel * plane + ky * width
      for _ in 0..<shape.kernelWidth {
        let lower = upper + width
        // Three weights, one vector of the image at a time: with the twelve sums, all sixteen registers of AVX2.
        let w0 = L.splat(w[0]), w1 = L.splat(w[1]), w2 = L.splat(w[2])
        var image = L.load(upper)
        p00 = p00.adding(image, times: w0)
        p10 = p10.adding(image, times: w1)
        p20 = p20.adding(image, times: w2)
        image = L.load(upper + L.count)
        p01 = p01.adding(image, times: w0)
        p11 = p11.adding(image, times: w1)
        p21 = p21.adding(image, times: w2)
        image = L.load(lower)
        p02 = p02.adding(image, times: w0)
        p12 = p12.adding(image, times: w1)
        p22 = p22.adding(image, times: w2)
        image = L.load(lower + L.count)
        p03 = p03.adding(image, times: w0)
        p13 = p13.adding(image, times: w1)
        p23 = p23.adding(image, times: w2)
        w += 3
        upper += 1
      }
    }
  }
  let count = min(L.count, left)
  let stride = tile.planeStride
  L.pool(p00, p01, p02, p03, relu: tile.relu, tile.y, tile.codes, count)
  if tile.filters > 1 { L.pool(p10, p11, p12, p13, relu: tile.relu, tile.y + stride, tile.codes + stride, count) }
  if tile.filters > 2 {
    L.pool(p20, p21, p22, p23, relu: tile.relu, tile.y + 2 * stride, tile.codes + 2 * stride, count)
  }
}

/// The row's end: half as wide.
@inline(__always)
private func oneVector(_ shape: DirectShape, _ tile: PooledTile, _ left: Int) {
  let width = shape.width
  let plane = shape.height * width
  let b0 = splat(tile.bias[0]), b1 = splat(tile.bias[1]), b2 = splat(tile.bias[2])
  var p00 = b0, p02 = b0
  var p10 = b1, p12 = b1
  var p20 = b2, p22 = b2
  var w = tile.weights
  for channel in 0..<shape.channels {
    for ky in 0..<shape.kernelHeight {
      var upper = tile.x + channel * plane + ky * width
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
  let stride = tile.planeStride
  V8.pool(p00, p00, p02, p02, relu: tile.relu, tile.y, tile.codes, left)
  if tile.filters > 1 { V8.pool(p10, p10, p12, p12, relu: tile.relu, tile.y + stride, tile.codes + stride, left) }
  if tile.filters > 2 {
    V8.pool(p20, p20, p22, p22, relu: tile.relu, tile.y + 2 * stride, tile.codes + 2 * stride, left)
  }
}
