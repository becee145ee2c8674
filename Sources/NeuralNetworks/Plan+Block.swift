import Tensors

/// A run of layers that becomes one block: a convolution, batch normalisation, relu and pooling, each of them optional.
struct BlockLayers {
  var convolution: Convolution?
  var norm: (momentum: Double, epsilon: Double)?
  /// Of the activation's other side: 0 for relu, 1 where there is none.
  var slope: Float = 1
  /// 2×2 with stride 2.
  var pools = false
  /// How many layers were taken.
  var count = 0

  /// The longest run at the front that fits; `count` 0 where none does.
  init(_ layers: ArraySlice<Layer>, shape: [Int]) {
    var rest = layers
    var shape = shape
    if let conv = rest.first?.kind as? ConvolutionLayer, let after = try? conv.outputShape(of: shape) {
      convolution = conv.convolution
      shape = after
      rest = rest.dropFirst()
    }
    if let batchNorm = rest.first?.kind as? BatchNormLayer {
      norm = (batchNorm.momentum, batchNorm.epsilon)
      rest = rest.dropFirst()
    }
    guard convolution != nil || norm != nil else { return }
    if let activation = rest.first?.kind as? ActivationLayer {
      switch activation.activation {
      case .relu: slope = 0
      case .leakyRelu(let given) where given >= 0: slope = given
      default: break
      }
      if slope != 1 { rest = rest.dropFirst() }
    }
    if slope == 0 || slope == 1, let pool = rest.first?.kind as? MaxPoolLayer,
      pool.window == Window(size: Extent(2)), shape.count == 3, shape[1] >= 2, shape[2] >= 2
    {
      pools = true
      rest = rest.dropFirst()
    }
    count = layers.count - rest.count
  }
}

/// What a batch normalisation knows of its batch, channel by channel, filled up with zeros to a multiple of 8.
final class ChannelStatistics: Sendable {
  let channels: Int
  /// Of the sums before the bias.
  let mean: FloatBuffer
  let inverse: FloatBuffer
  /// y = factor · x + offset.
  let factor: FloatBuffer
  let offset: FloatBuffer
  /// dx = a · dy + b · x + c.
  let a: FloatBuffer
  let b: FloatBuffer
  let c: FloatBuffer
  /// Zeros.
  let nothing: FloatBuffer
  /// A slice's first pixel, near enough to its mean.
  let about: FloatBuffer
  /// [slices, channels] each.
  let sums: PlaneBuffer<Double>
  let products: PlaneBuffer<Double>

  init(channels: Int, slices: Int) {
    self.channels = channels
    mean = FloatBuffer(channels)
    inverse = FloatBuffer(channels)
    factor = FloatBuffer(channels)
    offset = FloatBuffer(channels)
    a = FloatBuffer(channels)
    b = FloatBuffer(channels)
    c = FloatBuffer(channels)
    nothing = FloatBuffer(channels)
    about = FloatBuffer(channels * slices)
    sums = PlaneBuffer<Double>(channels * slices, repeating: 0)
    products = PlaneBuffer<Double>(channels * slices, repeating: 0)
    for channel in 0..<channels {
      factor.base[channel] = 1
      a.base[channel] = 1
    }
  }

  func clear(_ slice: Int) {
    (sums.base + slice * channels).update(repeating: 0, count: channels)
    (products.base + slice * channels).update(repeating: 0, count: channels)
  }

  /// The mean and the variance (of all, not of all but one) from the slices' sums, in their order (Chan et al. 1979).
  func moments(_ channel: Int, counts: [Int]) -> (mean: Double, variance: Double) {
    var (total, mean, square) = (0.0, 0.0, 0.0)
    for (slice, count) in counts.enumerated() where count > 0 {
      let at = slice * channels + channel
      let n = Double(count)
      let sliceMean = Double(about.base[at]) + sums.base[at] / n
      let sliceSquare = max(0, products.base[at] - sums.base[at] * sums.base[at] / n)
      let difference = sliceMean - mean
      square += sliceSquare + difference * difference * total * n / (total + n)
      mean += difference * n / (total + n)
      total += n
    }
    return (mean, total > 0 ? square / total : 0)
  }
}

extension PlanBuilder {
  /// Batch normalisation's arrays of a network.
  private struct NormWeights {
    let scale, shift, mean, variance: Weights
  }

