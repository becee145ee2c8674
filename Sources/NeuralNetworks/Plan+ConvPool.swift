import Tensors

extension PlanBuilder {
  /// conv → relu → maxpool(2) in one pass: neither the convolution's sums nor relu's result are kept, only the pooled
  /// numbers and where each maximum stood.
  mutating func addConvPool(
    _ conv: Convolution, _ sliding: SlidingShape, relu: Bool, to node: PlanNode
  ) -> PlanNode {
    let weights = nextWeights()
    let bias = conv.bias ? nextWeights() : nil
    let (filters, channels) = (conv.filters, sliding.channels)
    let (rows, columns) = (sliding.outHeight / 2, sliding.outWidth / 2)
    let result = self.node([filters, rows, columns], mayBeOverwritten: true)
    let codes = PlaneBuffer<UInt8>(filters * rows * columns * batch, repeating: 4)
    let border = sliding.border
    let height = sliding.height + border.top + border.bottom
    let width = sliding.width + border.left + border.right
    let shape = DirectShape(
      channels: channels, height: height, width: width, filters: filters, kernelHeight: conv.kernel.height,
      kernelWidth: conv.kernel.width)
    let depth = channels * conv.kernel.height * conv.kernel.width
    let packed = FloatBuffer((filters + 5) / 6 * 6 * depth)
    let packedBias = FloatBuffer(filters + 6)
    let hasBorder = border != Border()
    let (inCount, outCount, pooled) = (node.count, filters * rows * columns, rows * columns)
    let padded = SliceScratch(channels * height * width, slices: slices)
    let (x, y) = (node.value, result.value)
    prepareTasks(1) { _ in
      if let bias { packedBias.copy(from: bias.buffer) }
      kernels.packDirectWeights(weights.buffer.base, shape, into: packed.base)
    }
    // Above about so many channels the matrix product's blocking wins over the direct kernel.
    if channels <= 24 {
      forwardSlices { range, slice in
        for item in range {
          var image = Floats(x.base + item * inCount)
          if hasBorder {
            let scratch = padded.base(slice)
            Self.pad(image, sliding, height, width, scratch)
            image = Floats(scratch)
          }
          kernels.convPoolForward(
            image, shape, packed.base, packedBias.base, relu: relu, y.base + item * outCount,
            codes.base + item * outCount)
        }
      }
    } else {
      let all = ColumnsShape(sliding)
      let pixels = sliding.outHeight * sliding.outWidth
      let blockRows = max(1, min(sliding.outHeight, 300_000 / max(1, depth * sliding.outWidth)))
      let block = SliceScratch(depth * blockRows * sliding.outWidth, slices: slices)
      let sums = SliceScratch(filters * pixels, slices: slices)
      forwardSlices { range, slice in
        let out = sums.base(slice)
        for item in range {
          for row in stride(from: 0, to: all.outHeight, by: blockRows) {
            let part = row..<min(all.outHeight, row + blockRows)
            let count = part.count * all.outWidth
            kernels.imageToColumns(x.base + item * inCount, all.rows(part), block.base(slice))
            gemm(
              filters, count, depth, weights.buffer.base, depth, block.base(slice), count,
              out + row * all.outWidth, pixels)
          }
          kernels.biasReluPool(
            out, filters: filters, height: all.outHeight, width: all.outWidth, packedBias.base, relu: relu,
            y.base + item * outCount, codes.base + item * outCount)
        }
      }
    }
    guard training, let dy = result.gradient else { return result }
    let taps = SparseTaps(conv.kernel, channels: channels, width: width)
    let spread = FloatBuffer(filters * taps.count * 8)
    let dx = node.gradient
    if dx != nil {
      forwardTasks(1) { _ in taps.spread(weights.buffer.base, filters: filters, into: spread.base) }
    }
    let gradients = gradientParts(of: weights)
    let biasGradients = bias.map { gradientParts(of: $0) }
    let lastImage = SliceScratch(channels * height * width, slices: slices)
    let lastGradient = SliceScratch(dx == nil ? 0 : channels * height * width, slices: slices)
    let wide = SliceScratch(filters * taps.count * 8, slices: slices)
    let values = SliceScratch(pooled, slices: slices)
    let offsets = (0..<slices).map { _ in PlaneBuffer<Int32>(pooled, repeating: 0) }
    backwardSlices { range, slice in
      let wideGradient = wide.base(slice)
      wideGradient.update(repeating: 0, count: filters * taps.count * 8)
      if let biasGradients { (biasGradients.base + slice * filters).update(repeating: 0, count: filters) }
      let (image, gradient, value, offset) = (
        lastImage.base(slice), lastGradient.base(slice), values.base(slice), offsets[slice].base
      )
      for item in range {
        var planes = Floats(x.base + item * inCount)
        if hasBorder {
          Self.pad(planes, sliding, height, width, padded.base(slice))
          planes = Floats(padded.base(slice))
        }
        if channels > 1 {
          kernels.channelsLast(planes, channels: channels, pixels: height * width, image)
          planes = Floats(image)
        }
        if dx != nil { gradient.update(repeating: 0, count: channels * height * width) }
        for filter in 0..<filters {
          let at = item * outCount + filter * pooled
          let count = kernels.listGradients(
            dy.base + at, codes.base + at, rows: rows, columns: columns, width: width, channels: channels, offset,
            value)
          if let biasGradients { biasGradients.base[slice * filters + filter] += kernels.sum(value, count) }
          kernels.sparseWeightGradient(
            planes, offset, value, count, taps.offsets.base, taps.count, wideGradient + filter * taps.count * 8)
          if dx != nil {
            kernels.sparseInputGradient(
              gradient, offset, value, count, taps.offsets.base, taps.count, spread.base + filter * taps.count * 8)
          }
        }
        if let dx {
          let out = dx.base + item * inCount
          if hasBorder {
            kernels.channelsFirst(gradient, channels: channels, pixels: height * width, padded.base(slice))
            Self.crop(padded.base(slice), sliding, height, width, out)
          } else {
            kernels.channelsFirst(gradient, channels: channels, pixels: height * width, out)
          }
        }
      }
      taps.gather(wideGradient, filters: filters, into: gradients.base + slice * weights.count)
    }
    return result
  }

