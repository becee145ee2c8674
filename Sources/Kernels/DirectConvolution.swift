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
  /// The register tile covers two rows and two vectors of columns, which become one vector of pooled numbers for each of
  /// some filters, so that the activation of full size is never stored.
  ///
  /// - Parameters:
  ///   - packed: from `packDirectWeights`.
  ///   - bias: [filters], padded to a multiple of 6.
  ///   - y: [filters, outHeight / 2, outWidth / 2].
  ///   - codes: as y; where each maximum stood: 0 and 1 in the upper row, 2 and 3 in the lower, 4 where relu cut it.
  ///   - relu: false pools the plain sum.
  public static func convPoolForward(
    _ x: Floats, _ shape: DirectShape, _ packed: Floats, _ bias: Floats, relu: Bool, _ y: MutableFloats,
    _ codes: UnsafeMutablePointer<UInt8>
  ) {
    let taps = shape.channels * shape.kernelHeight * shape.kernelWidth
    var filter = 0
    while filter < shape.filters {
      let left = shape.filters - filter
      let block = PooledTile(
        x: x, weights: packed + filter * taps, blockStride: taps * 3, bias: bias + filter, filters: left, y: y,
        codes: codes, planeStride: shape.outHeight / 2 * (shape.outWidth / 2), relu: relu)
      if left > 3 {
        blockOfFilters(DirectTile.self, DirectEdge.self, shape, block, first: filter)
        filter += DirectTile.height
      } else {
        blockOfFilters(Tile<3, 12>.self, Tile<3, 6>.self, shape, block, first: filter)
        filter += 3
      }
    }
  }
}

/// Where some filters' results of some pooled columns come from and go.
private struct PooledTile {
  var x: Floats
  let weights: Floats
  /// From the weights of three filters to those of the next three.
  let blockStride: Int
  let bias: Floats
  let filters: Int
  var y: MutableFloats
  var codes: UnsafeMutablePointer<UInt8>
  /// From one filter's result to the next.
  let planeStride: Int
  let relu: Bool
}

/// All pooled numbers of as many filters as a tile has, from the filter `first` on.
@inline(__always)
private func blockOfFilters<let filters: Int, let count: Int, let half: Int>(
  _: Tile<filters, count>.Type, _: Tile<filters, half>.Type, _ shape: DirectShape, _ block: PooledTile, first: Int
) {
  let rows = shape.outHeight / 2, columns = shape.outWidth / 2
  for row in 0..<rows {
    let out = (first * rows + row) * columns
    var column = 0
    while column < columns {
      let left = columns - column
      var tile = block
      tile.x = block.x + 2 * row * shape.width + 2 * column
      tile.y = block.y + out + column
      tile.codes = block.codes + out + column
      if Wide.count > 8, left > 8 {
        twoVectors(Tile<filters, count>.self, Wide.self, shape, tile, left)
        column += 16
      } else if left > 4 {
        twoVectors(Tile<filters, count>.self, V8.self, shape, tile, left)
        column += 8
      } else {
        oneVector(Tile<filters, half>.self, shape, tile, left)
        column += 4
      }
    }
  }
}

/// Upper and lower row, two vectors of columns: as many pooled numbers of each filter as a vector has lanes.
@inline(never)
private func twoVectors<L: FloatLanes, let filters: Int, let count: Int>(
  _: Tile<filters, count>.Type, _: L.Type, _ shape: DirectShape, _ tile: PooledTile, _ left: Int
) {
  let width = shape.width
  // Upper left, upper right, lower left, lower right of each filter.
  var sums = InlineArray<count, L> { _ in L.zeros }
  for filter in 0..<filters {
    let start = L.splat(tile.bias[filter])
    for part in 0..<4 { sums[4 * filter + part] = start }
  }
  var low = tile.weights, high = low + (filters > 3 ? tile.blockStride : 0)
  for channel in 0..<shape.channels {
    for ky in 0..<shape.kernelHeight {
      let line = tile.x + (channel * shape.height + ky) * width
      for kx in 0..<shape.kernelWidth {
        // With three filters' weights, and one vector of the image at a time, twelve sums fill the sixteen registers of
        // AVX2; with six filters' twenty-four sums the thirty-two of AVX-512.
        let values = InlineArray<filters, L> { L.splat($0 < 3 ? low[$0] : high[$0 - 3]) }
        for part in 0..<4 {
          let image = L.load(line + kx + part / 2 * width + part % 2 * L.count)
          for filter in 0..<filters {
            sums[4 * filter + part] = sums[4 * filter + part].adding(image, times: values[filter])
          }
        }
        low += 3
        high += 3
      }
    }
  }
  for filter in 0..<filters where filter < tile.filters {
    L.pool(
      sums[4 * filter], sums[4 * filter + 1], sums[4 * filter + 2], sums[4 * filter + 3], relu: tile.relu,
      tile.y + filter * tile.planeStride, tile.codes + filter * tile.planeStride, min(L.count, left))
  }
}

/// The row's end: half as wide.
@inline(never)
private func oneVector<let filters: Int, let count: Int>(
  _: Tile<filters, count>.Type, _ shape: DirectShape, _ tile: PooledTile, _ left: Int
) {
  let width = shape.width
  var sums = InlineArray<count, V8> { _ in V8.zeros }
  for filter in 0..<filters {
    let start = splat(tile.bias[filter])
    sums[2 * filter] = start
    sums[2 * filter + 1] = start
  }
  var low = tile.weights, high = low + (filters > 3 ? tile.blockStride : 0)
  for channel in 0..<shape.channels {
    for ky in 0..<shape.kernelHeight {
      let line = tile.x + (channel * shape.height + ky) * width
      for kx in 0..<shape.kernelWidth {
        let upper = load(line + kx), lower = load(line + kx + width)
        for filter in 0..<filters {
          let value = splat(filter < 3 ? low[filter] : high[filter - 3])
          sums[2 * filter] = multiplyAdd(sums[2 * filter], upper, value)
          sums[2 * filter + 1] = multiplyAdd(sums[2 * filter + 1], lower, value)
        }
        low += 3
        high += 3
      }
    }
  }
  for filter in 0..<filters where filter < tile.filters {
    V8.pool(
      sums[2 * filter], sums[2 * filter], sums[2 * filter + 1], sums[2 * filter + 1], relu: tile.relu,
      tile.y + filter * tile.planeStride, tile.codes + filter * tile.planeStride, left)
  }
}
