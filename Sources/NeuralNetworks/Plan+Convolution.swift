import Tensors

/// One buffer for each slice: slices run at the same time, each on one thread.
final class SliceScratch: Sendable {
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
    gatherItems(node)
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
        adds: bias != nil)
    }
    isWhole(result)
    guard training, let dy = result.gradient else { return result }
    let block = max(64, (inputs + 15) / 16)
    let blocks = (inputs + block - 1) / block
    let dx = node.gradient
    backwardTasks(blocks) { part in
      let columns = part * block..<min(inputs, (part + 1) * block)
      gemm(
        units, columns.count, run.items, dy.base, units, transposeA: true, x.base + columns.lowerBound, inputs,
        weights.gradientBuffer.base + columns.lowerBound, inputs, adds: run.accumulate)
      if let dx {
        gemm(
          run.items, columns.count, units, dy.base, units, weights.buffer.base + columns.lowerBound, inputs,
          dx.base + columns.lowerBound, inputs)
      }
      guard part == 0, let bias else { return }
      let gradient = bias.gradientBuffer.base
      if !run.accumulate { gradient.update(repeating: 0, count: units) }
      for row in 0..<run.items { kernels.accumulate(dy.base + row * units, into: gradient, units) }
    }
    gatherGradients(result)
    return result
  }
}
