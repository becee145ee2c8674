import Kernels

/// Bytes or places beside the floats of a plan.
final class PlaneBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
  let base: UnsafeMutablePointer<Element>

  init(_ count: Int, repeating value: Element) {
    base = .allocate(capacity: count + FloatBuffer.slack)
    base.initialize(repeating: value, count: count + FloatBuffer.slack)
  }

  deinit { base.deallocate() }
}

extension PlanBuilder {
  mutating func addPool(_ window: Window, max isMax: Bool, to node: PlanNode) -> PlanNode {
    guard
      let sliding = SlidingShape(node.shape, kernel: window.size, stride: window.stride, padding: window.padding)
    else { return node }
    let result = self.node([sliding.channels, sliding.outHeight, sliding.outWidth], mayBeOverwritten: true)
    let shape = ColumnsShape(sliding)
    let (inCount, outCount) = (node.count, result.count)
    let (x, y) = (node.value, result.value)
    let places = PlaneBuffer<Int32>(isMax ? outCount * batch : 0, repeating: 0)
    forwardSlices { range, _ in
      for item in range {
        if isMax {
          maxPoolForward(x.base + item * inCount, shape, y.base + item * outCount, places.base + item * outCount)
        } else {
          avgPool(x.base + item * inCount, shape, y.base + item * outCount, backward: false)
        }
      }
    }
    guard let dx = node.gradient, let dy = result.gradient else { return result }
    backwardSlices { range, _ in
      for item in range {
        if isMax {
          maxPoolBackward(dy.base + item * outCount, shape, places.base + item * outCount, dx.base + item * inCount)
        } else {
          avgPool(dx.base + item * inCount, shape, dy.base + item * outCount, backward: true)
        }
      }
    }
    return result
  }

  mutating func addGlobalPool(to node: PlanNode) -> PlanNode {
    let (channels, pixels) = (node.shape[0], node.shape[1] * node.shape[2])
    let result = self.node([channels], mayBeOverwritten: true)
    let (x, y) = (node.value, result.value)
    forwardSlices { range, _ in
      for plane in range.lowerBound * channels..<range.upperBound * channels {
        y.base[plane] = Kernel.sum(x.base + plane * pixels, pixels) / Float(pixels)
      }
    }
    guard let dx = node.gradient, let dy = result.gradient else { return result }
    backwardSlices { range, _ in
      for plane in range.lowerBound * channels..<range.upperBound * channels {
        (dx.base + plane * pixels).update(repeating: dy.base[plane] / Float(pixels), count: pixels)
      }
    }
    return result
  }

  mutating func addBatchNorm(_ momentum: Double, _ epsilon: Double, to node: PlanNode) -> PlanNode {
    let (scale, shift, mean, variance) = (nextWeights(), nextWeights(), nextWeights(), nextWeights())
    let channels = node.shape[0]
    let pixels = node.shape.dropFirst().reduce(1, *)
    let result = self.node(node.shape, mayBeOverwritten: true)
    let (x, y, run) = (node.value, result.value, self.run)
    let epsilon = Float(epsilon)
    guard training, let dy = result.gradient else {
      forwardSlices { range, _ in
        for plane in range.lowerBound * channels..<range.upperBound * channels {
          let channel = plane % channels
          let factor = scale.buffer.base[channel] / (variance.buffer.base[channel] + epsilon).squareRoot()
          let offset = shift.buffer.base[channel] - mean.buffer.base[channel] * factor
          Kernel.affine(x.base + plane * pixels, y.base + plane * pixels, pixels, scale: factor, shift: offset)
        }
      }
      return result
    }
    // The batch's mean and 1 / √(variance + epsilon).
    let statistics = FloatBuffer(2 * channels)
    let momentum = Float(momentum)
    forwardTasks(channels) { channel in
      let total = Float(max(1, run.items * pixels))
      var sum: Double = 0
      for item in 0..<run.items { sum += Double(Kernel.sum(x.base + (item * channels + channel) * pixels, pixels)) }
      let m = Float(sum / Double(total))
      var square: Double = 0
      for item in 0..<run.items {
        let plane = x.base + (item * channels + channel) * pixels
        square += Double(Kernel.centredDot(plane, plane, pixels, m, m))
      }
      let v = Float(square / Double(total))
      let inverse = 1 / (v + epsilon).squareRoot()
      statistics.base[channel] = m
      statistics.base[channels + channel] = inverse
      mean.buffer.base[channel] = momentum * mean.buffer.base[channel] + (1 - momentum) * m
      variance.buffer.base[channel] = momentum * variance.buffer.base[channel] + (1 - momentum) * v
      let factor = scale.buffer.base[channel] * inverse
      let offset = shift.buffer.base[channel] - m * factor
      for item in 0..<run.items {
        let at = (item * channels + channel) * pixels
        Kernel.affine(x.base + at, y.base + at, pixels, scale: factor, shift: offset)
      }
    }
    let dx = node.gradient
    backwardTasks(channels) { channel in
      let total = Float(max(1, run.items * pixels))
      let (m, inverse) = (statistics.base[channel], statistics.base[channels + channel])
      var sum: Double = 0
      var along: Double = 0
      for item in 0..<run.items {
        let at = (item * channels + channel) * pixels
        sum += Double(Kernel.sum(dy.base + at, pixels))
        along += Double(Kernel.centredDot(x.base + at, dy.base + at, pixels, m, 0))
      }
      let dShift = Float(sum)
      let dScale = Float(along) * inverse
      let (gScale, gShift) = (scale.gradientBuffer.base, shift.gradientBuffer.base)
      gScale[channel] = (run.accumulate ? gScale[channel] : 0) + dScale
      gShift[channel] = (run.accumulate ? gShift[channel] : 0) + dShift
      guard let dx else { return }
      // dx = factor · (dy − mean(dy) − x̂ · mean(dy · x̂))
      let factor = scale.buffer.base[channel] * inverse
      let b = -factor * inverse * dScale / total
      let c = -factor * dShift / total - b * m
      for item in 0..<run.items {
        let at = (item * channels + channel) * pixels
        Kernel.affine2(dy.base + at, x.base + at, dx.base + at, pixels, a: factor, b: b, c: c)
      }
    }
    return result
  }
}
