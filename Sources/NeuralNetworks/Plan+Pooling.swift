import Tensors

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
          kernels.maxPoolForward(
            x.base + item * inCount, shape, y.base + item * outCount, places.base + item * outCount)
        } else {
          kernels.avgPool(x.base + item * inCount, shape, y.base + item * outCount, backward: false)
        }
      }
    }
    guard let dx = node.gradient, let dy = result.gradient else { return result }
    backwardSlices { range, _ in
      for item in range {
        if isMax {
          kernels.maxPoolBackward(
            dy.base + item * outCount, shape, places.base + item * outCount, dx.base + item * inCount)
        } else {
          kernels.avgPool(dx.base + item * inCount, shape, dy.base + item * outCount, backward: true)
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
        y.base[plane] = kernels.sum(x.base + plane * pixels, pixels) / Float(pixels)
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
}
