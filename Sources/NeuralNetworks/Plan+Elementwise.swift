import Tensors

extension PlanBuilder {
  mutating func addActivation(_ activation: Activation, to node: PlanNode) -> PlanNode {
    let count = node.count
    let x = node.value
    let dx = node.gradient
    switch activation {
    case .relu, .leakyRelu:
      let slope: Float = if case .leakyRelu(let given) = activation { given } else { 0 }
      // A slope below 0 loses the sign of x, which backward reads off y.
      let inPlace = node.mayBeOverwritten && slope >= 0
      var result = inPlace ? node : self.node(node.shape, layout: node.layout)
      result.mayBeOverwritten = false
      let y = result.value
      let dy = result.gradient
      forwardSlices { range, _ in
        let start = range.lowerBound * count
        kernels.reluForward(x.base + start, y.base + start, range.count * count, slope: slope)
      }
      guard let dx, let dy else { return result }
      let sign = slope < 0 ? x : y
      backwardSlices { range, _ in
        let start = range.lowerBound * count
        kernels.reluBackward(sign.base + start, dy.base + start, dx.base + start, range.count * count, slope: slope)
      }
      return result
    case .sigmoid, .tanh:
      let result = self.node(node.shape, layout: node.layout)
      let y = result.value
      let isTanh = activation == .tanh
      forwardSlices { range, _ in
        let (start, length) = (range.lowerBound * count, range.count * count)
        if isTanh {
          kernels.tanh(x.base + start, y.base + start, length)
        } else {
          kernels.sigmoid(x.base + start, y.base + start, length)
        }
      }
      guard let dx, let dy = result.gradient else { return result }
      backwardSlices { range, _ in
        for index in range.lowerBound * count..<range.upperBound * count {
          let value = y.base[index]
          dx.base[index] = dy.base[index] * (isTanh ? 1 - value * value : value * (1 - value))
        }
      }
      return result
    }
  }

  mutating func addDropout(_ rate: Double, to node: PlanNode) -> PlanNode {
    let number = nextLayerNumber()
    guard training, rate > 0 else { return node }
    var result = node.mayBeOverwritten ? node : self.node(node.shape, layout: node.layout)
    // A zero behind dropout is a dropped number or relu's: backward draws the mask again instead of reading it off.
    result.mayBeOverwritten = false
    let count = node.count
    let threshold = UInt32(min(4_294_967_295, (rate * 4_294_967_296).rounded()))
    let scale = Float(1 / (1 - rate))
    let (run, x, y) = (run, node.value, result.value)
    forwardSlices { range, _ in
      let start = range.lowerBound * count
      kernels.dropoutApply(
        x.base + start, y.base + start, count: range.count * count, first: UInt32(truncatingIfNeeded: start),
        key: Self.key(run.seed, number), threshold: threshold, scale: scale)
    }
    guard let dx = node.gradient, let dy = result.gradient else { return result }
    backwardSlices { range, _ in
      let start = range.lowerBound * count
      kernels.dropoutApply(
        dy.base + start, dx.base + start, count: range.count * count, first: UInt32(truncatingIfNeeded: start),
        key: Self.key(run.seed, number), threshold: threshold, scale: scale)
    }
    return result
  }

  /// A key for each (seed, layer), by SplitMix64's mixer.
  static func key(_ seed: UInt64, _ layer: UInt64) -> UInt32 {
    var z = seed &+ layer &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return UInt32(truncatingIfNeeded: (z ^ (z >> 31)) >> 16)
  }

  mutating func addNormalize(to node: PlanNode) -> PlanNode {
    let result = self.node(node.shape)
    let lengths = FloatBuffer(batch)
    let count = node.count
    let (x, y) = (node.value, result.value)
    forwardSlices { range, _ in
      for item in range {
        let from = x.base + item * count
        let length = max(1e-12, kernels.centredDot(from, from, count, 0, 0).squareRoot())
        lengths.base[item] = length
        kernels.affine(from, y.base + item * count, count, scale: 1 / length, shift: 0)
      }
    }
    guard let dx = node.gradient, let dy = result.gradient else { return result }
    backwardSlices { range, _ in
      for item in range {
        let at = item * count
        let along = kernels.centredDot(y.base + at, dy.base + at, count, 0, 0)
        let inverse = 1 / lengths.base[item]
        // dx = (dy − y (y · dy)) / length
        kernels.affine2(
          dy.base + at, y.base + at, dx.base + at, count, a: inverse, b: -along * inverse, c: 0)
      }
    }
    return result
  }

  mutating func addSqueezeExcite(_ reduction: Int, to node: PlanNode) -> PlanNode {
    let (channels, pixels) = (node.shape[0], node.shape[1] * node.shape[2])
    var entry = node
    entry.mayBeOverwritten = false
    let (x, dx) = (node.value, node.gradient)
    let side = dx.map { FloatBuffer($0.count) }
    if let dx, let side {
      backwardSlices { range, _ in
        let start = range.lowerBound * channels * pixels
        kernels.accumulate(side.base + start, into: dx.base + start, range.count * channels * pixels)
      }
    }
    let gates = add(
      [.globalPool] + Layer.squeezeLayers(channels: channels, reduction: reduction), to: entry)
    let result = self.node(node.shape, mayBeOverwritten: true)
    let (y, gate) = (result.value, gates.value)
    forwardSlices { range, _ in
      for plane in range.lowerBound * channels..<range.upperBound * channels {
        kernels.affine(
          x.base + plane * pixels, y.base + plane * pixels, pixels, scale: gate.base[plane], shift: 0)
      }
    }
    guard let dy = result.gradient, let dGate = gates.gradient else { return result }
    backwardSlices { range, _ in
      for plane in range.lowerBound * channels..<range.upperBound * channels {
        let at = plane * pixels
        dGate.base[plane] = kernels.centredDot(x.base + at, dy.base + at, pixels, 0, 0)
        if let side {
          kernels.affine(dy.base + at, side.base + at, pixels, scale: gate.base[plane], shift: 0)
        }
      }
    }
    return result
  }
}