  /// A block over images [height, width, channels]. The convolution's sums are kept (in training, where batch
  /// normalisation needs them again) or live in scratch; what follows them is done in one pass each way.
  mutating func addBlock(_ block: BlockLayers, to input: PlanNode) -> PlanNode {
    var node = input
    let convolution: (any BlockConvolution)?
    let weights: Weights?
    let bias: Weights?
    let shape: [Int]
    if let conv = block.convolution {
      guard
        let sliding = SlidingShape(input.shape, kernel: conv.kernel, stride: conv.stride, padding: conv.padding)
      else { return input }
      let array = nextWeights()
      weights = array
      bias = conv.bias ? nextWeights() : nil
      // A few channels are put side by side with the border; more are brought into order for all layers to come.
      let planar = input.layout == .planes && sliding.channels <= 4
      if !planar { node = channelsLast(input) }
      let wantsInput = training && node.gradient != nil
      if !planar, let geometry = Self.fourier(conv, sliding) {
        convolution = FourierConvolution(
          sliding, geometry, filters: conv.filters, weights: array.buffer, inputGradient: wantsInput)
      } else if !planar, let geometry = Self.winograd(conv, sliding) {
        convolution = WinogradConvolution(
          sliding, geometry, filters: conv.filters, weights: array.buffer, inputGradient: wantsInput)
      } else {
        convolution = PanelConvolution(
          sliding, filters: conv.filters, weights: array.buffer, planar: planar, inputGradient: wantsInput)
      }
      shape = [conv.filters, sliding.outHeight, sliding.outWidth]
    } else {
      (convolution, weights, bias, shape) = (nil, nil, nil, input.shape)
      node = channelsLast(input)
    }
    let norm = block.norm.map { norm in
      (
        weights: NormWeights(
          scale: nextWeights(), shift: nextWeights(), mean: nextWeights(), variance: nextWeights()),
        momentum: Float(norm.momentum), epsilon: Float(norm.epsilon)
      )
    }
    let (height, width) = shape.count == 3 ? (shape[1], shape[2]) : (1, 1)
    let after = block.pools ? [shape[0], height / 2, width / 2] : shape
    var result = self.node(after, layout: .channelsLast)
    // Backward reads relu's sign off the result where nothing else was kept.
    let readsResult = block.slope != 1 && norm == nil && !block.pools
    result.mayBeOverwritten = !readsResult
    let (pixels, pooled) = (height * width, after.count == 3 ? after[1] * after[2] : 1)
    let channels = roundedUp(shape[0], to: 8)
    let real = shape[0]
    let statistics = ChannelStatistics(channels: channels, slices: slices)
    let (rawCount, outCount, inCount) = (pixels * channels, pooled * channels, node.count)
    let (x, y, slope, pools, pool) = (node.value, result.value, block.slope, block.pools, scratch)
    let keepsSums = training && norm != nil
    // The sums of a few taps are made three times rather than kept: arithmetic is cheaper than memory there.
    let makesAgain = keepsSums && pools && (convolution as? PanelConvolution).map { $0.taps <= 32 } ?? false
    // The sums: of a convolution, or what came in.
    let kept = convolution == nil ? node.value : FloatBuffer(keepsSums && !makesAgain ? rawCount * batch : 0)
    let keepsCodes = training && pools
    let codes = PlaneBuffer<UInt32>(keepsCodes ? outCount / 8 * batch : 0, repeating: 0)
    let chosen = FloatBuffer(training && pools && norm != nil ? outCount * batch : 0)
    let group = convolution?.group ?? 1

    if let convolution {
      prepareTasks(convolution.panels) { convolution.prepare($0) }
      let inScratch = pools && !keepsSums || makesAgain ? group * rawCount : 0
      pool.reserve(roundedUp(inScratch, to: 16) + 64 + convolution.forwardScratch)
    }
    let withBias = bias?.buffer
    if !keepsSums {
      prepareTasks(1) { _ in
        for channel in 0..<real {
          let b = withBias?.base[channel] ?? 0
          guard let norm else {
            statistics.offset.base[channel] = b
            continue
          }
          let w = norm.weights
          let factor = w.scale.buffer.base[channel] / (w.variance.buffer.base[channel] + norm.epsilon).squareRoot()
          statistics.factor.base[channel] = factor
          statistics.offset.base[channel] = w.shift.buffer.base[channel] + (b - w.mean.buffer.base[channel]) * factor
        }
      }
    }
    let changesSums = pools || slope != 1 || norm != nil || bias != nil
    /// From the sums of one item to its result.
    let finish: @Sendable (Floats, Int) -> Void = { sums, item in
      let to = y.base + item * outCount
      if pools {
        kernels.channelAffinePool(
          sums, height: height, width: width, channels: channels, factor: statistics.factor.base,
          offset: statistics.offset.base, relu: slope == 0, to,
          chosen: chosen.count > 0 ? chosen.base + item * outCount : nil,
          codes: keepsCodes ? codes.base + item * (outCount / 8) : nil)
      } else if changesSums {
        kernels.channelAffine(
          sums, pixels: pixels, channels: channels, factor: statistics.factor.base,
          offset: statistics.offset.base, slope: slope, to)
      }
    }
    forwardSlices { range, slice in
      if keepsSums {
        statistics.clear(slice)
        let about = statistics.about.base + slice * channels
        pool.with { memory in
          for start in stride(from: range.lowerBound, to: range.upperBound, by: group) {
            let items = min(group, range.upperBound - start)
            let sums = makesAgain ? memory : kept.base + start * rawCount
            let rest = memory + (makesAgain ? roundedUp(group * rawCount, to: 16) + 64 : 0)
            convolution?.forward(x.base + start * inCount, items: items, sums, rest)
            if start == range.lowerBound { about.update(from: sums, count: channels) }
            for item in 0..<items {
              kernels.channelMoments(
                sums + item * rawCount, pixels: pixels, channels: channels, about: about,
                sums: statistics.sums.base + slice * channels, squares: statistics.products.base + slice * channels)
            }
          }
        }
      } else if let convolution {
        pool.with { memory in
          let sums = memory
          let rest = memory + (pools ? roundedUp(group * rawCount, to: 16) + 64 : 0)
          for start in stride(from: range.lowerBound, to: range.upperBound, by: group) {
            let items = min(group, range.upperBound - start)
            let to = pools ? sums : y.base + start * rawCount
            convolution.forward(x.base + start * inCount, items: items, to, rest)
            for place in 0..<items { finish(Floats(to + place * rawCount), start + place) }
          }
        }
      } else {
        for item in range { finish(kept.base + item * rawCount, item) }
      }
    }
    let (run, sliceSize, slices) = (self.run, self.sliceSize, self.slices)
    let counts: @Sendable () -> [Int] = {
      (0..<slices).map { (min(run.items, ($0 + 1) * sliceSize) - min(run.items, $0 * sliceSize)) * pixels }
    }
    if keepsSums, let norm {
      forwardTasks(1) { _ in
        let counts = counts()
        let w = norm.weights
        for channel in 0..<real {
          let (mean, variance) = statistics.moments(channel, counts: counts)
          let inverse = 1 / (Float(variance) + norm.epsilon).squareRoot()
          let factor = w.scale.buffer.base[channel] * inverse
          statistics.mean.base[channel] = Float(mean)
          statistics.inverse.base[channel] = inverse
          statistics.factor.base[channel] = factor
          // The bias shifts the mean by as much, and so is nowhere in the result.
          statistics.offset.base[channel] = w.shift.buffer.base[channel] - Float(mean) * factor
          let shifted = Float(mean) + (withBias?.base[channel] ?? 0)
          let (m, v) = (w.mean.buffer.base, w.variance.buffer.base)
          m[channel] = norm.momentum * m[channel] + (1 - norm.momentum) * shifted
          v[channel] = norm.momentum * v[channel] + (1 - norm.momentum) * Float(variance)
        }
      }
      forwardSlices { range, _ in
        guard makesAgain, let convolution else {
          for item in range { finish(kept.base + item * rawCount, item) }
          return
        }
        pool.with { memory in
          for item in range {
            convolution.forward(
              x.base + item * inCount, items: 1, memory, memory + roundedUp(group * rawCount, to: 16) + 64)
            finish(memory, item)
          }
        }
      }
    }
    guard training, let dy = result.gradient else { return result }

    // Backward, the last phase first: sums of the weights' gradients; from the block's gradient to the convolution's
    // and through it; batch normalisation's means over the batch, and before them their parts.
    let parts = weights.map { gradientParts(of: $0) }
    let weightCount = weights?.count ?? 0
    let dx = node.gradient
    let isPlain = slope == 1 && !pools && norm == nil
    let biasParts = norm == nil ? bias.map { gradientParts(of: $0, stride: channels) } : nil
    let biasSums = biasParts.map { _ in PlaneBuffer<Double>(2 * channels * slices, repeating: 0) }
    /// The gradient of one item's sums.
    let unwind: @Sendable (Int, MutableFloats, MutableFloats) -> Void = { item, to, memory in
      let from = dy.base + item * outCount
      if pools {
        var sums = norm == nil ? nil : Floats(kept.base + item * rawCount)
        if makesAgain, let convolution {
          convolution.forward(
            x.base + item * inCount, items: 1, memory, memory + roundedUp(rawCount, to: 16) + 64)
          sums = Floats(memory)
        }
        kernels.channelPoolGradient(
          from, codes.base + item * (outCount / 8), sums, height: height,
          width: width, channels: channels, a: statistics.a.base, b: statistics.b.base, c: statistics.c.base, to)
      } else if norm != nil {
        kernels.channelGradient(
          from, kept.base + item * rawCount, pixels: pixels, channels: channels, factor: statistics.factor.base,
          offset: statistics.offset.base, slope: slope, a: statistics.a.base, b: statistics.b.base,
          c: statistics.c.base, to)
      } else {
        kernels.channelGradient(
          from, y.base + item * outCount, pixels: pixels, channels: channels, factor: statistics.a.base,
          offset: statistics.nothing.base, slope: slope, a: statistics.a.base, b: statistics.nothing.base,
          c: statistics.nothing.base, to)
      }
    }
    if let convolution, let parts {
      let sumsSize = isPlain ? 0 : roundedUp(group * rawCount, to: 16) + 64
      let againSize =
        makesAgain ? roundedUp(roundedUp(rawCount, to: 16) + 64 + convolution.forwardScratch + 64, to: 16) : 0
      pool.reserve(sumsSize + againSize + convolution.backwardScratch)
      backwardSlices { range, slice in
        pool.with { memory in
          let again = memory + sumsSize
          let rest = again + againSize
          convolution.begin(rest)
          let bias = biasSums.map { $0.base + slice * 2 * channels }
          bias?.update(repeating: 0, count: 2 * channels)
          for start in stride(from: range.lowerBound, to: range.upperBound, by: group) {
            let items = min(group, range.upperBound - start)
            if !isPlain { for place in 0..<items { unwind(start + place, memory + place * rawCount, again) } }
            let gradient = isPlain ? Floats(dy.base + start * rawCount) : Floats(memory)
            if let bias {
              kernels.channelMoments(
                gradient, pixels: items * pixels, channels: channels, about: statistics.nothing.base, sums: bias,
                squares: bias + channels)
            }
            convolution.backward(
              x.base + start * inCount, items: items, gradient, dx.map { $0.base + start * inCount }, rest)
          }
          convolution.end(rest, parts.base + slice * weightCount)
          if let bias, let biasParts {
            for channel in 0..<real { biasParts.base[slice * channels + channel] = Float(bias[channel]) }
          }
        }
      }
    } else if let dx {
      backwardSlices { range, _ in for item in range { unwind(item, dx.base + item * rawCount, dx.base) } }
    }
    guard let norm else { return result }
    backwardTasks(1) { _ in
      let total = Float(max(1, run.items * pixels))
      let (gScale, gShift) = (norm.weights.scale.gradientBuffer.base, norm.weights.shift.gradientBuffer.base)
      for channel in 0..<real {
        var (sum, along) = (0.0, 0.0)
        for slice in 0..<slices {
          sum += statistics.sums.base[slice * channels + channel]
          along += statistics.products.base[slice * channels + channel]
        }
        let inverse = statistics.inverse.base[channel]
        let dShift = Float(sum)
        let dScale = Float(along) * inverse
        gScale[channel] = (run.accumulate ? gScale[channel] : 0) + dScale
        gShift[channel] = (run.accumulate ? gShift[channel] : 0) + dShift
        // dx = factor · (dy − mean(dy) − x̂ · mean(dy · x̂))
        let factor = statistics.factor.base[channel]
        let b = -factor * inverse * dScale / total
        statistics.a.base[channel] = factor
        statistics.b.base[channel] = b
        statistics.c.base[channel] = -factor * dShift / total - b * statistics.mean.base[channel]
      }
      // A bias before batch normalisation changes nothing: its gradient is zero exactly, not the noise of a sum.
      if let bias, !run.accumulate { bias.gradientBuffer.base.update(repeating: 0, count: bias.count) }
    }
    backwardSlices { range, slice in
      statistics.clear(slice)
      let (sums, along) = (statistics.sums.base + slice * channels, statistics.products.base + slice * channels)
      for item in range {
        kernels.channelGradientSums(
          dy.base + item * outCount, pools ? chosen.base + item * outCount : kept.base + item * rawCount,
          pixels: pooled, channels: channels, factor: statistics.factor.base, offset: statistics.offset.base,
          slope: slope, mean: statistics.mean.base, sums: sums, along: along)
      }
    }
    return result
  }

