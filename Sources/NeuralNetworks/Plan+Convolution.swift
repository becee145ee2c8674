import Kernels

/// One buffer for each slice: slices run at the same time, each on one thread.
final class SliceScratch: @unchecked Sendable {
  private let buffer: FloatBuffer
  private let stride: Int

  init(_ count: Int, slices: Int) {
    stride = (count + FloatBuffer.slack + 15) / 16 * 16
    buffer = FloatBuffer(stride * slices)
  }

  func base(_ slice: Int) -> MutableFloats { buffer.base + slice * stride }
}

extension ColumnsShape {
  init(_ s: SlidingShape) {
    self.init(
      channels: s.channels, height: s.height, width: s.width, kernelHeight: s.kernel.height,
      kernelWidth: s.kernel.width, strideY: s.stride.height, strideX: s.stride.width, top: s.border.top,
      left: s.border.left, outHeight: s.outHeight, outWidth: s.outWidth)
  }

  /// The same for some of the output's rows.
  func rows(_ range: Range<Int>) -> ColumnsShape {
    var part = self
    part.top = top - range.lowerBound * strideY
    part.outHeight = range.count
    return part
  }
}

extension PlanBuilder {
  /// Any convolution: columns in blocks that fit the second-level cache, and a matrix product.
  mutating func addConvolution(_ conv: Convolution, to node: PlanNode) -> PlanNode {
    let weights = nextWeights()
    let bias = conv.bias ? nextWeights() : nil
    guard
      let sliding = SlidingShape(node.shape, kernel: conv.kernel, stride: conv.stride, padding: conv.padding)
    else { return node }
    let result = self.node([conv.filters, sliding.outHeight, sliding.outWidth], mayBeOverwritten: true)
    let columns = ColumnsShape(sliding)
    let filters = conv.filters
    let depth = sliding.channels * conv.kernel.height * conv.kernel.width
    let pixels = sliding.outHeight * sliding.outWidth
    let (inCount, outCount) = (node.count, filters * pixels)
    let blockRows = max(1, min(sliding.outHeight, 300_000 / max(1, depth * sliding.outWidth)))
    let scratch = SliceScratch(depth * blockRows * sliding.outWidth, slices: slices)
    let (x, y) = (node.value, result.value)
    forwardSlices { range, slice in
      let block = scratch.base(slice)
      for item in range {
        let out = y.base + item * outCount
        for row in stride(from: 0, to: columns.outHeight, by: blockRows) {
          let rows = row..<min(columns.outHeight, row + blockRows)
          let count = rows.count * columns.outWidth
          Kernel.imageToColumns(x.base + item * inCount, columns.rows(rows), block)
          gemm(filters, count, depth, weights.buffer.base, depth, block, count, out + row * columns.outWidth, pixels)
        }
        guard let bias else { continue }
        for filter in 0..<filters {
          let plane = out + filter * pixels
          Kernel.affine(plane, plane, pixels, scale: 1, shift: bias.buffer.base[filter])
        }
      }
    }
    guard training, let dy = result.gradient else { return result }
    let parts = gradientParts(of: weights)
    let biasParts = bias.map { gradientParts(of: $0) }
    let dx = node.gradient
    let back = SliceScratch(dx == nil ? 0 : depth * blockRows * sliding.outWidth, slices: slices)
    backwardSlices { range, slice in
      let block = scratch.base(slice)
      let backBlock = back.base(slice)
      let gradient = parts.base + slice * weights.count
      gradient.update(repeating: 0, count: weights.count)
      if let biasParts { (biasParts.base + slice * filters).update(repeating: 0, count: filters) }
      for item in range {
        let from = dy.base + item * outCount
        if let biasParts {
          for filter in 0..<filters {
            biasParts.base[slice * filters + filter] += Kernel.sum(from + filter * pixels, pixels)
          }
        }
        if let dx { (dx.base + item * inCount).update(repeating: 0, count: inCount) }
        for row in stride(from: 0, to: columns.outHeight, by: blockRows) {
          let rows = row..<min(columns.outHeight, row + blockRows)
          let count = rows.count * columns.outWidth
          let part = from + row * columns.outWidth
          Kernel.imageToColumns(x.base + item * inCount, columns.rows(rows), block)
          gemm(filters, depth, count, part, pixels, block, count, transposeB: true, gradient, depth, beta: 1)
          guard let dx else { continue }
          gemm(depth, count, filters, weights.buffer.base, depth, transposeA: true, part, pixels, backBlock, count)
          Kernel.columnsToImage(backBlock, columns.rows(rows), dx.base + item * inCount)
        }
      }
    }
    return result
  }

  mutating func addDense(_ units: Int, bias hasBias: Bool, to node: PlanNode) -> PlanNode {
    let weights = nextWeights()
    let bias = hasBias ? nextWeights() : nil
    let inputs = node.count
    let result = self.node([units], mayBeOverwritten: true)
    let (x, y, run, batch) = (node.value, result.value, self.run, self.batch)
    // Whichever is longer is split; the number of parts follows from the sizes alone.
    let byUnits = units > 2 * batch
    let size = byUnits ? 256 : max(16, (batch + 3) / 4)
    let parts = ((byUnits ? units : batch) + size - 1) / size
    forwardTasks(parts) { part in
      let start = part * size
      let rows = byUnits ? 0..<run.items : min(start, run.items)..<min(start + size, run.items)
      let columns = byUnits ? start..<min(start + size, units) : 0..<units
      let out = y.base + rows.lowerBound * units + columns.lowerBound
      if let bias {
        for row in 0..<rows.count {
          (out + row * units).update(from: bias.buffer.base + columns.lowerBound, count: columns.count)
        }
      }
      gemm(
        rows.count, columns.count, inputs, x.base + rows.lowerBound * inputs, inputs,
        weights.buffer.base + columns.lowerBound * inputs, inputs, transposeB: true, out, units,
        beta: bias == nil ? 0 : 1)
    }
    guard training, let dy = result.gradient else { return result }
    let block = max(64, (inputs + 15) / 16)
    let blocks = (inputs + block - 1) / block
    let dx = node.gradient
    backwardTasks(blocks) { part in
      let columns = part * block..<min(inputs, (part + 1) * block)
      gemm(
        units, columns.count, run.items, dy.base, units, transposeA: true, x.base + columns.lowerBound, inputs,
        weights.gradientBuffer.base + columns.lowerBound, inputs, beta: run.accumulate ? 1 : 0)
      if let dx {
        gemm(
          run.items, columns.count, units, dy.base, units, weights.buffer.base + columns.lowerBound, inputs,
          dx.base + columns.lowerBound, inputs)
      }
      guard part == 0, let bias else { return }
      let gradient = bias.gradientBuffer.base
      if !run.accumulate { gradient.update(repeating: 0, count: units) }
      for row in 0..<run.items { Kernel.accumulate(dy.base + row * units, into: gradient, units) }
    }
    return result
  }
}
