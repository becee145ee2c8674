import KernelInterface

/// The weights' side of Fourier's transforms: see Fourier.swift.

extension Compilation {
  /// Weights [filters, channels, height, width] to 606 sets of panels [columns / panelWidth, rows, panelWidth], three a
  /// point: rows are channels and columns filters, or with `transposed` the other way round, for the gradient of the input.
  ///
  /// - Parameters:
  ///   - rows: the number of channels (of filters), filled up with zeros to a multiple of 8.
  ///   - panel: which `panelWidth` columns to do.
  ///   - out: `outStride` from one of the 606 to the next.
  public static func fourierWeights(
    _ w: Floats, kernelHeight: Int, kernelWidth: Int, filters: Int, channels: Int, transposed: Bool, rows: Int,
    panel: Int, _ out: MutableFloats, outStride: Int
  ) {
    let realRows = transposed ? filters : channels
    let realColumns = transposed ? channels : filters
    let size = kernelHeight * kernelWidth
    let rowStep = (transposed ? channels : 1) * size
    let columnStep = (transposed ? 1 : channels) * size
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 500 * 8) { memory in
      guard let memory = memory.baseAddress else { return }
      let tile = HalfTile<V8>(base: memory)
      for row in 0..<rows {
        for half in 0..<panelWidth / 8 {
          let to = out + (panel * rows + row) * panelWidth + half * 8
          let column = panel * panelWidth + half * 8
          let lanes = row < realRows ? max(0, min(8, realColumns - column)) : 0
          guard lanes > 0 else {
            for plane in 0..<3 * Fourier.points { store(V8.zero, to + plane * outStride) }
            continue
          }
          let from = w + row * rowStep + column * columnStep
          for ky in 0..<kernelHeight {
            tile.transformRow(ky) { kx in
              var value = V8.zero
              if kx < kernelWidth {
                for lane in 0..<lanes { value[lane] = from[lane * columnStep + ky * kernelWidth + kx] }
              }
              return value
            }
          }
          for ky in kernelHeight..<20 { tile.clearRow(ky) }
          tile.transformColumns { point, re, im in
            let place = to + point * 3 * outStride
            if transposed {
              store(re, place)
              store(im - re, place + outStride)
              store(V8.zero - re - im, place + 2 * outStride)
            } else {
              store(re - im, place)
              store(re, place + outStride)
              store(im, place + 2 * outStride)
            }
          }
        }
      }
    }
  }

  /// Adds three products k[3, count] of a point to the real and imaginary part of a weight's gradient there.
  public static func fourierCombine(_ k: Floats, count: Int, _ re: MutableFloats, _ im: MutableFloats) {
    var index = 0
    while index < count {
      let k1 = load(k + index)
      store(load(re + index) + (k1 + load(k + count + index)), re + index)
      store(load(im + index) + (load(k + 2 * count + index) - k1), im + index)
      index += 8
    }
  }

  /// Gradients u[202, 2, channels padded, filters padded] of the transformed weights to gradients [filters, channels,
  /// height, width].
  public static func fourierWeightGradient(
    _ u: Floats, uStride: Int, kernelHeight: Int, kernelWidth: Int, filters: Int, channels: Int, paddedFilters: Int,
    _ out: MutableFloats
  ) {
    let size = kernelHeight * kernelWidth
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 500 * 8) { memory in
      guard let memory = memory.baseAddress else { return }
      let tile = HalfTile<V8>(base: memory)
      var filter = 0
      while filter < filters {
        let lanes = min(8, filters - filter)
        for channel in 0..<channels {
          let from = u + channel * paddedFilters + filter
          tile.restoreColumns(rows: kernelHeight) { point in
            (load(from + point * 2 * uStride), load(from + (point * 2 + 1) * uStride))
          }
          for ky in 0..<kernelHeight {
            tile.restoreRow(ky) { kx, value in
              guard kx < kernelWidth else { return }
              let scaled = value * splat(1.0 / 400)
              for lane in 0..<lanes {
                out[((filter + lane) * channels + channel) * size + ky * kernelWidth + kx] = scaled[lane]
              }
            }
          }
        }
        filter += 8
      }
    }
  }
}