  /// Where the transforms cost less than the products that they save: channels on both sides.
  static func winograd(_ conv: Convolution, _ s: SlidingShape) -> WinogradGeometry? {
    guard s.channels >= 6, conv.filters >= 6 else { return nil }
    return WinogradGeometry(s)
  }

  /// Where Fourier's transforms cost less than Winograd's and the direct sum.
  static func fourier(_ conv: Convolution, _ s: SlidingShape) -> FourierGeometry? {
    guard let geometry = FourierGeometry(s, filters: conv.filters) else { return nil }
    let direct = s.kernel.height * s.kernel.width * s.outHeight * s.outWidth * s.channels * conv.filters
    let winograd = winograd(conv, s).map { $0.cost(channels: s.channels, filters: conv.filters) } ?? direct
    return 5 * geometry.cost(channels: s.channels, filters: conv.filters) <= 4 * min(direct, winograd) ? geometry : nil
  }

  /// Whether a convolution before relu and pooling, without batch normalisation, goes the way of `addConvPool`: over
  /// planes, with a gradient from a list of the maxima. Measured (Documentation/performance.md): better for a handful of
  /// channels, whose vectors across channels would be half empty; and for the gradients of large kernels.
  func prefersPlanes(_ conv: Convolution, _ s: SlidingShape) -> Bool {
    guard conv.stride == Extent(1) else { return false }
    guard training else { return conv.filters < 8 || (s.channels > 4 && s.channels < 8) }
    let taps = conv.kernel.height * conv.kernel.width
    if taps > 9, s.channels < 12 { return true }
    return s.channels == 1 ? conv.filters < 12 : s.channels < 12
  }
}