  private static func pad(_ x: Floats, _ s: SlidingShape, _ height: Int, _ width: Int, _ out: MutableFloats) {
    out.update(repeating: 0, count: s.channels * height * width)
    for channel in 0..<s.channels {
      for row in 0..<s.height {
        let to = out + (channel * height + row + s.border.top) * width + s.border.left
        to.update(from: x + (channel * s.height + row) * s.width, count: s.width)
      }
    }
  }

  private static func crop(_ x: Floats, _ s: SlidingShape, _ height: Int, _ width: Int, _ out: MutableFloats) {
    for channel in 0..<s.channels {
      for row in 0..<s.height {
        let from = x + (channel * height + row + s.border.top) * width + s.border.left
        (out + (channel * s.height + row) * s.width).update(from: from, count: s.width)
      }
    }
  }
}

/// A kernel as vectors of eight over an image [height, width, channels]: each of its rows is one stretch of
/// width · channels numbers, cut into eights, zeros behind the end.
final class SparseTaps: Sendable {
  let count: Int
  let offsets: PlaneBuffer<Int>
  private let kernel: Extent
  private let channels: Int
  private let vectors: Int

  init(_ kernel: Extent, channels: Int, width: Int) {
    self.kernel = kernel
    self.channels = channels
    vectors = (kernel.width * channels + 7) / 8
    count = vectors * kernel.height
    offsets = PlaneBuffer<Int>(count, repeating: 0)
    for row in 0..<kernel.height {
      for vector in 0..<vectors { offsets.base[row * vectors + vector] = row * width * channels + vector * 8 }
    }
  }

  /// Weights [filters, channels, kh, kw] to [filters, count, 8].
  func spread(_ weights: Floats, filters: Int, into out: MutableFloats) {
    out.update(repeating: 0, count: filters * count * 8)
    walk(filters) { plain, wide in out[wide] = weights[plain] }
  }

  /// The reverse.
  func gather(_ wide: Floats, filters: Int, into out: MutableFloats) {
    walk(filters) { plain, place in out[plain] = wide[place] }
  }

  @inline(__always)
  private func walk(_ filters: Int, _ body: (_ plain: Int, _ wide: Int) -> Void) {
    var plain = 0
    for filter in 0..<filters {
      for channel in 0..<channels {
        for ky in 0..<kernel.height {
          for kx in 0..<kernel.width {
            body(plain, (filter * count + ky * vectors) * 8 + kx * channels + channel)
            plain += 1
          }
        }
      }
    }
  }
}