extension PlanBuilder {
  /// The same numbers as [height, width, channels], filled up to a multiple of 8 channels.
  mutating func channelsLast(_ node: PlanNode) -> PlanNode {
    guard node.layout == .planes else { return node }
    return converted(node, to: .channelsLast)
  }

  /// The same numbers as [channels, height, width].
  mutating func planes(_ node: PlanNode) -> PlanNode {
    guard node.layout == .channelsLast else { return node }
    return converted(node, to: .planes)
  }

  private mutating func converted(_ node: PlanNode, to layout: NodeLayout) -> PlanNode {
    let channels = node.shape[0]
    let pixels = node.shape.dropFirst().reduce(1, *)
    let padded = roundedUp(channels, to: 8)
    if padded == channels, pixels == 1 {
      var same = node
      same.layout = layout
      return same
    }
    let result = PlanNode(
      shape: node.shape, layout: layout, batch: batch, gradient: node.gradient != nil, mayBeOverwritten: true)
    let (x, y, from, to) = (node.value, result.value, node.count, result.count)
    forwardSlices { range, _ in
      for item in range {
        if layout == .channelsLast {
          kernels.toChannelsLast(
            x.base + item * from, channels: channels, pixels: pixels, padded: padded, y.base + item * to)
        } else {
          kernels.toPlanes(x.base + item * from, channels: channels, pixels: pixels, padded: padded, y.base + item * to)
        }
      }
    }
    guard let dx = node.gradient, let dy = result.gradient else { return result }
    backwardSlices { range, _ in
      for item in range {
        if layout == .channelsLast {
          kernels.toPlanes(
            dy.base + item * to, channels: channels, pixels: pixels, padded: padded, dx.base + item * from)
        } else {
          kernels.toChannelsLast(
            dy.base + item * to, channels: channels, pixels: pixels, padded: padded, dx.base + item * from)
        }
      }
    }
    return result
  }
}
